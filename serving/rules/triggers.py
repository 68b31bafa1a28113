"""Where a text may hold what a rule looks for: all triggers are looked for at once, in linear time."""

from collections.abc import Iterable, Mapping, Sequence

import re2

Regions = Sequence[tuple[int, int]]
"""Parts of a text, from and up to, in order."""
LONGEST = 250
"""No match of a rule is longer."""
_PART = 500
"""A long text is looked at in parts."""


class Triggers:
    """Patterns in RE2's syntax, of which RE2 first looks for the words and signs that a match cannot do without."""

    def __init__(self, patterns: Iterable[str]) -> None:
        self._patterns = tuple(dict.fromkeys(patterns))
        options = re2.Options()
        options.never_capture = True
        self._filter = re2.Filter()
        for pattern in self._patterns:
            self._filter.Add(pattern, options)
        self._filter.Compile()

    def regions(self, text: str) -> Mapping[str, Regions]:
        """Return the triggers that stand in a text, with the parts of it where they do; neighbours are one.

        >>> Triggers(["[0-9]", "@"]).regions("code 123")
        {'[0-9]': [(0, 8)]}
        """
        if len(text) <= 2 * _PART:
            return {pattern: [(0, len(text))] for pattern in self._standing_in(text)}
        regions: dict[str, list[tuple[int, int]]] = {}
        for low in range(0, len(text), _PART):
            for pattern in self._standing_in(text[low : low + _PART + LONGEST]):
                before = regions.setdefault(pattern, [])
                start = before.pop()[0] if before and before[-1][1] == low else low
                before.append((start, low + _PART))
        return regions

    def _standing_in(self, text: str) -> Iterable[str]:
        return [self._patterns[place] for place in self._filter.Match(text.encode("utf-8", "replace")) or ()]
