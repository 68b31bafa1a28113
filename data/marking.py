"""Inline marking: one text that gives the words, their types and the slots that may be swapped.

`Hi [Farida](name:first), your [blood test](health) has moved to [3pm](slot:time).`

Source: the labelling guide (`docs/labelling-guide.md`), "Inline marking".
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from serving.taxonomy import InfoType, Mode, NameForm, Tier, demanded_tier, highest

SLOTS = frozenset({"date", "time", "place", "org", "amount", "number", "link", "publicname"})

_MARK = re.compile(r"(?<!\\)\[((?:\\.|[^\[\]\\])*)\]\(([^()\s]*)\)")


class MarkingError(ValueError):
    """A mark that the guide does not know."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One marked stretch of the plain text, in code points, end excluded.

    Exactly one of `info_type` and `slot` is set.
    """

    start: int
    end: int
    info_type: InfoType | None = None
    mode: Mode = Mode.STATED
    form: NameForm | None = None
    slot: str | None = None

    @property
    def tier(self) -> Tier:
        """Return the tier that this mark alone demands."""
        if self.info_type is None:
            return Tier.ROUTINE
        return demanded_tier(self.info_type, self.mode, self.form)

    def moved(self, by: int) -> "Mark":
        """Return the same mark so many code points further on."""
        return replace(self, start=self.start + by, end=self.end + by)


@dataclass(frozen=True, slots=True)
class MarkedText:
    """A plain text and what stands in it."""

    plain: str
    marks: tuple[Mark, ...]

    @property
    def tier(self) -> Tier:
        """Return the tier that the marks demand together."""
        return highest(mark.tier for mark in self.marks)

    def rewritten(self, inside: Callable[[str, Mark], str], between: Callable[[str], str] = str) -> "MarkedText":
        """Write the words inside each mark anew, and what stands between marks; the marks go along.

        >>> text = parse("Hi [Farida](name:first), hello").rewritten(lambda words, mark: "Bo", str.upper)
        >>> text.plain, text.marks[0].start, text.marks[0].end
        ('HI Bo, HELLO', 3, 5)
        """
        pieces: list[str] = []
        marks: list[Mark] = []
        length = position = 0
        for mark in self.marks:
            before = between(self.plain[position : mark.start])
            words = inside(self.plain[mark.start : mark.end], mark)
            start = length + len(before)
            length = start + len(words)
            pieces += [before, words]
            marks.append(replace(mark, start=start, end=length))
            position = mark.end
        pieces.append(between(self.plain[position:]))
        return MarkedText("".join(pieces), tuple(marks))


def parse(marked: str) -> MarkedText:
    r"""Take the marks out of a marked text.

    Raises:
        MarkingError: a mark is unknown, empty, nested or never closed.

    >>> parse(r"Hi [Farida](name:first) \[sic]").plain
    'Hi Farida [sic]'
    """
    plain: list[str] = []
    marks: list[Mark] = []
    length = position = 0
    for match in _MARK.finditer(marked):
        before = _unescape(marked[position : match.start()])
        words = _unescape(match[1], inside_mark=True)
        if not words.strip():
            raise MarkingError(f"empty mark ({match[2]})")
        start = length + len(before)
        length = start + len(words)
        plain += [before, words]
        marks.append(_mark(start, length, match[2]))
        position = match.end()
    plain.append(_unescape(marked[position:]))
    return MarkedText("".join(plain), tuple(marks))


def render(text: MarkedText) -> str:
    """Write a marked text; `parse` reads it back unchanged."""
    pieces: list[str] = []
    position = 0
    for mark in text.marks:
        pieces.append(_escape(text.plain[position : mark.start]))
        pieces.append(f"[{_escape(text.plain[mark.start : mark.end], inside_mark=True)}]({_label(mark)})")
        position = mark.end
    pieces.append(_escape(text.plain[position:]))
    return "".join(pieces)


def _mark(start: int, end: int, label: str) -> Mark:
    kind, _, qualifier = label.partition(":")
    if kind == "slot":
        if qualifier not in SLOTS:
            raise MarkingError(f"unknown slot '{qualifier}'")
        return Mark(start, end, slot=qualifier)
    mode = Mode.STATED
    if label.endswith("?"):
        mode, kind, qualifier = Mode.ASKED, label[:-1].partition(":")[0], label[:-1].partition(":")[2]
    elif qualifier == "receipt":
        mode, qualifier = Mode.RECEIPT, ""
    try:
        info_type = InfoType(kind)
        form = NameForm(qualifier) if qualifier else None
    except ValueError:
        raise MarkingError(f"unknown mark '({label})'") from None
    if (info_type is InfoType.NAME and mode is Mode.STATED) != (form is not None):
        raise MarkingError(f"mark '({label})': a stated name has a form (first, full, worker), nothing else has")
    return Mark(start, end, info_type, mode, form)


def _label(mark: Mark) -> str:
    if mark.slot is not None:
        return f"slot:{mark.slot}"
    suffix = {Mode.ASKED: "?", Mode.RECEIPT: ":receipt", Mode.STATED: f":{mark.form}" if mark.form else ""}
    return f"{mark.info_type}{suffix[mark.mode]}"


def _unescape(piece: str, *, inside_mark: bool = False) -> str:
    if not inside_mark and re.search(r"(?<!\\)\[", piece):
        raise MarkingError(r"a '[' outside a mark (write a literal one as '\[')")
    return piece.replace(r"\[", "[").replace(r"\]", "]")


def _escape(piece: str, *, inside_mark: bool = False) -> str:
    piece = piece.replace("[", r"\[")
    return piece.replace("]", r"\]") if inside_mark else piece
