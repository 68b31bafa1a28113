"""A PostgreSQL of one's own for tests and measurements: a cluster in a temporary folder, never run as root."""

import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import psutil
import psycopg

PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
"""Where Debian puts them, the newest last; empty where PostgreSQL is not installed."""


class Cluster:
    """One cluster that listens on a socket in its own folder alone.

    `is_durable` is PostgreSQL as it should be; without it a test runs faster, and only a crash of the machine would show.
    """

    def __init__(self, *, is_durable: bool = False) -> None:
        """Make the cluster and start it."""
        self.folder = Path(tempfile.mkdtemp(prefix="pg"))  # short: a socket's path has 107 characters at most
        self.folder.chmod(0o755)
        self._is_durable = is_durable
        self._user = "postgres" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name
        if os.getuid() == 0:
            shutil.chown(self.folder, self._user)
        self._run("initdb", "-D", str(self.folder / "data"), "-U", "sendsafe", "--auth=trust", "-E", "UTF8", "--no-sync")
        self.start()

    def start(self) -> None:
        """Start it, also after it was killed."""
        options = f"-c listen_addresses='' -c unix_socket_directories={self.folder}" + ("" if self._is_durable else " -c fsync=off")
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-w", "-l", str(self.folder / "log"), "-o", options, "start")

    def stop(self) -> None:
        """Stop it at once, as a crash would; the next start recovers."""
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-w", "-m", "immediate", "stop")

    def kill(self) -> None:
        """Kill the server and all its processes."""
        lock = self.folder / "data" / "postmaster.pid"
        server = psutil.Process(int(lock.read_text().split()[0]))
        for process in (server, *server.children(recursive=True)):
            process.kill()
        for left in (lock, *self.folder.glob(".s.PGSQL.*")):
            left.unlink()  # where nobody collects the dead, it would still seem to run

    def remove(self) -> None:
        """Stop it and delete its folder."""
        if (self.folder / "data" / "postmaster.pid").exists():
            subprocess.run(  # noqa: S603
                [PROGRAMS[-1] / "pg_ctl", "-D", self.folder / "data", "-m", "immediate", "stop"], check=False, **self._quiet()
            )
        shutil.rmtree(self.folder, ignore_errors=True)

    def make_database(self) -> str:
        """Make an empty database and return its URL."""
        name = f"t{secrets.token_hex(6)}"
        with psycopg.connect(self._url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return self._url(name)

    def _url(self, database: str) -> str:
        return f"postgresql://sendsafe@/{database}?host={self.folder}"

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run([PROGRAMS[-1] / program, *arguments], check=True, **self._quiet())  # noqa: S603

    def _quiet(self) -> dict[str, Any]:
        return {
            "user": self._user if os.getuid() == 0 else None,
            "cwd": self.folder,
            "stdout": subprocess.DEVNULL,
            "stderr": subprocess.DEVNULL,
            "env": {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
        }
