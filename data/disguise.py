"""Write text oddly, as people do to slip past a filter or by carelessness; one plain function a family.

Every function takes a text and a source of randomness and returns the text rewritten. For augmentation and for measuring.
"""

import base64
import random
import re
import urllib.parse
from collections.abc import Callable

_INVISIBLE = "\u200b\u200c\u200d\u2060\u00ad\ufeff"
_LOOKALIKES = dict(zip("ABCEHIKMOPTXaceiopsxyj", "АВСЕНІКМОРТХасеіорѕхуј", strict=True))
_LEET = str.maketrans("oieas", "01345")
_DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def invisible(text: str, rng: random.Random) -> str:
    """Put characters that cannot be seen between some letters."""
    return "".join(c + (rng.choice(_INVISIBLE) if c.isalnum() and rng.random() < 0.3 else "") for c in text)  # noqa: PLR2004


def compatibility(text: str, rng: random.Random) -> str:
    """Write it full-width or in mathematical letters."""
    if rng.random() < 0.5:  # noqa: PLR2004
        return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)
    return "".join(_mathematical(c) for c in text)


def separators(text: str, rng: random.Random) -> str:
    """Put one separator between all characters of each word or number."""
    separator = rng.choice(" .-_*")
    gap = "  " if separator == " " else " "
    return gap.join(separator.join(word) if word.isalnum() else word for word in text.split(" "))


def reversed_override(text: str, rng: random.Random) -> str:
    """Write it backwards behind a right-to-left override, so that it looks forwards."""
    del rng
    return f"\u202e{text[::-1]}\u202c"


def lookalikes(text: str, rng: random.Random) -> str:
    """Put Cyrillic letters for Latin ones that look the same."""
    return "".join(_LOOKALIKES[c] if c in _LOOKALIKES and rng.random() < 0.5 else c for c in text)  # noqa: PLR2004


def leet(text: str, rng: random.Random) -> str:
    """Put digits for letters inside words."""
    return re.sub(r"[a-z]{5,}", lambda word: word[0].translate(_LEET) if rng.random() < 0.7 else word[0], text)  # noqa: PLR2004


def number_words(text: str, rng: random.Random) -> str:
    """Spell runs of five digits and more as words."""
    del rng
    return re.sub(r"\d{5,}", lambda run: " ".join(_DIGITS[int(digit)] for digit in run[0]), text)


def encodings(text: str, rng: random.Random) -> str:
    """Write it as percent encoding, base64 or HTML entities."""
    way = rng.randrange(3)
    if way == 0:
        return urllib.parse.quote(text, safe="")
    if way == 1 and len(text) > 12 and text.isascii():  # noqa: PLR2004
        return base64.b64encode(text.encode()).decode()
    return "".join(f"&#{ord(c)};" if c.isalnum() else c for c in text)


def casing(text: str, rng: random.Random) -> str:
    """Write it all in capitals or all in small letters."""
    return text.upper() if rng.random() < 0.5 else text.lower()  # noqa: PLR2004


def typos(text: str, rng: random.Random) -> str:
    """Swap two letters, leave one out or double one, in some words."""
    return re.sub(r"[A-Za-z]{5,}", lambda word: _mistyped(word[0], rng) if rng.random() < 0.25 else word[0], text)  # noqa: PLR2004


def missing_spaces(text: str, rng: random.Random) -> str:
    """Leave some blanks out."""
    return re.sub(" ", lambda _: "" if rng.random() < 0.3 else " ", text)  # noqa: PLR2004


FAMILIES: dict[str, Callable[[str, random.Random], str]] = {
    family.__name__: family
    for family in (
        invisible, compatibility, separators, reversed_override, lookalikes, leet, number_words, encodings, casing, typos,
        missing_spaces,
    )
}  # fmt: skip


def _mathematical(character: str) -> str:
    for first, start in (("A", 0x1D5D4), ("a", 0x1D5EE), ("0", 0x1D7EC)):
        last = {"A": "Z", "a": "z", "0": "9"}[first]
        if first <= character <= last:
            return chr(start + ord(character) - ord(first))
    return character


def _mistyped(word: str, rng: random.Random) -> str:
    place = rng.randrange(1, len(word) - 1)
    way = rng.randrange(3)
    if way == 0:
        return word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    return word[:place] + word[place + 1 :] if way == 1 else word[:place] + word[place] + word[place:]
