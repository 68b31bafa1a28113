"""From a reading to an action: the packs decide, the strictest wins, and every clause that fired is cited."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from serving.findings import Finding
from serving.policy import Clause, Condition, Effect, Pack
from serving.taxonomy import Mode, Tier
from serving.verdict import Action, Advice, Direction, Message, Reason

UNCERTAIN_SUMMARY = "The reading is not certain: a person should look before it goes."
DEGRADED_SUMMARY = "Only the rules have read this message: a person should look before it goes."


class Certainty(StrEnum):
    """How sure the reading is that the message tells nothing personal (`safe`) or that it does (`unsafe`)."""

    SAFE = "safe"
    UNSURE = "unsure"
    UNSAFE = "unsafe"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is known of a message's content when the packs are asked."""

    category: Tier
    certainty: Certainty
    findings: tuple[Finding, ...]
    is_degraded: bool


@dataclass(frozen=True, slots=True)
class Decision:
    """What may happen, and why."""

    action: Action
    reasons: tuple[Reason, ...]
    advice: tuple[Advice, ...]


def decide(message: Message, judgement: Judgement, packs: Sequence[Pack]) -> Decision:
    """Ask every pack; the strictest action wins.

    A message from a citizen is never blocked: it has already been sent.
    """
    reasons: list[Reason] = []
    advice: list[Advice] = []
    for pack in packs:
        for clause in pack.clauses:
            fired, causes = _fires(clause, message, judgement)
            if not fired:
                continue
            if clause.effect is Effect.ADVISE:
                advice.append(Advice(pack.id, clause.id, str(clause.summary)))
            elif clause.action is not None:
                reasons += _reasons(pack, clause, clause.action, judgement, causes)
        reasons += _doubts(pack, judgement)
    if message.direction is Direction.INBOUND:
        reasons = [reason for reason in reasons if judgement.is_degraded and reason.effect is Action.REVIEW]
    action = max((reason.effect for reason in reasons), key=lambda effect: effect.rank, default=Action.ALLOW)
    return Decision(action, tuple(sorted(reasons, key=lambda reason: -reason.effect.rank)), tuple(advice))


def _fires(clause: Clause, message: Message, judgement: Judgement) -> tuple[bool, tuple[int, ...]]:
    """Tell whether a clause fires, and the places of the findings that make it."""
    condition = clause.when
    if condition is None or clause.effect not in (Effect.ENFORCE, Effect.ADVISE):
        return False, ()
    if condition.channel and message.channel not in condition.channel:
        return False, ()
    if condition.direction and message.direction not in condition.direction:
        return False, ()
    if condition.tier and (judgement.category not in condition.tier or judgement.certainty is not Certainty.UNSAFE):
        return False, ()
    causes = tuple(place for place, finding in enumerate(judgement.findings) if _is_cause(finding, condition))
    return bool(causes) or not condition.needs_finding, causes


def _is_cause(finding: Finding, condition: Condition) -> bool:
    """Tell whether a finding is what a condition speaks of."""
    if condition.tier and finding.tier not in condition.tier:
        return False
    if condition.types and finding.info_type not in condition.types:
        return False
    if condition.mode and finding.mode not in condition.mode:
        return False
    return condition.detector is None or finding.is_rule == (condition.detector == "rules")


def _reasons(pack: Pack, clause: Clause, action: Action, judgement: Judgement, causes: tuple[int, ...]) -> list[Reason]:
    """Return one reason for each sentence that the clause has for its causes."""
    by_summary: dict[str, list[int]] = {}
    for place in causes:
        finding = judgement.findings[place]
        summary = clause.summaries.get(finding.info_type, str(clause.summary))
        if finding.mode is Mode.ASKED:
            summary = f"{summary.rstrip('.')}, nor asked for."
        by_summary.setdefault(summary, []).append(place)
    if not by_summary:
        by_summary[str(clause.summary)] = []
    return [Reason(pack.id, clause.id, action, summary, tuple(places)) for summary, places in by_summary.items()]


def _doubts(pack: Pack, judgement: Judgement) -> list[Reason]:
    """Return why a message that no clause holds is held all the same."""
    if judgement.is_degraded:
        doubts = [(pack.defaults.degraded, DEGRADED_SUMMARY)]
    elif judgement.certainty is Certainty.UNSURE:
        doubts = [(pack.defaults.uncertain, UNCERTAIN_SUMMARY)]
    else:
        doubts = []
    return [Reason(pack.id, pack.uncertain_clause, action, summary) for action, summary in doubts if action is not Action.ALLOW]
