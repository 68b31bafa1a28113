"""What HTTP adds to a verdict, and how long answers take at a steady rate: in one run, in turns, against the service as it is started."""

import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from statistics import median
from typing import Any

import psutil

from data.records import Record
from evaluation.machine import describe
from evaluation.markdown import table
from serving.bundle import Bundle, open_bundle
from serving.classifier import READY, Classifier
from serving.deadline import Deadline
from serving.model import Model, Reading
from serving.policy import Keep
from serving.settings import Settings
from serving.text import NormalisedText
from serving.verdict import Message

IN_PROCESS, WITH_DEADLINE, OVER_HTTP, UNJUDGED = "in this process", "in this process, with a deadline", "over HTTP", "over HTTP: /livez"
ELSEWHERE = "in this process, each reading handed to a thread and back"
SEED = 7
START_SECONDS = 60.0
IDLE_SECONDS = 2.0
"""A connection that was not used for so long is opened anew: the service closes idle ones."""
PAUSE_SECONDS = 0.005
"""Before each message, in every way: one that comes alone finds a service that has slept and caches that hold something else."""
Ask = Callable[[str], object]
Clock = Callable[[], float]
"""Seconds of processor that whoever answers has used; unlike time that has passed, it hardly depends on what else the machine does."""


class ReadElsewhere(Model):
    """A model that reads on a thread of its own: the other way to give up in time, measured beside the one that is used."""

    def __init__(self, bundle: Bundle) -> None:
        self._thread = ThreadPoolExecutor(1)
        super().__init__(bundle)

    def read(self, text: NormalisedText) -> Reading:
        """Have the text read."""
        return self._thread.submit(super().read, text).result(1)


class Connection:
    """A kept connection that costs its owner next to nothing: a blocking socket, requests made beforehand."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._open()

    def _open(self) -> None:
        self._used_at = time.monotonic()
        self._socket = socket.create_connection(("127.0.0.1", self._port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, request: bytes) -> bytes:
        """Send a request and return the answer's body.

        Raises:
            OSError: the connection broke.
            RuntimeError: another status than 200.
        """
        if time.monotonic() - self._used_at > IDLE_SECONDS:
            self.close()
            self._open()
        self._socket.sendall(request)
        received = b""
        while b"\r\n\r\n" not in received:
            received += self._more()
        head, _, body = received.partition(b"\r\n\r\n")
        length = next(int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length"))
        while len(body) < length:
            body += self._more()
        self._used_at = time.monotonic()
        if b" 200 " not in head[:14]:
            raise RuntimeError(f"the service answered {head[:12].decode()}")
        return body

    def close(self) -> None:
        """Close it."""
        self._socket.close()

    def _more(self) -> bytes:
        more = self._socket.recv(65536)
        if not more:
            raise OSError("the service closed the connection")
        return more


def post(text: str, path: str = "/v1/score") -> bytes:
    """Return the bytes of a request to judge a text."""
    body = json.dumps({"text": text}).encode()
    head = f"POST {path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    return head.encode() + body


def get(path: str) -> bytes:
    """Return the bytes of a request to read a path."""
    return f"GET {path} HTTP/1.1\r\nhost: x\r\n\r\n".encode()


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def service(core: int | None = None, **environment: str) -> Iterator[tuple[int, Clock]]:
    """Start the service as a user does, with one worker and, where told, on one core; give its port and its clock."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        given = {"SENDSAFE_STATE_FOLDER": folder, "BENTOML_HOME": folder, "SENDSAFE_KEEP": "nothing", **environment}
        command = [sys.executable, "-c", "from serving.cli import app; app()", "serve", "--port", str(port), "--workers", "1"]
        with running(command if core is None else ["taskset", "--cpu-list", str(core), *command], port, given) as clock:
            yield port, clock


@contextmanager
def running(command: Sequence[str], port: int, environment: Mapping[str, str], ready: str = "/readyz") -> Iterator[Clock]:
    """Start a service, wait until it is ready, give its clock, and end it.

    Raises:
        RuntimeError: it does not start.
    """
    process = subprocess.Popen(  # noqa: S603
        command,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _await(process, port, ready)
        yield partial(_processor_seconds, psutil.Process(process.pid))
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Stop a service as Ctrl-C does; where that takes too long, kill it with all that it started."""
    try:
        process.send_signal(signal.SIGINT)
        process.wait(30)
    except subprocess.TimeoutExpired:
        for each in psutil.Process(process.pid).children(recursive=True):
            each.kill()
        process.kill()
        process.wait(30)


def _processor_seconds(service: psutil.Process) -> float:
    times = [each.cpu_times() for each in (service, *service.children(recursive=True))]
    return float(sum(each.user + each.system for each in times))


def _await(process: subprocess.Popen[bytes], port: int, ready: str) -> None:
    until = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < until:
        try:
            connection = Connection(port)
            connection.ask(get(ready))
            connection.close()
        except (OSError, RuntimeError):
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("the service does not start")


def latency_content(records: Sequence[Record], *, messages: int, longest: int, rounds: int, rate: float, seconds: float) -> dict[str, Any]:
    """Measure on messages of up to so many characters; times are milliseconds.

    The same messages are judged in every way, in turns; what a way adds is the median, over messages and rounds, of its
    difference to the first way on the same message in the same round.
    """
    short = [record.text for record in records if len(record.text) <= longest]
    texts = random.Random(SEED).sample(short, min(messages, len(short)))  # noqa: S311
    settings = Settings(keep=Keep.NOTHING)
    deadline = Deadline(settings.deadline_seconds, settings.deadline_further_window_seconds)
    plain, timed = Classifier.load(settings), Classifier.load(settings, deadline)
    elsewhere = Classifier(settings, ReadElsewhere(open_bundle(settings.bundle_folder)), READY)
    load_before = os.getloadavg()[0]
    with service() as (port, clock):
        connection = Connection(port)
        livez = get("/livez")
        asks: dict[str, tuple[Ask, Clock]] = {
            IN_PROCESS: (lambda text: plain.classify(Message(text)), time.process_time),
            WITH_DEADLINE: (lambda text: timed.classify(Message(text)), time.process_time),
            ELSEWHERE: (lambda text: elsewhere.classify(Message(text)), time.process_time),
            OVER_HTTP: (lambda text: connection.ask(post(text)), clock),
            UNJUDGED: (lambda _: connection.ask(livez), clock),
        }
        times, used = in_turns(asks, texts, rounds)
        connection.close()
    by_rules = _by_rules(texts, rounds)
    last = max(os.sched_getaffinity(0))
    with service(last) as (port, _):
        steady = at_rate(port, texts, rate, seconds)
    return {
        "machine": describe("bentoml", "uvicorn", "onnxruntime"),
        "date": time.strftime("%Y-%m-%d"),
        "cores": os.cpu_count(),
        "load": [round(load_before, 1), round(os.getloadavg()[0], 1)],
        "priority": os.nice(0),
        "messages": len(texts),
        "longest": longest,
        "rounds": rounds,
        "ways": _ways(times, used, len(texts)),
        "by_rules": by_rules,
        "steady": {"rate": rate, "seconds": seconds, **spread(steady)},
    }


def _by_rules(texts: Sequence[str], rounds: int) -> dict[str, Any]:
    """Measure where the rules answer alone, without pauses: verdicts that are soon made show best what is put around them."""
    plain = Classifier.load(Settings(keep=Keep.NOTHING, use_model=False))
    with service(SENDSAFE_USE_MODEL="false") as (port, clock):
        connection = Connection(port)
        asks: dict[str, tuple[Ask, Clock]] = {
            IN_PROCESS: (lambda text: plain.classify(Message(text)), time.process_time),
            OVER_HTTP: (lambda text: connection.ask(post(text)), clock),
        }
        times, used = in_turns(asks, texts, rounds, pause_seconds=0)
        connection.close()
    return _ways(times, used, len(texts))


def _ways(times: Mapping[str, Sequence[float]], used: Mapping[str, float], texts: int) -> dict[str, Any]:
    return {way: {**spread(each), **added(each, times[IN_PROCESS], texts), "processor": round(used[way], 3)} for way, each in times.items()}


def in_turns(
    asks: Mapping[str, tuple[Ask, Clock]], texts: Sequence[str], rounds: int, *, pause_seconds: float = PAUSE_SECONDS
) -> tuple[dict[str, list[float]], dict[str, float]]:
    """Return each way's milliseconds, text by text and round by round, and the milliseconds of processor per text.

    Before the first round everybody has warmed up; in each round the ways come in another order.
    """
    order = list(asks)
    drawn = random.Random(SEED)  # noqa: S311
    times: dict[str, list[float]] = {way: [] for way in asks}
    used = dict.fromkeys(asks, 0.0)
    for number in range(rounds + 1):
        drawn.shuffle(order)
        for way in order:
            ask, clock = asks[way]
            before = clock()
            for text in texts:
                if pause_seconds:
                    time.sleep(pause_seconds)
                started = time.perf_counter()
                ask(text)
                if number:
                    times[way].append((time.perf_counter() - started) * 1000)
            used[way] += (clock() - before) * 1000 if number else 0.0
    return times, {way: each / (rounds * len(texts)) for way, each in used.items()}


def added(times: Sequence[float], base: Sequence[float], texts: int) -> dict[str, float]:
    """Return the median difference of two ways, text by text, and the lowest and highest such median of a round.

    >>> added([3.0, 5.0, 4.0, 4.0], [1.0, 1.0, 1.0, 1.0], 2)
    {'added_p50': 3.0, 'added_least': 3.0, 'added_most': 3.0}
    """
    differences = [one - other for one, other in zip(times, base, strict=True)]
    rounds = [median(differences[start : start + texts]) for start in range(0, len(differences), texts)]
    return {
        name: round(value, 3)
        for name, value in {"added_p50": median(differences), "added_least": min(rounds), "added_most": max(rounds)}.items()
    }


def at_rate(port: int, texts: Sequence[str], rate: float, seconds: float) -> list[float]:
    """Return the milliseconds from when each message was due to its answer: one that is late delays those behind it."""
    connection = Connection(port)
    requests = [post(text) for text in texts]
    for request in requests:
        connection.ask(request)
    times = []
    start = time.perf_counter() + 0.1
    for number in range(int(rate * seconds)):
        due = start + number / rate
        time.sleep(max(0.0, due - time.perf_counter()))
        connection.ask(requests[number % len(requests)])
        times.append((time.perf_counter() - due) * 1000)
    connection.close()
    return times


def spread(times: Sequence[float]) -> dict[str, float]:
    """Return the percentiles of some times.

    >>> spread([1.0, 2.0, 3.0, 4.0])
    {'p50': 2.5, 'p95': 4.0, 'p99': 4.0, 'max': 4.0}
    """
    ordered = sorted(times)
    places = {f"p{share}": ordered[min(len(ordered) - 1, len(ordered) * share // 100)] for share in (95, 99)}
    return {name: round(value, 3) for name, value in {"p50": median(ordered), **places, "max": ordered[-1]}.items()}


def latency_markdown(whole: Mapping[str, Any], _: Mapping[str, str]) -> str:
    """Write the figures."""
    busy = f"load average {whole['load'][0]} before and {whole['load'][1]} after, priority {whole['priority']}"
    lines = ["# What HTTP adds to a verdict", "", f"Measured on {whole['date']}, {whole['machine']}; {busy}.", ""]
    if max(whole["load"]) > whole["cores"]:
        lines += [
            "**More was running than there are cores: these times tell more of that than of the service, and are to be taken again.**",
            "",
        ]
    about = [
        f"The same {whole['messages']} test messages of up to {whole['longest']} characters, judged in every way in turns,",
        f"{whole['rounds']} rounds, a pause before each message, nothing kept. Milliseconds;",
        "the last column is the mean use of a processor by whoever answers.",
    ]
    lines.append(" ".join(about))
    lines += ["", *_table(whole["ways"]), ""]
    lines.append("The same where the rules answer alone, without pauses: verdicts that are soon made show best what is put around them.")
    lines += ["", *_table(whole["by_rules"]), ""]
    steady = whole["steady"]
    lines.append(f"One worker on one core, {steady['rate']:g} messages a second for {steady['seconds']:g} s, from when each was due:")
    lines += [
        "",
        *table([["", "p50", "p95", "p99", "max"], ["over HTTP", *(f"{steady[key]:.1f}" for key in ("p50", "p95", "p99", "max"))]]),
    ]
    return "\n".join(lines) + "\n"


def _table(ways: Mapping[str, Any]) -> list[str]:
    rows = [["", "p50", "p95", "p99", "adds at p50", "in a round, from … to", "processor"]]
    for way, each in ways.items():
        span = f"{each['added_least']:+.2f} … {each['added_most']:+.2f}"
        times = [f"{each[key]:.2f}" for key in ("p50", "p95", "p99")]
        rows.append([way, *times, f"{each['added_p50']:+.2f}", span, f"{each['processor']:.2f}"])
    return table(rows)
