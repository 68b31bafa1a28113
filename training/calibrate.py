"""Fit the temperature and choose the thresholds on the calibration split, which no training has seen."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.records import Record
from evaluation import confidence
from evaluation.metrics import UNSAFE, Scored, macro_f1
from serving.bundle import Thresholds
from serving.model import Model, category_of, join_windows, softmax
from serving.taxonomy import TIERS
from serving.text import normalise
from serving.verdict import Action

Floats = NDArray[np.float64]
UNSAFE_ALLOWED_GOAL = 0.02
SAFE_HELD_GOAL = 0.08
SAFE_AMONG_BLOCKED_GOAL = 0.06
"""Standing figures: what may slip through, what may be held, and how often a block may be wrong."""
TIER_BOUNDS = [(unsafe, sensitive) for unsafe in (0.35, 0.4, 0.45) for sensitive in (0.4, 0.45)]
"""Bounds of the tier that lean to the stricter of two fair readings, the strictest first."""
LONG_TEXTS = 240
LONG_SEED = 29
_UNSAFE = [TIERS.index(tier) for tier in sorted(UNSAFE)]
_GRID = np.round(np.arange(0.01, 0.991, 0.005), 3)


@dataclass(frozen=True, slots=True)
class Calibration:
    """What calibration found; `ece_before` and `ece_after` are expected calibration errors of the tier."""

    temperature: float
    thresholds: Thresholds
    ece_before: float
    ece_after: float


def calibrate(model: Model, records: Sequence[Record]) -> Calibration:
    """Fit on labelled messages, and on long texts made of them."""
    logits = [_logits(model, record.text) for record in records]
    short = np.array([len(each) == 1 for each in logits])
    truth = np.array([TIERS.index(record.label) for record in records])
    one_window = np.array([each[0] for each, is_short in zip(logits, short, strict=True) if is_short])
    temperature = best_temperature(one_window, truth[short])
    scores = _softmax(one_window / temperature)
    unsafe = scores[:, _UNSAFE].sum(axis=1)
    must_not_go = np.array([record.fair_labels <= UNSAFE for record in records])[short]
    may_go = np.array([record.fair_labels.isdisjoint(UNSAFE) for record in records])[short]
    thresholds = choose_thresholds(unsafe, must_not_go, may_go)
    thresholds = choose_tier_bounds(thresholds, scores, [record for record, is_short in zip(records, short, strict=True) if is_short])
    further_window = choose_further_window(model, records, temperature, thresholds.allow)
    return Calibration(
        temperature,
        thresholds.model_copy(update={"further_window": further_window}),
        calibration_error(_softmax(one_window), truth[short]),
        calibration_error(scores, truth[short]),
    )


def choose_further_window(model: Model, records: Sequence[Record], temperature: float, allow: float) -> float:
    """Choose what every doubling of the windows takes off: where `allow` tells long clean texts from long telling ones best.

    The texts are messages of one split put behind one another, 1,000 to 9,500 characters, half of them with one that must not go.
    """
    texts = long_texts(records, random.Random(LONG_SEED), min(LONG_TEXTS, len(records)))  # noqa: S311
    logits = [_logits(model, text) for text, _ in texts]
    is_telling = np.array([telling for _, telling in texts])

    def wrong(further_window: float) -> float:
        unsafe = np.array([_joined(each, temperature, further_window)[_UNSAFE].sum() for each in logits])
        return worse(unsafe, is_telling, ~is_telling, allow)

    return float(min(np.round(np.arange(0, 1.51, 0.1), 1), key=wrong))


def long_texts(records: Sequence[Record], rng: random.Random, number: int) -> list[tuple[str, bool]]:
    """Put messages behind one another; return the texts and whether one of their messages must not go."""
    safe = [record.text for record in records if record.fair_labels.isdisjoint(UNSAFE)]
    telling = [record.text for record in records if record.fair_labels <= UNSAFE]
    texts = []
    for place in range(number):
        length = rng.choice((1000, 2000, 4000, 9500))
        parts: list[str] = []
        while sum(map(len, parts)) < length:
            parts.append(rng.choice(safe))
        if place % 2:
            parts[rng.randrange(len(parts))] = rng.choice(telling)
        texts.append(("\n".join(parts), bool(place % 2)))
    return texts


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
    allow = float(min(_GRID[_GRID <= 0.5], key=lambda threshold: worse(unsafe, must_not_go, may_go, threshold)))  # noqa: PLR2004
    block = next(
        (float(t) for t in _GRID[_GRID >= 0.5] if _wrong_blocks(unsafe, may_go, t) <= SAFE_AMONG_BLOCKED_GOAL),  # noqa: PLR2004
        0.99,
    )
    return Thresholds(allow=allow, block=block)


def choose_tier_bounds(thresholds: Thresholds, scores: Floats, records: Sequence[Record]) -> Thresholds:
    """Let the tier lean to the stricter of two readings, as far as that costs no macro-F1; what may go is never called unsafe."""

    def quality(bounds: Thresholds) -> float:
        said = [Scored(record, category_of(each, bounds), Action.REVIEW) for record, each in zip(records, scores, strict=True)]
        return macro_f1(said) or 0.0

    least = quality(thresholds)
    strict = [
        thresholds.model_copy(update={"unsafe": unsafe, "sensitive": sensitive})
        for unsafe, sensitive in TIER_BOUNDS
        if unsafe >= thresholds.allow
    ]
    return next((bounds for bounds in strict if quality(bounds) >= least), thresholds)


def worse(unsafe: Floats, must_not_go: NDArray[np.bool_], may_go: NDArray[np.bool_], threshold: float) -> float:
    """Return the worse of what slips through and what is held, each as a share of its goal."""
    slipped = float((unsafe[must_not_go] < threshold).mean())
    held = float((unsafe[may_go] >= threshold).mean())
    return max(slipped / UNSAFE_ALLOWED_GOAL, held / SAFE_HELD_GOAL)


def calibration_error(scores: Floats, truth: NDArray[np.int_]) -> float:
    """Return the expected calibration error of the likeliest class, over equally wide bins."""
    return confidence.calibration_error(scores.max(axis=1), scores.argmax(axis=1) == truth) or 0.0


def _logits(model: Model, text: str) -> Floats:
    return np.asarray(model.tier_logits(normalise(text)), dtype=np.float64)


def _joined(logits: Floats, temperature: float, further_window: float) -> Floats:
    windows = [softmax((window / temperature).astype(np.float32)) for window in logits]
    return np.asarray(join_windows(windows, further_window), dtype=np.float64)


def _wrong_blocks(unsafe: Floats, may_go: NDArray[np.bool_], threshold: float) -> float:
    blocked = unsafe >= threshold
    return float(may_go[blocked].mean()) if blocked.any() else 0.0


def _softmax(logits: Floats) -> Floats:
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=1, keepdims=True))
