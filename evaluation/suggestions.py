"""How often a message that may not go gets another wording that may."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from rich.progress import track

from data.records import Record
from serving.classifier import Classifier
from serving.suggestion import requests
from serving.verdict import Action, Message


@dataclass(frozen=True, slots=True)
class Suggested:
    """Counts of blocked or held messages: all, those with a wording that may go, and those whose wording keeps some of the message."""

    action: Action
    messages: int
    suggested: int
    reworded: int


def suggestions(classifier: Classifier, records: Sequence[Record], policies: tuple[str, ...]) -> list[Suggested]:
    """Judge every message as an outbound one, and judge every wording again, as if it were sent once."""
    all_of, suggested, reworded = Counter[Action](), Counter[Action](), Counter[Action]()
    for record in track(records, "judging", transient=True):
        verdict = classifier.classify(Message(text=record.text, policies=policies))
        all_of[verdict.action] += 1
        if verdict.suggestion is None:
            continue
        wording = Message(verdict.suggestion.text, policies=policies)
        if classifier.decide(wording, classifier.read(wording)).decision.action is not Action.ALLOW:
            continue
        suggested[verdict.action] += 1
        reworded[verdict.action] += verdict.suggestion.text not in set(requests(None))
    return [Suggested(action, all_of[action], suggested[action], reworded[action]) for action in (Action.BLOCK, Action.REVIEW)]
