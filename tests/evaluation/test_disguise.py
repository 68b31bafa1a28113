"""Is what is written in disguise still found, and are hostile texts read soundly? Small samples; `make disguise`, `make fuzz` do more."""

import pytest

from data.identifiers import CARRIERS
from data.records import read_corpus
from evaluation.disguise import GOALS, catch
from evaluation.fuzz import fuzz
from evaluation.intervals import wilson_lower
from evaluation.rules import MOST_FALSE_ALARMS, measure
from serving.rules import RULES
from serving.taxonomy import Mode


@pytest.mark.parametrize("family", GOALS)
def test_identifiers_in_disguise_are_found(family):
    caught = catch(family, 170)
    assert caught.found / caught.written >= GOALS[family] - 0.02
    assert caught.words_read / caught.words >= 0.8


def test_every_rule_that_finds_a_value_has_sentences_to_be_measured_by():
    assert set(CARRIERS) == {rule.id for rule in RULES if rule.mode is not Mode.ASKED}


def test_rules_find_what_is_drawn_and_leave_routine_messages_alone():
    figures = measure(read_corpus("dev"), values=40)
    assert [each.id for each in figures if each.false_alarm_rate > MOST_FALSE_ALARMS] == []
    assert [each.id for each in figures if each.recall is not None and each.recall < 0.7] == []


def test_hostile_texts_are_read_soundly():
    seen = fuzz(3, [record.text for record in read_corpus("dev")[:200]], seed=7)
    assert seen.texts
    assert seen.is_sound


def test_the_lower_bound_lies_below_the_share():
    assert wilson_lower(9, 10) < 0.9 < wilson_lower(9990, 10000)
