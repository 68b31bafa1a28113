"""Policy packs: what policy officers write, as frozen clauses.

A pack says of every clause of its source how it is met (`effect`), and for those that can be judged from a message, by which
checks: when each fires and what then happens.
"""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, field_validator, model_validator

from serving.policy.condition import Condition, Part, Tests, Values, one_of
from serving.taxonomy import InfoType
from serving.verdict import Action, Channel

PACK_ID = "^[a-z][a-z0-9-]{1,40}$"


class Effect(StrEnum):
    """How a clause is met."""

    ENFORCE = "enforce"
    ADVISE = "advise"
    RECORD = "record"
    DESIGN = "design"
    OUTSIDE = "outside"


class Outcome(StrEnum):
    """What happens when a check fires."""

    ALLOW = "allow"
    """the clauses that it `excuses` do not count"""
    ADVISE = "advise"
    REVIEW = "review"
    BLOCK = "block"

    @property
    def action(self) -> Action | None:
        """Return the action that it asks for, `None` where it asks for none."""
        return Action(self.value) if self in (Outcome.REVIEW, Outcome.BLOCK) else None


class Keep(StrEnum):
    """What is kept of a verdict, least first; with `text` also the text of a held message, encrypted, while it is held."""

    NOTHING = "nothing"
    FEATURES = "features"
    TEXT = "text"

    @property
    def rank(self) -> int:
        """Return the place in the order, 0 (least) to 2."""
        return list(Keep).index(self)


class Check(Part):
    """When a clause speaks, and what it says. `exception` is what is left of it under a valid exception that covers it."""

    when: Condition
    unless: Condition | None = None
    then: Outcome
    say: str | None = Field(default=None, min_length=1)
    by_type: Mapping[InfoType, str] = {}
    excuses: tuple[str, ...] = ()
    exception: Annotated[Outcome | None, Field(strict=False)] = None

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.say is None and self.then is not Outcome.ALLOW:
            raise ValueError("a check that can fire needs 'say', the sentence that callers read")
        if bool(self.excuses) != (self.then is Outcome.ALLOW):
            raise ValueError("'excuses' belongs to 'then: allow', and to nothing else: it names the clauses that do not count")
        if self.then is Outcome.BLOCK and self.when.is_inbound:
            raise ValueError("a message from a citizen has already been sent: it cannot be blocked")
        self._check_exception()
        return self

    def _check_exception(self) -> None:
        if self.exception is None:
            return
        if self.exception not in (Outcome.ALLOW, Outcome.REVIEW) or self.then.action is None:
            raise ValueError("'exception' makes a review or a block into 'allow' or 'review'")
        if self.when.is_of_content:
            raise ValueError("no exception may excuse what a text tells or asks for")
        if self.when.marking and (set(self.when.marking) != {"official_sensitive"} or self.exception is not Outcome.REVIEW):
            raise ValueError("of markings only official_sensitive may have an exception, and it leaves 'review'")


class Clause(Part):
    """One clause of the source, paraphrased."""

    id: str = Field(min_length=1, max_length=20)
    says: str = Field(min_length=1)
    effect: Effect
    how: str = Field(min_length=1)
    checks: tuple[Check, ...] = ()

    @model_validator(mode="after")
    def _effect_fits(self) -> Self:
        if self.checks and self.effect not in (Effect.ENFORCE, Effect.ADVISE):
            raise ValueError(f"clause {self.id}: a clause with checks is met by 'enforce' or 'advise'")
        if self.effect is Effect.ADVISE and any(check.then.action for check in self.checks):
            raise ValueError(f"clause {self.id}: only a clause with effect 'enforce' may hold or block")
        return self


class Defaults(Part):
    """What to do where the reading is not sure, or no model answered."""

    uncertain: Action = Action.REVIEW
    degraded: Action = Action.REVIEW
    fallback_may_allow: bool = False
    """whether a message that only rules and linear fallback have read may go where both call it safe"""

    @field_validator("degraded")
    @classmethod
    def _is_never_laxer(cls, action: Action) -> Action:
        if action is Action.ALLOW:
            raise ValueError("an answer without the model is held or blocked, never allowed")
        return action


class Pack(Part):
    """One policy, clause by clause."""

    id: str = Field(pattern=PACK_ID)
    version: str = Field(min_length=1)
    title: str
    source: str
    source_review: date | None = None
    """when the source itself was due for review"""
    review_by: date
    extends: str | None = None
    channels: Annotated[Values, BeforeValidator(one_of(Channel))] = tuple(Channel)
    corporate_channels: Annotated[Values, BeforeValidator(one_of(Channel))] = (Channel.SMS, Channel.EMAIL, Channel.WEBCHAT)
    require_template: bool = False
    repeats_from: int = Field(default=25, ge=2, le=100_000)
    most_segments: int = Field(default=2, ge=1, le=20)
    verify_after_days: int = Field(default=183, ge=1, le=3660)
    defaults: Defaults = Defaults()
    keep: Keep | None = Field(default=None, description="what is kept of verdicts under this pack; left out, the deployment says")
    uncertain_clause: str
    urgent_clause: str | None = None
    clauses: tuple[Clause, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _ids_fit(self) -> Self:
        ids = [clause.id for clause in self.clauses]
        if repeated := sorted({each for each in ids if ids.count(each) > 1}):
            raise ValueError(f"clause {', '.join(repeated)} stands more than once")
        if self.uncertain_clause not in ids:
            raise ValueError(f"uncertain_clause names '{self.uncertain_clause}', which is no clause of this pack")
        if self.urgent_clause is not None and self.urgent_clause not in ids:
            raise ValueError(f"urgent_clause names '{self.urgent_clause}', which is no clause of this pack")
        for clause in self.clauses:
            for check in clause.checks:
                if missing := [each for each in check.excuses if each not in ids]:
                    raise ValueError(f"clause {clause.id} excuses '{missing[0]}', which is no clause of this pack")
        return self

    @cached_property
    def facts_used(self) -> frozenset[str]:
        """Return the names of the facts that its checks speak of."""
        conditions = [each for clause in self.clauses for check in clause.checks for each in (check.when, check.unless) if each]
        return frozenset(name for condition in conditions for name, _ in condition.tests)

    @cached_property
    def outbound_checks(self) -> tuple[tuple[Clause, Check, Tests], ...]:
        """Return the checks of what is sent, with their clauses and what must hold of the message as a whole."""
        return tuple((clause, check, check.when.tests) for clause in self.clauses for check in clause.checks if check.when.is_outbound)

    @cached_property
    def inbound_checks(self) -> tuple[tuple[Clause, Check, Tests], ...]:
        """Return the checks of what citizens write, with their clauses and what must hold of the message as a whole."""
        return tuple((clause, check, check.when.tests) for clause in self.clauses for check in clause.checks if check.when.is_inbound)

    def may_lift(self, clause: str) -> bool:
        """Tell whether an exception may lift a clause."""
        return any(check.exception is not None for each in self.clauses if each.id == clause for check in each.checks)

    def covers(self, channel: Channel | None) -> bool:
        """Tell whether the pack is written for a channel; an unknown one it covers."""
        return channel is None or channel in self.channels

    def overdue(self, today: date) -> tuple[str, ...]:
        """Return what is overdue for review, in sentences."""
        told = []
        if self.source_review is not None and self.source_review < today:
            told.append(f"The source of {self.id} was due for review in {self.source_review:%B %Y}.")
        if self.review_by < today:
            told.append(f"The pack {self.id} was due for review by {self.review_by:%-d %B %Y}.")
        return tuple(told)
