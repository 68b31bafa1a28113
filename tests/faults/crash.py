"""Kill the service again and again under load: is every acknowledged verdict there afterwards, once?

Usage: python tests/faults/crash.py [--rounds 200] [--acknowledgements 500] [--database sqlite|postgresql] [--out FILE]

Each round starts two workers on one database, sends messages of new references from several threads, notes every answer in a
file that is synced before the next request of that thread, and after enough of them kills both workers (in every fourth round
only one, in every tenth of PostgreSQL's also its server) at a moment by chance. Then every note is compared with the database
and the spool. Messages that were under way are sent again after the restart: they too must be there once.
"""

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import zlib
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import psutil
from sqlalchemy import func, select

sys.path.insert(0, str(Path(__file__).parents[2]))

from evaluation.cluster import Cluster
from evaluation.latency import free_port
from serving.review.clock import Clock
from serving.review.database import reading
from serving.review.spool import Spool
from serving.review.store import Store
from serving.review.vault import Vault
from tests.faults.reporting import as_table, until_stopped, write
from tests.faults.sending import ask

SECRET, KEY = "s" * 43, "M" * 43 + "="
THREADS = 8
START_SECONDS = 300
"""How long a worker may take to start: this is not about a busy machine."""
TEXTS = ("Bins tomorrow", "Your payment of £368.74 is late, QQ123456C", "Please ring us")


class Worker:
    """One process on a port of its own."""

    def __init__(self, nursery):
        self.port = free_port()
        nursery.stdin.write(f"{self.port}\n")
        nursery.stdin.flush()
        self.process = int(nursery.stdout.readline())

    def wait(self):
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            try:
                if self.ask("GET", "/readyz")[0] == 200:
                    return
            except (OSError, HTTPException):
                time.sleep(0.02)
        raise SystemExit("a worker does not start")

    def ask(self, method, path, body=None):
        return ask(self.port, method, path, body, timeout=10)

    def kill(self):
        os.kill(self.process, signal.SIGKILL)
        while psutil.pid_exists(self.process):
            time.sleep(0.005)


class Client(threading.Thread):
    """Sends messages and notes, synced to the disk, what was answered."""

    def __init__(self, name, ports, notes, stopping):
        super().__init__(daemon=True)
        self.prefix, self.ports, self.stopping = name, ports, stopping
        self.notes = notes.open("a")
        self.under_way = None
        self.count = self.refused = 0

    def run(self):
        connections = {}
        number = 0
        while not self.stopping.is_set():
            number += 1
            port = self.ports[number % len(self.ports)]
            reference = f"{self.prefix}/{number}"
            self.under_way = reference
            try:
                connection = connections.get(port) or connections.setdefault(port, HTTPConnection("127.0.0.1", port, timeout=10))
                connection.request("POST", "/v1/score", body_of(reference), {"content-type": "application/json"})
                answer = connection.getresponse()
                content = answer.read()
            except (OSError, HTTPException):
                connections.pop(port, None)
                if len(self.ports) == 1 or self.stopping.wait(0.01):
                    continue
                self.ports = [each for each in self.ports if each != port]
                continue
            if answer.status != 200:
                self.refused += 1
                continue
            self.notes.write(f"{reference} {json.loads(content)['id']}\n")
            self.notes.flush()
            os.fsync(self.notes.fileno())
            self.count += 1
        self.notes.close()


def body_of(reference):
    return json.dumps({"text": TEXTS[zlib.crc32(reference.encode()) % len(TEXTS)], "reference": reference})


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--rounds", type=int, default=200)
    options.add_argument("--acknowledgements", type=int, default=500)
    options.add_argument("--database", choices=["sqlite", "postgresql"], action="append", help="one or several; both where left out")
    options.add_argument("--seed", type=int, default=7)
    options.add_argument("--minutes", type=float, default=0, help="for each database: stop after so long and report the number reached")
    options.add_argument("--out", type=Path)
    given = options.parse_args()
    results = []
    for database in given.database or ["sqlite", "postgresql"]:
        results.append(run(given.rounds, given.acknowledgements, database, given.seed, until_stopped(given.minutes)))
        text = write(given.out, "kill -9 under load", "make test-crash", {"databases": results}, markdown(results))
    print(text if given.out else json.dumps(results))  # noqa: T201
    sys.exit(0 if all(each["lost"] == each["doubled"] == each["other"] == 0 for each in results) else 1)


def markdown(results):
    rows = [
        [
            "database",
            "rounds",
            "server killed too",
            "acknowledged",
            "sent again",
            "compared",
            "lost",
            "doubled",
            "other",
            "from the spool",
            "refused",
        ]
    ]
    keys = ("rounds", "server_kills", "acknowledged", "sent_again", "compared", "lost", "doubled", "other", "from_the_spool", "refused")
    rows += [[each["database"], *(f"{each[key]:,}" for key in keys)] for each in results]
    return [
        "Two workers on one database are killed with `kill -9` under load, round after round; every acknowledgement that a client had synced to its own disk is "
        "looked for afterwards. `doubled` counts references with two verdicts, `other` those with another verdict than was acknowledged.",
        "",
        *as_table(rows),
    ]


class Crash:
    """The deployment that is killed, and what came of it."""

    def __init__(self, database, seed):
        self.chance = random.Random(seed)
        self.folder = Path(tempfile.mkdtemp(prefix="crash"))
        self.cluster = Cluster(is_durable=True) if database == "postgresql" else None
        self.url = self.cluster.make_database() if self.cluster else f"sqlite:///{self.folder}/sendsafe.sqlite"
        self.notes = self.folder / "notes"
        self.notes.touch()
        program = [sys.executable, Path(__file__).with_name("worker.py"), "nursery"]
        self.nursery = subprocess.Popen(program, env=self.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # noqa: S603
        self.under_way = []
        self.total = {"rounds": 0, "acknowledged": 0, "sent_again": 0, "refused": 0, "server_kills": 0}

    @property
    def environment(self):
        return {
            **os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "SENDSAFE_STATE_FOLDER": str(self.folder),
            "SENDSAFE_USE_MODEL": "false", "SENDSAFE_SECRET": SECRET, "SENDSAFE_ENCRYPTION_KEYS": KEY,
            "SENDSAFE_DATABASE_URL": self.url, "SENDSAFE_KEEP_SECONDS": "2",
        }  # fmt: skip

    def round(self, number, acknowledgements):
        """Start, load, kill."""
        workers = [Worker(self.nursery) for _ in range(2)]
        for worker in workers:
            worker.wait()
        self.send_again(workers[0])
        stopping = threading.Event()
        clients = [Client(f"r{number}/{place}", [each.port for each in workers], self.notes, stopping) for place in range(THREADS)]
        for client in clients:
            client.start()
        deadline = time.monotonic() + START_SECONDS
        while sum(client.count for client in clients) < acknowledgements and time.monotonic() < deadline:
            time.sleep(0.01)
        self.kill(workers, number)
        stopping.set()
        for client in clients:
            client.join()
        if self.cluster and number % 10 == 9:
            self.cluster.start()
        self.under_way = [client.under_way for client in clients]
        self.total["rounds"] += 1
        self.total["acknowledged"] += sum(client.count for client in clients)
        self.total["refused"] += sum(client.refused for client in clients)

    def send_again(self, worker):
        for reference in self.under_way:
            status, content = worker.ask("POST", "/v1/score", body_of(reference))
            if status == 200:
                with self.notes.open("a") as file:
                    file.write(f"{reference} {json.loads(content)['id']}\n")
                self.total["sent_again"] += 1

    def kill(self, workers, number):
        time.sleep(self.chance.random() * 0.05)
        if self.cluster and number % 10 == 9:
            self.cluster.kill()
            self.total["server_kills"] += 1
            time.sleep(0.3)
        workers[0].kill()
        if number % 4 == 3:
            time.sleep(0.3)
        workers[1].kill()

    def remove(self):
        self.nursery.kill()
        self.nursery.wait()
        if self.cluster:
            self.cluster.remove()
        shutil.rmtree(self.folder, ignore_errors=True)


def run(rounds, acknowledgements, database, seed, is_over=lambda: False):
    crash = Crash(database, seed)
    started = time.monotonic()
    try:
        for number in range(rounds):
            if is_over():
                break
            crash.round(number, acknowledgements)
        compared = compare(crash.notes, crash.url, crash.folder, Vault(SECRET, [KEY]))
    finally:
        crash.remove()
    return {"database": database, **crash.total, **compared, "seconds": round(time.monotonic() - started)}


def compare(notes, url, folder, vault):
    """Say how many noted verdicts are missing, and how many references have two or another."""
    store = Store(url, vault, Clock(), folder)
    store.prepare()
    spool = Spool(folder, vault, Clock())
    spool.prepare()
    drained = spool.drain(store) if spool.is_waiting else 0
    decisions = store.tables.decisions
    with reading(store.engine) as connection:
        kept = dict(connection.execute(select(decisions.c.reference, decisions.c.id)).all())
        duplicates = connection.scalar(select(func.count()).where(decisions.c.duplicate_of.is_not(None)))
    noted = [line.split() for line in notes.read_text().splitlines()]
    lost = sum(reference not in kept for reference, _ in noted)
    other = sum(reference in kept and kept[reference] != verdict for reference, verdict in noted)
    return {"compared": len(noted), "lost": lost, "doubled": duplicates, "other": other, "from_the_spool": drained}


if __name__ == "__main__":
    main()
