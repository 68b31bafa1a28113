"""Reliability, calibration error and risk–coverage on answers made up to be right or wrong."""

import numpy as np
import pytest

from data.records import Record
from evaluation.confidence import calibration_error, reliability, risk_coverage, tier_confidence, unsafe_confidence
from evaluation.metrics import Scored
from serving.taxonomy import TIERS, Tier
from serving.verdict import Action


def scored(label: Tier, *scores: float, also: Tier | None = None) -> Scored:
    return Scored(Record("x", label, also=also), Tier.ROUTINE, Action.ALLOW, dict(zip(TIERS, scores, strict=True)) if scores else None)


def test_well_calibrated_scores_have_no_error():
    rng = np.random.default_rng(3)
    said = rng.uniform(size=20_000)
    assert calibration_error(said, rng.uniform(size=20_000) < said) < 0.02
    assert calibration_error(said, rng.uniform(size=20_000) < said / 2) == pytest.approx(0.25, abs=0.02)


def test_nothing_read_by_a_model_has_no_figure():
    said, right = tier_confidence([scored(Tier.ROUTINE)])
    assert calibration_error(said, right) is None
    assert risk_coverage(said, right) == []


def test_either_fair_reading_is_right():
    said, right = tier_confidence(
        [scored(Tier.SENSITIVE, 0.1, 0.1, 0.6, 0.2, also=Tier.PERSONAL), scored(Tier.ROUTINE, 0.0, 0.0, 0.6, 0.4)]
    )
    assert (list(said), list(right)) == ([0.6, 0.6], [True, False])


def test_what_may_be_safe_or_not_is_no_evidence_of_either():
    said, must_not = unsafe_confidence(
        [scored(Tier.PERSONAL, 0.5, 0.2, 0.2, 0.1, also=Tier.ROUTINE), scored(Tier.SENSITIVE, 0.1, 0.1, 0.3, 0.5)]
    )
    assert (said.round(3).tolist(), must_not.tolist()) == ([0.8], [True])


def test_bins_hold_every_message_once():
    bins = reliability(np.array([0.0, 0.5, 1.0]), np.array([False, True, True]))
    assert sum(each.messages for each in bins) == 3
    assert all(each.low <= each.said <= each.high for each in bins)


def test_risk_rises_when_the_unsure_are_the_wrong_ones():
    said = np.linspace(1, 0, 100)
    points = risk_coverage(said, said > 0.5, (0.25, 0.5, 1.0))
    assert [point.risk for point in points] == [0.0, 0.0, 0.5]
