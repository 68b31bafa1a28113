"""What a shipped bundle is held to (`goals.yaml`), against the figures of a report."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict

GOALS = Path(__file__).parent / "goals.yaml"


class Goal(BaseModel):
    """One figure and its limit; `at` is its place in the report's JSON, keys parted by `/`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    what: str
    at: str
    least: float | None = None
    most: float | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """A goal and the figure that was measured; `is_met` is `None` where nothing was measured."""

    what: str
    goal: str
    figure: float | None
    is_met: bool | None


def read_goals(data: str, path: Path = GOALS) -> list[Goal]:
    """Return the goals of the named data, none where it has none."""
    return [Goal(**each) for each in yaml.safe_load(path.read_text(encoding="utf-8")).get(data, [])]


def standing(goals: list[Goal], content: Mapping[str, Any]) -> list[Standing]:
    """Hold a report's content to the goals."""
    return [_standing(goal, _at(content, goal.at)) for goal in goals]


def _standing(goal: Goal, figure: float | None) -> Standing:
    says = f"≥ {goal.least:g}" if goal.least is not None else f"≤ {goal.most:g}"
    if figure is None:
        return Standing(goal.what, says, None, None)
    is_met = (goal.least is None or figure >= goal.least) and (goal.most is None or figure <= goal.most)
    return Standing(goal.what, says, figure, is_met)


def _at(content: Mapping[str, Any], place: str) -> float | None:
    value: Any = content
    for key in place.split("/"):
        value = value.get(key) if isinstance(value, Mapping) else None
    return None if value is None else float(value)
