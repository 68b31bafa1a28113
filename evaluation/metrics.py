"""Figures from labels and verdicts; where a message is borderline, either fair reading counts as right.

An undefined figure (nothing to count) is `None`, never 0.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from data.records import Record
from serving.findings import Finding
from serving.language import language_of
from serving.taxonomy import TIERS, Tier
from serving.verdict import Action

UNSAFE = frozenset({Tier.PERSONAL, Tier.SENSITIVE})


@dataclass(frozen=True, slots=True)
class Scored:
    """A labelled message and what was said of it; `scores` are calibrated probabilities of the tiers, where a model has read it."""

    record: Record
    category: Tier
    action: Action
    scores: Mapping[Tier, float] | None = None
    findings: tuple[Finding, ...] = ()

    @property
    def unsafe(self) -> float | None:
        """Return the probability that the message must not go."""
        return None if self.scores is None else sum(self.scores[tier] for tier in UNSAFE)

    @property
    def truth(self) -> Tier:
        """Return the fair reading nearest to what was said: the said one where it is fair, else the label."""
        return self.category if self.category in self.record.fair_labels else self.record.label


@dataclass(frozen=True, slots=True)
class Figures:
    """The standing figures over some messages; shares lie between 0 and 1.

    `sensitive_caught`: sensitive messages said to be sensitive or held. `unsafe_allowed`: messages that must not go and
    would. `safe_held`: messages that may go and are held or blocked. `reviewed`: messages sent to a person.
    """

    messages: int
    accuracy: float | None
    macro_f1: float | None
    recall: dict[Tier, float | None]
    precision: dict[Tier, float | None]
    sensitive_caught: float | None
    unsafe_allowed: float | None
    safe_held: float | None
    reviewed: float | None


def figures(scored: Sequence[Scored]) -> Figures:
    """Return the standing figures."""
    recall = {tier: _share(s.category is tier for s in scored if s.truth is tier) for tier in TIERS}
    precision = {tier: _share(s.truth is tier for s in scored if s.category is tier) for tier in TIERS}
    must_not_go = [s for s in scored if s.record.fair_labels <= UNSAFE]
    may_go = [s for s in scored if s.record.fair_labels.isdisjoint(UNSAFE)]
    sensitive = [s for s in scored if s.record.fair_labels == {Tier.SENSITIVE}]
    return Figures(
        messages=len(scored),
        accuracy=_share(s.category is s.truth for s in scored),
        macro_f1=macro_f1(scored),
        recall=recall,
        precision=precision,
        sensitive_caught=_share(s.category is Tier.SENSITIVE or s.action is not Action.ALLOW for s in sensitive),
        unsafe_allowed=_share(s.action is Action.ALLOW for s in must_not_go),
        safe_held=_share(s.action is not Action.ALLOW for s in may_go),
        reviewed=_share(s.action is Action.REVIEW for s in scored),
    )


def macro_f1(scored: Sequence[Scored]) -> float | None:
    """Return the mean F1 of the tiers that occur."""
    values = []
    for tier in TIERS:
        right = sum(s.category is tier and s.truth is tier for s in scored)
        said = sum(s.category is tier for s in scored)
        true = sum(s.truth is tier for s in scored)
        if said + true:
            values.append(2 * right / (said + true))
    return fmean(values) if values else None


def confusion(scored: Iterable[Scored]) -> dict[Tier, dict[Tier, int]]:
    """Count messages by true tier, then by said tier."""
    table = {true: dict.fromkeys(TIERS, 0) for true in TIERS}
    for each in scored:
        table[each.truth][each.category] += 1
    return table


def slices(scored: Iterable[Scored], field: str) -> dict[str, list[Scored]]:
    """Group messages by a free field of their records, or by what their texts show (`SHOWN`), largest group first."""
    shown = SHOWN.get(field)
    groups: dict[str, list[Scored]] = {}
    for each in scored:
        groups.setdefault(shown(each.record) if shown else each.record.slice_value(field), []).append(each)
    return dict(sorted(groups.items(), key=lambda item: -len(item[1])))


def _length(record: Record) -> str:
    words = len(record.text.split())
    return next((f"up to {most} words" for most in (7, 18, 60) if words <= most), "longer")


def _language(record: Record) -> str:
    return language_of(record.text) or "-"


SHOWN: Mapping[str, Callable[[Record], str]] = {"language": _language, "length": _length}
"""What a text shows of itself: its language as the service tells it, and its length."""


@dataclass(frozen=True, slots=True)
class PairFigures:
    """Near pairs, and the share of which every half is right."""

    pairs: int
    right: float | None


def pair_figures(scored: Iterable[Scored]) -> PairFigures:
    """Return how many near pairs there are, and how often every half is right."""
    groups: dict[str, list[Scored]] = {}
    for each in scored:
        if each.record.pair:
            groups.setdefault(each.record.pair, []).append(each)
    return PairFigures(len(groups), _share(all(s.category is s.truth for s in group) for group in groups.values()))


def pairs_right(scored: Iterable[Scored]) -> float | None:
    """Return the share of near pairs of which every half is right."""
    return pair_figures(scored).right


def _share(values: Iterable[bool]) -> float | None:
    counted = list(values)
    return sum(counted) / len(counted) if counted else None
