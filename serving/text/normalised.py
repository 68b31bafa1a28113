"""The one pass from a text as received to the text that is read."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from serving.text import characters, wording
from serving.text.tracked import Tracked

NORMALISATION_VERSION = "1"
MAX_CHARACTERS = 10_000
"""Longest text that a caller may send, in code points."""
MOST_AFTER = 2 * MAX_CHARACTERS
"""Longest normalised text: compatibility forms can grow eighteenfold, so growth is bounded."""
_PASSES = 3
_SOMETHING_TO_DO = re.compile(
    r"""[<&%\t\r]|\ \ |\n\s|\s\n|(?<![^\W_])[^\W_]([ ._*|~/+-])[^\W_]\1[^\W_](?![^\W_])|[A-Za-z][0-9@$!]+[A-Za-z]"""
    r"""|[A-Za-z0-9+/]{16}|\b(?:zero|oh|o|nought|one|two|three|four|five|six|seven|eight|nine|double|triple)\W""",
    re.IGNORECASE | re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class NormalisedText:
    """A cleaned copy of a text; character `i` of `text` came from `original[starts[i]:ends[i]]`."""

    text: str
    starts: Sequence[int]
    ends: Sequence[int]
    is_disguised: bool

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        """Map a span of the cleaned text, not empty, to code points of the original."""
        return min(self.starts[start:end]), max(self.ends[start:end])


def normalise(text: str) -> NormalisedText:
    """Return the text that a person would read, and whether it was disguised.

    Never raises, and takes time linear in the length.

    >>> normalise("your d1abet3s clinic").text
    'your diabetes clinic'
    >>> normalise("N\u200bI QQ 12 34 56 C").is_disguised
    True
    """
    tracked = Tracked.of(text)
    is_disguised = False
    for _ in range(_PASSES):
        before = tracked.text
        tracked, was_disguised = _pass(tracked)
        is_disguised = is_disguised or was_disguised
        if tracked.text == before:
            break
    return NormalisedText(tracked.text, tracked.starts, tracked.ends, is_disguised)


def _pass(tracked: Tracked) -> tuple[Tracked, bool]:
    disguises: list[bool] = []

    def note(result: tuple[Tracked, bool]) -> Tracked:
        disguises.append(result[1])
        return result[0]

    if not characters.is_plain(tracked.text):
        tracked = note(characters.undo_overrides(tracked))
        tracked = note(characters.fold(tracked, MOST_AFTER))
        tracked = note(characters.undo_lookalikes(tracked))
    if _SOMETHING_TO_DO.search(tracked.text):
        tracked = wording.undo_markup(tracked)
        tracked = note(wording.undo_encodings(tracked))
        tracked = note(wording.join_apart(tracked))
        tracked = wording.tidy_blanks(tracked)
        tracked = note(wording.join_spelled_digits(tracked))
        tracked = note(wording.undo_leet(tracked))
    return note(wording.undo_backwards(tracked)), any(disguises)
