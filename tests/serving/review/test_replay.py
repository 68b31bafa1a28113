"""Does a replay say which kept verdicts would change, and why?"""

import pytest

from serving.classifier import Classifier
from serving.decide import decide
from serving.policy import Keep, Outcome, read_packs
from serving.review.database import reading
from serving.review.records import Caller, grounds_of, make_record, message_of
from serving.review.replay import Change, replay
from serving.schema import validate
from serving.settings import Settings
from serving.verdict import Action


@pytest.fixture(scope="module")
def classifier():
    return Classifier.load(Settings())


def pack(clauses=None):
    served = read_packs()["dwp-sms"]
    return served if clauses is None else served.model_copy(update={"clauses": clauses})


def softer():
    """The pack with its blocking checks asking for review instead."""

    def soften(check):
        return check.model_copy(update={"then": Outcome.REVIEW}) if check.then is Outcome.BLOCK else check

    return pack(tuple(each.model_copy(update={"checks": tuple(map(soften, each.checks))}) for each in pack().clauses))


def test_verdicts_that_would_change_are_told(store, keep_one, make, classifier):
    blocked = [keep_one(make.message(reference=f"a/{place}"))[0].decision["id"] for place in range(3)]
    keep_one(make.message(reference="b/1"), policies=(("another", "1"),))
    keep_one(make.message(reference="b/2"), grounds=None)
    result = replay(store, pack(), softer(), classifier.rulebook)
    assert (result.compared, result.unknown) == (3, 1)
    assert set(result.changes) == {Change(each, Action.BLOCK, Action.REVIEW, "1.2") for each in blocked}
    assert result.counts == {(Action.BLOCK, Action.REVIEW): 3}
    assert replay(store, pack(), pack(), classifier.rulebook).changes == ()
    assert replay(store, pack(), softer(), classifier.rulebook, since_ms=store.clock.now_ms() + 1).compared == 0


REQUESTS = [
    {"text": "Bins tomorrow"},
    {"text": "Hi Sam, your payment of £368.74 is late", "channel": "sms"},
    {"text": "The curfew box comes off on Friday", "sender": {"business_area": "housing", "sender_id": "nobody"}},
    {"text": "Call us on 0800 055 6688", "recipient": {"phone": "+447700900123", "consent": False}},
    {"text": "Your letter has arrived", "recipient": {"phone": "+442079460018"}, "exception": "EX-none"},
    {"text": "TOP SECRET: move it", "channel": "email", "subject": "OFFICIAL-SENSITIVE: hello"},
    {"text": "I will kill myself", "direction": "inbound"},
    {"text": "Ring me", "sender": {"device": "personal", "route": "other", "two_way": True}, "significant": True},
    {"text": "x" * 400, "channel": "sms"},
]
MESSAGES = [validate(request).message() for request in REQUESTS]


def test_the_features_alone_give_the_verdict_that_the_text_gave(store, classifier):
    """Else a replay would tell changes that are none."""
    verdicts = [classifier.classify(message) for message in MESSAGES]
    for message, verdict in zip(MESSAGES, verdicts, strict=True):
        store.write([make_record(store.vault, Caller(), message, verdict, Keep.FEATURES, 1)])
        with reading(store.engine) as connection:
            features = store.find(connection, "local", decision_id=verdict.id)["features"]
        grounds = grounds_of(features, classifier.rulebook)
        again = decide(message_of(features), grounds.judgement, [pack()], grounds.circumstances)
        assert (again.action, again.reasons, again.advice) == (verdict.action, verdict.reasons, verdict.advice), message.text
    assert {verdict.action for verdict in verdicts} == set(Action)
