"""Messages that go on being sent while something breaks, and what came of each."""

import itertools
import threading
import time
from contextlib import contextmanager
from http.client import HTTPException

TEXTS = {"Bins tomorrow": "review", "my NI is QQ123456C": "block"}
"""What the rules alone say."""
_NUMBERS = itertools.count()


class Load:
    """Threads that send messages of new references; every verdict is compared, everything else is a refusal."""

    def __init__(self, service, noted, threads=4, may_fail=()):
        self.service, self.noted = service, noted
        self.may_fail = {429, 503, *may_fail}
        self.given = {}
        self.wrong = []
        self.stopping = threading.Event()
        self.lock = threading.Lock()
        self.threads = [threading.Thread(target=self._run, daemon=True) for _ in range(threads)]

    def _run(self):
        for text, least in itertools.cycle(TEXTS.items()):
            if self.stopping.is_set():
                return
            reference = f"load/{next(_NUMBERS)}"
            try:
                status, answer = self.service.send(reference, text)
            except (OSError, HTTPException):
                with self.lock:
                    self.noted.refuse("no answer")
                time.sleep(0.05)
                continue
            with self.lock:
                self._take(reference, text, status, answer, least)

    def _take(self, reference, text, status, answer, least):
        if status == 200:
            self.given[reference] = (text, answer["id"])
            try:
                self.noted.compare(answer["action"], least)
            except AssertionError as error:
                self.wrong.append(str(error))
        else:
            self.noted.refuse(str(status))
            if status not in self.may_fail:
                self.wrong.append(f"status {status}")

    def wait_for(self, more, seconds=60):
        """Wait until so many more verdicts were given."""
        end, aim = time.monotonic() + seconds, len(self.given) + more
        while len(self.given) < aim:
            assert time.monotonic() < end, f"{len(self.given) - aim + more} verdicts of {more} in {seconds} s"
            time.sleep(0.01)

    def check(self, most=40):
        """Each verdict that was given, of the last so many, is given again under its reference."""
        assert self.wrong == []
        for reference, (text, verdict) in list(self.given.items())[-most:]:
            status, answer = self.service.send(reference, text)
            assert (status, answer["id"]) == (200, verdict)


@contextmanager
def load_on(service, noted, **given):
    """Send until the block ends, then check."""
    load = Load(service, noted, **given)
    for thread in load.threads:
        thread.start()
    try:
        load.wait_for(4)
        yield load
    finally:
        load.stopping.set()
        for thread in load.threads:
            thread.join()
    load.check()


def until_answered(service, noted, in_a_row=5, seconds=60):
    """Send until so many messages in a row were answered by verdicts; note how long it took to the first of them."""
    begun = started = time.monotonic()
    count = 0
    while count < in_a_row:
        assert time.monotonic() - begun < seconds, "the service does not recover"
        before = time.monotonic()
        try:
            is_answered = service.send(f"again/{next(_NUMBERS)}")[0] == 200
        except (OSError, HTTPException):
            is_answered = False
        count = count + 1 if is_answered else 0
        if count <= 1:
            started = before if is_answered else time.monotonic()
    noted.recover(started - begun)
