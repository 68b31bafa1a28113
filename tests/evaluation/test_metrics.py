"""Are the figures what scikit-learn says, and undefined where nothing is counted?"""

import random

import pytest
from sklearn.metrics import f1_score, recall_score

from data.records import Record
from evaluation.metrics import Scored, confusion, figures, pairs_right
from serving.taxonomy import TIERS, Tier
from serving.verdict import Action


def scored(label, category, action=Action.ALLOW, also=None, pair=None):
    return Scored(Record("x", label, also=also, pair=pair), category, action)


def test_agrees_with_scikit_learn():
    rng = random.Random(7)
    answers = [scored(rng.choice(TIERS), rng.choice(TIERS)) for _ in range(400)]
    truth, said = [s.record.label for s in answers], [s.category for s in answers]
    found = figures(answers)
    assert found.macro_f1 == pytest.approx(f1_score(truth, said, average="macro"))
    expected = recall_score(truth, said, average=None, labels=list(TIERS))
    assert list(found.recall.values()) == pytest.approx(list(expected))


def test_either_fair_reading_is_right():
    answer = scored(Tier.SENSITIVE, Tier.PERSONAL, also=Tier.PERSONAL)
    assert figures([answer]).accuracy == 1
    assert confusion([answer])[Tier.PERSONAL][Tier.PERSONAL] == 1


def test_what_cannot_be_counted_is_none():
    found = figures([scored(Tier.ROUTINE, Tier.ROUTINE)])
    assert found.unsafe_allowed is None
    assert found.sensitive_caught is None
    assert found.recall[Tier.SENSITIVE] is None
    assert figures([]).macro_f1 is None


def test_review_counts_as_caught_and_as_held():
    found = figures([scored(Tier.SENSITIVE, Tier.ROUTINE, Action.REVIEW), scored(Tier.ROUTINE, Tier.ROUTINE, Action.REVIEW)])
    assert found.sensitive_caught == 1
    assert found.unsafe_allowed == 0
    assert found.safe_held == 1


def test_a_pair_is_right_when_both_halves_are():
    answers = [
        scored(Tier.ROUTINE, Tier.ROUTINE, pair="a"),
        scored(Tier.PERSONAL, Tier.PERSONAL, pair="a"),
        scored(Tier.ROUTINE, Tier.ROUTINE, pair="b"),
        scored(Tier.PERSONAL, Tier.ROUTINE, pair="b"),
    ]
    assert pairs_right(answers) == 0.5
