"""Everything that `make bench` measures, in one run."""

import os
import random
import sys
import time
from collections.abc import Sequence
from typing import Any

from data.records import Record
from evaluation.bench.contestants import CONTESTANTS, OURS
from evaluation.bench.files import files_content
from evaluation.bench.rounds import contestants_content, summary, turns
from evaluation.bench.seat import Seat, seated
from evaluation.bench.services import services_content
from evaluation.machine import describe
from serving.bundle import open_bundle
from serving.settings import Settings

SEED = 7
LONGEST = 320
"""Characters of the messages that are compared: two segments and what an SMS may reach."""
LENGTHS = (40, 80, 160, 320, 1000, 3000, 10_000)


def bench_content(
    records: Sequence[Record], *, messages: int, rounds: int, many: int, seconds: float, sizes: Sequence[int]
) -> dict[str, Any]:
    """Measure contestants, services, lengths and files, one after another."""
    short = [record.text for record in records if len(record.text) <= LONGEST]
    texts = random.Random(SEED).sample(short, min(messages, len(short)))  # noqa: S311
    started, load = time.monotonic(), os.getloadavg()[0]
    packages = dict.fromkeys(package for each in CONTESTANTS.values() for package in each.packages)
    print("one after another and in bulk, each in a process of its own …", file=sys.stderr)
    alone = contestants_content(texts, rounds, many=many)
    print("over HTTP …", file=sys.stderr)
    served = services_content(texts, max(2, rounds // 2), seconds)
    print("by length, and files …", file=sys.stderr)
    with seated(OURS) as seat:
        lengths = _by_length(seat, short, rounds)
    files = files_content(texts, sizes)
    return {
        "bundle": open_bundle(Settings().bundle_folder).manifest.version,
        "machine": describe(*packages, "fastapi", "bentoml", "pyarrow"),
        "date": time.strftime("%Y-%m-%d"),
        "cores": os.cpu_count(),
        "load": [round(load, 1), round(os.getloadavg()[0], 1)],
        "priority": os.nice(0),
        "messages": len(texts),
        "characters": round(sum(map(len, texts)) / len(texts)),
        "longest": LONGEST,
        "rounds": rounds,
        "many": many,
        "contestants": alone["contestants"],
        "parts": alone["parts"],
        "services": served["services"],
        "missing": alone["missing"] + served["missing"],
        "lengths": lengths,
        "files": files,
        "seconds": round(time.monotonic() - started),
    }


def _by_length(seat: Seat, texts: Sequence[str], rounds: int) -> dict[str, Any]:
    """Return what a message costs by its characters: messages joined to just so many."""
    made = {length: [_joined(texts, length, number) for number in range(max(2, 2000 // length))] for length in LENGTHS}
    found: dict[str, dict[str, list[float]]] = {str(length): {"ms": [], "cpu_us": []} for length in LENGTHS}
    seat.ask([each[0] for each in made.values()])  # warms up
    for name in turns(list(found), max(2, rounds // 2)):
        answer = seat.ask(made[int(name)])
        found[name]["ms"].append(sum(answer["ms"]) / len(answer["ms"]))
        found[name]["cpu_us"].append(answer["cpu_us"])
    return {name: {what: summary(values) for what, values in each.items()} for name, each in found.items()}


def _joined(texts: Sequence[str], length: int, first: int) -> str:
    joined = ""
    for number in range(first, first + length):
        joined += texts[number % len(texts)] + " "
        if len(joined) >= length:
            break
    return joined[:length]
