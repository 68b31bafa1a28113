"""Peers: one published rule, timing that takes turns, and no need for them to be installed."""

import sys
from dataclasses import dataclass

import pytest

from data.records import Record
from evaluation.metrics import Scored
from evaluation.peers.presidio import MissingPeerError, Presidio, read_rule, tier_of
from evaluation.peers.report import peers_markdown
from evaluation.peers.speed import time_rounds
from serving.taxonomy import Tier
from serving.verdict import Action


@dataclass
class Entity:
    """What Presidio would find."""

    entity_type: str
    start: int
    end: int
    score: float = 0.85


RULE = read_rule()


@pytest.mark.parametrize(
    ("text", "entities", "tier"),
    [
        ("Bins on Monday", [Entity("DATE_TIME", 8, 14)], Tier.ROUTINE),
        ("Hi Farida", [Entity("PERSON", 3, 9)], Tier.MINIMUM_CONTACT),
        ("Farida Khan", [Entity("PERSON", 0, 11)], Tier.PERSONAL),
        ("QQ 12 34 56 C", [Entity("UK_NINO", 0, 13)], Tier.PERSONAL),
        ("QQ 12 34 56 C", [Entity("UK_NINO", 0, 13, 0.1)], Tier.ROUTINE),
        ("Hi Farida, as a Sikh", [Entity("PERSON", 3, 9), Entity("NRP", 16, 20)], Tier.SENSITIVE),
    ],
)
def test_the_strictest_finding_gives_the_tier(text, entities, tier):
    assert tier_of(text, entities, RULE) is tier


def test_a_missing_peer_is_said_in_one_sentence(monkeypatch):
    monkeypatch.setitem(sys.modules, "presidio_analyzer", None)
    with pytest.raises(MissingPeerError, match="peers"):
        Presidio()


def test_every_contestant_is_timed_in_every_round_and_takes_turns():
    asked: list[str] = []

    def contestant(name):
        def ask(record: Record) -> Scored:
            asked.append(name)
            return Scored(record, Tier.ROUTINE, Action.ALLOW)

        return ask

    speed = time_rounds({"a": contestant("a"), "b": contestant("b")}, [Record("x", Tier.ROUTINE)] * 3, rounds=2)
    assert asked[6:] == ["a"] * 3 + ["b"] * 3 + ["b"] * 3 + ["a"] * 3
    assert speed["a"].messages_a_second > 0


def test_markdown_names_who_is_missing_and_the_rule():
    figures = {"messages": 2, "macro_f1": 0.5, "sensitive_caught": 1.0, "unsafe_allowed": 0.0, "safe_held": None, "reviewed": 0.0}
    speed = {"p50_ms": 1.0, "p95_ms": 2.0, "messages_a_second": 900.0}
    content = {
        "data": "test",
        "bundle": "v",
        "machine": "a machine",
        "rounds": 3,
        "timed": 2,
        "missing": ["Presidio is not installed"],
        "presidio_rule": {"score": 0.35, "entities": {"PERSON": "personal"}},
        "contestants": {"floor": {"figures": figures, "speed": speed}},
    }
    text = peers_markdown(content, {})
    assert text.startswith("# Peers on test: bundle v\n")
    assert "| floor | 0.500 | 1.000 | 0.000 | – | 0.000 | 1.00 | 2.00 | 900 |" in text
    assert "Left out: Presidio is not installed." in text
