"""Is the committed corpus sound, and do the checks find what is not?"""

from dataclasses import replace

import pytest

from data import check
from data.records import SPLITS, read_corpus
from serving.taxonomy import Tier


@pytest.fixture(scope="module")
def corpus():
    return {split: read_corpus(split) for split in SPLITS}


def test_nothing_is_wrong_with_the_corpus(corpus):
    assert {name: found for name, found in check.problems(corpus).items() if found} == {}


def test_a_leak_across_splits_is_found(corpus):
    leaked = replace(corpus["test"][0], source="leak:1")
    assert list(check.near_duplicates({**corpus, "train": [*corpus["train"], leaked]}))


def test_a_group_in_two_splits_is_found(corpus):
    moved = replace(corpus["train"][0], group=corpus["test"][0].group)
    assert list(check.straddling_groups({**corpus, "train": [moved]}))


def test_a_label_below_its_marks_is_found(corpus):
    marked = next(record for record in corpus["train"] if record.label is Tier.SENSITIVE)
    assert list(check.wrong_labels([replace(marked, label=Tier.ROUTINE, also=None)]))


def test_a_label_without_marks_is_found(corpus):
    marked = next(record for record in corpus["train"] if record.label is Tier.SENSITIVE)
    assert list(check.wrong_labels([replace(marked, marks=())]))
