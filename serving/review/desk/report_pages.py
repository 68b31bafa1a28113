"""The overview and the reports: counts alone, never a word of a message."""

from dataclasses import replace

from sqlalchemy import select
from starlette.responses import Response

from serving.review.clock import DAY_MS
from serving.review.database import reading
from serving.review.desk.charts import bars
from serving.review.desk.visit import Visit
from serving.review.desk.wording import TIER_NAMES
from serving.review.incidents import count_incidents
from serving.review.overview import DAYS_TOLD, Share, look_over
from serving.taxonomy import Tier

_MOST_BARS = 12
_MOST_ENTRIES = 100


def show_overview(visit: Visit) -> Response:
    """Tell how much waits, how far reviewers agree, and how often the machine was right."""
    overview = look_over(visit.store)
    areas = visit.rulebook.areas
    named = tuple(replace(share, name=areas[share.name].name if share.name in areas else share.name) for share in overview.by_area)
    tiers = tuple(replace(share, name=TIER_NAMES[Tier(share.name)]) for share in overview.by_tier)
    plots = [
        (title, bars(shares[:_MOST_BARS], title))
        for title, shares in (
            ("By tier as the machine read it", tiers),
            ("By clause", overview.by_clause),
            ("By business area", named),
            ("By day", _latest(overview.by_day)),
        )
        if shares
    ]
    return visit.page("overview.html", title="Overview", overview=overview, plots=plots, days=DAYS_TOLD)


def show_incidents(visit: Visit) -> Response:
    """Tell how many sends were blocked lately, by business area and clause."""
    since = visit.store.clock.now_ms() - DAYS_TOLD * DAY_MS
    counts = count_incidents(visit.store, since)
    totals: dict[str, int] = {}
    for each in counts:
        area = each.business_area or "not told"
        totals[area] = totals.get(area, 0) + each.count
    ordered = sorted(totals.items(), key=lambda item: (-item[1], item[0]))
    return visit.page("incidents.html", title="Incidents", counts=counts, totals=ordered, days=DAYS_TOLD)


def show_audit(visit: Visit) -> Response:
    """List the newest entries of the audit chain, and whether the chain holds."""
    audit, reviewers = visit.store.tables.audit, visit.store.tables.reviewers
    with reading(visit.store.engine) as connection:
        entries = connection.execute(select(audit).order_by(audit.c.sequence.desc()).limit(_MOST_ENTRIES)).mappings().all()
        names = {str(row.id): str(row.name) for row in connection.execute(select(reviewers.c.id, reviewers.c.name))}
        count, faults = visit.store.audit.verify(connection)
    return visit.page("audit.html", title="Audit", entries=entries, names=names, count=count, faults=faults)


def _latest(shares: tuple[Share, ...]) -> tuple[Share, ...]:
    return shares[-_MOST_BARS:]
