"""Is the smallest change worked out of the message as it was judged, kept once, and never waited for when it does not come?"""

import threading

import pytest

from serving.counterfactual import Counterfactual
from serving.review.changes import MOST_ASKED, NONE_FOUND, Changes
from serving.taxonomy import Tier
from serving.verdict import Action, Channel

FOUND = Counterfactual(((0, 5),), Tier.ROUTINE)
PATIENCE_SECONDS = 60


@pytest.fixture
def held(keep_one, make):
    sent = make.message(reference=None, channel=Channel.SMS, subject="quokka", exception="EX-1")
    return sent, keep_one(sent, Action.REVIEW)[0].answer["review"]["id"]


def test_it_is_worked_out_of_the_whole_message_and_once(store, held):
    sent, review_id = held
    asked = []
    changes = Changes(store, lambda message, _: asked.append(message) or FOUND)
    assert changes.known(review_id) is None
    for _ in range(2):
        changes.ask([review_id])
        changes.wait(review_id, PATIENCE_SECONDS)
    assert asked == [sent]
    assert changes.known(review_id) == FOUND.as_json()


def test_none_found_is_known_too(store, held):
    changes = Changes(store, lambda *_: None)
    changes.ask([held[1]])
    changes.wait(held[1], PATIENCE_SECONDS)
    assert changes.known(held[1]) == NONE_FOUND


def test_what_was_not_found_out_in_time_is_tried_again(store, held):
    answers = [TimeoutError(), ValueError("what a message holds"), FOUND]

    def find(*_):
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    changes = Changes(store, find)
    for expected in (None, None, FOUND.as_json()):
        changes.ask([held[1]])
        changes.wait(held[1], PATIENCE_SECONDS)
        assert changes.known(held[1]) == expected


def test_nobody_waits_for_what_hangs_and_the_last_asked_for_is_first(store, held, keep_one, make):
    ids = [keep_one(make.message(reference=None), Action.REVIEW)[0].answer["review"]["id"] for _ in range(3)]
    go_on, begun, order = threading.Event(), threading.Event(), []

    def find(message, _):
        order.append(message)
        begun.set()
        assert go_on.wait(PATIENCE_SECONDS)

    changes = Changes(store, find)
    changes.ask([held[1]])
    assert begun.wait(PATIENCE_SECONDS)
    changes.ask([*(f"nowhere-{number}" for number in range(2 * MOST_ASKED)), *ids])
    changes.wait(ids[-1], 0.01)
    assert [changes.known(each) for each in ids] == [None] * 3
    go_on.set()
    changes.wait(ids[0], PATIENCE_SECONDS)
    assert [changes.known(each) for each in ids] == [NONE_FOUND] * 3
    assert len(order) == 4


def test_without_a_model_to_ask_nothing_begins(store, held):
    changes = Changes(store, None)
    changes.ask([held[1]])
    changes.wait(held[1], PATIENCE_SECONDS)
    assert not changes.is_able
    assert changes.known(held[1]) is None
