"""Do the packs decide, the strictest win, and inbound never get blocked?"""

import pytest

from serving.decide import decide
from serving.facts import Certainty, Judgement
from serving.findings import Finding
from serving.policy import PACKS, read_packs
from serving.taxonomy import InfoType, Mode, Tier
from serving.verdict import Action, Direction, Message

PACK = (read_packs(PACKS)["dwp-sms"],)
PAYMENT = Finding(InfoType.AMOUNT, 0, 7)
NINO = Finding(InfoType.NATIONAL_ID, 0, 9, detector="national_id.nino", score=0.97)


def judged(category, certainty, *findings, degraded=False):
    return Judgement(category, certainty, findings, is_degraded=degraded)


@pytest.mark.parametrize(
    ("judgement", "action", "clauses"),
    [
        (judged(Tier.ROUTINE, Certainty.SAFE), Action.ALLOW, []),
        (judged(Tier.MINIMUM_CONTACT, Certainty.SAFE), Action.ALLOW, []),
        (judged(Tier.ROUTINE, Certainty.UNSURE), Action.REVIEW, ["1.2"]),
        (judged(Tier.PERSONAL, Certainty.UNSURE, PAYMENT), Action.REVIEW, ["1.2"]),
        (judged(Tier.PERSONAL, Certainty.UNSAFE, PAYMENT), Action.BLOCK, ["1.2"]),
        (judged(Tier.SENSITIVE, Certainty.UNSAFE), Action.BLOCK, ["1.2"]),
        (judged(Tier.PERSONAL, Certainty.UNSAFE, NINO), Action.BLOCK, ["1.2", "2.3"]),
        (judged(Tier.ROUTINE, Certainty.UNSURE, degraded=True), Action.REVIEW, ["1.2"]),
        (judged(Tier.PERSONAL, Certainty.UNSAFE, NINO, degraded=True), Action.BLOCK, ["1.2", "2.3", "1.2"]),
    ],
)
def test_action_and_clauses(judgement, action, clauses):
    decision = decide(Message("…"), judgement, PACK)
    assert decision.action is action
    assert [reason.clause for reason in decision.reasons] == clauses


def test_the_reason_says_what_and_points_at_it():
    reason = decide(Message("…"), judged(Tier.PERSONAL, Certainty.UNSAFE, PAYMENT), PACK).reasons[0]
    assert reason.summary == "An exact payment or debt may not be sent by text."
    assert reason.findings == (0,)


def test_asking_is_said_to_be_asking():
    asked = Finding(InfoType.DOB, 0, 4, Mode.ASKED)
    reason = decide(Message("…"), judged(Tier.PERSONAL, Certainty.UNSAFE, asked), PACK).reasons[0]
    assert reason.summary.endswith("nor asked for.")


@pytest.mark.parametrize("degraded", [False, True])
def test_inbound_is_never_blocked(degraded):
    message = Message("…", direction=Direction.INBOUND)
    action = decide(message, judged(Tier.SENSITIVE, Certainty.UNSAFE, NINO, degraded=degraded), PACK).action
    assert action is (Action.REVIEW if degraded else Action.ALLOW)
