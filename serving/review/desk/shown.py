"""A message's text as harmless HTML: as text alone, with what was found marked or masked, and with what is invisible made visible."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from markupsafe import Markup, escape

from serving.review.desk.wording import type_name
from serving.taxonomy import SENSITIVE_TYPES, Mode

_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_KEPT = "\n\t"
_WORD = re.compile(r"\S+")
_BARE = Markup("")
_MODES = {Mode.STATED: "", Mode.ASKED: " (asked for)", Mode.RECEIPT: " (received)"}


@dataclass(frozen=True, slots=True)
class Marked:
    """A stretch of the text with its type, in code points."""

    start: int
    end: int
    info_type: str
    mode: str = Mode.STATED


def show(text: str, marks: Sequence[Marked]) -> Markup:
    """Return the text with what was found highlighted and named.

    >>> str(show("<b>", []))
    '<span data-start="0">&lt;b&gt;</span>'
    """
    return _BARE.join(
        _mark(text, start, end, inside) if inside else _visible(text, start, end) for start, end, inside in _runs(text, marks)
    )


def mask(text: str, marks: Sequence[Marked], *, whole: bool = False) -> Markup:
    """Return the text with what is stated replaced by its type; `whole` masks every word, where nobody knows which of them tell.

    >>> str(mask("Call 07700 900123", [Marked(5, 17, "phone")]))
    '<span data-start="0">Call </span><span class="desk-mask">phone</span>'
    """
    if whole:
        return Markup('<span class="desk-mask">{}</span>').format(_WORD.sub("•••", text.replace("\r", "\n")))
    stated = [each for each in marks if each.mode == Mode.STATED]
    return _BARE.join(_mask(inside) if inside else _visible(text, start, end) for start, end, inside in _runs(text, stated))


def excerpt(text: str, marks: Sequence[Marked], start: int, end: int, *, is_revealed: bool, whole: bool = False) -> Markup:
    """Return a stretch of the text without the blanks at its ends, shown or masked as the whole of it is.

    >>> str(excerpt("Call 07700 900123", [Marked(5, 17, "phone")], 4, 17, is_revealed=False))
    '<span class="desk-mask">phone</span>'
    """
    end = start + len(text[start:end].rstrip())
    start = end - len(text[start:end].lstrip())
    inside = [replace(each, start=max(each.start, start) - start, end=min(each.end, end) - start) for each in marks]
    piece = text[start:end]
    return show(piece, inside) if is_revealed else mask(piece, inside, whole=whole)


def _runs(text: str, marks: Sequence[Marked]) -> Iterator[tuple[int, int, list[Marked]]]:
    """Cut the text wherever a mark begins or ends; yield each piece with the marks over it."""
    within = [each for each in marks if 0 <= each.start < each.end <= len(text)]
    cuts = sorted({0, len(text), *(place for each in within for place in (each.start, each.end))})
    for start, end in pairwise(cuts):
        yield start, end, [each for each in within if each.start <= start and end <= each.end]


def _mark(text: str, start: int, end: int, inside: Sequence[Marked]) -> Markup:
    is_sensitive = any(each.info_type in SENSITIVE_TYPES for each in inside)
    return Markup(
        '<mark class="desk-mark{}"><span class="govuk-visually-hidden">[</span>{}'
        '<span class="desk-mark__type"><span class="govuk-visually-hidden">: </span>{}'
        '<span class="govuk-visually-hidden">]</span></span></mark>'
    ).format(" desk-mark--sensitive" if is_sensitive else "", _visible(text, start, end), _names(inside))


def _mask(inside: Sequence[Marked]) -> Markup:
    return Markup('<span class="desk-mask">{}</span>').format(_names(inside))


def _names(inside: Sequence[Marked]) -> str:
    return ", ".join(dict.fromkeys(f"{type_name(each.info_type)}{_MODES.get(Mode(each.mode), '')}" for each in inside))


def _visible(text: str, start: int, end: int) -> Markup:
    """Escape a piece, and spell out each character that cannot be seen or that turns the writing round."""
    pieces: list[Markup] = []
    begun = start
    for place in range(start, end):
        character = text[place]
        if character in _KEPT or unicodedata.category(character) not in _INVISIBLE:
            continue
        if begun < place:
            pieces.append(_piece(text, begun, place))
        pieces.append(
            Markup('<span class="desk-character" data-start="{}" data-end="{}">{}</span>').format(place, place + 1, _name(character))
        )
        begun = place + 1
    if begun < end:
        pieces.append(_piece(text, begun, end))
    return _BARE.join(pieces)


def _piece(text: str, start: int, end: int) -> Markup:
    return Markup('<span data-start="{}">{}</span>').format(start, escape(text[start:end]))


def _name(character: str) -> str:
    name = unicodedata.name(character, "control character" if unicodedata.category(character) == "Cc" else "unassigned")
    return f"U+{ord(character):04X} {name.lower()}"
