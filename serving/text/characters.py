"""Single characters: compatibility forms, invisible ones, digits of other scripts, decoration, overrides of direction."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from serving.text.tracked import Tracked

MOST_READ = 12_000
"""Longest text that is read, before and after: compatibility forms can grow eighteenfold, so growth is bounded."""
_KNOWN_AT_ONCE = 20_000
"""Most characters whose folding is remembered, so that memory stays bounded."""
_MOST_MARKS = 2
"""More combining marks than that on one letter are decoration."""
_INVISIBLE_RANGES = (
    "\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffb"
    "\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_CONTROLS = "\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f"
_HIDDEN = re.compile(
    rf"(?<=[^\W\u0600-\U0010ffff])[\u00ad]*[{_CONTROLS}{_INVISIBLE_RANGES}][{_CONTROLS}{_INVISIBLE_RANGES}\u00ad]*(?=[^\W\u0600-\U0010ffff])"
)
_INVISIBLE = re.compile(rf"[{_CONTROLS}{_INVISIBLE_RANGES}\u00ad]")
_MARKS = "\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
_MARKS_OF_ONE = re.compile(rf"[{_MARKS}]+")
_FLAG_LETTER = re.compile("[\U0001f1e6-\U0001f1ff]")
_CLUSTER = re.compile(rf"[^{_MARKS}][{_MARKS}]+")
_MARKED = re.compile(rf"[{_MARKS}\U0001f1e6-\U0001f1ff]")
_DECORATION = re.compile(r"[\u0305\u0332-\u0338\u0483-\u0489\u20d0-\u20ff\ufe20-\ufe2f]")
_RULED = {
    **dict.fromkeys("\n\r\x0b\x0c\x85\u2028\u2029", "\n"),
    **dict.fromkeys("\t\x1c\x1d\x1e\x1f\u2800\u3164\uffa0", " "),
    **dict.fromkeys("‐‑‒–—−", "-"),
    **dict.fromkeys("⁄∕／", "/"),
    **dict.fromkeys("´｀", "'"),
}
_OVERRIDDEN = re.compile("\u202e([^\u202c-\u202e\n]*)")
_LETTERS_BETWEEN = re.compile("[\U0001f1e6-\U0001f1ff](?<![\U0001f1e6-\U0001f1ff].)(?![\U0001f1e6-\U0001f1ff])")


def is_plain(text: str) -> bool:
    """Tell whether a text holds nothing but printable ASCII and line breaks, so that nothing here can change it."""
    return text.isascii() and text.replace("\n", " ").isprintable()


def undo_forms(tracked: Tracked) -> tuple[Tracked, bool]:
    """Read overrides of direction, compatibility forms, digits of other scripts and decoration; drop what cannot be seen.

    Doing it twice is doing it once. Keeps the first `MOST_READ` characters.
    """
    if is_plain(tracked.text):
        return tracked, False
    tracked, was_turned = _undo_overrides(tracked)
    tracked, was_hidden = _fold(tracked)
    return tracked, was_turned or was_hidden


def _undo_overrides(tracked: Tracked) -> tuple[Tracked, bool]:
    """Read stretches between a right-to-left override and its end in the order that a person sees."""
    if "\u202e" not in tracked.text:
        return tracked, False
    return tracked.turn(match.span(1) for match in _OVERRIDDEN.finditer(tracked.text)), True


def _fold(tracked: Tracked) -> tuple[Tracked, bool]:
    """Fold compatibility forms and digits, and drop what cannot be seen; tell whether that hid a word's inside."""
    text = tracked.text
    letters = "".join(set(text))
    is_folded = "".join(map(_FOLDED.__getitem__, letters)) == letters
    if is_folded and not _MARKED.search(letters):
        return tracked, False
    is_hidden = False
    if not is_folded or _FLAG_LETTER.search(letters):
        is_hidden = _INVISIBLE.search(letters) is not None and _HIDDEN.search(text) is not None
        text = _LETTERS_BETWEEN.sub(lambda match: chr(ord("A") + ord(match[0]) - 0x1F1E6), text)
        tracked = tracked.spell([*map(_FOLDED.__getitem__, text)])
    tracked = tracked.rewrite(_clusters(tracked.text), lambda match: _undecorated(match[0]))
    return (tracked.cut(MOST_READ) if len(tracked.text) > MOST_READ else tracked), is_hidden


def _clusters(text: str) -> Iterator[re.Match[str]]:
    """Yield every character that has marks, with them."""
    for marks in _MARKS_OF_ONE.finditer(text):
        if marks.start() and (cluster := _CLUSTER.match(text, marks.start() - 1)):
            yield cluster


@lru_cache(maxsize=4096)
def _undecorated(cluster: str) -> str:
    base, marks = cluster[0], _DECORATION.sub("", cluster[1:])
    composed = unicodedata.normalize("NFKC", base + (marks if len(marks) <= _MOST_MARKS else ""))
    if composed[0] == " " != base:
        composed = base
    return "".join(map(_FOLDED.__getitem__, composed))


class _Folding(dict[str, str]):
    """What each character folds to; worked out when first met."""

    def __missing__(self, character: str) -> str:
        if len(self) > _KNOWN_AT_ONCE:
            self.clear()
        folded = _FIXED.get(character)
        if folded is None:
            folded = unicodedata.normalize("NFKC", character)
            if folded != character or character.isdigit():
                folded = _folded(character, folded)
        self[character] = folded
        return folded


def _folded(character: str, folded: str) -> str:
    if folded[0] == " " and len(folded) > 1:
        return character
    return "".join(map(_digit, "".join(_FIXED.get(each, each) for each in folded)))


def _digit(character: str) -> str:
    value = unicodedata.digit(character, None)
    return character if value is None else str(value)


def _fixed() -> dict[str, str]:
    """Return what no compatibility form says: signs that are ruled, what is dropped, and dressed letters and numbers."""
    fixed = {chr(code): "\ufffd" for code in range(0xD800, 0xE000)}
    for first, last, letter in (
        ("\u249c", "\u24b5", "a"),
        ("\U0001f110", "\U0001f129", "A"),
        ("\U0001f150", "\U0001f169", "A"),
        ("\U0001f170", "\U0001f189", "A"),
    ):
        fixed |= {chr(ord(first) + place): chr(ord(letter) + place) for place in range(ord(last) - ord(first) + 1)}
    for first, last in (
        ("\u2474", "\u2487"),
        ("\u2488", "\u249b"),
        ("\u24f5", "\u24fe"),
        ("\u2776", "\u277f"),
        ("\u2780", "\u2789"),
        ("\u278a", "\u2793"),
    ):
        fixed |= {chr(ord(first) + place): str(1 + place) for place in range(ord(last) - ord(first) + 1)}
    fixed |= dict.fromkeys("\u24ff\U0001f100\U0001f10b\U0001f10c", "0")
    for first, last in _RANGE.findall(_CONTROLS + _INVISIBLE_RANGES + "\u00ad"):
        fixed |= {chr(code): "" for code in range(ord(first), ord(last or first) + 1)}
    return fixed | _RULED


_RANGE = re.compile("(.)(?:-(.))?", re.DOTALL)
_FIXED = _fixed()
_FOLDED = _Folding()
