"""One name for all: what the network reads has every known name written as the same one, so that a name swap cannot change a verdict.

`lexicon/given.txt` and `lexicon/family.txt` hold names that are seldom anything else, from `data/names.yaml` (`python -m data lexicon`).
A name that is also a common word or a place (Will, May, Florence) is left as it stands.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from serving.text import NormalisedText

GIVEN_NAME, FAMILY_NAME = "Sam", "Smith"
"""What stands for every known given and family name."""
_FOLDER = Path(__file__).parent / "lexicon"
TITLE = re.compile(r"(?:mrs?|ms|miss|mx|dr|sir|prof|rev|pc|sgt|nurse|sister|cllr)\.?$", re.IGNORECASE)
"""A title, the whole of a word."""
_AFTER_NAME, _AFTER_TITLE = (" ",), (" ", ".", ". ")
"""What may stand between a given name, or a title or initial, and the family name."""
WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]{2,})*")
"""A word as names are compared: hyphens and apostrophes inside, but no possessive."""


def with_one_name(text: NormalisedText) -> NormalisedText:
    """Write every known name as the same one; offsets still map back to the original.

    A family name counts after a given name, an initial or a title only.

    >>> from serving.text import normalise
    >>> with_one_name(normalise("Dear Ngozi Okafor, ask for Priya")).text
    'Dear Sam Smith, ask for Sam'
    """
    return renamed(text, _known_names(text.text))


def renamed(text: NormalisedText, names: Iterable[tuple[int, int, str]]) -> NormalisedText:
    """Write other names in the place of some words, given in order as (start, end, name) in `text`; offsets still map back."""
    pieces: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    position = 0
    for start, end, name in names:
        word = text.text[start:end]
        shown = name.lower() if word.islower() else name.upper() if word.isupper() and len(word) > 1 else name
        pieces += [text.text[position:start], shown]
        starts += [*text.starts[position:start], *[text.starts[start]] * len(shown)]
        ends += [*text.ends[position:start], *[text.ends[end - 1]] * len(shown)]
        position = end
    if not pieces:
        return text
    pieces.append(text.text[position:])
    starts += text.starts[position:]
    ends += text.ends[position:]
    return NormalisedText("".join(pieces), starts, ends, text.is_disguised, text.is_whole)


def fold(name: str) -> str:
    """Return a name as the lexicon writes it: small letters, no accents, straight apostrophe.

    >>> fold("José"), fold("O’Brien")
    ('jose', "o'brien")
    """
    plain = unicodedata.normalize("NFD", name.lower().replace("’", "'"))
    return "".join(character for character in plain if not unicodedata.combining(character))


def given_names() -> frozenset[str]:
    """Return known given names as the lexicon writes them."""
    return _names("given")


def family_names() -> frozenset[str]:
    """Return known family names as the lexicon writes them."""
    return _names("family")


@cache
def lexicon_sha256() -> str:
    """Return the hash of the known names, given and family, by which a bundle knows the lexicon that it was trained with.

    Raises:
        OSError: the lexicon cannot be read.
    """
    return hashlib.sha256("\n\n".join("\n".join(sorted(_names(kind))) for kind in ("given", "family")).encode()).hexdigest()


def _known_names(text: str) -> Iterator[tuple[int, int, str]]:
    given, family = _names("given"), _names("family")
    previous_end = 0
    gaps: tuple[str, ...] = ()
    for match in WORD.finditer(text):
        word = match[0]
        key = fold(word)
        may_be_family = text[previous_end : match.start()] in gaps
        if may_be_family and key in family and not word.islower():
            name = FAMILY_NAME
        elif key in given or ("-" in key and all(part in given for part in key.split("-"))):
            name = GIVEN_NAME
        else:
            name = ""
        is_short = TITLE.match(word) is not None or (len(word) == 1 and word.isupper())
        gaps = _AFTER_TITLE if is_short else _AFTER_NAME if name else ()
        previous_end = match.end()
        if name:
            yield match.start(), match.end(), name


@cache
def _names(kind: str) -> frozenset[str]:
    return frozenset((_FOLDER / f"{kind}.txt").read_text(encoding="utf-8").split())
