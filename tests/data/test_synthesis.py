"""What is done to messages in training keeps every mark, and what is put round them reveals nothing."""

import random

import pytest
import yaml

from data.marking import parse
from data.records import Record
from data.synthesis import frame, frames, join_some, places, swap
from evaluation.invariance import REGIONS
from serving import rules
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


def test_a_frame_keeps_every_mark():
    text = parse("Your [blood test](health) is on [Monday](slot:date).")
    for seed in range(50):
        framed = frame(text, random.Random(seed))
        assert text.plain in framed.plain
        assert [framed.plain[mark.start : mark.end] for mark in framed.marks] == ["blood test", "Monday"]


@pytest.mark.parametrize("words", [*frames()["before"], *frames()["after"]])
def test_rules_find_nothing_in_a_frame(words):
    assert not rules.find(words)


def test_a_place_is_swapped_for_a_town_that_is_not_measured_by():
    measured = yaml.safe_load(REGIONS.read_text(encoding="utf-8"))
    assert not {town for towns in measured.values() for town in towns} & set(places())
    assert swap(parse("Meet at [Crewe](slot:place)."), random.Random(2)).plain != "Meet at Crewe."
    assert swap(parse("Meet at [the old mill](slot:place)."), random.Random(2)).plain == "Meet at the old mill."
