"""What the one path adds to a verdict: suggestion, reply, urgency, size, and what a fault does to them."""

import socket
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from serving.classifier import Classifier
from serving.findings import Finding
from serving.model import Model
from serving.reply import reply_to
from serving.schema import to_json, verdict_json
from serving.settings import Settings
from serving.suggestion import candidates, requests
from serving.taxonomy import InfoType, Mode, NameForm, Tier
from serving.verdict import Action, Audience, Channel, Device, Direction, Message, Recipient, Route, Sender

REGISTERS = Path(__file__).parent / "registers"
HOUSING = Sender("housing")
TOLD = "my NI is QQ123456C"
HARMLESS = "Bins tomorrow"


def load(**settings):
    return Classifier.load(Settings(**{"register_folder": REGISTERS, "suggestion_seconds": 60, **settings}))


@pytest.fixture(scope="module")
def classifier():
    return load()


@pytest.fixture(scope="module")
def by_rules():
    return load(use_model=False)


@pytest.mark.parametrize("sender", [Sender(), HOUSING, Sender("outreach")])
def test_a_blocked_message_brings_another_wording_that_may_go(classifier, sender):
    message = Message(TOLD, sender=sender)
    verdict = classifier.classify(message)
    assert verdict.action is Action.BLOCK
    again = classifier.classify(replace(message, text=verdict.suggestion.text))
    assert again.action is Action.ALLOW
    assert again.category is verdict.suggestion.category
    assert again.suggestion is None


@pytest.mark.parametrize(
    "message",
    [
        Message(HARMLESS),
        Message(TOLD, direction=Direction.INBOUND),
        Message(TOLD, recipient=Recipient("020 8359 0000")),
        Message(TOLD, sender=Sender(route=Route.OTHER)),
        Message(TOLD, channel=Channel.WHATSAPP, audience=Audience.CITIZEN, policies=("dwp-aup",)),
        Message(TOLD, sender=Sender(device=Device.PERSONAL), policies=("barnet-messaging",)),
    ],
)
def test_where_words_are_not_what_is_wrong_none_is_suggested(classifier, message):
    assert classifier.classify(message).suggestion is None


def test_looking_for_a_wording_costs_one_reading_each_and_ends_with_its_time(classifier, monkeypatch):
    read = []
    settle = Classifier._settle
    monkeypatch.setattr(Classifier, "_settle", lambda self, words: read.append(words) or settle(self, words))
    classifier.classify(Message(HARMLESS))
    assert len(read) == 1
    read.clear()
    classifier.classify(Message(TOLD))
    assert len(read) <= 5
    read.clear()
    hurried = load(suggestion_seconds=0)
    read.clear()
    verdict = hurried.classify(Message(TOLD))
    assert verdict.suggestion is None
    assert not verdict.degraded
    assert len(read) == 1


def test_a_model_that_fails_at_the_wording_leaves_the_verdict_as_it_is(classifier, monkeypatch):
    before = classifier.classify(Message(TOLD))
    fresh = load()
    real, calls = Model.read, []

    def read(self, text):
        calls.append(text)
        if len(calls) > 1:
            raise RuntimeError("boom")
        return real(self, text)

    monkeypatch.setattr(Model, "read", read)
    verdict = fresh.classify(Message(TOLD))
    assert (verdict.action, verdict.reasons, verdict.degraded) == (before.action, before.reasons, False)
    assert verdict.suggestion is None
    assert len(calls) > 1


NAME = Finding(InfoType.NAME, 3, 15, form=NameForm.FULL)
REWORDED = [
    ("Your payment of £368.74 is on its way. Sign in to see it.", [Finding(InfoType.AMOUNT, 16, 23)], "Your payment is on its way. Sign in to see it."),
    ("Hi Jane Okafor, the repair team comes on Tuesday.", [Finding(InfoType.NAME, 3, 14, form=NameForm.FULL)], "Hi Jane, the repair team comes on Tuesday."),
    ("We have moved your diabetes review to 3pm on Tuesday.", [Finding(InfoType.HEALTH, 14, 34)], "We have moved your appointment to 3pm on Tuesday."),
    ("A surveyor will call at 14 Tamar Close on Monday.", [Finding(InfoType.ADDRESS, 24, 38)], "A surveyor will call at your home on Monday."),
    ("The form has arrived, ref 4417-9023. Thank you for sending it.", [Finding(InfoType.REFERENCE, 26, 35)], "The form has arrived. Thank you for sending it."),
    ("The office is closed on Friday. Your HIV test was negative.", [Finding(InfoType.HEALTH, 32, 58)], "The office is closed on Friday. Please call us when you can."),
    ("Hi Dan, your looked after child review is next Wednesday at 4pm. Moira", [Finding(InfoType.SAFEGUARDING, 13, 38)], "Hi Dan, your meeting is next Wednesday at 4pm. Moira"),
    ("Ruth, child protection, comes on Thursday 20 January at 2.30pm to visit about why Leo is at risk", [Finding(InfoType.SAFEGUARDING, 6, 22)], "Our meeting is on Thursday 20 January at 2.30pm. Please call us when you can."),
    ("Mr. Lee is in on Monday. Your HIV test is back.", [Finding(InfoType.HEALTH, 25, 46)], "Mr. Lee is in on Monday. Please call us when you can."),
    ("Sorry to be a pest. The voices are worse.", [Finding(InfoType.HEALTH, 24, 40)], None),
    ("Please text your date of birth.", [Finding(InfoType.DOB, 17, 30, Mode.ASKED)], None),
    ("You have cancer.", [Finding(InfoType.HEALTH, 9, 15)], None),
    ("Something unsure", [], None),
    ("x" * 1001, [Finding(InfoType.HEALTH, 0, 5)], None),
]  # fmt: skip


@pytest.mark.parametrize(("text", "findings", "wording"), REWORDED)
def test_the_first_wording_keeps_what_it_can(text, findings, wording):
    first = next(candidates(text, findings, None))
    assert first == (wording or next(requests(None)))


def test_the_last_wording_asks_for_contact_by_the_areas_number(rulebook):
    assert list(candidates("x", [], rulebook.areas["housing"]))[-1] == "Please contact us."
    assert next(requests(rulebook.areas["housing"])) == "Please call Anytown Housing on 0300 123 1000 and ask for Moira."


@pytest.mark.clause("barnet-messaging 6.5")
@pytest.mark.parametrize("policy", ["barnet-messaging", "dwp-sms", "dwp-aup"])
def test_a_citizens_message_with_personal_information_gets_a_reply_that_asks_for_contact(classifier, policy):
    verdict = classifier.classify(Message(TOLD, channel=Channel.SOCIAL_DM, direction=Direction.INBOUND, policies=(policy,), sender=HOUSING))
    assert verdict.action is Action.ALLOW
    assert "0300 123 1000 and ask for Moira" in verdict.reply
    assert "QQ123456C" not in verdict.reply
    assert classifier.classify(Message("Thanks, that is fine", direction=Direction.INBOUND)).reply is None
    assert classifier.classify(Message(TOLD)).reply is None


@pytest.mark.parametrize("is_urgent", [False, True])
def test_the_reply_may_itself_go(classifier, rulebook, is_urgent):
    for area in (None, rulebook.areas["housing"]):
        reply = reply_to(area, is_urgent=is_urgent)
        assert (
            classifier.classify(Message(reply, channel=Channel.SOCIAL_DM, policies=("barnet-messaging",))).category.rank
            < Tier.PERSONAL.rank
        )


@pytest.mark.parametrize("policy", ["dwp-sms", "barnet-messaging", "dwp-aup"])
@pytest.mark.parametrize("text", ["i want to die", "my husband hits me and im scared of him"])
def test_danger_and_abuse_are_urgent(classifier, by_rules, policy, text):
    for judge in (classifier, by_rules):
        verdict = judge.classify(Message(text, direction=Direction.INBOUND, policies=(policy,)))
        assert verdict.urgent
        assert verdict.action is Action.REVIEW
        assert "999" in verdict.reply
        assert policy in {reason.policy for reason in verdict.reasons}
    assert not classifier.classify(Message(text, policies=(policy,))).urgent


def test_a_subject_is_read_too(classifier):
    message = Message("See attached.", channel=Channel.EMAIL, policies=("barnet-messaging",))
    assert classifier.classify(message).action is Action.ALLOW
    assert classifier.classify(replace(message, subject="NI QQ123456C")).category.rank >= Tier.PERSONAL.rank
    secret = replace(message, subject="TOP SECRET", policies=("dwp-aup",))
    assert "4.1" in [reason.clause for reason in classifier.classify(secret).reasons]


def test_the_strictest_pack_wins_and_every_one_is_cited(classifier):
    packs = ("dwp-sms", "barnet-messaging", "dwp-aup")
    verdict = classifier.classify(Message(TOLD, policies=packs))
    assert verdict.action is Action.BLOCK
    assert {reason.policy for reason in verdict.reasons} == set(packs)
    assert [pack for pack, _ in verdict.policies] == list(packs)


def test_a_pack_speaks_of_its_own_channels(classifier):
    both = Message(TOLD, channel=Channel.EMAIL, audience=Audience.COLLEAGUE, policies=("dwp-sms", "dwp-aup"))
    assert {reason.policy for reason in classifier.classify(both).reasons} <= {"dwp-aup"}
    alone = classifier.classify(replace(both, policies=("dwp-sms",)))
    assert alone.action is Action.BLOCK
    assert "written for sms" in alone.advice[0].summary


def test_the_size_is_told_of_text_messages(classifier):
    assert classifier.classify(Message("x" * 161, channel=Channel.SMS)).sms.segments == 2
    assert classifier.classify(Message(HARMLESS, channel=Channel.EMAIL)).sms is None


@pytest.mark.clause("dwp-aup 6.3")
def test_the_same_text_many_times_is_held_unless_it_is_of_a_template():
    classifier = load(use_model=False)
    actions = []
    for _ in range(26):
        verdict = classifier.classify(Message(HARMLESS, channel=Channel.SMS, policies=("dwp-aup",)))
        actions.append("6.3" in [reason.clause for reason in verdict.reasons])
    assert actions == [False] * 24 + [True] * 2
    assert b"Bins" not in repr(vars(classifier._repeats)).encode()


@pytest.mark.clause("dwp-sms 1.4")
def test_values_of_a_template_are_checked_by_what_its_fields_are_for(classifier):
    template = "Hi ((first name)), a reminder of your appointment on ((date)) at ((time)). Anytown Housing"
    values = {"First_Name": "Sam", "date": "Tuesday 3 March", "time": "10am"}
    written = "Hi Sam, a reminder of your appointment on Tuesday 3 March at 10am. Anytown Housing"
    message = Message(written, sender=HOUSING, template=template, personalisation=tuple(values.items()))
    assert classifier.classify(message).action is Action.ALLOW
    wrong = replace(
        message, personalisation=tuple({**values, "time": "10am as agreed"}.items()), text=written.replace("10am", "10am as agreed")
    )
    assert "1.4" in [reason.clause for reason in classifier.classify(wrong).reasons]


def test_without_the_model_only_a_closed_template_that_it_read_as_safe_may_go(classifier, by_rules, monkeypatch):
    closed = Message("Hi Sam, a reminder of your appointment on Tuesday 3 March at 10am. Anytown Housing", sender=HOUSING)
    opened = Message("Hi Sam, your appointment is on Tuesday 3 March at 10am, Anytown Library. Anytown Housing", sender=HOUSING)
    unfit = Message("Hi Sam, a reminder of your appointment on Tuesday 3 March at 10am, HIV. Anytown Housing", sender=HOUSING)
    assert classifier.classify(closed).action is Action.ALLOW

    def fail(*_):
        raise RuntimeError("boom")

    monkeypatch.setattr(Model, "_run", fail)
    assert classifier.classify(closed).degraded
    assert classifier.classify(closed).action is Action.ALLOW
    assert classifier.classify(opened).action is Action.REVIEW
    assert classifier.classify(unfit).action is Action.REVIEW
    assert by_rules.classify(closed).action is Action.REVIEW


@pytest.mark.parametrize("policy", ["dwp-sms", "barnet-messaging", "dwp-aup"])
def test_an_exception_never_makes_personal_details_go(classifier, policy):
    for exception in ("EX-MOBILE", "EX-WHATSAPP", "EX-FREE"):
        message = Message(
            "Please text back your date of birth", policies=(policy,), sender=replace(HOUSING, two_way=True), exception=exception
        )
        assert classifier.classify(message).action is not Action.ALLOW


@pytest.mark.clause("dwp-sms 1.7.2")
def test_the_recipients_number_is_in_no_answer(classifier):
    message = Message(
        HARMLESS, recipient=Recipient("+447700900987", last_verified=date(2020, 1, 1)), policies=("dwp-sms", "barnet-messaging")
    )
    verdict = classifier.classify(message)
    assert "900987" not in to_json(verdict_json(verdict)).decode()
    assert "900987" not in repr((message, verdict, vars(classifier)))


@pytest.mark.clause("dwp-aup 8.13")
@pytest.mark.clause("dwp-aup 8.14")
def test_judging_opens_no_connection(monkeypatch):
    def refuse(*_):
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert load().classify(Message(TOLD)).suggestion


@pytest.mark.clause("barnet-messaging 7")
def test_what_is_overdue_for_review_is_said(rulebook):
    pack = rulebook.packs["barnet-messaging"]
    assert pack.overdue(date(2026, 11, 30)) == ("The source of barnet-messaging was due for review in February 2016.",)
    assert "The pack barnet-messaging was due for review by 30 June 2027." in pack.overdue(date(2027, 7, 1))
    assert rulebook.packs["dwp-sms"].overdue(date(2026, 11, 30)) == ()
