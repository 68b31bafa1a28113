"""From a reading to an action: the packs decide, the strictest wins, and every clause that fired is cited."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from serving.facts import Certainty, Circumstances, Facts, Judgement, facts_of, is_inbound, pack_facts
from serving.findings import Finding
from serving.policy import Check, Clause, Condition, Outcome, Pack
from serving.policy.condition import Tests
from serving.signs import Sign
from serving.taxonomy import Mode, Tier
from serving.verdict import Action, Advice, Message, Reason

UNCERTAIN_SUMMARY = "The reading is not certain: a person should look before it goes."
DEGRADED_SUMMARY = "Only the rules have read this message: a person should look before it goes."
URGENT_SUMMARY = "It tells of danger to life or of abuse: a person should see it at once."
_URGENT = frozenset({Sign.DANGER, Sign.ABUSE})


@dataclass(frozen=True, slots=True)
class Decision:
    """What may happen, and why."""

    action: Action
    reasons: tuple[Reason, ...]
    advice: tuple[Advice, ...]
    is_urgent: bool = False


@dataclass(frozen=True, slots=True)
class _Fired:
    """A check that fired, and the places of the findings that made it."""

    clause: Clause
    check: Check
    causes: tuple[int, ...]


def decide(message: Message, judgement: Judgement, packs: Sequence[Pack], circumstances: Circumstances | None = None) -> Decision:
    """Ask every pack that covers the channel; the strictest action wins.

    Where none of them covers it, all are asked, and say so. A message from a citizen is never blocked: it has already been sent.
    """
    known = circumstances or Circumstances()
    facts = facts_of(message, judgement, known)
    reasons: list[Reason] = []
    advice: list[Advice] = []
    covering = [pack for pack in packs if pack.covers(message.channel)]
    if not covering:
        advice += [
            Advice(
                pack.id,
                pack.uncertain_clause,
                f"{pack.title} is written for {', '.join(pack.channels)}: no policy asked for covers {message.channel}.",
            )
            for pack in packs
        ]
    for pack in covering or packs:
        _ask(pack, message, judgement, known, facts, reasons, advice)
    is_urgent = is_inbound(message) and not known.signs.isdisjoint(_URGENT)
    if is_urgent:
        reasons += [Reason(pack.id, pack.urgent_clause or pack.uncertain_clause, Action.REVIEW, URGENT_SUMMARY) for pack in packs]
    if is_inbound(message):
        reasons = [reason for reason in reasons if reason.effect is Action.REVIEW]
    action = max((reason.effect for reason in reasons), key=lambda effect: effect.rank, default=Action.ALLOW)
    return Decision(action, tuple(sorted(reasons, key=lambda reason: -reason.effect.rank)), tuple(dict.fromkeys(advice)), is_urgent)


def _ask(
    pack: Pack,
    message: Message,
    judgement: Judgement,
    circumstances: Circumstances,
    facts: dict[str, frozenset[str]],
    reasons: list[Reason],
    advice: list[Advice],
) -> None:
    """Add what one pack says."""
    facts |= pack_facts(pack, message, circumstances)
    fired = list(_fired(pack, message, judgement, facts, circumstances.text))
    excused: set[str] = set()
    for each in fired:
        if each.check.then is Outcome.ALLOW and judgement.is_plain and not judgement.is_degraded:
            excused.update(each.check.excuses)
            advice += [Advice(pack.id, each.clause.id, each.check.say)] if each.check.say else []
        elif each.check.then is Outcome.ADVISE:
            advice.append(Advice(pack.id, each.clause.id, str(each.check.say)))
    for each in fired:
        action = each.check.then.action
        if action is None or each.clause.id in excused:
            continue
        suffix = ""
        if each.check.exception is not None and message.exception is not None:
            fault = _exception_fault(pack, each.clause, judgement, circumstances)
            if fault is None:
                action = each.check.exception.action
                suffix = " The exception covers it: keep its records protocol and move the record to corporate systems."
            else:
                suffix = f" The exception named does not help: {fault}."
        if action is not None:
            reasons += _reasons(pack, each, action, judgement, suffix)
    doubts = _doubts(pack, judgement, circumstances, excused)
    if is_inbound(message):
        doubts = [replace(doubt, effect=Action.REVIEW) for doubt in doubts if judgement.is_degraded]
    reasons += doubts


def _fired(pack: Pack, message: Message, judgement: Judgement, facts: Facts, text: str) -> Iterator[_Fired]:
    for clause, check, tests in pack.inbound_checks if is_inbound(message) else pack.outbound_checks:
        if not _are_so(tests, facts) or not _is_found(check.when, judgement, text):
            continue
        if check.unless is not None and _are_so(check.unless.tests, facts) and _is_found(check.unless, judgement, text):
            continue
        yield _Fired(clause, check, _causes(check.when, judgement.findings))


def _are_so(tests: Tests, facts: Facts) -> bool:
    """Tell whether what must hold of the message as a whole does."""
    for name, wanted in tests:  # noqa: SIM110 (a loop is half the time of `all`, and every message runs it a hundred times)
        if wanted.isdisjoint(facts[name]):
            return False
    return True


def _is_found(condition: Condition, judgement: Judgement, text: str) -> bool:
    """Tell whether what a condition says of findings and of the text holds."""
    if condition.only_types is not None:
        telling = {finding.info_type for finding in judgement.findings}
        if not telling or not telling <= set(condition.only_types):
            return False
    if condition.needs_finding and not _causes(condition, judgement.findings):
        return False
    return condition.compiled_pattern is None or condition.compiled_pattern.search(text) is not None


def _causes(condition: Condition, findings: tuple[Finding, ...]) -> tuple[int, ...]:
    """Return the places of the findings that a condition speaks of."""
    if not condition.needs_finding and condition.tier is None:
        return ()
    return tuple(place for place, finding in enumerate(findings) if _is_cause(finding, condition))


def _is_cause(finding: Finding, condition: Condition) -> bool:
    return (
        (condition.tier is None or finding.tier in condition.tier)
        and (condition.types is None or finding.info_type in condition.types)
        and (condition.mode is None or finding.mode in condition.mode)
        and (condition.form is None or finding.form in condition.form)
        and (condition.detector is None or ("rules" if finding.is_rule else "model") in condition.detector)
    )


def _exception_fault(pack: Pack, clause: Clause, judgement: Judgement, circumstances: Circumstances) -> str | None:
    """Return why the exception named does nothing for a clause, `None` where it counts.

    Whatever it says, it excuses neither inviting personal details nor a SECRET marking nor what is sensitive, a plain
    OFFICIAL-SENSITIVE marking aside.
    """
    exception = circumstances.exception
    if exception is None:
        return "there is none of this reference"
    if circumstances.exception_fault is not None:
        return circumstances.exception_fault
    if not exception.lifts(pack.id, clause.id):
        return "it is about other clauses"
    if any(finding.mode is Mode.ASKED and finding.tier.rank >= Tier.PERSONAL.rank for finding in judgement.findings):
        return "nothing excuses inviting personal details"
    if "secret" in circumstances.markings:
        return "nothing excuses a SECRET marking"
    is_marking_alone = bool(circumstances.markings) and all(
        finding.tier is not Tier.SENSITIVE or finding.info_type == "protective_marking" for finding in judgement.findings
    )
    if judgement.category is Tier.SENSITIVE and judgement.certainty is Certainty.UNSAFE and not is_marking_alone:
        return "nothing excuses sensitive information"
    return None


def _reasons(pack: Pack, fired: _Fired, action: Action, judgement: Judgement, suffix: str) -> list[Reason]:
    """Return one reason for each sentence that the check has for its causes."""
    by_summary: dict[str, list[int]] = {}
    for place in fired.causes:
        finding = judgement.findings[place]
        summary = fired.check.by_type.get(finding.info_type, str(fired.check.say))
        if finding.mode is Mode.ASKED:
            summary = f"{summary.rstrip('.')}, nor asked for."
        by_summary.setdefault(summary, []).append(place)
    if not by_summary:
        by_summary[str(fired.check.say)] = []
    return [Reason(pack.id, fired.clause.id, action, summary + suffix, tuple(places)) for summary, places in by_summary.items()]


def _doubts(pack: Pack, judgement: Judgement, circumstances: Circumstances, excused: set[str]) -> list[Reason]:
    """Return why a message that no clause holds is held all the same."""
    if judgement.is_degraded:
        is_agreed = circumstances.is_template_safe and judgement.certainty is not Certainty.UNSAFE
        is_guessed_safe = pack.defaults.fallback_may_allow and judgement.certainty is Certainty.SAFE
        doubts = [] if is_agreed or is_guessed_safe else [(pack.defaults.degraded, DEGRADED_SUMMARY)]
    elif judgement.certainty is Certainty.UNSURE and pack.uncertain_clause not in excused:
        doubts = [(pack.defaults.uncertain, UNCERTAIN_SUMMARY)]
    else:
        doubts = []
    return [Reason(pack.id, pack.uncertain_clause, action, summary) for action, summary in doubts if action is not Action.ALLOW]
