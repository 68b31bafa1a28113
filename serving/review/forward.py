"""Messages that are put forward in the queue because what people say of them would teach most."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, select, update

from serving.review.database import reading
from serving.review.queue import Stage
from serving.review.reviews import waits
from serving.review.store import Store
from serving.review.weighing import FORWARD


def may_teach(store: Store) -> ColumnElement[bool]:
    """Return the condition that a message waits for its first judgement and is not urgent: what is urgent comes first anyway."""
    reviews = store.tables.reviews
    return and_(waits(store, store.clock.now_ms()), reviews.c.stage == Stage.FIRST, reviews.c.weight <= FORWARD)


def list_forward(store: Store) -> set[str]:
    """Return the messages that were put forward and that nobody has judged yet."""
    reviews = store.tables.reviews
    with reading(store.engine) as connection:
        return set(connection.scalars(select(reviews.c.id).where(may_teach(store), reviews.c.weight == FORWARD)))


def put_forward(store: Store, review_ids: Sequence[str]) -> int:
    """Raise waiting messages to the highest weight below that of urgent ones, and return how many were raised.

    Each is raised, and put on the audit chain, in a transaction of its own: one that is there already, or that somebody has judged
    meanwhile, is left as it is, and after a kill the same call goes on.
    """
    reviews = store.tables.reviews
    count = 0
    for each in review_ids:
        is_lower = and_(reviews.c.id == each, may_teach(store), reviews.c.weight < FORWARD)
        with store.engine.begin() as connection:
            if connection.execute(update(reviews).where(is_lower).values(weight=FORWARD)).rowcount == 1:
                store.audit.append(connection, "operator", "review.put_forward", review=each)
                count += 1
    if count:
        store.note_head()
    return count
