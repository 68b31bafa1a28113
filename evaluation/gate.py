"""May a candidate bundle take the place of the current one? The limits stand in `gate.yaml`; every check must pass."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

from data.records import Record
from evaluation.behaviour import CaseFile, count, run_cases
from evaluation.gold import Gold
from evaluation.markdown import table
from evaluation.measure import ready
from evaluation.metrics import figures
from evaluation.paired import MEASURES, Measure, Pair, difference, judge_both, times_as_slow
from serving.classifier import Classifier
from serving.errors import BundleError
from serving.settings import Settings

LIMITS = Path(__file__).parent / "gate.yaml"
SHOWN_CASES = 20
MeasureName = Literal["sensitive_recall", "sensitive_caught", "unsafe_stopped", "accuracy"]
FigureName = Literal["reviewed", "safe_held", "unsafe_allowed"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Bootstrap(_Part):
    """How the bounds are drawn."""

    resamples: int = Field(ge=1000)
    seed: int


class Budget(_Part):
    """A figure's limit: by itself, and above the current bundle's."""

    most: float = Field(ge=0, le=1)
    above_current: float = Field(ge=0, le=1)


class CaseBudget(_Part):
    """How many behaviour cases may fail: at all, and more than with the current bundle."""

    most: int = Field(ge=0)
    above_current: int = Field(ge=0)


class LatencyBudget(_Part):
    """Limits of the median time for one message."""

    most_ms: float = Field(gt=0)
    times_current: float = Field(ge=1)


class SliceLimits(_Part):
    """How much groups of messages may lose."""

    fields: tuple[str, ...]
    least_messages: int = Field(ge=1)
    most_lost: dict[MeasureName, float]
    exceptions: dict[str, dict[MeasureName, float]] = {}


class Limits(_Part):
    """All that a candidate is held to. The recall of `sensitive` is always among it."""

    bootstrap: Bootstrap
    lower_bounds: dict[MeasureName, float]
    failed_cases: CaseBudget
    budgets: dict[FigureName, Budget]
    latency: LatencyBudget
    slices: SliceLimits

    def model_post_init(self, _: object, /) -> None:
        """Refuse limits that leave out what the gate is for."""
        if "sensitive_recall" not in self.lower_bounds or "reviewed" not in self.budgets:
            raise ValueError("the gate must hold a limit for sensitive_recall and for reviewed")


@dataclass(frozen=True, slots=True)
class Check:
    """One figure against its limit; `current` and `candidate` are the bundles' own, `figure` is what the limit is for."""

    name: str
    limit: str
    figure: float | None
    has_passed: bool
    current: float | None = None
    candidate: float | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class GateVerdict:
    """Every check of a candidate; it may be promoted where all have passed, and there is one at all."""

    current: str
    candidate: str
    gold_sha256: str
    messages: int
    checks: tuple[Check, ...]

    @property
    def has_passed(self) -> bool:
        """Tell whether the candidate may take the current one's place."""
        return bool(self.checks) and all(check.has_passed for check in self.checks)


@dataclass(frozen=True, slots=True)
class Trial:
    """What a candidate is tried on."""

    gold: Gold
    records: Sequence[Record]
    cases: Mapping[str, CaseFile]
    limits: Limits


def read_limits(path: Path = LIMITS) -> Limits:
    """Read the limits.

    Raises:
        pydantic.ValidationError: a limit is missing, unknown or out of range.
    """
    return Limits.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))


def try_candidate(candidate: Path, current: Path, trial: Trial) -> GateVerdict:
    """Hold a candidate bundle to the limits, beside the current one. A candidate that does not load is refused.

    Raises:
        BundleError: the current bundle cannot be used, so there is nothing to compare with.
    """
    now = ready(Settings(bundle_folder=current))
    try:
        new = ready(Settings(bundle_folder=candidate))
    except BundleError as error:
        unusable = Check("the candidate can be used", "yes", None, has_passed=False, note=str(error))
        return GateVerdict(str(now.model_version), "unusable", trial.gold.sha256, 0, (unusable,))
    pairs = judge_both(now, new, trial.records)
    checks = (*checks_of(pairs, trial.limits), check_cases(now, new, trial))
    return GateVerdict(str(now.model_version), str(new.model_version), trial.gold.sha256, len(pairs), checks)


def checks_of(pairs: Sequence[Pair], limits: Limits) -> Iterator[Check]:
    """Yield every check that is made on the answers."""
    for name, least in limits.lower_bounds.items():
        found = difference(pairs, MEASURES[name], limits.bootstrap.resamples, limits.bootstrap.seed)
        note = (
            ""
            if found.value is None
            else f"difference {found.value:+.4f} on {found.messages} messages, 95 % {found.low:+.4f} to {found.high:+.4f}"
        )
        yield Check(
            f"{_words(name)}: lower bound of the difference", f"≥ {least:+.3f}", found.low, found.low is not None and found.low >= least,
            found.current, found.candidate, note,
        )  # fmt: skip
    yield from _budgets(pairs, limits)
    yield from _latency(pairs, limits.latency)
    yield from _slices(pairs, limits.slices)


def check_cases(current: Classifier, candidate: Classifier, trial: Trial) -> Check:
    """Run the behaviour cases with both, and name what the candidate fails."""
    failed = {each.name for each in run_cases(candidate, trial.cases) if not each.has_passed}
    failed_before = {each.name for each in run_cases(current, trial.cases) if not each.has_passed}
    total = count(trial.cases)
    most = min(trial.limits.failed_cases.most, len(failed_before) + trial.limits.failed_cases.above_current)
    names = [*sorted(failed - failed_before), *sorted(failed & failed_before)]
    shown = "; ".join(f"{name} (the current one too)" if name in failed_before else name for name in names[:SHOWN_CASES])
    more = f"; and {len(names) - SHOWN_CASES} more" if len(names) > SHOWN_CASES else ""
    return Check(
        f"behaviour cases that fail, of {total}", f"≤ {most}", float(len(failed)),
        has_passed=total > 0 and len(failed) <= most,
        current=float(len(failed_before)), candidate=float(len(failed)), note=shown + more,
    )  # fmt: skip


def gate_content(verdict: GateVerdict) -> dict[str, Any]:
    """Return a verdict as JSON knows it."""
    return {"passed": verdict.has_passed, **asdict(verdict)}


def gate_markdown(content: Mapping[str, Any], plots: Mapping[str, str]) -> str:
    """Write a verdict as Markdown; it has no plots. Of the groups of messages only those that failed are shown, all are in the JSON."""
    del plots
    says = "passes the gate" if content["passed"] else "is refused"
    rows = [["check", "current", "candidate", "figure", "limit", "passed"]]
    shown = [check for check in content["checks"] if not check["has_passed"] or not check["name"].startswith("group ")]
    for check in shown:
        numbers = [_number(check[key]) for key in ("current", "candidate", "figure")]
        rows.append([check["name"], *numbers, check["limit"], "yes" if check["has_passed"] else "**no**"])
    groups = [check for check in content["checks"] if check["name"].startswith("group ")]
    lines = [
        f"# Candidate {content['candidate']} {says}",
        "",
        f"Against {content['current']}, on {content['messages']} messages of the gold set",
    ]
    lines[-1] += f" {content['gold_sha256'][:16]}; {sum(each['has_passed'] for each in groups)} of {len(groups)} checks of groups passed."
    lines += ["", *table(rows)]
    notes = [f"- {check['name']}: {check['note']}" for check in shown if check["note"]]
    return "\n".join([*lines, *(["", *notes] if notes else [])]) + "\n"


def _budgets(pairs: Sequence[Pair], limits: Limits) -> Iterator[Check]:
    now, new = figures([pair.current for pair in pairs]), figures([pair.candidate for pair in pairs])
    for name, budget in limits.budgets.items():
        before, after = getattr(now, name), getattr(new, name)
        for limit, says in (
            (budget.most, f"≤ {budget.most:.3f}"),
            (None if before is None else before + budget.above_current, f"≤ current + {budget.above_current:.3f}"),
        ):
            yield Check(_words(name), says, after, limit is not None and after is not None and after <= limit, before, after)


def _latency(pairs: Sequence[Pair], budget: LatencyBudget) -> Iterator[Check]:
    if not pairs:
        yield Check("time for a message", "measured", None, has_passed=False)
        return
    current, candidate, times = times_as_slow(pairs)
    yield Check("ms for a message, median", f"≤ {budget.most_ms:g}", candidate, candidate <= budget.most_ms, current, candidate)
    yield Check("times as long as the current one", f"≤ {budget.times_current:g}", times, times <= budget.times_current, current, candidate)


def _slices(pairs: Sequence[Pair], limits: SliceLimits) -> Iterator[Check]:
    for field in limits.fields:
        for value in sorted({pair.record.slice_value(field) for pair in pairs}):
            group = [pair for pair in pairs if pair.record.slice_value(field) == value]
            for name, most in limits.most_lost.items():
                limit = limits.exceptions.get(f"{field}={value}", {}).get(name, most)
                before, after, messages = _shares(group, MEASURES[name])
                if value == "-" or messages < limits.least_messages or before is None or after is None:
                    continue
                lost = before - after
                yield Check(
                    f"group {field}={value}: {_words(name)} lost",
                    f"≤ {limit:.3f}",
                    lost,
                    lost <= limit,
                    before,
                    after,
                    f"{messages} messages",
                )


def _shares(pairs: Sequence[Pair], measure: Measure) -> tuple[float | None, float | None, int]:
    chosen = [pair for pair in pairs if measure.counts(pair.record)]
    if not chosen:
        return None, None, 0
    right = [sum(map(measure.is_right, each)) for each in ([pair.current for pair in chosen], [pair.candidate for pair in chosen])]
    return right[0] / len(chosen), right[1] / len(chosen), len(chosen)


def _words(name: str) -> str:
    return name.replace("_", " ")


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.0f}" if value == int(value) and abs(value) > 1 else f"{value:.4f}"
