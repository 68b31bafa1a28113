"""The OpenAPI 3.1 description, from the request models and a table of routes."""

from functools import cache
from typing import Any

from pydantic.json_schema import models_json_schema

from serving.errors import Code
from serving.problems import STATUS
from serving.schema import BatchRequest, ScoreRequest
from serving.taxonomy import TIERS, InfoType, Mode, NameForm
from serving.verdict import Action, DecidedBy

_REFUSALS = ("400", "408", "413", "415", "422", "500")


@cache
def document() -> dict[str, Any]:
    """Return the description of every route."""
    _, models = models_json_schema(
        [(ScoreRequest, "validation"), (BatchRequest, "validation")], ref_template="#/components/schemas/{model}"
    )
    schemas = {**models["$defs"], "Problem": _problem(), "Verdict": _verdict()}
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
    return {
        "openapi": "3.1.0",
        "info": {"title": "sendsafe", "version": "1", "description": "Judges a message before it leaves."},
        "paths": {
            "/v1/score": {"post": _operation("score", "Judge one message", {"$ref": f"{ref}Verdict"}, f"{ref}ScoreRequest")},
            "/v1/score/batch": {"post": _operation("scoreBatch", "Judge up to 100 messages", batch, f"{ref}BatchRequest")},
            "/v1/model": {"get": _operation("model", "The bundle in use", anything)},
            "/v1/policies": {"get": _operation("policies", "The packs that can be asked for", anything)},
            "/livez": {"get": _operation("livez", "Is the process alive", anything)},
            "/readyz": {"get": _operation("readyz", "Can it answer", anything)},
            "/metrics": {"get": _operation("metrics", "Counts for Prometheus", {"type": "string"}, media="text/plain")},
            "/openapi.json": {"get": _operation("openapi", "This description", anything)},
        },
        "components": {"schemas": schemas},
    }


def _operation(name: str, summary: str, answer: dict[str, Any], body: str | None = None, media: str = "application/json") -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": name,
        "summary": summary,
        "responses": {"200": {"description": "The answer", "content": {media: {"schema": answer}}}},
    }
    if body:
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": {"$ref": body}}}}
        refused = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
        for status in (*_REFUSALS, "404"):
            operation["responses"][status] = {"description": "Refused", "content": refused}
    return operation


def _wrapped(name: str, ref: str) -> dict[str, Any]:
    return {"type": "object", "required": [name], "properties": {name: {"$ref": ref}}, "additionalProperties": False}


def _problem() -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["type", "title", "status", "code", "detail"],
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer", "enum": sorted({*STATUS.values(), 405, 408})},
            "code": {"type": "string", "enum": list(Code)},
            "detail": {"type": "string"},
        },
    }


def _verdict() -> dict[str, Any]:
    text, number = {"type": "string"}, {"type": "number"}
    text_or_null = {"type": ["string", "null"]}
    finding = {
        "type": "object",
        "required": ["type", "mode", "form", "start", "end", "detector", "score"],
        "properties": {
            "type": {"enum": list(InfoType)},
            "mode": {"enum": list(Mode)},
            "form": {"enum": [*NameForm, None]},
            "start": {"type": "integer", "minimum": 0},
            "end": {"type": "integer", "minimum": 0},
            "detector": {"enum": ["model", "rules"]},
            "score": number,
            "rule": text_or_null,
        },
    }
    properties: dict[str, Any] = {
        "id": text,
        "reference": text_or_null,
        "category": {"enum": list(TIERS)},
        "scores": {"type": ["object", "null"], "properties": {tier.value: number for tier in TIERS}},
        "action": {"enum": list(Action)},
        "decided_by": {"enum": list(DecidedBy)},
        "degraded": {"type": "boolean"},
        "disguised": {"type": "boolean"},
        "urgent": {"type": "boolean"},
        "findings": {"type": "array", "items": finding},
        "reasons": {"type": "array", "items": {"type": "object"}},
        "advice": {"type": "array", "items": {"type": "object"}},
        "suggestion": {"type": ["object", "null"]},
        "reply": text_or_null,
        "redacted": text_or_null,
        "explanation": {"type": ["object", "null"]},
        "coverage": {"type": "object"},
        "sms": {"type": ["object", "null"]},
        "model": {"type": ["object", "null"]},
        "policies": {"type": "array", "items": {"type": "object"}},
        "review": {"type": ["object", "null"]},
    }
    return {"type": "object", "required": list(properties), "properties": properties}
