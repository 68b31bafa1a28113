"""Keep each verdict before it is given: in the database, or in the spool while that is away, or not give it."""

import asyncio
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Self

import structlog
from sqlalchemy.exc import SQLAlchemyError

from serving import metrics
from serving.errors import NotKeptError, ReferenceConflictError, StoreError
from serving.facts import Grounds
from serving.policy import Keep, read_packs
from serving.review.clock import Clock
from serving.review.database import reading, sqlite_url
from serving.review.judgements import settle_due
from serving.review.records import Caller, Record, Row, first_answer, make_record
from serving.review.retention import purge
from serving.review.reviews import Feedback, expire_reviews, find_review, give_feedback
from serving.review.spool import Spool
from serving.review.store import CLOCK, Store
from serving.review.vault import Vault
from serving.review.writer import Writer
from serving.schema import verdict_json
from serving.settings import Settings
from serving.verdict import Message, Verdict

LOOK_SECONDS = 0.5
SETTLE_SECONDS = 2.0
EXPIRE_SECONDS = 30.0
SPOOL_SECONDS = 1.0
"""How long a verdict may take into the spool: rather late than not kept."""
_AWAY = "The database is away at the moment; try again."


def database_of(settings: Settings) -> Any:
    """Return the URL of the deployment's database."""
    return settings.database_url.get_secret_value() if settings.database_url else sqlite_url(settings.state_folder / "sendsafe.sqlite")


def open_store(settings: Settings) -> Store:
    """Return the deployment's store, not yet connected.

    Raises:
        StoreError: a secret is missing or no secret, or the URL is none.
        OSError: the state folder cannot be written.
    """
    return Store(database_of(settings), Vault.of(settings), Clock(), settings.state_folder)


def levels(settings: Settings) -> Mapping[str, Keep]:
    """Return what is kept under each policy pack."""
    return {pack.id: pack.keep or settings.keep for pack in read_packs(settings.policy_folder).values()}


class Keeper:
    """Stands between the verdict and the answer."""

    def __init__(self, settings: Settings, store: Store, spool: Spool | None = None) -> None:
        self.store = store
        self.spool = spool or Spool(settings.state_folder, store.vault, store.clock)
        self._settings = settings
        self._is_ready = False
        self._is_away = False
        self._stopping = threading.Event()
        self._writer: Writer | None = None
        self._spooler: Writer | None = None

    @classmethod
    def of(cls, settings: Settings) -> Self | None:
        """Return the keeper of a deployment, `None` where nothing is kept.

        Raises:
            StoreError: a secret is missing or no secret, or the URL is none.
        """
        if all(level is Keep.NOTHING for level in levels(settings).values()):
            return None
        return cls(settings, open_store(settings))

    def prepare(self) -> None:
        """Make ready what can be; a database that is away is tried again later.

        Raises:
            StoreError: the schema is newer than this release, or the keys are not this store's.
        """
        for target in (self.spool, self.store):
            try:
                target.prepare()
            except (SQLAlchemyError, OSError) as error:
                _tell("not ready", error)
            else:
                self._is_ready = target is self.store or self._is_ready

    def start(self) -> None:
        """Begin to keep, and to do the housekeeping, in threads of this process."""
        self.prepare()
        self._writer = Writer("keep", self.store.write)
        self._spooler = Writer("spool", self.spool.write)
        threading.Thread(target=self._keep_house, name="housekeeping", daemon=True).start()

    def stop(self) -> None:
        """End the housekeeping."""
        self._stopping.set()

    @property
    def status(self) -> str:
        """Say where verdicts are kept now."""
        return "ready" if self._is_ready and not self.spool.is_waiting else "spooling"

    async def keep(self, caller: Caller, message: Message, verdict: Verdict) -> dict[str, Any]:
        """Return the answer to a message once it is kept: this verdict, or the first under the same reference.

        Raises:
            ReferenceConflictError: the reference belongs to another message.
            NotKeptError: the verdict could be kept nowhere.
        """
        said = verdict.grounds.keep if isinstance(verdict.grounds, Grounds) else ()
        keep = min((each or self._settings.keep for each in said), key=lambda each: each.rank, default=self._settings.keep)
        if keep is Keep.NOTHING:
            return verdict_json(verdict)
        record = make_record(self.store.vault, caller, message, verdict, keep, self.store.clock.now_ms(), shadow=self._settings.shadow)
        row = await self._write(record)
        if row is None:
            return record.answer
        if row["fingerprint"] != record.decision["fingerprint"]:
            raise ReferenceConflictError("The reference was used for another message.")
        return first_answer(row, message)

    def find_review(self, client: str, review_id: str) -> dict[str, Any] | None:
        """Return a client's review, wherever it is kept.

        Raises:
            NotKeptError: the database is away, so nobody knows.
        """
        try:
            found = find_review(self.store, client, review_id) if self._is_ready else None
            is_known = self._is_ready
        except SQLAlchemyError:
            found, is_known = None, False
        if found is None and self.spool.is_waiting:
            found = find_review(self.spool.store, client, review_id)
        if found is None and not is_known:
            raise NotKeptError(_AWAY)
        return found

    def give_feedback(self, client: str, feedback: Feedback) -> None:
        """Keep what a client says a verdict should have been.

        Raises:
            NotStoredError: no verdict of this client has this id or reference.
            NotKeptError: the database is away.
        """
        try:
            if not self._is_ready:
                raise NotKeptError(_AWAY)
            give_feedback(self.store, client, feedback)
        except SQLAlchemyError:
            raise NotKeptError(_AWAY) from None

    async def _write(self, record: Record) -> Row | None:
        if self._writer is None or self._spooler is None:
            raise StoreError("the keeper was not started")
        if self._is_ready and not self.spool.is_waiting:
            try:
                return await self._await(self._writer, record, "database", self._settings.keep_seconds)
            except Exception as error:  # noqa: BLE001 (whatever it is, the spool is next)
                self._is_away = True
                _tell("database away", error)
        elif (first := await self._find_first(record)) is not None:
            return first
        try:
            return await self._await(self._spooler, record, "spool", SPOOL_SECONDS)
        except Exception as error:  # noqa: BLE001 (what is not kept is not given)
            _tell("spool away", error)
        metrics.KEPT.labels("nowhere").inc()
        raise NotKeptError("The verdict could not be kept; hold the message and try again.") from None

    async def _find_first(self, record: Record) -> Row | None:
        """Return what a reference already has in the database while the spool is being emptied into it, `None` while it is away.

        The database's is the first where both have one; the spool is asked before it, since a row leaves the spool only after it has
        come into the database.
        """
        client, reference = record.decision["client"], record.decision["reference"]
        if reference is None or not self._is_ready or self._is_away:
            return None

        def find() -> Row | None:
            found = None
            for store in (self.spool.store, self.store):
                with reading(store.engine) as connection:
                    found = store.find(connection, client, reference=reference) or found
            return found

        try:
            async with asyncio.timeout(self._settings.keep_seconds):
                return await asyncio.to_thread(find)
        except Exception as error:  # noqa: BLE001 (whatever it is, the verdict goes to the spool)
            self._is_away = True
            _tell("database away", error)
            return None

    @staticmethod
    async def _await(writer: Writer, record: Record, place: str, seconds: float) -> Row | None:
        async with asyncio.timeout(seconds):
            row = await asyncio.wrap_future(writer.submit(record))
        metrics.KEPT.labels(place).inc()
        return row

    def _keep_house(self) -> None:
        """Empty the spool, expire held messages and purge, until stopped; a failure is told and tried again."""
        every = {self._settle: SETTLE_SECONDS, self._expire: EXPIRE_SECONDS, self._purge: self._settings.purge_minutes * 60}
        due = dict.fromkeys(every, time.monotonic())
        while not self._stopping.wait(LOOK_SECONDS):
            if not _try("store", self._recover):
                self._is_away = True
                self.store.engine.dispose()  # a connection to a file or server that is no more would fail for ever
            if not self._is_ready or self.spool.is_waiting:
                continue
            for task, at in due.items():
                if time.monotonic() >= at:
                    due[task] = time.monotonic() + every[task]
                    _try("housekeeping", task)

    def _recover(self) -> None:
        if not self._is_ready:
            self.store.prepare()
            self._is_ready = True
        if self.spool.is_waiting:
            with reading(self.store.engine) as connection:
                self.store.fact(connection, CLOCK)
            self._is_away = False
            self.spool.drain(self.store)

    def _settle(self) -> None:
        settle_due(self.store)

    def _expire(self) -> None:
        expire_reviews(self.store)

    def _purge(self) -> None:
        purge(self.store, self._settings.retention_days, self._settings.incident_days)


def _try(what: str, task: Callable[[], None]) -> bool:
    """Do something, and return whether it went well."""
    try:
        task()
    except Exception as error:  # noqa: BLE001 (whatever it is, the housekeeping goes on)
        _tell(f"{what} failed", error)
        return False
    return True


def _tell(what: str, error: Exception) -> None:
    """Log the kind of a failure; what a database says may hold what was sent to it."""
    structlog.get_logger().warning(what, error=type(error).__name__)
