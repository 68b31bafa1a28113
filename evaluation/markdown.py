"""Write a report's content as Markdown."""

from collections.abc import Iterator, Mapping
from typing import Any

from evaluation.measure import OURS
from evaluation.report import Content
from serving.taxonomy import TIERS

_FIGURES = {
    "macro-F1": "macro_f1",
    "accuracy": "accuracy",
    "sensitive caught": "sensitive_caught",
    "unsafe allowed": "unsafe_allowed",
    "safe held": "safe_held",
    "reviewed": "reviewed",
}
_SPANS = {
    "precision": "precision",
    "recall": "recall",
    "marks found exactly": "exact_recall",
    "marks found in part": "overlapping_recall",
    "findings that touch a mark of their type": "overlapping_precision",
    "marks touched by any finding": "telling_recall",
}


def as_markdown(whole: Content, plots: Mapping[str, str]) -> str:
    """Write a report; `plots` holds file names by the plot's name."""
    ours = whole["contestants"][OURS]
    lines = [f"# {whole['data']}: bundle {whole['bundle']}", "", *_about(whole)]
    lines += table([*_contestant_rows({name: each["figures"] for name, each in whole["contestants"].items()})])
    lines += _goals(whole["goals"])
    lines += _confidence(whole["confidence"], plots)
    lines += _confusion(ours["confusion"], plots)
    if ours["near_pairs"]["pairs"]:
        right = share(ours["near_pairs"]["right"])
        lines += ["", f"Near pairs with every half right: {right} of {ours['near_pairs']['pairs']}."]
    if "spans" in whole:
        lines += _spans(whole["spans"])
    if "positions" in whole:
        lines += _positions(whole["positions"])
    if "long_texts" in whole:
        lines += _long_texts(whole["long_texts"])
    if "swaps" in whole:
        lines += _swaps(whole["swaps"])
    lines += _fairness(whole["fairness"])
    for field, groups in ours["slices"].items():
        if len(groups) > 1:
            lines += ["", f"## By {field}: {OURS}", "", *table([*_contestant_rows(groups)])]
    return "\n".join(lines) + "\n"


def share(value: float | None) -> str:
    """Write a share between 0 and 1; a dash where it is not defined.

    >>> share(0.91666), share(None)
    ('0.917', '–')
    """
    return "–" if value is None else f"{value:.3f}"


def table(rows: list[list[str]]) -> list[str]:
    """Write rows as a Markdown table; the first is its head, all columns but the first are figures.

    >>> table([["", "n"], ["a", "1"]])
    ['|  | n |', '| --- | ---: |', '| a | 1 |']
    """
    head, *rest = rows
    return [_row(head), "| --- |" + " ---: |" * (len(head) - 1), *map(_row, rest)]


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _about(whole: Content) -> list[str]:
    known = [f"trained on {whole['training_messages']:,} messages"] if whole["training_messages"] else []
    known += [f"measured on {whole['machine']}"] if whole["machine"] else []
    known += [f"in {whole['seconds']:.0f} seconds"] if whole["seconds"] else []
    return [f"{', '.join(known).capitalize()}.", ""] if known else []


def _contestant_rows(figures: Mapping[str, Mapping[str, Any]]) -> Iterator[list[str]]:
    yield ["", "messages", *_FIGURES, *(f"recall {tier}" for tier in TIERS)]
    for name, of in figures.items():
        yield [name, str(of["messages"]), *(share(of[key]) for key in _FIGURES.values()), *(share(of["recall"][tier]) for tier in TIERS)]


def _goals(goals: list[Mapping[str, Any]]) -> list[str]:
    if not goals:
        return []
    rows = [["figure", "goal", "measured", "met"]]
    rows += [[each["what"], each["goal"], share(each["figure"]), {True: "yes", False: "no", None: "–"}[each["is_met"]]] for each in goals]
    return ["", "## Against the goals", "", *table(rows)]


def _confidence(confidence: Mapping[str, Any], plots: Mapping[str, str]) -> list[str]:
    lines = ["", "## Can the scores be believed?", ""]
    for name, what in (("tier", "of the tier"), ("unsafe", "of whether it must not go")):
        of = confidence[name]
        lines.append(f"- Expected calibration error {what}: {share(of['calibration_error'])} on {of['messages']} messages.")
    lines.append("")
    lines += _image(plots, "reliability", "Reliability diagram")
    lines += _image(plots, "risk-coverage", "Risk and coverage")
    rows = [["surest share of the messages", "wrong tier among them"]]
    rows += [[f"{point['coverage']:.0%}", share(point["risk"])] for point in confidence["risk_coverage"] if point["coverage"] >= 0.5]  # noqa: PLR2004
    return lines + table(rows)


def _confusion(confusion: Mapping[str, Mapping[str, int]], plots: Mapping[str, str]) -> list[str]:
    rows = [["true \\ said", *TIERS]]
    rows += [[true, *(str(said[tier]) for tier in TIERS)] for true, said in confusion.items()]
    return ["", f"## Confusion: {OURS}", "", *_image(plots, "confusion", "Confusion"), *table(rows)]


def _spans(spans: Mapping[str, Any]) -> list[str]:
    rows = [["type", "messages", "marks", *_SPANS]]
    for name, of in {"all": spans["all"], **spans["types"]}.items():
        rows.append([name, str(of["messages"]), str(of["marks"]), *(share(of[key]) for key in _SPANS.values())])
    note = "Precision and recall count messages that carry the type; the others count marked words."
    return ["", "## Types and words found", "", note, "", *table(rows)]


def _positions(positions: Mapping[str, Any]) -> list[str]:
    places = list(next(iter(positions.values()))["caught"])
    rows = [["characters", "texts", *(f"caught at the {place}" for place in places), "best less worst", "clean ones held"]]
    for length, of in positions.items():
        caught = [share(of["caught"].get(place)) for place in places]
        rows.append([f"{int(length):,}", str(of["texts"]), *caught, share(of["spread"]), share(of["clean_held"])])
    note = "One message that must not go, among messages that may; and the same long texts without it."
    return ["", "## One telling message among others", "", note, "", *table(rows)]


def _long_texts(of: Mapping[str, Any]) -> list[str]:
    rows = [
        ["texts of 1,000 characters and more, as written", "texts", "held or blocked"],
        ["clean", str(of["clean"]), share(of["clean_held"])],
    ]
    rows += [[f"telling first in the {third} third", str(count), share(of["caught"][third])] for third, count in of["telling"].items()]
    return ["", "## Long texts as they are written", "", *table(rows)]


def _swaps(swaps: Mapping[str, Any]) -> list[str]:
    rows = [["", "messages", "swaps", "action changed", "tier changed", "messages with any change of action"]]
    for kind, of in swaps.items():
        counts = [str(of["messages"]), str(of["swaps"])]
        rows.append([kind, *counts, share(of["action_changed_share"]), share(of["category_changed_share"]), str(of["messages_changed"])])
    lines = ["", "## Another name or place in the same message", "", *table(rows)]
    for kind, of in swaps.items():
        groups = [["origin or region", "action changed", "held or blocked"]]
        groups += [[group, share(value), share(of["stopped_by_group"][group])] for group, value in of["by_group"].items()]
        lines += ["", f"### {kind[0].upper()}{kind[1:]}", "", *table(groups)]
    return lines


def _fairness(fairness: Mapping[str, Any]) -> list[str]:
    rows = [["by", "figure", "groups", "highest", "lowest", "gap"]]
    for field, of in fairness.items():
        for figure, each in of.items():
            ends = [each["highest"] or "–", each["lowest"] or "–"]
            rows.append([field, figure.replace("_", " "), str(each["groups"]), *ends, share(each["gap"])])
    return [
        "",
        "## Widest gaps between groups",
        "",
        "Groups of 30 messages and more; origins and regions by swapped names and places.",
        "",
        *table(rows),
    ]


def _image(plots: Mapping[str, str], name: str, words: str) -> list[str]:
    return [f"![{words}]({plots[name]})", ""] if name in plots else []
