"""One held message as its page shows it: what is known beside the text, who said what, and what was judged of its like."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select

from serving.errors import NotStoredError
from serving.policy import Rulebook
from serving.review.database import reading
from serving.review.desk.shown import Marked
from serving.review.judgements import standing
from serving.review.people import Reviewer
from serving.review.queue import Stage, holds
from serving.review.records import Row
from serving.review.store import Store
from serving.taxonomy import Mode, Tier
from serving.verdict import Action, DecidedBy, Direction

_LATELY = 2_000
"""How many judgements are looked through for similar ones."""


@dataclass(frozen=True, slots=True)
class ClauseSaid:
    """A clause that fired, with its words in the pack."""

    policy: str
    title: str
    clause: str
    effect: str
    summary: str
    says: str | None


@dataclass(frozen=True, slots=True)
class Similar:
    """How often messages of the same tier and types were judged one way."""

    category: str
    action: str
    count: int


@dataclass(frozen=True, slots=True)
class Case:
    """A held message that somebody has taken."""

    review: Row
    answer: Mapping[str, Any]
    message: Mapping[str, Any]
    words: Mapping[str, Any] = field(repr=False)
    text: str = field(repr=False)
    subject: str | None = field(repr=False)
    reasons: tuple[ClauseSaid, ...]
    advice: tuple[ClauseSaid, ...]
    notes: tuple[Mapping[str, Any], ...] = field(repr=False)
    similar: tuple[Similar, ...]
    earlier: tuple[Mapping[str, Any], ...] = field(repr=False)
    """what others judged: for the adjudicator alone"""
    area: str | None
    """the business area as readers know it, else as the caller named it"""
    clauses: tuple[tuple[str, str], ...]
    """every clause that may be cited, as `pack clause` and in words"""

    @property
    def marks(self) -> list[Marked]:
        """Return what was found in the text."""
        return [Marked(each["start"], each["end"], each["type"], each["mode"]) for each in self.answer["findings"]]

    @property
    def is_masked_whole(self) -> bool:
        """Tell whether something is told and nobody knows by which words."""
        tells = Tier(self.answer["category"]).rank >= Tier.PERSONAL.rank
        return tells and not any(each["mode"] == Mode.STATED for each in self.answer["findings"])

    @property
    def is_inbound(self) -> bool:
        """Tell whether a citizen wrote it."""
        return bool(self.message["direction"] == Direction.INBOUND)

    @property
    def leans(self) -> bool:
        """Tell whether the model named a stricter tier than the one it holds likeliest."""
        scores, category = self.answer["scores"], self.answer["category"]
        return self.answer["decided_by"] == DecidedBy.MODEL and bool(scores) and scores[category] < max(scores.values())

    @property
    def proposed(self) -> Action:
        """Return what follows if the machine has the tier right; a citizen's message cannot be blocked."""
        is_harmless = Tier(self.answer["category"]).rank <= Tier.MINIMUM_CONTACT.rank
        return Action.ALLOW if self.is_inbound or is_harmless else Action.BLOCK

    @property
    def types(self) -> list[str]:
        """Return the types found, each once."""
        return sorted({each["type"] for each in self.answer["findings"]})


def open_case(store: Store, rulebook: Rulebook, reviewer: Reviewer, review_id: str) -> Case | None:
    """Return a message that this reviewer holds, `None` where it is not theirs (any more); the look is put on the audit chain.

    Raises:
        NotStoredError: there is no such message.
    """
    tables = store.tables
    with store.engine.begin() as connection:
        review = connection.execute(select(tables.reviews).where(tables.reviews.c.id == review_id)).mappings().first()
        if review is None:
            raise NotStoredError("no such review")
        if connection.execute(select(tables.reviews.c.id).where(holds(store, reviewer, review_id))).first() is None:
            return None
        decision = connection.execute(select(tables.decisions).where(tables.decisions.c.id == review["decision_id"])).mappings().one()
        notes = (
            connection.execute(select(tables.notes).where(tables.notes.c.review_id == review_id).order_by(tables.notes.c.at_ms))
            .mappings()
            .all()
        )
        is_adjudicated = review["stage"] == Stage.ADJUDICATION
        earlier = connection.execute(standing(store, review_id)).mappings().all()[::-1] if is_adjudicated else []
        store.audit.append(connection, reviewer.id, "review.viewed", review=review_id, revealed=review["is_revealed"])
    store.note_head()
    is_blind = review["stage"] == Stage.SECOND
    seen = [note for note in notes if not is_blind or note["reviewer_id"] == reviewer.id]
    return _case(store, rulebook, review, decision, seen, earlier)


def reveal(store: Store, reviewer: Reviewer, review_id: str, reason: str) -> bool:
    """Unmask a message for whoever holds it, and put the reason on the audit chain; return whether it was theirs."""
    reviews = store.tables.reviews
    with store.engine.begin() as connection:
        is_mine = holds(store, reviewer, review_id)
        if connection.execute(reviews.update().where(is_mine).values(is_revealed=True)).rowcount != 1:
            return False
        store.audit.append(connection, reviewer.id, "review.revealed", review=review_id, reason=reason)
    store.note_head()
    return True


def _case(store: Store, rulebook: Rulebook, review: Row, decision: Row, notes: Sequence[Row], earlier: Sequence[Row]) -> Case:
    kept = json.loads(review["text"])
    features = decision["features"]
    answer = features["answer"]
    asked = [rulebook.packs[each["id"]] for each in answer["policies"] if each["id"] in rulebook.packs]
    words = json.loads(decision["words"]) if decision["words"] else {}
    named: str | None = words.get("business_area")
    return Case(
        review=review,
        answer=answer,
        message=features["message"],
        words=words,
        text=kept["text"],
        subject=kept["subject"],
        reasons=tuple(_said(rulebook, each, each["effect"]) for each in answer["reasons"]),
        advice=tuple(_said(rulebook, each, "advise") for each in answer["advice"]),
        notes=tuple(dict(note) for note in notes),
        similar=_similar(store, review, answer["category"]),
        earlier=tuple(dict(each) for each in earlier),
        area=rulebook.areas[named].name if named is not None and named in rulebook.areas else named,
        clauses=tuple((f"{pack.id} {clause.id}", f"{clause.id} {clause.says}") for pack in asked for clause in pack.clauses),
    )


def _said(rulebook: Rulebook, reason: Mapping[str, Any], effect: str) -> ClauseSaid:
    pack = rulebook.packs.get(reason["policy"])
    says = next((clause.says for clause in pack.clauses if clause.id == reason["clause"]), None) if pack else None
    return ClauseSaid(reason["policy"], pack.title if pack else reason["policy"], reason["clause"], effect, reason["summary"], says)


def _similar(store: Store, review: Row, category: str) -> tuple[Similar, ...]:
    """Count what was judged lately of messages that the machine put in the same tier with the same types; their text is gone."""
    reviews, judgements, decisions = store.tables.reviews, store.tables.judgements, store.tables.decisions
    lately = select(judgements).where(judgements.c.undone_at_ms.is_(None)).order_by(judgements.c.at_ms.desc()).limit(_LATELY).subquery()
    counted = (
        select(lately.c.category, lately.c.action, func.count().label("times"))
        .join(reviews, reviews.c.id == lately.c.review_id)
        .join(decisions, decisions.c.id == reviews.c.decision_id)
        .where(reviews.c.id != review["id"], reviews.c.types == review["types"], decisions.c.category == category)
        .group_by(lately.c.category, lately.c.action)
        .order_by(func.count().desc())
    )
    with reading(store.engine) as connection:
        return tuple(Similar(row.category, row.action, row.times) for row in connection.execute(counted))
