"""Read the decision form: tri-state until somebody says, and nothing taken for granted that was sent."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from serving.review.desk.case import Case
from serving.review.judgements import Judgement, Reason, Span
from serving.taxonomy import InfoType, Tier
from serving.verdict import Action

MOST_NOTE = 500
_MOST_SPANS = 50
_SPAN = re.compile(r"(\d{1,5})-(\d{1,5})(?::([a-z_]{1,40}))?")
_FIELDS = ("agree", "category", "action", "reason", "clause", "note", "spans", "words")
Form = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class _Answers:
    """What was chosen; `None` is nothing yet."""

    category: Tier | None
    action: Action | None
    reason: Reason | None
    types: tuple[InfoType, ...]


@dataclass(frozen=True, slots=True)
class Filled:
    """A decision form as it was sent: the judgement, or what is wrong with it by field."""

    judgement: Judgement | None
    errors: dict[str, str]
    values: dict[str, str] = field(repr=False)
    types: tuple[str, ...] = ()


def read_decision(case: Case, form: Form) -> Filled:
    """Read what somebody decided about a message."""
    values = {name: first(form, name) for name in _FIELDS}
    types = tuple(each for each in form.get("types", ()) if each in set(InfoType))
    if values["agree"] == "yes":
        answers = _Answers(Tier(case.answer["category"]), case.proposed, Reason.AS_READ, tuple(InfoType(each) for each in case.types))
    else:
        found = tuple(InfoType(each) for each in types)
        answers = _Answers(_tier(values["category"]), _action(values["action"]), _reason(values["reason"]), found)
    spans, fault = _spans(case, values)
    errors = _faults(case, values, answers) | ({"words": fault} if fault else {})
    if errors or answers.category is None or answers.action is None or answers.reason is None:
        return Filled(None, errors, values, types)
    policy, _, clause = values["clause"].partition(" ")
    said = case.reasons[0] if case.reasons else None
    judgement = Judgement(
        answers.category,
        answers.action,
        agrees=values["agree"] == "yes",
        reason=answers.reason,
        types=tuple(dict.fromkeys((*answers.types, *(each.info_type for each in spans if each.info_type)))),
        spans=spans,
        policy=policy or (said.policy if said else None),
        clause=clause or (said.clause if said else None),
        note=values["note"].strip() or None,
    )
    return Filled(judgement, {}, values, types)


def _faults(case: Case, values: Mapping[str, str], answers: _Answers) -> dict[str, str]:
    """Say what is missing, one thing of the decision at a time, and what cannot be."""
    errors: dict[str, str] = {}
    if values["agree"] not in ("yes", "no"):
        errors["agree"] = "Say whether the machine has it right"
    elif answers.category is None:
        errors["category"] = "Choose the right tier"
    elif answers.action is None:
        errors["action"] = "Choose whether the message may go"
    elif answers.action is Action.BLOCK and case.is_inbound:
        errors["action"] = "A message from a citizen has already been sent: it cannot be blocked"
    elif answers.reason is None:
        errors["reason"] = "Choose the reason"
    if values["clause"] and values["clause"] not in {key for key, _ in case.clauses}:
        errors["clause"] = "Choose a clause from the list"
    if len(values["note"]) > MOST_NOTE:
        errors["note"] = f"A note has at most {MOST_NOTE} characters"
    return errors


def first(form: Form, name: str) -> str:
    """Return the first value of a field, empty where it was not sent."""
    return next(iter(form.get(name, ())), "")


def _tier(value: str) -> Tier | None:
    return Tier(value) if value in set(Tier) else None


def _action(value: str) -> Action | None:
    return Action(value) if value in (Action.ALLOW, Action.BLOCK) else None


def _reason(value: str) -> Reason | None:
    return Reason(value) if value in set(Reason) else None


def _spans(case: Case, values: Mapping[str, str]) -> tuple[tuple[Span, ...], str | None]:
    """Return the words that did it: selected ones by their places, typed ones looked up in the text."""
    spans: list[Span] = []
    for each in values["spans"].split()[:_MOST_SPANS]:
        match = _SPAN.fullmatch(each)
        if match is None or not int(match[1]) < int(match[2]) <= len(case.text):
            return (), "Mark the words again: the places that were sent are not in the text"
        spans.append(Span(int(match[1]), int(match[2]), InfoType(match[3]) if match[3] in set(InfoType) else None))
    for line in values["words"].splitlines()[:_MOST_SPANS]:
        words = line.strip()
        if not words:
            continue
        place = case.text.find(words)
        if place < 0:
            return (), "Write the words as they stand in the message, each on a line of its own"
        spans.append(Span(place, place + len(words)))
    return tuple(spans), None
