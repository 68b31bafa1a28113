"""Make a candidate bundle of records: fit, export, calibrate, each where it is not done yet."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from data.records import Record, read_corpus
from data.synthesis import swap_and_disguise
from serving.bundle import open_bundle
from serving.errors import BundleError
from serving.model import Model
from training.calibrate import calibrate
from training.config import TrainingConfig
from training.export import export_bundle, write_manifest
from training.fit import fit
from training.soft_labels import read_soft_labels
from training.steps import step


def make_bundle(run: Path, config: TrainingConfig, records: Sequence[Record]) -> Path:
    """Make a bundle in the folder of a run, and return the bundle's own; one that fails its known answers is left uncalibrated.

    Raises:
        ExportError: the exported network is not the trained one.
    """
    bundle = run / "bundle"

    def make() -> dict[str, Any]:
        augment = swap_and_disguise(config.augmentation.swap, config.augmentation.disguise)
        weights = fit(config, records, run, augment, read_soft_labels() if config.teacher.share else None)
        return _export(config, weights, bundle, records)

    step(run / "bundle.json", make)
    return bundle


def _export(config: TrainingConfig, weights: Path, bundle: Path, records: Sequence[Record]) -> dict[str, Any]:
    digest = hashlib.sha256("".join(f"{record.source} {record.text} {record.label}\n" for record in records).encode()).hexdigest()
    manifest = export_bundle(config.encoder, weights, bundle, digest)
    try:
        found = calibrate(Model(open_bundle(bundle)), read_corpus("calibration"))
    except BundleError as error:
        return {"version": manifest.version, "fault": str(error)}
    metrics: dict[str, float | None] = {"calibration_error_before": found.ece_before, "calibration_error": found.ece_after}
    metrics["training_messages"] = float(len({record.source.partition("#")[0] for record in records}))
    changes = {"temperature": found.temperature, "thresholds": found.thresholds, "metrics": metrics}
    write_manifest(manifest.model_copy(update=changes), bundle)
    return {"version": manifest.version, "fault": None}
