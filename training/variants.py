"""Texts without label for a teacher to read: the corpus's own words, cut, put together and exchanged otherwise.

They are never shown as messages and never committed; a student learns from them what its teacher makes of them
(as in TinyBERT's data augmentation, Jiao et al. 2020, arXiv:1909.10351).
"""

import random
import re
from collections.abc import Callable, Iterator, Sequence

from data.marking import Mark
from data.records import Record

SEED = 53
A_MESSAGE = 2
"""Variants of each message."""
_SENTENCE = re.compile(r"(?<=[.!?\n])\s+")
_LEAST, _MOST = 3, 80
"""Words of a message that is varied."""


def variants(records: Sequence[Record], seed: int = SEED) -> Iterator[str]:
    """Yield texts made of the messages, the same ones for the same messages and seed."""
    rng = random.Random(seed)  # noqa: S311
    told = [record.text[mark.start : mark.end] for record in records for mark in record.marks if mark.info_type is not None]
    short = [record for record in records if _LEAST <= len(record.text.split()) <= _MOST]
    ways: tuple[Callable[[Record], str], ...] = (
        lambda record: _with_marks(record, lambda _: ""),
        lambda record: _with_marks(record, lambda _: rng.choice(told)),
        lambda record: _cut(record.text, rng),
        lambda record: f"{_cut(record.text, rng)} {_cut(rng.choice(short).text, rng)}",
    )
    for record in short:
        for _ in range(A_MESSAGE):
            text = " ".join(rng.choice(ways)(record).split())
            if text and text != record.text:
                yield text


def _with_marks(record: Record, words: Callable[[Mark], str]) -> str:
    """Write other words, or none, in the place of what the message tells."""
    pieces: list[str] = []
    position = 0
    for mark in record.marks:
        if mark.info_type is not None:
            pieces += [record.text[position : mark.start], words(mark)]
            position = mark.end
    return "".join([*pieces, record.text[position:]])


def _cut(text: str, rng: random.Random) -> str:
    """Return some neighbouring sentences of a text, or where it has but one, some neighbouring words."""
    for parts, joint in ((_SENTENCE.split(text), " "), (text.split(), " ")):
        if len(parts) > 1:
            length = rng.randint((len(parts) + 1) // 2, len(parts) - 1)
            start = rng.randint(0, len(parts) - length)
            return joint.join(parts[start : start + length])
    return text
