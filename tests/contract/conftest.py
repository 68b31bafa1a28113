"""A classifier for tests of what stands around it: it answers at once, and counts."""

import pytest

from serving.deadline import Worker
from serving.errors import NotFoundError
from serving.findings import Finding
from serving.policy import PACKS, read_rulebook
from serving.review.keeper import Keeper
from serving.settings import Settings
from serving.taxonomy import InfoType, Tier
from serving.verdict import Action, Advice, Coverage, DecidedBy, Reason, SmsSize, Suggestion, Verdict


class FakeClassifier:
    model_status = "ready"
    model_version = "fake"
    policies = (("dwp-sms", "0.1"),)
    policy_fault = None
    rulebook = read_rulebook(PACKS, Settings().register_folder)

    def __init__(self):
        self.judged = 0
        self.worker = Worker()
        self.failing_text = None

    def classify(self, message):
        if message.text == self.failing_text:
            raise RuntimeError(message.text)
        self.judged += 1
        for policy in message.policies:
            if policy != "dwp-sms":
                raise NotFoundError(f"no policy pack has the id {policy!r}")
        return Verdict(
            id="v1",
            reference=message.reference,
            category=Tier.PERSONAL,
            scores=dict.fromkeys(Tier, 0.25),
            action=Action.BLOCK,
            decided_by=DecidedBy.MODEL,
            degraded=False,
            disguised=False,
            urgent=False,
            findings=(Finding(InfoType.AMOUNT, 0, 1, detector="amount.own"), Finding(InfoType.NAME, 0, 1)),
            reasons=(Reason("dwp-sms", "1.2", Action.BLOCK, "An exact payment may not be sent by text.", (0,)),),
            advice=(Advice("dwp-sms", "1.9", "Keep it short."),),
            suggestion=Suggestion("Sign in to see it.", Tier.ROUTINE),
            reply=None,
            redacted=None,
            explanation={"windows": [0.1]} if message.explain else None,
            coverage=Coverage(model=True, rules=True, complete=True, windows=1, language="en"),
            sms=SmsSize("gsm7", 1),
            model="fake",
            policies=self.policies,
        )

    def classify_many(self, messages):
        return [self.classify(message) for message in messages]

    def smallest_change(self, message, seconds):
        return None


@pytest.fixture
def fake():
    return FakeClassifier()


@pytest.fixture
def keeper(settings):
    """What keeps verdicts, started, under the settings of the test's own module."""
    keeper = Keeper.of(settings)
    keeper.start()
    yield keeper
    keeper.stop()
    keeper.store.engine.dispose()
