"""A contestant in a process of its own with one thread: asked over its standard input, it answers with its times.

`python -m evaluation.bench.seat NAME` is the process; `Seat` is its other end.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psutil

ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1") | {"TOKENIZERS_PARALLELISM": "false"}
FIRST = "Your appointment is on Tuesday at 9:30"


class SeatError(Exception):
    """A contestant cannot be loaded; the sentence says what it said last."""


class Seat:
    """One contestant, ready."""

    def __init__(self, name: str) -> None:
        """Start it and wait for its first answer, whose time from the start is `cold_seconds`.

        Raises:
            SeatError: it cannot be loaded.
        """
        started = time.perf_counter()
        self._process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "evaluation.bench.seat", name],
            env=os.environ | ONE_THREAD | {"PYTHONPATH": os.pathsep.join(sys.path)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        ready = self._answer()
        self.cold_seconds = time.perf_counter() - started
        if "fault" in ready:
            self.close()
            raise SeatError(ready["fault"])

    def ask(self, texts: Sequence[str]) -> dict[str, Any]:
        """Have each text judged: `ms` for each, `cpu_us` for a message."""
        return self._send({"do": "one", "texts": list(texts)})

    def ask_many(self, texts: Sequence[str]) -> dict[str, Any]:
        """Have all texts judged at once: `seconds` for all, `cpu_us` for a message."""
        return self._send({"do": "many", "texts": list(texts)})

    def stages(self, texts: Sequence[str]) -> dict[str, Any]:
        """Have the texts judged with a watch on each part of the work; ours alone can."""
        return self._send({"do": "stages", "texts": list(texts)})

    @property
    def resident_mb(self) -> float:
        """Return the memory that the process has in use."""
        return float(psutil.Process(self._process.pid).memory_info().rss / 1e6)

    def close(self) -> None:
        """End it."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(30)

    def _send(self, question: dict[str, Any]) -> dict[str, Any]:
        assert self._process.stdin is not None  # noqa: S101
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None  # noqa: S101
        line = self._process.stdout.readline()
        if not line:
            raise SeatError(f"ended with {self._process.wait(30)}")
        return dict(json.loads(line))


@contextmanager
def seated(name: str) -> Iterator[Seat]:
    """Start a contestant, and end it afterwards."""
    seat = Seat(name)
    try:
        yield seat
    finally:
        seat.close()


def _timed(work: Callable[[], object]) -> tuple[float, float]:
    """Return the seconds that passed and the seconds of processor."""
    before, started = time.process_time(), time.perf_counter()
    work()
    return time.perf_counter() - started, time.process_time() - before


def _serve(name: str) -> None:
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a library prints must not stand among the answers

    def answer(content: dict[str, Any]) -> None:
        answers.write(json.dumps(content) + "\n")
        answers.flush()

    try:
        from evaluation.bench.contestants import CONTESTANTS  # noqa: PLC0415

        ask, ask_many = CONTESTANTS[name].load()
        ask(FIRST)
    except (Exception, SystemExit) as error:  # noqa: BLE001 (whatever a peer lacks, the others are measured)
        answer({"fault": f"{type(error).__name__}: {error}"[:200]})
        return
    answer({})
    for line in sys.stdin:
        question = json.loads(line)
        texts = question["texts"]
        if question["do"] == "stages":
            from evaluation.bench.stages import stages  # noqa: PLC0415

            answer(stages(texts))
        elif question["do"] == "many":
            seconds, used = _timed(lambda texts=texts: ask_many(texts))  # type: ignore[misc]
            answer({"seconds": seconds, "cpu_us": 1e6 * used / len(texts)})
        else:
            before = time.process_time()
            times = [1000 * _timed(lambda text=text: ask(text))[0] for text in texts]  # type: ignore[misc]
            answer({"ms": times, "cpu_us": 1e6 * (time.process_time() - before) / len(texts)})


if __name__ == "__main__":
    _serve(sys.argv[1])
