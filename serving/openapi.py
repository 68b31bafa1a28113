"""The OpenAPI 3.1 description, from the request models and a table of routes."""

from functools import cache
from typing import Any

from pydantic.json_schema import models_json_schema

from serving.errors import Code
from serving.problems import STATUS
from serving.schema import BatchRequest, FeedbackRequest, ScoreRequest, TemplateRequest
from serving.taxonomy import TIERS, InfoType, Mode, NameForm
from serving.verdict import Action, DecidedBy

_REFUSALS = {
    "400": "The body is not strict JSON in UTF-8",
    "404": "What is named is not here",
    "409": "The reference belongs to another message",
    "401": "The request carries no key in force",
    "403": "The key lacks the scope",
    "408": "The body took too long to arrive",
    "413": "The body, or the batch in it, is too large",
    "415": "The body is not application/json",
    "422": "A field is missing, unknown or out of range",
    "429": "The client sends too much at once or in a time; nothing was written, try again after Retry-After",
    "500": "The fault is ours",
    "503": "There is no room, or nothing can be kept; nothing was written, try again after Retry-After",
}


@cache
def document() -> dict[str, Any]:
    """Return the description of every route."""
    _, models = models_json_schema(
        [(each, "validation") for each in (ScoreRequest, BatchRequest, TemplateRequest, FeedbackRequest)],
        ref_template="#/components/schemas/{model}",
    )
    schemas = {**models["$defs"], "Problem": _problem(), "Verdict": _verdict(), "Appraisal": _appraisal()}
    ref = "#/components/schemas/"
    schemas["BatchRequest"]["properties"]["messages"]["items"] = {"$ref": f"{ref}ScoreRequest"}
    batch = {
        "type": "object",
        "required": ["results"],
        "properties": {
            "results": {
                "type": "array",
                "items": {"oneOf": [_wrapped("verdict", f"{ref}Verdict"), _wrapped("problem", f"{ref}Problem")]},
            }
        },
    }
    anything = {"type": "object"}
    text = {"type": "string"}
    model = _object(version={"type": ["string", "null"]}, status=text)
    packs = _object(
        policies=_list(_object(id=text, version=text, title=text, channels=_list(text), review_by=text, overdue=_list(text))),
        fault={"type": ["string", "null"]},
    )
    return {
        "openapi": "3.1.0",
        "info": {"title": "sendsafe", "version": "1", "description": "Judges a message before it leaves."},
        "paths": {
            "/v1/score": {"post": _operation("score", "Judge one message", {"$ref": f"{ref}Verdict"}, f"{ref}ScoreRequest")},
            "/v1/score/batch": {"post": _operation("scoreBatch", "Judge up to 100 messages", batch, f"{ref}BatchRequest")},
            "/v1/check-template": {
                "post": _operation("checkTemplate", "Judge a template", {"$ref": f"{ref}Appraisal"}, f"{ref}TemplateRequest")
            },
            "/v1/reviews/{id}": {"get": _with_id(_operation("review", "What has become of a held message", _review()))},
            "/v1/feedback": {
                "post": _operation(
                    "feedback", "Say what a verdict should have been", _object(status=text), f"{ref}FeedbackRequest", status="202"
                )
            },
            "/v1/model": {"get": _operation("model", "The bundle in use", model)},
            "/v1/policies": {"get": _operation("policies", "The packs that can be asked for", packs)},
            "/livez": {"get": _operation("livez", "Is the process alive", _object(status=text))},
            "/readyz": {
                "get": _operation("readyz", "Can it answer", _object(status={"enum": ["ready", "degraded"]}, model=text, store=text))
            },
            "/metrics": {"get": _operation("metrics", "Counts for Prometheus", {"type": "string"}, media="text/plain")},
            "/openapi.json": {"get": _operation("openapi", "This description", anything)},
        },
        "components": {"schemas": schemas, "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}},
        "security": [{"key": []}, {}],
    }


def _operation(
    name: str,
    summary: str,
    answer: dict[str, Any],
    body: str | None = None,
    media: str = "application/json",
    status: str = "200",
) -> dict[str, Any]:
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    operation: dict[str, Any] = {
        "operationId": name,
        "summary": summary,
        "responses": {
            status: {"description": "The answer", "content": {media: {"schema": answer}}},
            "default": {"description": "Refused or failed", "content": problem},
        },
    }
    if body:
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": {"$ref": body}}}}
        for refusal, description in _REFUSALS.items():
            operation["responses"][refusal] = {"description": description, "content": problem}
        for refusal in ("429", "503"):
            operation["responses"][refusal]["headers"] = {"Retry-After": {"description": "Seconds", "schema": {"type": "integer"}}}
    return operation


def _with_id(operation: dict[str, Any]) -> dict[str, Any]:
    operation["parameters"] = [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}]
    return operation


def _review() -> dict[str, Any]:
    text_or_null = {"type": ["string", "null"]}
    return _object(
        id={"type": "string"},
        state={"enum": ["waiting", "decided", "expired"]},
        category={"enum": list(TIERS)},
        action={"enum": list(Action)},
        clause=text_or_null,
        decided_at=text_or_null,
    )


def _object(**properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "required": list(properties), "properties": properties}


def _list(item: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": item}


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, {"type": "null"}]}


def _wrapped(name: str, ref: str) -> dict[str, Any]:
    return {**_object(**{name: {"$ref": ref}}), "additionalProperties": False}


def _problem() -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["type", "title", "status", "code", "detail"],
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer", "enum": sorted({*STATUS.values(), 405, 408, 431})},
            "code": {"type": "string", "enum": list(Code)},
            "detail": {"type": "string"},
            "errors": _list(_object(field={"type": "string"}, message={"type": "string"})),
        },
    }


def _appraisal() -> dict[str, Any]:
    text, text_or_null = {"type": "string"}, {"type": ["string", "null"]}
    return _object(
        worst_category={"enum": list(TIERS)},
        fields=_list(_object(name=text, purpose=text_or_null, problem=text_or_null)),
        matches=text_or_null,
        reasons=_list(_object(policy=text, clause=text, effect={"enum": list(Action)}, summary=text, findings=_list({"type": "integer"}))),
        advice=_list(_object(policy=text, clause=text, summary=text)),
    )


def _verdict() -> dict[str, Any]:
    text, number, flag = {"type": "string"}, {"type": "number"}, {"type": "boolean"}
    text_or_null, place, tier = {"type": ["string", "null"]}, {"type": "integer", "minimum": 0}, {"enum": list(TIERS)}
    finding = {
        "type": "object",
        "required": ["type", "mode", "form", "start", "end", "detector", "score"],
        "properties": {
            "type": {"enum": list(InfoType)},
            "mode": {"enum": list(Mode)},
            "form": {"enum": [*NameForm, None]},
            "start": place,
            "end": place,
            "detector": {"enum": ["model", "rules"]},
            "score": number,
            "rule": text_or_null,
        },
    }
    properties: dict[str, Any] = {
        "id": text,
        "reference": text_or_null,
        "category": {"enum": list(TIERS)},
        "scores": _or_null(_object(**{tier.value: number for tier in TIERS})),
        "action": {"enum": list(Action)},
        "decided_by": {"enum": list(DecidedBy)},
        "degraded": flag,
        "disguised": flag,
        "urgent": flag,
        "findings": {"type": "array", "items": finding},
        "reasons": _list(
            _object(
                policy=text, clause=text, effect={"enum": list(Action)}, summary=text, findings=_list({"type": "integer", "minimum": 0})
            )
        ),
        "advice": _list(_object(policy=text, clause=text, summary=text)),
        "suggestion": _or_null(_object(text=text, category={"enum": list(TIERS)})),
        "reply": text_or_null,
        "redacted": text_or_null,
        "explanation": _or_null(_object(counterfactual=_or_null(_object(without=_list(_object(start=place, end=place)), category=tier)))),
        "coverage": _object(model=flag, rules=flag, complete=flag, windows={"type": "integer", "minimum": 0}, language=text_or_null),
        "sms": _or_null(_object(encoding={"enum": ["gsm7", "ucs2"]}, segments={"type": "integer", "minimum": 1})),
        "model": _or_null(_object(version=text)),
        "policies": _list(_object(id=text, version=text)),
        "review": _or_null(_object(id=text, url=text)),
    }
    return _object(**properties)
