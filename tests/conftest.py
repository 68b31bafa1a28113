"""A real PostgreSQL for the tests: an own cluster in a temporary folder, started and stopped here, never as root."""

import os
import pwd
import secrets
import shutil
import subprocess
import time
from pathlib import Path

import psycopg
import pytest
from cryptography.fernet import Fernet

from serving.review.clock import Clock
from serving.review.database import sqlite_url
from serving.review.store import Store
from serving.review.vault import Vault

PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"))


class Postgres:
    """One cluster that listens on a socket in its own folder alone."""

    def __init__(self, folder):
        self.folder = folder
        self.user = "postgres" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name
        if os.getuid() == 0:
            shutil.chown(folder, self.user)
        self._run("initdb", "-D", str(folder / "data"), "-U", "sendsafe", "--auth=trust", "-E", "UTF8", "--no-sync")
        self.start()

    def start(self):
        options = f"-c listen_addresses='' -c unix_socket_directories={self.folder} -c fsync=off"
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-w", "-l", str(self.folder / "log"), "-o", options, "start")

    def stop(self, mode="immediate"):
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-w", "-m", mode, "stop")

    @property
    def is_running(self):
        return (self.folder / "data" / "postmaster.pid").exists()

    def make_database(self):
        name = f"t{secrets.token_hex(6)}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return self.url(name)

    def url(self, database):
        return f"postgresql://sendsafe@/{database}?host={self.folder}"

    def _run(self, program, *arguments):
        subprocess.run(  # noqa: S603
            [PROGRAMS[-1] / program, *arguments],
            user=self.user if os.getuid() == 0 else None,
            cwd=self.folder,
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
        )


def _folder_for_anybody():
    """Return a short folder that another user may enter: a socket's path has 107 characters at most."""
    folder = Path("/tmp") / f"pg{secrets.token_hex(4)}"  # noqa: S108
    folder.mkdir(mode=0o755)
    return folder


@pytest.fixture(scope="session")
def postgres():
    """A running cluster; without PostgreSQL on the machine the tests are left out, unless CI demands them."""
    if not PROGRAMS:
        if os.environ.get("SENDSAFE_TEST_POSTGRES") == "required":
            pytest.fail("PostgreSQL is missing: apt-get install postgresql")
        pytest.skip("PostgreSQL is not installed")
    folder = _folder_for_anybody()
    server = Postgres(folder)
    yield server
    if server.is_running:
        server.stop()
    shutil.rmtree(folder, ignore_errors=True)


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
