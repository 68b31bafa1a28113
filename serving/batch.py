"""Judge a batch of rows: one function for files, for the distributed engine, and for whoever holds Arrow data."""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import pyarrow as pa

from serving.classifier import Classifier
from serving.errors import Code, SendsafeError
from serving.schema import ScoreRequest, validate, verdict_json
from serving.settings import Settings
from serving.verdict import Action

REQUEST = "sendsafe.request"
"""A column of whole requests, each as JSON text and as strict as the HTTP contract; without it there is a column for each field."""
REQUEST_FIELDS = frozenset(ScoreRequest.model_fields)
VERDICT = pa.schema(
    [
        ("category", pa.string()),
        ("scores", pa.string()),
        ("action", pa.string()),
        ("decided_by", pa.string()),
        ("degraded", pa.bool_()),
        ("disguised", pa.bool_()),
        ("urgent", pa.bool_()),
        ("findings", pa.string()),
        ("reasons", pa.string()),
        ("advice", pa.string()),
        ("suggestion", pa.string()),
        ("reply", pa.string()),
        ("redacted", pa.string()),
        ("explanation", pa.string()),
        ("coverage", pa.string()),
        ("sms", pa.string()),
        ("model", pa.string()),
        ("policies", pa.string()),
        ("code", pa.string()),
        ("error", pa.string()),
    ]
)
"""The contract's verdict, nested values as JSON; `code` and `error` say why a row was held unjudged.

`id` and `review` are left out, since nothing is kept; `reference` is a column of whoever asks.
"""
NESTED = frozenset({"scores", "findings", "reasons", "advice", "suggestion", "explanation", "coverage", "sms", "model", "policies"})
_STRUCTURED = frozenset({"recipient", "sender", "options", "policies", "personalisation"})
_TOLD = tuple(name for name in VERDICT.names if name not in ("code", "error"))
_UNREADABLE = object()
_JSON = json.JSONEncoder(ensure_ascii=False)
Row = dict[str, Any]


def score_batch(batch: pa.RecordBatch, classifier: Classifier | None = None, policies: tuple[str, ...] = ()) -> pa.RecordBatch:
    """Return one row of `VERDICT` for each row, in order, as `Classifier.classify` judges it alone.

    A row that cannot be judged is held: its action is `review`, `code` and `error` say why, without what was sent. Columns
    that are no fields of a request are not looked at. Without a classifier this process loads one, by its environment.
    """
    judge = classifier or own_classifier()
    is_from_cells = REQUEST not in batch.schema.names
    rows = [_judge(judge, row, policies, is_from_cells=is_from_cells) for row in _requests(batch)]
    return pa.RecordBatch.from_arrays([pa.array([row.get(each.name) for row in rows], each.type) for each in VERDICT], schema=VERDICT)


@cache
def own_classifier() -> Classifier:
    """Return this process' classifier, loaded by its environment; it counts no repeats and looks for no other wording."""
    return Classifier.load(bulk_settings(Settings()), counts_repeats=False)


def bulk_settings(settings: Settings) -> Settings:
    """Return the settings for judging in bulk: no time is spent on other wordings."""
    return settings.model_copy(update={"suggestion_seconds": 0.0})


def held(code: Code, sentence: str) -> Row:
    """Return the row of what could not be judged."""
    return {"action": Action.REVIEW.value, "degraded": True, "code": code.value, "error": sentence}


def _requests(batch: pa.RecordBatch) -> list[Row]:
    """Return each row's request; a value that Arrow cannot give is marked, and refused with its row."""
    names = [REQUEST] if REQUEST in batch.schema.names else [name for name in batch.schema.names if name in REQUEST_FIELDS]
    columns = {name: _values(batch, name) for name in dict.fromkeys(names)}
    return [{name: values[place] for name, values in columns.items()} for place in range(batch.num_rows)]


def _values(batch: pa.RecordBatch, name: str) -> Sequence[Any]:
    if batch.schema.names.count(name) > 1:  # which of them is meant?
        return [_UNREADABLE] * batch.num_rows
    column = batch.column(name)
    try:
        return list(column.to_pylist())
    except (ValueError, OverflowError, pa.ArrowException):  # bytes that are not UTF-8, a date that Python has not
        return [_value(value) for value in column]


def _value(value: pa.Scalar) -> Any:
    try:
        return value.as_py()
    except (ValueError, OverflowError, pa.ArrowException):
        return _UNREADABLE


def _judge(classifier: Classifier, row: Mapping[str, Any], policies: tuple[str, ...], *, is_from_cells: bool) -> Row:
    try:
        if any(value is _UNREADABLE for value in row.values()):
            return held(Code.BAD_REQUEST, "a column cannot be read")
        given = row if is_from_cells else _parsed(row[REQUEST])
        if not isinstance(given, Mapping):
            return held(Code.BAD_JSON, "the request is no JSON object")
        request = {
            key: _parsed(value) if key in _STRUCTURED else value for key, value in given.items() if value is not None and value != ""
        }
        if policies:
            request["policies"] = list(policies)
        verdict = verdict_json(classifier.classify(validate(request, is_from_cells=is_from_cells).message()))
        return {name: _cell(name, verdict[name]) for name in _TOLD}
    except SendsafeError as error:
        return held(error.code, str(error))
    except Exception as error:  # noqa: BLE001 (one row's fault must not end the run, and what it says may hold message text)
        return held(Code.INTERNAL, f"internal: {type(error).__name__}")


def _parsed(value: Any) -> Any:
    """Read what a cell holds as JSON; what is none stays, and is refused with the row."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return value


def _cell(name: str, value: Any) -> Any:
    return value if name not in NESTED or value is None else _JSON.encode(value)
