"""The smallest deletion that would make a message milder, found by trying: what a reviewer would have to see taken out."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from serving.findings import Finding
from serving.taxonomy import Tier

MOST_TRIES = 16
"""Wordings that are read for one message."""
_CLAUSE = re.compile(r"[^.!?;,\n]+[.!?;,\n]*")
_GAP = re.compile(r"\s+(?=[\s.,;!?])|^\s+")

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Counterfactual:
    """Without the characters of `without` (start, end; in order, apart), the message would be of the tier `category`."""

    without: tuple[Span, ...]
    category: Tier

    def as_json(self) -> dict[str, object]:
        """Return it as a verdict's `explanation` tells it."""
        return {"without": [{"start": start, "end": end} for start, end in self.without], "category": self.category.value}


def smallest_deletion(text: str, findings: Sequence[Finding], read: Callable[[str], Tier | None]) -> Counterfactual | None:
    """Return the smallest deletion found that helps, `None` where no tried one does.

    First the words of `findings` are taken out one by one, then, the weightiest first, together, and what was not needed is put
    back; where that does not do, one clause after another. `read` tells the tier of a wording, `None` of one that does not help, and is
    asked `MOST_TRIES` times at most.

    >>> from serving.taxonomy import InfoType
    >>> told = Finding(InfoType.HEALTH, 5, 17)
    >>> smallest_deletion("Your asthma check is on Friday", [told], lambda text: Tier.ROUTINE)
    Counterfactual(without=((5, 17),), category=<Tier.ROUTINE: 'routine'>)
    """
    tries = 0

    def helped(spans: Sequence[Span]) -> Tier | None:
        nonlocal tries
        rest = without(text, spans)
        if tries == MOST_TRIES or not rest:
            return None
        tries += 1
        return read(rest)

    weighty = sorted(findings, key=lambda each: (each.tier.rank, each.score), reverse=True)
    spans = list(dict.fromkeys((each.start, each.end) for each in weighty))
    for candidates in (spans, [each for each in _clauses(text) if each not in spans]):
        single = [(span, tier) for span in candidates if (tier := helped([span]))]
        if single:
            span, tier = min(single, key=lambda each: each[0][1] - each[0][0])
            return Counterfactual((span,), tier)
        if candidates is spans and len(spans) > 1 and (tier := helped(spans)):
            return _least(spans, tier, helped)
    return None


def without(text: str, spans: Sequence[Span]) -> str:
    """Return a text without some stretches, and without the blanks that they leave.

    >>> without("Your asthma check is on Friday, Sam", [(5, 18), (30, 35)])
    'Your is on Friday'
    """
    kept = list(text)
    for start, end in spans:
        kept[start:end] = [""] * (end - start)
    return _GAP.sub("", re.sub(r"[ \t]{2,}", " ", "".join(kept))).strip()


def _least(spans: Sequence[Span], tier: Tier, helped: Callable[[Sequence[Span]], Tier | None]) -> Counterfactual:
    """Put back what was not needed, the lightest first."""
    needed = list(spans)
    for span in reversed(spans):
        fewer = [each for each in needed if each != span]
        if fewer and (found := helped(fewer)):
            needed, tier = fewer, found
    return Counterfactual(tuple(sorted(needed)), tier)


def _clauses(text: str) -> Iterator[Span]:
    for match in _CLAUSE.finditer(text):
        if match[0].strip() != text.strip():
            yield match.span()
