"""A text under change that remembers, for each character, which stretch of the original it came from."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain, repeat


@dataclass(frozen=True, slots=True)
class Tracked:
    """Character `i` of `text` came from `original[starts[i]:ends[i]]`."""

    text: str
    starts: Sequence[int]
    ends: Sequence[int]

    @classmethod
    def of(cls, text: str) -> "Tracked":
        """Return an unchanged text."""
        return cls(text, range(len(text)), range(1, len(text) + 1))

    def replace(self, pattern: re.Pattern[str], new: Callable[[re.Match[str]], str | None]) -> "Tracked":
        """Replace matches; `new` may return `None` to leave one alone.

        Where old and new are of one length, each character keeps its own place; else all of the new ones come from the
        whole of the old.
        """
        pieces: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        position = 0
        for match in pattern.finditer(self.text):
            replacement = new(match)
            if replacement is None or replacement == match[0] or match.end() == match.start():
                continue
            start, end = match.span()
            pieces += (self.text[position:start], replacement)
            starts += self.starts[position:start]
            ends += self.ends[position:start]
            if len(replacement) == end - start:
                starts += self.starts[start:end]
                ends += self.ends[start:end]
            elif replacement:
                starts += [min(self.starts[start:end])] * len(replacement)
                ends += [max(self.ends[start:end])] * len(replacement)
            position = end
        if not pieces:
            return self
        pieces.append(self.text[position:])
        starts += self.starts[position:]
        ends += self.ends[position:]
        return Tracked("".join(pieces), starts, ends)

    def spell(self, pieces: Sequence[str]) -> "Tracked":
        """Write every character as the piece at its place, which may be empty or longer.

        >>> Tracked.of("a½").spell(["a", "1/2"]).starts
        [0, 1, 1, 1]
        """
        text = "".join(pieces)
        if text == self.text:
            return self
        lengths = [*map(len, pieces)]
        if lengths.count(1) == len(lengths):
            return Tracked(text, self.starts, self.ends)
        return Tracked(
            text,
            [*chain.from_iterable(map(repeat, self.starts, lengths))],
            [*chain.from_iterable(map(repeat, self.ends, lengths))],
        )

    def cut(self, longest: int) -> "Tracked":
        """Return the first characters only."""
        return Tracked(self.text[:longest], self.starts[:longest], self.ends[:longest])

    def pick(self, places: Sequence[int]) -> "Tracked":
        """Return the characters at some places, in that order."""
        return Tracked(
            "".join(self.text[place] for place in places),
            [self.starts[place] for place in places],
            [self.ends[place] for place in places],
        )
