"""Verdicts as they are kept, for reports: features alone, no word of a message."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select

from serving.review.database import reading
from serving.review.forward import may_teach
from serving.review.store import Store
from serving.taxonomy import TIERS, Tier


@dataclass(frozen=True, slots=True)
class Kept:
    """One verdict: when it was given, what it said, and what a client or reviewer said it should have been, if anybody did."""

    id: str
    at_ms: int
    category: Tier
    action: str
    scores: tuple[float, ...] | None
    types: frozenset[str]
    language: str | None
    channel: str | None
    decided_by: str
    should_be: Tier | None = None

    @property
    def unsafe(self) -> float | None:
        """Return the probability that the message must not go."""
        return None if self.scores is None else self.scores[2] + self.scores[3]


def read_kept(store: Store, since_ms: int, until_ms: int) -> Iterator[Kept]:
    """Yield the verdicts given in a time, those of test keys and shadow runs left out, in the order in which they were given."""
    decisions, feedback = store.tables.decisions, store.tables.feedback
    chosen = (
        select(decisions.c.id, decisions.c.decided_at_ms, decisions.c.category, decisions.c.action, decisions.c.features)
        .where(decisions.c.decided_at_ms >= since_ms, decisions.c.decided_at_ms < until_ms)
        .where(decisions.c.is_test.is_(False), decisions.c.is_shadow.is_(False), decisions.c.duplicate_of.is_(None))
        .order_by(decisions.c.decided_at_ms, decisions.c.id)
    )
    said = select(feedback.c.decision_id, feedback.c.category).order_by(feedback.c.at_ms)
    with reading(store.engine) as connection:
        answers = {row.decision_id: Tier(row.category) for row in connection.execute(said)}
        for row in connection.execution_options(yield_per=1000).execute(chosen):
            answer, message = row.features["answer"], row.features["message"]
            scores = answer.get("scores")
            yield Kept(
                id=row.id,
                at_ms=row.decided_at_ms,
                category=Tier(row.category),
                action=row.action,
                scores=None if scores is None else tuple(float(scores[tier]) for tier in TIERS),
                types=frozenset(each["type"] for each in answer["findings"]),
                language=answer["coverage"]["language"],
                channel=message.get("channel"),
                decided_by=answer["decided_by"],
                should_be=answers.get(row.id),
            )


def read_waiting(store: Store) -> dict[str, Kept]:
    """Return the verdicts of the messages that wait for their first judgement and are not urgent, by the review's id."""
    reviews = store.tables.reviews
    now = store.clock.now_ms()
    chosen = select(reviews.c.id, reviews.c.decision_id).where(may_teach(store))
    with reading(store.engine) as connection:
        found = {row.decision_id: row.id for row in connection.execute(chosen)}
    return {found[each.id]: each for each in read_kept(store, 0, now + 1) if each.id in found}
