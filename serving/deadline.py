"""Read with the model on a thread of its own, and give up in time: a reading that does not end blocks nobody."""

import threading
import time
from concurrent.futures import Future
from dataclasses import dataclass
from queue import SimpleQueue

from serving.model import Model, Reading
from serving.text import NormalisedText

MOST_FAILURES = 3
"""Readings that may fail or come too late in a row before the model is left alone for a while."""
REST_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Deadline:
    """How long one message may wait for the model: for its first window of text, and for each further one."""

    first_seconds: float
    further_window_seconds: float


class TimedReader:
    """Reads with a model until a message's deadline. One message at a time, as the classifier that it serves.

    While a reading that was given up is still running, or the model rests after failures, it answers `None` at once.
    """

    def __init__(self, model: Model, deadline: Deadline) -> None:
        self._model = model
        self._deadline = deadline
        self._until = 0.0
        self._failures = 0
        self._rests_until = 0.0
        self._last: Future[Reading] | None = None
        self._given: SimpleQueue[tuple[NormalisedText, Future[Reading]]] = SimpleQueue()
        threading.Thread(target=self._work, name="model", daemon=True).start()  # a stalled reading must not keep the process alive

    def use(self, model: Model) -> None:
        """Read with another model from now on; a reading that was given up ends with the old one."""
        self._model = model
        self._failures, self._rests_until = 0, 0.0

    @property
    def is_resting(self) -> bool:
        """Tell whether a reading would be refused now."""
        return time.monotonic() < self._rests_until or (self._last is not None and not self._last.done())

    def begin(self) -> None:
        """Begin a message: all that is read until the next one shares its time."""
        self._until = time.monotonic() + self._deadline.first_seconds - self._deadline.further_window_seconds

    def read(self, text: NormalisedText) -> Reading | None:
        """Return the model's reading, `None` where it failed or did not come in time."""
        if self.is_resting:
            return None
        answer: Future[Reading] = Future()
        self._last = answer
        self._given.put((text, answer))
        try:
            reading = self._wait(answer, text)
        except Exception:  # noqa: BLE001 (whatever the runtime raises, or too late: the rules answer)
            self._failures += 1
            if self._failures >= MOST_FAILURES:
                self._rests_until = time.monotonic() + REST_SECONDS
            return None
        self._failures = 0
        self._until += self._deadline.further_window_seconds * reading.windows
        return reading

    def _wait(self, answer: Future[Reading], text: NormalisedText) -> Reading:
        """Wait as long as one window may take, then, should that not do, as long as all of them may.

        Raises:
            TimeoutError: there is no reading yet.
        """
        try:
            return answer.result(self._left(1))
        except TimeoutError:
            return answer.result(self._left(self._model.count_windows(text)))

    def _left(self, windows: int) -> float:
        return max(0.0, self._until + self._deadline.further_window_seconds * windows - time.monotonic())

    def _work(self) -> None:
        while True:
            text, answer = self._given.get()
            try:
                answer.set_result(self._model.read(text))
            except Exception as error:  # noqa: BLE001 (it is told to whoever waits)
                answer.set_exception(error)
