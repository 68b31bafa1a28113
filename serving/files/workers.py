"""Judge batches on every core: one process for each, one thread in each, the answers in order."""

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from functools import partial
from itertools import chain, islice

import pyarrow as pa

from serving.batch import score_batch
from serving.classifier import Classifier
from serving.errors import SendsafeError
from serving.settings import Settings

Judge = Callable[[Iterable[pa.RecordBatch]], Iterator[pa.RecordBatch]]
"""Gives one batch of verdicts for each batch, in order, and reads no more than a few ahead."""
FEW_BATCHES = 4
"""Up to so many, starting processes takes longer than judging here."""
BATCHES_A_WORKER = 3
"""How many each worker has before it, so that none waits for the file."""
MOST_LOSSES = 5
"""Times that workers may be killed before the run gives up."""
_classifier: Classifier | None = None


class WorkersLostError(SendsafeError):
    """Workers were killed again and again: too little memory, or somebody who ends them."""


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def judge_here(classifier: Classifier, policies: tuple[str, ...] = ()) -> Judge:
    """Return what judges in this process."""
    return partial(map, partial(score_batch, classifier=classifier, policies=policies))


def judge_by_workers(classifier: Classifier, settings: Settings, policies: tuple[str, ...] = (), workers: int | None = None) -> Judge:
    """Return what judges by so many processes, by default one for each core; few batches are judged here, by the classifier.

    Each process loads a classifier of its own by the settings. When one is killed, what was not yet answered is judged
    again by new ones.
    """
    count = workers or cores()

    def judge(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        remaining = iter(batches)
        first = list(islice(remaining, FEW_BATCHES + 1))
        if count == 1 or len(first) <= FEW_BATCHES:
            yield from judge_here(classifier, policies)(chain(first, remaining))
        else:
            yield from _by_pool(chain(first, remaining), settings, policies, count)

    return judge


def _by_pool(batches: Iterator[pa.RecordBatch], settings: Settings, policies: tuple[str, ...], count: int) -> Iterator[pa.RecordBatch]:
    waiting: deque[pa.RecordBatch] = deque()
    for _ in range(MOST_LOSSES):
        with suppress(BrokenProcessPool), _pool(settings, count) as pool:
            asked = deque(pool.submit(_score, batch, policies) for batch in waiting)
            try:
                yield from _in_order(pool, batches, waiting, asked, policies, count * BATCHES_A_WORKER)
            finally:
                pool.shutdown(wait=False, cancel_futures=True)
            return
    raise WorkersLostError(f"worker processes were killed {MOST_LOSSES} times; --resume goes on from here")


def _in_order(
    pool: ProcessPoolExecutor,
    batches: Iterator[pa.RecordBatch],
    waiting: deque[pa.RecordBatch],
    asked: deque[Future[pa.RecordBatch]],
    policies: tuple[str, ...],
    most: int,
) -> Iterator[pa.RecordBatch]:
    """Yield the answers in order; `waiting` holds the batches that have none yet, `asked` who will give it."""
    while True:
        for batch in islice(batches, max(0, most - len(asked))):
            waiting.append(batch)
            asked.append(pool.submit(_score, batch, policies))
        if not asked:
            return
        answer = asked[0].result()
        asked.popleft()
        waiting.popleft()
        yield answer


def _pool(settings: Settings, count: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(count, multiprocessing.get_context("spawn"), _begin, (settings,))


def _begin(settings: Settings) -> None:
    """Make a worker ready: it leaves Ctrl-C to its parent, ends with it, and judges one message at a time."""
    global _classifier  # noqa: PLW0603 (a process of a pool has no other place)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _classifier = Classifier.load(settings, counts_repeats=False)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _score(batch: pa.RecordBatch, policies: tuple[str, ...]) -> pa.RecordBatch:
    return score_batch(batch, _classifier, policies)
