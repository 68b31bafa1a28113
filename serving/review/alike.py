"""Waiting messages of one template that were read alike: counted, and judged together, each by a judgement of its own."""

from contextlib import suppress
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, and_, false, func, select

from serving.errors import ConflictError
from serving.review.database import reading
from serving.review.judgements import TOO_LATE, Desk, Judgement, record, undo
from serving.review.people import Reviewer
from serving.review.queue import Stage, holds, is_free_for, lease
from serving.review.records import Row
from serving.review.reviews import waits
from serving.review.store import Store

MOST = 100
"""Messages that are judged at once; the rest stay in the queue."""
_SAME = ("client", "category", "types", "policy", "clause", "area", "channel")
"""What two messages of one template share that were read alike; it says what they may be judged as."""


@dataclass(frozen=True, slots=True)
class Alike:
    """How many first judgements a template waits for beside one message, and how many of them can be judged with it."""

    of_template: int = 0
    count: int = 0


def count_alike(store: Store, reviewer: Reviewer, review: Row) -> Alike:
    """Count the messages beside this one; there are none beside one that is urgent or was judged before."""
    reviews = store.tables.reviews
    now = store.clock.now_ms()
    is_other = and_(_is_of_template(store, review, now), reviews.c.id != review["id"])
    with reading(store.engine) as connection:
        of_template = connection.scalar(select(func.count()).select_from(reviews).where(is_other)) or 0
        is_alike = and_(is_other, _is_alike(store, reviewer, review, now))
        count = connection.scalar(select(func.count()).select_from(reviews).where(is_alike)) or 0 if of_template else 0
    return Alike(of_template, count)


def judge_together(store: Store, desk: Desk, reviewer: Reviewer, review_id: str, judgement: Judgement, seen_ms: int) -> tuple[str, int]:
    """Judge a message that this reviewer holds, and as many as `MOST` that were held by `seen_ms` and are free, the oldest first.

    Each is leased and judged in a transaction of its own; where somebody else was faster, theirs it is. Places of words are not
    taken over, since each text has its own. Return the id of the first judgement, with which all are undone, and how many there are.

    Raises:
        ConflictError: the message is not theirs to judge (any more); nothing was judged.
    """
    reviews = store.tables.reviews
    now = store.clock.now_ms()
    with reading(store.engine) as connection:
        review = connection.execute(select(reviews).where(holds(store, reviewer, review_id))).mappings().first()
        if review is None:
            raise ConflictError("this message is not yours any more")
        is_alike = and_(
            _is_of_template(store, review, now),
            _is_alike(store, reviewer, review, now),
            reviews.c.id != review_id,
            reviews.c.held_at_ms <= seen_ms,
        )
        others = list(connection.scalars(select(reviews.c.id).where(is_alike).order_by(reviews.c.held_at_ms, reviews.c.id).limit(MOST - 1)))
    with store.engine.begin() as connection:
        first = record(store, connection, desk, reviewer, review_id, judgement)
    count, without_places = 1, replace(judgement, spans=())
    for each in others:
        with store.engine.begin() as connection:
            if lease(store, connection, reviewer, and_(reviews.c.id == each, is_alike)):
                record(store, connection, desk, reviewer, each, without_places, together_with=first)
                count += 1
    store.note_head()
    return first, count


def undo_together(store: Store, reviewer: Reviewer, judgement_id: str) -> tuple[str, int]:
    """Take back one's own judgement and those made together with it; return the message that is theirs again, and how many stay judged.

    Raises:
        ConflictError: all have taken effect, or somebody else has gone on with the messages.
    """
    judgements = store.tables.judgements
    is_with_it = (judgements.c.together_with == judgement_id) & judgements.c.undone_at_ms.is_(None)
    with reading(store.engine) as connection:
        others = list(connection.scalars(select(judgements.c.id).where(is_with_it)))
    undone: list[str] = []
    for each in (*others, judgement_id):
        with suppress(ConflictError):
            undone.append(undo(store, reviewer, each))
    if not undone:
        raise ConflictError(TOO_LATE)
    return undone[-1], len(others) + 1 - len(undone)


def _is_of_template(store: Store, review: Row, now: int) -> ColumnElement[bool]:
    reviews = store.tables.reviews
    if review["template"] is None or review["is_urgent"] or review["stage"] != Stage.FIRST:
        return false()
    return and_(reviews.c.template == review["template"], waits(store, now), reviews.c.stage == Stage.FIRST)


def _is_alike(store: Store, reviewer: Reviewer, review: Row, now: int) -> ColumnElement[bool]:
    reviews = store.tables.reviews
    same = [reviews.c[name].is_not_distinct_from(review[name]) for name in _SAME]
    return and_(*same, ~reviews.c.is_urgent, is_free_for(store, reviewer, now))
