"""Databases for the tests: SQLite, and a real PostgreSQL started and stopped here."""

import os
import time

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import text

from evaluation.cluster import PROGRAMS, Cluster
from serving.review.clock import Clock
from serving.review.database import sqlite_url
from serving.review.store import Store
from serving.review.vault import Vault
from serving.verdict import Action


class Notes:
    """What a fault did to the answers, for the table in docs/reliability.md."""

    def __init__(self):
        self.answers = {}
        self.laxer = 0
        self.recovery_seconds = None

    def compare(self, action, least):
        """Note an answer; it is at least as strict as the one without the fault."""
        self.answers[str(action)] = self.answers.get(str(action), 0) + 1
        is_laxer = Action(action).rank < Action(least).rank
        self.laxer += is_laxer
        assert not is_laxer, f"{action} instead of {least}"

    def refuse(self, what="503"):
        """Note that no verdict was given: the caller holds."""
        self.answers[what] = self.answers.get(what, 0) + 1

    def recover(self, seconds):
        """Note how long it took until all was as before, once the fault was healed."""
        self.recovery_seconds = max(seconds, self.recovery_seconds or 0)


@pytest.fixture
def noted(request):
    """What a test of a fault notes; `make test-faults` reads it from the test's properties."""
    notes = Notes()
    yield notes
    request.node.user_properties.append(("fault", vars(notes)))


@pytest.fixture(scope="session")
def postgres():
    """A running cluster; without PostgreSQL on the machine the tests are left out, unless CI demands them."""
    if not PROGRAMS:
        if os.environ.get("SENDSAFE_TEST_POSTGRES") == "required":
            pytest.fail("PostgreSQL is missing: apt-get install postgresql")
        pytest.skip("PostgreSQL is not installed")
    cluster = Cluster()
    yield cluster
    cluster.remove()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request, tmp_path):
    """A new, empty database of each kind."""
    if request.param == "sqlite":
        return sqlite_url(tmp_path / "sendsafe.sqlite")
    return request.getfixturevalue("postgres").make_database()


class SetClock:
    """A time of day and a steady clock that tests move."""

    def __init__(self, now=None):
        self.wall = time.time() if now is None else now
        self.steady = 1000.0

    def clock(self):
        return Clock(lambda: self.wall, lambda: self.steady)

    def pass_days(self, days):
        self.wall += days * 86400
        self.steady += days * 86400


@pytest.fixture
def time_of_day():
    return SetClock()


@pytest.fixture
def vault():
    return Vault("s" * 43, [Fernet.generate_key().decode()])


@pytest.fixture
def store(database_url, vault, time_of_day, tmp_path):
    """A store that is ready, on SQLite and on PostgreSQL."""
    opened = Store(database_url, vault, time_of_day.clock(), tmp_path)
    opened.prepare()
    yield opened
    opened.engine.dispose()


@pytest.fixture
def a_hundred_thousand_more():
    """Make of the one message that waits a hundred thousand more, of many weights and ages."""

    def made(store):
        reviews = store.raw_tables.reviews
        digits = f"(SELECT 0 n {' '.join(f'UNION SELECT {digit}' for digit in range(1, 10))})"
        number = "a.n + 10 * b.n + 100 * c.n + 1000 * d.n + 10000 * e.n"
        given = {"id": f"'x' || ({number})", "weight": "1 + a.n", "held_at_ms": f"held_at_ms - 1000 * ({number})"}
        names = [column.name for column in reviews.columns]
        values = ", ".join(given.get(name, f"reviews.{name}") for name in names)
        tables = ", ".join(f"{digits} {name}" for name in "abcde")
        with store.engine.begin() as connection:
            if store.engine.dialect.name == "postgresql":
                connection.execute(text("SET LOCAL statement_timeout = 0"))
            connection.execute(text(f"INSERT INTO reviews ({', '.join(names)}) SELECT {values} FROM reviews, {tables}"))  # noqa: S608
            connection.execute(text("ANALYZE"))

    return made
