"""Fill a desk with fictional messages of the corpus's dev split, so that somebody can try it."""

import random
from collections.abc import Iterator

from data.records import Record, read_corpus
from serving.classifier import Classifier
from serving.errors import RequestError
from serving.policy import Keep
from serving.review.clock import HOUR_MS, MINUTE_MS
from serving.review.keeper import open_store
from serving.review.queue import count_waiting
from serving.review.records import Caller, make_record
from serving.settings import Settings
from serving.templates import Template
from serving.verdict import Action, Channel, Direction, Message, Route, Sender

AREAS = ("housing", "jobcentre", "social_care", "council_tax")
"""As in `data/demo_registers`."""
ROUTES = (Route.REACH, Route.OTHER)
"""What goes another way is held until somebody has seen it, whatever it tells."""
_TEMPLATE = "Hi ((first name)), the jobs fair in Anytown is on ((day)), 10am to 3pm. Everybody is welcome."
_NAMES = ("Ada", "Ben", "Cai", "Dina", "Eve", "Femi", "Gita", "Hal", "Ivy", "Jo", "Kim", "Lena", "Max", "Nia")
_DAYS = ("Monday", "Tuesday", "Wednesday")
_OF_A_TEMPLATE = 12
_CLIENT = "demo"
_OLDEST_MS, _USUAL_MS = 40 * HOUR_MS, 3 * HOUR_MS


def fill(settings: Settings, count: int, seed: int = 1) -> int:
    """Hold messages until `count` wait, each judged by the classifier as the service does; return how many were added.

    Raises:
        RequestError: the corpus has not enough messages that are held.
    """
    store = open_store(settings)
    store.prepare()
    missing = count - count_waiting(store).count
    if missing <= 0:
        return 0
    classifier = Classifier.load(settings)
    draw = random.Random(seed)  # noqa: S311 (a demonstration)
    now = store.clock.now_ms()
    held = []
    for message in _messages(draw):
        verdict = classifier.classify(message)
        if verdict.action is not Action.REVIEW:
            continue
        at_ms = now - MINUTE_MS - min(_OLDEST_MS, int(draw.expovariate(1 / _USUAL_MS)))
        held.append(make_record(store.vault, Caller(_CLIENT, is_test=True), message, verdict, Keep.TEXT, at_ms))
        if len(held) == missing:
            store.write(held)
            return missing
    raise RequestError(f"the corpus's dev split has {len(held)} messages that are held, not {missing}")


def _messages(draw: random.Random) -> Iterator[Message]:
    """Yield messages of the dev split in an order of their own, held ones and others."""
    records = list(read_corpus("dev"))
    draw.shuffle(records)
    yield from _of_a_template(draw)
    for record in records:
        yield _message(record, draw)


def _of_a_template(draw: random.Random) -> Iterator[Message]:
    """Yield messages that differ in what was filled in, sent in a way that is held."""
    filled = Template(_TEMPLATE)
    for name in draw.sample(_NAMES, _OF_A_TEMPLATE):
        values = {"first name": name, "day": draw.choice(_DAYS)}
        yield Message(
            filled.render(values),
            template=_TEMPLATE,
            personalisation=tuple(values.items()),
            channel=Channel.SMS,
            sender=Sender(business_area="jobcentre", route=Route.OTHER),
        )


def _message(record: Record, draw: random.Random) -> Message:
    channel, direction = str(record.fields.get("channel")), str(record.fields.get("direction"))
    return Message(
        record.text,
        channel=Channel(channel) if channel in set(Channel) else None,
        direction=Direction(direction) if direction in set(Direction) else Direction.OUTBOUND,
        sender=Sender(business_area=draw.choice(AREAS), route=draw.choice(ROUTES)),
    )
