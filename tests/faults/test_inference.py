"""F09 to F12: does an answer come in time, never laxer, when the network raises, stalls or gives nonsense, and does it recover?"""

import json
import time

import pytest
from starlette.testclient import TestClient

from serving import deadline
from serving.classifier import Classifier
from serving.deadline import Deadline
from serving.facts import Certainty
from serving.fallback import Guess
from serving.http import create_app
from serving.policy import Keep
from serving.settings import Settings
from serving.taxonomy import InfoType, Tier
from serving.verdict import Action, DecidedBy, Message
from tests.faults.stalling import FAULTS, make_faulty

TEXTS = ("Bins tomorrow", "The library is closed on Monday.", "my NI is QQ123456C", "Hi Sam, your payment of £368.74 is late")
MOST_SECONDS = 8
"""How long an answer may take here though the network stalls for ten: generous, for a busy machine."""


def load(first_seconds=0.25, **settings):
    return Classifier.load(Settings(suggestion_seconds=0, **settings), Deadline(first_seconds, 0.015))


@pytest.fixture(scope="module")
def sound():
    """A classifier that waits for its model."""
    return Classifier.load(Settings(suggestion_seconds=0))


@pytest.fixture
def classifier(monkeypatch):
    monkeypatch.setattr(deadline, "REST_SECONDS", 0.5)
    return load()


@pytest.fixture
def session(classifier):
    faulty = make_faulty(classifier)
    yield faulty
    faulty.fault = None


def timed(classifier, message):
    started = time.monotonic()
    verdict = classifier.classify(message)
    return verdict, time.monotonic() - started


def assert_degraded(verdict):
    assert verdict.degraded
    assert verdict.decided_by is DecidedBy.FALLBACK
    assert not verdict.coverage.model
    assert verdict.model is None


def recover(classifier, seconds=10):
    """Classify until the model answers again."""
    started = time.monotonic()
    while (verdict := classifier.classify(Message(TEXTS[0]))).degraded:
        assert time.monotonic() - started < seconds, "the model does not come back"
        time.sleep(0.02)
    return verdict


@pytest.mark.parametrize("fault", FAULTS)
def test_the_answer_comes_in_time_and_is_never_laxer(classifier, session, sound, fault, noted):
    session.fault = fault
    for text in TEXTS:
        verdict, seconds = timed(classifier, Message(text))
        assert seconds < MOST_SECONDS
        assert_degraded(verdict)
        noted.compare(verdict.action, sound.classify(Message(text)).action)
        assert verdict.action is not Action.ALLOW
        assert any(each.info_type is InfoType.NATIONAL_ID for each in verdict.findings) == ("QQ123456C" in text)
    session.fault = None
    started = time.monotonic()
    assert recover(classifier).action is sound.classify(Message(TEXTS[0])).action
    noted.recover(time.monotonic() - started)
    for text in TEXTS:
        assert classifier.classify(Message(text)).action is sound.classify(Message(text)).action


def test_while_a_stalled_reading_runs_the_rules_answer_at_once(classifier, session):
    session.fault = "sleeps"
    _, first = timed(classifier, Message(TEXTS[0]))
    assert first >= 0.25
    rest = [timed(classifier, Message(text)) for text in TEXTS * 5]
    assert sum(seconds for _, seconds in rest) < MOST_SECONDS
    assert session.calls == 1
    for verdict, _ in rest:
        assert_degraded(verdict)
    session.fault = None
    assert recover(classifier).coverage.model


def test_after_failures_in_a_row_the_model_is_left_alone_for_a_while(classifier, session):
    session.fault = "raises"
    for _ in range(10):
        assert_degraded(classifier.classify(Message(TEXTS[0])))
    assert session.calls == deadline.MOST_FAILURES
    session.fault = None
    assert_degraded(classifier.classify(Message(TEXTS[0])))
    assert recover(classifier).coverage.model
    session.fault = "raises"
    classifier.classify(Message(TEXTS[0]))
    session.fault = None
    assert classifier.classify(Message(TEXTS[0])).coverage.model


def test_a_subject_shares_the_messages_time(classifier, session):
    session.fault = "sleeps"
    verdict, seconds = timed(classifier, Message(TEXTS[0], subject=TEXTS[1]))
    assert seconds < MOST_SECONDS
    assert_degraded(verdict)
    assert session.calls == 1


def test_a_message_whose_subject_alone_was_not_read_is_degraded(classifier, session, monkeypatch):
    real = classifier._model.read
    monkeypatch.setattr(classifier._model, "read", lambda text: real(text) if "Bins" in text.text else 1 / 0)
    verdict = classifier.classify(Message("Bins tomorrow", subject="Closed"))
    assert_degraded(verdict)
    assert verdict.action is Action.REVIEW


def test_each_further_window_adds_to_the_time():
    slow = Classifier.load(Settings(suggestion_seconds=0), Deadline(0.3, 0.5))
    session = make_faulty(slow, seconds=0.12)
    session.fault = "sleeps"
    long = Message("The hall is open as usual on Monday. " * 60)
    verdict = slow.classify(long)
    assert verdict.coverage.windows > 3
    assert not verdict.degraded
    hurried = load(first_seconds=0.3)
    session = make_faulty(hurried, seconds=0.12)
    session.fault = "sleeps"
    assert_degraded(hurried.classify(long))


def test_without_a_deadline_a_slow_model_is_waited_for(sound):
    session, real = make_faulty(sound, seconds=0.6), sound._model._session.session
    session.fault = "sleeps"
    verdict = sound.classify(Message(TEXTS[0]))
    sound._model._session = real
    assert not verdict.degraded
    assert sound._timed is None


def test_how_a_message_reads_without_its_names_is_not_guessed(classifier, monkeypatch):
    message = Message("Mr Imran Patel please ring the office today", policies=("barnet-messaging",))
    real = classifier._model.read
    assert classifier.decide(message, classifier.read(message)).settled.judgement.remainder is Certainty.SAFE
    monkeypatch.setattr(classifier._model, "read", lambda text: real(text) if "Mr Imran" in text.text else 1 / 0)
    judgement = classifier.decide(message, classifier.read(message)).settled.judgement
    assert not judgement.is_degraded
    assert judgement.remainder is None


def test_templates_are_read_again_once_the_model_is_back(tmp_path, monkeypatch):
    monkeypatch.setattr(deadline, "REST_SECONDS", 0.2)
    registers = Settings().register_folder.parents[1] / "tests" / "policies" / "registers"
    classifier = load(register_folder=registers)
    safe = classifier._safe_templates
    assert safe
    session = make_faulty(classifier)
    session.fault = "raises"
    everything_is_safe = Guess({tier: float(tier is Tier.ROUTINE) for tier in Tier}, is_safe=True)
    monkeypatch.setattr(classifier, "_guess", lambda _: everything_is_safe)
    classifier._safe_templates = classifier._read_templates()
    assert classifier._safe_templates == frozenset()
    session.fault = None
    recover(classifier)
    assert classifier._safe_templates == safe


@pytest.mark.fault("F10")
def test_one_item_of_a_batch_that_the_network_fails_at_harms_no_other(classifier, sound, noted, monkeypatch):
    real = classifier._model.read
    monkeypatch.setattr(classifier._model, "read", lambda text: 1 / 0 if "library" in text.text else real(text))
    client = TestClient(create_app(classifier, Settings(keep=Keep.NOTHING)), raise_server_exceptions=False)
    messages = [{"text": text} for text in TEXTS * 2]
    answer = client.post("/v1/score/batch", content=json.dumps({"messages": messages}), headers={"content-type": "application/json"})
    for message, result in zip(messages, answer.json()["results"], strict=True):
        expected = sound.classify(Message(message["text"])).action
        noted.compare(result["verdict"]["action"], expected)
        if "library" in message["text"]:
            assert (result["verdict"]["degraded"], result["verdict"]["action"]) == (True, "review")
        else:
            assert result["verdict"]["action"] == expected
            assert not result["verdict"]["degraded"]
