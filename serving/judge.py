"""The one thread that judges, and the bounded queue before it."""

import asyncio
import math
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

from serving import metrics
from serving.deadline import Worker
from serving.errors import Code
from serving.problems import HttpProblem

Answer = TypeVar("Answer")
BUSY = "Nothing was judged or written; try again."


class Judge:
    """Has a worker do one task after another, so that calls never overlap and the event loop stays free.

    A place in the queue serves one message at a time: a single message waits for those before it, not for the rest of
    somebody's batch, which has one place. Whoever finds the queue full, or their own half of it where clients have keys, is
    refused at once; whose turn comes too late is refused then. Nothing has been judged or written in either case.
    """

    def __init__(self, worker: Worker, most_waiting: int, most_seconds: float, *, has_clients: bool) -> None:
        self._worker = worker
        self._most_waiting = most_waiting
        self._most_of_one = max(1, most_waiting // 2) if has_clients else most_waiting
        self._most_seconds = most_seconds
        self._waiting: Counter[str] = Counter()

    def check(self, client: str) -> None:
        """Look whether there is a place for a client's message.

        Raises:
            HttpProblem: there is none.
        """
        if self._waiting.total() >= self._most_waiting:
            metrics.SHED.labels("queue").inc()
            raise HttpProblem(Code.OVERLOADED, BUSY)
        if self._waiting[client] >= self._most_of_one:
            metrics.SHED.labels("share").inc()
            raise HttpProblem(Code.RATE_LIMITED, f"Too many messages of this client are waiting. {BUSY}")

    @contextmanager
    def place(self, client: str) -> Iterator[None]:
        """Hold a place in the queue.

        Raises:
            HttpProblem: there is none.
        """
        self.check(client)
        self._waiting[client] += 1
        try:
            yield
        finally:
            self._waiting[client] -= 1
            if not self._waiting[client]:
                del self._waiting[client]

    async def do(self, task: Callable[[], Answer]) -> Answer:
        """Return what a task returns once it has had its turn; whoever asks holds a place.

        Raises:
            HttpProblem: its turn came too late.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Answer] = loop.create_future()

        def settle(answer: Answer, error: BaseException | None) -> None:
            if not future.done():
                future.set_exception(error) if error else future.set_result(answer)

        timer: asyncio.TimerHandle

        def look() -> None:
            nonlocal timer
            timer = loop.call_later(self._worker.look(), look)

        timer = loop.call_later(self._worker.first_seconds, look)
        due = _Due(task, time.monotonic() + self._most_seconds)
        try:
            # Last of all: the thread that it wakes has to wait for the interpreter until this one sleeps.
            self._worker.start(due, lambda answer, error: loop.call_soon_threadsafe(settle, answer, error))
            return await future
        finally:
            timer.cancel()


class _Due(Generic[Answer]):
    """A task that has to be begun in time; it may be done again later, for want of the model."""

    def __init__(self, task: Callable[[], Answer], latest: float) -> None:
        self._task = task
        self._latest = latest

    def __call__(self) -> Answer:
        if time.monotonic() > self._latest:
            metrics.SHED.labels("late").inc()
            raise HttpProblem(Code.OVERLOADED, f"The message waited too long for its turn. {BUSY}")
        self._latest = math.inf
        return self._task()
