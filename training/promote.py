"""Put a bundle in the place of the one that is served, and back: one link that is moved in one step.

A place is a folder: `bundles/VERSION/` never change once they are there, `current` links to the one that is served
(`SENDSAFE_BUNDLE_FOLDER=PLACE/current`), and `VERSION.before` names the one that a version replaced.
"""

import os
import shutil
from contextlib import AbstractContextManager
from pathlib import Path

from serving.bundle import CARD_FILE, HASHED_FILES, MANIFEST_FILE, open_bundle
from serving.errors import SendsafeError
from serving.model import Model
from training.steps import alone

FILES = (*HASHED_FILES, MANIFEST_FILE, CARD_FILE)
NAME = "sendsafe"
"""Under this name bundles stand in BentoML's model store."""


class PromotionError(SendsafeError):
    """The bundle cannot be put in place; what was served still is."""


class Place:
    """A folder of bundles of which one is served."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.current = folder / "current"
        self._bundles = folder / "bundles"

    @property
    def version(self) -> str | None:
        """Return the version that is served, `None` before the first promotion."""
        return self.current.readlink().name if self.current.is_symlink() else None

    def alone(self) -> AbstractContextManager[None]:
        """Keep every other promotion and rollback out; entering raises `PromotionError` while one is under way."""
        return alone(self.folder, PromotionError("another promotion is under way"))

    def add(self, source: Path) -> str:
        """Copy a bundle that loads and gives its known answers, and return its version; half a copy is never seen.

        Raises:
            BundleError: it cannot be used.
            PromotionError: another bundle of this version is already there.
        """
        version = open_bundle(source).manifest.version
        target = self._bundles / version
        if target.exists():
            if (target / MANIFEST_FILE).read_bytes() != (source / MANIFEST_FILE).read_bytes():
                raise PromotionError(f"another bundle has the version {version}")
            check(target)
            return version
        new = self._bundles / f".new-{version}"
        shutil.rmtree(new, ignore_errors=True)  # left by one that was killed
        new.mkdir(parents=True)
        try:
            for name in FILES:
                if (source / name).exists():
                    shutil.copyfile(source / name, new / name)
                    _sync(new / name)
            check(new)
        except BaseException:
            shutil.rmtree(new)
            raise
        new.rename(target)
        _sync(self._bundles)
        return version

    def serve(self, version: str) -> None:
        """Let `current` lead to a version that is there."""
        link = self.folder / ".current"
        link.unlink(missing_ok=True)
        link.symlink_to(Path("bundles") / version)
        link.replace(self.current)
        _sync(self.folder)

    def note_before(self, version: str) -> None:
        """Note that a version is about to replace the one that is served."""
        before = self.version
        if before is not None and before != version:
            _write(self._bundles / f"{version}.before", before)

    def before(self) -> str:
        """Return the version that the one served has replaced.

        Raises:
            PromotionError: it has replaced none.
        """
        note = self._bundles / f"{self.version}.before"
        if self.version is None or not note.exists():
            raise PromotionError("there is no bundle to go back to")
        return note.read_text(encoding="utf-8")


def promote(source: Path, place: Place, first: Path | None = None) -> str:
    """Serve a bundle, register it in BentoML's model store, and keep the one before; return its version.

    `first` is what is served before the first promotion, so that there is something to go back to.

    Raises:
        BundleError: it cannot be used.
        PromotionError: another promotion is under way, or another bundle has its version.
    """
    with place.alone():
        if place.version is None and first is not None:
            place.serve(place.add(first))
        version = place.add(source)
        register(place.folder / "bundles" / version, version)
        place.note_before(version)
        place.serve(version)
    return version


def roll_back(place: Place) -> str:
    """Serve the bundle that the current one has replaced, and return its version; again goes further back.

    Raises:
        BundleError: the one before cannot be used any more.
        PromotionError: there is none, or a promotion is under way.
    """
    with place.alone():
        version = place.before()
        check(place.folder / "bundles" / version)
        place.serve(version)
    return version


def register(bundle: Path, version: str) -> None:
    """Put a bundle into BentoML's model store, unless it is there."""
    os.environ.setdefault("BENTOML_DO_NOT_TRACK", "True")
    import bentoml  # noqa: PLC0415 (reads the environment when imported)

    tag = f"{NAME}:{version}"
    try:
        bentoml.models.get(tag)
    except bentoml.exceptions.NotFound:
        manifest = open_bundle(bundle).manifest
        with bentoml.models.create(tag, metadata={"training_data_sha256": manifest.training_data_sha256}) as model:
            for path in bundle.iterdir():
                shutil.copyfile(path, Path(model.path) / path.name)


def check(bundle: Path) -> None:
    """Load a bundle, which must give its known answers.

    Raises:
        BundleError: it cannot be used.
    """
    Model(open_bundle(bundle))


def _write(path: Path, text: str) -> None:
    new = path.with_name(f".{path.name}")
    new.write_text(text, encoding="utf-8")
    _sync(new)
    new.replace(path)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
