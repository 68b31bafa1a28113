"""What the desk's pages call things."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from serving.review.judgements import Reason
from serving.review.people import Role
from serving.taxonomy import InfoType, Mode, NameForm, Tier, demanded_tier
from serving.verdict import Action, Channel, Direction

TIER_NAMES = {
    Tier.ROUTINE: "Routine",
    Tier.MINIMUM_CONTACT: "Minimum contact",
    Tier.PERSONAL: "Personal",
    Tier.SENSITIVE: "Sensitive",
}
TIER_HINTS = {
    Tier.ROUTINE: "Nothing about an identifiable person",
    Tier.MINIMUM_CONTACT: "A first name, a phone number, that a document has arrived",
    Tier.PERSONAL: "Any other fact about a person",
    Tier.SENSITIVE: "Health, belief, offences, safeguarding and the like; protective markings",
}
TIER_COLOURS = {Tier.ROUTINE: "green", Tier.MINIMUM_CONTACT: "blue", Tier.PERSONAL: "orange", Tier.SENSITIVE: "red"}
ACTION_NAMES = {Action.ALLOW: "Allow", Action.REVIEW: "Hold for review", Action.BLOCK: "Block"}
REASON_NAMES = {
    Reason.AS_READ: "The words tell what they were read as",
    Reason.DETAIL_MISSED: "A detail was missed",
    Reason.FALSE_ALARM: "Words were taken for a detail that are none",
    Reason.OTHER_TIER: "The details are right, the tier is not",
    Reason.CONTEXT: "What is known beside the text decides",
    Reason.TEMPLATE: "It is of an agreed template",
    Reason.POLICY: "The policy is unclear here",
}
SKIP_REASONS = {
    "unsure": "I am not sure",
    "conflict": "I know the person or the case",
    "distressing": "I would rather not read it",
    "later": "Not now",
}
ESCALATE_REASONS = {"policy": "The policy is unclear", "serious": "It looks like an incident", "language": "I cannot read the language"}
REVEAL_REASONS = {
    "decide": "To decide about it",
    "words": "To see which words tell",
    "urgent": "It may tell of danger",
}
ROLE_NAMES = {
    Role.REVIEWER: "Reviewer",
    Role.ADJUDICATOR: "Adjudicator",
    Role.MANAGER: "Manager",
    Role.AUDITOR: "Auditor",
}
CHANNEL_NAMES = {
    Channel.SMS: "Text message",
    Channel.WHATSAPP: "WhatsApp",
    Channel.WEBCHAT: "Webchat",
    Channel.EMAIL: "Email",
    Channel.SOCIAL_DM: "Social media, direct",
    Channel.SOCIAL_PUBLIC: "Social media, public",
}
DIRECTION_NAMES = {Direction.OUTBOUND: "To a citizen", Direction.INBOUND: "From a citizen"}
_TYPE_NAMES = {
    InfoType.DOB: "date of birth or age",
    InfoType.BANK: "bank details",
    InfoType.CREDENTIAL: "secret or code",
    InfoType.NATIONAL_ID: "national identity number",
    InfoType.UNION: "trade union",
    InfoType.GENETIC_BIOMETRIC: "genetic or biometric",
    InfoType.CRIMINAL: "offences or proceedings",
    InfoType.POLITICS: "political opinion",
    InfoType.SEXUALITY: "sex life or orientation",
}
_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def type_name(info_type: str) -> str:
    """Return an information type in words.

    >>> type_name("protective_marking")
    'protective marking'
    """
    known = _TYPE_NAMES.get(InfoType(info_type)) if info_type in set(InfoType) else None
    return known or info_type.replace("_", " ")


def told(findings: Iterable[Mapping[str, Any]], category: str) -> list[str]:
    """Return the types that a message of this tier tells, in words, each once."""
    return _names(each for each in findings if not _is_beyond(each, category))


def doubtful(findings: Iterable[Mapping[str, Any]], category: str) -> list[str]:
    """Return the types that it only may tell, since they would put it in a higher tier: why it waits, where nobody is sure.

    >>> doubtful([{"type": "health", "mode": "stated", "form": None}, {"type": "phone", "mode": "stated", "form": None}], "minimum_contact")
    ['health']
    """
    return _names(each for each in findings if _is_beyond(each, category))


def _is_beyond(finding: Mapping[str, Any], category: str) -> bool:
    form = NameForm(finding["form"]) if finding["form"] else None
    return demanded_tier(InfoType(finding["type"]), Mode(finding["mode"]), form).rank > Tier(category).rank


def _names(findings: Iterable[Mapping[str, Any]]) -> list[str]:
    return sorted({type_name(each["type"]) for each in findings})


def span_of(milliseconds: int) -> str:
    """Return a stretch of time in words, rounded down.

    >>> span_of(59_000), span_of(3_700_000), span_of(200_000_000)
    ('less than a minute', '1 hour', '2 days')
    """
    seconds = max(0, milliseconds // 1000)
    for size, name in ((_DAY, "day"), (_HOUR, "hour"), (_MINUTE, "minute")):
        if count := seconds // size:
            return f"{count} {name}{'s' if count > 1 else ''}"
    return "less than a minute"


def clock_time(at_ms: int) -> str:
    """Return a moment as people write it, in UTC.

    >>> clock_time(86_400_000)
    '2 January 1970, 00:00 UTC'
    """
    return f"{datetime.fromtimestamp(at_ms / 1000, UTC):%-d %B %Y, %H:%M} UTC"
