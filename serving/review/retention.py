"""Delete what is past its time or asked to be forgotten, key by key and to the last byte; never by a clock that has jumped."""

from sqlalchemy import delete, select, update

from serving.errors import ClockError
from serving.review.clock import DAY_MS
from serving.review.database import reading, wipe_deleted
from serving.review.store import CLOCK, Store


def purge(store: Store, retention_days: int, incident_days: int, *, clock_is_right: bool = False) -> int:
    """Delete verdicts, reviews, feedback and incidents past their time; return how many verdicts went.

    `clock_is_right` is an operator's word that the time of day may be believed.

    Raises:
        ClockError: the time of day has jumped; nothing was deleted.
    """
    decisions, incidents, reviews = store.tables.decisions, store.tables.incidents, store.tables.reviews
    with reading(store.engine) as connection:
        seen = store.fact(connection, CLOCK)
    now = store.clock.now_ms()
    if clock_is_right:
        now = store.clock.believe_ms()
    elif not store.clock.is_trusted:
        raise ClockError(
            "the clock has jumped since the store was last used, so nothing was deleted; if it is right now, "
            "say `sendsafe store purge --clock-is-right`"
        )
    before = now - retention_days * DAY_MS
    with store.engine.begin() as connection:
        stale = select(decisions.c.id).where(decisions.c.decided_at_ms < before)
        connection.execute(delete(reviews).where(reviews.c.decision_id.in_(stale)))
        connection.execute(delete(store.tables.feedback).where(store.tables.feedback.c.decision_id.in_(stale)))
        count = connection.execute(delete(decisions).where(decisions.c.decided_at_ms < before)).rowcount
        old = connection.execute(delete(incidents).where(incidents.c.at_ms < now - incident_days * DAY_MS)).rowcount
        if count or old or clock_is_right:
            store.audit.append(connection, "sendsafe", "store.purged", verdicts=count, incidents=old, clock_is_right=clock_is_right)
        if seen is None or int(seen) < now or clock_is_right:
            store.set_fact(connection, CLOCK, str(now))
    wipe_deleted(store.engine)
    store.note_head()
    return count


def erase(store: Store, reference: str, client: str | None = None) -> int:
    """Forget everything kept under a reference; return how many verdicts went."""
    tables = store.tables
    decisions = tables.decisions
    is_named = decisions.c.reference == reference
    if client is not None:
        is_named &= decisions.c.client == client
    with store.engine.begin() as connection:
        first = list(connection.scalars(select(decisions.c.id).where(is_named)))
        ids = [*first, *connection.scalars(select(decisions.c.id).where(decisions.c.duplicate_of.in_(first)))]
        for table in (tables.reviews, tables.feedback, tables.incidents):
            connection.execute(delete(table).where(table.c.decision_id.in_(ids)))
        connection.execute(delete(decisions).where(decisions.c.id.in_(ids)))
        if ids:
            about = store.vault.digest("reference", reference.encode())
            store.audit.append(connection, "operator", "store.erased", verdicts=len(ids), reference_digest=about)
    wipe_deleted(store.engine)
    store.note_head()
    return len(ids)


def reseal(store: Store) -> int:
    """Encrypt everything anew with the newest key, so that the older ones can go; return how many values were."""
    count = 0
    with store.engine.begin() as connection:
        for table, column in store.raw_tables.sealed:
            keys = list(table.primary_key.columns)
            for row in connection.execute(select(*keys, column).where(column.is_not(None))).all():
                is_row = [key == value for key, value in zip(keys, row[:-1], strict=True)]
                connection.execute(update(table).where(*is_row).values({column: store.vault.reseal(row[-1])}))
                count += 1
        store.reseal_known(connection)
        store.audit.append(connection, "operator", "store.resealed", values=count)
    wipe_deleted(store.engine)
    store.note_head()
    return count
