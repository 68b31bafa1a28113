"""Is the smallest deletion really one that lowers the tier, and never larger than it need be?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.classifier import Classifier
from serving.counterfactual import MOST_TRIES, smallest_deletion, without
from serving.findings import Finding
from serving.settings import Settings
from serving.taxonomy import InfoType, Tier
from serving.verdict import Action, Message, Route, Sender

TEXT = "Your asthma check and your HIV test are on Friday, ring us"


def finding(words: str, info_type: InfoType = InfoType.HEALTH, score: float = 0.9) -> Finding:
    start = TEXT.index(words)
    return Finding(info_type, start, start + len(words), score=score)


def reader(*telling: str):
    return lambda text: None if any(word in text for word in telling) else Tier.ROUTINE


def words(found) -> list[str]:
    return [TEXT[start:end] for start, end in found.without]


def test_takes_out_the_one_stretch_that_tells():
    told = [finding("asthma check"), finding("HIV test", score=0.99)]
    assert words(smallest_deletion(TEXT, told, reader("asthma"))) == ["asthma check"]


def test_takes_out_all_that_tell_and_puts_back_what_does_not():
    told = [finding("asthma check"), finding("HIV test"), finding("Friday", score=0.5)]
    assert words(smallest_deletion(TEXT, told, reader("asthma", "HIV"))) == ["asthma check", "HIV test"]


def test_tries_the_clauses_where_no_telling_words_do():
    found = smallest_deletion(TEXT, [finding("HIV test")], reader("ring"))
    assert words(found) == [" ring us"]


def test_finds_nothing_where_nothing_helps_and_gives_up_in_time():
    asked = []

    def always(text):
        asked.append(text)

    told = [Finding(InfoType.HEALTH, start, start + 1) for start in range(40)]
    assert smallest_deletion(TEXT, told, always) is None
    assert len(asked) <= MOST_TRIES


@given(st.text(max_size=60), st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60))))
def test_without_never_adds_a_character(text, spans):
    assert len(without(text, [(min(span), max(span)) for span in spans])) <= len(text)


def test_the_classifier_tells_a_deletion_that_it_judges_milder_itself():
    classifier = Classifier.load(Settings(suggestion_seconds=60))
    message = Message("Hi, your curfew box comes off on Friday", explain=True)
    verdict = classifier.classify(message)
    found = verdict.explanation["counterfactual"]
    rest = without(message.text, [(each["start"], each["end"]) for each in found["without"]])
    assert classifier.classify(Message(rest)).category == found["category"]
    assert Tier(found["category"]).rank < verdict.category.rank


def test_nothing_is_explained_unasked():
    assert Classifier.load(Settings()).classify(Message("Bins tomorrow")).explanation is None


def allowed(classifier, text, **changes):
    return classifier.classify(Message(text, **changes)).action is Action.ALLOW


def test_the_smallest_change_lets_the_message_go():
    classifier = Classifier.load(Settings())
    message = Message("Hi Sam, your curfew box comes off on Friday")
    found = classifier.smallest_change(message, 600)
    assert not allowed(classifier, message.text)
    assert allowed(classifier, without(message.text, found.without))


def test_no_change_is_told_where_the_words_are_not_the_reason():
    classifier = Classifier.load(Settings())
    assert classifier.smallest_change(Message("The library is open tomorrow"), 600) is None
    sender = Sender(route=Route.OTHER)
    assert not allowed(classifier, "The library is open tomorrow", sender=sender)
    assert classifier.smallest_change(Message("The library is open tomorrow", sender=sender), 600) is None


def test_who_has_no_time_or_no_model_says_so():
    for classifier, seconds in ((Classifier.load(Settings()), 0), (Classifier.load(Settings(use_model=False)), 600)):
        with pytest.raises(TimeoutError):
            classifier.smallest_change(Message("Hi Sam, your curfew box comes off on Friday"), seconds)
