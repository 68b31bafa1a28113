"""Is what a message tells masked, all of it, by its type, and nothing else?"""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.disguise import FAMILIES
from data.identifiers import carried
from serving.classifier import Classifier
from serving.findings import CERTAIN, Finding
from serving.redact import redact
from serving.settings import Settings
from serving.taxonomy import InfoType, Mode
from serving.text import normalise
from serving.verdict import Message

UNIQUE = "".join(map(chr, range(0xAC00, 0xAC00 + 60)))
"""Sixty letters, none twice and none of them in a mask, so that each can be followed."""
SPANS = st.lists(
    st.tuples(st.integers(0, 59), st.integers(1, 20), st.sampled_from(InfoType), st.sampled_from((Mode.STATED, Mode.ASKED))), max_size=8
)
FIXED = ("national_id.nino", "bank.card", "phone.mobile", "national_id.driving_licence")
"""Rules whose values have no blank at either end and are found without the words around them."""
TRIES = 30


@pytest.fixture(scope="module")
def by_rules():
    return Classifier.load(Settings(use_model=False))


@pytest.mark.parametrize(
    ("info_type", "mask"),
    [
        (InfoType.PHONE, "[phone]"),
        (InfoType.NATIONAL_ID, "[national id]"),
        (InfoType.DOB, "[date of birth]"),
        (InfoType.BANK, "[bank details]"),
        (InfoType.CREDENTIAL, "[secret]"),
        (InfoType.HEALTH, "[health]"),
        (InfoType.PROTECTIVE_MARKING, "[protective marking]"),
    ],
)
def test_a_mask_says_the_type(info_type, mask):
    assert redact("it is zebra now", [Finding(info_type, 6, 11)]) == f"it is {mask} now"


def test_every_type_has_a_mask_in_plain_words():
    masks = {redact("zebra", [Finding(each, 0, 5)]) for each in InfoType}
    assert len(masks) == len(InfoType)
    assert all("_" not in mask and mask.islower() for mask in masks)


@pytest.mark.parametrize(
    ("spans", "redacted"),
    [
        ([(0, 4), (2, 6)], "[phone]ghij"),
        ([(2, 6), (0, 4)], "[phone]ghij"),
        ([(0, 6), (2, 4)], "[phone]ghij"),
        ([(0, 3), (3, 6)], "[phone][phone]ghij"),
        ([(0, 8), (1, 2), (7, 10)], "[phone]"),
        ([(8, 10)], "abcdefgh[phone]"),
        ([], "abcdefghij"),
    ],
)
def test_findings_that_overlap_become_one_mask(spans, redacted):
    assert redact("abcdefghij", [Finding(InfoType.PHONE, *span) for span in spans]) == redacted


def test_what_is_asked_for_stays():
    assert redact("send your PIN", [Finding(InfoType.CREDENTIAL, 10, 13, Mode.ASKED)]) == "send your PIN"


@given(SPANS)
def test_nothing_that_was_found_is_left_and_nothing_else_is_lost(spans):
    findings = [Finding(info_type, start, min(60, start + length), mode) for start, length, info_type, mode in spans]
    told = {place for each in findings if each.mode is Mode.STATED for place in range(each.start, each.end)}
    redacted = redact(UNIQUE, findings)
    assert [each for each in redacted if each in UNIQUE] == [each for place, each in enumerate(UNIQUE) if place not in told]


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("rule_id", FIXED)
def test_a_disguised_identifier_is_masked_whole(by_rules, family, rule_id):
    rng = random.Random(f"{family} {rule_id}")
    found = 0
    for _ in range(TRIES):
        sample = carried(rule_id, rng)
        text = FAMILIES[family](sample.text, rng)
        verdict = by_rules.classify(Message(text, redact=True))
        if any(each.detector.startswith(rule_id) and each.score >= CERTAIN for each in verdict.findings):
            found += 1
            plain = "".join(filter(str.isalnum, normalise(verdict.redacted).text)).lower()
            value = "".join(filter(str.isalnum, sample.value)).lower()
            assert not any(part in plain for part in (value[:6], value[-6:]))
    assert found >= TRIES // 2


def test_characters_of_any_width_keep_their_place(by_rules):
    verdict = by_rules.classify(Message("👩‍👧 Ünï: QQ\u200b12 34\u200b56C 👍", redact=True))
    assert verdict.redacted == "👩‍👧 Ünï: [national id] 👍"
    assert by_rules.classify(Message("QQ123456C")).redacted is None
