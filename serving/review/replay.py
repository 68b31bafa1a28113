"""Which kept verdicts would change under another policy pack: asked from their features, since the text is gone."""

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import select

from serving.decide import decide
from serving.policy import Pack, Rulebook
from serving.review.database import reading
from serving.review.records import grounds_of, message_of
from serving.review.store import Store
from serving.verdict import Action

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Change:
    """A verdict that would be another."""

    id: str
    before: Action
    after: Action
    clause: str | None


@dataclass(frozen=True, slots=True)
class Replay:
    """What came of asking two packs about every kept verdict.

    `unknown` counts verdicts of which not enough is kept; they were not compared. `unasked` are clauses, as `pack clause`, that
    look at the text itself: without it they did not speak.
    """

    compared: int
    unknown: int
    changes: tuple[Change, ...]
    unasked: tuple[str, ...]

    @property
    def counts(self) -> Counter[tuple[Action, Action]]:
        """Return how many verdicts go from one action to another."""
        return Counter((change.before, change.after) for change in self.changes)


def replay(store: Store, old: Pack, new: Pack, rulebook: Rulebook, since_ms: int | None = None) -> Replay:
    """Ask both packs about each verdict that was given under the old pack's id, alone or among others.

    `rulebook` has the registers of business areas and exceptions, as they are now.
    """
    decisions = store.tables.decisions
    chosen = select(decisions.c.id, decisions.c.features).order_by(decisions.c.decided_at_ms)
    if since_ms is not None:
        chosen = chosen.where(decisions.c.decided_at_ms >= since_ms)
    compared = unknown = 0
    changes: list[Change] = []
    with reading(store.engine) as connection:
        for row in connection.execution_options(yield_per=_AT_ONCE).execute(chosen).mappings():
            features = row["features"]
            if old.id not in {pack["id"] for pack in features["answer"]["policies"]}:
                continue
            if features["grounds"] is None:
                unknown += 1
                continue
            message, grounds = message_of(features), grounds_of(features, rulebook)
            before, after = (decide(message, grounds.judgement, [pack], grounds.circumstances) for pack in (old, new))
            compared += 1
            if before.action is not after.action:
                clause = after.reasons[0].clause if after.reasons else None
                changes.append(Change(row["id"], before.action, after.action, clause))
    unasked = dict.fromkeys(each for pack in (old, new) for each in _reading_text(pack))
    return Replay(compared, unknown, tuple(changes), tuple(unasked))


def _reading_text(pack: Pack) -> list[str]:
    """Return the clauses with a check that needs the text, or a reading of it that was not asked for at the time."""
    return [
        f"{pack.id} {clause.id}"
        for clause in pack.clauses
        for check in clause.checks
        if any(condition.pattern or condition.remainder for condition in (check.when, check.unless) if condition)
    ]
