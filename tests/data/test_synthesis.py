"""Joining messages into long texts keeps every mark and the strictest tier."""

import random

from data.marking import parse
from data.records import Record
from data.synthesis import join_some
from serving.taxonomy import Tier


def record(marked: str, label: Tier) -> Record:
    text = parse(marked)
    return Record(text.plain, label, text.marks)


DULL = [record(f"The [{day}](slot:date) bus is late.", Tier.ROUTINE) for day in ("Monday", "Tuesday", "Friday", "Sunday")] * 10
TELLING = [record("Your [blood test](health) moved.", Tier.SENSITIVE)] * 5


def test_nothing_is_joined_without_a_share():
    assert join_some([*DULL, *TELLING], 0.0, random.Random(1)) == [*DULL, *TELLING]


def test_joined_texts_keep_marks_and_the_strictest_tier():
    joined = join_some([*DULL, *TELLING], 1.0, random.Random(1))
    assert any(len(each.marks) > 2 for each in joined)
    for each in joined:
        words = [each.text[mark.start : mark.end] for mark in each.marks]
        assert set(words) <= {"Monday", "Tuesday", "Friday", "Sunday", "blood test"}
        assert each.label is (Tier.SENSITIVE if "blood test" in words else Tier.ROUTINE)


def test_no_message_is_lost():
    joined = join_some([*DULL, *TELLING], 1.0, random.Random(1))
    assert sum(each.text.count("bus") for each in joined) == len(DULL)
    assert sum(each.text.count("blood") for each in joined) == len(TELLING)
