"""Are labels set aside that leak, contradict, look wrong, or come from one person too often?"""

import numpy as np
import pytest

from data.records import Record
from data.reviews import Labelled
from serving.taxonomy import TIERS, Tier
from training.doubt import DoubtSettings, conflicts, doubted, leaks, lowered, out_of_fold, read_limits, set_aside, too_many, unreliable


def label(number, tier=Tier.ROUTINE, text=None, reviewers=("ann",), *, is_double=False, machine=None):
    record = Record(text or f"message number {number} about something else entirely", tier, source=f"review:{number}")
    return Labelled(record, reviewers, is_double, machine, "review")


def scores_of(labels, surety=0.9):
    """Scores that say each label is right."""
    scores = np.full((len(labels), 4), (1 - surety) / 3)
    for place, each in enumerate(labels):
        scores[place, TIERS.index(each.record.label)] = surety
    return scores


def test_a_message_of_the_test_split_is_never_learned_from():
    held_out = [Record("The library on Mill Lane is closed on Monday for the bank holiday", Tier.ROUTINE, source="test:1")]
    new = [label(1, text="the library on mill lane is closed on monday, for the bank holiday!"), label(2, text="Bins are late this week")]
    assert list(leaks(new, held_out)) == ["review:1"]


def test_two_labels_for_one_text_settle_nothing():
    new = [label(1, Tier.ROUTINE, "Same  text"), label(2, Tier.PERSONAL, "same text"), label(3, text="another")]
    assert set(conflicts(new)) == {"review:1", "review:2"}


def test_a_double_label_settles_a_conflict():
    new = [label(1, Tier.ROUTINE, "same"), label(2, Tier.PERSONAL, "same", is_double=True), label(3, Tier.PERSONAL, "same")]
    assert set(conflicts(new)) == {"review:1", "review:3"}


def test_a_repeated_message_counts_once():
    assert conflicts([label(1, text="same"), label(2, text="same")]) == {"review:2": "stands there twice"}


@pytest.mark.parametrize(
    ("machine", "said", "is_double", "waits"),
    [
        (Tier.SENSITIVE, Tier.ROUTINE, False, True),
        (Tier.PERSONAL, Tier.MINIMUM_CONTACT, False, True),
        (Tier.SENSITIVE, Tier.ROUTINE, True, False),
        (Tier.SENSITIVE, Tier.PERSONAL, False, False),
        (Tier.ROUTINE, Tier.SENSITIVE, False, False),
        (None, Tier.ROUTINE, False, False),
    ],
)
def test_nobody_alone_makes_a_held_message_go(machine, said, is_double, waits):
    assert bool(lowered([label(1, said, machine=machine, is_double=is_double)])) is waits


def test_one_reviewer_counts_no_more_than_the_limit():
    new = [label(number) for number in range(30)] + [label(number, reviewers=("bob",)) for number in range(30, 35)]
    aside = too_many(new, 10)
    assert len(aside) == 20
    assert not set(aside) & {f"review:{number}" for number in range(30, 35)}
    assert aside == too_many(new[::-1], 10), "which ones does not depend on their order"


def test_labels_that_contradict_sure_scores_are_in_doubt():
    new = [label(number, TIERS[number % 4]) for number in range(120)]
    scores = scores_of(new)
    flipped = [
        Labelled(
            each.record if place >= 6 else Record(each.record.text, TIERS[(place + 2) % 4], source=each.record.source),
            each.reviewers,
            is_double=False,
        )
        for place, each in enumerate(new)
    ]
    aside = doubted(flipped, scores)
    assert set(aside) == {f"review:{number}" for number in range(6)}
    double = [Labelled(each.record, each.reviewers, is_double=True) for each in flipped]
    assert doubted(double, scores) == {}


def test_a_reviewer_with_too_many_doubts_counts_not_at_all():
    new = [label(number) for number in range(40)] + [label(number, reviewers=("bob",)) for number in range(40, 80)]
    doubts = {f"review:{number}": "looks wrong" for number in [*range(12), *range(40, 44)]}
    aside = unreliable(new, doubts, read_limits().most_doubted_of_one_reviewer)
    assert set(aside) == {f"review:{number}" for number in range(40)}


def test_no_score_has_seen_the_label_it_judges():
    """A word that occurs once, with a wrong label, cannot make that label look right."""
    known = [Record(f"bin round {number} is late today", Tier.ROUTINE, source=f"k{number}") for number in range(60)]
    known += [Record(f"your blood test {number} shows cancer", Tier.SENSITIVE, source=f"s{number}") for number in range(60)]
    new = [label(number, Tier.ROUTINE, f"your blood test {number} shows cancer xyzzy{number}") for number in range(9)]
    scores = out_of_fold(new[:1], known, DoubtSettings(folds=3, known_messages=1000, seed=1))
    assert scores[0, TIERS.index(Tier.SENSITIVE)] > 0.8


def test_every_reason_is_asked_in_turn():
    held_out = [Record("Bins on your street are collected a day later than usual this week", Tier.ROUTINE, source="test:1")]
    known = [Record(f"bin round {number} is late today", Tier.ROUTINE, source=f"k{number}") for number in range(40)]
    known += [Record(f"your blood test {number} shows cancer", Tier.SENSITIVE, source=f"s{number}") for number in range(40)]
    new = [
        label(1, text=held_out[0].text),
        label(2, Tier.ROUTINE, "a lowered one", machine=Tier.SENSITIVE),
        *(
            label(
                number,
                Tier.SENSITIVE if number % 2 else Tier.ROUTINE,
                f"{'your blood test shows cancer' if number % 2 else 'bin round is late today'} {number}",
            )
            for number in range(3, 30)
        ),
    ]
    aside = set_aside(new, held_out, known, scores_of(new), read_limits())
    assert aside == {"review:1": "nearly stands in a split that measures", "review:2": "made milder by one person alone"}
