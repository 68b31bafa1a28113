"""Does the one path always give one message the same verdict, and a fault never a laxer one?"""

from dataclasses import replace

import numpy as np
import pytest

from serving.classifier import Classifier
from serving.language import language_of
from serving.model import Model, join_windows
from serving.settings import Settings
from serving.taxonomy import Tier
from serving.verdict import Action, Message

TEXTS = [
    "Bins tomorrow",
    "Hi Sam, your payment of £368.74 is late",
    "The curfew box comes off on Friday",
    "We have your fit note, thanks. " * 60,
    "a",
    "   ",
    "👋",
]


@pytest.fixture(scope="module")
def classifier():
    return Classifier.load(Settings(suggestion_seconds=60))


def plain(verdict):
    return replace(verdict, id="")


def test_alone_in_a_batch_and_again_gives_the_same_verdict(classifier):
    messages = [Message(text) for text in TEXTS]
    alone = [plain(classifier.classify(message)) for message in messages]
    assert [plain(verdict) for verdict in classifier.classify_many(messages)] == alone
    assert [plain(verdict) for verdict in classifier.classify_many(messages[::-1])] == alone[::-1]


@pytest.mark.parametrize("text", TEXTS)
def test_scores_are_probabilities(classifier, text):
    scores = classifier.classify(Message(text)).scores
    assert sum(scores.values()) == pytest.approx(1, abs=1e-4)
    assert all(0 <= score <= 1 for score in scores.values())


def test_nothing_is_truncated(classifier):
    verdict = classifier.classify(Message("The hall is open as usual. " * 300 + "my NI is QQ123456C"))
    assert verdict.coverage.windows > 10
    assert verdict.category.rank >= Tier.PERSONAL.rank


@pytest.mark.parametrize("fault", [RuntimeError("boom"), ValueError("NaN")])
def test_a_failing_model_makes_the_answer_stricter(classifier, monkeypatch, fault):
    before = {text: classifier.classify(Message(text)).action for text in TEXTS}

    def fail(*_):
        raise fault

    monkeypatch.setattr(Model, "_run", fail)
    for text, action in before.items():
        verdict = classifier.classify(Message(text))
        assert verdict.degraded
        assert verdict.action is not Action.ALLOW
        assert verdict.action.rank >= min(action.rank, Action.REVIEW.rank)


def test_a_model_that_gives_nan_is_not_believed(classifier, monkeypatch):
    real = Model._run.__get__(classifier._model)
    session = classifier._model._session

    class Nan:
        def run(self, *arguments):
            return [np.full_like(array, np.nan) for array in session.run(*arguments)]

    assert real is not None
    monkeypatch.setattr(classifier._model, "_session", Nan())
    assert classifier.classify(Message("Bins tomorrow")).degraded


def test_the_strictest_window_wins():
    joined = join_windows([np.array([0.9, 0.1, 0.0, 0.0]), np.array([0.1, 0.1, 0.1, 0.7]), np.array([1.0, 0.0, 0.0, 0.0])])
    assert joined[3] == pytest.approx(0.7)
    assert joined.sum() == pytest.approx(1)


def test_another_language_goes_to_a_person(classifier):
    text = "Twoja wizyta została przełożona na przyszły tydzień, prosimy o telefon do przychodni"
    assert language_of(text) == "pl"
    assert classifier.classify(Message(text)).action is not Action.ALLOW


@pytest.mark.parametrize("text", ["wanna go cinema l8r bro", "Bins tmrw", "gd luck m8 x", "NINO QQ123456C ref 12"])
def test_txtspeak_is_no_other_language(text):
    assert language_of(text) in (None, "en")


def test_redaction_is_given_on_request(classifier):
    redacted = classifier.classify(Message("my NI is QQ123456C", redact=True)).redacted
    assert redacted.endswith("is [national id]")
    assert classifier.classify(Message("my NI is QQ123456C")).redacted is None
