"""The report of blocked sends, by business area and clause."""

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import select

from serving.review.database import reading
from serving.review.store import Store


@dataclass(frozen=True, slots=True)
class IncidentCount:
    """How often a clause blocked a business area; `None` where the caller named none."""

    business_area: str | None
    policy: str | None
    clause: str | None
    count: int


def count_incidents(
    store: Store, since_ms: int | None = None, before_ms: int | None = None, *, is_test: bool = False
) -> list[IncidentCount]:
    """Count blocked sends, the most first; those made with test keys are another report."""
    incidents = store.tables.incidents
    chosen = select(incidents.c.business_area, incidents.c.policy, incidents.c.clause).where(incidents.c.is_test == is_test)
    if since_ms is not None:
        chosen = chosen.where(incidents.c.at_ms >= since_ms)
    if before_ms is not None:
        chosen = chosen.where(incidents.c.at_ms < before_ms)
    with reading(store.engine) as connection:
        counts = Counter((row.business_area, row.policy, row.clause) for row in connection.execute(chosen))
    ordered = sorted(counts.items(), key=lambda item: (-item[1], *map(str, item[0])))
    return [IncidentCount(*key, count=count) for key, count in ordered]
