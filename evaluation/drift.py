"""Has what comes in changed, or what is said of it? The last days against the weeks before, from stored features without text."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from math import log
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from matplotlib.axes import Axes
from prometheus_client import CollectorRegistry, Gauge, write_to_textfile
from pydantic import BaseModel, ConfigDict, Field
from scipy.stats import chi2_contingency

from evaluation.markdown import share, table
from evaluation.plots import draw
from evaluation.stored import Kept
from serving.review.clock import DAY_MS

LIMITS = Path(__file__).parent / "drift.yaml"
OVERRIDES = "override rate"
_BINS = 10
_PLOTTED = 12


class DriftLimits(BaseModel):
    """All of `drift.yaml`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    days: int = Field(ge=1)
    reference_days: int = Field(ge=1)
    least_verdicts: int = Field(ge=1)
    most_stability_index: float = Field(gt=0)
    most_chance: float = Field(gt=0, lt=1)
    least_answers: int = Field(ge=1)
    most_override_rise: float = Field(gt=0, lt=1)


@dataclass(frozen=True, slots=True)
class Shift:
    """One measure before and now, as shares by value; `index` is `None` where there is too little to say anything.

    `index` is the population stability index, for the override rate its rise; `chance` is how likely so great a difference is
    where nothing has changed.
    """

    measure: str
    before: Mapping[str, float]
    now: Mapping[str, float]
    count_before: int
    count_now: int
    index: float | None
    chance: float | None
    is_alarm: bool


def _bin(value: float | None) -> str:
    return "none" if value is None else f"{min(int(value * _BINS), _BINS - 1) / _BINS:.1f}"


MEASURES: Mapping[str, Callable[[Kept], Iterable[str]]] = {
    "probability of being unsafe": lambda each: (_bin(each.unsafe),),
    "tiers": lambda each: (each.category.value,),
    "actions": lambda each: (each.action,),
    "information types": lambda each: sorted(each.types) or ("none",),
    "languages": lambda each: (each.language or "unknown",),
    "channels": lambda each: (each.channel or "unknown",),
    "decided by": lambda each: (each.decided_by,),
}


def read_limits(path: Path = LIMITS) -> DriftLimits:
    """Read the limits.

    Raises:
        pydantic.ValidationError: one is missing, unknown or out of range.
    """
    return DriftLimits.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))


def shifts(kept: Iterable[Kept], until_ms: int, limits: DriftLimits) -> list[Shift]:
    """Compare the last days before a moment with those before them; what lies outside both is left out."""
    begin_now = until_ms - limits.days * DAY_MS
    begin = begin_now - limits.reference_days * DAY_MS
    before: list[Kept] = []
    now: list[Kept] = []
    for each in kept:
        if begin <= each.at_ms < until_ms:
            (now if each.at_ms >= begin_now else before).append(each)
    found = [_shift(name, _count(before, of), _count(now, of), len(before), len(now), limits) for name, of in MEASURES.items()]
    return [*found, _overrides(before, now, limits)]


def stability_index(before: Mapping[str, int], now: Mapping[str, int]) -> float:
    """Return the population stability index of two counts; half a count is added to each value, so that none is empty.

    >>> round(stability_index({"a": 500, "b": 500}, {"a": 500, "b": 500}), 3)
    0.0
    >>> stability_index({"a": 500, "b": 500}, {"a": 800, "b": 200}) > 0.25
    True
    """
    values = sorted(before.keys() | now.keys())
    total_before, total_now = (sum(each.values()) + len(values) / 2 for each in (before, now))
    shares = (((before.get(value, 0) + 0.5) / total_before, (now.get(value, 0) + 0.5) / total_now) for value in values)
    return sum((new - old) * log(new / old) for old, new in shares)


def drift_content(found: Sequence[Shift], until: str, limits: DriftLimits) -> dict[str, Any]:
    """Return a report as JSON knows it."""
    return {
        "until": until,
        "days": limits.days,
        "reference_days": limits.reference_days,
        "is_alarm": any(each.is_alarm for each in found),
        "shifts": [asdict(each) for each in found],
    }


def drift_markdown(content: Mapping[str, Any], plots: Mapping[str, str]) -> str:
    """Write a report as Markdown; `plots` holds file names by the measure."""
    alarms = [each["measure"] for each in content["shifts"] if each["is_alarm"]]
    lines = [f"# Drift until {content['until']}: {'ALARM' if alarms else 'no alarm'}", ""]
    lines += [
        f"The last {content['days']} days against the {content['reference_days']} days before them; stored features alone, no text.",
        "",
    ]
    rows = [["measure", "verdicts before", "verdicts now", "index", "by chance", "alarm"]]
    for each in content["shifts"]:
        counts = [str(each["count_before"]), str(each["count_now"])]
        rows.append([each["measure"], *counts, share(each["index"]), _chance(each["chance"]), "**yes**" if each["is_alarm"] else "no"])
    lines += table(rows)
    lines += ["", "The index is the population stability index, for the override rate its rise. A dash: too few verdicts to say."]
    for each in content["shifts"]:
        values = sorted(each["before"].keys() | each["now"].keys(), key=lambda value: -each["now"].get(value, 0))
        moved = [
            [each["measure"], "before", "now"],
            *([value, *(share(each[when].get(value, 0)) for when in ("before", "now"))] for value in values),
        ]
        lines += [
            "",
            f"## {each['measure'].capitalize()}",
            "",
            *([f"![{each['measure']}]({plots[each['measure']]})", ""] if each["measure"] in plots else []),
        ]
        lines += table(moved)
    return "\n".join(lines) + "\n"


def drift_plots(found: Sequence[Shift]) -> dict[str, str]:
    """Draw every measure before and now, by its name."""
    return {each.measure: draw(lambda axes, each=each: _bars(axes, each)) for each in found if each.before or each.now}  # type: ignore[misc]


def write_metrics(found: Sequence[Shift], path: Path) -> None:
    """Write the figures for Prometheus' textfile collector, in one step."""
    registry = CollectorRegistry()
    index = Gauge(
        "sendsafe_drift_index", "Population stability index of the last days; rise of the override rate", ["measure"], registry=registry
    )
    alarm = Gauge("sendsafe_drift_alarm", "1 where a measure has drifted", ["measure"], registry=registry)
    verdicts = Gauge("sendsafe_drift_verdicts", "Verdicts of the last days", ["measure"], registry=registry)
    for each in found:
        label = each.measure.replace(" ", "_")
        alarm.labels(label).set(each.is_alarm)
        verdicts.labels(label).set(each.count_now)
        if each.index is not None:
            index.labels(label).set(each.index)
    write_to_textfile(str(path), registry)


def _shift(name: str, before: Counter[str], now: Counter[str], count_before: int, count_now: int, limits: DriftLimits) -> Shift:
    index = chance = None
    if min(count_before, count_now) >= limits.least_verdicts:
        index, chance = stability_index(before, now), _chance_of(before, now)
    is_alarm = index is not None and chance is not None and index > limits.most_stability_index and chance < limits.most_chance
    return Shift(name, _shares(before), _shares(now), count_before, count_now, index, chance, is_alarm)


def _overrides(before: Sequence[Kept], now: Sequence[Kept], limits: DriftLimits) -> Shift:
    """Compare how often somebody who answered said another tier."""
    counts = [
        Counter("another tier" if each.should_be is not each.category else "the same" for each in part if each.should_be)
        for part in (before, now)
    ]
    totals = [sum(each.values()) for each in counts]
    index = chance = None
    if min(totals) >= limits.least_answers:
        rates = [each["another tier"] / total for each, total in zip(counts, totals, strict=True)]
        index, chance = rates[1] - rates[0], _chance_of(*counts)
    is_alarm = index is not None and chance is not None and index > limits.most_override_rise and chance < limits.most_chance
    return Shift(OVERRIDES, _shares(counts[0]), _shares(counts[1]), totals[0], totals[1], index, chance, is_alarm)


def _chance_of(before: Mapping[str, int], now: Mapping[str, int]) -> float:
    values = sorted(before.keys() | now.keys())
    if len(values) < 2:  # noqa: PLR2004
        return 1.0
    return float(chi2_contingency(np.array([[each.get(value, 0) for value in values] for each in (before, now)])).pvalue)


def _count(kept: Sequence[Kept], of: Callable[[Kept], Iterable[str]]) -> Counter[str]:
    return Counter(value for each in kept for value in of(each))


def _shares(counts: Counter[str]) -> dict[str, float]:
    total = counts.total()
    return {value: count / total for value, count in sorted(counts.items())}


def _chance(value: float | None) -> str:
    return "–" if value is None else "< 0.001" if value < 0.001 else f"{value:.3f}"  # noqa: PLR2004


def _bars(axes: Axes, each: Shift) -> None:
    values = sorted(each.before.keys() | each.now.keys(), key=lambda value: -max(each.before.get(value, 0), each.now.get(value, 0)))[
        :_PLOTTED
    ]
    values = sorted(values) if each.measure == next(iter(MEASURES)) else values
    places = np.arange(len(values))
    axes.bar(places - 0.2, [each.before.get(value, 0) for value in values], 0.4, label="before", color="#b1b4b6")
    axes.bar(places + 0.2, [each.now.get(value, 0) for value in values], 0.4, label="now", color="#1d70b8")
    axes.set_xticks(places, values, rotation=45, ha="right")
    axes.set_ylabel("share")
    axes.legend(frameon=False)
