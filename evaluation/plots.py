"""Draw figures as SVG, the same bytes for the same figures."""

from collections.abc import Callable, Mapping, Sequence
from io import StringIO
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from evaluation.measure import OURS
from evaluation.report import Content
from serving.taxonomy import TIERS

_STYLE: dict[Any, Any] = {
    "svg.hashsalt": "sendsafe",
    "svg.fonttype": "none",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
}


def report_plots(whole: Content) -> dict[str, str]:
    """Draw everything that a report shows, by name."""
    confidence = whole["confidence"]
    drawn = {"confusion": draw(lambda axes: _confusion(axes, whole["contestants"][OURS]["confusion"]))}
    if confidence["tier"]["reliability"]:
        drawn["reliability"] = draw(lambda axes: _reliability(axes, confidence))
        drawn["risk-coverage"] = draw(lambda axes: _risk_coverage(axes, confidence["risk_coverage"]))
    return drawn


def draw(fill: Callable[[Axes], None], width: float = 4.6, height: float = 3.4) -> str:
    """Return one plot as SVG."""
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(width, height), layout="constrained")
        fill(figure.subplots())
        file = StringIO()
        figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None})
    return file.getvalue()


def _reliability(axes: Axes, confidence: Mapping[str, Any]) -> None:
    axes.plot([0, 1], [0, 1], color="0.7", linestyle="--", linewidth=1)
    for name, words in (("tier", "likeliest tier"), ("unsafe", "must not go")):
        bins = confidence[name]["reliability"]
        axes.plot([each["said"] for each in bins], [each["true"] for each in bins], marker="o", markersize=3, label=words)
    axes.set(xlabel="probability that was said", ylabel="share that came true", xlim=(0, 1), ylim=(0, 1))
    axes.legend(frameon=False)


def _risk_coverage(axes: Axes, points: Sequence[Mapping[str, float]]) -> None:
    axes.plot([each["coverage"] for each in points], [each["risk"] for each in points], marker="o", markersize=3)
    axes.set(xlabel="share of messages answered, surest first", ylabel="wrong tier among them", xlim=(0, 1.02))
    axes.set_ylim(bottom=0)


def _confusion(axes: Axes, confusion: Mapping[str, Mapping[str, int]]) -> None:
    counts = [[confusion[true][said] for said in TIERS] for true in TIERS]
    shares = [[count / max(1, sum(row)) for count in row] for row in counts]
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for row, values in enumerate(counts):
        for column, count in enumerate(values):
            axes.text(column, row, str(count), ha="center", va="center", color="white" if shares[row][column] > 0.5 else "black")  # noqa: PLR2004
    names = [tier.replace("_", "\n") for tier in TIERS]
    axes.set(xticks=range(len(TIERS)), yticks=range(len(TIERS)), xticklabels=names, yticklabels=names, xlabel="said", ylabel="true")
