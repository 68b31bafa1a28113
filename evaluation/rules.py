"""How good each rule is by itself: false alarms on routine messages of the corpus, recall on generated values."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from data.identifiers import CARRIERS, carried
from data.records import Record
from evaluation.intervals import wilson_lower
from serving.findings import CERTAIN
from serving.rules import RULES, find_by, open_page
from serving.taxonomy import Mode, Tier
from serving.text import normalise

MOST_FALSE_ALARMS = 0.005
"""No rule may be certain of something in more of the routine messages than that."""


@dataclass(frozen=True, slots=True)
class RuleFigures:
    """One rule's figures; `recall` and its lower bound (95 %) are `None` for what is asked for, which has no value to draw."""

    id: str
    false_alarms: int
    false_alarm_rate: float
    possible: int
    drawn: int
    recall: float | None
    recall_at_least: float | None


def measure(records: Sequence[Record], values: int, seed: int = 3) -> list[RuleFigures]:
    """Measure every rule on the routine messages among `records`, and on as many drawn values."""
    pages = [open_page(normalise(record.text).text) for record in records if record.fair_labels == {Tier.ROUTINE}]
    found = []
    for rule in RULES:
        certain = possible = 0
        for page in pages:
            scores = [finding.score for finding in find_by(rule, page)]
            certain += any(score >= CERTAIN for score in scores)
            possible += bool(scores) and all(score < CERTAIN for score in scores)
        rng = random.Random(f"{seed} {rule.id}")  # noqa: S311
        drawn = values if rule.id in CARRIERS else 0
        hits = sum(_is_found(rule.id, rng) for _ in range(drawn))
        found.append(
            RuleFigures(
                rule.id,
                certain,
                certain / len(pages) if pages else 0.0,
                possible,
                drawn,
                hits / drawn if drawn else None,
                wilson_lower(hits, drawn) if drawn else None,
            )
        )
    return found


def as_markdown(figures: Sequence[RuleFigures], routine: int) -> str:
    """Write the table, worst false alarms first."""
    asked = {rule.id for rule in RULES if rule.mode is Mode.ASKED}
    lines = [
        "# Rules, one by one",
        "",
        f"False alarms: routine messages of the corpus ({routine}, every split) in which the rule alone is certain of something. None may exceed {MOST_FALSE_ALARMS:.1%}.",
        "Possible: routine messages in which it is only possible, which decides nothing. Recall: drawn values (`data/identifiers.py`) that it finds in its sentences, with the 95 % lower bound (Wilson).",
        "",
        "| rule | false alarms | rate | possible | values | recall | at least |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for each in sorted(figures, key=lambda figure: (-figure.false_alarms, figure.id)):
        cells = "asked for | – | –" if each.id in asked else f"{each.drawn} | {each.recall or 0:.4f} | {each.recall_at_least or 0:.4f}"
        lines.append(f"| {each.id} | {each.false_alarms} | {each.false_alarm_rate:.2%} | {each.possible} | {cells} |")
    return "\n".join(lines) + "\n"


def _is_found(rule_id: str, rng: random.Random) -> bool:
    sample = carried(rule_id, rng)
    rule = next(each for each in RULES if each.id == rule_id)
    page = open_page(normalise(sample.text).text)
    return any(finding.score >= min(CERTAIN, rule.score) for finding in find_by(rule, page))
