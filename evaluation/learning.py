"""How good does more of the corpus make it? Points from reports of bundles that were trained on shares of it."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes

from evaluation.markdown import share, table
from evaluation.measure import OURS
from evaluation.plots import draw
from serving.errors import SendsafeError

RISING = 0.015
"""Gain of the last doubling from which the curve is said to be still rising."""


class CurveError(SendsafeError):
    """A report that is no point of a learning curve."""


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """One bundle measured on one set of messages."""

    data: str
    training_messages: int
    macro_f1: float
    bundle: str


def read_points(folder: Path) -> list[CurvePoint]:
    """Read the reports of a folder, smallest training first.

    Raises:
        CurveError: there is none, or one does not say on how many messages its bundle was trained.
    """
    points = [_point(path) for path in sorted(folder.glob("*.json"))]
    if not points:
        raise CurveError(f"there is no report in {folder}")
    return sorted(points, key=lambda point: (point.data, point.training_messages))


def curve_content(points: Sequence[CurvePoint]) -> dict[str, Any]:
    """Return the curves by data, and what each doubling brought last."""
    by_data: dict[str, list[CurvePoint]] = {}
    for point in points:
        by_data.setdefault(point.data, []).append(point)
    return {
        "curves": {
            data: {"points": [asdict(each) for each in line], "gain_of_last_doubling": last_gain(line)} for data, line in by_data.items()
        }
    }


def last_gain(line: Sequence[CurvePoint]) -> float | None:
    """Return the gain between the last two points, for a doubling of the messages; `None` where there are not two.

    >>> round(last_gain([CurvePoint("test", 100, 0.7, ""), CurvePoint("test", 400, 0.8, "")]), 3)
    0.05
    """
    if len(line) < 2 or line[-1].training_messages <= line[-2].training_messages:  # noqa: PLR2004
        return None
    return (line[-1].macro_f1 - line[-2].macro_f1) / math.log2(line[-1].training_messages / line[-2].training_messages)


def curve_plots(content: Mapping[str, Any]) -> dict[str, str]:
    """Draw the curves."""

    def fill(axes: Axes) -> None:
        for data, line in content["curves"].items():
            points = line["points"]
            axes.plot([each["training_messages"] for each in points], [each["macro_f1"] for each in points], marker="o", label=data)
        axes.set_xscale("log", base=2)
        ticks = sorted({each["training_messages"] for line in content["curves"].values() for each in line["points"]})
        axes.set_xticks(ticks, [f"{tick:,}" for tick in ticks])
        axes.minorticks_off()
        axes.set(xlabel="training messages", ylabel="macro-F1")
        axes.legend(frameon=False)

    return {"macro-f1": draw(fill)}


def curve_markdown(content: Mapping[str, Any], plots: Mapping[str, str]) -> str:
    """Write the curves as Markdown."""
    lines = ["# Learning curve", "", f"![macro-F1 against training messages]({plots['macro-f1']})", ""]
    for data, line in content["curves"].items():
        rows = [["training messages", "macro-F1", "bundle"]]
        rows += [[f"{each['training_messages']:,}", share(each["macro_f1"]), each["bundle"]] for each in line["points"]]
        lines += [f"## {data}", "", *table(rows), "", _verdict(line["gain_of_last_doubling"]), ""]
    return "\n".join(lines)


def _verdict(gain: float | None) -> str:
    if gain is None:
        return "One point tells no slope."
    still = "still rising" if gain >= RISING else "flat or nearly so"
    return f"The last doubling brought {100 * gain:+.1f} points: {still}."


def _point(path: Path) -> CurvePoint:
    content = json.loads(path.read_text(encoding="utf-8"))
    messages = content.get("training_messages")
    if not messages:
        raise CurveError(f"{path.name} does not say on how many messages its bundle was trained (report --training-messages N)")
    return CurvePoint(content["data"], int(messages), content["contestants"][OURS]["figures"]["macro_f1"], content["bundle"])
