"""The edge: requests as pydantic checks them, verdicts as JSON. Errors never hold what was sent."""

import json
import re
from collections.abc import Iterable
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic.config import JsonDict

from serving.appraisal import Appraisal
from serving.errors import RequestError
from serving.findings import Finding
from serving.policy import Pack
from serving.taxonomy import InfoType, Tier
from serving.templates import Template, TemplateError
from serving.text import MAX_CHARACTERS
from serving.verdict import Audience, Channel, Device, Direction, Message, Recipient, Route, Sender, Verdict

MOST_BATCH_MESSAGES = 100
MOST_BATCH_CHARACTERS = 200_000


def _iso(value: Any) -> Any:
    """Refuse what pydantic would take for a date and the contract does not: a number of seconds."""
    if isinstance(value, date) or (isinstance(value, str) and _ISO.match(value)):
        return value
    raise ValueError("is no date as ISO 8601 writes it")


_ISO = re.compile(r"\d{4}-\d\d-\d\d")


Lax = Field(strict=False)
"""JSON has no dates, tuples or enumerations of its own: these alone are converted."""
Text = Annotated[str, Field(min_length=1, max_length=MAX_CHARACTERS)]
Word = Annotated[str, Field(min_length=1, max_length=100)]
Value = Annotated[str, Field(max_length=MAX_CHARACTERS)]
"""What a template's field is filled with. Pydantic refuses a lone surrogate only where a string is bounded, and one could not be kept."""
Reference = Annotated[str, Field(pattern=r"^[A-Za-z0-9._:/-]{1,64}$")]


_A_STRING: JsonDict = {"type": "string"}
_NULL: JsonDict = {"type": "null"}


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)


class RecipientPart(_Part):
    """What is known of the recipient; the phone is looked at and forgotten."""

    phone: Annotated[str, Field(max_length=40)] | None = None
    consent: bool | None = None
    last_verified: Annotated[date, Lax, BeforeValidator(_iso)] | None = None
    used_before: bool | None = None


class SenderPart(_Part):
    """What is known of the sender."""

    business_area: Word | None = None
    device: Annotated[Device, Lax] | None = None
    route: Annotated[Route, Lax] | None = None
    two_way: bool | None = None
    sender_id: Word | None = None


class OptionsPart(_Part):
    """What else the answer should hold."""

    redact: bool = False
    explain: bool = False


class ScoreRequest(_Part):
    """One message to judge, as a text or as a template with its values. What is left out is unknown."""

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [
                {"required": ["text"], "properties": {"text": _A_STRING, "template": _NULL, "personalisation": _NULL}},
                {"required": ["template"], "properties": {"template": _A_STRING, "text": _NULL}},
            ]
        }
    )

    text: Text | None = None
    template: Text | None = None
    personalisation: dict[Value, Value] | None = None
    subject: Annotated[str, Field(max_length=1000)] | None = None
    channel: Annotated[Channel, Lax] | None = None
    direction: Annotated[Direction, Lax] = Direction.OUTBOUND
    audience: Annotated[Audience, Lax] | None = None
    policies: Annotated[tuple[Word, ...], Field(min_length=1, max_length=10), Lax] | None = None
    reference: Reference | None = None
    recipient: RecipientPart = RecipientPart()
    sender: SenderPart = SenderPart()
    significant: bool = False
    exception: Word | None = None
    send_by: Annotated[datetime, Lax, BeforeValidator(_iso)] | None = None
    shadow: bool = False
    options: OptionsPart = OptionsPart()

    def message(self) -> Message:
        """Return the message to classify.

        Raises:
            RequestError: neither or both of a text and a template are given, or the template cannot be filled.
        """
        return Message(
            text=self._written(),
            subject=self.subject,
            channel=self.channel,
            direction=self.direction,
            audience=self.audience,
            policies=self.policies or (),
            template=self.template,
            personalisation=tuple((self.personalisation or {}).items()),
            reference=self.reference,
            recipient=Recipient(**vars(self.recipient)),
            sender=Sender(**vars(self.sender)),
            significant=self.significant,
            exception=self.exception,
            send_by=self.send_by,
            shadow=self.shadow,
            redact=self.options.redact,
            explain=self.options.explain,
        )

    def _written(self) -> str:
        """Return the text, or what the template becomes with its values."""
        if (self.text is None) == (self.template is None):
            raise RequestError("exactly one of text and template is needed")
        if self.template is None:
            if self.personalisation is not None:
                raise RequestError("personalisation belongs to a template")
            return str(self.text)
        try:
            written = Template(self.template).render(self.personalisation or {})
        except TemplateError as error:
            raise RequestError(f"personalisation: {error}") from None
        if not 1 <= len(written) <= MAX_CHARACTERS:
            raise RequestError(f"the filled template must have 1 to {MAX_CHARACTERS} characters")
        return written


class TemplateRequest(_Part):
    """A template to judge before there is anybody's data to fill it, perhaps with values to try."""

    template: Text
    business_area: Word | None = None
    policies: Annotated[tuple[Word, ...], Field(min_length=1, max_length=10), Lax] | None = None
    personalisation: dict[Value, Value] | None = None


class BatchRequest(_Part):
    """Up to 100 messages; each is judged, or refused, alone."""

    messages: Annotated[tuple[dict[str, Any], ...], Field(min_length=1, max_length=MOST_BATCH_MESSAGES), Lax]


class FeedbackRequest(_Part):
    """What a verdict should have been, in the caller's view."""

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [
                {"required": ["id"], "properties": {"id": _A_STRING, "reference": _NULL}},
                {"required": ["reference"], "properties": {"reference": _A_STRING, "id": _NULL}},
            ]
        }
    )

    id: Annotated[str, Field(pattern=r"^[0-9A-Za-z-]{1,64}$")] | None = None
    reference: Reference | None = None
    category: Annotated[Tier, Lax]
    types: Annotated[tuple[Annotated[InfoType, Lax], ...], Field(max_length=len(InfoType)), Lax] = ()
    note: Annotated[str, Field(max_length=2000)] | None = None


class FieldsError(RequestError):
    """Some fields of a request are missing, unknown or out of range: each with what is wrong, never with what was sent."""

    def __init__(self, fields: list[dict[str, str]]) -> None:
        self.fields = fields
        super().__init__("; ".join(f"{each['field']}: {each['message']}" for each in fields))


def validate(content: object, *, is_from_cells: bool = False) -> ScoreRequest:
    """Check one request; `is_from_cells` also reads "true" for a truth value, as a CSV cell writes it.

    Raises:
        FieldsError: a field is missing, unknown or out of range.
    """
    try:
        return ScoreRequest.model_validate(content, strict=False if is_from_cells else None)
    except ValidationError as error:
        raise FieldsError(fields_of(error)) from None


def validate_feedback(content: object) -> FeedbackRequest:
    """Check one request.

    Raises:
        FieldsError: a field is missing, unknown or out of range.
        RequestError: not one of `id` and `reference` is given.
    """
    try:
        request = FeedbackRequest.model_validate(content)
    except ValidationError as error:
        raise FieldsError(fields_of(error)) from None
    if (request.id is None) == (request.reference is None):
        raise RequestError("either id or reference says which verdict is meant")
    return request


def validate_template(content: object) -> TemplateRequest:
    """Check one request about a template.

    Raises:
        FieldsError: a field is missing, unknown or out of range.
    """
    try:
        return TemplateRequest.model_validate(content)
    except ValidationError as error:
        raise FieldsError(fields_of(error)) from None


def fields_of(error: ValidationError) -> list[dict[str, str]]:
    """Say what is wrong with a request, field by field, without what was sent; a field we do not know is not named."""
    fields = []
    for each in error.errors(include_input=False, include_context=False, include_url=False)[:_MOST_FIELDS_TOLD]:
        known = [str(step) for step in each["loc"] if isinstance(step, int) or step in _KNOWN_FIELDS]
        message = each["msg"] if each["type"] != "extra_forbidden" else "unknown field"
        fields.append({"field": ".".join(known) or "request", "message": message})
    return fields


_MOST_FIELDS_TOLD = 5


_KNOWN_FIELDS = frozenset(
    name
    for part in (ScoreRequest, TemplateRequest, RecipientPart, SenderPart, OptionsPart, BatchRequest, FeedbackRequest)
    for name in part.model_fields
)


def verdict_json(verdict: Verdict) -> dict[str, Any]:
    """Return the contract's verdict object."""
    coverage = verdict.coverage
    return {
        "id": verdict.id,
        "reference": verdict.reference,
        "category": verdict.category.value,
        "scores": {tier.value: round(score, 4) for tier, score in verdict.scores.items()} if verdict.scores else None,
        "action": verdict.action.value,
        "decided_by": verdict.decided_by.value,
        "degraded": verdict.degraded,
        "disguised": verdict.disguised,
        "urgent": verdict.urgent,
        "findings": [_finding(finding) for finding in verdict.findings],
        "reasons": [
            {
                "policy": reason.policy,
                "clause": reason.clause,
                "effect": reason.effect.value,
                "summary": reason.summary,
                "findings": list(reason.findings),
            }
            for reason in verdict.reasons
        ],
        "advice": [{"policy": a.policy, "clause": a.clause, "summary": a.summary} for a in verdict.advice],
        "suggestion": {"text": verdict.suggestion.text, "category": verdict.suggestion.category.value} if verdict.suggestion else None,
        "reply": verdict.reply,
        "redacted": verdict.redacted,
        "explanation": verdict.explanation,
        "coverage": {
            "model": coverage.model,
            "rules": coverage.rules,
            "complete": coverage.complete,
            "windows": coverage.windows,
            "language": coverage.language,
        },
        "sms": {"encoding": verdict.sms.encoding, "segments": verdict.sms.segments} if verdict.sms else None,
        "model": {"version": verdict.model} if verdict.model else None,
        "policies": [{"id": pack, "version": version} for pack, version in verdict.policies],
        "review": verdict.review,
    }


def appraisal_json(appraisal: Appraisal) -> dict[str, Any]:
    """Return the contract's answer about a template."""
    return {
        "worst_category": appraisal.worst_category.value,
        "fields": [{"name": each.name, "purpose": each.purpose, "problem": each.problem} for each in appraisal.fields],
        "matches": appraisal.matches,
        "reasons": [
            {"policy": each.policy, "clause": each.clause, "effect": each.effect.value, "summary": each.summary, "findings": []}
            for each in appraisal.reasons
        ],
        "advice": [{"policy": each.policy, "clause": each.clause, "summary": each.summary} for each in appraisal.advice],
    }


def policies_json(packs: Iterable[Pack], fault: str | None, day: date) -> dict[str, Any]:
    """Return the packs that can be asked for, what is overdue for review, and what is wrong with changes that were not taken."""
    listed = [
        {
            "id": pack.id,
            "version": pack.version,
            "title": pack.title,
            "channels": list(pack.channels),
            "review_by": pack.review_by.isoformat(),
            "overdue": list(pack.overdue(day)),
        }
        for pack in packs
    ]
    return {"policies": listed, "fault": fault}


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "type": finding.info_type.value,
        "mode": finding.mode.value,
        "form": finding.form.value if finding.form else None,
        "start": finding.start,
        "end": finding.end,
        "detector": "rules" if finding.is_rule else "model",
        "score": round(finding.score, 4),
        "rule": finding.detector if finding.is_rule else None,
    }


_JSON = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def to_json(content: object) -> bytes:
    """Write JSON; NaN is refused."""
    return _JSON.encode(content).encode()
