"""Held messages: waiting until a person decides or `send_by` passes; then their text is gone."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, and_, insert, select, true, update

from serving.errors import NotStoredError
from serving.review.database import reading, wipe_deleted
from serving.review.records import Row, moment
from serving.review.store import Store
from serving.taxonomy import InfoType, Tier
from serving.verdict import Action

WAITING, DECIDED, EXPIRED = "waiting", "decided", "expired"


def find_review(store: Store, client: str, review_id: str) -> dict[str, Any] | None:
    """Return a client's review as the contract has it, without text; past its `send_by` it has expired, swept or not."""
    reviews = store.tables.reviews
    columns = [column for column in reviews.columns if column.name not in ("text", "decided_by")]
    with reading(store.engine) as connection:
        row = connection.execute(select(*columns).where(reviews.c.id == review_id, reviews.c.client == client)).mappings().first()
    return _review(row, store.clock.now_ms()) if row else None


def waits(store: Store, now_ms: int) -> ColumnElement[bool]:
    """Return the condition that a message waits and is not too late to be sent."""
    reviews = store.tables.reviews
    return and_(reviews.c.state == WAITING, reviews.c.send_by_ms.is_(None) | (reviews.c.send_by_ms > now_ms))


def settle_review(
    store: Store,
    review_id: str,
    action: Action,
    by: str,
    *,
    actor: str = "reviewer",
    category: Tier | None = None,
    clause: str | None = None,
    only_if: ColumnElement[bool] | None = None,
) -> bool:
    """Decide a waiting message and delete its text; return whether it still waited.

    `by` is the reviewer's name, which is sealed; `actor` is what the audit chain says. Without a category the machine's stays.
    """
    reviews = store.tables.reviews
    now = store.clock.now_ms()
    still_waits = and_(reviews.c.id == review_id, waits(store, now), true() if only_if is None else only_if)
    values = {"state": DECIDED, "action": action.value, "decided_at_ms": now, "decided_by": by, "text": None, "holder": None}
    if category is not None:
        values |= {"category": category.value, "clause": clause}
    with store.engine.begin() as connection:
        is_settled = connection.execute(update(reviews).where(still_waits).values(values)).rowcount == 1
        if is_settled:
            store.audit.append(connection, actor, "review.decided", review=review_id, action=action.value)
    if is_settled:
        store.note_head()
    return is_settled


def expire_reviews(store: Store) -> int:
    """Expire what nobody decided before its `send_by`, and delete its text; return how many."""
    reviews = store.tables.reviews
    now = store.clock.now_ms()
    is_due = (reviews.c.state == WAITING) & (reviews.c.send_by_ms <= now)
    with reading(store.engine) as connection:
        if connection.scalar(select(reviews.c.id).where(is_due).limit(1)) is None:
            return 0
    with store.engine.begin() as connection:
        expired = connection.execute(update(reviews).where(is_due).values(state=EXPIRED, text=None)).rowcount
        if expired:
            store.audit.append(connection, "sendsafe", "review.expired", count=expired)
    wipe_deleted(store.engine)
    store.note_head()
    return expired


@dataclass(frozen=True, slots=True)
class Feedback:
    """What a client says a verdict should have been, named by its id or its reference."""

    category: Tier
    decision_id: str | None = None
    reference: str | None = None
    types: Sequence[InfoType] = ()
    note: str | None = field(default=None, repr=False)


def give_feedback(store: Store, client: str, feedback: Feedback) -> None:
    """Keep what a client says a verdict should have been.

    Raises:
        NotStoredError: no verdict of this client has this id or reference.
    """
    with store.engine.begin() as connection:
        decision = store.find(connection, client, decision_id=feedback.decision_id, reference=feedback.reference)
        if decision is None:
            raise NotStoredError("no verdict of this id or reference is kept")
        row = {
            "id": uuid.uuid4().hex,
            "decision_id": decision["id"],
            "client": client,
            "at_ms": store.clock.now_ms(),
            "category": feedback.category.value,
            "types": [each.value for each in feedback.types],
            "note": feedback.note,
        }
        connection.execute(insert(store.tables.feedback), row)


def _review(row: Row, now_ms: int) -> dict[str, Any]:
    is_over = row["state"] == WAITING and row["send_by_ms"] is not None and row["send_by_ms"] <= now_ms
    return {
        "id": row["id"],
        "state": EXPIRED if is_over else row["state"],
        "category": row["category"],
        "action": row["action"],
        "clause": row["clause"],
        "decided_at": moment(row["decided_at_ms"]) if row["decided_at_ms"] is not None else None,
    }
