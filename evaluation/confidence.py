"""How far the scores can be believed: reliability, expected calibration error, and what it costs to answer more of the messages."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.metrics import UNSAFE, Scored

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
BINS = 15
COVERAGES = tuple(round(0.05 * step, 2) for step in range(1, 21))


@dataclass(frozen=True, slots=True)
class Bin:
    """Messages whose probability lies between `low` and `high`: the mean of what was said, and the share that came true."""

    low: float
    high: float
    messages: int
    said: float
    true: float


@dataclass(frozen=True, slots=True)
class Point:
    """Of the `coverage` surest messages, the share whose likeliest tier is wrong."""

    coverage: float
    risk: float


def tier_confidence(scored: Iterable[Scored]) -> tuple[Floats, Bools]:
    """Return of each message the probability of its likeliest tier, and whether that tier is a fair reading."""
    likeliest = [(max(each.scores, key=each.scores.__getitem__), each) for each in scored if each.scores is not None]
    said = np.array([each.scores[tier] for tier, each in likeliest if each.scores is not None], dtype=np.float64)
    return said, np.array([tier in each.record.fair_labels for tier, each in likeliest], dtype=bool)


def unsafe_confidence(scored: Iterable[Scored]) -> tuple[Floats, Bools]:
    """Return of each message the probability that it must not go, and whether it must not; where both are fair it is left out."""
    clear = [
        each
        for each in scored
        if each.unsafe is not None and (each.record.fair_labels <= UNSAFE or each.record.fair_labels.isdisjoint(UNSAFE))
    ]
    return (
        np.array([each.unsafe for each in clear], dtype=np.float64),
        np.array([each.record.fair_labels <= UNSAFE for each in clear], dtype=bool),
    )


def reliability(said: Floats, came_true: Bools, bins: int = BINS) -> list[Bin]:
    """Group probabilities into equally wide bins; empty ones are left out."""
    place = np.minimum((said * bins).astype(int), bins - 1)
    return [
        Bin(each / bins, (each + 1) / bins, int(inside.sum()), float(said[inside].mean()), float(came_true[inside].mean()))
        for each in range(bins)
        if (inside := place == each).any()
    ]


def calibration_error(said: Floats, came_true: Bools, bins: int = BINS) -> float | None:
    """Return the expected calibration error (Guo et al. 2017, arXiv:1706.04599).

    >>> round(calibration_error(np.array([0.9, 0.9]), np.array([True, False])), 3)
    0.4
    """
    total = len(said)
    return sum(each.messages / total * abs(each.said - each.true) for each in reliability(said, came_true, bins)) if total else None


def risk_coverage(said: Floats, is_right: Bools, coverages: Sequence[float] = COVERAGES) -> list[Point]:
    """Return how often the surest messages are wrong, for growing shares of the messages.

    >>> risk_coverage(np.array([0.9, 0.6]), np.array([True, False]), (0.5, 1.0))
    [Point(coverage=0.5, risk=0.0), Point(coverage=1.0, risk=0.5)]
    """
    if not len(said):
        return []
    wrong = ~is_right[np.argsort(-said, kind="stable")]
    counts = [max(1, round(coverage * len(wrong))) for coverage in coverages]
    return [Point(coverage, float(wrong[:count].mean())) for coverage, count in zip(coverages, counts, strict=True)]
