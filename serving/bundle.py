"""The model folder as a contract: what must be in it, and refusal of anything else before it is parsed."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from serving.errors import BundleError
from serving.names import lexicon_sha256
from serving.taxonomy import TIERS, InfoType, Mode
from serving.text import NORMALISATION_VERSION

FORMAT = 1
MODEL_FILE = "model.onnx"
TOKENIZER_FILE = "tokenizer.json"
MANIFEST_FILE = "manifest.json"
CARD_FILE = "README.md"
HASHED_FILES = (MODEL_FILE, TOKENIZER_FILE)


class Thresholds(BaseModel):
    """Where certainty begins, as probabilities.

    Of the probability of `personal` or `sensitive` together: below `allow` a message is safe, from `block` on it is not, and
    between them a person decides. The tier is said by bounds of its own.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    allow: float = Field(ge=0, le=1)
    block: float = Field(ge=0, le=1)
    further_window: float = Field(default=0, ge=0, description="added to the unsafe logit's bar for each doubling of windows")
    tag: float = Field(default=0.5, ge=0, le=1, description="from which probability of telling anything a word is marked")
    unsafe: float = Field(default=0.5, ge=0, le=1, description="from which probability of both together the tier is one of these two")
    sensitive: float = Field(default=0.5, ge=0, le=1, description="from which share in that probability it is sensitive")


class KnownAnswer(BaseModel):
    """A message whose tier the model must give when it is loaded."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: str = Field(repr=False)
    category: str


class Manifest(BaseModel):
    """What the bundle says of itself."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    format: int
    name: str
    version: str
    created: str
    base_model: str
    tiers: tuple[str, ...]
    types: tuple[str, ...]
    tags: tuple[str, ...]
    modes: tuple[str, ...]
    temperature: float = Field(gt=0)
    thresholds: Thresholds
    window_tokens: int = Field(ge=8)
    overlap_tokens: int = Field(ge=0)
    normalisation: str
    has_one_name: bool = Field(default=False, description="whether the network was trained to read every known name as the same one")
    lexicon_sha256: str | None = Field(default=None, description="hash of the known names it was trained with; older bundles do not say")
    training_data_sha256: str
    metrics: Mapping[str, float | None]
    known_answers: tuple[KnownAnswer, ...] = Field(min_length=4)
    files: Mapping[str, str]


class Bundle(BaseModel):
    """A bundle whose files are the ones its manifest lists."""

    model_config = ConfigDict(frozen=True)

    folder: Path
    manifest: Manifest

    @property
    def model(self) -> bytes:
        """Return the network's bytes, read and verified again, so that no later change of the file gets in."""
        return _verified(self.folder, MODEL_FILE, self.manifest)

    @property
    def tokenizer(self) -> bytes:
        """Return the tokenizer's bytes, verified."""
        return _verified(self.folder, TOKENIZER_FILE, self.manifest)


def open_bundle(folder: Path) -> Bundle:
    """Open a bundle; no file but the manifest is parsed.

    Where the folder is a link it is followed once, so that all files are of one bundle even if the link is moved meanwhile.

    Raises:
        BundleError: a file is missing or changed, or the manifest belongs to other code.
    """
    try:
        folder = folder.resolve()
        manifest = Manifest.model_validate_json((folder / MANIFEST_FILE).read_bytes())
    except OSError:
        raise BundleError("the bundle has no readable manifest") from None
    except ValidationError as error:
        raise BundleError(f"the bundle's manifest is not valid: {error.error_count()} problems") from None
    _check_contract(manifest)
    return Bundle(folder=folder, manifest=manifest)


def sha256(content: bytes) -> str:
    """Return the hash by which the manifest knows a file."""
    return hashlib.sha256(content).hexdigest()


def _check_contract(manifest: Manifest) -> None:
    if manifest.format != FORMAT:
        raise BundleError(f"the bundle has format {manifest.format}, this release reads {FORMAT}")
    if manifest.tiers != tuple(TIERS):
        raise BundleError("the bundle's tiers are not in this release's order")
    if manifest.modes != tuple(Mode):
        raise BundleError("the bundle's modes are not in this release's order")
    if unknown := {label.partition(":")[0] for label in (*manifest.types, *manifest.tags[1:])} - set(InfoType):
        raise BundleError(f"the bundle knows information types that this release does not: {', '.join(sorted(unknown))}")
    if manifest.normalisation != NORMALISATION_VERSION:
        raise BundleError(
            f"the bundle was trained on text normalisation {manifest.normalisation}, this release has {NORMALISATION_VERSION}"
        )
    if manifest.has_one_name and manifest.lexicon_sha256 not in (None, lexicon_sha256()):
        raise BundleError("the bundle was trained with other known names than this release has")
    if set(manifest.files) != set(HASHED_FILES):
        raise BundleError("the bundle's manifest does not list exactly its files")


def _verified(folder: Path, name: str, manifest: Manifest) -> bytes:
    try:
        content = (folder / name).read_bytes()
    except OSError:
        raise BundleError(f"the bundle's {name} cannot be read") from None
    if sha256(content) != manifest.files[name]:
        raise BundleError(f"the bundle's {name} is not the file that the manifest lists")
    return content
