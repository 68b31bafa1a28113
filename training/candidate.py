"""Make a bundle of records: fit, export, calibrate."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from data.records import Record, read_corpus
from data.synthesis import varied
from serving.bundle import Manifest, open_bundle
from serving.errors import BundleError
from serving.model import Model
from training.calibrate import calibrate
from training.config import TrainingConfig
from training.export import export_bundle, write_manifest
from training.fit import fit
from training.soft_labels import read_soft_labels
from training.steps import step


def make_bundle(run: Path, config: TrainingConfig, records: Sequence[Record], current: Path | None = None) -> Path:
    """Make a bundle in the folder of a run, where it is not done yet, and return the bundle's own.

    `current` is what training goes on from where the configuration says so. One that fails its known answers is left uncalibrated.

    Raises:
        ExportError: the exported network is not the trained one.
    """
    bundle = run / "bundle"

    def make() -> dict[str, Any]:
        digest = hashlib.sha256("".join(f"{record.source} {record.text} {record.label}\n" for record in records).encode()).hexdigest()
        manifest = export_bundle(config.encoder, fit_records(config, records, run, current), bundle, digest)
        try:
            calibrate_bundle(bundle, len({record.source.partition("#")[0] for record in records}))
        except BundleError as error:
            return {"version": manifest.version, "fault": str(error)}
        return {"version": manifest.version, "fault": None}

    step(run / "bundle.json", make)
    return bundle


def fit_records(config: TrainingConfig, records: Sequence[Record], run: Path, current: Path | None = None) -> Path:
    """Train on records as a configuration says, and return the file of the weights."""
    shares = config.augmentation
    augment = varied(swap_share=shares.swap, disguise_share=shares.disguise, frame_share=shares.frame)
    soft = read_soft_labels() if config.teacher.share else None
    return fit(config, records, run, augment, soft, current if config.start == "current" else None)


def calibrate_bundle(bundle: Path, messages: int | None) -> Manifest:
    """Calibrate an exported bundle on the calibration split, and write that and the number of messages it learned from into its manifest.

    Raises:
        BundleError: the bundle does not load, or fails its known answers.
    """
    opened = open_bundle(bundle)
    found = calibrate(Model(opened), read_corpus("calibration"))
    metrics: dict[str, float | None] = {
        "calibration_error_before": found.ece_before,
        "calibration_error": found.ece_after,
        "training_messages": messages,
    }
    changes = {"temperature": found.temperature, "thresholds": found.thresholds, "metrics": metrics}
    manifest = opened.manifest.model_copy(update=changes)
    write_manifest(manifest, bundle)
    return manifest
