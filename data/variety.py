"""Do the messages read as if many people wrote them? How they begin, and how long they are."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

COMMONEST = 20
OPENING_WORDS = 3
_WORD = re.compile(r"[\w'’]+")


@dataclass(frozen=True, slots=True)
class Lengths:
    """Words of a message at the deciles and extremes that tell most; all 0 where there is no message."""

    messages: int
    p05: float
    p25: float
    p50: float
    p75: float
    p95: float
    longest: int


def opening_share(texts: Sequence[str], commonest: int = COMMONEST) -> float:
    """Return the share of messages that begin with one of the commonest three-word openings.

    >>> opening_share(["We have your form", "We have your letter", "Bins are late today", "Hi"], commonest=1)
    0.5
    """
    found = Counter(opening(text) for text in texts)
    return sum(number for _, number in found.most_common(commonest)) / len(texts) if texts else 0.0


def opening(text: str) -> str:
    """Return the first three words in small letters.

    >>> opening("Hi Sam, your bins")
    'hi sam your'
    """
    return " ".join(_WORD.findall(text.lower())[:OPENING_WORDS])


def lengths(texts: Sequence[str]) -> Lengths:
    """Return how many words the messages have.

    >>> lengths(["one", "one two three"])
    Lengths(messages=2, p05=1.1, p25=1.5, p50=2.0, p75=2.5, p95=2.9, longest=3)
    """
    words = [len(text.split()) for text in texts]
    if not words:
        return Lengths(0, 0.0, 0.0, 0.0, 0.0, 0.0, 0)
    p05, p25, p50, p75, p95 = (round(float(each), 2) for each in np.quantile(words, (0.05, 0.25, 0.5, 0.75, 0.95)))
    return Lengths(len(words), p05, p25, p50, p75, p95, max(words))
