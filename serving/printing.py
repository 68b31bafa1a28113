"""Show a verdict to a person at a terminal."""

import unicodedata
from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.text import Text

from serving.findings import Finding
from serving.taxonomy import Mode, Tier
from serving.verdict import Action, Verdict

_COLOURS = {Action.ALLOW: "green", Action.REVIEW: "yellow", Action.BLOCK: "red"}
_TIER_COLOURS = {Tier.ROUTINE: "green", Tier.MINIMUM_CONTACT: "cyan", Tier.PERSONAL: "yellow", Tier.SENSITIVE: "red"}
_BAR_WIDTH = 30


def print_verdict(console: Console, text: str, verdict: Verdict) -> None:
    """Print the message with its telling words, action and tier, then findings, clauses, advice and scores."""
    colour = _COLOURS[verdict.action]
    shown = visible(text)
    told = Text(shown)
    for finding in verdict.findings:
        told.stylize(f"bold underline {_TIER_COLOURS[finding.tier]}", finding.start, finding.end)
    console.print(told)
    console.print(
        Text.assemble("  ", (verdict.action.upper(), f"bold {colour}"), f"  {verdict.category.replace('_', ' ')}"),
        end="",
    )
    console.print(f"  (decided by {verdict.decided_by}{', disguised' if verdict.disguised else ''})", highlight=False)
    for finding in verdict.findings:
        console.print(Text.assemble("    ", (_kind(finding), _TIER_COLOURS[finding.tier]), f": {_words(shown, finding)}"))
    for reason in verdict.reasons:
        _line(console, f"{reason.policy} {reason.clause}: {reason.summary}")
    for advice in verdict.advice:
        _line(console, f"advice, {advice.policy} {advice.clause}: {advice.summary}")
    if verdict.suggestion:
        _line(console, f"rather: {visible(verdict.suggestion.text)}")
    if verdict.reply:
        _line(console, f"suggested reply: {verdict.reply}")
    for tier, score in (verdict.scores or {}).items():
        console.print(Text.assemble(f"    {tier:16} {score:6.1%} ", ("█" * round(score * _BAR_WIDTH), _TIER_COLOURS[tier])))
    if verdict.redacted is not None:
        _line(console, f"redacted: {visible(verdict.redacted)}")
    if verdict.explanation is not None:
        _line(console, f"smallest change: {visible(_change(verdict.explanation['counterfactual'], shown))}")
    console.print()


def _change(found: Mapping[str, Any] | None, text: str) -> str:
    """Say in words what a counterfactual tells."""
    if found is None:
        return "none found"
    words = ", ".join(f"“{text[each['start'] : each['end']].strip()}”" for each in found["without"])
    return f"without {words} it would be {found['category'].replace('_', ' ')}"


def visible(text: str) -> str:
    r"""Show control characters, which could steer the terminal or turn words round, as one sign each.

    >>> visible("a\x1b[2J\u202eb")
    'a␛[2J�b'
    """
    return "".join(character if character in "\n\t\u200d" else _sign(character) for character in text)


def _sign(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Cc":
        return chr(0x2400 + ord(character)) if character < " " else "�"
    return "�" if category in {"Cf", "Cs"} else character


def _kind(finding: Finding) -> str:
    mode = "" if finding.mode is Mode.STATED else finding.mode
    return ", ".join(filter(None, (finding.info_type.replace("_", " "), finding.form, mode)))


def _words(shown: str, finding: Finding) -> str:
    return f"{shown[finding.start : finding.end]!r} ({'rules' if finding.is_rule else 'model'})"


def _line(console: Console, content: str) -> None:
    console.print(f"    {content}", markup=False, highlight=False)
