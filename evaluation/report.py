"""The one source of a report: what was measured, as plain values. Markdown, HTML, plots and cards are all written from it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from data.variety import lengths
from evaluation.confidence import calibration_error, reliability, risk_coverage, tier_confidence, unsafe_confidence
from evaluation.fairness import FIELDS, gap, gaps
from evaluation.goals import read_goals, standing
from evaluation.invariance import PositionFigures, Swaps
from evaluation.measure import OURS, Measured
from evaluation.metrics import UNSAFE, Scored, confusion, figures, pair_figures, slices
from evaluation.spans import Found, span_figures
from serving.taxonomy import InfoType

SLICED_BY = ("slice", "kind", "direction", "channel", "register", "language", "length", "service")
LEAST_IN_SLICE = 15
LONG = 1000
"""Characters from which a text counts as a long one: some two windows and more."""
THIRDS = ("first", "middle", "last")
Content = dict[str, Any]


@dataclass(frozen=True, slots=True)
class About:
    """What was measured, on what, and where."""

    data: str
    bundle: str
    training_messages: int | None = None
    machine: str = ""
    seconds: float | None = None


def content(about: About, measured: Measured) -> Content:
    """Return everything that a report says, as JSON knows it."""
    ours = measured.answers[OURS]
    whole: Content = {
        **asdict(about),
        "contestants": {name: _contestant(scored) for name, scored in measured.answers.items()},
        "confidence": _confidence(ours),
        "lengths": asdict(lengths([each.record.text for each in ours])),
    }
    if any(mark.info_type is not None for each in ours for mark in each.record.marks):
        whole["spans"] = _spans(ours)
    if measured.swaps:
        whole["swaps"] = {kind: _swaps(of) for kind, of in measured.swaps.items()}
    if measured.positions:
        whole["positions"] = {str(length): _positions(of) for length, of in measured.positions.items()}
    if any(_is_long(each) for each in ours):
        whole["long_texts"] = _long_texts(ours)
    whole["fairness"] = _fairness(ours, measured.swaps)
    plain: Content = json.loads(json.dumps(whole))
    plain["goals"] = [asdict(each) for each in standing(read_goals(about.data), plain)]
    return plain


def as_json(whole: Content) -> str:
    """Write a report's content."""
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"


def _contestant(scored: Sequence[Scored]) -> Content:
    return {
        "figures": asdict(figures(scored)),
        "near_pairs": asdict(pair_figures(scored)),
        "confusion": confusion(scored),
        "slices": {field: {value: asdict(figures(group)) for value, group in _shown(scored, field).items()} for field in SLICED_BY},
    }


def _confidence(scored: Sequence[Scored]) -> Content:
    tier, unsafe = tier_confidence(scored), unsafe_confidence(scored)
    return {
        name: {
            "messages": len(said),
            "calibration_error": calibration_error(said, came_true),
            "reliability": [asdict(each) for each in reliability(said, came_true)],
        }
        for name, (said, came_true) in (("tier", tier), ("unsafe", unsafe))
    } | {"risk_coverage": [asdict(each) for each in risk_coverage(*tier)]}


def _spans(scored: Sequence[Scored]) -> Content:
    found = [Found(each.record, each.findings) for each in scored]
    by_type = {info_type.value: asdict(span_figures(found, info_type)) for info_type in InfoType}
    return {"all": asdict(span_figures(found)), "types": by_type}


def _swaps(of: Swaps) -> Content:
    return {
        **asdict(of),
        "action_changed_share": of.action_changed / of.swaps if of.swaps else None,
        "category_changed_share": of.category_changed / of.swaps if of.swaps else None,
    }


def _positions(of: PositionFigures) -> Content:
    spread = max(of.caught.values()) - min(of.caught.values()) if of.caught else None
    return {**asdict(of), "spread": None if spread is None else round(spread, 6)}


def _is_long(each: Scored) -> bool:
    return len(each.record.text) >= LONG


def _long_texts(scored: Sequence[Scored]) -> Content:
    """Tell how long texts as written fare: clean ones, and those that must not go by the third in which they first tell."""
    long = [each for each in scored if _is_long(each)]
    telling: dict[str, list[Scored]] = {third: [] for third in THIRDS}
    for each in long:
        places = [mark.start for mark in each.record.marks if mark.tier in UNSAFE]
        if each.record.fair_labels <= UNSAFE and places:
            telling[THIRDS[3 * places[0] // len(each.record.text)]].append(each)
    return {
        "clean": sum(each.record.fair_labels.isdisjoint(UNSAFE) for each in long),
        "clean_held": figures(long).safe_held,
        "telling": {third: len(texts) for third, texts in telling.items()},
        "caught": {third: _caught(texts) for third, texts in telling.items()},
    }


def _caught(scored: Sequence[Scored]) -> float | None:
    allowed = figures(scored).unsafe_allowed
    return None if allowed is None else 1 - allowed


def _fairness(scored: Sequence[Scored], swaps: Mapping[str, Swaps]) -> Content:
    by_field = {
        field: {
            name: asdict(each) for name, each in gaps({value: figures(group) for value, group in slices(scored, field).items()}).items()
        }
        for field in FIELDS
    }
    return by_field | {kind: {"stopped": asdict(gap(of.stopped_by_group))} for kind, of in swaps.items()}


def _shown(scored: Sequence[Scored], field: str) -> dict[str, list[Scored]]:
    groups = slices(scored, field)
    return {value: group for value, group in groups.items() if value != "-" and len(group) >= LEAST_IN_SLICE}
