"""Where verdicts are kept while the database is away: a SQLite file of this machine, emptied into the database afterwards.

All workers of a machine share it. A marker file stands while there is anything in it; as long as it stands, every verdict goes
here, so that one reference cannot be judged twice. Rows are moved as they are, sealed, and each arrives once: an insert is
left out where the id is there already, and a row is deleted here only after the commit there.
"""

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select

from serving.review.clock import Clock
from serving.review.database import insert_new, reading, sqlite_url, wipe_deleted
from serving.review.records import Record, Row
from serving.review.store import Store
from serving.review.tables import Tables
from serving.review.vault import Vault

AT_ONCE = 200


class Spool:
    """The spool of one machine."""

    def __init__(self, folder: Path, vault: Vault, clock: Clock) -> None:
        self.store = Store(sqlite_url(folder / "spool.sqlite"), vault, clock)
        self._marker = folder / "spool.waiting"
        self._lock = folder / "spool.lock"
        self._draining = folder / "spool.draining"
        self._raw = self.store.raw_tables

    def prepare(self) -> None:
        """Make the file and its tables.

        Raises:
            StoreError: the keys are not those it was written with.
            SQLAlchemyError: it cannot be written.
            OSError: likewise.
        """
        self._marker.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.store.prepare()
        with reading(self.store.engine) as connection:
            has_rows = self._count(connection) > 0
        if has_rows:
            self._marker.touch()

    @property
    def is_waiting(self) -> bool:
        """Tell whether anything is in the spool."""
        return self._marker.exists()

    def count(self) -> int:
        """Return how many verdicts wait here."""
        if not self.is_waiting:
            return 0
        with reading(self.store.engine) as connection:
            return self._count(connection)

    def write(self, records: Sequence[Record]) -> list[Row | None]:
        """Keep verdicts here, as `Store.write` does."""
        with self._locked(self._lock, fcntl.LOCK_SH):
            self._mark()
            return self.store.write(records)

    def drain(self, target: Store) -> int:
        """Move everything into the database; return how many verdicts went.

        Raises:
            SQLAlchemyError: the database is still away; nothing is lost.
        """
        moved = 0
        with self._locked(self._draining, fcntl.LOCK_EX):
            while True:
                if batch := self._move(target):
                    moved += batch
                    continue
                with self._locked(self._lock, fcntl.LOCK_EX):  # nobody writes here meanwhile: look, and do not wait for the database
                    if not self._count_now():
                        self._marker.unlink(missing_ok=True)
                        break
        if moved:
            wipe_deleted(self.store.engine)
        return moved

    def _move(self, target: Store) -> int:
        with reading(self.store.engine) as here:
            rows = [dict(row) for row in here.execute(select(self._raw.decisions).limit(AT_ONCE)).mappings()]
            ids = [row["id"] for row in rows]
            reviews = _rows_of(here, self._raw.reviews, self._raw.reviews.c.decision_id, ids)
            incidents = _rows_of(here, self._raw.incidents, self._raw.incidents.c.decision_id, ids)
        if not rows:
            return 0
        with target.engine.begin() as there:
            _insert_each_once(there, self._raw, rows)
            for table, content in ((self._raw.reviews, reviews), (self._raw.incidents, incidents)):
                if content:
                    there.execute(insert_new(there, table), content)
        with self.store.engine.begin() as here:
            here.execute(delete(self._raw.incidents).where(self._raw.incidents.c.decision_id.in_(ids)))
            here.execute(delete(self._raw.decisions).where(self._raw.decisions.c.id.in_(ids)))
        return len(rows)

    def _count_now(self) -> int:
        with reading(self.store.engine) as connection:
            return self._count(connection)

    def _count(self, connection: Connection) -> int:
        return connection.scalar(select(func.count()).select_from(self._raw.decisions)) or 0

    def _mark(self) -> None:
        if not self._marker.exists():
            os.close(os.open(self._marker, os.O_WRONLY | os.O_CREAT, 0o600))
            folder = os.open(self._marker.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)

    @staticmethod
    @contextmanager
    def _locked(path: Path, how: int) -> Iterator[None]:
        with path.open("w") as lock:
            fcntl.flock(lock, how)
            yield


def _rows_of(connection: Connection, table: Any, column: Any, ids: list[str]) -> list[dict[str, Any]]:
    return [dict(row) for row in connection.execute(select(table).where(column.in_(ids))).mappings()]


def _insert_each_once(there: Connection, tables: Tables, rows: list[dict[str, Any]]) -> None:
    """Insert verdicts that are not there; one whose reference is taken is kept as a duplicate of the verdict that has it."""
    decisions = tables.decisions
    written = set(there.scalars(insert_new(there, decisions).returning(decisions.c.id), rows))
    for row in rows:
        if row["id"] in written or there.scalar(select(decisions.c.id).where(decisions.c.id == row["id"])):
            continue
        first = there.scalar(select(decisions.c.id).where(decisions.c.client == row["client"], decisions.c.reference == row["reference"]))
        there.execute(insert(decisions), {**row, "reference": None, "duplicate_of": first})
