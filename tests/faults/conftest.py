"""A deployment to break: load on, inject, probe, heal, check."""

import itertools
import json
import os
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from evaluation.latency import free_port
from serving.classifier import Classifier
from serving.http import create_app
from serving.review.database import reading
from serving.review.keeper import Keeper
from serving.settings import Settings
from serving.verdict import Action
from tests.faults.sending import ask

TEXTS = {"Bins tomorrow": Action.REVIEW, "my NI is QQ123456C": Action.BLOCK}
"""Messages and what the rules alone say of them; under a fault no answer may be milder."""
MOST_SECONDS = 10
SECRETS = {"secret": "s" * 43, "encryption_keys": "M" * 43 + "="}


class Deployment:
    """The service on one database, and every answer that it gave."""

    def __init__(self, noted, folder, url, **settings):
        self.noted = noted
        given = {"state_folder": folder, "database_url": url, "keep_seconds": 0.3, **SECRETS, **settings}
        self.settings = Settings(use_model=False, **given)
        self.classifier = Classifier.load(self.settings)
        self.given = {}
        self.refused = 0
        self.numbers = itertools.count()

    def start(self):
        self.keeper = Keeper.of(self.settings)
        self.store, self.spool = self.keeper.store, self.keeper.spool
        self.keeper.start()
        self.client = TestClient(create_app(self.classifier, self.settings, self.keeper), raise_server_exceptions=False).__enter__()
        return self

    def stop(self):
        self.keeper.stop()
        time.sleep(1)
        self.client.__exit__(None, None, None)
        self.store.engine.dispose()
        self.spool.store.engine.dispose()

    def send(self, text="Bins tomorrow", reference=None):
        reference = reference or f"f/{next(self.numbers)}"
        content = json.dumps({"text": text, "reference": reference})
        return self.client.post("/v1/score", content=content, headers={"content-type": "application/json"}), reference

    def probe(self, count=6):
        """Send messages; note what is answered; nothing but a verdict as strict as it should be, or 503 with what to do."""
        statuses = []
        for _, (text, action) in zip(range(count), itertools.cycle(TEXTS.items()), strict=False):
            answer, reference = self.send(text)
            statuses.append(answer.status_code)
            if answer.status_code == 200:
                self.noted.compare(answer.json()["action"], action)
                self.given[reference] = answer.json()["id"]
            else:
                assert (answer.status_code, answer.json()["code"]) == (503, "overloaded")
                assert answer.headers["retry-after"]
                self.noted.refuse()
                self.refused += 1
        return statuses

    def recover(self):
        """Wait until the store is as it was; note how many seconds that took."""
        started = time.monotonic()
        while self.keeper.status != "ready":
            assert time.monotonic() - started < MOST_SECONDS, "the store does not recover"
            time.sleep(0.05)
        self.noted.recover(time.monotonic() - started)

    def check(self):
        """Every verdict that was given is in the database, once, as soon as the spool is empty; what was refused is not."""
        started = time.monotonic()
        while not (self.given.items() <= dict(kept := self._kept()).items()):
            assert time.monotonic() - started < MOST_SECONDS, "a verdict that was given is lost"
            time.sleep(0.05)
        assert len(kept) == len({reference for reference, _ in kept})

    def _kept(self):
        decisions = self.store.tables.decisions
        with reading(self.store.engine) as connection:
            return connection.execute(select(decisions.c.reference, decisions.c.id)).all()

    @contextmanager
    def fault(self, inject, heal, expected=None):
        """Work before, during and after a fault."""
        self.probe()
        inject()
        try:
            yield
            statuses = self.probe()
            if expected is not None:
                assert set(statuses) == {expected}
        finally:
            heal()
        self.recover()
        assert set(self.probe()) == {200}
        self.recover()  # on a busy machine one of these may have gone to the spool
        self.check()


class Worker:
    """One process of the service, with everything in one folder."""

    def __init__(self, folder, program="worker.py", **environment):
        self.folder = folder
        self.program = Path(__file__).with_name(program)
        self.environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "SENDSAFE_USE_MODEL": "false", **environment}
        self.environment |= {"SENDSAFE_STATE_FOLDER": str(folder), "SENDSAFE_KEEP_SECONDS": "1"}

    def start(self, stderr=None, **environment):
        self.port = free_port()
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603
                [sys.executable, self.program, str(self.port)],
                env={**self.environment, **environment},
                stdout=log,
                stderr=log if stderr is None else stderr,
            )
        for _ in range(3000):
            try:
                if self.ask("GET", "/readyz")[0] == 200:
                    return self
            except OSError:
                time.sleep(0.05)
        raise AssertionError("the worker does not start")

    def ask(self, method, path, content=None):
        status, answer = ask(self.port, method, path, content)
        return status, json.loads(answer)

    def send(self, reference, text="Bins tomorrow"):
        return self.ask("POST", "/v1/score", {"text": text, "reference": reference})

    def kill(self):
        self.process.kill()
        self.process.wait()


@pytest.fixture
def worker(tmp_path):
    """A running worker with SQLite in a folder of its own."""
    running = Worker(tmp_path).start()
    yield running
    running.kill()


@pytest.fixture
def deploy(tmp_path, monkeypatch, noted):
    """Return what starts a deployment on a database URL; it is stopped afterwards."""
    started = []

    def make(url, **settings):
        url = url if isinstance(url, str) else url.render_as_string(hide_password=False)
        deployment = Deployment(noted, tmp_path / "state", url, **settings)
        started.append(deployment)
        return deployment

    monkeypatch.setattr("serving.review.keeper.SPOOL_SECONDS", 10.0)  # these tests are not about a busy machine
    (tmp_path / "state").mkdir()
    yield make
    for deployment in started:
        deployment.stop()
