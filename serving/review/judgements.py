"""What reviewers judge, from the first judgement to what takes effect.

A judgement takes effect when the time for undoing it is over. Of a sample a second reviewer judges too, without being told; where
the two differ in tier or action an adjudicator decides. Only then is the message decided, and its text deleted.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, insert, select, update

from serving.errors import ConflictError
from serving.review.clock import DAY_MS, HOUR_MS, MINUTE_MS
from serving.review.database import reading, wipe_deleted
from serving.review.people import Reviewer, has_others
from serving.review.queue import FREE, LEASE_MS, Stage, holds, is_unheld, release, release_others
from serving.review.records import Row
from serving.review.reviews import WAITING, settle_review
from serving.review.store import Store
from serving.taxonomy import InfoType, Tier
from serving.verdict import Action

SECOND_MS = 4 * HOUR_MS
"""How long a message waits for its second judgement before the first takes effect."""
MARGIN_MS = 10 * MINUTE_MS
"""How long before `send_by` it stops waiting for one."""
_PRESENT_MS = 7 * DAY_MS
TOO_LATE = "it has taken effect already, or somebody has gone on with the message"


class Reason(StrEnum):
    """Why somebody judged as they did."""

    AS_READ = "as_read"
    DETAIL_MISSED = "detail_missed"
    FALSE_ALARM = "false_alarm"
    OTHER_TIER = "other_tier"
    CONTEXT = "context"
    TEMPLATE = "template"
    POLICY = "policy"


@dataclass(frozen=True, slots=True)
class Span:
    """Words that did it: code points of the text, end excluded; the type is `None` where nobody said."""

    start: int
    end: int
    info_type: InfoType | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one person says of a message; `agrees` is whether the machine had tier and types right."""

    category: Tier
    action: Action
    agrees: bool
    reason: Reason
    types: Sequence[InfoType] = ()
    spans: Sequence[Span] = ()
    policy: str | None = None
    clause: str | None = None
    note: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Desk:
    """How a deployment's desk works."""

    undo_seconds: float = 20.0
    second_percent: float = 5.0
    keeps_text: bool = False
    """whether the text of a decided message stays with its judgement, encrypted, so that it can be learned from"""


def judge(store: Store, desk: Desk, reviewer: Reviewer, review_id: str, judgement: Judgement) -> str:
    """Record a judgement of a message that this reviewer holds, and return its id.

    Raises:
        ConflictError: the message is not theirs to judge (any more).
    """
    with store.engine.begin() as connection:
        judgement_id = record(store, connection, desk, reviewer, review_id, judgement)
    store.note_head()
    return judgement_id


def record(
    store: Store,
    connection: Connection,
    desk: Desk,
    reviewer: Reviewer,
    review_id: str,
    judgement: Judgement,
    together_with: str | None = None,
) -> str:
    """Record a judgement of a message that this reviewer holds, in the caller's transaction, and return its id.

    `together_with` is the judgement that others of the same template were made together with.

    Raises:
        ConflictError: the message is not theirs to judge (any more).
    """
    reviews, judgements = store.tables.reviews, store.tables.judgements
    now = store.clock.now_ms()
    is_mine = holds(store, reviewer, review_id)
    review = connection.execute(select(reviews).where(is_mine).with_for_update()).mappings().first()
    if review is None:
        raise ConflictError("this message is not yours any more")
    earlier = connection.execute(standing(store, review_id)).mappings().first()
    stage = _after(store, connection, desk, reviewer, review, judgement, earlier)
    row = {
        "id": uuid.uuid4().hex,
        "review_id": review_id,
        "reviewer_id": reviewer.id,
        "stage": review["stage"],
        "at_ms": now,
        "category": judgement.category.value,
        "action": judgement.action.value,
        "types": [each.value for each in judgement.types],
        "spans": [[each.start, each.end, each.info_type.value if each.info_type else None] for each in judgement.spans],
        "agrees": judgement.agrees,
        "reason": judgement.reason.value,
        "policy": judgement.policy,
        "clause": judgement.clause,
        "undone_at_ms": None,
        "together_with": together_with,
        "note": judgement.note,
        "text": review["text"] if desk.keeps_text else None,
    }
    connection.execute(insert(judgements), row)
    values = {**FREE, "stage": stage, "settles_at_ms": _takes_effect(desk, stage, review["send_by_ms"], now)}
    connection.execute(update(reviews).where(reviews.c.id == review_id).values(values))
    details = {"review": review_id, "stage": row["stage"], "action": row["action"]} | (
        {"together_with": together_with} if together_with else {}
    )
    store.audit.append(connection, reviewer.id, "review.judged", **details)
    return str(row["id"])


def undo(store: Store, reviewer: Reviewer, judgement_id: str) -> str:
    """Take back one's own judgement before it takes effect; the message is theirs again. Return its id.

    Raises:
        ConflictError: it has taken effect, or somebody else has gone on with the message.
    """
    reviews, judgements = store.tables.reviews, store.tables.judgements
    now = store.clock.now_ms()
    with store.engine.begin() as connection:
        is_it = (judgements.c.id == judgement_id) & (judgements.c.reviewer_id == reviewer.id) & judgements.c.undone_at_ms.is_(None)
        found = connection.execute(select(judgements.c.review_id, judgements.c.stage).where(is_it)).first()
        if found is None:
            raise ConflictError("there is no judgement of yours to undo")
        latest = connection.execute(standing(store, found.review_id)).mappings().first()
        still_open = (
            (reviews.c.id == found.review_id)
            & (reviews.c.state == WAITING)
            & is_unheld(store, now)
            & (reviews.c.settles_at_ms.is_(None) | (reviews.c.settles_at_ms > now))
        )
        values = {"stage": found.stage, "holder": reviewer.id, "held_until_ms": now + LEASE_MS, "is_revealed": False, "settles_at_ms": None}
        is_last = latest is not None and latest["id"] == judgement_id
        if not is_last or connection.execute(update(reviews).where(still_open).values(values)).rowcount != 1:
            raise ConflictError(TOO_LATE)
        release_others(store, connection, reviewer, found.review_id)
        connection.execute(update(judgements).where(judgements.c.id == judgement_id).values(undone_at_ms=now, text=None))
        store.audit.append(connection, reviewer.id, "review.undone", review=found.review_id)
    store.note_head()
    return str(found.review_id)


def settle_due(store: Store) -> int:
    """Let judgements take effect whose time for undoing, or for a second judgement, is over; return how many did."""
    reviews = store.tables.reviews
    now = store.clock.now_ms()
    is_due = (reviews.c.settles_at_ms <= now) & (reviews.c.state == WAITING) & is_unheld(store, now)
    with reading(store.engine) as connection:
        due = [str(each) for each in connection.scalars(select(reviews.c.id).where(is_due))]
    settled = sum(_settle(store, each) for each in due)
    if settled:
        wipe_deleted(store.engine)
    return settled


def skip(store: Store, reviewer: Reviewer, review_id: str, reason: str, note: str | None = None) -> None:
    """Leave a message to others.

    Raises:
        ConflictError: the message is not theirs (any more).
    """
    _put_aside(store, reviewer, review_id, "skip", reason, note)


def escalate(store: Store, reviewer: Reviewer, review_id: str, reason: str, note: str | None = None) -> None:
    """Hand a message to the adjudicators.

    Raises:
        ConflictError: the message is not theirs (any more).
    """
    _put_aside(store, reviewer, review_id, "escalate", reason, note)


def add_note(store: Store, reviewer: Reviewer, review_id: str, note: str) -> None:
    """Write something down for whoever sees the message next.

    Raises:
        ConflictError: the message is not theirs (any more).
    """
    with store.engine.begin() as connection:
        if connection.execute(select(store.tables.reviews.c.id).where(holds(store, reviewer, review_id))).first() is None:
            raise ConflictError("this message is not yours any more")
        _write_note(store, connection, reviewer, review_id, "note", None, note)


def _put_aside(store: Store, reviewer: Reviewer, review_id: str, kind: str, reason: str, note: str | None) -> None:
    reviews = store.tables.reviews
    with store.engine.begin() as connection:
        if not release(store, connection, reviewer, review_id):
            raise ConflictError("this message is not yours any more")
        _write_note(store, connection, reviewer, review_id, kind, reason, note)
        if kind == "escalate":
            values = {"stage": Stage.ADJUDICATION, "settles_at_ms": None}
            connection.execute(update(reviews).where(reviews.c.id == review_id).values(values))
        store.audit.append(connection, reviewer.id, f"review.{kind}", review=review_id, reason=reason)
    store.note_head()


def _write_note(
    store: Store, connection: Connection, reviewer: Reviewer, review_id: str, kind: str, reason: str | None, note: str | None
) -> None:
    row = {
        "id": uuid.uuid4().hex,
        "review_id": review_id,
        "reviewer_id": reviewer.id,
        "at_ms": store.clock.now_ms(),
        "kind": kind,
        "reason": reason,
        "note": note,
    }
    connection.execute(insert(store.tables.notes), row)


def standing(store: Store, review_id: str) -> Any:
    """Select the judgements of a message that were not undone, the latest first."""
    judgements = store.tables.judgements
    return (
        select(judgements)
        .where(judgements.c.review_id == review_id, judgements.c.undone_at_ms.is_(None))
        .order_by(judgements.c.at_ms.desc())
    )


def _after(
    store: Store, connection: Connection, desk: Desk, reviewer: Reviewer, review: Row, judgement: Judgement, earlier: Row | None
) -> Stage:
    """Return the stage that a judgement leads to."""
    if review["stage"] == Stage.SECOND and earlier is not None:
        is_same = (earlier["category"], earlier["action"]) == (judgement.category, judgement.action)
        return Stage.SETTLING if is_same else Stage.ADJUDICATION
    if review["stage"] != Stage.FIRST or review["is_urgent"] or not _is_sampled(store, desk, review["id"]):
        return Stage.SETTLING
    now = store.clock.now_ms()
    has_time = review["send_by_ms"] is None or review["send_by_ms"] > now + 2 * MARGIN_MS
    return Stage.SECOND if has_time and has_others(store, connection, reviewer.id, now - _PRESENT_MS) else Stage.SETTLING


def _is_sampled(store: Store, desk: Desk, review_id: str) -> bool:
    """Draw the sample by a keyed digest, so that nobody can tell beforehand what is in it."""
    return int(store.vault.digest("second review", review_id.encode())[:8], 16) / 16**8 < desk.second_percent / 100


def _takes_effect(desk: Desk, stage: Stage, send_by_ms: int | None, now: int) -> int | None:
    """Return when a judgement takes effect by itself: before `send_by`, since what is too late is not sent."""
    if stage is Stage.ADJUDICATION:
        return None
    wait, margin = (SECOND_MS, MARGIN_MS) if stage is Stage.SECOND else (int(desk.undo_seconds * 1000), 5_000)
    at = now + wait
    return at if send_by_ms is None else max(now, min(at, send_by_ms - margin))


def _settle(store: Store, review_id: str) -> bool:
    reviewers = store.tables.reviewers
    with reading(store.engine) as connection:
        last = connection.execute(standing(store, review_id)).mappings().first()
        if last is None:
            return False
        name = connection.scalar(select(reviewers.c.name).where(reviewers.c.id == last["reviewer_id"])) or last["reviewer_id"]
    return settle_review(
        store,
        review_id,
        Action(last["action"]),
        name,
        actor=last["reviewer_id"],
        category=Tier(last["category"]),
        clause=last["clause"],
        only_if=store.tables.reviews.c.settles_at_ms <= store.clock.now_ms(),
    )
