"""Time several contestants on the same messages, in rounds that take turns, so that a busy moment strikes all alike."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np

from data.records import Record
from evaluation.metrics import Scored

Ask = Callable[[Record], Scored]


@dataclass(frozen=True, slots=True)
class Speed:
    """Medians over the rounds: milliseconds for a message (median and 95th percentile of a round), and messages a second."""

    p50_ms: float
    p95_ms: float
    messages_a_second: float


def time_rounds(asks: Mapping[str, Ask], records: Sequence[Record], rounds: int) -> dict[str, Speed]:
    """Time every contestant in every round, each round beginning with another; a first pass over some messages warms up."""
    names = list(asks)
    found: dict[str, list[tuple[float, float, float]]] = {name: [] for name in names}
    for name in names:
        for record in records[:10]:
            asks[name](record)
    for number in range(rounds):
        first = number % len(names)
        for name in [*names[first:], *names[:first]]:
            found[name].append(_round(asks[name], records))
    return {name: _medians(each) for name, each in found.items()}


def _medians(rounds: Sequence[tuple[float, float, float]]) -> Speed:
    p50, p95, rate = (round(median(column), 3) for column in zip(*rounds, strict=True))
    return Speed(p50, p95, rate)


def _round(ask: Ask, records: Sequence[Record]) -> tuple[float, float, float]:
    milliseconds = []
    for record in records:
        started = time.perf_counter()
        ask(record)
        milliseconds.append(1000 * (time.perf_counter() - started))
    p50, p95 = np.quantile(milliseconds, (0.5, 0.95))
    return float(p50), float(p95), 1000 * len(milliseconds) / sum(milliseconds)
