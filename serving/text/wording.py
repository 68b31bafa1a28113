"""Ways of writing: encodings, words taken apart, digits spelled out, leet, sentences written backwards."""

import base64
import binascii
import html
import re
from urllib.parse import unquote

from serving.text.tracked import Tracked

_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,200}>|<!--[^<>]{0,200}-->")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z]{2,10});")
_PERCENT = re.compile(r"(?:[\w.,+-]*%[0-9A-Fa-f]{2})+[\w.,+-]*")
_BASE64 = re.compile(r"(?<![\w/+=-])[A-Za-z0-9+/]{16,}={0,2}(?![\w/+=-])")
_APART = re.compile(r"(?<![^\W_])[^\W_](?:([ ._*|~/+-])[^\W_])(?:\1[^\W_])+(?![^\W_])")
_BLANKS = re.compile(r"[^\S\n]*\n\s*|[^\S\n]{2,}|[^\S\n ]")
_WORD = re.compile(r"[a-z]+")

_DIGIT_WORDS = {
    "zero": "0", "oh": "0", "o": "0", "nought": "0", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5",
    "six": "6", "seven": "7", "eight": "8", "nine": "9",
}  # fmt: skip
_DIGIT_WORD = r"(?:(?:double|triple)[ -])?(?:zero|oh|o|nought|one|two|three|four|five|six|seven|eight|nine|\d)"
_SPELLED = re.compile(rf"(?<!\w){_DIGIT_WORD}(?:[ ,-]{{1,2}}{_DIGIT_WORD}){{3,}}(?!\w)", re.IGNORECASE)
_LEET_WORD = re.compile(r"(?<![\w.@£$/])(?=[^\W\d_]*[0134578@$!])[A-Za-z0134578@$!]{4,24}(?![\w@$/.]*\w)")
_LEET = str.maketrans("013457@$!", "oieastasi")
_INNER_LEET = re.compile(r"(?<=[a-zA-Z])[0-9@$!]{1,2}(?=[a-zA-Z]{2})")
_COMMON = frozenset(
    "the your you and for with have has will please from that this appointment call are not our was been about is to of at on in".split()
)
_LEAST_APART = {"digits": 6, "letters": 4}
_LEAST_DIGITS = 5
_LONG_DIGITS = 6
_LEAST_BACKWARDS = 2
_LETTER_SHARE = 0.55


def undo_markup(tracked: Tracked) -> Tracked:
    """Take HTML tags out and read character entities; ordinary in pasted text, so no disguise."""
    if "<" in tracked.text:
        tracked = tracked.replace(_TAG, lambda _: " ")
    if "&" in tracked.text:
        tracked = tracked.replace(_ENTITY, lambda match: _printable(html.unescape(match[0])))
    return tracked


def undo_encodings(tracked: Tracked) -> tuple[Tracked, bool]:
    """Read percent and base64 encodings, one level deep; what holds a further level stays as it is."""
    before = tracked.text
    if "%" in before:
        tracked = tracked.replace(_PERCENT, _percent_decoded)
    tracked = tracked.replace(_BASE64, _base64_decoded)
    return tracked, tracked.text != before


def join_apart(tracked: Tracked) -> tuple[Tracked, bool]:
    """Join words and numbers written with a separator between all characters ("d i a b e t e s", "h-i-v")."""
    changed = False

    def joined(match: re.Match[str]) -> str | None:
        nonlocal changed
        characters = match[0][::2]
        has_digit = any(character.isdigit() for character in characters)
        if len(characters) < _LEAST_APART["digits" if has_digit else "letters"] and not _is_short_word(match):
            return None
        changed = True
        return characters

    return tracked.replace(_APART, joined), changed


def join_spelled_digits(tracked: Tracked) -> tuple[Tracked, bool]:
    """Write runs of five or more spelled digits as digits ("oh seven seven double oh …")."""
    changed = False

    def written(match: re.Match[str]) -> str | None:
        nonlocal changed
        words = re.split(r"[ ,-]+", match[0].lower())
        digits, times = [], 1
        for word in words:
            if word in ("double", "triple"):
                times = 2 if word == "double" else 3
                continue
            digits.append((word if word.isdigit() else _DIGIT_WORDS[word]) * times)
            times = 1
        spelled = sum(not word.isdigit() for word in words)
        if len("".join(digits)) < _LEAST_DIGITS or spelled < 3:  # noqa: PLR2004
            return None
        changed = changed or len("".join(digits)) >= _LONG_DIGITS
        return "".join(digits)

    return tracked.replace(_SPELLED, written), changed


def undo_leet(tracked: Tracked) -> tuple[Tracked, bool]:
    """Write digits and signs inside words as the letters they stand for ("d1abet3s").

    References, postcodes, "gr8", "covid19" and words in capitals stay: a digit must stand between letters, and letters must
    prevail.
    """
    changed = False

    def spelled(match: re.Match[str]) -> str | None:
        nonlocal changed
        word = match[0]
        letters = sum(character.isalpha() for character in word)
        if letters < 3 or letters / len(word) < _LETTER_SHARE or not _INNER_LEET.search(word):  # noqa: PLR2004
            return None
        if any(character in "268" for character in word) or word.isupper() or not word[1:].islower():
            return None
        changed = True
        return word.translate(_LEET)

    return tracked.replace(_LEET_WORD, spelled), changed


def undo_backwards(tracked: Tracked) -> tuple[Tracked, bool]:
    """Read a whole text that only makes English when read from its end."""
    words = _WORD.findall(tracked.text.lower())
    if len(words) < 3 or any(word in _COMMON for word in words):  # noqa: PLR2004
        return tracked, False
    if sum(word[::-1] in _COMMON for word in words) < _LEAST_BACKWARDS:
        return tracked, False
    return tracked.pick(range(len(tracked.text) - 1, -1, -1)), True


def tidy_blanks(tracked: Tracked) -> Tracked:
    """Keep line breaks as one line break and write every other run of blanks as one blank."""
    return tracked.replace(_BLANKS, lambda match: "\n" if "\n" in match[0] else " ")


def _is_short_word(match: re.Match[str]) -> bool:
    """Tell whether three letters are one word taken apart ("h-i-v"); blanks alone are too common between three."""
    characters = match[0][::2]
    return len(characters) == 3 and match[1] in "-._*|~" and characters.isalpha() and characters.islower()  # noqa: PLR2004


def _percent_decoded(match: re.Match[str]) -> str | None:
    decoded = unquote(match[0], errors="ignore").replace("+", " ")
    return None if _PERCENT.search(decoded) else _printable(decoded)


def _base64_decoded(match: re.Match[str]) -> str | None:
    try:
        decoded = base64.b64decode(match[0] + "=" * (-len(match[0]) % 4), validate=True).decode()
    except (binascii.Error, ValueError):
        return None
    texty = sum(character.isalnum() or character in " .,'-:@/£" for character in decoded)
    if not decoded.isprintable() or texty < 0.95 * len(decoded) or _BASE64.search(decoded) or _PERCENT.search(decoded):
        return None
    return decoded


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() or character == "\n" else " " for character in text)
