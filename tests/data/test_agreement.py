"""Agreement of two labellers."""

import pytest

from data.agreement import agreement, disagreements
from data.records import Record
from serving.taxonomy import Tier


def twice(first: Tier, second: Tier, also: Tier | None = None) -> Record:
    return Record("x", first, also=also, fields={"labels": [first.value, second.value], "settled": "ruling 22"})


R, P, S = Tier.ROUTINE, Tier.PERSONAL, Tier.SENSITIVE


def test_kappa_is_one_where_all_agree_and_none_where_nothing_was_labelled_twice():
    assert agreement([twice(R, R), twice(P, P), Record("once", R)]).kappa == pytest.approx(1)
    assert agreement([Record("once", R)]).kappa is None


def test_kappa_takes_chance_off():
    records = [twice(R, R), twice(R, P), twice(P, R), twice(P, P)]
    assert agreement(records).same == pytest.approx(0.5)
    assert agreement(records).kappa == pytest.approx(0)


def test_a_milder_fair_reading_counts_as_fair_and_stays_listed():
    records = [twice(S, R, also=R), twice(S, P, also=R)]
    assert agreement(records).fair == pytest.approx(0.5)
    assert [settled for *_, settled in disagreements(records)] == ["ruling 22", "ruling 22"]
