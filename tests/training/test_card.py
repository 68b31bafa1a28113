"""The card says what the reports say, and leaves out what was not measured."""

import json

import pytest

from serving.bundle import open_bundle
from serving.settings import Settings
from training.card import card

FIGURES = {"messages": 40, "macro_f1": 0.9, "sensitive_caught": 0.98, "unsafe_allowed": 0.11, "safe_held": 0.07, "reviewed": 0.1}


@pytest.fixture
def folder(tmp_path):
    contestant = {"figures": FIGURES, "near_pairs": {"pairs": 20, "right": 0.85}, "slices": {"kind": {"implied": FIGURES}}}
    test = {
        "data": "test",
        "bundle": "v",
        "contestants": {"sendsafe": contestant},
        "confidence": {"tier": {"calibration_error": 0.0234}},
        "goals": [{"what": "macro-F1", "goal": "≥ 0.92", "figure": 0.9, "is_met": False}],
    }
    public = {"data": "public-messages", "bundle": "v", "contestants": {"sendsafe": contestant}}
    for name, report in (("test", test), ("public", public)):
        (tmp_path / f"{name}.json").write_text(json.dumps(report))
    return tmp_path


def test_the_card_names_figures_goals_and_weaknesses(folder):
    text = card(open_bundle(Settings().bundle_folder).manifest, folder)
    for words in (
        "| the project's test split: sendsafe | 40 | 0.900 | 0.980 | 0.110 | 0.070 | 0.100 |",
        "0.023 on the test split",
        "| macro-F1 | test | ≥ 0.92 | 0.900 | no |",
        "lets the largest share of unsafe messages through in: implied (kind) 0.110.",
        "Of 20 near pairs that a word or two flips, both halves are right in 0.850.",
    ):
        assert words in text
    for words in ("int8 against fp32", "Beside others", "More messages", "Another name"):
        assert words not in text


def test_what_was_measured_later_is_added(folder):
    precision = {"messages": 9, "same_tier": 0.9951, "same_action": 1.0, "alone": {"another_order": 1.0, "batches": 1.0}}
    speed = {"p50_ms": 2.5}
    peers = {"data": "test", "machine": "a machine", "contestants": {"Presidio": {"figures": FIGURES, "speed": speed}}}
    points = [{"training_messages": 1500, "macro_f1": 0.7}, {"training_messages": 12000, "macro_f1": 0.9}]
    for name, report in (("precision", precision), ("peers", peers), ("learning-curve", {"curves": {"test": {"points": points}}})):
        (folder / f"{name}.json").write_text(json.dumps(report))
    text = card(open_bundle(Settings().bundle_folder).manifest, folder)
    assert "the same tier on 0.9951" in text
    assert "| Presidio | 0.900 | 0.110 | 0.070 | 2.50 |" in text
    assert "macro-F1 0.700 from 1,500, 0.900 from 12,000 training messages" in text
