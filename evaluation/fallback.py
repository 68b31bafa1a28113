"""The linear fallback under a policy that lets it allow: what slips through against what is held, at every threshold."""

import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from data.records import Record
from evaluation.answers import ask
from evaluation.metrics import UNSAFE, Scored
from serving.classifier import Classifier
from serving.settings import Settings
from serving.verdict import Action

_POINTS = (0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7)


@dataclass(frozen=True, slots=True)
class Point:
    """The shares at one threshold; `None` is the one that is shipped, measured by the actions themselves."""

    allow: float | None
    unsafe_allowed: float
    safe_held: float


def measure(records: Sequence[Record]) -> list[Point]:
    """Judge messages without the network, under the default policies with `fallback_may_allow`; the last point is the shipped one.

    A further point allows what the rules allow and the fallback scores below it: never what a rule is certain of.
    """
    with tempfile.TemporaryDirectory() as folder:
        scored = ask(Classifier.load(Settings(use_model=False, policy_folder=opted_in(Path(folder)))), records)
    held_by_rules = {place for place, each in enumerate(scored) if each.action is Action.BLOCK}
    points = [
        _point(scored, [place not in held_by_rules and (each.unsafe or 1.0) < at for place, each in enumerate(scored)], at)
        for at in _POINTS
    ]
    return [*points, _point(scored, [each.action is Action.ALLOW for each in scored], None)]


def opted_in(folder: Path) -> Path:
    """Copy the policy packs with the fallback allowed to allow."""
    for path in Settings().policy_folder.glob("*.yaml"):
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        content["defaults"] = {**content.get("defaults", {}), "fallback_may_allow": True}
        (folder / path.name).write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    for path in Settings().policy_folder.iterdir():
        if path.suffix != ".yaml" and path.is_file():
            shutil.copy(path, folder / path.name)
    return folder


def as_markdown(points: Sequence[Point], messages: int) -> str:
    """Write the curve."""
    lines = [
        "# Linear fallback where a policy lets it allow",
        "",
        (
            f"{messages} messages of the test split, judged without the network through the classifier. Unsafe allowed: of the messages that must not go. Safe held: of those that may. "
            "The shipped point was chosen on the calibration split: at most 2 in 100 of what must not go look safe there; it also holds texts over 400 characters and whatever a rule finds possibly personal."
        ),
        "",
        "| safe below | unsafe allowed | safe held |",
        "| ---: | ---: | ---: |",
    ]
    lines += [
        f"| {'shipped' if each.allow is None else each.allow} | {each.unsafe_allowed:.3f} | {each.safe_held:.3f} |" for each in points
    ]
    return "\n".join(lines) + "\n"


def _point(scored: Sequence[Scored], allowed: Sequence[bool], at: float | None) -> Point:
    unsafe = [is_allowed for each, is_allowed in zip(scored, allowed, strict=True) if each.record.fair_labels <= UNSAFE]
    safe = [is_allowed for each, is_allowed in zip(scored, allowed, strict=True) if each.record.fair_labels.isdisjoint(UNSAFE)]
    return Point(at, sum(unsafe) / max(1, len(unsafe)), 1 - sum(safe) / max(1, len(safe)))
