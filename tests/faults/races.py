"""Let two reviewers reach for the same message at the same moment, again and again: does it ever go to both, or to none?

Usage: python tests/faults/races.py [--races 1000] [--minutes 0] [--database sqlite|postgresql] [--out FILE]

Each reviewer has an engine and a thread of their own, as two processes have. In turn both take the next one while one message waits,
both take the same one by its id, and both take the next one while two wait.
"""

import argparse
import sys
import tempfile
import threading
import time
import uuid
from collections import Counter
from dataclasses import replace
from pathlib import Path

from sqlalchemy import select, update

sys.path.insert(0, str(Path(__file__).parents[2]))

from evaluation.cluster import Cluster
from serving.classifier import Classifier
from serving.policy import Keep
from serving.review.clock import Clock
from serving.review.database import reading, sqlite_url
from serving.review.people import Reviewer, Role
from serving.review.queue import Filters, take, take_next
from serving.review.records import Caller, make_record
from serving.review.store import Store
from serving.review.vault import Vault, new_encryption_key, new_secret
from serving.settings import Settings
from serving.verdict import Message
from tests.faults.reporting import as_table, until_stopped, write

KINDS = ("the next of one", "the same by its id", "the next of two")
HELD = Message("Ring Sam on 07700 900123")
PATIENCE_SECONDS = 120


class Races:
    """Two stores over one database, and what came of each race."""

    def __init__(self, stores):
        self._stores = stores
        self._verdict = Classifier.load(Settings(use_model=False)).classify(HELD)
        self._start, self._end = threading.Barrier(3), threading.Barrier(3)
        self._reach, self._got = None, [None, None]
        for number in (0, 1):
            threading.Thread(target=self._work, args=(number,), daemon=True).start()

    def run(self, count, is_over=lambda: False):
        """Race so many times or until it is over; return how often each kind was run, and how often it went to both, to none, or failed."""
        told = {kind: Counter(races=0, both=0, none=0, failed=0, first=0) for kind in KINDS}
        for number in range(count):
            if is_over():
                break
            kind = KINDS[number % len(KINDS)]
            told[kind].update(self._race(kind, number))
        return told

    def _race(self, kind, number):
        store = self._stores[0]
        held = [self._hold() for _ in range(2 if kind == "the next of two" else 1)]
        reviewers = [Reviewer(f"{who}-{number}", "Sam", frozenset({Role.REVIEWER})) for who in ("one", "other")]
        if kind == "the same by its id":
            self._reach = lambda at, who: held[0] if take(at, reviewers[who], held[0]) else None
        else:
            self._reach = lambda at, who: take_next(at, reviewers[who], Filters())
        self._start.wait(PATIENCE_SECONDS)
        self._end.wait(PATIENCE_SECONDS)
        reviews = store.tables.reviews
        with store.engine.begin() as connection:
            holders = set(connection.scalars(select(reviews.c.holder).where(reviews.c.id.in_(held))))
            connection.execute(update(reviews).where(reviews.c.id.in_(held)).values(state="decided"))
        got = [each for each in self._got if isinstance(each, str)]
        return {
            "races": 1,
            "both": len(got) != len(set(got)),
            "none": sorted(got) != sorted(held) or len(holders - {None}) != len(held),
            "failed": sum(isinstance(each, Exception) for each in self._got),
            "first": self._got[0] == held[0],
        }

    def _hold(self):
        store = self._stores[0]
        verdict = replace(self._verdict, id=uuid.uuid4().hex)
        record = make_record(store.vault, Caller(), HELD, verdict, Keep.TEXT, store.clock.now_ms())
        store.write([record])
        return record.answer["review"]["id"]

    def _work(self, who):
        store = self._stores[who]
        with reading(store.engine):
            pass  # connected before the first race
        while True:
            self._start.wait()
            try:
                self._got[who] = self._reach(store, who)
            except Exception as error:  # noqa: BLE001 (it is counted)
                self._got[who] = error
            self._end.wait()


def open_stores(url, folder):
    """Return two stores over one database."""
    vault = Vault(new_secret(), [new_encryption_key()])
    stores = [Store(url, vault, Clock(), folder) for _ in range(2)]
    for each in stores:
        each.prepare()
    return stores


def main():
    """Race on each database, and tell."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--races", type=int, default=1000)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], action="append")
    parser.add_argument("--minutes", type=float, default=0, help="stop after so long on each database (0: never)")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    result, rows = {}, []
    for database in options.database or ["sqlite", "postgresql"]:
        cluster = Cluster() if database == "postgresql" else None
        started = time.monotonic()
        try:
            with tempfile.TemporaryDirectory() as folder:
                url = cluster.make_database() if cluster else sqlite_url(Path(folder) / "sendsafe.sqlite")
                told = Races(open_stores(url, Path(folder))).run(options.races, until_stopped(options.minutes))
        finally:
            if cluster:
                cluster.remove()
        result[database] = {"seconds": round(time.monotonic() - started, 1), "kinds": {kind: dict(each) for kind, each in told.items()}}
        rows += [[database, kind, *(f"{told[kind][each]:,}" for each in ("races", "both", "none", "failed", "first"))] for kind in KINDS]
    columns = ["database", "both take", "races", "to both", "to none", "failed", "the first thread had the first"]
    said = "Two reviewers, each with an engine and a thread of their own, reach for a message at the same moment."
    text = write(options.out, "Races for a lease", "make test-races", {"databases": result}, [said, "", *as_table([columns, *rows])])
    sys.stdout.write(text)
    is_good = all(told["both"] == told["none"] == told["failed"] == 0 for each in result.values() for told in each["kinds"].values())
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
