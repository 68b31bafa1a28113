"""Are agreement and overrides counted as they are, and undefined where there is nothing to count?"""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from serving.review.judgements import Desk, Judgement, Reason, judge
from serving.review.overview import look_over, weighted_kappa
from serving.review.people import Role, find_session, make_link, use_link
from serving.review.queue import take
from serving.taxonomy import TIERS, Tier
from serving.verdict import Action


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(st.sampled_from(TIERS), st.sampled_from(TIERS)), min_size=1, max_size=40))
def test_kappa_is_that_of_scikit_learn(pairs):
    mine = weighted_kappa(pairs)
    if mine is not None:
        first, second = zip(*[(one.rank, other.rank) for one, other in pairs], strict=True)
        assert mine == pytest.approx(cohen_kappa_score(first, second, weights="quadratic", labels=[0, 1, 2, 3]))


def test_kappa_of_nothing_or_of_one_tier_is_undefined():
    assert weighted_kappa([]) is None
    assert weighted_kappa([(Tier.ROUTINE, Tier.ROUTINE)] * 3) is None


def test_an_empty_desk_says_nothing(store):
    overview = look_over(store)
    assert (overview.judged, overview.machine_right, overview.same, overview.kappa) == (0, None, None, None)


def test_the_desk_is_counted(store, keep_one, make):
    sam, kim = (find_session(store, use_link(store, make_link(store, name, [Role.REVIEWER]))).reviewer for name in ("sam", "kim"))
    said = ((Tier.PERSONAL, Tier.PERSONAL), (Tier.PERSONAL, Tier.SENSITIVE), (Tier.ROUTINE, Tier.ROUTINE))
    for pair in said:
        held = keep_one(make.message(reference=None), Action.REVIEW)[0].answer["review"]["id"]
        for who, tier in zip((sam, kim), pair, strict=True):
            agrees = tier is Tier.PERSONAL
            reason = Reason.AS_READ if agrees else Reason.OTHER_TIER
            take(store, who, held)
            judge(
                store, Desk(0, 100), who, held, Judgement(tier, Action.BLOCK, agrees=agrees, reason=reason, policy="dwp-sms", clause="1.2")
            )
    overview = look_over(store)
    assert (overview.judged, overview.pairs) == (6, 3)
    assert overview.machine_right == pytest.approx(0.5)
    assert overview.same == pytest.approx(2 / 3)
    assert [(each.name, each.judged, each.overridden) for each in overview.by_clause] == [("dwp-sms 1.2", 6, 3)]
    assert [(each.name, each.overridden) for each in overview.by_tier] == [("personal", 3)]
