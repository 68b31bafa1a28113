"""Does any text, however hostile, take bounded time to decide on and to reword?"""

import time

import pytest

from serving.findings import Finding
from serving.signs import read_signs
from serving.sms import size_of
from serving.suggestion import candidates, without_names_and_relations
from serving.taxonomy import InfoType

LENGTH = 10_000
UNITS = [
    "a", "a.", "a-", "a@", " ", ".", "\n", "a.b/", "http://", "www.", "your ", "your mum ", "please call ", "he is going to ", "case claim ref ", "case",
    "(", "((", "£1 ", "of £", "Hi ", "Mr. ", "12.30", "Monday ", "€", "’", "\ud800", "\x00", "aA0-", "the the ", "urgent child ",
]  # fmt: skip


@pytest.mark.parametrize("unit", UNITS, ids=repr)
def test_bounded(unit):
    text = (unit * LENGTH)[:LENGTH]
    short = text[:1000]
    types = (InfoType.AMOUNT, InfoType.REFERENCE, InfoType.HEALTH, InfoType.NAME)
    findings = [Finding(types[place % 4], start, start + 5) for place, start in enumerate(range(0, 1000, 40))]
    read_signs(text)
    started = time.thread_time()
    read_signs(text, ("anytown.gov.uk",))
    size_of(text)
    without_names_and_relations(text, [])
    list(candidates(short, findings, None))
    assert time.thread_time() - started < 0.25
