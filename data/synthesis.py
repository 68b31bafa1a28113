"""Swap values inside marks, write a message oddly, or frame it: other wording of the same meaning, from a fixed seed.

Only what stands inside a mark is exchanged, and what is put round a message reveals nothing; no message is invented. Swapped
values live for one training epoch and are never committed, so numbers need not be fictional ones.
"""

import random
import re
import string
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import yaml

from data.disguise import FAMILIES, LASTING
from data.marking import Mark, MarkedText
from data.records import Record
from serving.names import TITLE
from serving.taxonomy import InfoType, Mode, NameForm, Tier

NAMES = Path(__file__).parent / "names.yaml"
PLACES = Path(__file__).parent / "places.yaml"
FRAMES = Path(__file__).parent / "frames.yaml"
_DIGITS = frozenset(
    {
        InfoType.PHONE,
        InfoType.NATIONAL_ID,
        InfoType.REFERENCE,
        InfoType.BANK,
        InfoType.AMOUNT,
        InfoType.CREDENTIAL,
        InfoType.DOB,
        InfoType.ADDRESS,
    }
)
_LETTERS = frozenset({InfoType.NATIONAL_ID, InfoType.REFERENCE})
_NUMBER_SLOTS = frozenset({"time", "amount", "number", "date"})
MADE_UP = 0.2
"""Share of the other names that nobody has: a network must know a name by its place too."""
_ONSETS = (
    "b",
    "ch",
    "d",
    "f",
    "g",
    "h",
    "j",
    "k",
    "l",
    "m",
    "n",
    "p",
    "r",
    "s",
    "sh",
    "t",
    "v",
    "w",
    "y",
    "z",
    "kh",
    "th",
    "gw",
    "mb",
    "dr",
    "",
)
_VOWELS = ("a", "e", "i", "o", "u", "aa", "ei", "ia", "ou", "y")
_CODAS = ("", "", "", "n", "r", "s", "l", "m", "k", "sz", "nd", "ng", "th")
_JOINTS = (" ", "\n", "\n\n")
LASTING_SHARE = 0.5
"""Share of the oddly written messages whose family is one that normalisation does not undo."""
TELLING_SHARE = 0.5
"""Share of joined texts that hold a message that is not routine."""
_MAILBOXES = ("gmail.com", "hotmail.co.uk", "outlook.com", "yahoo.co.uk", "icloud.com", "btinternet.com", "example.com")
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"
)  # fmt: skip


def swap(text: MarkedText, rng: random.Random) -> MarkedText:
    """Exchange names, numbers, dates, places and mailboxes inside the marks for others of the same shape.

    >>> from data.marking import parse
    >>> swapped = swap(parse("Hi [Farida](name:first), call [07700 900142](phone)."), random.Random(1))
    >>> swapped.plain.startswith("Hi "), len(swapped.marks)
    (True, 2)
    """
    return text.rewritten(lambda words, mark: _other(words, mark, rng))


def disguise(text: MarkedText, rng: random.Random) -> MarkedText:
    """Write a whole message oddly, piece by piece so that the marks still fit; every second time as normalisation cannot undo."""
    family = FAMILIES[rng.choice(LASTING if rng.random() < LASTING_SHARE else sorted(FAMILIES))]
    return text.rewritten(lambda words, _: _apart(family, words, rng), lambda words: _apart(family, words, rng))


def frame(text: MarkedText, rng: random.Random) -> MarkedText:
    """Put before or behind a message, or both, what reveals nothing: a greeting, a subject's sign, thanks, an opt-out line.

    >>> from data.marking import parse
    >>> framed = frame(parse("Your [blood test](health) is on Monday."), random.Random(1))
    >>> [framed.plain[mark.start : mark.end] for mark in framed.marks]
    ['blood test']
    """
    where = rng.choice(("before", "after", "both"))
    before = "" if where == "after" else rng.choice(frames()["before"]) + rng.choice(_JOINTS)
    after = "" if where == "before" else rng.choice(_JOINTS) + rng.choice(frames()["after"])
    return MarkedText(before + text.plain + after, tuple(mark.moved(len(before)) for mark in text.marks))


def varied(*, swap_share: float, disguise_share: float, frame_share: float) -> Callable[[Record, random.Random], Record]:
    """Return an augmentation that swaps values in some messages of every tier, frames some, and disguises some."""

    def augment(record: Record, rng: random.Random) -> Record:
        marked = record.marked
        if rng.random() < swap_share:
            marked = swap(marked, rng)
        if rng.random() < frame_share:
            marked = frame(marked, rng)
        if rng.random() < disguise_share:
            marked = disguise(marked, rng)
        return record.with_text(marked)

    return augment


def join_some(records: Sequence[Record], share: float, rng: random.Random) -> list[Record]:
    """Put a share of the messages behind one another, two to eight in one text, each still carrying its marks.

    So a network meets telling details anywhere in a long text, and long texts that tell nothing: the messages of a text are
    all `routine`, or, in half of the texts, one among routine ones is of any tier.
    """
    rest: list[Record] = []
    chosen: list[Record] = []
    for record in records:
        (chosen if rng.random() < share else rest).append(record)
    rng.shuffle(chosen)
    dull = [record for record in chosen if record.label is Tier.ROUTINE]
    telling = [record for record in chosen if record.label is not Tier.ROUTINE]
    while dull:
        group = [dull.pop() for _ in range(min(len(dull), rng.randint(2, 8)))]
        if telling and rng.random() < TELLING_SHARE:
            group.insert(rng.randrange(len(group) + 1), telling.pop())
        rest.append(_joined(group, rng.choice(_JOINTS)))
    return rest + telling


@cache
def names() -> dict[str, dict[str, list[str]]]:
    """Return given and family names by origin."""
    return dict(yaml.safe_load(NAMES.read_text(encoding="utf-8")))


@cache
def places() -> list[str]:
    """Return towns that a place may be swapped for."""
    return list(yaml.safe_load(PLACES.read_text(encoding="utf-8")))


def is_town(words: str, mark: Mark) -> bool:
    """Tell whether a place is written like a town, so that any other may stand there."""
    return mark.slot == "place" and len(words) > 1 and words.replace(" ", "").isalpha() and words.istitle()


@cache
def frames() -> dict[str, list[str]]:
    """Return what may stand before and behind any message."""
    return dict(yaml.safe_load(FRAMES.read_text(encoding="utf-8")))


def _joined(group: Sequence[Record], joint: str) -> Record:
    marks: list[Mark] = []
    length = 0
    for record in group:
        marks += [mark.moved(length) for mark in record.marks]
        length += len(record.text) + len(joint)
    strictest = max(group, key=lambda record: record.label.rank)
    return replace(strictest, text=joint.join(record.text for record in group), marks=tuple(marks))


def _apart(family: Callable[[str, random.Random], str], piece: str, rng: random.Random) -> str:
    """Apply a family to a piece, keeping the blanks around it."""
    core = piece.strip()
    if not core:
        return piece
    at = piece.index(core)
    return piece[:at] + family(core, rng) + piece[at + len(core) :]


def _other(words: str, mark: Mark, rng: random.Random) -> str:
    if mark.mode is not Mode.STATED:
        return words
    if mark.form is not None:
        return _other_name(words, mark.form, rng)
    if mark.info_type is InfoType.EMAIL and "@" in words:
        return words.rpartition("@")[0] + "@" + rng.choice(_MAILBOXES)
    if is_town(words, mark):
        return rng.choice(places())
    if mark.slot == "date" or mark.info_type is InfoType.DOB:
        words = _other_days(words, rng)
    if mark.info_type in _DIGITS or mark.slot in _NUMBER_SLOTS:
        return _other_characters(words, rng, letters=mark.info_type in _LETTERS, is_time=mark.slot in ("time", "date"))
    return words


def _other_name(words: str, form: NameForm, rng: random.Random) -> str:
    origin = names()[rng.choice(sorted(names()))] if rng.random() >= MADE_UP else {"given": [_made_up(rng)], "family": [_made_up(rng)]}
    parts = words.split()
    titles = [part for part in parts[:1] if TITLE.match(part)]
    rest = len(parts) - len(titles)
    if titles:
        new = [*titles, rng.choice(origin["given"]), rng.choice(origin["family"])] if rest > 1 else [*titles, rng.choice(origin["family"])]
    elif rest > 1:
        new = [rng.choice(origin["given"]), rng.choice(origin["family"])]
    else:
        new = [rng.choice(origin["given"])]
    name = " ".join(new)
    if form is NameForm.FULL and not titles and rest == 1:
        return words
    return name.lower() if words.islower() else name.upper() if words.isupper() else name


def _made_up(rng: random.Random) -> str:
    """Return a name that nobody has, of two or three syllables."""
    return "".join(rng.choice(_ONSETS) + rng.choice(_VOWELS) + rng.choice(_CODAS) for _ in range(rng.randint(2, 3))).capitalize()


def _other_days(words: str, rng: random.Random) -> str:
    for names_of_days in (_WEEKDAYS, _MONTHS):
        for day in names_of_days:
            if re.search(rf"\b{day}\b", words):
                return re.sub(rf"\b{day}\b", rng.choice(names_of_days), words)
    return words


def _other_characters(words: str, rng: random.Random, *, letters: bool, is_time: bool) -> str:
    """Exchange digits for digits (a leading one stays no zero; "07", "01", "02" stay) and capitals for capitals."""
    if is_time:
        return re.sub(r"(?<![\d:.])[1-9](?![\d])", lambda _: str(rng.randint(1, 9)), words)
    first_digit = re.search(r"\d", words)
    kept = first_digit.start() if first_digit else -1
    out = []
    for place, character in enumerate(words):
        if character.isdigit() and place == kept and character == "0":
            out.append("0")
        elif character.isdigit() and place == kept + 1 and words[kept] == "0":
            out.append(character)
        elif character.isascii() and character.isdigit():
            out.append(str(rng.randint(1 if place == kept else 0, 9)))
        elif letters and character in string.ascii_uppercase and rng.random() < 0.5:  # noqa: PLR2004
            out.append(rng.choice("ABCEGHJKLMNPRSTWXYZ"))
        else:
            out.append(character)
    return "".join(out)
