"""Rounds that take turns, so that a busy moment strikes all alike; and what they come to."""

import os
import random
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from statistics import median
from typing import Any

from evaluation.bench.contestants import CONTESTANTS, OURS
from evaluation.bench.seat import Seat, SeatError
from evaluation.latency import spread

SEED = 7
COLD_STARTS = 3
_PREPARE = "from evaluation.bench.networks import int8_file; int8_file()"
"""Makes the peers' networks apart, so that it weighs on nobody's memory; where something is missing, its peers say so."""


def turns(names: Sequence[str], rounds: int) -> Iterator[str]:
    """Yield every name once in each round, each time in another order."""
    drawn = random.Random(SEED)  # noqa: S311
    for _ in range(rounds):
        yield from drawn.sample(list(names), len(names))


def summary(values: Sequence[float]) -> dict[str, float]:
    """Return the median of the rounds, and the lowest and highest.

    >>> summary([3.0, 1.0, 2.0])
    {'median': 2.0, 'least': 1.0, 'most': 3.0}
    """
    return {"median": round(median(values), 3), "least": round(min(values), 3), "most": round(max(values), 3)}


def contestants_content(texts: Sequence[str], rounds: int, *, many: int) -> dict[str, Any]:
    """Measure everybody who can be loaded, alone and in bulk (`many` messages a round); the others are named."""
    paths = {"PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([sys.executable, "-c", _PREPARE], env=os.environ | paths, check=False, capture_output=True)  # noqa: S603
    seats, missing = _seats()
    try:
        figures = _rounds(seats, texts, rounds, many)
        parts = seats[OURS].stages(texts) if OURS in seats else None
    finally:
        for seat in seats.values():
            seat.close()
    return {"contestants": figures, "parts": parts, "missing": missing}


def _seats() -> tuple[dict[str, Seat], list[str]]:
    seats: dict[str, Seat] = {}
    missing = []
    for name, contestant in CONTESTANTS.items():
        try:
            seats[name] = Seat(name)
        except SeatError as error:
            missing.append(f"{contestant.title}: {error}")
    return seats, missing


def _rounds(seats: Mapping[str, Seat], texts: Sequence[str], rounds: int, many: int) -> dict[str, Any]:
    repeated = (list(texts) * (many // len(texts) + 1))[:many]
    found: dict[str, dict[str, list[float]]] = {name: {"p50_ms": [], "p95_ms": [], "cpu_us": []} for name in seats}
    for name, seat in seats.items():
        seat.ask(texts)
        found[name]["resident_mb"] = [seat.resident_mb]
        found[name]["cold_seconds"] = [seat.cold_seconds]
        found[name]["bulk_a_second"], found[name]["bulk_cpu_us"] = [], []
    for name in turns(list(seats), rounds):
        answer = seats[name].ask(texts)
        times = spread(answer["ms"])
        found[name]["p50_ms"].append(times["p50"])
        found[name]["p95_ms"].append(times["p95"])
        found[name]["cpu_us"].append(answer["cpu_us"])
    for name, seat in seats.items():
        found[name]["resident_mb"].append(seat.resident_mb)
        seat.ask_many(texts[:10])
    for name in turns(list(seats), max(1, rounds // 2)):
        answer = seats[name].ask_many(repeated)
        found[name]["bulk_a_second"].append(len(repeated) / answer["seconds"])
        found[name]["bulk_cpu_us"].append(answer["cpu_us"])
    for name in seats:
        found[name]["cold_seconds"] += _cold_starts(name)
    return {name: {what: summary(values) for what, values in each.items()} for name, each in found.items()}


def _cold_starts(name: str) -> list[float]:
    seconds = []
    for _ in range(COLD_STARTS - 1):
        seat = Seat(name)
        seconds.append(seat.cold_seconds)
        seat.close()
    return seconds
