"""Show a verdict to a person at a terminal."""

from rich.console import Console
from rich.text import Text

from serving.verdict import Action, Verdict

_COLOURS = {Action.ALLOW: "green", Action.REVIEW: "yellow", Action.BLOCK: "red"}
_BAR_WIDTH = 30


def print_verdict(console: Console, text: str, verdict: Verdict) -> None:
    """Print tier, action, telling words, scores and clauses."""
    colour = _COLOURS[verdict.action]
    told = Text(text)
    for finding in verdict.findings:
        told.stylize("bold underline", finding.start, finding.end)
    console.print(told)
    console.print(
        Text.assemble("  ", (verdict.action.upper(), f"bold {colour}"), f"  {verdict.category.replace('_', ' ')}"),
        end="",
    )
    console.print(f"  (decided by {verdict.decided_by}{', disguised' if verdict.disguised else ''})", highlight=False)
    for finding in verdict.findings:
        words = text[finding.start : finding.end]
        kind = finding.info_type.replace("_", " ") + ("" if finding.mode == "stated" else f", {finding.mode}")
        console.print(f"    {kind}: {words!r} ({'rules' if finding.is_rule else 'model'})", markup=False, highlight=False)
    for reason in verdict.reasons:
        console.print(f"    {reason.policy} {reason.clause}: {reason.summary}", markup=False, highlight=False)
    for advice in verdict.advice:
        console.print(f"    advice, {advice.policy} {advice.clause}: {advice.summary}", markup=False, highlight=False)
    for tier, score in (verdict.scores or {}).items():
        bar = "█" * round(score * _BAR_WIDTH)
        console.print(f"    {tier:16} {score:6.1%} {bar}", highlight=False)
    if verdict.redacted is not None:
        console.print(f"    redacted: {verdict.redacted}", markup=False, highlight=False)
    console.print()
