"""What is known of a message when the packs are asked: plain facts by name, `unknown` where the caller has not told.

The names are the keys of a pack's conditions (`serving.policy.condition`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import cache

from serving.findings import CERTAIN, Finding
from serving.phones import line_of
from serving.policy import NO_MATCH, Area, Fit, Keep, Match, Pack
from serving.policy.condition import UNKNOWN
from serving.policy.exceptions import AgreedException
from serving.signs import Sign
from serving.taxonomy import InfoType, Mode, Tier
from serving.verdict import Channel, Direction, Message, SmsSize

Facts = Mapping[str, frozenset[str]]
_NOTHING: frozenset[str] = frozenset()
_UNKNOWN = frozenset({UNKNOWN})
_SUBJECT_MARKS = ("OFFICIAL-SENSITIVE", "SECRET")
_MALFORMED = ("OFFICIAL SENSITIVE", "OFFICIAL - SENSITIVE", "OFFICIAL-SENSITIVE", "OFF-SENS", "OFF SENS", "O-S ")


class Certainty(StrEnum):
    """How sure the reading is that the message tells nothing personal (`safe`) or that it does (`unsafe`)."""

    SAFE = "safe"
    UNSURE = "unsure"
    UNSAFE = "unsafe"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is known of a message's content when the packs are asked.

    `is_plain`: in a language that the model reads, and in no disguise. `remainder` is how the text reads without its surnames
    and plain relations, `None` where that was not asked.
    """

    category: Tier
    certainty: Certainty
    findings: tuple[Finding, ...]
    is_degraded: bool
    is_plain: bool = True
    remainder: Certainty | None = None


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What is known beside message and content.

    `match` is the agreed template that the text is of; `exception_fault` says why an exception counts for nothing.
    """

    text: str = ""
    signs: frozenset[Sign] = frozenset()
    markings: frozenset[str] = frozenset()
    area: Area | None = None
    match: Match = NO_MATCH
    is_template_safe: bool = False
    """the agreed template was read as safe, and its values are checked"""
    exception: AgreedException | None = None
    exception_fault: str | None = None
    size: SmsSize | None = None
    repeats: int = 0
    today: date | None = None
    kept: Facts = field(default_factory=dict)
    """facts as they were noted, where words and numbers they came from are gone"""


@dataclass(frozen=True, slots=True)
class Grounds:
    """What the packs were asked with, so that others can be asked later, and what each of them says of keeping it."""

    judgement: Judgement
    circumstances: Circumstances
    keep: tuple[Keep | None, ...] = ()


def facts_of(message: Message, judgement: Judgement, circumstances: Circumstances) -> dict[str, frozenset[str]]:
    """Return the facts that are the same for every pack."""
    sender, recipient = message.sender, message.recipient
    size = circumstances.size
    facts = {
        "tier": _sure_tier(judgement),
        "reading": _one(judgement.category),
        "remainder": _NOTHING if judgement.remainder is None else _one("safe" if judgement.remainder is Certainty.SAFE else "telling"),
        "sign": circumstances.signs,
        "marking": circumstances.markings,
        "encoding": _NOTHING if size is None else _one(size.encoding),
        "channel": _told(message.channel),
        "direction": _one(message.direction),
        "audience": _told(message.audience),
        "device": _told(sender.device),
        "route": _told(sender.route),
        "two_way": _answer(sender.two_way),
        "sender_id": _sender_id(sender.sender_id, circumstances.area),
        "line": _one(line_of(recipient.phone)) if recipient.phone else _UNKNOWN,
        "consent": _answer(recipient.consent),
        "used_before": _answer(recipient.used_before),
        "template": _one(circumstances.match.fit),
        "exception": _exception(message, circumstances),
        "significant": _answer(message.significant),
        "subject": _subject(message, circumstances.markings),
    }
    return {**facts, **circumstances.kept}


def pack_facts(pack: Pack, message: Message, circumstances: Circumstances) -> Facts:
    """Return the facts that depend on a pack's settings."""
    area, size = circumstances.area, circumstances.size
    corporate = pack.corporate_channels if area is None or area.corporate_channels is None else area.corporate_channels
    is_repeated = circumstances.repeats >= pack.repeats_from and circumstances.match.fit is not Fit.MATCHED
    return {
        "corporate": _answer(None if message.channel is None else message.channel in corporate),
        "require_template": _answer(pack.require_template),
        "repeated": _answer(is_repeated),
        "length": _NOTHING if size is None else _one("long" if size.segments > pack.most_segments else "short"),
        "verified": _verified(message.recipient.last_verified, circumstances.today, pack.verify_after_days),
    }


def markings_of(text: str, findings: tuple[Finding, ...], certainty: Certainty) -> frozenset[str]:
    """Return the protective markings that a text carries, from findings in it; the model's count once its reading is sure.

    >>> found = Finding(InfoType.PROTECTIVE_MARKING, 0, 10, detector="marking.secret")
    >>> sorted(markings_of("TOP SECRET: move it", (found,), Certainty.UNSAFE))
    ['secret']
    """
    found = set()
    for finding in findings:
        if finding.info_type is not InfoType.PROTECTIVE_MARKING or finding.mode is not Mode.STATED:
            continue
        if certainty is Certainty.UNSAFE or (finding.is_rule and finding.score >= CERTAIN):
            words = text[finding.start : finding.end].upper()
            found.add("secret" if "SECRET" in words else "official_sensitive")
    return frozenset(found)


def today() -> date:
    """Return today's date in UTC."""
    return datetime.now(UTC).date()


@cache
def _one(value: str) -> frozenset[str]:
    return frozenset({value})


def _sure_tier(judgement: Judgement) -> frozenset[str]:
    """Return the tier that checks may act on: that a message tells something must be sure, that it tells little is the least there is."""
    is_sure = judgement.category.rank < Tier.PERSONAL.rank or judgement.certainty is Certainty.UNSAFE
    return _one(judgement.category) if is_sure else _NOTHING


def _told(value: StrEnum | None) -> frozenset[str]:
    return _UNKNOWN if value is None else _one(value)


def _answer(value: bool | None) -> frozenset[str]:  # noqa: FBT001 (it is the value)
    return _UNKNOWN if value is None else _one("yes" if value else "no")


def _sender_id(sender_id: str | None, area: Area | None) -> frozenset[str]:
    if sender_id is None or area is None:
        return _UNKNOWN
    known = {each.casefold() for each in area.sender_ids}
    return _one("registered" if sender_id.casefold() in known else "unregistered")


def _verified(last: date | None, day: date | None, most_days: int) -> frozenset[str]:
    if last is None:
        return _UNKNOWN
    return _one("stale" if ((day or today()) - last).days > most_days else "recent")


def _exception(message: Message, circumstances: Circumstances) -> frozenset[str]:
    if message.exception is None:
        return _one("none")
    is_valid = circumstances.exception is not None and circumstances.exception_fault is None
    return _one("valid" if is_valid else "invalid")


def _subject(message: Message, markings: frozenset[str]) -> frozenset[str]:
    """Tell how the subject of an email carries the marking of its body."""
    if message.channel not in (Channel.EMAIL, None) or message.subject is None:
        return _one("none")
    is_marked = any(mark in message.subject for mark in _SUBJECT_MARKS)
    plain = message.subject.upper().replace("_", " ").replace("/", " ").replace(":", " ")
    if is_marked:
        return _one("marked")
    if any(
        form in plain
        for form in (
            "OFFICIAL SENSITIVE",
            "OFFICIAL - SENSITIVE",
            "OFFICIAL-SENSITIVE",
            "OFFICIAL–SENSITIVE",
            "OFF-SENS",
            "OFF SENS",
            "O-S ",
        )
    ):
        return _one("malformed")
    return _one("unmarked") if markings else _one("none")


def is_inbound(message: Message) -> bool:
    """Tell whether a citizen wrote the message."""
    return message.direction is Direction.INBOUND
