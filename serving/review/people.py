"""Who works at the desk: reviewers and their roles, one-off links to sign in with, sessions."""

import secrets
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from sqlalchemy import Connection, delete, insert, select, update

from serving.errors import RequestError
from serving.review.clock import HOUR_MS, MINUTE_MS
from serving.review.database import lock_for_transaction, reading
from serving.review.store import Store

LINK_MS = 10 * MINUTE_MS
SESSION_MS = 10 * HOUR_MS
IDLE_MS = HOUR_MS
"""How long a session lasts, and how long it lasts unused."""
_TOUCH_MS = MINUTE_MS
_LOCK = 7_352_003
_LONGEST_NAME = 80


class Role(StrEnum):
    """What somebody may do at the desk."""

    REVIEWER = "reviewer"
    ADJUDICATOR = "adjudicator"
    MANAGER = "manager"
    AUDITOR = "auditor"


REVIEWING = frozenset({Role.REVIEWER, Role.ADJUDICATOR})
"""Roles that see messages and decide."""


@dataclass(frozen=True, slots=True)
class Reviewer:
    """Somebody who works at the desk. The name is sealed in the store; the id is what the audit chain has."""

    id: str
    name: str = field(repr=False)
    roles: frozenset[Role]

    @property
    def may_review(self) -> bool:
        """Tell whether they may see messages and decide."""
        return not self.roles.isdisjoint(REVIEWING)

    @property
    def may_adjudicate(self) -> bool:
        """Tell whether they may settle what others were not of one mind about."""
        return Role.ADJUDICATOR in self.roles

    @property
    def may_report(self) -> bool:
        """Tell whether they may see the overview and the reports."""
        return not self.roles.isdisjoint({Role.MANAGER, Role.AUDITOR, Role.ADJUDICATOR})

    @property
    def may_audit(self) -> bool:
        """Tell whether they may see who did what."""
        return Role.AUDITOR in self.roles


@dataclass(frozen=True, slots=True)
class Session:
    """One signed-in browser. `token` is what its cookie holds; the store has only a digest of it."""

    token: str = field(repr=False)
    reviewer: Reviewer
    filters: dict[str, str]
    notice: str | None

    def csrf(self, store: Store) -> str:
        """Return what every form of this session carries."""
        return store.vault.digest("form", self.token.encode())


def make_link(store: Store, name: str, roles: Iterable[Role]) -> str:
    """Return the token of a one-off link for a local reviewer of this name; it is good for ten minutes, once.

    Raises:
        RequestError: the name is none, or there is no role.
    """
    granted = sorted(set(roles))
    if not granted:
        raise RequestError("a reviewer needs at least one role")
    token = secrets.token_urlsafe(32)
    with store.engine.begin() as connection:
        reviewer = _know(store, connection, f"local {_checked(name)}", name, granted)
        row = {
            "digest": store.vault.digest("link", token.encode()),
            "reviewer_id": reviewer.id,
            "expires_at_ms": store.clock.now_ms() + LINK_MS,
        }
        connection.execute(insert(store.tables.links), row)
        store.audit.append(connection, "operator", "link.made", reviewer=reviewer.id, roles=granted)
    store.note_head()
    return token


def use_link(store: Store, token: str) -> str | None:
    """Return the token of a new session, `None` where the link is none, was used or is past its time."""
    links = store.tables.links
    now = store.clock.now_ms()
    with store.engine.begin() as connection:
        is_it = links.c.digest == store.vault.digest("link", token.encode("utf-8", "replace"))
        found = connection.execute(select(links.c.reviewer_id, links.c.expires_at_ms).where(is_it).with_for_update()).first()
        connection.execute(delete(links).where(is_it | (links.c.expires_at_ms <= now)))
        if found is None or found.expires_at_ms <= now:
            return None
        opened = _open_session(store, connection, found.reviewer_id)
    store.note_head()
    return opened


def sign_in(store: Store, subject: str, name: str, roles: Iterable[Role]) -> str:
    """Return the token of a new session for somebody whom an identity provider vouches for.

    Raises:
        RequestError: there is no role.
    """
    granted = sorted(set(roles))
    if not granted:
        raise RequestError("the identity provider gives no role at this desk")
    with store.engine.begin() as connection:
        opened = _open_session(store, connection, _know(store, connection, f"oidc {subject}", name, granted).id)
    store.note_head()
    return opened


def find_session(store: Store, token: str) -> Session | None:
    """Return the session of a cookie, `None` where it is none or over."""
    sessions, reviewers = store.tables.sessions, store.tables.reviewers
    now = store.clock.now_ms()
    is_it = sessions.c.digest == store.vault.digest("session", token.encode("utf-8", "replace"))
    columns = (sessions, reviewers.c.id, reviewers.c.name, reviewers.c.roles)
    with reading(store.engine) as connection:
        found = connection.execute(select(*columns).join_from(sessions, reviewers).where(is_it)).mappings().first()
    if found is None or now >= found["expires_at_ms"] or now - found["seen_at_ms"] >= IDLE_MS:
        return None
    if now - found["seen_at_ms"] >= _TOUCH_MS:
        with store.engine.begin() as connection:
            connection.execute(update(sessions).where(is_it).values(seen_at_ms=now))
            connection.execute(update(reviewers).where(reviewers.c.id == found["id"]).values(seen_at_ms=now))
    roles = frozenset(Role(each) for each in found["roles"] if each in set(Role))
    reviewer = Reviewer(found["id"], found["name"], roles)
    return Session(token, reviewer, dict(found["filters"]), found["notice"])


def note_in_session(store: Store, session: Session, **values: object) -> None:
    """Keep a notice for the next page, or the filters chosen."""
    sessions = store.tables.sessions
    with store.engine.begin() as connection:
        connection.execute(
            update(sessions).where(sessions.c.digest == store.vault.digest("session", session.token.encode())).values(values)
        )


def sign_out(store: Store, session: Session) -> None:
    """End a session."""
    sessions = store.tables.sessions
    with store.engine.begin() as connection:
        connection.execute(delete(sessions).where(sessions.c.digest == store.vault.digest("session", session.token.encode())))
        store.audit.append(connection, session.reviewer.id, "session.closed")
    store.note_head()


def has_others(store: Store, connection: Connection, reviewer_id: str, since_ms: int) -> bool:
    """Tell whether anybody else who may review has been at the desk since then."""
    reviewers = store.tables.reviewers
    chosen = select(reviewers.c.roles).where(reviewers.c.id != reviewer_id, reviewers.c.seen_at_ms >= since_ms)
    return any(not REVIEWING.isdisjoint(roles) for roles in connection.scalars(chosen))


def _know(store: Store, connection: Connection, subject: str, name: str, roles: list[Role]) -> Reviewer:
    """Return the reviewer of a subject, with the name and roles given now."""
    reviewers = store.tables.reviewers
    lock_for_transaction(connection, _LOCK)
    digest = store.vault.digest("reviewer", subject.encode("utf-8", "replace"))
    known = connection.scalar(select(reviewers.c.id).where(reviewers.c.subject == digest))
    shown = _checked(name)
    values = {"name": shown, "roles": [each.value for each in roles]}
    if known is None:
        known = uuid.uuid4().hex
        connection.execute(insert(reviewers), {"id": known, "subject": digest, "seen_at_ms": 0, **values})
    else:
        connection.execute(update(reviewers).where(reviewers.c.id == known).values(values))
    return Reviewer(known, shown, frozenset(roles))


def _open_session(store: Store, connection: Connection, reviewer_id: str) -> str:
    sessions, reviewers = store.tables.sessions, store.tables.reviewers
    now = store.clock.now_ms()
    token = secrets.token_urlsafe(32)
    connection.execute(delete(sessions).where((sessions.c.expires_at_ms <= now) | (sessions.c.seen_at_ms <= now - IDLE_MS)))
    row = {
        "digest": store.vault.digest("session", token.encode()),
        "reviewer_id": reviewer_id,
        "seen_at_ms": now,
        "expires_at_ms": now + SESSION_MS,
        "notice": None,
        "filters": {},
    }
    connection.execute(insert(sessions), row)
    connection.execute(update(reviewers).where(reviewers.c.id == reviewer_id).values(seen_at_ms=now))
    store.audit.append(connection, reviewer_id, "session.opened")
    return token


def _checked(name: str) -> str:
    """Return a name in one line.

    Raises:
        RequestError: it is none.
    """
    plain = " ".join(name.split())[:_LONGEST_NAME]
    if not plain.isprintable() or not plain:
        raise RequestError("a reviewer's name has 1 to 80 printable characters")
    return plain
