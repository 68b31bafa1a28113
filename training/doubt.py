"""Which new labels are not trained on, and why: leaks, conflicts, single labels that look wrong or make a message milder, single people.

Each check is a plain function from labelled messages to the sources of those that it sets aside. Nothing is thrown away: what is
set aside is listed, by id, for somebody to look at again.
"""

import hashlib
import random
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import yaml
from cleanlab.filter import find_label_issues
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from data.duplicates import NearIndex
from data.records import Record
from data.reviews import Labelled, by_reviewer
from evaluation.answers import Floor
from evaluation.metrics import UNSAFE
from serving.taxonomy import TIERS

LIMITS = Path(__file__).parent / "retrain.yaml"
Floats = NDArray[np.float64]
Aside = dict[str, str]
"""Why a message is set aside, by its source."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Weights(_Part):
    """How often a message is shown in an epoch."""

    single: int = Field(ge=1)
    double: int = Field(ge=1)


class DoubtSettings(_Part):
    """How out-of-fold scores are made: `known_messages` of the corpus stand beside the other folds."""

    folds: int = Field(ge=2)
    known_messages: int = Field(ge=1)
    seed: int


class ReviewerLimit(_Part):
    """From which share of doubted labels, among at least so many, no single label of a reviewer counts."""

    share: float = Field(gt=0, le=1)
    least_labels: int = Field(ge=1)


class RetrainLimits(_Part):
    """All of `retrain.yaml`."""

    weights: Weights
    least_new: int = Field(ge=1)
    most_from_one_reviewer: int = Field(ge=1)
    lowering_needs_two: bool
    doubt: DoubtSettings
    most_doubted_of_one_reviewer: ReviewerLimit


def read_limits(path: Path = LIMITS) -> RetrainLimits:
    """Read the limits.

    Raises:
        pydantic.ValidationError: one is missing, unknown or out of range.
    """
    return RetrainLimits.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))


def leaks(new: Sequence[Labelled], held_out: Sequence[Record]) -> Aside:
    """Set aside messages that nearly stand in a split that measures or calibrates."""
    index = NearIndex()
    for record in held_out:
        index.add(record.source, record.text)
    return {each.record.source: "nearly stands in a split that measures" for each in new if index.near(each.record.text)}


def conflicts(new: Sequence[Labelled]) -> Aside:
    """Set aside the same text under several labels, except the one label that is double, and repetitions of one label."""
    aside: Aside = {}
    by_text: dict[str, list[Labelled]] = {}
    for each in new:
        by_text.setdefault(" ".join(each.record.text.casefold().split()), []).append(each)
    for group in by_text.values():
        firm = {each.record.label for each in group if each.is_double}
        labels = {each.record.label for each in group}
        settled = labels if len(labels) == 1 else firm if len(firm) == 1 else set()
        kept = next((each for each in sorted(group, key=lambda one: not one.is_double) if each.record.label in settled), None)
        for each in group:
            if each is not kept:
                is_same = kept is not None and each.record.label is kept.record.label
                aside[each.record.source] = "stands there twice" if is_same else "labelled otherwise elsewhere"
    return aside


def lowered(new: Sequence[Labelled]) -> Aside:
    """Set aside single labels that say a message may go where the machine said it may not."""
    return {
        each.record.source: "made milder by one person alone"
        for each in new
        if not each.is_double and each.machine in UNSAFE and each.record.label not in UNSAFE
    }


def too_many(new: Sequence[Labelled], most: int) -> Aside:
    """Set aside what one reviewer labelled beyond the limit; which ones is drawn by the hash of their sources."""
    aside: Aside = {}
    for labels in by_reviewer(new).values():
        single = sorted((each.record.source for each in labels if not each.is_double), key=_drawn)
        aside |= dict.fromkeys(single[most:], "more labels of one reviewer than count")
    return aside


def doubted(new: Sequence[Labelled], scores: Floats) -> Aside:
    """Set aside single labels that look wrong by confident learning (Northcutt et al. 2021, arXiv:1911.00068).

    `scores` (messages, 4) are of models that have not seen the message's label.
    """
    labels = np.array([TIERS.index(each.record.label) for each in new])
    if len(set(labels.tolist())) < 2:  # noqa: PLR2004
        return {}
    known = np.unique(labels)
    within = scores[:, known] / scores[:, known].sum(axis=1, keepdims=True)
    wrong = find_label_issues(np.searchsorted(known, labels), within, filter_by="prune_by_noise_rate", n_jobs=1)
    return {each.record.source: "looks wrong" for each, is_wrong in zip(new, wrong, strict=True) if is_wrong and not each.is_double}


def unreliable(new: Sequence[Labelled], doubts: Mapping[str, str], limit: ReviewerLimit) -> Aside:
    """Set aside every single label of reviewers of whose labels too many are in doubt."""
    aside: Aside = {}
    for labels in by_reviewer(new).values():
        single = [each.record.source for each in labels if not each.is_double]
        in_doubt = sum(source in doubts for source in single)
        if len(single) >= limit.least_labels and in_doubt / len(single) > limit.share:
            aside |= dict.fromkeys(single, "of a reviewer whose labels look wrong too often")
    return aside


def out_of_fold(new: Sequence[Labelled], known: Sequence[Record], settings: DoubtSettings) -> Floats:
    """Return each new message's probabilities (messages, 4) by linear models that were fitted on the corpus and the other folds."""
    rng = random.Random(settings.seed)  # noqa: S311
    base = rng.sample(list(known), min(settings.known_messages, len(known)))
    fold = np.array([int(_drawn(each.record.source), 16) % settings.folds for each in new])
    scores = np.full((len(new), len(TIERS)), 1 / len(TIERS))
    for number in range(settings.folds):
        here = np.flatnonzero(fold == number).tolist()
        if here:
            others = [each.record for place, each in enumerate(new) if fold[place] != number]
            scores[here] = Floor([*base, *others]).probabilities([new[place].record for place in here])
    return scores


def set_aside(
    new: Sequence[Labelled], held_out: Sequence[Record], known: Sequence[Record], machine: Floats, limits: RetrainLimits
) -> Aside:
    """Run every check and return all that is set aside; the first reason counts.

    `machine` (messages, 4) is what the current bundle makes of the messages; the mean of it and of the linear models is asked about
    doubts, because neither is right often enough alone.
    """
    aside = leaks(new, held_out)
    aside |= _added(conflicts(_rest(new, aside)), aside)
    if limits.lowering_needs_two:
        aside |= _added(lowered(_rest(new, aside)), aside)
    places = [place for place, each in enumerate(new) if each.record.source not in aside]
    rest = [new[place] for place in places]
    if rest:
        doubts = doubted(rest, (out_of_fold(rest, known, limits.doubt) + machine[places]) / 2)
        aside |= doubts
        aside |= _added(unreliable(rest, doubts, limits.most_doubted_of_one_reviewer), aside)
    aside |= too_many(_rest(new, aside), limits.most_from_one_reviewer)
    return aside


def _rest(new: Sequence[Labelled], aside: Mapping[str, str]) -> list[Labelled]:
    return [each for each in new if each.record.source not in aside]


def _added(found: Aside, aside: Mapping[str, str]) -> Aside:
    return {source: reason for source, reason in found.items() if source not in aside}


def _drawn(source: str) -> str:
    return hashlib.sha256(source.encode()).hexdigest()
