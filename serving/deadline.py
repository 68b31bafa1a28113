"""Read with the model, and give up in time: a thread whose reading is late is replaced, so that nobody waits for it.

A reading runs on the thread that judges, since handing it to another one and back costs every message two changes of threads. Whoever
waits for the verdict looks from time to time. Where a reading is late, it is given up: a new thread does the task again, with what
had been read before, and without the model for the rest; the late thread ends as soon as it comes back.
"""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any, TypeVar

from serving.model import Model, Reading
from serving.text import NormalisedText

MOST_FAILURES = 3
"""Readings that may fail or come too late in a row before the model is left alone for a while."""
REST_SECONDS = 3.0

_LOOK_SECONDS = 0.02
"""How soon to look again while nothing is being read."""

Answer = TypeVar("Answer")
Done = Callable[[Any, BaseException | None], object]
"""Takes what a task returned, or what it raised."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """How long one message may wait for the model: for its first window of text, and for each further one."""

    first_seconds: float
    further_window_seconds: float


class GivenUp(BaseException):
    """Ends the task of a thread that was replaced; no handler on the way may take it for a fault."""


@dataclass(slots=True)
class _Turn:
    """A reading that is going on; its windows are counted once it is late for one."""

    text: NormalisedText
    windows: int | None = None
    is_given_up: bool = False


class TimedReader:
    """Reads with a model until a message's deadline, for one task at a time.

    While a reading that was given up is still running, or the model rests after failures, it answers `None` at once.
    """

    def __init__(self, model: Model, deadline: Deadline) -> None:
        self._model = model
        self._deadline = deadline
        self._until = 0.0
        self._failures = 0
        self._rests_until = 0.0
        self._known: list[tuple[NormalisedText, Reading | None]] = []
        self._current: _Turn | None = None
        self._late: _Turn | None = None
        self._lock = threading.Lock()

    @property
    def first_seconds(self) -> float:
        """Return how long the shortest message may take."""
        return self._deadline.first_seconds

    def use(self, model: Model) -> None:
        """Read with another model from now on, in the middle of a task too; one that hangs is waited for no longer."""
        self._model, self._known, self._late = model, [], None
        self._failures, self._rests_until = 0, 0.0

    @property
    def is_resting(self) -> bool:
        """Tell whether a reading would be refused now."""
        return self._late is not None or time.monotonic() < self._rests_until

    def start(self) -> None:
        """Start a task: forget what the one before has read."""
        self._known = []

    def begin(self) -> None:
        """Begin a message: all that is read until the next one shares its time."""
        self._until = time.monotonic() + self._deadline.first_seconds - self._deadline.further_window_seconds

    def read(self, text: NormalisedText) -> Reading | None:
        """Return the model's reading, `None` where it failed or is not to be had.

        Raises:
            GivenUp: it came too late, and another thread is doing the task.
        """
        for known, reading in self._known:
            if known == text:
                return reading
        if self.is_resting:
            return None
        self._current = turn = _Turn(text)
        try:
            reading = self._model.read(text)
        except Exception:  # noqa: BLE001 (whatever the runtime raises, the rules answer)
            reading = None
        with self._lock:
            if turn.is_given_up:
                self._late = None if self._late is turn else self._late
                raise GivenUp
            self._current = None
        self._note(reading)
        self._known.append((text, reading))
        return reading

    def look(self) -> float | None:
        """Return after how many seconds to look again, `None` where a reading is late and was given up now.

        A reading may take as long as one window may; once that is over, as long as all its windows may.
        """
        turn = self._current
        if turn is None:
            return max(_LOOK_SECONDS, self._left(1))
        if (left := self._left(turn.windows or 1)) <= 0 and turn.windows is None:
            turn.windows = self._model.count_windows(turn.text)
            left = self._left(turn.windows)
        if left > 0:
            return left
        with self._lock:
            if self._current is not turn:
                return _LOOK_SECONDS
            turn.is_given_up, self._late, self._current = True, turn, None
        self._note(None)
        return None

    def _left(self, windows: int) -> float:
        return self._until + self._deadline.further_window_seconds * windows - time.monotonic()

    def _note(self, reading: Reading | None) -> None:
        """Count failures in a row, and give the message the time of the windows that were read."""
        if reading is not None:
            self._failures = 0
            self._until += self._deadline.further_window_seconds * reading.windows
            return
        self._failures += 1
        if self._failures >= MOST_FAILURES:
            self._rests_until = time.monotonic() + REST_SECONDS


class Worker:
    """A thread that does tasks, one after another; when a reading in one is late, a new thread does that task again."""

    def __init__(self, reader: TimedReader | None = None) -> None:
        self._reader = reader
        self._tasks: SimpleQueue[tuple[Callable[[], Any], Done]] = SimpleQueue()
        self._current: tuple[Callable[[], Any], Done] | None = None
        self._own = threading.local()
        self._lock = threading.Lock()
        self._is_hired = False

    @property
    def first_seconds(self) -> float:
        """Return when to look for the first time; without a reader there is never anything to see."""
        return self._reader.first_seconds if self._reader else 60.0

    @property
    def is_idle(self) -> bool:
        """Tell whether no task waits for its turn."""
        return self._tasks.empty()

    def watch(self, reader: TimedReader) -> None:
        """Look after a reader, where there was none."""
        self._reader = reader

    def start(self, task: Callable[[], Any], done: Done) -> None:
        """Have a task done, and then, on the worker's thread, `done` called; whoever waits looks from time to time."""
        with self._lock:
            if not self._is_hired:
                self._hire()
        self._tasks.put((task, done))

    def run(self, task: Callable[[], Answer]) -> Answer:
        """Do a task and return what it returns; one that is part of another is done where that is."""
        if getattr(self._own, "is_mine", False):
            return task()
        future: Future[Answer] = Future()
        has_ended = threading.Event()

        def done(answer: Any, error: BaseException | None) -> None:
            future.set_exception(error) if error else future.set_result(answer)
            has_ended.set()

        self.start(task, done)
        seconds = self.first_seconds
        while not has_ended.wait(seconds):
            seconds = self.look()
        return future.result()

    def look(self) -> float:
        """Replace the thread where its reading is late; return after how many seconds to look again."""
        if self._reader is None:
            return self.first_seconds
        seconds = self._reader.look()
        if seconds is None:
            self._hire()
        return seconds or self.first_seconds

    def _hire(self) -> None:
        self._is_hired = True
        threading.Thread(target=self._work, name="judge", daemon=True).start()  # a stalled reading must not keep the process alive

    def _work(self) -> None:
        self._own.is_mine = True
        again = self._current
        while True:
            if again is None:
                self._current = task, done = self._tasks.get()
                if self._reader is not None:
                    self._reader.start()
            else:
                task, done = again
                again = None
            answer, failure = None, None
            try:
                answer = task()
            except GivenUp:
                return
            except BaseException as error:  # noqa: BLE001 (it is told to whoever waits)
                failure = error
            with suppress(RuntimeError):  # the event loop of whoever waited is closed
                done(answer, failure)
