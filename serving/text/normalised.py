"""The way from a text as received to the text that is read."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle, islice

from serving.text import characters, encodings, scripts, wording
from serving.text.tracked import Tracked

NORMALISATION_VERSION = "2"
MAX_CHARACTERS = 10_000
"""Longest text that a caller may send, in code points."""
MOST_READ = characters.MOST_READ
_STEPS = (
    characters.undo_forms,
    scripts.undo_lookalikes,
    encodings.undo_markup,
    encodings.undo_encodings,
    wording.join_apart,
    wording.tidy_blanks,
    scripts.undo_letters_among_digits,
    wording.join_spelled_digits,
    wording.join_spelled_mail,
    wording.undo_leet,
    wording.undo_backwards,
)
"""Each returns the text, the same object where it changes nothing, and tells whether what it undid was a disguise."""
_MOST_STEPS = 4 * len(_STEPS)
"""A text still changing after these is layered deeper than anyone reads."""


@dataclass(frozen=True, slots=True)
class NormalisedText:
    """A cleaned copy of a text; character `i` of `text` came from `original[starts[i]:ends[i]]`.

    `is_whole` is false where something was left unread: a text too long, or layered too deep.
    """

    text: str
    starts: Sequence[int]
    ends: Sequence[int]
    is_disguised: bool
    is_whole: bool = True

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        """Map a span of the cleaned text, not empty, to code points of the original."""
        return min(self.starts[start:end]), max(self.ends[start:end])


def normalise(text: str) -> NormalisedText:
    """Return the text that a person would read, and whether it was disguised.

    Never raises, takes time linear in the length, and changes nothing when done twice: the steps go round until none
    changes the text, and one that they do not settle soon is only cleaned character by character.

    >>> normalise("your d1abet3s clinic").text
    'your diabetes clinic'
    >>> normalise("N\u200bI QQ 12 34 56 C").is_disguised
    True
    """
    cleaned, is_disguised = characters.undo_forms(Tracked.of(text[:MOST_READ]))
    is_whole = len(text) <= MOST_READ and len(cleaned.text) < MOST_READ
    tracked = cleaned
    unchanged = 1
    for step in islice(cycle(_STEPS), 1, _MOST_STEPS):
        changed, was_disguised = step(tracked)
        if changed.text == tracked.text:
            unchanged += 1
            if unchanged == len(_STEPS):
                return NormalisedText(tracked.text, tracked.starts, tracked.ends, is_disguised, is_whole)
        else:
            unchanged = 0
            is_disguised = is_disguised or was_disguised
            tracked = changed
    return NormalisedText(cleaned.text, cleaned.starts, cleaned.ends, is_disguised=True, is_whole=False)
