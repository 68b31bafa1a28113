"""The queue: held messages in order, chosen by filters, each leased to one reviewer at a time."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, exists, func, or_, select, true, union_all, update

from serving.review.clock import MINUTE_MS
from serving.review.database import reading
from serving.review.people import Reviewer
from serving.review.records import Row
from serving.review.reviews import waits
from serving.review.store import Store
from serving.review.weighing import AGES, URGENT, WEIGHTS

LEASE_MS = 10 * MINUTE_MS
"""How long a message that somebody took is theirs."""
LISTED = 25
_AT_ONCE, _TRIES = 20, 5
FREE = {"holder": None, "held_until_ms": None, "is_revealed": False}
"""What a message has that nobody holds."""
_NAMED = ("area", "policy", "channel", "info_type")
FILTERS = (*_NAMED, "only_urgent")
"""Fields of a form that filters."""
_HARMLESS_COLUMNS = (
    "id", "decision_id", "client", "held_at_ms", "send_by_ms", "category", "clause", "policy", "channel", "area", "types", "is_urgent",
    "stage", "holder", "held_until_ms",
)  # fmt: skip


class Stage(StrEnum):
    """Whose turn it is."""

    FIRST = "first"
    SECOND = "second"
    ADJUDICATION = "adjudication"
    SETTLING = "settling"
    """judged; it takes effect when the time for undoing is over"""


@dataclass(frozen=True, slots=True)
class Filters:
    """Which messages somebody wants to see; `None` is all."""

    area: str | None = None
    policy: str | None = None
    channel: str | None = None
    info_type: str | None = None
    only_urgent: bool = False

    @classmethod
    def of(cls, given: Mapping[str, str]) -> "Filters":
        """Read filters from a form or a session; what is empty filters nothing."""
        named = {name: given.get(name) or None for name in _NAMED}
        return cls(**named, only_urgent=given.get("only_urgent") == "yes")

    def as_form(self) -> dict[str, str]:
        """Return the filters as a form has them, without those that filter nothing."""
        named = {name: getattr(self, name) for name in _NAMED}
        return {name: value for name, value in named.items() if value} | ({"only_urgent": "yes"} if self.only_urgent else {})


@dataclass(frozen=True, slots=True)
class Waiting:
    """How much waits under some filters, and since when the oldest does."""

    count: int
    oldest_at_ms: int | None


def list_waiting(store: Store, reviewer: Reviewer, filters: Filters, most: int = LISTED) -> list[dict[str, Any]]:
    """Return the first messages of the queue, in order, with what was found in each and without a word of it."""
    decisions = store.tables.decisions
    with reading(store.engine) as connection:
        rows = _in_order(store, connection, reviewer, filters, most, free=False)
        ids = {row["decision_id"] for row in rows}
        answers = {
            decision_id: features["answer"]
            for decision_id, features in connection.execute(select(decisions.c.id, decisions.c.features).where(decisions.c.id.in_(ids)))
        }
    return [{**row, "findings": answers[row["decision_id"]]["findings"]} for row in rows]


def count_waiting(store: Store, filters: Filters | None = None) -> Waiting:
    """Count what waits for somebody's judgement."""
    reviews = store.tables.reviews
    now = store.clock.now_ms()
    chosen = select(func.count(), func.min(reviews.c.held_at_ms)).where(
        waits(store, now), reviews.c.stage != Stage.SETTLING, _passes(store, filters or Filters())
    )
    with reading(store.engine) as connection:
        count, oldest = connection.execute(chosen).one()
    return Waiting(count, oldest)


def list_next(store: Store, reviewer: Reviewer, filters: Filters, most: int) -> list[str]:
    """Return the messages that a reviewer would be given next, in order."""
    with reading(store.engine) as connection:
        return [str(row["id"]) for row in _in_order(store, connection, reviewer, filters, most, free=True)]


def take_next(store: Store, reviewer: Reviewer, filters: Filters) -> str | None:
    """Lease the first message that is free, and return its id; whoever holds one already gets that.

    It is looked for without locking anything, and taken in one statement; where somebody else was faster, the one after it is tried.
    """
    reviews = store.tables.reviews
    for _ in range(_TRIES):
        with reading(store.engine) as connection:
            mine = connection.scalar(select(reviews.c.id).where(_is_held_by(store, reviewer)).limit(1))
            found = [] if mine is not None else _in_order(store, connection, reviewer, filters, _AT_ONCE, free=True)
            candidates = [str(mine)] if mine is not None else [str(row["id"]) for row in found]
        if not candidates:
            return None
        for each in candidates:
            with store.engine.begin() as connection:
                if lease(store, connection, reviewer, reviews.c.id == each):
                    return each
    return None


def take(store: Store, reviewer: Reviewer, review_id: str) -> bool:
    """Lease one message; what else this reviewer held is free again. Return whether it is theirs now."""
    reviews = store.tables.reviews
    with store.engine.begin() as connection:
        if not lease(store, connection, reviewer, reviews.c.id == review_id):
            return False
        release_others(store, connection, reviewer, review_id)
    return True


def lease(store: Store, connection: Connection, reviewer: Reviewer, is_it: ColumnElement[bool]) -> bool:
    """Take the lease in one statement, which on either database only one of several at once can do."""
    reviews = store.tables.reviews
    now = store.clock.now_ms()
    is_mine_still = and_(reviews.c.is_revealed, reviews.c.holder == reviewer.id, reviews.c.held_until_ms > now)
    values = {"holder": reviewer.id, "held_until_ms": now + LEASE_MS, "is_revealed": is_mine_still}
    may_take = and_(
        is_it, waits(store, now), reviews.c.stage.in_(_stages(reviewer)), _is_free(store, reviewer, now), _may_judge(store, reviewer)
    )
    return connection.execute(update(reviews).where(may_take).values(values)).rowcount == 1


def is_free_for(store: Store, reviewer: Reviewer, now: int) -> ColumnElement[bool]:
    """Return the condition that a reviewer may be given a message: no other holds it, and they have neither judged nor skipped it."""
    return and_(_is_free(store, reviewer, now), _may_judge(store, reviewer), ~_skipped(store, reviewer))


def release(store: Store, connection: Connection, reviewer: Reviewer, review_id: str) -> bool:
    """Give a leased message back; return whether it was theirs."""
    reviews = store.tables.reviews
    is_mine = holds(store, reviewer, review_id)
    return connection.execute(update(reviews).where(is_mine).values(FREE)).rowcount == 1


def release_others(store: Store, connection: Connection, reviewer: Reviewer, review_id: str) -> None:
    """Give back whatever a reviewer holds but this message."""
    reviews = store.tables.reviews
    is_other = (reviews.c.holder == reviewer.id) & (reviews.c.id != review_id)
    connection.execute(update(reviews).where(is_other).values(FREE))


def is_unheld(store: Store, now: int) -> ColumnElement[bool]:
    """Return the condition that nobody holds a message now."""
    reviews = store.tables.reviews
    return or_(reviews.c.holder.is_(None), reviews.c.held_until_ms <= now)


def holds(store: Store, reviewer: Reviewer, review_id: str) -> ColumnElement[bool]:
    """Return the condition that a message waits and is leased to this reviewer now."""
    reviews = store.tables.reviews
    now = store.clock.now_ms()
    return and_(
        reviews.c.id == review_id,
        reviews.c.holder == reviewer.id,
        reviews.c.held_until_ms > now,
        waits(store, now),
        reviews.c.stage != Stage.SETTLING,
    )


def _is_held_by(store: Store, reviewer: Reviewer) -> ColumnElement[bool]:
    reviews = store.tables.reviews
    now = store.clock.now_ms()
    return and_(reviews.c.holder == reviewer.id, reviews.c.held_until_ms > now, waits(store, now), reviews.c.stage.in_(_stages(reviewer)))


def _in_order(store: Store, connection: Connection, reviewer: Reviewer, filters: Filters, most: int, *, free: bool) -> list[Row]:
    """Return the first messages by weight × age in one statement: the oldest of each weight, each read along the index.

    `free` leaves out what others hold, and what is not for this reviewer.
    """
    reviews = store.tables.reviews
    now = store.clock.now_ms()
    is_wanted = and_(waits(store, now), reviews.c.stage.in_(_stages(reviewer)), _passes(store, filters))
    if free:
        is_wanted = and_(is_wanted, is_free_for(store, reviewer, now))
    columns = [reviews.c[name] for name in ("weight", *_HARMLESS_COLUMNS)]
    oldest = [
        select(*columns).where(is_wanted, reviews.c.weight == weight).order_by(reviews.c.held_at_ms, reviews.c.id).limit(most).subquery()
        for weight in WEIGHTS
        if weight == URGENT or not filters.only_urgent
    ]
    of_all = union_all(*(select(each) for each in oldest)).subquery()
    *bands, (_, factor_of_the_youngest) = AGES
    factor = case(*((of_all.c.held_at_ms <= now - age, factor) for age, factor in bands), else_=factor_of_the_youngest)
    in_order = (of_all.c.weight * factor).desc(), of_all.c.weight.desc(), of_all.c.held_at_ms, of_all.c.id
    return list(connection.execute(select(of_all).order_by(*in_order).limit(most)).mappings())


def _stages(reviewer: Reviewer) -> list[Stage]:
    return [Stage.FIRST, Stage.SECOND] + ([Stage.ADJUDICATION] if reviewer.may_adjudicate else [])


def _is_free(store: Store, reviewer: Reviewer, now: int) -> ColumnElement[bool]:
    reviews = store.tables.reviews
    return or_(is_unheld(store, now), reviews.c.holder == reviewer.id)


def _may_judge(store: Store, reviewer: Reviewer) -> ColumnElement[bool]:
    """Return the condition that this reviewer has not judged a message yet: a second look is another person's."""
    reviews, judgements = store.tables.reviews, store.tables.judgements
    is_mine = (judgements.c.review_id == reviews.c.id) & (judgements.c.reviewer_id == reviewer.id) & judgements.c.undone_at_ms.is_(None)
    return ~exists().where(is_mine)


def _skipped(store: Store, reviewer: Reviewer) -> ColumnElement[bool]:
    reviews, notes = store.tables.reviews, store.tables.notes
    return exists().where((notes.c.review_id == reviews.c.id) & (notes.c.reviewer_id == reviewer.id) & (notes.c.kind == "skip"))


def _passes(store: Store, filters: Filters) -> ColumnElement[bool]:
    reviews = store.tables.reviews
    wanted: list[ColumnElement[bool]] = [true()]
    wanted += [reviews.c[name] == getattr(filters, name) for name in ("area", "policy", "channel") if getattr(filters, name)]
    if filters.info_type:
        wanted.append(reviews.c.types.contains(f"|{filters.info_type}|", autoescape=True))
    if filters.only_urgent:
        wanted.append(reviews.c.is_urgent)
    return and_(*wanted)
