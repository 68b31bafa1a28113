"""Services side by side: one worker each, the same messages, first one after another, then as many as eight at once."""

import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

from evaluation.bench.rounds import summary, turns
from evaluation.bench.seat import ONE_THREAD
from evaluation.latency import Clock, Connection, free_port, post, running, spread

CONNECTIONS = 8
TUNED, BY_HAND, BENTO_OURS, BENTO_PIPELINE = (
    "sendsafe serve",
    "FastAPI + onnxruntime by hand",
    "BentoML defaults, our classifier",
    "BentoML defaults",
)
_UVICORN = ("-m", "uvicorn", "--factory", "evaluation.bench.by_hand:make")
_BENTO = ("-m", "bentoml", "serve")
COMMANDS: dict[str, tuple[tuple[str, ...], str]] = {
    TUNED: (("-c", "from serving.cli import app; app()", "serve", "--workers", "1"), "/v1/score"),
    BY_HAND: (_UVICORN, "/classify"),
    BENTO_OURS: ((*_BENTO, "evaluation.bench.bento_defaults:Verdicts"), "/classify"),
    BENTO_PIPELINE: ((*_BENTO, "evaluation.bench.bento_defaults:Pipeline"), "/classify"),
}


@dataclass(slots=True)
class Standing:
    """A running service and what was measured of it."""

    port: int
    path: str
    clock: Clock
    p50: list[float] = field(default_factory=list)
    p95: list[float] = field(default_factory=list)
    a_second: list[float] = field(default_factory=list)
    cpu_us: list[float] = field(default_factory=list)
    refused: int = 0


def services_content(texts: Sequence[str], rounds: int, seconds: float) -> dict[str, Any]:
    """Measure every service that starts; the others are named."""
    with ExitStack() as stack:
        standing, missing = {}, []
        for name, (_, path) in COMMANDS.items():
            try:
                port, clock = stack.enter_context(_started(name))
                _one_by_one(Standing(port, path, clock), texts)
            except (RuntimeError, OSError) as error:
                missing.append(f"{name}: {error}")
            else:
                standing[name] = Standing(port, path, clock)
        for name in turns(list(standing), rounds):
            _one_by_one(standing[name], texts)
            _at_once(standing[name], texts, seconds)
    figures = {
        name: {
            "p50_ms": summary(each.p50),
            "p95_ms": summary(each.p95),
            "a_second": summary(each.a_second),
            "cpu_us": summary(each.cpu_us),
            "refused": each.refused,
        }
        for name, each in standing.items()
    }
    return {"services": figures, "missing": missing}


@contextmanager
def _started(name: str) -> Iterator[tuple[int, Clock]]:
    arguments, _ = COMMANDS[name]
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        environment = {**ONE_THREAD, "SENDSAFE_STATE_FOLDER": folder, "BENTOML_HOME": folder, "SENDSAFE_KEEP": "nothing"}
        environment["BENTOML_DO_NOT_TRACK"] = "True"
        ready = "/livez" if name == BY_HAND else "/readyz"
        with running([sys.executable, *arguments, "--port", str(port)], port, environment, ready) as clock:
            yield port, clock


def _one_by_one(service: Standing, texts: Sequence[str]) -> None:
    connection = Connection(service.port)
    times = []
    for request in [post(text, service.path) for text in texts]:
        started = time.perf_counter()
        connection.ask(request)
        times.append(1000 * (time.perf_counter() - started))
    connection.close()
    found = spread(times)
    service.p50.append(found["p50"])
    service.p95.append(found["p95"])


def _at_once(service: Standing, texts: Sequence[str], seconds: float) -> None:
    """Ask as fast as so many connections can, each waiting for its answer."""
    requests = [post(text, service.path) for text in texts]
    until = time.perf_counter() + seconds

    def ask(first: int) -> tuple[int, int]:
        connection = Connection(service.port)
        answered = refused = 0
        while time.perf_counter() < until:
            try:
                connection.ask(requests[(first + answered) % len(requests)])
                answered += 1
            except RuntimeError:
                refused += 1
        connection.close()
        return answered, refused

    before, started = service.clock(), time.perf_counter()
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        counts = list(pool.map(ask, range(0, CONNECTIONS * 7, 7)))
    answered = sum(each for each, _ in counts)
    service.refused += sum(each for _, each in counts)
    service.a_second.append(answered / (time.perf_counter() - started))
    service.cpu_us.append(1e6 * (service.clock() - before) / max(1, answered))
