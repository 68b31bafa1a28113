"""A text under change that remembers, for each character, which stretch of the original it came from."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass


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
        """Replace the matches of a pattern; `new` may return `None` to leave one alone."""
        return self.rewrite(pattern.finditer(self.text), new)

    def rewrite(self, matches: Iterable[re.Match[str]], new: Callable[[re.Match[str]], str | None]) -> "Tracked":
        """Replace matches, which come in order of place.

        Where old and new are of one length, each character keeps its own place; else all of the new ones come from the
        whole of the old.
        """
        pieces: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        position = 0
        for match in matches:
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
        starts: list[int] = []
        ends: list[int] = []
        position = 0
        for place in [place for place, piece in enumerate(pieces) if len(piece) != 1]:
            starts += self.starts[position:place]
            ends += self.ends[position:place]
            starts += [self.starts[place]] * len(pieces[place])
            ends += [self.ends[place]] * len(pieces[place])
            position = place + 1
        if position == 0:
            return Tracked(text, self.starts, self.ends)
        starts += self.starts[position:]
        ends += self.ends[position:]
        return Tracked(text, starts, ends)

    def cut(self, longest: int) -> "Tracked":
        """Return the first characters only."""
        return Tracked(self.text[:longest], self.starts[:longest], self.ends[:longest])

    def turn(self, stretches: Iterable[tuple[int, int]]) -> "Tracked":
        """Write some stretches, given in order of place, from their end.

        >>> Tracked.of("ab cd").turn([(3, 5)]).text
        'ab dc'
        """
        text, starts, ends = self.text, [*self.starts], [*self.ends]
        pieces: list[str] = []
        position = 0
        for start, end in stretches:
            pieces += (text[position:start], text[start:end][::-1])
            starts[start:end] = starts[start:end][::-1]
            ends[start:end] = ends[start:end][::-1]
            position = end
        return Tracked("".join([*pieces, text[position:]]), starts, ends) if pieces else self
