"""Do the probes find a classifier that reacts to names, or loses what stands in the middle?"""

from dataclasses import dataclass

from data.lexicon import LEXICON
from data.marking import parse
from data.records import Record
from evaluation.invariance import move_detail, swap_names, swap_places, unseen_names
from serving.names import fold
from serving.taxonomy import Tier
from serving.verdict import Action


@dataclass
class Stub:
    """A classifier by a plain rule."""

    is_stopped: object

    def classify(self, message):
        @dataclass
        class Said:
            category: Tier
            action: Action

        stopped = self.is_stopped(message.text)
        return Said(Tier.PERSONAL if stopped else Tier.ROUTINE, Action.BLOCK if stopped else Action.ALLOW)


def record(marked: str, label: Tier) -> Record:
    text = parse(marked)
    return Record(text.plain, label, text.marks)


GREETING = record("Hi [Farida](name:first), the bus is late", Tier.MINIMUM_CONTACT)


def test_a_classifier_deaf_to_names_changes_nothing():
    swaps = swap_names(Stub(lambda text: "bus" not in text), [GREETING])
    assert swaps.messages == 1
    assert (swaps.swaps, swaps.action_changed, swaps.messages_changed) == (len(swaps.by_group), 0, 0)


def test_a_classifier_that_knows_one_name_is_found_out():
    swaps = swap_names(Stub(lambda text: "Farida" in text), [GREETING])
    assert swaps.messages_changed == 1
    assert swaps.action_changed >= swaps.swaps - 1


def test_positions_are_told_apart():
    dull = [record("the bus is late again today", Tier.ROUTINE)]
    telling = [record("[he has cancer](health)", Tier.SENSITIVE)]
    found = move_detail(Stub(lambda text: text.startswith("he has cancer")), [*dull, *telling], length=500, texts=1)
    assert found.caught == {"start": 1.0, "middle": 0.0, "end": 0.0}
    assert found.clean_held == 0


def test_other_names_can_be_swapped_in():
    pool = {"made up": {"given": ["Zzyzx"], "family": ["Qwghlm"]}}
    swaps = swap_names(Stub(lambda text: "Zzyzx" in text), [GREETING], pool=pool)
    assert (swaps.swaps, swaps.action_changed, swaps.stopped_by_group) == (1, 1, {"made up": 1.0})


def test_a_classifier_that_knows_one_town_is_found_out():
    notice = record("The library in [Truro](slot:place) shuts at noon", Tier.ROUTINE)
    swaps = swap_places(Stub(lambda text: "Truro" in text), [notice, GREETING])
    assert swaps.messages == 1
    assert len(swaps.by_group) == swaps.swaps == 12
    assert swaps.action_changed == sum(swaps.by_group.values()) >= 11


def test_no_more_messages_than_asked_for_are_swapped():
    assert swap_names(Stub(lambda text: False), [GREETING] * 5, most=2).messages == 2


def test_names_never_met_stand_in_no_list_of_the_bundle():
    known = {name for path in LEXICON.glob("*.txt") for name in path.read_text().split()}
    pool = unseen_names()
    assert len(pool) >= 20
    assert [name for of in pool.values() for kind in of.values() for name in kind if fold(name) in known] == []
    assert all(len(of["given"]) >= 3 for of in pool.values())
