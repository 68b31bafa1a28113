"""Span figures: types of messages, exact and overlapping words."""

import pytest

from data.marking import parse
from data.records import Record
from evaluation.spans import Found, span_figures
from serving.findings import Finding
from serving.taxonomy import InfoType, Tier


def found(marked: str, *findings: Finding) -> Found:
    text = parse(marked)
    return Found(Record(text.plain, Tier.SENSITIVE, text.marks), findings)


EXACT = found("your [blood test](health) moved", Finding(InfoType.HEALTH, 5, 15))
PART = found("your [blood test](health) moved", Finding(InfoType.HEALTH, 5, 10))
OTHER_TYPE = found("your [blood test](health) moved", Finding(InfoType.CRIMINAL, 5, 15))
MISSED = found("your [blood test](health) moved")
FALSE = found("the bus is late", Finding(InfoType.HEALTH, 4, 7))


@pytest.mark.parametrize(
    ("case", "exact", "overlapping", "telling", "precision", "recall"),
    [
        (EXACT, 1, 1, 1, 1, 1),
        (PART, 0, 1, 1, 1, 1),
        (OTHER_TYPE, 0, 0, 1, 0, 0),
        (MISSED, 0, 0, 0, None, 0),
        (FALSE, None, None, None, 0, None),
    ],
)
def test_one_message(case, exact, overlapping, telling, precision, recall):
    figures = span_figures([case])
    assert (figures.exact_recall, figures.overlapping_recall, figures.telling_recall) == (exact, overlapping, telling)
    assert (figures.precision, figures.recall) == (precision, recall)


def test_one_type_leaves_the_others_out():
    figures = span_figures([EXACT, OTHER_TYPE, FALSE], InfoType.CRIMINAL)
    assert (figures.messages, figures.marks, figures.recall, figures.precision) == (0, 0, None, 0)
