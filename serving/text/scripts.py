"""Letters that pass for others: look-alikes of other scripts, accents on every letter, letters among digits."""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache

import re2

from serving.text.tracked import Tracked
from serving.text.vocabulary import lookalikes, vocabulary

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_LATIN_BEYOND = r"\u00aa-\u02b8\u1d00-\u1dbf\u1e00-\u1eff\u2c60-\u2c7f\ua720-\ua7ff\uab30-\uab6f"
_OTHER = re.compile(rf"[^\W\d_A-Za-z{_LATIN_BEYOND}]")
_BEYOND = re.compile(r"[^\x00-\x7f\W\d_]")
"""A letter outside ASCII."""
_LATIN = re.compile(r"[A-Za-z]")
_NO_LETTERS = bytes(byte for byte in range(128) if not chr(byte).isalpha())
_LANGUAGE_LETTERS = "øđħłŧ"
_STROKED = str.maketrans(_LANGUAGE_LETTERS, "odhlt")
_SPARSE = 8
"""Where fewer than one letter in so many is of another script, words are looked for by their letters outside ASCII."""
_LEAST_ACCENTED = 3
_LEAST_LETTERS = 4
_DOTLESS = "ı"
_AMONG_DIGITS = re.compile(r"[\dOoIl](?<![^\W_].)(?:(?<=\d)|(?=[\dOoIl]*\d))[\dOoIl]*(?:[ ./-]{1,2}(?=[\dOoIl]*\d)[\dOoIl]+)*(?![^\W_])")
_MAY_BE_DIGITS = re2.compile("[0-9][OoIl]|[OoIl][0-9]")
_BETWEEN_DIGITS = re.compile(r"[OoIl](?:(?<=\d.)[OoIl]{0,2}(?=\d)|(?<=[Oo])(?<![^\W_].)(?=\d{3}))")
_DIGITS = str.maketrans("OoIl", "0011")
_LEAST_DIGITS = 4
_LITRES = re.compile(r"(?<![^\W_])[1-9]\d{0,2}l(?![^\W_])")


def undo_lookalikes(tracked: Tracked) -> tuple[Tracked, bool]:
    """Write letters of other scripts as the Latin ones they pass for.

    Words that mix scripts are read so, and words wholly of look-alikes where the text has no real Greek or Cyrillic, or is
    mostly Latin. Accents on many letters of one word fall where only then it is a word.
    """
    text = tracked.text
    if text.isascii():
        return tracked, False
    table = lookalikes()
    if not _BEYOND.search(text):
        return tracked, False
    others = _OTHER.findall(text)
    latin = len(text.encode("ascii", "ignore").translate(None, _NO_LETTERS))
    is_latin = latin > 2 * len(others) or all(ord(letter) in table for letter in others)
    if not latin and not is_latin:
        return tracked, False

    def latinised(match: re.Match[str]) -> str | None:
        word = match[0]
        if word.isascii() or not telling.search(word):
            return None
        if _OTHER.search(word):
            new = word.translate(table)
            return None if _OTHER.search(new) or not (is_latin or _LATIN.search(word)) else new
        return _unaccented(word)

    telling = _telling()
    is_sparse = len(others) * _SPARSE < len(text)
    new = tracked.rewrite(_words_beyond(text) if is_sparse else _WORD.finditer(text), latinised)
    return new, new is not tracked


def _words_beyond(text: str) -> Iterator[re.Match[str]]:
    """Yield the words between two blanks, as far as the last letter outside ASCII there."""
    position = 0
    while letter := _BEYOND.search(text, position):
        place = letter.start()
        for word in _WORD.finditer(text, max(position, text.rfind(" ", position, place) + 1)):
            position = word.end()
            yield word
            if position > place:
                break


def undo_letters_among_digits(tracked: Tracked) -> tuple[Tracked, bool]:
    """Write O, I and l as the digits they pass for where digits prevail ("O77OO 9OOl23")."""
    if not _MAY_BE_DIGITS.search(tracked.text):
        return tracked, False

    def written(match: re.Match[str]) -> str | None:
        run = match[0]
        letters = sum(map(run.count, "OoIl"))
        if not letters:
            return None
        digits = sum(character.isdigit() for character in run)
        if digits < _LEAST_DIGITS or 2 * letters > 3 * digits or _LITRES.search(run):
            return None
        return run.translate(_DIGITS)

    new = tracked.replace(_AMONG_DIGITS, written)
    new = new.replace(_BETWEEN_DIGITS, lambda match: match[0].translate(_DIGITS))
    return new, new is not tracked


@lru_cache(maxsize=4096)
def _unaccented(word: str) -> str | None:
    """Return a Latin word without the odd letters that no language has, or without its accents where it is English then."""
    odd = len(word) - len(word.encode("ascii", "ignore")) + 2 * word.count(_DOTLESS)
    if odd >= _LEAST_ACCENTED and len(word) >= _LEAST_LETTERS:
        bare = "".join(each for each in unicodedata.normalize("NFD", word) if not unicodedata.combining(each))
        bare = bare.translate(_STROKED).translate(lookalikes())
        if bare.isascii() and bare.lower() in vocabulary():
            return bare
    plain = word.translate(_odd_letters())
    return plain if plain != word else None


@cache
def _telling() -> re.Pattern[str]:
    """Return what finds a letter without which no word changes: one that passes for a Latin one, or is one outside ASCII."""
    latin = re.findall(f"[{_LATIN_BEYOND}]", "".join(map(chr, range(0x80, 0x10000))))
    return re.compile(f"[{''.join(letter for letter in (*map(chr, lookalikes()), *latin) if _BEYOND.match(letter))}]")


@cache
def _odd_letters() -> dict[int, str]:
    return {code: letter for code, letter in lookalikes().items() if chr(code) not in _LANGUAGE_LETTERS + _DOTLESS}
