"""One name for all: what the network reads has every known name written as the same one, so that a name swap cannot change a verdict.

`lexicon/` holds the names (`python -m data lexicon`): `given.txt` those that are seldom anything else, `capital.txt` those that are
words in small letters, `also_word.txt` those that are words or places (Will, May, Florence) and count only where their place in the
sentence says so, and `family.txt`. A name that no list holds counts where its place says so: beside another name, after a title
or a greeting, as whom somebody is to tell.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from serving.text import NormalisedText, vocabulary

GIVEN_NAME, FAMILY_NAME = "Sam", "Smith"
"""What stands for every known given and family name."""
_FOLDER = Path(__file__).parent / "lexicon"
_LISTS = ("given", "capital", "also_word", "family")
TITLE = re.compile(r"(?:mrs?|ms|miss|mx|dr|sir|prof|rev|pc|sgt|nurse|sister|cllr)\.?$", re.IGNORECASE)
"""A title, the whole of a word."""
_BEFORE_FAMILY = frozenset(("mr", "mrs", "ms", "miss", "mx", "dr", "prof"))
"""Titles behind which a lone name stands for the whole, whichever it is."""
_AFTER_NAME, _AFTER_TITLE = (" ",), (" ", ".", ". ")
"""What may stand between a given name, or a title or initial, and the family name."""
WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]{2,})*")
"""A word as names are compared: hyphens and apostrophes inside, but no possessive."""
_GREETING = frozenset(("dear", "hi", "hello", "hey", "hiya"))
_TO_SOMEBODY = frozenset(("tell", "told", "ask", "asked", "meet", "met", "saw", "thank", "remind"))
_SAYS = frozenset(("says", "said", "told", "asked", "rang", "phoned", "texted", "thinks", "knows", "wants", "cant", "can't", "couldn't"))
_SIGNING = frozenset(("thanks", "thx", "regards", "cheers", "wishes", "sincerely", "faithfully"))
NO_NAME = frozenset(
    "all everyone both team there again customer tenant resident parent parents carer carers sir sirs madam colleague colleagues neighbour "
    "friend friends folks guys mum dad love mate just this your our the we it please thanks hope good no yes editor families consumer "
    "taxpayer occupier householder applicant student students member members patient patients guest guests reader readers santa to from "
    "sirs wellbeing juror counsellor claimant gran grandma grandad nan mam auntie uncle habari namaste".split()
)
"""Whom a greeting may be to who is no name, and other greetings."""
_CONTRACTED = ("'ve", "'ll", "'re", "n't", "'d")
_OF_PLACES = frozenset(
    "road rd street st lane avenue close way house court park square drive terrace place station school hospital clinic".split()
)
"""What follows a name that a place has."""
_OF_SAINTS = frozenset(("st", "saint", "storm"))
_LONGEST_PLAIN = 2
"""Letters up to which a word that is in no list is taken for an abbreviation."""
_PLAIN = str.maketrans({"ł": "l", "ı": "i", "ø": "o", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "ß": "ss", "ə": "e", "þ": "th"})


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

    >>> fold("José"), fold("O’Brien"), fold("Wałęsa")
    ('jose', "o'brien", 'walesa')
    """
    if name.isascii():
        return name.lower()
    plain = unicodedata.normalize("NFD", name.lower().replace("’", "'").translate(_PLAIN))
    return "".join(character for character in plain if not unicodedata.combining(character))


def is_proper(word: str) -> bool:
    """Tell whether a word is written as names are: a capital, and not capitals alone.

    >>> is_proper("Ama"), is_proper("ama"), is_proper("AMA"), is_proper("McKay")
    (True, False, False, True)
    """
    return word[0].isupper() and not word.isupper()


def is_unknown(word: str, key: str | None = None) -> bool:
    """Tell whether a word is written as a name and is neither an English word nor an abbreviation; `key` is the word folded.

    >>> is_unknown("Ghebreyesus"), is_unknown("Monday"), is_unknown("PIP"), is_unknown("StreetLink"), is_unknown("I've")
    (True, False, False, False, False)
    """
    if not word.istitle() and not (is_proper(word) and word.startswith(("Mc", "Mac"))):
        return False
    key = fold(word) if key is None else key
    if len(key) <= _LONGEST_PLAIN or key.endswith(_CONTRACTED) or key in NO_NAME or key in vocabulary():
        return False
    return "-" not in key or vocabulary().isdisjoint(key.split("-"))


@cache
def given_names() -> frozenset[str]:
    """Return given names as the lexicon writes them that, with a capital, are seldom anything else."""
    return _names("given") | _names("capital")


def word_names() -> frozenset[str]:
    """Return given names that are words or places too, as the lexicon writes them."""
    return _names("also_word")


def family_names() -> frozenset[str]:
    """Return known family names as the lexicon writes them."""
    return _names("family")


@cache
def lexicon_sha256() -> str:
    """Return the hash of the known names, by which a bundle knows the lexicon that it was trained with.

    Raises:
        OSError: the lexicon cannot be read.
    """
    return hashlib.sha256("\n\n".join("\n".join(sorted(_names(kind))) for kind in _LISTS).encode()).hexdigest()


class _Word(NamedTuple):
    """A word of a text, what stands before it, and how the lexicon would write it."""

    text: str
    start: int
    end: int
    gap: str
    key: str

    @property
    def is_proper(self) -> bool:
        return is_proper(self.text)

    @property
    def is_no_name(self) -> bool:
        """Tell whether the word is none wherever it stands: small letters alone, and no given name that needs no capital."""
        return self.text.islower() and self.key not in _names("given") and "-" not in self.key

    @property
    def is_given(self) -> bool:
        """Tell whether the word is a known given name, or several joined."""
        if self.key in _names("given") or (self.key in _names("capital") and self.is_proper):
            return True
        return "-" in self.key and all(part in given_names() for part in self.key.split("-"))

    @property
    def is_family(self) -> bool:
        """Tell whether the word is a known family name, or several joined."""
        return self.key in _names("family") or ("-" in self.key and not _names("family").isdisjoint(self.key.split("-")))

    @property
    def is_unknown(self) -> bool:
        return is_unknown(self.text, self.key)


_NO_WORD = _Word("-", 0, 0, "", "")


def _words(text: str) -> Iterator[_Word]:
    end = 0
    for match in WORD.finditer(text):
        yield _Word(match[0], match.start(), match.end(), text[end : match.start()], fold(match[0]))
        end = match.end()


def _known_names(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield the names in order; family names side by side are one."""
    words = [*_words(text), _NO_WORD]
    before = _NO_WORD
    name, start = "", 0
    for place, word in enumerate(words[:-1]):
        if word.is_no_name:
            now = ""
        else:
            now = _name_of(word, before, words[place + 1], follows_given=name == GIVEN_NAME, follows_family=name == FAMILY_NAME)
        if name and not (name == now == FAMILY_NAME and word.gap == " "):
            yield start, before.end, name
            start = word.start
        elif not name:
            start = word.start
        name, before = now, word
    if name:
        yield start, before.end, name


def _name_of(word: _Word, before: _Word, after: _Word, *, follows_given: bool, follows_family: bool) -> str:
    """Return the name that stands for a word, empty where it is none."""
    is_title = TITLE.match(before.text) is not None
    is_initial = len(before.text) == 1 and before.text.isupper()
    gaps = _AFTER_TITLE if is_title or is_initial else _AFTER_NAME if follows_given or follows_family else ()
    if TITLE.match(word.text):
        return ""
    is_given = word.is_given and not (after.gap == " " and after.key in _OF_PLACES) and before.key not in _OF_SAINTS
    if word.gap in gaps and not word.text.islower():
        is_titled = (
            before.key in _BEFORE_FAMILY
            and before.is_proper
            and word.gap == " "
            and word.is_proper
            and word.key not in NO_NAME
            and not is_given
        )
        is_lettered = is_initial and word.gap == " " and (not word.is_proper or (before.key == "a" and word.key in vocabulary()))
        if is_titled or (word.is_family and not is_lettered) or (word.is_unknown and (word.gap != " " or not is_initial)):
            return FAMILY_NAME
        if is_given and (follows_given or (before.key in _BEFORE_FAMILY and not _leads_on(after))):
            return FAMILY_NAME
    return GIVEN_NAME if is_given or (word.is_proper and _is_placed(word, before, after)) else ""


def _leads_on(after: _Word) -> bool:
    return after.gap == " " and (after.is_unknown or (after.is_proper and after.is_family))


def _is_placed(word: _Word, before: _Word, after: _Word) -> bool:
    """Tell whether a word with a capital is a given name by its place: one that is also a word, or in no list."""
    is_also_word = word.key in _names("also_word")
    if not is_also_word and not word.is_unknown:
        return False
    if after.gap == " " and after.is_proper and after.key in _names("family") and after.key not in vocabulary():
        return True
    is_last = after is _NO_WORD or not after.gap.startswith((" ", "'", "’", "-"))
    if before.key in _GREETING and word.gap in (" ", ", "):
        return is_last or not is_also_word or _leads_on(after)
    if before.key in _TO_SOMEBODY and word.gap == " ":
        return not after.is_proper
    if before.key in _SIGNING and (after is _NO_WORD or "\n" in after.gap):
        return True
    return is_also_word and after.gap == " " and after.key in _SAYS


@cache
def _names(kind: str) -> frozenset[str]:
    return frozenset((_FOLDER / f"{kind}.txt").read_text(encoding="utf-8").split())
