"""A verdict as it is kept, and back: features in the open, words sealed, the recipient not at all."""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import RowMapping

from serving.facts import Circumstances, Grounds, Judgement, facts_of
from serving.policy import Fit, Keep, Match, Registry, Rulebook
from serving.redact import redact
from serving.review.vault import Vault
from serving.review.weighing import weight_of
from serving.schema import verdict_json
from serving.verdict import Action, Direction, Message, Recipient, Sender, Verdict

KEPT = ("channel", "direction", "audience", "policies", "significant", "send_by", "shadow")
KEPT_OF_RECIPIENT = ("consent", "last_verified", "used_before")
KEPT_OF_SENDER = ("device", "route", "two_way")
SEALED = ("exception",)
SEALED_OF_SENDER = ("business_area", "sender_id")
FORGOTTEN = ("text", "subject", "template", "personalisation", "reference", "recipient", "sender", "redact", "explain")
"""What of a message is not a feature: the text of a held message alone is sealed apart, and the reference has a column."""
NOTED = ("line", "subject", "sender_id", "exception")
"""Facts that come from what is forgotten or sealed; they are fixed words, so they are noted as they were."""
KEPT_OF_CIRCUMSTANCES = ("signs", "markings", "is_template_safe", "exception_fault", "size", "repeats", "today")
WORDS = ("suggestion", "reply", "explanation")
"""What of a verdict may hold words of the message."""

# Serialised without warnings: those would print what a message holds.
_MESSAGE = TypeAdapter(Message)
_RECIPIENT = TypeAdapter(Recipient)
_SENDER = TypeAdapter(Sender)
_JUDGEMENT = TypeAdapter(Judgement)
_CIRCUMSTANCES = TypeAdapter(Circumstances)

NO_RULES = Rulebook({}, {}, {}, Registry())
Row = RowMapping


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: the client that a key names, or anybody on this machine."""

    client: str = "local"
    is_test: bool = False


@dataclass(frozen=True, slots=True)
class Record:
    """One verdict as rows, and as the answer that is given once they are committed."""

    answer: dict[str, Any]
    decision: dict[str, Any]
    review: dict[str, Any] | None
    incident: dict[str, Any] | None


def fingerprint(vault: Vault, message: Message) -> str:
    """Return what tells two messages under one reference apart, and tells nothing else to whoever lacks the secret."""
    return vault.digest("message", _MESSAGE.dump_json(message, exclude={"reference", "redact", "explain"}, warnings=False))


def make_record(
    vault: Vault, caller: Caller, message: Message, verdict: Verdict, keep: Keep, now_ms: int, *, shadow: bool = False
) -> Record:
    """Say what is kept of a verdict.

    A message is held (its text sealed, a review waiting) where the verdict is `review`, `keep` is `text` and it is no shadow,
    neither by its own word nor by the deployment's (`shadow`). A blocked send is an incident.
    """
    is_shadow = message.shadow or shadow
    answer = verdict_json(verdict)
    is_held = verdict.action is Action.REVIEW and keep is Keep.TEXT and not is_shadow
    review_id = uuid.uuid4().hex if is_held else None
    if review_id:
        answer["review"] = {"id": review_id, "url": f"/v1/reviews/{review_id}"}
    first = next((reason for reason in verdict.reasons if reason.effect is verdict.action), None)
    clause = first.clause if first else None
    words = {name: answer[name] for name in WORDS if answer[name] is not None}
    sealed = {name: getattr(message, name) for name in SEALED} | {name: getattr(message.sender, name) for name in SEALED_OF_SENDER}
    words |= {name: value for name, value in sealed.items() if value is not None}
    decision = {
        "id": verdict.id,
        "client": caller.client,
        "reference": message.reference,
        "duplicate_of": None,
        "is_test": caller.is_test,
        "is_shadow": is_shadow,
        "decided_at_ms": now_ms,
        "fingerprint": fingerprint(vault, message),
        "category": verdict.category.value,
        "action": verdict.action.value,
        "features": {
            "answer": {**answer, "redacted": None, **dict.fromkeys(WORDS)},
            "message": _features(message),
            "grounds": _grounds(message, verdict.grounds) if isinstance(verdict.grounds, Grounds) else None,
        },
        "words": json.dumps(words) if words else None,
    }
    review = incident = None
    template = _template(message, verdict.grounds)
    if review_id:
        review = {
            "id": review_id,
            "decision_id": verdict.id,
            "client": caller.client,
            "state": "waiting",
            "held_at_ms": now_ms,
            "send_by_ms": milliseconds(message.send_by) if message.send_by else None,
            "category": verdict.category.value,
            "action": verdict.action.value,
            "clause": clause,
            "decided_at_ms": None,
            "decided_by": None,
            "text": json.dumps({"text": message.text, "subject": message.subject}),
            "weight": weight_of(verdict),
            "is_urgent": verdict.urgent,
            "policy": first.policy if first else None,
            "channel": message.channel.value if message.channel else None,
            "area": _known_area(verdict.grounds),
            "types": f"|{''.join(f'{each}|' for each in sorted({finding.info_type.value for finding in verdict.findings}))}",
            "template": vault.digest("template", template.encode("utf-8", "surrogatepass")) if template else None,
        }
    if verdict.action is Action.BLOCK and not is_shadow:
        incident = {
            "decision_id": verdict.id,
            "client": caller.client,
            "is_test": caller.is_test,
            "at_ms": now_ms,
            "category": verdict.category.value,
            "policy": first.policy if first else None,
            "clause": clause,
            "business_area": message.sender.business_area,
        }
    return Record(answer, decision, review, incident)


def first_answer(row: Row, message: Message) -> dict[str, Any]:
    """Return the verdict that a message was given when it first came under its reference."""
    features = row["features"]
    answer: dict[str, Any] = dict(features["answer"])
    words = json.loads(row["words"]) if row["words"] else {}
    answer |= {name: words[name] for name in WORDS if name in words}
    if message.redact and features["grounds"] is not None:
        answer["redacted"] = redact(message.text, grounds_of(features, NO_RULES).judgement.findings)
    return answer


def grounds_of(features: Mapping[str, Any], rulebook: Rulebook) -> Grounds:
    """Return what the packs were asked with; business area, template and exception are looked up as they are now.

    The text is gone, so a pack's own patterns find nothing.
    """
    kept = features["grounds"]
    circumstances = replace(
        _CIRCUMSTANCES.validate_python(kept["circumstances"]),
        area=rulebook.areas.get(kept["area"]),
        exception=rulebook.exceptions.get(kept["exception"]),
        match=Match(Fit(kept["fit"])),
        kept={name: frozenset(values) for name, values in kept["facts"].items()},
    )
    return Grounds(_JUDGEMENT.validate_python(kept["judgement"]), circumstances)


def message_of(features: Mapping[str, Any]) -> Message:
    """Return the message as far as its features go: without a word of its text, an exception it named as registered or as `-`."""
    kept = features["grounds"]
    named = kept["exception"] if kept["exception"] or kept["facts"]["exception"] == ["none"] else "-"
    return _MESSAGE.validate_python({"text": "", **features["message"], "exception": named})


def held_message(features: Mapping[str, Any], words: Mapping[str, Any], text: Mapping[str, Any]) -> Message | None:
    """Return a held message as it was judged, without its recipient and its template; `None` where not enough is kept."""
    if features["grounds"] is None:
        return None
    known = message_of(features)
    sender = replace(known.sender, **{name: words.get(name) for name in SEALED_OF_SENDER})
    exception = words.get("exception", known.exception)
    return replace(known, text=text["text"], subject=text["subject"], sender=sender, exception=exception)


def milliseconds(moment: datetime) -> int:
    """Return milliseconds since 1970; a time without zone is UTC.

    >>> milliseconds(datetime(1970, 1, 2, tzinfo=UTC))
    86400000
    """
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)


def moment(at_ms: int) -> str:
    """Return a time as ISO 8601 writes it.

    >>> moment(86400000)
    '1970-01-02T00:00:00+00:00'
    """
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="seconds")


def _known_area(grounds: object) -> str | None:
    """Return the business area where it is registered; another may be anybody's words and is sealed."""
    area = grounds.circumstances.area if isinstance(grounds, Grounds) else None
    return area.id if area else None


def _template(message: Message, grounds: object) -> str | None:
    """Return the template that a message to a citizen was made from, or the agreed one that its text matches."""
    if message.direction is Direction.INBOUND:
        return None
    agreed = grounds.circumstances.match.template if isinstance(grounds, Grounds) else None
    given = agreed.text if agreed else message.template
    return given.strip() if given else None


def _grounds(message: Message, grounds: Grounds) -> dict[str, Any]:
    circumstances = grounds.circumstances
    facts = facts_of(message, grounds.judgement, circumstances)
    return {
        "judgement": _JUDGEMENT.dump_python(grounds.judgement, mode="json", warnings=False),
        "circumstances": _CIRCUMSTANCES.dump_python(circumstances, mode="json", warnings=False, include=set(KEPT_OF_CIRCUMSTANCES)),
        "area": circumstances.area.id if circumstances.area else None,
        "exception": circumstances.exception.reference if circumstances.exception else None,
        "fit": circumstances.match.fit.value,
        "facts": {name: sorted(facts[name]) for name in NOTED},
    }


def _features(message: Message) -> dict[str, Any]:
    return {
        **_MESSAGE.dump_python(message, mode="json", warnings=False, include=set(KEPT)),
        "recipient": _RECIPIENT.dump_python(message.recipient, mode="json", warnings=False, include=set(KEPT_OF_RECIPIENT)),
        "sender": _SENDER.dump_python(message.sender, mode="json", warnings=False, include=set(KEPT_OF_SENDER)),
    }
