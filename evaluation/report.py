"""One source of figures, written as Markdown and as JSON."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict

from evaluation.metrics import Figures, Scored, confusion, figures, pairs_right, slices
from serving.taxonomy import TIERS

SLICED_BY = ("slice", "kind", "direction", "channel", "register", "service")
LEAST_IN_SLICE = 15


def as_json(answers: Mapping[str, Sequence[Scored]]) -> str:
    """Write the figures of each contestant, with slices, as JSON."""
    content = {
        name: {
            "figures": asdict(figures(scored)),
            "near_pairs_both_right": pairs_right(scored),
            "confusion": confusion(scored),
            "slices": {
                field: {value: asdict(figures(group)) for value, group in _shown_slices(scored, field).items()} for field in SLICED_BY
            },
        }
        for name, scored in answers.items()
    }
    return json.dumps(content, indent=1)


def as_markdown(title: str, answers: Mapping[str, Sequence[Scored]]) -> str:
    """Write the figures of each contestant side by side; confusion and slices are those of the first."""
    lines = [f"# {title}", "", *_table(answers)]
    first_name, first = next(iter(answers.items()))
    lines += [
        "",
        f"## Confusion: {first_name}",
        "",
        "| true \\ said | " + " | ".join(TIERS) + " |",
        "| --- |" + " ---: |" * 4,
    ]
    lines += [f"| {true} | " + " | ".join(str(said[tier]) for tier in TIERS) + " |" for true, said in confusion(first).items()]
    lines += ["", f"Near pairs with every half right: {share(pairs_right(first))}"]
    for field in SLICED_BY:
        groups = _shown_slices(first, field)
        if len(groups) > 1:
            lines += ["", f"## By {field}: {first_name}", "", *_table(groups)]
    return "\n".join(lines) + "\n"


def share(value: float | None) -> str:
    """Write a share between 0 and 1; a dash where it is not defined.

    >>> share(0.91666), share(None)
    ('0.917', '–')
    """
    return "–" if value is None else f"{value:.3f}"


def _table(rows: Mapping[str, Sequence[Scored]]) -> list[str]:
    head = ["", "messages", "macro-F1", "accuracy", "sensitive caught", "unsafe allowed", "safe held", "reviewed"]
    head += [f"recall {tier}" for tier in TIERS]
    lines = ["| " + " | ".join(head) + " |", "| --- |" + " ---: |" * (len(head) - 1)]
    return lines + [f"| {name} | {' | '.join(_cells(figures(scored)))} |" for name, scored in rows.items()]


def _cells(of: Figures) -> list[str]:
    values = [of.macro_f1, of.accuracy, of.sensitive_caught, of.unsafe_allowed, of.safe_held, of.reviewed]
    return [str(of.messages), *(share(value) for value in (*values, *of.recall.values()))]


def _shown_slices(scored: Sequence[Scored], field: str) -> dict[str, list[Scored]]:
    groups = slices(scored, field)
    return {value: group for value, group in groups.items() if value != "-" and len(group) >= LEAST_IN_SLICE}
