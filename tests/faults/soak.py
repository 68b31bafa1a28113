"""Send messages for a long time: do memory, files and threads of the worker stay as they were after the warm-up?

Usage: python tests/faults/soak.py [--requests 1000000] [--minutes 0] [--model] [--out evaluation/reports/soak]

One worker of the service as it is started, everything kept. 95 % of the messages have fewer than 320 characters, 4 % up to 3,000,
1 % up to 10,000. The first quarter of the requests, at most 2,000, is the warm-up; from then on the worker is looked at a hundred times.
"""

import argparse
import json
import random
import sys
import tempfile
import time
from collections import Counter
from http.client import HTTPConnection, HTTPException
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.faults.deployment import Service
from tests.faults.reporting import as_table, until_stopped, write

MOST_GROWTH_MB, MOST_MB = 10, 512
WARM_UP = 2_000
WORDS = (
    "Your payment of £368.74 is late, please ring 0300 123 1234 about the appointment on Tuesday at 9:30 with Dr Patel in room 4".split()
)


def message(chance, number):
    """Return the bytes of one request."""
    size = chance.choices((chance.randrange(10, 320), chance.randrange(320, 3_000), chance.randrange(3_000, 10_000)), (95, 4, 1))[0]
    text = " ".join(chance.choices(WORDS, k=size // 5))[:size]
    return json.dumps({"text": text, "reference": f"soak/{number}"})


class Worker:
    """What the worker holds."""

    def __init__(self, process):
        self.process = process

    def look(self, requests):
        with self.process.oneshot():
            memory = self.process.memory_full_info()
            return {
                "requests": requests,
                "mb": round(memory.uss / 2**20, 1),
                "files": self.process.num_fds(),
                "threads": self.process.num_threads(),
            }


def run(service, count, seed, is_over):
    """Send, and return what was seen."""
    worker = Worker(service.workers()[0])
    chance = random.Random(seed)
    connection = HTTPConnection("127.0.0.1", service.port, timeout=60)
    statuses, looks = Counter(), []
    warm_up = min(WARM_UP, count // 4)
    every = max(1, (count - warm_up) // 100)
    started = time.monotonic()
    number = 0
    for number in range(1, count + 1):
        try:
            connection.request("POST", "/v1/score", message(chance, number), {"content-type": "application/json"})
            answer = connection.getresponse()
            answer.read()
            statuses[str(answer.status)] += 1
        except (OSError, HTTPException):
            statuses["no answer"] += 1
            connection.close()
        if number >= warm_up and (number - warm_up) % every == 0:
            looks.append(worker.look(number))
        if is_over():
            break
    looks.append(worker.look(number))
    return {
        "requests": number,
        "warm_up": warm_up,
        "statuses": dict(statuses),
        "seconds": round(time.monotonic() - started),
        "looks": looks,
    }


def judged(result):
    """Add growth, and whether it is flat: the highest of the last tenth against the highest of the first tenth after the warm-up."""
    looks = result["looks"]
    tenth = max(1, len(looks) // 10)
    first, last = looks[:tenth], looks[-tenth:]
    growth = {key: round(max(each[key] for each in last) - max(each[key] for each in first), 1) for key in ("mb", "files", "threads")}
    highest = {key: max(each[key] for each in looks) for key in ("mb", "files", "threads")}
    is_flat = growth["mb"] <= MOST_GROWTH_MB and highest["mb"] <= MOST_MB and growth["files"] <= 2 and growth["threads"] <= 2
    return {**result, "growth": growth, "highest": highest, "is_flat": is_flat}


def markdown(result):
    rows = [["", "first tenth to last tenth", "highest"]]
    rows += [
        [name, f"{result['growth'][key]:+}", str(result["highest"][key])]
        for key, name in (("mb", "memory of its own, MB"), ("files", "open files"), ("threads", "threads"))
    ]
    answers = ", ".join(f"{count:,} × {status}" for status, count in result["statuses"].items())
    return [
        f"{result['requests']:,} requests of {result['asked']:,} asked for, after {result['warm_up']:,} of them as warm-up, {'with the model' if result['has_model'] else 'rules alone'}, "
        f"everything kept, in {result['seconds']:,} s: {answers}. Flat: {'yes' if result['is_flat'] else 'NO'} (at most {MOST_GROWTH_MB} MB more, at most {MOST_MB} MB).",
        "",
        *as_table(rows),
    ]


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--requests", type=int, default=1_000_000)
    options.add_argument("--seed", type=int, default=7)
    options.add_argument("--minutes", type=float, default=0, help="stop after so long and report the number reached")
    options.add_argument("--model", action="store_true")
    options.add_argument("--out", type=Path)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        service = Service(Path(folder), workers=1, SENDSAFE_USE_MODEL=str(given.model).lower()).start()
        try:
            result = run(service, given.requests, given.seed, until_stopped(given.minutes))
        finally:
            service.stop()
    result = judged({**result, "asked": given.requests, "has_model": given.model})
    print(write(given.out, "Soak", "make test-soak", result, markdown(result)))  # noqa: T201
    sys.exit(0 if result["is_flat"] and set(result["statuses"]) == {"200"} else 1)


if __name__ == "__main__":
    main()
