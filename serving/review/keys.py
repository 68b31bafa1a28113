"""API keys: made once, shown once, kept as a digest; each names a client, its scopes, and whether it is for tests."""

import hmac
import re
import secrets
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import insert, select, update
from sqlalchemy.exc import SQLAlchemyError

from serving.errors import NotStoredError, RequestError
from serving.review.database import reading
from serving.review.records import Caller, Row
from serving.review.store import Store

CLIENT_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_KEY = re.compile(r"(ss_(?:live|test)_[a-z0-9]{10})_([A-Za-z0-9_-]{43})")


class Scope(StrEnum):
    """What a key may do."""

    SCORE = "score"
    REVIEWS = "reviews"
    FEEDBACK = "feedback"
    METRICS = "metrics"


USUAL = (Scope.SCORE, Scope.REVIEWS, Scope.FEEDBACK)


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as the store knows it; nobody can make the key from it."""

    prefix: str
    client: str
    digest: str
    is_test: bool
    scopes: frozenset[Scope]
    created_at_ms: int
    revoked_at_ms: int | None

    @property
    def caller(self) -> Caller:
        """Return who asks with this key."""
        return Caller(self.client, self.is_test)


def create_key(store: Store, client: str, scopes: Iterable[Scope] = USUAL, *, is_test: bool = False) -> str:
    """Make a key and return it: the one time that it is to be seen.

    Raises:
        RequestError: the client's name is none.
    """
    if not CLIENT_NAME.fullmatch(client):
        raise RequestError("a client's name has up to 63 small letters, digits and hyphens")
    prefix = f"ss_{'test' if is_test else 'live'}_{_random_word(10)}"
    key = f"{prefix}_{secrets.token_urlsafe(32)}"
    row = {
        "prefix": prefix,
        "client": client,
        "digest": store.vault.digest("api key", key.encode()),
        "is_test": is_test,
        "scopes": sorted(scope.value for scope in scopes),
        "created_at_ms": store.clock.now_ms(),
        "revoked_at_ms": None,
    }
    with store.engine.begin() as connection:
        connection.execute(insert(store.tables.api_keys), row)
        store.audit.append(connection, "operator", "key.created", prefix=prefix, client=client, scopes=row["scopes"])
    store.note_head()
    return key


def list_keys(store: Store) -> list[ApiKey]:
    """Return every key, the newest last."""
    keys = store.tables.api_keys
    with reading(store.engine) as connection:
        return [_key(row) for row in connection.execute(select(keys).order_by(keys.c.created_at_ms, keys.c.prefix)).mappings()]


def revoke_key(store: Store, prefix: str) -> None:
    """Revoke a key; running services refuse it within `KeyRing.FRESH_SECONDS`.

    Raises:
        NotStoredError: no key in force has this prefix.
    """
    keys = store.tables.api_keys
    in_force = (keys.c.prefix == prefix) & keys.c.revoked_at_ms.is_(None)
    with store.engine.begin() as connection:
        if connection.execute(update(keys).where(in_force).values(revoked_at_ms=store.clock.now_ms())).rowcount != 1:
            raise NotStoredError("no key in force has this prefix")
        store.audit.append(connection, "operator", "key.revoked", prefix=prefix)
    store.note_head()


class KeyRing:
    """The keys in force, read again every few seconds; while the database is away, those read last go on for some minutes."""

    FRESH_SECONDS = 5.0
    STALE_SECONDS = 900.0

    def __init__(self, store: Store) -> None:
        self._store = store
        self._keys: Mapping[str, ApiKey] = {}
        self._read_at: float | None = None
        self._tried_at = -self.FRESH_SECONDS
        self._lock = threading.Lock()

    @property
    def is_usable(self) -> bool:
        """Tell whether the keys were read lately enough to go by."""
        return self._read_at is not None and time.monotonic() - self._read_at < self.STALE_SECONDS

    @property
    def is_due(self) -> bool:
        """Tell whether the keys should be read again."""
        return time.monotonic() - self._tried_at >= self.FRESH_SECONDS

    def refresh(self) -> None:
        """Read the keys; while the database is away, keep those read last."""
        with self._lock:
            if not self.is_due:
                return
            self._tried_at = time.monotonic()
            try:
                keys = list_keys(self._store)
            except SQLAlchemyError:
                return
            self._keys = {key.prefix: key for key in keys if key.revoked_at_ms is None}
            self._read_at = time.monotonic()

    def find(self, given: str) -> ApiKey | None:
        """Return the key in force that was given, if it is one."""
        match = _KEY.fullmatch(given)
        key = self._keys.get(match[1]) if match else None
        if key is None or not hmac.compare_digest(key.digest, self._store.vault.digest("api key", given.encode())):
            return None
        return key


def _key(row: Row) -> ApiKey:
    scopes = frozenset(Scope(each) for each in row["scopes"] if each in set(Scope))
    return ApiKey(row["prefix"], row["client"], row["digest"], row["is_test"], scopes, row["created_at_ms"], row["revoked_at_ms"])


def _random_word(length: int) -> str:
    return "".join(secrets.choice("abcdefghijklmnopqrstuvwxyz0123456789") for _ in range(length))
