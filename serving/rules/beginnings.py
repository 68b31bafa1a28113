"""How a match of a pattern can begin, read from the pattern itself, so that in a long text it is tried only where a word begins so."""

import re
from collections.abc import Iterable, Sequence
from functools import cache
from importlib import import_module
from string import digits
from typing import Any

LONGEST = 2
"""Letters of a word by which it is looked up."""
_parser = import_module("re._parser")
_NO_WIDTH = frozenset({"ASSERT", "ASSERT_NOT", "AT"})
_MOST, _MOST_LETTERS = 120, 16
"""A pattern that begins in more ways than that, or with more single letters, is tried everywhere."""
_WORD = re.compile(r"\w+")
_OTHER = ""
"""Under this stand words whose beginning is not ASCII, since some letters are equal to ASCII ones where case is ignored."""

Beginnings = frozenset[str]


class Words:
    """Where the words of a text stand, by how they begin."""

    def __init__(self, text: str) -> None:
        """Look every word up once."""
        places: dict[str, list[int]] = {_OTHER: []}
        for match in _WORD.finditer(text):
            start = match.start()
            beginning = text[start : start + LONGEST].lower()
            if beginning.isascii():
                places.setdefault(beginning[0], []).append(start)
                if len(beginning) == LONGEST:
                    places.setdefault(beginning, []).append(start)
            else:
                places[_OTHER].append(start)
        self._places = places

    def beginning(self, ways: Beginnings) -> Sequence[int]:
        """Return where words begin in one of these ways, in order.

        >>> Words("card, visa, ID card").beginning(frozenset({"ca", "i"}))
        [0, 12, 15]
        """
        return sorted({place for way in (*ways, _OTHER) for place in self._places.get(way, ())})


@cache
def beginnings(pattern: re.Pattern[str]) -> Beginnings | None:
    r"""Return the first one or two characters, in small letters, of all that a pattern may match from the start of a word.

    `None` where a match may begin elsewhere, or with anything. A shorter one may be followed by anything.

    >>> sorted(beginnings(re.compile(r"(?i)\b(?:card|visa|ID?) no")))
    ['ca', 'i ', 'id', 'vi']
    >>> beginnings(re.compile("card")) is None
    True
    """
    parsed = _parser.parse(pattern.pattern, pattern.flags & ~re.DEBUG)
    if not _is_at_word(parsed):
        return None
    found = frozenset(text for text, _ in _extended({("", False)}, parsed))
    is_few = len(found) <= _MOST and sum(len(text) < LONGEST for text in found) <= _MOST_LETTERS
    return found if is_few and all(text.isascii() and text[:1].isalnum() for text in found) else None


def _is_at_word(items: Sequence[Any]) -> bool:
    """Tell whether a match begins where a word does, by the assertions before its first character."""
    for op, value in items:
        name = str(op)
        if name == "AT" and str(value) == "AT_BOUNDARY":
            return True
        if name == "ASSERT_NOT" and value[0] < 0 and _is_word_character(value[1]):
            return True
        if name == "SUBPATTERN":
            return _is_at_word(value[3])
        if name == "BRANCH":
            return all(_is_at_word(branch) for branch in value[1])
        if name not in _NO_WIDTH:
            return False
    return False


def _is_word_character(items: Sequence[Any]) -> bool:
    return len(items) == 1 and str(items[0][0]) == "IN" and any(str(part) == "CATEGORY_WORD" for _, part in items[0][1])


def _extended(found: set[tuple[str, bool]], items: Iterable[Any]) -> set[tuple[str, bool]]:
    """Return what was found with what the items add; the flag says that nothing can be added."""
    for op, value in items:
        if all(is_full for _, is_full in found):
            break
        name = str(op)
        if name not in _NO_WIDTH:
            found = {each for each in found if each[1]} | {
                (start + more, is_full or len(start + more) >= LONGEST)
                for start, was_full in found
                if not was_full
                for more, is_full in _ways(name, value)
            }
    return {(text[:LONGEST], is_full) for text, is_full in found}


def _ways(name: str, value: Any) -> set[tuple[str, bool]]:
    if name == "LITERAL":
        return {(chr(value).lower(), False)}
    if name == "SUBPATTERN":
        return _extended({("", False)}, value[3])
    if name == "BRANCH":
        return {way for branch in value[1] for way in _extended({("", False)}, branch)}
    if name in ("MAX_REPEAT", "MIN_REPEAT"):
        least, most, items = value
        once = _extended({("", False)}, items)
        again = {(text, is_full or most > 1) for text, is_full in once}
        return again | ({("", False)} if least == 0 else set())
    if name == "IN":
        return _of_class(value)
    return {("", True)}


def _of_class(parts: Iterable[Any]) -> set[tuple[str, bool]]:
    letters: set[str] = set()
    for op, part in parts:
        if str(op) == "LITERAL":
            letters.add(chr(part))
        elif str(op) == "RANGE":
            letters.update(map(chr, range(part[0], part[1] + 1)))
        elif str(part) == "CATEGORY_DIGIT":
            letters.update(digits)
        else:
            return {("", True)}
    return {(letter.lower(), False) for letter in letters}
