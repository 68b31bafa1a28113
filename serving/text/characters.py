"""Single characters: compatibility forms, invisible ones, digits of other scripts, look-alikes.

The look-alike table is a small part of Unicode's UTS 39 confusables: the letters of other scripts that pass for Latin
ones in a running text.
"""

import re
import unicodedata
from functools import lru_cache

from serving.text.tracked import Tracked

LOOKALIKES = str.maketrans(
    "АВЕЅІЈКМНОРСТУХавеѕіјкорсухҮүԁԍһӏԛԝѵΑΒΕΖΗΙΚΜΝΟΡΤΥΧαιονρτυχϲıɑɡʟʀɴʙᴀᴄᴅᴇᴊᴋᴍᴏᴘᴛᴜᴠᴡᴢꜱɪʏʜꜰɢհոսօցеԀΚԌ",
    "ABESIJKMHOPCTYXabesijkopcyxYydghlqwvABEZHIKMNOPTYXaiovptuxciagLRNBACDEJKMOPTUVWZSIYHFGhnuogedKG",
)
_FALSE_ENDS = re.compile(r"[⁄∕／]")
_FILLERS = frozenset("\u115f\u1160\u3164\uffa0\u2800\u034f\u180e\u17b4\u17b5")
_OVERRIDES = {"\u202e": True, "\u202d": False}
_BIDI_ENDS = frozenset("\u202c\n")
_LETTERS = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_MOST_MARKS = 2
"""More combining marks than that on one letter are decoration."""


def is_plain(text: str) -> bool:
    """Tell whether a text holds nothing but printable ASCII and line breaks, so that nothing here can change it."""
    return text.isascii() and text.replace("\n", " ").isprintable()


def undo_overrides(tracked: Tracked) -> tuple[Tracked, bool]:
    """Read stretches between a right-to-left override and its end in the order that a person sees."""
    if "\u202e" not in tracked.text:
        return tracked, False
    order: list[int] = []
    reversed_run: list[int] = []
    is_reversed = False
    for place, character in enumerate(tracked.text):
        if character in _OVERRIDES or character in _BIDI_ENDS:
            order += reversed(reversed_run)
            reversed_run = []
            is_reversed = _OVERRIDES.get(character, False)
            order.append(place)
        elif is_reversed:
            reversed_run.append(place)
        else:
            order.append(place)
    return tracked.pick([*order, *reversed(reversed_run)]), True


def fold(tracked: Tracked, longest: int) -> tuple[Tracked, bool]:
    """Fold compatibility forms and digits, and drop what cannot be seen; tell whether that hid a word's inside.

    Stops at `longest` characters, since compatibility forms can grow eighteenfold.
    """
    text = tracked.text
    pieces: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    is_hidden = False
    place = 0
    while place < len(text) and len(pieces) < longest:
        end = place + 1
        while end < len(text) and text[end] > "\u02ff" and _is_mark(text[end]):
            end += 1
        folded = _folded(text[place:end]) if end - place <= _MOST_MARKS + 1 else _folded(text[place])
        pieces += folded
        starts += [tracked.starts[place]] * len(folded)
        ends += [tracked.ends[end - 1]] * len(folded)
        if not folded and text[place] != "\u00ad":
            is_hidden = is_hidden or (_is_word(text, place - 1) and _is_word(text, end))
        place = end
    return Tracked("".join(pieces), starts, ends), is_hidden


def undo_lookalikes(tracked: Tracked) -> tuple[Tracked, bool]:
    """Write letters of other scripts as the Latin ones they pass for, inside words that mix scripts.

    A word wholly of look-alikes counts too where the rest of the text is Latin; real Cyrillic or Greek stays.
    """
    text = tracked.text
    if text.isascii():
        return tracked, False
    latin = sum(character.isascii() and character.isalpha() for character in text)
    other = sum(_is_other_script(character) for character in text)
    changed = False

    def latinised(match: re.Match[str]) -> str | None:
        nonlocal changed
        word = match[0]
        if word.isascii():
            return None
        new = word.translate(LOOKALIKES)
        mixes = any(character.isascii() for character in word)
        if new == word or any(_is_other_script(character) for character in new) or not (mixes or latin > 2 * other):
            return None
        changed = True
        return new

    return tracked.replace(_LETTERS, latinised), changed


@lru_cache(maxsize=4096)
def _folded(cluster: str) -> str:
    base, marks = cluster[0], cluster[1:]
    if _is_invisible(base):
        return ""
    if "\ud800" <= base <= "\udfff":
        return "\ufffd"
    if base in "\n\u2028\u2029\x85\x0b\x0c":
        return "\n"
    if base == "\r":
        return "\n"
    if unicodedata.category(base) == "Cc":
        return " "
    kept = "".join(m for m in marks if unicodedata.category(m) == "Mn" and not "\u0334" <= m <= "\u0338" and not _is_invisible(m))
    folded = unicodedata.normalize("NFKC", base + kept)
    folded = _FALSE_ENDS.sub("/", folded)
    return "".join(_digit(character) for character in folded if not _is_invisible(character))


def _digit(character: str) -> str:
    if character.isascii():
        return character
    value = unicodedata.decimal(character, None)
    if value is not None:
        return str(value)
    if "\U0001f150" <= character <= "\U0001f169":
        return chr(ord("A") + ord(character) - 0x1F150)
    if "\U0001f170" <= character <= "\U0001f189":
        return chr(ord("A") + ord(character) - 0x1F170)
    if "\u278a" <= character <= "\u2792":
        return str(ord(character) - 0x2789)
    if "\u2776" <= character <= "\u277e":
        return str(ord(character) - 0x2775)
    return {"‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "−": "-"}.get(character, character)


@lru_cache(maxsize=4096)
def _is_mark(character: str) -> bool:
    return unicodedata.category(character) in ("Mn", "Me")


def _is_invisible(character: str) -> bool:
    return (
        unicodedata.category(character) == "Cf"
        or character in _FILLERS
        or "\ufe00" <= character <= "\ufe0f"
        or "\U000e0000" <= character <= "\U000e01ef"
    )


@lru_cache(maxsize=4096)
def _is_other_script(character: str) -> bool:
    return character.isalpha() and not unicodedata.name(character, "").startswith("LATIN")


def _is_word(text: str, place: int) -> bool:
    return 0 <= place < len(text) and text[place].isalnum() and text[place] < "\u0600"
