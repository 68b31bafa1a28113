"""The store: verdicts are written together, each once, and given back by their reference."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, insert, select, update

from serving.errors import StoreError
from serving.review.audit import Audit
from serving.review.clock import Clock
from serving.review.database import insert_new, migrate, newest_schema, open_engine, reading
from serving.review.records import Record, Row
from serving.review.tables import make_tables
from serving.review.vault import Vault

KNOWN, CLOCK = "known", "clock"
_KNOWN_TEXT = b"sendsafe"
_SYSTEM = "sendsafe"


class Store:
    """One database with the vault that opens it."""

    def __init__(self, url: URL | str, vault: Vault, clock: Clock, folder: Path | None = None) -> None:
        """Open a store; `prepare` connects.

        Raises:
            StoreError: the URL cannot be used.
        """
        self.engine = open_engine(url)
        self.tables = make_tables(vault)
        self.raw_tables = make_tables(None)
        self.vault = vault
        self.clock = clock
        self.audit = Audit(self.tables, vault, clock, folder / "audit.head" if folder else None)
        self._folder = folder

    def prepare(self) -> None:
        """Bring the schema up to date, check the key and take the time that was seen last.

        Raises:
            StoreError: the schema is newer than this release, or the keys are not this store's.
            SQLAlchemyError: the database cannot be reached.
        """
        before = migrate(self.engine, self._folder)
        with self.engine.begin() as connection:
            known = self.fact(connection, KNOWN)
            if known is None:
                self.set_fact(connection, KNOWN, self.vault.seal(_KNOWN_TEXT).decode())
                self.audit.append(connection, _SYSTEM, "store.made")
            elif self.vault.open(known.encode()) != _KNOWN_TEXT:
                raise StoreError("the encryption keys are not those of this store")
            secret = self.vault.digest("known", _KNOWN_TEXT)
            if (known_secret := self.fact(connection, "secret")) is None:
                self.set_fact(connection, "secret", secret)
            elif known_secret != secret:
                raise StoreError("SENDSAFE_SECRET is not the secret that this store was made with")
            if before not in (None, newest_schema()):
                self.audit.append(connection, _SYSTEM, "store.migrated")
            seen = self.fact(connection, CLOCK)
        if seen is not None:
            self.clock.see(int(seen))
        self.note_head()

    def note_head(self) -> None:
        """Note the end of the audit chain outside the database."""
        with reading(self.engine) as connection:
            self.audit.anchor(connection)

    def fact(self, connection: Connection, name: str) -> str | None:
        """Return what the store knows of itself under a name."""
        facts = self.tables.facts
        return connection.scalar(select(facts.c.value).where(facts.c.name == name))

    def set_fact(self, connection: Connection, name: str, value: str) -> None:
        """Note something under a name; where two note it for the first time at once, one of them does."""
        facts = self.tables.facts
        if not connection.execute(update(facts).where(facts.c.name == name).values(value=value)).rowcount:
            connection.execute(insert_new(connection, facts), {"name": name, "value": value})

    def reseal_known(self, connection: Connection) -> None:
        """Encrypt the text that the keys are checked with by the newest of them."""
        self.set_fact(connection, KNOWN, self.vault.seal(_KNOWN_TEXT).decode())

    def write(self, records: Sequence[Record]) -> list[Row | None]:
        """Write verdicts in one transaction; return for each `None`, or the row that its reference already has.

        A verdict that is there already (an earlier commit whose answer was lost) is left as it is.

        Raises:
            SQLAlchemyError: nothing was written, or nobody knows whether it was.
        """
        decisions = self.tables.decisions
        ordered = sorted(records, key=lambda each: (each.decision["client"], each.decision["reference"] or "", each.decision["id"]))
        with self.engine.begin() as connection:
            new = insert_new(connection, decisions).returning(decisions.c.id)
            written = set(connection.scalars(new, [each.decision for each in ordered]))
            reviews = [each.review for each in ordered if each.review and each.decision["id"] in written]
            incidents = [each.incident for each in ordered if each.incident and each.decision["id"] in written]
            if reviews:
                connection.execute(insert(self.tables.reviews), reviews)
            if incidents:
                connection.execute(insert(self.tables.incidents), incidents)
            return [None if each.decision["id"] in written else self._standing(connection, each) for each in records]

    def find(self, connection: Connection, client: str, *, decision_id: str | None = None, reference: str | None = None) -> Row | None:
        """Return a client's verdict by its id or reference."""
        decisions = self.tables.decisions
        is_it = decisions.c.id == decision_id if decision_id is not None else decisions.c.reference == reference
        return connection.execute(select(decisions).where(decisions.c.client == client, is_it)).mappings().first()

    def _standing(self, connection: Connection, record: Record) -> Row | None:
        decision: dict[str, Any] = record.decision
        is_there = self.find(connection, decision["client"], decision_id=decision["id"]) is not None
        if is_there or decision["reference"] is None:
            return None
        return self.find(connection, decision["client"], reference=decision["reference"])
