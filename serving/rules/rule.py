"""What a rule is: a small frozen value that finds one kind of thing; and what a filter is, which forgives the harmless."""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from serving.findings import Finding
from serving.rules.beginnings import Words, beginnings
from serving.rules.triggers import LONGEST, Regions, Triggers
from serving.taxonomy import InfoType, Mode, NameForm

SURE = 0.97
POSSIBLE = 0.5
CONTEXT_BEFORE = 48
CONTEXT_AFTER = 24
"""Characters around a match in which context words count."""
MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_LONG = 1000
"""In texts from this length on, words are looked up by how they begin."""


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

    def prepare(self) -> None:
        """Work out what is worked out once, so that no message waits for it."""
        beginnings(self.pattern)
        if self.context is not None:
            _whole_words(self.context)

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

    def prepare(self) -> None:
        """Work out what is worked out once, so that no message waits for it."""
        for context in (self.before, self.after):
            if context is not None:
                _whole_words(context)

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

    def __init__(self, text: str, regions: Mapping[str, Regions]) -> None:
        """Begin with nothing looked up but where the rules' triggers stand."""
        self.text = text
        self._regions = regions
        self._places: dict[str, tuple[Sequence[int], Sequence[int]]] = {}

    def matches(self, pattern: re.Pattern[str], trigger: str | None) -> Iterator[re.Match[str]]:
        """Yield the matches of a pattern in the parts of the text where its trigger stands."""
        regions = ((0, len(self.text)),) if trigger is None else self._regions.get(trigger, ())
        return self._matches(pattern, regions)

    def _matches(self, pattern: re.Pattern[str], regions: Regions) -> Iterator[re.Match[str]]:
        if regions and len(self.text) >= _LONG and (ways := beginnings(pattern)):
            return _matches_at(self._words.beginning(ways), pattern, self.text, regions)
        return _matches(pattern, self.text, regions)

    @cached_property
    def _words(self) -> Words:
        return Words(self.text)

    def is_near(self, context: str, first: int, start: int, end: int, last: int) -> bool:
        """Tell whether a context word stands wholly between `first` and `start`, or between `end` and `last`."""
        starts, ends = self._places.get(context) or self._look_up(context)
        for low, high in ((first, start), (end, last)):
            place = bisect_left(starts, low)
            if place < len(starts) and ends[place] <= high:
                return True
        return False

    def _look_up(self, context: str) -> tuple[Sequence[int], Sequence[int]]:
        triggers, pattern = _whole_words(context)
        regions = triggers.regions(self.text)
        spans = [match.span() for each in regions.values() for match in self._matches(pattern, each)]
        self._places[context] = ([start for start, _ in spans], [end for _, end in spans])
        return self._places[context]


def _matches(pattern: re.Pattern[str], text: str, regions: Regions) -> Iterator[re.Match[str]]:
    for low, high in regions:
        for match in pattern.finditer(text, low, high + LONGEST):
            if match.start() >= high:
                break
            yield match


def _matches_at(starts: Sequence[int], pattern: re.Pattern[str], text: str, regions: Regions) -> Iterator[re.Match[str]]:
    """Yield what `_matches` yields, for a pattern that matches at these places alone."""
    for low, high in regions:
        position = low
        for start in starts[bisect_left(starts, low) : bisect_left(starts, high)]:
            if start >= position and (match := pattern.match(text, start, high + LONGEST)):
                yield match
                position = match.end()


def one_of(*alternatives: str) -> str:
    """Join alternatives into one group."""
    return f"(?:{'|'.join(alternatives)})"


@lru_cache(maxsize=256)
def _whole_words(alternatives: str) -> tuple[Triggers, re.Pattern[str]]:
    pattern = re.compile(rf"(?<!\w){alternatives}(?!\w)", re.IGNORECASE)
    beginnings(pattern)
    return Triggers([f"(?i){alternatives}"]), pattern
