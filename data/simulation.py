"""Reviews as a desk would export them, made of labelled messages: to try the loop, and to try it with wrong labels."""

import json
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from data.records import Record
from serving.taxonomy import TIERS, Tier

REVIEWERS = ("ann", "bob", "cat", "dan", "eve")
SECOND_SHARE = 0.2
"""Share of the messages that a second person judged as well."""


def simulate(records: Sequence[Record], count: int, flipped: float, seed: int) -> Iterator[dict[str, Any]]:
    """Yield reviews of messages drawn at random; in a share of them one person's tier is another than the label.

    Where two people differ the one who is right has the last word, as an adjudicator would.
    """
    rng = random.Random(seed)  # noqa: S311 (a simulation)
    for number, record in enumerate(rng.sample(list(records), min(count, len(records)))):
        wrong = rng.choice([tier for tier in TIERS if tier is not record.label]) if rng.random() < flipped else None
        first, second, third = rng.sample(REVIEWERS, 3)
        judgements = [_said(first, "first", wrong or record.label)]
        if rng.random() < SECOND_SHARE:
            judgements.append(_said(second, "second", record.label))
            if wrong:
                judgements.append(_said(third, "adjudication", record.label))
        yield {
            "id": f"sim-{seed}-{number:04}",
            "text": record.text,
            "category": judgements[-1]["category"],
            "spans": [
                {"start": mark.start, "end": mark.end, "type": mark.info_type, "mode": mark.mode, "form": mark.form}
                for mark in record.marks
                if mark.info_type is not None
            ],
            "judgements": judgements,
        }


def write_simulation(records: Sequence[Record], count: int, flipped: float, seed: int, path: Path) -> int:
    """Write reviews as JSON Lines and return how many."""
    lines = [json.dumps(each, ensure_ascii=False) for each in simulate(records, count, flipped, seed)]
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return len(lines)


def _said(reviewer: str, stage: str, tier: Tier) -> dict[str, str]:
    return {"reviewer": reviewer, "stage": stage, "category": tier.value}
