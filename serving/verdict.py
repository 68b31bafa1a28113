"""A message as it comes in and the verdict that goes out, as frozen values.

Field names and meanings are the contract's (`docs/contract.md`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from serving.findings import Finding
from serving.taxonomy import Tier


class Action(StrEnum):
    """What may happen to the message, mildest first."""

    ALLOW = "allow"
    REVIEW = "review"
    BLOCK = "block"

    @property
    def rank(self) -> int:
        """Return the place in the order, 0 (mildest) to 2."""
        return _ACTIONS.index(self)


_ACTIONS = tuple(Action)


class Channel(StrEnum):
    """The way a message travels."""

    SMS = "sms"
    WHATSAPP = "whatsapp"
    WEBCHAT = "webchat"
    EMAIL = "email"
    SOCIAL_DM = "social_dm"
    SOCIAL_PUBLIC = "social_public"


class Direction(StrEnum):
    """From the organisation to a citizen, or from a citizen to it."""

    OUTBOUND = "outbound"
    INBOUND = "inbound"


class Audience(StrEnum):
    """Who reads the message."""

    CITIZEN = "citizen"
    COLLEAGUE = "colleague"


class Device(StrEnum):
    """Whose device sends it."""

    CORPORATE = "corporate"
    PERSONAL = "personal"


class Route(StrEnum):
    """The system that sends it."""

    REACH = "reach"
    DWP_MOBILE = "dwp_mobile"
    OTHER = "other"


class DecidedBy(StrEnum):
    """Who settled the category."""

    MODEL = "model"
    RULES = "rules"
    FALLBACK = "fallback"


@dataclass(frozen=True, slots=True)
class Recipient:
    """What the caller knows of the recipient; `None` is unknown. The phone is looked at and forgotten."""

    phone: str | None = field(default=None, repr=False)
    consent: bool | None = None
    last_verified: date | None = None
    used_before: bool | None = None


@dataclass(frozen=True, slots=True)
class Sender:
    """What the caller tells of the sender; `None` is unknown."""

    business_area: str | None = None
    device: Device | None = None
    route: Route | None = None
    two_way: bool | None = None
    sender_id: str | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """One message to judge, 1 to 10,000 characters. Its text never appears in its `repr`.

    Where it was made from a template, `template` is that, and `personalisation` the values by field, in order.
    """

    text: str = field(repr=False)
    subject: str | None = field(default=None, repr=False)
    template: str | None = field(default=None, repr=False)
    personalisation: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    channel: Channel | None = None
    direction: Direction = Direction.OUTBOUND
    audience: Audience | None = None
    policies: tuple[str, ...] = ()
    reference: str | None = None
    recipient: Recipient = Recipient()
    sender: Sender = Sender()
    significant: bool = False
    exception: str | None = None
    send_by: datetime | None = None
    shadow: bool = False
    redact: bool = False
    explain: bool = False


@dataclass(frozen=True, slots=True)
class Reason:
    """A clause that changed the action, and the findings (by place in the list) that made it."""

    policy: str
    clause: str
    effect: Action
    summary: str
    findings: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Advice:
    """A clause that tells the caller something and changes nothing."""

    policy: str
    clause: str
    summary: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Another wording that was itself scored and allowed."""

    text: str
    category: Tier


@dataclass(frozen=True, slots=True)
class Coverage:
    """What looked at the text, and whether it saw all of it."""

    model: bool
    rules: bool
    complete: bool
    windows: int
    language: str | None


@dataclass(frozen=True, slots=True)
class SmsSize:
    """How a text message would be sent: `gsm7` or `ucs2`, and in how many segments."""

    encoding: str
    segments: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer to one message."""

    id: str
    reference: str | None
    category: Tier
    scores: Mapping[Tier, float] | None
    action: Action
    decided_by: DecidedBy
    degraded: bool
    disguised: bool
    urgent: bool
    findings: tuple[Finding, ...]
    reasons: tuple[Reason, ...]
    advice: tuple[Advice, ...]
    suggestion: Suggestion | None
    reply: str | None
    redacted: str | None
    explanation: Mapping[str, Any] | None
    coverage: Coverage
    sms: SmsSize | None
    model: str | None
    policies: tuple[tuple[str, str], ...]
    review: Mapping[str, str] | None = None
    grounds: object = field(default=None, repr=False, compare=False)
    """What the packs were asked with (`facts.Grounds`), so that another pack can be asked later."""
