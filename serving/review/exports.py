"""Decisions as labelled records, and messages to and from Label Studio."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, select

from serving.errors import RequestError
from serving.review.database import reading
from serving.review.records import moment
from serving.review.reviews import DECIDED
from serving.review.store import Store
from serving.review.vault import Vault
from serving.taxonomy import InfoType, Tier
from serving.verdict import Action

_AT_ONCE = 500
_LETTERS = 16
"""Hexadecimal digits of a pseudonym."""


def labelled_records(store: Store, *, with_text: bool = False, since_ms: int | None = None) -> Iterator[dict[str, Any]]:
    """Yield what was decided, one record a message, in the order of deciding: the judgement that took effect, beside what the machine said.

    The text is there where it is asked for and the deployment kept it, else `None`. A reviewer is named by a pseudonym, which stays
    the same in this store and leads to nobody without its secret.
    """
    reviews, judgements, decisions = store.tables.reviews, store.tables.judgements, store.tables.decisions
    columns: list[ColumnElement[Any]] = [
        judgements.c[name]
        for name in ("review_id", "reviewer_id", "stage", "at_ms", "category", "action", "types", "spans", "agrees", "reason")
    ]
    columns += [judgements.c.policy, judgements.c.clause, decisions.c.category.label("read_as"), decisions.c.features, decisions.c.is_test]
    chosen = (
        select(*columns, *([judgements.c.text] if with_text else []))
        .join(reviews, reviews.c.id == judgements.c.review_id)
        .join(decisions, decisions.c.id == reviews.c.decision_id)
        .where(reviews.c.state == DECIDED, judgements.c.undone_at_ms.is_(None))
        .order_by(reviews.c.decided_at_ms, judgements.c.review_id, judgements.c.at_ms)
    )
    if since_ms is not None:
        chosen = chosen.where(reviews.c.decided_at_ms >= since_ms)
    with reading(store.engine) as connection:
        group: list[RowMapping] = []
        for row in connection.execution_options(yield_per=_AT_ONCE).execute(chosen).mappings():
            if group and group[0]["review_id"] != row["review_id"]:
                yield _record(store.vault, group)
                group = []
            group.append(row)
        if group:
            yield _record(store.vault, group)


def to_label_studio(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return a labelled record with text as a task of Label Studio: choices of tier, action and types, and labels on words.

    Raises:
        RequestError: the record has no text.
    """
    text = record["text"]
    if text is None:
        raise RequestError("Label Studio needs the text: export with --text, of a deployment that keeps it")
    result: list[dict[str, Any]] = [_choices("tier", record["category"]), _choices("action", record["action"])]
    if record["types"]:
        result.append(_choices("types", *record["types"]))
    for start, end, info_type in record["spans"]:
        value = {"start": start, "end": end, "text": text[start:end], "labels": [info_type or "unnamed"]}
        result.append({"from_name": "words", "to_name": "text", "type": "labels", "value": value})
    return {"data": {"text": text, "id": record["id"]}, "annotations": [{"result": result}]}


def from_label_studio(task: Mapping[str, Any]) -> dict[str, Any]:
    """Return a task that was annotated in Label Studio as a labelled record.

    Raises:
        RequestError: it is not of the form that `to_label_studio` gives.
    """
    try:
        text, annotations = task["data"]["text"], task["annotations"]
        results = [each for each in annotations[-1]["result"] if not annotations[-1].get("was_cancelled")]
        chosen = {each["from_name"]: each["value"]["choices"] for each in results if each["type"] == "choices"}
        labels = [each["value"] for each in results if each["type"] == "labels"]
        spans = [[each["start"], each["end"], _type(each["labels"][0])] for each in labels]
        category = Tier(chosen["tier"][0]).value
        action = Action(chosen["action"][0]).value if "action" in chosen else None
        told = [InfoType(each).value for each in chosen.get("types", ())]
    except (KeyError, IndexError, TypeError, ValueError):
        raise RequestError("a task needs data.text and an annotation with a choice 'tier'") from None
    if not isinstance(text, str) or any(not 0 <= start < end <= len(text) for start, end, _ in spans):
        raise RequestError("a label is outside its text")
    types = list(dict.fromkeys([*told, *(info_type for _, _, info_type in spans if info_type)]))
    return {"id": task["data"].get("id"), "text": text, "category": category, "action": action, "types": types, "spans": spans}


def _choices(name: str, *values: str) -> dict[str, Any]:
    return {"from_name": name, "to_name": "text", "type": "choices", "value": {"choices": list(values)}}


def _type(label: str) -> str | None:
    return None if label == "unnamed" else InfoType(label).value


def _record(vault: Vault, group: Sequence[RowMapping]) -> dict[str, Any]:
    """Return one record of a message's judgements; the last of them took effect."""
    reviewers = [vault.digest("exported reviewer", each["reviewer_id"].encode())[:_LETTERS] for each in group]
    last = group[-1]
    kept = json.loads(last["text"])["text"] if last.get("text") else None
    answer = last["features"]["answer"]
    return {
        "id": last["review_id"],
        "text": kept,
        "category": last["category"],
        "action": last["action"],
        "types": last["types"],
        "spans": last["spans"],
        "agrees": last["agrees"],
        "reason": last["reason"],
        "policy": last["policy"],
        "clause": last["clause"],
        "decided_at": moment(last["at_ms"]),
        "judged_by": len(group),
        "judgements": [
            {"stage": each["stage"], "reviewer": reviewer, "category": each["category"], "action": each["action"]}
            for each, reviewer in zip(group, reviewers, strict=True)
        ],
        "channel": last["features"]["message"]["channel"],
        "direction": last["features"]["message"]["direction"],
        "machine": {
            "category": last["read_as"],
            "scores": answer["scores"],
            "findings": answer["findings"],
            "model": answer["model"],
            "policies": answer["policies"],
        },
        "is_test": last["is_test"],
    }
