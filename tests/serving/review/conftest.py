"""Verdicts to keep."""

import uuid
from dataclasses import replace
from types import SimpleNamespace

import pytest

from serving.facts import Certainty, Circumstances, Grounds, Judgement
from serving.findings import Finding
from serving.policy import Keep
from serving.review.people import Role, find_session, make_link, use_link
from serving.review.records import Caller, make_record
from serving.taxonomy import InfoType, Tier
from serving.verdict import Action, Coverage, DecidedBy, Message, Reason, Sender, Suggestion, Verdict

CANARY = "zebra-7f3a quokka"
FINDING = Finding(InfoType.AMOUNT, 0, 5, score=0.98)
GROUNDS = Grounds(Judgement(Tier.PERSONAL, Certainty.UNSAFE, (FINDING,), is_degraded=False), Circumstances(text=CANARY))


def verdict(action=Action.BLOCK, **changes):
    """A verdict as the classifier gives it."""
    reasons = () if action is Action.ALLOW else (Reason("dwp-sms", "1.2", action, "An exact payment may not be sent by text.", (0,)),)
    plain = Verdict(
        id=uuid.uuid4().hex,
        reference=None,
        category=Tier.PERSONAL,
        scores=dict.fromkeys(Tier, 0.25),
        action=action,
        decided_by=DecidedBy.MODEL,
        degraded=False,
        disguised=False,
        urgent=False,
        findings=(FINDING,),
        reasons=reasons,
        advice=(),
        suggestion=Suggestion("Sign in to see it.", Tier.ROUTINE),
        reply=None,
        redacted=None,
        explanation=None,
        coverage=Coverage(model=True, rules=True, complete=True, windows=1, language="en"),
        sms=None,
        model="fake",
        policies=(("dwp-sms", "0.1"),),
        grounds=GROUNDS,
    )
    return replace(plain, **changes)


def message(text=CANARY, reference="a/1", area="housing", **changes):
    return Message(text=text, reference=reference, sender=Sender(business_area=area), **changes)


@pytest.fixture
def keep_one(store):
    """Write one verdict; return its record and the row that stood there before."""

    def keep(sent=None, action=Action.BLOCK, caller=None, level=Keep.TEXT, **changes):
        sent = sent or message()
        given = verdict(action, reference=sent.reference, **changes)
        record = make_record(store.vault, caller or Caller(), sent, given, level, store.clock.now_ms())
        return record, store.write([record])[0]

    return keep


@pytest.fixture
def make():
    """What tests make verdicts and messages with."""
    return SimpleNamespace(verdict=verdict, message=message, canary=CANARY)


@pytest.fixture
def people(store):
    """Two reviewers and an adjudicator who have been at the desk."""
    roles = {"sam": Role.REVIEWER, "kim": Role.REVIEWER, "ada": Role.ADJUDICATOR}
    return {name: find_session(store, use_link(store, make_link(store, name, [role]))).reviewer for name, role in roles.items()}
