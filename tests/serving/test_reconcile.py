"""Does a rule only ever raise, and does the fallback never make an answer laxer than a policy allows?"""

import numpy as np
import pytest

from serving.bundle import Thresholds
from serving.decide import decide
from serving.facts import Certainty
from serving.fallback import Guess
from serving.findings import Finding
from serving.model import Reading, category_of
from serving.policy import read_packs
from serving.reconcile import merge, reconcile, without_model
from serving.taxonomy import InfoType, NameForm, Tier
from serving.verdict import Action, DecidedBy, Message

THRESHOLDS = Thresholds(allow=0.3, block=0.7)
NINO = Finding(InfoType.NATIONAL_ID, 0, 9, detector="national_id.nino", score=0.97)
MAYBE = Finding(InfoType.NATIONAL_ID, 0, 9, detector="national_id.nhs", score=0.5)
PHONE = Finding(InfoType.PHONE, 0, 9, detector="phone.mobile", score=0.97)


def reading(tier):
    return Reading({each: 1.0 if each is tier else 0.0 for each in Tier}, tier, (), 1)


def guess(tier, is_safe):
    return Guess({each: 1.0 if each is tier else 0.0 for each in Tier}, is_safe)


@pytest.mark.parametrize("by_model", Tier)
@pytest.mark.parametrize("finding", [NINO, MAYBE, PHONE])
def test_a_rule_raises_a_tier_and_never_lowers_it(by_model, finding):
    judgement, decided_by = reconcile(reading(by_model), THRESHOLDS, [finding], is_readable=True, is_plain=True)
    by_rule = finding.tier if finding.score > 0.9 else Tier.ROUTINE
    assert judgement.category.rank == max(by_model.rank, by_rule.rank)
    assert decided_by is (DecidedBy.RULES if by_rule.rank > by_model.rank else DecidedBy.MODEL)


@pytest.mark.parametrize(
    ("routine", "personal", "told"),
    [(0.6, 0.4, {InfoType.FAMILY}), (0.8, 0.2, set()), (0.2, 0.8, {InfoType.FAMILY}), (0.1, 0.5, {InfoType.FAMILY, InfoType.HEALTH})],
)
def test_where_the_model_is_not_sure_the_words_that_make_it_doubt_are_told(routine, personal, told):
    scores = {Tier.ROUTINE: routine, Tier.MINIMUM_CONTACT: 0.0, Tier.PERSONAL: personal, Tier.SENSITIVE: 1 - routine - personal}
    telling = (Finding(InfoType.FAMILY, 0, 4), Finding(InfoType.HEALTH, 5, 9))
    thresholds = Thresholds(allow=0.3, block=0.95)
    category = category_of(np.array([*scores.values()]), thresholds)
    judgement, _ = reconcile(Reading(scores, category, telling, 1), thresholds, [], is_readable=True, is_plain=True)
    assert {finding.info_type for finding in judgement.findings} == told


@pytest.mark.parametrize(
    ("said", "found", "is_readable", "certainty"),
    [
        (None, [], True, Certainty.UNSURE),
        (guess(Tier.ROUTINE, is_safe=True), [], True, Certainty.SAFE),
        (guess(Tier.ROUTINE, is_safe=True), [PHONE], True, Certainty.SAFE),
        (guess(Tier.ROUTINE, is_safe=True), [], False, Certainty.UNSURE),
        (guess(Tier.ROUTINE, is_safe=True), [MAYBE], True, Certainty.UNSURE),
        (guess(Tier.ROUTINE, is_safe=True), [NINO], True, Certainty.UNSAFE),
        (guess(Tier.PERSONAL, is_safe=False), [], True, Certainty.UNSURE),
    ],
)
def test_without_the_model_safe_is_what_nobody_doubts(said, found, is_readable, certainty):
    judgement = without_model(said, found, is_readable=is_readable)
    assert judgement.certainty is certainty
    assert judgement.is_degraded


@pytest.mark.parametrize(("opted_in", "action"), [(False, Action.REVIEW), (True, Action.ALLOW)])
def test_only_a_policy_that_says_so_lets_the_fallback_allow(opted_in, action):
    pack = read_packs()["dwp-sms"]
    pack = pack.model_copy(update={"defaults": pack.defaults.model_copy(update={"fallback_may_allow": opted_in})})
    safe = without_model(guess(Tier.ROUTINE, is_safe=True), [], is_readable=True)
    assert decide(Message("Bins tomorrow"), safe, [pack]).action is action
    unsure = without_model(guess(Tier.ROUTINE, is_safe=False), [], is_readable=True)
    assert decide(Message("Bins tomorrow"), unsure, [pack]).action is Action.REVIEW


def test_what_gives_way_to_its_own_type_widens_it():
    by_rule = Finding(InfoType.NAME, 11, 14, form=NameForm.FIRST, detector="name.self", score=0.97)
    by_model = Finding(InfoType.NAME, 11, 21, form=NameForm.FULL, score=0.9)
    assert [(f.start, f.end, f.form, f.detector) for f in merge([by_model], [by_rule])] == [(11, 21, NameForm.FULL, "name.self")]


def test_nothing_widens_into_another_finding():
    bank, phone = (
        Finding(InfoType.BANK, 5, 9, detector="bank.sort_code", score=0.97),
        Finding(InfoType.PHONE, 12, 20, detector="x", score=0.97),
    )
    wide = Finding(InfoType.BANK, 0, 30)
    assert [(f.info_type, f.start, f.end) for f in merge([wide], [phone, bank])] == [(InfoType.BANK, 0, 12), (InfoType.PHONE, 12, 20)]
