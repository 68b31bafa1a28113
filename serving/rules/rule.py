"""What a rule is: a small frozen value that finds one kind of thing; and what a filter is, which forgives the harmless."""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import re2

from serving.findings import Finding
from serving.taxonomy import InfoType, Mode, NameForm

SURE = 0.97
POSSIBLE = 0.5
CONTEXT_BEFORE = 48
CONTEXT_AFTER = 24
"""Characters around a match in which context words count."""
_PART, _LONGEST = 500, 250
"""A long text is looked at in parts; no match is longer than `_LONGEST`."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One recogniser; its id (`family.name`) never changes, since reviews store it.

    `pattern` finds candidates; the group `value`, where it has one, is what is found. A candidate must pass `is_valid`,
    which sees the value, and `fits`, which sees the match. With a `context` word near it is certain; without, it is
    dropped (`needs_context`) or only possible. A rule without `context` is certain by its form alone. A text in which
    `trigger` finds nothing is not tried at all.
    """

    id: str
    info_type: InfoType
    pattern: re.Pattern[str]
    source: str
    is_valid: Callable[[str], bool] | None = None
    fits: Callable[[re.Match[str]], bool] | None = None
    context: str | None = None
    needs_context: bool = False
    form: NameForm | None = None
    mode: Mode = Mode.STATED
    trigger: str | None = None
    score: float = SURE

    def find(self, page: "Page") -> Iterator[Finding]:
        """Yield what the rule finds in a normalised text."""
        for match in page.matches(self.pattern, self.trigger):
            start, end = self._span(match)
            if start == end or (self.is_valid is not None and not self.is_valid(page.text[start:end])):
                continue
            if self.fits is not None and not self.fits(match):
                continue
            score = self.score
            if self.context is not None and not page.is_near(self.context, match.start() - CONTEXT_BEFORE, start, end, end + CONTEXT_AFTER):
                if self.needs_context:
                    continue
                score = POSSIBLE
            yield Finding(self.info_type, start, end, self.mode, self.form, detector=self.id, score=score)

    def _span(self, match: re.Match[str]) -> tuple[int, int]:
        for group in self.pattern.groupindex:
            if match[group] is not None:
                return match.span(group)
        return match.span()


@dataclass(frozen=True, slots=True)
class Filter:
    """Forgives findings of some rules (by id or family) that stand near known harmless words."""

    id: str
    rules: tuple[str, ...]
    source: str
    before: str | None = None
    after: str | None = None
    reach: int = CONTEXT_BEFORE

    def is_for(self, rule_id: str) -> bool:
        """Tell whether the filter looks at a rule's findings."""
        return rule_id in self.rules or rule_id.partition(".")[0] in self.rules

    def forgives(self, finding: Finding, page: "Page") -> bool:
        """Tell whether a finding is a known harmless one."""
        start, end = finding.start, finding.end
        return (self.before is not None and page.is_near(self.before, start - self.reach, start, end, end)) or (
            self.after is not None and page.is_near(self.after, start, start, end, end + self.reach)
        )


class Page:
    """A normalised text while rules look at it: what was looked up once is remembered, however many rules ask."""

    def __init__(self, text: str) -> None:
        """Begin with nothing looked up."""
        self.text = text
        self._places: dict[str, tuple[Sequence[int], Sequence[int]]] = {}

    def matches(self, pattern: re.Pattern[str], trigger: str | None) -> Iterator[re.Match[str]]:
        """Yield the matches of a pattern in the parts of the text where its trigger stands."""
        for low, high in self._regions(trigger):
            for match in pattern.finditer(self.text, low, high + _LONGEST):
                if match.start() >= high:
                    break
                yield match

    def is_near(self, context: str, first: int, start: int, end: int, last: int) -> bool:
        """Tell whether a context word stands wholly between `first` and `start`, or between `end` and `last`."""
        starts, ends = self._places.get(context) or self._look_up(context)
        for low, high in ((first, start), (end, last)):
            place = bisect_left(starts, low)
            if place < len(starts) and ends[place] <= high:
                return True
        return False

    def _look_up(self, context: str) -> tuple[Sequence[int], Sequence[int]]:
        spans = [match.span() for match in self.matches(_whole_words(context), f"(?i){context}")]
        self._places[context] = ([start for start, _ in spans], [end for _, end in spans])
        return self._places[context]

    def _regions(self, trigger: str | None) -> list[tuple[int, int]]:
        """Return the parts of the text where a trigger stands, in order; neighbours are one."""
        text = self.text
        if trigger is None:
            return [(0, len(text))]
        search = _trigger(trigger).search
        if not search(text):
            return []
        if len(text) <= 2 * _PART:
            return [(0, len(text))]
        regions: list[tuple[int, int]] = []
        for low in range(0, len(text), _PART):
            if search(text[low : low + _PART + _LONGEST]):
                start = regions.pop()[0] if regions and regions[-1][1] == low else low
                regions.append((start, low + _PART))
        return regions


def one_of(*alternatives: str) -> str:
    """Join alternatives into one group."""
    return f"(?:{'|'.join(alternatives)})"


@lru_cache(maxsize=256)
def _whole_words(alternatives: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){alternatives}(?!\w)", re.IGNORECASE)


@lru_cache(maxsize=256)
def _trigger(pattern: str) -> "re.Pattern[str]":
    return re2.compile(pattern)  # type: ignore[no-any-return]


DIGIT = "[0-9]"
