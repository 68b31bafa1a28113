"""Is a network whose answer depends on its neighbours found out, and is disagreement counted?"""

from dataclasses import dataclass, field

from data.records import Record
from evaluation.metrics import Scored
from serving.taxonomy import TIERS, Tier
from serving.verdict import Action
from training.precision import agreement, alone_against_batches, precision_markdown

RECORDS = [Record(f"message {number}", Tier.ROUTINE) for number in range(30)]


@dataclass
class Said:
    """A verdict."""

    category: Tier
    action: Action
    scores: dict[Tier, float]


@dataclass
class Stub:
    """A classifier whose scores move in batches by `drift`, and with each call by `wear`."""

    drift: float = 0.0
    wear: float = 0.0
    calls: list[str] = field(default_factory=list)

    def classify(self, message):
        self.calls.append(message.text)
        return Said(Tier.ROUTINE, Action.ALLOW, dict.fromkeys(TIERS, 0.25 + self.wear * len(self.calls)))

    def classify_many(self, messages):
        return [Said(Tier.ROUTINE, Action.ALLOW, dict.fromkeys(TIERS, 0.25 + self.drift)) for _ in messages]


def test_a_steady_classifier_agrees_wholly():
    assert alone_against_batches(Stub(), RECORDS) == {"another_order": 1.0, "batches": 1.0}


def test_dependence_on_neighbours_is_found():
    assert alone_against_batches(Stub(drift=1e-7), RECORDS) == {"another_order": 1.0, "batches": 0.0}
    assert alone_against_batches(Stub(wear=1e-7), RECORDS)["another_order"] == 0.0


def test_disagreements_are_counted():
    def said(tier, action, unsafe):
        return Scored(
            RECORDS[0], tier, action, {Tier.ROUTINE: 1 - unsafe, Tier.MINIMUM_CONTACT: 0, Tier.PERSONAL: unsafe, Tier.SENSITIVE: 0}
        )

    exact = [said(Tier.ROUTINE, Action.ALLOW, 0.125), said(Tier.PERSONAL, Action.BLOCK, 0.5)]
    quantised = [said(Tier.ROUTINE, Action.REVIEW, 0.25), said(Tier.SENSITIVE, Action.BLOCK, 0.5)]
    assert agreement(exact, quantised) == {"same_tier": 0.5, "same_action": 0.5, "largest_difference": 0.125}


def test_markdown_shows_four_places_beside_the_goal():
    content = {
        "bundle": "v",
        "data": "test",
        "messages": 3,
        "goals": {"tiers": 0.99, "actions": 0.998, "alone": 1.0},
        "same_tier": 0.99541,
        "same_action": 1.0,
        "largest_difference": 0.01,
        "macro_f1": {"fp32": 0.9, "int8": 0.89},
        "alone": {"another_order": 1.0, "batches": 1.0},
    }
    text = precision_markdown(content, {})
    assert text.startswith("# int8 against fp32: bundle v\n")
    assert "| the same tier in int8 as in fp32 | ≥ 0.99 | 0.9954 |" in text
