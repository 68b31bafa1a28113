"""Two classifiers on the same messages: their answers side by side, and how sure a difference between them is."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np
from rich.progress import track

from data.records import Record
from evaluation.answers import ask_one
from evaluation.metrics import UNSAFE, Scored
from serving.classifier import Classifier
from serving.taxonomy import Tier
from serving.verdict import Action


@dataclass(frozen=True, slots=True)
class Pair:
    """What the current and the candidate bundle say of one message, and the processor time that each took, in milliseconds."""

    current: Scored
    candidate: Scored
    current_ms: float
    candidate_ms: float

    @property
    def record(self) -> Record:
        """Return the message."""
        return self.current.record


@dataclass(frozen=True, slots=True)
class Difference:
    """Share of the candidate less share of the current, over `messages`, with the bounds of its 95 % interval; `None` without any."""

    messages: int
    current: float | None
    candidate: float | None
    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Measure:
    """A share that should be high: over which messages, and what counts as right."""

    counts: Callable[[Record], bool]
    is_right: Callable[[Scored], bool]


def is_fair(scored: Scored) -> bool:
    """Tell whether the tier that was said is a fair reading."""
    return scored.category in scored.record.fair_labels


def is_stopped(scored: Scored) -> bool:
    """Tell whether the message is held or blocked."""
    return scored.action is not Action.ALLOW


MEASURES = {
    "sensitive_recall": Measure(lambda record: record.label is Tier.SENSITIVE, is_fair),
    "sensitive_caught": Measure(
        lambda record: record.fair_labels == {Tier.SENSITIVE}, lambda scored: scored.category is Tier.SENSITIVE or is_stopped(scored)
    ),
    "unsafe_stopped": Measure(lambda record: record.fair_labels <= UNSAFE, is_stopped),
    "accuracy": Measure(lambda _: True, is_fair),
}
"""Which messages count never depends on what was said of them, so that two bundles are measured on the same ones."""


def judge_both(current: Classifier, candidate: Classifier, records: Sequence[Record]) -> list[Pair]:
    """Ask both about every message, in turns, so that a busy machine slows both alike."""
    pairs = []
    for number, record in enumerate(track(records, "judging", transient=True)):
        answers = {}
        for who in (current, candidate) if number % 2 else (candidate, current):
            started = time.thread_time()
            scored = ask_one(who, record)
            answers[who is current] = scored, 1000 * (time.thread_time() - started)
        (before, before_ms), (after, after_ms) = answers[True], answers[False]
        pairs.append(Pair(before, after, before_ms, after_ms))
    return pairs


def difference(pairs: Sequence[Pair], measure: Measure, resamples: int, seed: int) -> Difference:
    """Return the difference of a share, its bounds by a paired bootstrap over groups: siblings are drawn together.

    Source: Efron & Tibshirani 1993, chapter 8; percentile interval.
    """
    chosen = [pair for pair in pairs if measure.counts(pair.record)]
    if not chosen:
        return Difference(0, None, None, None, None, None)
    before = np.array([measure.is_right(pair.current) for pair in chosen], dtype=float)
    after = np.array([measure.is_right(pair.candidate) for pair in chosen], dtype=float)
    _, group = np.unique([pair.record.group or pair.record.source for pair in chosen], return_inverse=True)
    gained, size = np.bincount(group, weights=after - before), np.bincount(group)
    rng = np.random.default_rng(seed)
    drawn = rng.integers(0, len(size), (resamples, len(size)))
    low, high = np.quantile(gained[drawn].sum(axis=1) / size[drawn].sum(axis=1), (0.025, 0.975))
    return Difference(len(chosen), float(before.mean()), float(after.mean()), float(after.mean() - before.mean()), float(low), float(high))


def times_as_slow(pairs: Sequence[Pair]) -> tuple[float, float, float]:
    """Return the median milliseconds of the current, of the candidate, and how many times as long the candidate takes."""
    current, candidate = median(pair.current_ms for pair in pairs), median(pair.candidate_ms for pair in pairs)
    return current, candidate, candidate / current
