"""Write text oddly, as people do to slip past a filter or by carelessness; one plain function a family.

Every function takes a text and a source of randomness and returns the text rewritten. For augmentation and for measuring.
"""

import base64
import random
import re
import urllib.parse
from collections.abc import Callable

_INVISIBLE = "\u200b\u200c\u200d\u2060\u00ad\ufeff\u180e\u2062"
_SEPARATORS = " .-_*~·"
_CYRILLIC = dict(zip("ABCEHIKMOPTXaceiopsxyj", "АВСЕНІКМОРТХасеіорѕхуј", strict=True))
_GREEK = dict(zip("ABEZHIKMNOPTYXov", "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧον", strict=True))
_OTHERS = dict(zip("ABCDEHIKMPSTWYadegioqrsuw", "ᎪᏴᏟᎠᎬᎻΙᏦᎷᏢᏚᎢᎳᎩɑԁҽɡıοԛгꜱսԝ", strict=True))
_LEET = str.maketrans("oieas", "01345")
_DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def invisible(text: str, rng: random.Random) -> str:
    """Put characters that cannot be seen between some letters."""
    return "".join(c + (rng.choice(_INVISIBLE) if c.isalnum() and rng.random() < 0.3 else "") for c in text)  # noqa: PLR2004


def compatibility(text: str, rng: random.Random) -> str:
    """Write it full-width, in mathematical letters, or circled."""
    way = rng.randrange(3)
    if way == 0:
        return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)
    return "".join((_mathematical if way == 1 else _circled)(c) for c in text)


def separators(text: str, rng: random.Random) -> str:
    """Put one separator between all characters of each word or number."""
    separator = rng.choice(_SEPARATORS)
    gap = "  " if separator == " " else " "
    return gap.join(separator.join(word) if word.isalnum() else word for word in text.split(" "))


def reversed_override(text: str, rng: random.Random) -> str:
    """Write it backwards behind a right-to-left override, so that it looks forwards."""
    del rng
    return "\n".join(f"\u202e{line[::-1]}\u202c" for line in text.split("\n"))


def backwards(text: str, rng: random.Random) -> str:
    """Write it backwards."""
    del rng
    return text[::-1]


def lookalikes(text: str, rng: random.Random) -> str:
    """Put letters of one other script for Latin ones that look the same."""
    script = rng.choice((_CYRILLIC, _CYRILLIC, _GREEK, _OTHERS))
    return "".join(script[c] if c in script and rng.random() < 0.5 else c for c in text)  # noqa: PLR2004


def leet(text: str, rng: random.Random) -> str:
    """Put digits for letters inside words, and O for 0, l or I for 1 in long numbers."""
    text = re.sub(r"[a-z]{4,}", lambda word: word[0].translate(_LEET) if rng.random() < 0.7 else word[0], text)  # noqa: PLR2004
    return re.sub(r"(?<!\w)\d{4,}(?!\w)", lambda run: _lettered(run[0], rng), text)


def number_words(text: str, rng: random.Random) -> str:
    """Spell runs of five digits and more as words, whatever stands between them."""
    return re.sub(r"\d(?:[ -]?\d){4,}", lambda run: f" {_spelled(re.sub(r'[^0-9]', '', run[0]), rng)} ", text)


def encodings(text: str, rng: random.Random) -> str:
    """Write it as percent encoding, base64, HTML entities or escapes of a program."""
    way = rng.randrange(4)
    if way == 0:
        return urllib.parse.quote(text, safe="")
    if way == 1 and len(text) > 8 and text.isascii():  # noqa: PLR2004
        return base64.b64encode(text.encode()).decode()
    if way == 2:  # noqa: PLR2004
        return "".join(f"\\u{ord(c):04x}" if c.isalnum() else c for c in text)
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
        invisible, compatibility, separators, reversed_override, backwards, lookalikes, leet, number_words, encodings, casing, typos,
        missing_spaces,
    )
}  # fmt: skip
LASTING = ("leet", "missing_spaces", "typos")
"""Families that normalisation does not wholly undo, so that a network must read them as they are."""


def _mathematical(character: str) -> str:
    for first, start in (("A", 0x1D5D4), ("a", 0x1D5EE), ("0", 0x1D7EC)):
        last = {"A": "Z", "a": "z", "0": "9"}[first]
        if first <= character <= last:
            return chr(start + ord(character) - ord(first))
    return character


def _circled(character: str) -> str:
    if "a" <= character <= "z":
        return chr(0x24D0 + ord(character) - ord("a"))
    if "A" <= character <= "Z":
        return chr(0x24B6 + ord(character) - ord("A"))
    return "⓪①②③④⑤⑥⑦⑧⑨"[int(character)] if character in "0123456789" else character


def _lettered(digits: str, rng: random.Random) -> str:
    if rng.random() < 0.5:  # noqa: PLR2004
        return digits
    return digits.replace("0", "O") if rng.random() < 0.5 else digits.replace("1", rng.choice("lI"))  # noqa: PLR2004


def _spelled(digits: str, rng: random.Random) -> str:
    words = [_DIGITS[int(digit)] for digit in digits]
    if rng.random() < 0.5:  # noqa: PLR2004
        words = ["oh" if word == "zero" else word for word in words]
    spelled = rng.choice((" ", " ", "-", ", ")).join(words)
    if rng.random() < 0.3:  # noqa: PLR2004
        spelled = re.sub(r"\b(\w+) \1\b", r"double \1", spelled)
    return spelled


def _mistyped(word: str, rng: random.Random) -> str:
    place = rng.randrange(1, len(word) - 1)
    way = rng.randrange(3)
    if way == 0:
        return word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    return word[:place] + word[place + 1 :] if way == 1 else word[:place] + word[place] + word[place:]
