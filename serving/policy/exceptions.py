"""The register of agreed exceptions: who may send otherwise than a policy says, how, until when, and who agreed.

An exception excuses how a message travels, never what it tells. Out of its time or scope it does nothing.
"""

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, field_validator, model_validator

from serving.policy.areas import AREA_ID
from serving.policy.condition import Part, Values, one_of
from serving.policy.document import Document
from serving.policy.pack import Pack
from serving.verdict import Channel, Direction, Message, Route

_SENIOR_OFFICER = re.compile(r"\bS\.?R\.?O\.?\b|senior\W+responsible", re.IGNORECASE)


class Scope(Part):
    """What an exception covers; what is left out it does not."""

    clauses: Mapping[str, tuple[str, ...]] = Field(min_length=1)
    """by pack, the clauses that it lifts"""
    channels: Annotated[Values, BeforeValidator(one_of(Channel))] = tuple(Channel)
    routes: Annotated[Values, BeforeValidator(one_of(Route))] = ()
    two_way: bool = False


class AgreedException(Part):
    """One exception, as it was agreed."""

    reference: str = Field(min_length=1, max_length=100)
    business_area: str = Field(pattern=AREA_ID)
    scope: Scope
    direction: Annotated[Values, BeforeValidator(one_of(Direction))] = (Direction.OUTBOUND,)
    reason: str = Field(min_length=1)
    approver_role: str = Field(min_length=1)
    start: date
    end: date
    records_protocol: str = Field(min_length=1)

    @field_validator("approver_role")
    @classmethod
    def _is_no_senior_officer(cls, role: str) -> str:
        if _SENIOR_OFFICER.search(role):
            raise ValueError("a Senior Responsible Officer may not accept this risk (DWP SMS Text Policy 1.6): name the authority that did")
        return role

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.end < self.start:
            raise ValueError("the exception ends before it starts")
        return self

    @property
    def named(self) -> tuple[tuple[str, str], ...]:
        """Return pack and clause of all that it is about."""
        return tuple((pack, clause) for pack, clauses in self.scope.clauses.items() for clause in clauses)

    def lifts(self, pack: str, clause: str) -> bool:
        """Tell whether it is about a clause."""
        return clause in self.scope.clauses.get(pack, ())

    def fault(self, message: Message, today: date) -> str | None:
        """Return why it does nothing for a message, `None` where it counts."""
        sender, scope = message.sender, self.scope
        if today < self.start:
            return "it has not begun"
        if today > self.end:
            return "it has ended"
        if sender.business_area != self.business_area:
            return "it was agreed for another business area"
        if message.direction not in self.direction:
            return "it was agreed for the other direction"
        if message.channel is not None and message.channel not in scope.channels:
            return "it does not cover this channel"
        if sender.route not in (None, Route.REACH) and sender.route not in scope.routes:
            return "it does not cover this route"
        if sender.two_way and not scope.two_way:
            return "it covers one-way messages alone"
        return None


class _Exceptions(Part):
    exceptions: tuple[AgreedException, ...] = ()


def read_exceptions(path: Path, packs: Mapping[str, Pack] | None = None) -> Mapping[str, AgreedException]:
    """Read the register; without a file it is empty.

    Raises:
        PolicyError: it is broken, a reference stands twice, a Senior Responsible Officer has approved one, or one would lift a
            clause of these packs that no exception may lift.
    """
    if not path.exists():
        return {}
    document = Document(path)
    agreed: dict[str, AgreedException] = {}
    for place, each in enumerate(document.check(_Exceptions).exceptions):
        if each.reference in agreed:
            document.refuse(("exceptions", place, "reference"), f"the reference '{each.reference}' stands twice")
        if fixed := [(pack, clause) for pack, clause in each.named if pack in (packs or {}) and not (packs or {})[pack].may_lift(clause)]:
            pack, clause = fixed[0]
            document.refuse(("exceptions", place, "scope", "clauses", pack), f"no exception may lift clause {clause} of {pack}")
        agreed[each.reference] = each
    return agreed
