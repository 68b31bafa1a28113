"""What deciding costs: everything between the reading of a message and its action, with all packs."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, quantiles

from data.records import Record
from serving.classifier import Classifier
from serving.settings import Settings
from serving.verdict import Audience, Channel, Device, Message, Recipient, Route, Sender


@dataclass(frozen=True, slots=True)
class Cost:
    """Milliseconds of processor time to decide on one message."""

    messages: int
    mean: float
    p50: float
    p95: float
    p99: float


def cost_of_deciding(records: Sequence[Record], policies: tuple[str, ...]) -> Cost:
    """Time the deciding on each message, reading it once beforehand; everything about recipient and sender is given."""
    classifier = Classifier.load(Settings(use_model=False, policies=policies))
    messages = [_message(record.text, policies) for record in records]
    read = [classifier.read(message) for message in messages]
    for message, settled in zip(messages[:50], read[:50], strict=True):
        classifier.decide(message, settled)
    spent = []
    for message, settled in zip(messages, read, strict=True):
        started = time.thread_time()
        classifier.decide(message, settled)
        spent.append(1000 * (time.thread_time() - started))
    cuts = quantiles(spent, n=100)
    return Cost(len(spent), sum(spent) / len(spent), median(spent), cuts[94], cuts[98])


def _message(text: str, policies: tuple[str, ...]) -> Message:
    return Message(
        text=text,
        channel=Channel.SMS,
        audience=Audience.CITIZEN,
        policies=policies,
        recipient=Recipient(phone="+447911123456", consent=True, used_before=True),
        sender=Sender("housing", Device.CORPORATE, Route.REACH, two_way=False, sender_id="DWP"),
    )
