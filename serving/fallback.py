"""A small linear model for when the network is away: counted words and letter groups, weighed by an ONNX graph.

Its files stand in `serving/fallback/` and are made by `python -m training fallback`: `linear.onnx` (TF-IDF weights and
logistic regression), `features.txt` (what is counted, one a line) and `manifest.json`. What it says is a guess: by default
every message that the network has not read goes to review all the same.
"""

import itertools
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from math import log
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from serving.bundle import sha256
from serving.errors import BundleError
from serving.inference import open_network
from serving.taxonomy import TIERS, Tier
from serving.text import NORMALISATION_VERSION

LINEAR_FILE = "linear.onnx"
FEATURES_FILE = "features.txt"
MANIFEST_FILE = "manifest.json"
FOLDER = Path(__file__).parent / "fallback"
_WORD = re.compile(r"[^\W_]+")
_DIGITS = re.compile(r"\d")
_LETTER_GROUPS = range(3, 6)


class FallbackManifest(BaseModel):
    """What the linear model says of itself; below `allow` as probability of an unsafe tier a message looks safe."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    created: str
    normalisation: str
    training_data_sha256: str
    allow: float = Field(ge=0, le=1)
    most_characters: int = Field(ge=1, description="a longer text never looks safe: one telling word weighs too little in it")
    metrics: Mapping[str, float | None]
    files: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Guess:
    """What the linear model makes of a text; `scores` sum to 1."""

    scores: dict[Tier, float]
    is_safe: bool

    @property
    def unsafe(self) -> float:
        """Return the probability of `personal` or `sensitive`."""
        return self.scores[Tier.PERSONAL] + self.scores[Tier.SENSITIVE]

    @property
    def category(self) -> Tier:
        """Return the likeliest tier."""
        return max(self.scores, key=lambda tier: self.scores[tier])


class Fallback:
    """A loaded linear model."""

    def __init__(self, manifest: FallbackManifest, features: Mapping[str, int], network: bytes) -> None:
        """Load the graph.

        Raises:
            BundleError: it does not load.
        """
        self.manifest = manifest
        self._features = features
        try:
            self._session = open_network(network)
        except Exception as error:  # noqa: BLE001 (onnxruntime raises its own kinds)
            raise BundleError(f"the linear fallback does not load: {type(error).__name__}") from None

    @classmethod
    def load(cls, folder: Path = FOLDER) -> "Fallback":
        """Load the files, verified before anything but the manifest is parsed.

        Raises:
            BundleError: a file is missing or changed, or made for another text normalisation.
        """
        try:
            manifest = FallbackManifest.model_validate_json((folder / MANIFEST_FILE).read_bytes())
            network, listed = (folder / LINEAR_FILE).read_bytes(), (folder / FEATURES_FILE).read_bytes()
        except OSError:
            raise BundleError("the linear fallback has no readable files") from None
        except ValidationError:
            raise BundleError("the linear fallback's manifest is not valid") from None
        if manifest.normalisation != NORMALISATION_VERSION:
            raise BundleError(f"the linear fallback was trained on text normalisation {manifest.normalisation}")
        if {LINEAR_FILE: sha256(network), FEATURES_FILE: sha256(listed)} != dict(manifest.files):
            raise BundleError("the linear fallback's files are not those that its manifest lists")
        return cls(manifest, feature_places(listed.decode().split("\n")), network)

    def read(self, text: str) -> Guess:
        """Guess the tier of a normalised text."""
        scores = self._session.run(None, {"counts": counted(text, self._features)[np.newaxis]})[1][0]
        tiers = {tier: float(score) for tier, score in zip(TIERS, scores, strict=True)}
        unsafe = tiers[Tier.PERSONAL] + tiers[Tier.SENSITIVE]
        return Guess(tiers, is_safe=unsafe < self.manifest.allow and len(text) <= self.manifest.most_characters)


def feature_places(features: list[str]) -> dict[str, int]:
    """Return the place of each feature."""
    return {feature: place for place, feature in enumerate(features)}


def counted(text: str, features: Mapping[str, int]) -> NDArray[np.float32]:
    """Return 1 + log(count) of every known feature, 0 where it does not occur."""
    row = np.zeros(len(features), dtype=np.float32)
    for feature, count in tokens(text).items():
        place = features.get(feature)
        if place is not None:
            row[place] = 1 + log(count)
    return row


def tokens(text: str) -> Counter[str]:
    """Count words, pairs of words and letter groups inside words; every digit is written 0.

    >>> sorted(tokens("Flat 12"))
    [' 00', ' 00 ', ' fl', ' fla', ' flat', '00 ', '=00', '=flat', '=flat 00', 'at ', 'fla', 'flat', 'flat ', 'lat', 'lat ']
    """
    words = [_DIGITS.sub("0", word) for word in _WORD.findall(text.lower())]
    found = Counter(f"={word}" for word in words)
    found.update(f"={first} {second}" for first, second in itertools.pairwise(words))
    for word in words:
        padded = f" {word} "
        found.update(padded[start : start + size] for size in _LETTER_GROUPS for start in range(len(padded) - size + 1))
    return found
