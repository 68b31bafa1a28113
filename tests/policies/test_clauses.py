"""Does every clause that is met by a check do what its pack says? One table, independent of any model."""

from dataclasses import dataclass, field, replace
from datetime import date

import pytest

from serving.decide import decide
from serving.facts import Certainty, Circumstances, Judgement
from serving.findings import Finding
from serving.policy import Fit, Match
from serving.signs import Sign
from serving.sms import size_of
from serving.taxonomy import InfoType, Mode, NameForm, Tier
from serving.verdict import Action, Audience, Channel, Device, Direction, Message, Recipient, Route, Sender

TODAY = date(2026, 11, 30)
A, R, B, ADVICE = Action.ALLOW, Action.REVIEW, Action.BLOCK, "advice"
HEALTH = Finding(InfoType.HEALTH, 0, 5)
AMOUNT = Finding(InfoType.AMOUNT, 0, 5)
NAME = Finding(InfoType.NAME, 0, 5, form=NameForm.FULL)
MUM = Finding(InfoType.FAMILY, 0, 5)
NINO = Finding(InfoType.NATIONAL_ID, 0, 5, detector="national_id.nino", score=0.97)
PIN = Finding(InfoType.CREDENTIAL, 0, 5)
STAFF = Finding(InfoType.REFERENCE, 0, 5)
MARK = Finding(InfoType.PROTECTIVE_MARKING, 0, 5, detector="marking.official_sensitive", score=0.97)
ASKED = Finding(InfoType.DOB, 0, 5, Mode.ASKED)

ROUTINE = Judgement(Tier.ROUTINE, Certainty.SAFE, (), is_degraded=False)
CONTACT = replace(ROUTINE, category=Tier.MINIMUM_CONTACT)


def told(tier, *findings, certainty=Certainty.UNSAFE, **more):
    return Judgement(tier, certainty, findings, is_degraded=False, **more)


PERSONAL, SENSITIVE = told(Tier.PERSONAL, AMOUNT), told(Tier.SENSITIVE, HEALTH)
MARKED = told(Tier.SENSITIVE, MARK)
OS, SECRET = frozenset({"official_sensitive"}), frozenset({"secret"})
UNSURE = Judgement(Tier.PERSONAL, Certainty.UNSURE, (AMOUNT,), is_degraded=False)
CALL = frozenset({Sign.ASKS_CONTACT})
JUST_A_NAME = told(Tier.PERSONAL, NAME, remainder=Certainty.SAFE)
MORE_THAN_A_NAME = told(Tier.PERSONAL, NAME, remainder=Certainty.UNSURE)
JUST_MUM = told(Tier.PERSONAL, MUM, remainder=Certainty.SAFE)
SMS, WHATSAPP, EMAIL, DM, PUBLIC = Channel.SMS, Channel.WHATSAPP, Channel.EMAIL, Channel.SOCIAL_DM, Channel.SOCIAL_PUBLIC
PERSONAL_DEVICE = Sender(device=Device.PERSONAL)
MOBILE_ROUTE, OTHER_ROUTE = Sender("housing", route=Route.DWP_MOBILE), Sender("housing", route=Route.OTHER)
BOTH_WAYS = Sender("housing", route=Route.DWP_MOBILE, two_way=True)


@dataclass(frozen=True)
class Case:
    """What a clause makes of a message: its effect, `advice`, or nothing (`None`); and the action of the pack as a whole."""

    clause: str
    effect: Action | str | None
    judgement: Judgement = ROUTINE
    signs: frozenset = frozenset()
    message: dict = field(default_factory=dict)
    known: dict = field(default_factory=dict)
    action: Action | None = None


CASES = [
    # dwp-sms
    Case("dwp-sms 1.1", None, ROUTINE, action=A),
    Case("dwp-sms 1.2", None, CONTACT, action=A),
    Case("dwp-sms 1.2", B, PERSONAL),
    Case("dwp-sms 1.2", B, SENSITIVE),
    Case("dwp-sms 1.2", B, told(Tier.PERSONAL, ASKED)),
    Case("dwp-sms 1.2", R, UNSURE),
    Case("dwp-sms 1.2", None, told(Tier.MINIMUM_CONTACT, Finding(InfoType.HEALTH, 0, 5, Mode.RECEIPT), certainty=Certainty.SAFE), action=A),
    Case("dwp-sms 1.2", ADVICE, CONTACT, frozenset({Sign.FULL_WORKER_NAME}), action=A),
    Case("dwp-sms 1.2", B, PERSONAL, message={"exception": "EX-WHATSAPP", "sender": Sender("housing"), "channel": WHATSAPP}),
    Case("dwp-sms 1.3", None, known={"match": Match(Fit.UNMATCHED)}, action=A),
    Case("dwp-sms 1.4", R, known={"match": Match(Fit.UNFIT)}, action=R),
    Case("dwp-sms 1.4", None, known={"match": Match(Fit.MATCHED)}, action=A),
    Case("dwp-sms 1.5", R, message={"sender": OTHER_ROUTE}, action=R),
    Case("dwp-sms 1.5", None, message={"sender": Sender(route=Route.REACH, two_way=False)}, action=A),
    Case("dwp-sms 1.5", None, message={"sender": Sender()}, action=A),
    Case("dwp-sms 1.5", R, message={"sender": Sender(route=Route.REACH, two_way=True)}, action=R),
    Case("dwp-sms 1.5", None, message={"sender": OTHER_ROUTE, "exception": "EX-MOBILE"}, action=A),
    Case("dwp-sms 1.5", R, message={"sender": OTHER_ROUTE, "exception": "EX-ONE-WAY"}, action=R),
    Case("dwp-sms 1.5", R, message={"sender": OTHER_ROUTE, "exception": "EX-OLD"}, action=R),
    Case("dwp-sms 1.5", R, message={"sender": OTHER_ROUTE, "exception": "EX-NONE"}, action=R),
    Case("dwp-sms 1.5", R, message={"sender": replace(OTHER_ROUTE, business_area="parking"), "exception": "EX-MOBILE"}, action=R),
    Case("dwp-sms 1.6", R, message={"sender": MOBILE_ROUTE}, action=R),
    Case("dwp-sms 1.6", None, message={"sender": MOBILE_ROUTE, "exception": "EX-ONE-WAY"}, action=A),
    Case("dwp-sms 1.6", R, message={"sender": BOTH_WAYS, "exception": "EX-ONE-WAY"}, action=R),
    Case("dwp-sms 1.6", None, message={"sender": BOTH_WAYS, "exception": "EX-MOBILE"}, action=A),
    Case("dwp-sms 1.6", B, told(Tier.PERSONAL, ASKED), message={"sender": BOTH_WAYS}, action=B),
    Case("dwp-sms 1.6", B, told(Tier.PERSONAL, ASKED), message={"sender": BOTH_WAYS, "exception": "EX-MOBILE"}, action=B),
    Case("dwp-sms 1.8", None, message={"recipient": Recipient("07700 900123")}, action=A),
    Case("dwp-sms 1.8", None, message={"recipient": Recipient("+44 7911 123456")}, action=A),
    Case("dwp-sms 1.8", None, message={"recipient": Recipient()}, action=A),
    Case("dwp-sms 1.8", B, message={"recipient": Recipient("020 8359 0000")}, action=B),
    Case("dwp-sms 1.8", B, message={"recipient": Recipient("01632 960123")}, action=B),
    Case("dwp-sms 1.8", B, message={"recipient": Recipient("0300 123 1000")}, action=B),
    Case("dwp-sms 1.8", B, message={"recipient": Recipient("07700 90012")}, action=B),
    Case("dwp-sms 1.8", R, message={"recipient": Recipient("+1 202 555 0143")}, action=R),
    Case("dwp-sms 1.9", ADVICE, known={"size": size_of("x" * 400)}, action=A),
    Case("dwp-sms 1.9", None, known={"size": size_of("x" * 300)}, action=A),
    Case("dwp-sms 1.9", ADVICE, known={"size": size_of("It’s ready")}, action=A),
    *(
        Case("dwp-sms 1.9", ADVICE, signs=frozenset({sign}), action=A)
        for sign in (Sign.BARE_LINK, Sign.SHORT_LINK, Sign.FOREIGN_LINK, Sign.PRESSURE, Sign.ALARMING, Sign.UNSIGNED)
    ),
    Case("dwp-sms 2.3", B, told(Tier.PERSONAL, NINO), action=B),
    Case("dwp-sms 2.3", B, replace(told(Tier.PERSONAL, NINO), is_degraded=True), action=B),
    Case("dwp-sms 2.3", None, PERSONAL, action=B),
    # barnet-messaging
    Case("barnet-messaging 5", None, ROUTINE, message={"channel": SMS}, action=A),
    Case("barnet-messaging 5", None, PERSONAL, message={"channel": SMS}, action=R),
    Case("barnet-messaging 5", None, SENSITIVE, message={"channel": SMS}, action=B),
    Case("barnet-messaging 6.1", B, message={"sender": PERSONAL_DEVICE}, action=B),
    Case("barnet-messaging 6.1", None, message={"sender": Sender(device=Device.CORPORATE)}, action=A),
    Case("barnet-messaging 6.1", R, UNSURE, action=R),
    Case("barnet-messaging 6.2", B, message={"recipient": Recipient(consent=False)}, action=B),
    Case("barnet-messaging 6.2", R, message={"recipient": Recipient(used_before=False)}, action=R),
    Case("barnet-messaging 6.2", None, message={"recipient": Recipient(used_before=True)}, action=A),
    Case("barnet-messaging 6.2", None, message={"recipient": Recipient(consent=True, used_before=False)}, action=A),
    Case("barnet-messaging 6.2", None, message={"recipient": Recipient()}, action=A),
    Case("barnet-messaging 6.3", B, message={"recipient": Recipient("0770090012")}, action=B),
    Case("barnet-messaging 6.3", None, message={"recipient": Recipient("07700 900123")}, action=A),
    Case("barnet-messaging 6.3", ADVICE, JUST_A_NAME, CALL, action=A),
    Case("barnet-messaging 6.3", ADVICE, replace(JUST_A_NAME, certainty=Certainty.UNSURE), CALL, action=A),
    Case("barnet-messaging 6.3", None, MORE_THAN_A_NAME, CALL, action=R),
    Case("barnet-messaging 6.3", None, JUST_A_NAME, action=R),
    Case("barnet-messaging 6.3", None, replace(JUST_A_NAME, is_degraded=True), CALL, action=R),
    Case("barnet-messaging 6.3", None, replace(JUST_A_NAME, is_plain=False), CALL, action=R),
    Case("barnet-messaging 6.3", None, JUST_A_NAME, CALL, message={"channel": PUBLIC}, action=B),
    Case("barnet-messaging 6.3", None, told(Tier.PERSONAL, NAME, AMOUNT, remainder=Certainty.UNSAFE), CALL, action=R),
    Case("barnet-messaging 6.3", ADVICE, message={"recipient": Recipient(consent=True, used_before=False)}, action=A),
    Case("barnet-messaging 6.3", None, ROUTINE, CALL, message={"recipient": Recipient(consent=True, used_before=False)}, action=A),
    Case("barnet-messaging 6.3", ADVICE, message={"recipient": Recipient(last_verified=date(2026, 4, 1))}, action=A),
    Case("barnet-messaging 6.3", None, message={"recipient": Recipient(last_verified=date(2026, 9, 1))}, action=A),
    *(Case("barnet-messaging 6.4", B, SENSITIVE, message={"channel": each}) for each in (SMS, WHATSAPP, Channel.WEBCHAT, DM, None)),
    *(Case("barnet-messaging 6.4", R, PERSONAL, message={"channel": each}, action=R) for each in (SMS, WHATSAPP, DM, None)),
    Case("barnet-messaging 6.4", R, SENSITIVE, message={"channel": EMAIL}, action=R),
    Case("barnet-messaging 6.4", ADVICE, PERSONAL, message={"channel": EMAIL}, action=A),
    Case("barnet-messaging 6.4", ADVICE, JUST_MUM, CALL, message={"channel": DM}, action=A),
    Case("barnet-messaging 6.4", R, JUST_MUM, message={"channel": DM}, action=R),
    Case("barnet-messaging 6.4", B, told(Tier.SENSITIVE, MUM, HEALTH), CALL, message={"channel": DM}, action=B),
    Case("barnet-messaging 6.4", ADVICE, ROUTINE, frozenset({Sign.ALARMING}), action=A),
    *(Case("barnet-messaging 6.5", B, each, message={"channel": PUBLIC}, action=B) for each in (CONTACT, PERSONAL, SENSITIVE)),
    Case("barnet-messaging 6.5", None, ROUTINE, message={"channel": PUBLIC}, action=A),
    Case("barnet-messaging 6.5", ADVICE, PERSONAL, message={"channel": DM, "direction": Direction.INBOUND}, action=A),
    # dwp-aup
    Case("dwp-aup 2.1", B, told(Tier.PERSONAL, PIN), message={"channel": EMAIL}, action=B),
    Case("dwp-aup 2.1", B, told(Tier.PERSONAL, replace(PIN, mode=Mode.ASKED)), message={"channel": EMAIL}, action=B),
    Case("dwp-aup 2.1", B, told(Tier.PERSONAL, STAFF), message={"channel": EMAIL}, known={"text": "my staff number is 44171"}, action=B),
    Case("dwp-aup 2.1", None, told(Tier.PERSONAL, STAFF), message={"channel": EMAIL}, known={"text": "claim 44171"}, action=A),
    Case("dwp-aup 2.3", B, told(Tier.PERSONAL, PIN), message={"channel": EMAIL}, action=B),
    Case("dwp-aup 3.1", B, SENSITIVE, message={"channel": SMS}, action=B),
    Case("dwp-aup 3.1", R, PERSONAL, message={"channel": SMS}, action=R),
    Case("dwp-aup 3.1", R, SENSITIVE, message={"channel": EMAIL}, action=R),
    Case("dwp-aup 3.1", ADVICE, PERSONAL, message={"channel": EMAIL}, action=A),
    Case("dwp-aup 3.1", B, CONTACT, message={"channel": PUBLIC, "audience": Audience.COLLEAGUE}, action=B),
    Case("dwp-aup 3.5", ADVICE, signs=frozenset({Sign.ASKS_INFORMATION}), message={"direction": Direction.INBOUND}, action=A),
    Case("dwp-aup 3.5", None, signs=frozenset({Sign.ASKS_INFORMATION}), action=A),
    Case("dwp-aup 3.7", ADVICE, MARKED, message={"channel": EMAIL, "subject": "Minutes"}, known={"markings": OS}, action=R),
    Case("dwp-aup 3.7", ADVICE, MARKED, message={"channel": EMAIL, "subject": "Off-Sens: minutes"}, known={"markings": OS}, action=R),
    Case("dwp-aup 3.7", ADVICE, MARKED, message={"channel": EMAIL}, known={"markings": OS}, action=R),
    Case("dwp-aup 3.7", None, MARKED, message={"channel": EMAIL, "subject": "OFFICIAL-SENSITIVE Minutes"}, known={"markings": OS}, action=R),
    Case("dwp-aup 4.1", B, MARKED, message={"channel": EMAIL}, known={"markings": SECRET}, action=B),
    Case("dwp-aup 4.1", B, MARKED, message={"channel": WHATSAPP, "sender": Sender("housing"), "exception": "EX-WHATSAPP"}, known={"markings": SECRET}, action=B),
    Case("dwp-aup 4.2", B, message={"channel": WHATSAPP, "audience": Audience.CITIZEN}, action=B),
    Case("dwp-aup 4.2", B, message={"channel": DM, "audience": Audience.CITIZEN, "sender": Sender(device=Device.CORPORATE)}, action=B),
    Case("dwp-aup 4.2", R, message={"channel": WHATSAPP}, action=R),
    Case("dwp-aup 4.2", None, message={"channel": WHATSAPP, "audience": Audience.COLLEAGUE}, action=A),
    Case("dwp-aup 4.2", None, message={"channel": SMS, "audience": Audience.CITIZEN}, action=A),
    Case("dwp-aup 4.2", None, message={"channel": WHATSAPP, "audience": Audience.CITIZEN, "sender": Sender("outreach")}, action=A),
    Case("dwp-aup 4.2", None, message={"channel": WHATSAPP, "audience": Audience.CITIZEN, "sender": Sender("housing"), "exception": "EX-WHATSAPP"}, action=A),
    Case("dwp-aup 4.2", B, SENSITIVE, message={"channel": WHATSAPP, "audience": Audience.CITIZEN, "sender": Sender("housing"), "exception": "EX-WHATSAPP"}, action=B),
    Case("dwp-aup 4.3", B, MARKED, message={"channel": WHATSAPP, "audience": Audience.COLLEAGUE}, known={"markings": OS}, action=B),
    Case("dwp-aup 4.3", B, message={"channel": WHATSAPP, "audience": Audience.COLLEAGUE, "significant": True}, action=B),
    Case("dwp-aup 4.3", None, message={"channel": EMAIL, "audience": Audience.COLLEAGUE, "significant": True}, action=A),
    Case("dwp-aup 4.3", R, message={"channel": WHATSAPP, "audience": Audience.COLLEAGUE, "significant": True, "sender": Sender("housing"), "exception": "EX-WHATSAPP"}, action=R),
    Case("dwp-aup 4.3", R, MARKED, message={"channel": WHATSAPP, "audience": Audience.COLLEAGUE, "sender": Sender("housing"), "exception": "EX-WHATSAPP"}, known={"markings": OS}, action=R),
    Case("dwp-aup 4.4", None, ROUTINE, message={"channel": WHATSAPP, "audience": Audience.COLLEAGUE}, action=A),
    Case("dwp-aup 5.6", R, signs=frozenset({Sign.SOLICITING}), action=R),
    Case("dwp-aup 5.6", R, signs=frozenset({Sign.ABUSIVE}), action=R),
    Case("dwp-aup 5.6", ADVICE, signs=frozenset({Sign.PROMISE}), action=A),
    Case("dwp-aup 6.2", R, signs=frozenset({Sign.ABUSIVE}), action=R),
    Case("dwp-aup 6.3", R, known={"repeats": 25}, action=R),
    Case("dwp-aup 6.3", None, known={"repeats": 24}, action=A),
    Case("dwp-aup 6.3", None, known={"repeats": 900, "match": Match(Fit.MATCHED)}, action=A),
    Case("dwp-aup 6.4", ADVICE, signs=frozenset({Sign.FORWARDED}), action=A),
    Case("dwp-aup 6.5", ADVICE, message={"sender": Sender("housing", sender_id="TAXMAN")}, action=A),
    Case("dwp-aup 6.5", None, message={"sender": Sender("housing", sender_id="anytownhsg")}, action=A),
    Case("dwp-aup 6.5", None, message={"sender": Sender("nowhere", sender_id="TAXMAN")}, action=A),
    *(
        Case("dwp-aup 6.6", ADVICE, signs=frozenset({sign}), message={"direction": Direction.INBOUND}, action=A)
        for sign in (Sign.LOOKALIKE_LINK, Sign.SHORT_LINK, Sign.PAY_DEMAND)
    ),
    Case("dwp-aup 8.5", B, message={"sender": PERSONAL_DEVICE}, action=B),
    Case("dwp-aup 8.5", None, message={"sender": Sender(device=Device.CORPORATE)}, action=A),
]  # fmt: skip


def decided(case, rulebook, *, pack=None):
    chosen = pack or rulebook.packs[case.clause.split()[0]]
    message = Message("some text", **case.message)
    exception = rulebook.exceptions.get(message.exception or "")
    known = Circumstances(
        signs=case.signs,
        area=rulebook.areas.get(message.sender.business_area or ""),
        exception=exception,
        exception_fault=exception.fault(message, TODAY) if exception else None,
        today=TODAY,
    )
    return decide(message, case.judgement, [chosen], replace(known, **case.known))


@pytest.mark.parametrize("case", CASES, ids=[case.clause for case in CASES])
def test_clause(case, rulebook):
    decision = decided(case, rulebook)
    clause = case.clause.split()[1]
    effects = [reason.effect for reason in decision.reasons if reason.clause == clause]
    advised = clause in [advice.clause for advice in decision.advice]
    if case.effect == ADVICE:
        assert advised
    elif case.effect is None:
        assert effects == []
    else:
        assert max(effects, key=lambda effect: effect.rank, default=None) is case.effect
    if case.action:
        assert decision.action is case.action


@pytest.mark.parametrize(
    ("fit", "exception", "action"),
    [
        (Fit.MATCHED, None, A),
        (Fit.UNMATCHED, None, R),
        (Fit.UNKNOWN, None, R),
        (Fit.UNMATCHED, "EX-FREE", A),
        (Fit.UNMATCHED, "EX-OLD", R),
    ],
)
@pytest.mark.clause("dwp-sms 1.3")
def test_a_pack_may_require_an_agreed_template(rulebook, fit, exception, action):
    strict = rulebook.packs["dwp-sms"].model_copy(update={"require_template": True})
    message = {"sender": Sender("housing"), "exception": exception}
    assert decided(Case("dwp-sms 1.3", None, message=message, known={"match": Match(fit)}), rulebook, pack=strict).action is action
