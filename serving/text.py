"""Text normalisation with a map back to the original (first thin version; replaced next)."""

from dataclasses import dataclass

NORMALISATION_VERSION = "1"
MAX_CHARACTERS = 10_000


@dataclass(frozen=True, slots=True)
class NormalisedText:
    """A cleaned copy of a text; character `i` of `text` came from `original[starts[i]:ends[i]]`."""

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    is_disguised: bool

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        """Map a span of the cleaned text to code points of the original."""
        return self.starts[start], self.ends[end - 1]


def normalise(text: str) -> NormalisedText:
    """Return a cleaned copy of a text."""
    return NormalisedText(text, tuple(range(len(text))), tuple(range(1, len(text) + 1)), False)
