"""What the desk has done: how much was judged, how far reviewers agree, how often the machine was right."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select

from serving.review.clock import DAY_MS
from serving.review.database import reading
from serving.review.queue import Stage, Waiting, count_waiting
from serving.review.store import Store
from serving.taxonomy import TIERS, Tier

DAYS_TOLD = 30
_Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Share:
    """Of how many judgements, and how many of them went against the machine."""

    name: str
    judged: int
    overridden: int


@dataclass(frozen=True, slots=True)
class Overview:
    """The desk's last thirty days; `None` is what cannot be said, since there was nothing to say it of."""

    waiting: Waiting
    decided_today: int
    judged: int
    machine_right: float | None
    pairs: int
    same: float | None
    kappa: float | None
    by_clause: tuple[Share, ...]
    by_area: tuple[Share, ...]
    by_tier: tuple[Share, ...]
    by_day: tuple[Share, ...]


def weighted_kappa(pairs: Sequence[tuple[Tier, Tier]]) -> float | None:
    """Return Cohen's kappa with quadratic weights: 1 is full agreement, 0 what chance alone would give.

    `None` where it is not defined: without pairs, or where all judgements are of one tier. Source: J. Cohen, Weighted kappa (1968).

    >>> weighted_kappa([(Tier.ROUTINE, Tier.ROUTINE), (Tier.SENSITIVE, Tier.SENSITIVE)])
    1.0
    """
    first, second = Counter(one.rank for one, _ in pairs), Counter(other.rank for _, other in pairs)
    seen = sum((one.rank - other.rank) ** 2 for one, other in pairs)
    by_chance = sum(first[one] * second[other] * (one - other) ** 2 for one in first for other in second)
    return None if by_chance == 0 else 1 - seen * len(pairs) / by_chance


def look_over(store: Store) -> Overview:
    """Count what was judged in the last thirty days."""
    reviews, judgements, decisions = store.tables.reviews, store.tables.judgements, store.tables.decisions
    now = store.clock.now_ms()
    chosen = (
        select(
            judgements.c.review_id, judgements.c.stage, judgements.c.at_ms, judgements.c.category, judgements.c.agrees, judgements.c.policy,
            judgements.c.clause, reviews.c.area, decisions.c.category.label("read_as"),
        )
        .join(reviews, reviews.c.id == judgements.c.review_id)
        .join(decisions, decisions.c.id == reviews.c.decision_id)
        .where(judgements.c.undone_at_ms.is_(None), judgements.c.at_ms >= now - DAYS_TOLD * DAY_MS)
        .order_by(judgements.c.at_ms)
    )  # fmt: skip
    today = now - now % DAY_MS
    with reading(store.engine) as connection:
        rows = [dict(row) for row in connection.execute(chosen).mappings()]
        decided = connection.scalar(select(func.count()).select_from(reviews).where(reviews.c.decided_at_ms >= today)) or 0
    pairs = _pairs(rows)
    return Overview(
        waiting=count_waiting(store),
        decided_today=decided,
        judged=len(rows),
        machine_right=_share(sum(row["agrees"] for row in rows), len(rows)),
        pairs=len(pairs),
        same=_share(sum(one is other for one, other in pairs), len(pairs)),
        kappa=weighted_kappa(pairs),
        by_clause=_shares(rows, lambda row: f"{row['policy']} {row['clause']}" if row["clause"] else "no clause"),
        by_area=_shares(rows, lambda row: row["area"] or "not registered"),
        by_tier=_in_order(_shares(rows, lambda row: row["read_as"]), list(TIERS)),
        by_day=tuple(sorted(_shares(rows, _day), key=lambda share: share.name)),
    )


def _pairs(rows: Sequence[_Row]) -> list[tuple[Tier, Tier]]:
    """Return first and second judgements of the same message."""
    judged: dict[str, dict[str, Tier]] = defaultdict(dict)
    for row in rows:
        judged[row["review_id"]][row["stage"]] = Tier(row["category"])
    return [(each[Stage.FIRST], each[Stage.SECOND]) for each in judged.values() if Stage.FIRST in each and Stage.SECOND in each]


def _shares(rows: Sequence[_Row], name_of: Callable[[_Row], str]) -> tuple[Share, ...]:
    judged, overridden = Counter(map(name_of, rows)), Counter(name_of(row) for row in rows if not row["agrees"])
    return tuple(Share(name, count, overridden[name]) for name, count in judged.most_common())


def _in_order(shares: Sequence[Share], names: list[Any]) -> tuple[Share, ...]:
    return tuple(sorted(shares, key=lambda share: names.index(share.name)))


def _day(row: _Row) -> str:
    return datetime.fromtimestamp(row["at_ms"] / 1000, UTC).date().isoformat()


def _share(count: int, of: int) -> float | None:
    return count / of if of else None
