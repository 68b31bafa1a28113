"""Do the policies' own examples, in other words, come out as the policies say, with the shipped model?"""

from pathlib import Path

import pytest
import yaml

from serving.classifier import Classifier
from serving.settings import Settings
from serving.verdict import Action, Channel, Message, Sender

CASES = yaml.safe_load((Path(__file__).parent / "policies.yaml").read_text())
REGISTERS = Path(__file__).parents[1] / "policies" / "registers"


@pytest.fixture(scope="module")
def classifier():
    return Classifier.load(Settings(register_folder=REGISTERS, suggestion_seconds=60))


@pytest.mark.parametrize("case", [pytest.param(case, id=case["id"]) for case in CASES])
def test_example(classifier, case):
    message = Message(case["text"], channel=Channel(case["channel"]), policies=(case["policy"],), sender=Sender("housing"))
    verdict = classifier.classify(message)
    if "action" in case:
        assert verdict.action == case["action"]
    if "clause" in case:
        assert case["clause"] in [reason.clause for reason in verdict.reasons if reason.effect is verdict.action]
    if "advice" in case:
        assert case["advice"] in [advice.clause for advice in verdict.advice]
    if case.get("suggests"):
        assert verdict.suggestion is not None
        again = Message(verdict.suggestion.text, channel=message.channel, policies=message.policies, sender=message.sender)
        assert classifier.classify(again).action is Action.ALLOW
