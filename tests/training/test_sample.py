"""A smaller share of the training split lies in a larger one, and is the same every time."""

import pytest
from pydantic import ValidationError

from data.records import Record
from serving.taxonomy import Tier
from training.config import TrainingConfig
from training.sample import chosen

RECORDS = [Record(str(number), Tier.ROUTINE) for number in range(400)]


def texts(share: float) -> list[str]:
    return [record.text for record in chosen(RECORDS, TrainingConfig(share=share))]


def test_shares_are_nested_and_in_order():
    eighth, half = texts(0.125), texts(0.5)
    assert (len(eighth), len(half)) == (50, 200)
    assert set(eighth) < set(half)
    assert half == sorted(half, key=int)
    assert eighth == texts(0.125)


def test_everything_is_chosen_unless_told_otherwise():
    assert chosen(RECORDS, TrainingConfig()) == RECORDS
    assert chosen(RECORDS, TrainingConfig(limit=7)) == RECORDS[:7]


@pytest.mark.parametrize("share", [0, 1.5])
def test_a_share_that_is_none_is_refused(share):
    with pytest.raises(ValidationError):
        TrainingConfig(share=share)
