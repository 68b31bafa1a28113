"""Does the trial with wrong labels count what happened?"""

import random

from data.records import Record
from evaluation.gate import read_limits as gate_limits
from serving.taxonomy import Tier
from training.doubt import read_limits
from training.poison import Attempt, attempts, poison_content, poison_markdown

WORDS = {
    Tier.ROUTINE: "bins late library pool closed bank holiday notice road works tuesday",
    Tier.MINIMUM_CONTACT: "hi farida please call sam thanks tom office phone ring back",
    Tier.PERSONAL: "payment rent arrears account claim address born tenancy owed amount",
    Tier.SENSITIVE: "blood test cancer clinic diagnosis probation refuge hiv therapy tablets surgery",
}


def made(count, seed):
    rng = random.Random(seed)
    return [
        Record(
            f"{' '.join(rng.choices(WORDS[tier].split(), k=6))} {seed}x{number}",
            tier,
            source=f"{seed}:{number}:{tier}",
            group=f"{seed}:{number}:{tier}",
        )
        for number in range(count)
        for tier in Tier
    ]


def test_every_seed_is_tried_and_counted():
    limits = read_limits()
    limits = limits.model_copy(update={"doubt": limits.doubt.model_copy(update={"folds": 2, "known_messages": 100})})
    found = attempts(made(30, 1), made(30, 2), made(20, 3), (limits, gate_limits()), seeds=2, count=100)
    assert [each.flipped for each in found] == [0.01, 0.02]
    assert all(each.wrong_aside <= each.wrong for each in found)
    assert all(each.recall_change is not None for each in found)
    content = poison_content(found, 100)
    assert content["promoted_and_lost_recall"] == 0
    assert "2 seeds" in poison_markdown(content, {})


def test_a_promotion_that_loses_recall_is_counted():
    lost = Attempt(0, 0.1, 9, 3, 1, -0.01, has_passed=True)
    won = Attempt(1, 0.1, 9, 3, 1, 0.01, has_passed=True)
    refused = Attempt(2, 0.1, 9, 3, 1, -0.05, has_passed=False)
    content = poison_content([lost, won, refused], 300)
    assert (content["promoted"], content["promoted_and_lost_recall"]) == (2, 1)
