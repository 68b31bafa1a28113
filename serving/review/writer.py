"""Write verdicts from one thread: what waits is committed together, so that a hundred at once cost one sync of the disk."""

import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future

from serving.review.records import Record, Row

MOST_TOGETHER = 128

Write = Callable[[Sequence[Record]], list[Row | None]]


class Writer:
    """A thread that hands on what waits, never waits for more, and tells everyone how it went."""

    def __init__(self, name: str, write: Write) -> None:
        self._write = write
        self._waiting: queue.SimpleQueue[tuple[Record, Future[Row | None]]] = queue.SimpleQueue()
        threading.Thread(target=self._run, name=name, daemon=True).start()

    def submit(self, record: Record) -> "Future[Row | None]":
        """Return what comes of writing one verdict."""
        future: Future[Row | None] = Future()
        self._waiting.put((record, future))
        return future

    def _run(self) -> None:
        while True:
            batch = [self._waiting.get()]
            while len(batch) < MOST_TOGETHER:
                try:
                    batch.append(self._waiting.get_nowait())
                except queue.Empty:
                    break
            batch = [(record, future) for record, future in batch if future.set_running_or_notify_cancel()]
            if not batch:
                continue
            try:
                rows = self._write([record for record, _ in batch])
            except Exception as error:  # noqa: BLE001 (whatever it is, the caller goes to the spool)
                for _, future in batch:
                    future.set_exception(error)
            else:
                for (_, future), row in zip(batch, rows, strict=True):
                    future.set_result(row)
