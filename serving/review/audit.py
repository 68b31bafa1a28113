"""What was done to the store, in a chain: each entry's digest covers the one before it."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from threading import get_ident

from sqlalchemy import Connection, RowMapping, delete, insert, select

from serving.review.clock import Clock
from serving.review.database import lock_for_transaction
from serving.review.tables import Tables
from serving.review.vault import Vault

_LOCK = 7_352_002
HEAD = "audit_head"
START = "0" * 64


class Audit:
    """The chain of one store.

    Its head stands in the database, and outside it in `anchor`: an end that was cut off is noticed also where the head was
    put back.
    """

    def __init__(self, tables: Tables, vault: Vault, clock: Clock, anchor: Path | None = None) -> None:
        self._audit, self._facts = tables.audit, tables.facts
        self._vault = vault
        self._clock = clock
        self._anchor = anchor

    def append(self, connection: Connection, actor: str, event: str, **details: object) -> None:
        """Add an entry, in the transaction of what it tells of. `details` hold no message text and no reference."""
        lock_for_transaction(connection, _LOCK)
        last = connection.execute(
            select(self._audit.c.sequence, self._audit.c.digest).order_by(self._audit.c.sequence.desc()).limit(1)
        ).first()
        entry = {
            "sequence": last.sequence + 1 if last else 1,
            "at_ms": self._clock.now_ms(),
            "actor": actor,
            "event": event,
            "details": json.dumps(details, sort_keys=True),
            "previous": last.digest if last else START,
        }
        entry["digest"] = self._digest(entry)
        connection.execute(insert(self._audit), entry)
        connection.execute(delete(self._facts).where(self._facts.c.name == HEAD))
        connection.execute(insert(self._facts), {"name": HEAD, "value": f"{entry['sequence']} {entry['digest']}"})

    def anchor(self, connection: Connection) -> None:
        """Note the head outside the database; called after the commit."""
        head = connection.scalar(select(self._facts.c.value).where(self._facts.c.name == HEAD))
        if self._anchor is None or head is None:
            return
        written = self._anchor.with_name(f".{self._anchor.name}.{os.getpid()}.{get_ident()}")
        written.write_text(head, encoding="ascii")
        written.replace(self._anchor)

    def verify(self, connection: Connection) -> tuple[int, list[str]]:
        """Return the number of entries and what is wrong with them."""
        faults: list[str] = []
        heads: set[str] = set()
        count, previous = 0, START
        for row in connection.execute(select(self._audit).order_by(self._audit.c.sequence)).mappings():
            count += 1
            if row["sequence"] != count:
                faults.append(f"entry {count} is missing")
                count = row["sequence"]
            if row["previous"] != previous:
                faults.append(f"entry {row['sequence']} does not follow the one before it")
            if row["digest"] != self._digest(row):
                faults.append(f"entry {row['sequence']} was changed")
            previous = row["digest"]
            heads.add(f"{row['sequence']} {previous}")
        if count == 0:
            faults.append("there is no entry; making the store wrote one")
        head = connection.scalar(select(self._facts.c.value).where(self._facts.c.name == HEAD))
        if head != f"{count} {previous}":
            faults.append("the end is not where it was noted in the database")
        if self._anchor is not None and self._anchor.exists() and self._anchor.read_text(encoding="ascii") not in heads:
            faults.append("the end that was noted outside the database is not in the chain")
        return count, faults

    def _digest(self, entry: Mapping[str, object] | RowMapping) -> str:
        content = [entry[name] for name in ("sequence", "at_ms", "actor", "event", "details", "previous")]
        return self._vault.digest("audit", json.dumps(content).encode())
