"""Is a task whose reading is late done again without it, with what was read before, and does nothing of the late one come after?"""

import threading
import time

import pytest

from serving.deadline import MOST_FAILURES, Deadline, TimedReader, Worker
from serving.text import normalise

SOON, TEXTS = 5, [normalise(text) for text in ("one", "two", "three")]


class Reading:
    windows = 1


class Model:
    """Reads at once, and stalls at one text until it is let go."""

    def __init__(self, stalls_at=None):
        self.stalls_at = stalls_at
        self.let_go = threading.Event()
        self.read_texts = []

    def read(self, text):
        self.read_texts.append(text.text)
        if text.text == self.stalls_at:
            assert self.let_go.wait(SOON)
        return Reading()

    def count_windows(self, _):
        return 1


def make(model, first_seconds=0.1):
    reader = TimedReader(model, Deadline(first_seconds, 0.01))
    return reader, Worker(reader)


def read_all(reader, done=None):
    reader.begin()
    readings = [reader.read(text) is not None for text in TEXTS]
    if done is not None:
        done.append(readings)
    return readings


def test_a_task_that_stalls_is_done_again_with_what_was_read_and_once():
    model = Model(stalls_at="two")
    reader, worker = make(model)
    done = []
    assert worker.run(lambda: read_all(reader, done)) == [True, False, False]
    assert model.read_texts == ["one", "two"]
    assert reader.is_resting
    assert worker.run(lambda: read_all(reader)) == [False, False, False]
    model.let_go.set()
    until = time.monotonic() + SOON
    while reader.is_resting and time.monotonic() < until:
        time.sleep(0.01)
    assert worker.run(lambda: read_all(reader)) == [True, True, True]
    assert done == [[True, False, False]]


def test_a_late_thread_ends_and_is_the_only_one_more():
    def judges():
        return sum(thread.name == "judge" for thread in threading.enumerate())

    before = judges()
    model = Model(stalls_at="two")
    reader, worker = make(model)
    for _ in range(5):
        worker.run(lambda: read_all(reader))
    assert judges() == before + 2
    model.let_go.set()
    until = time.monotonic() + SOON
    while judges() > before + 1 and time.monotonic() < until:
        time.sleep(0.01)
    assert judges() == before + 1


def test_tasks_of_many_threads_never_overlap_even_when_some_stall():
    model = Model(stalls_at="two")
    reader, worker = make(model, 0.05)
    inside, most, answers = [], [], []

    def task():
        inside.append(1)
        most.append(len(inside))
        try:
            return read_all(reader)
        finally:
            inside.pop()

    def send():
        for _ in range(10):
            answers.append(worker.run(task))  # noqa: PERF401 (each is to be there once it is done)

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SOON)
    model.let_go.set()
    assert len(answers) == 40
    assert all(readings[1:] == [False, False] for readings in answers)
    assert max(most) <= 2, "the late one, which is stuck in a reading, and the one that took its place"


def test_a_task_within_a_task_is_done_where_that_is():
    _, worker = make(Model())
    assert worker.run(lambda: worker.run(threading.get_ident) == threading.get_ident())
    assert worker.run(threading.get_ident) != threading.get_ident()


@pytest.mark.parametrize("failure", [ValueError, TimeoutError, SystemExit])
def test_what_a_task_raises_reaches_whoever_waits_and_the_worker_goes_on(failure):
    _, worker = make(Model())

    def fail():
        raise failure

    with pytest.raises(failure):
        worker.run(fail)
    assert worker.run(lambda: 5) == 5


def test_after_failures_in_a_row_the_model_rests():
    model = Model()
    model.read = lambda _: 1 / 0
    reader, worker = make(model)
    for _ in range(MOST_FAILURES):
        assert not reader.is_resting
        worker.run(lambda: (reader.begin(), reader.read(TEXTS[0])))
    assert reader.is_resting


def test_each_window_that_was_read_adds_to_the_messages_time():
    model = Model()
    model.read = lambda text: (time.sleep(0.08), Reading())[1]
    Reading.windows = 20
    reader, worker = make(model, 0.15)
    assert worker.run(lambda: read_all(reader)) == [True, True, True]
    Reading.windows = 1


def test_another_model_is_read_with_at_once_though_the_old_one_hangs():
    old, new = Model(stalls_at="two"), Model()
    reader, worker = make(old)
    assert worker.run(lambda: read_all(reader)) == [True, False, False]
    worker.run(lambda: reader.use(new))
    assert worker.run(lambda: read_all(reader)) == [True, True, True]
    old.let_go.set()
    time.sleep(0.05)
    assert worker.run(lambda: read_all(reader)) == [True, True, True]
    assert new.read_texts == ["one", "two", "three"] * 2
