"""Judge a template before there is anybody's data to fill it: the worst that its allowed values can reach."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from serving.decide import Decision
from serving.facts import Certainty, Judgement
from serving.policy import AgreedTemplate
from serving.taxonomy import Tier, highest
from serving.templates import Template, check_value, guess_purpose, same_name
from serving.templates.purpose import FREE_TEXT, purpose_of
from serving.verdict import Advice, Reason

_UNDECLARED = "declares no purpose, so it may hold anything: register the template with what the field is for"
_TELLS = "tells more about a person than its field is for"
_NEUTRAL = "the entrance is on the left"
"""What stands for a free text: it tells nothing, since what does is refused when a message is judged."""

Judge = Callable[[str, Tier], tuple[Judgement, Decision]]
"""Judges a rendered text that may reach at least a tier."""


@dataclass(frozen=True, slots=True)
class FieldReport:
    """What a field is for, and what is wrong with it."""

    name: str
    purpose: str | None
    problem: str | None


@dataclass(frozen=True, slots=True)
class Appraisal:
    """What is to be said of a template. `is_safe`: whatever its fields may hold, it was read as telling nothing."""

    worst_category: Tier
    is_safe: bool
    fields: tuple[FieldReport, ...]
    matches: str | None
    reasons: tuple[Reason, ...]
    advice: tuple[Advice, ...]


def appraise(text: str, agreed: AgreedTemplate | None, values: Mapping[str, str] | None, judge: Judge) -> Appraisal:
    """Judge a template with values that stand for what its fields may hold, optional parts shown and hidden, and with the values given.

    A field's purpose is what the agreed template declares; without one, what the field's name stands for.
    """
    template = Template(text)
    given = {same_name(name): value for name, value in (values or {}).items()}
    fields = [field for field in template.fields if field.shown is None]
    purposes = {field.name: agreed.purposes[field.key] if agreed else guess_purpose(field.name) for field in fields}
    worst = highest(_worst(purpose) for purpose in purposes.values())
    judged = [judge(rendered, worst) for rendered in template.renderings({name: _example(purpose) for name, purpose in purposes.items()})]
    reports = []
    for field in template.fields:
        purpose = purposes.get(field.name)
        problem = _UNDECLARED if field.shown is None and purpose is None else None
        if purpose is not None and field.key in given:
            problem = check_value(purpose, given[field.key]) or _told(purpose, given[field.key], judge)
        elif values is not None and field.key not in given:
            problem = "has no value"
        reports.append(FieldReport(field.name, purpose if field.shown is None else "flag", problem))
    if values is not None and all(field.key in given for field in template.fields):
        judged.append(judge(template.render(given), Tier.ROUTINE))
    return Appraisal(
        worst_category=highest(judgement.category for judgement, _ in judged),
        is_safe=worst.rank < Tier.PERSONAL.rank and all(judgement.certainty is Certainty.SAFE for judgement, _ in judged),
        fields=tuple(reports),
        matches=agreed.id if agreed else None,
        reasons=_once(decision.reasons for _, decision in judged),
        advice=tuple(dict.fromkeys(advice for _, decision in judged for advice in decision.advice)),
    )


def _worst(purpose: str | None) -> Tier:
    return Tier.SENSITIVE if purpose is None else purpose_of(purpose).worst


def _example(purpose: str | None) -> str:
    known = purpose_of(purpose) if purpose else None
    return known.examples[0] if known and known.examples else _NEUTRAL


def _told(purpose: str, value: str, judge: Judge) -> str | None:
    """Tell whether a free text, which may hold any words, tells something about a person."""
    if not purpose.startswith(FREE_TEXT):
        return None
    judgement, _ = judge(value, Tier.ROUTINE)
    return None if judgement.certainty is Certainty.SAFE and judgement.category is Tier.ROUTINE else _TELLS


def _once(groups: Iterable[tuple[Reason, ...]]) -> tuple[Reason, ...]:
    """Return each reason once; the places of its findings are of renderings and mean nothing here."""
    reasons = (Reason(each.policy, each.clause, each.effect, each.summary) for group in groups for each in group)
    return tuple(sorted(dict.fromkeys(reasons), key=lambda reason: -reason.effect.rank))
