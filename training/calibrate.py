"""Fit the temperature and choose the thresholds on the calibration split, which no training has seen."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.records import Record
from evaluation.metrics import UNSAFE
from serving.bundle import Thresholds
from serving.model import Model
from serving.taxonomy import TIERS
from serving.text import normalise

Floats = NDArray[np.float64]
UNSAFE_ALLOWED_GOAL = 0.02
SAFE_HELD_GOAL = 0.08
SAFE_AMONG_BLOCKED_GOAL = 0.06
"""Standing figures: what may slip through, what may be held, and how often a block may be wrong."""
_GRID = np.round(np.arange(0.01, 0.991, 0.005), 3)


@dataclass(frozen=True, slots=True)
class Calibration:
    """What calibration found; `ece_before` and `ece_after` are expected calibration errors of the tier."""

    temperature: float
    thresholds: Thresholds
    ece_before: float
    ece_after: float


def calibrate(model: Model, records: Sequence[Record]) -> Calibration:
    """Fit on labelled messages read by a bundle whose temperature is 1."""
    scores = np.array([list(model.read(normalise(record.text)).scores.values()) for record in records])
    truth = np.array([TIERS.index(record.label) for record in records])
    logits = np.log(np.clip(scores, 1e-9, 1))
    temperature = best_temperature(logits, truth)
    calibrated = _softmax(logits / temperature)
    unsafe = calibrated[:, [TIERS.index(tier) for tier in UNSAFE]].sum(axis=1)
    must_not_go = np.array([record.fair_labels <= UNSAFE for record in records])
    may_go = np.array([record.fair_labels.isdisjoint(UNSAFE) for record in records])
    return Calibration(
        temperature,
        choose_thresholds(unsafe, must_not_go, may_go),
        calibration_error(scores, truth),
        calibration_error(calibrated, truth),
    )


def best_temperature(logits: Floats, truth: NDArray[np.int_]) -> float:
    """Return the temperature with the least negative log likelihood (Guo et al. 2017, arXiv:1706.04599)."""
    rows = np.arange(len(truth))
    grid = np.round(np.arange(0.5, 4.01, 0.02), 2)
    return float(min(grid, key=lambda t: -np.log(np.clip(_softmax(logits / t)[rows, truth], 1e-9, 1)).mean()))


def choose_thresholds(unsafe: Floats, must_not_go: NDArray[np.bool_], may_go: NDArray[np.bool_]) -> Thresholds:
    """Choose where certainty begins.

    `allow` is where the worse of the two standing figures, each as a share of its goal, is least. `block` is the least
    probability from one half on at which few of the blocked messages were safe.
    """

    def worse(threshold: float) -> float:
        slipped = float((unsafe[must_not_go] < threshold).mean())
        held = float((unsafe[may_go] >= threshold).mean())
        return max(slipped / UNSAFE_ALLOWED_GOAL, held / SAFE_HELD_GOAL)

    allow = float(min(_GRID[_GRID <= 0.5], key=worse))  # noqa: PLR2004
    block = next(
        (float(t) for t in _GRID[_GRID >= 0.5] if _wrong_blocks(unsafe, may_go, t) <= SAFE_AMONG_BLOCKED_GOAL),  # noqa: PLR2004
        0.99,
    )
    return Thresholds(allow=allow, block=block)


def calibration_error(scores: Floats, truth: NDArray[np.int_], bins: int = 15) -> float:
    """Return the expected calibration error of the likeliest class, over equally wide bins."""
    confidence, said = scores.max(axis=1), scores.argmax(axis=1)
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    error = 0.0
    for each in range(bins):
        inside = place == each
        if inside.any():
            error += inside.mean() * abs((said[inside] == truth[inside]).mean() - confidence[inside].mean())
    return float(error)


def _wrong_blocks(unsafe: Floats, may_go: NDArray[np.bool_], threshold: float) -> float:
    blocked = unsafe >= threshold
    return float(may_go[blocked].mean()) if blocked.any() else 0.0


def _softmax(logits: Floats) -> Floats:
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=1, keepdims=True))
