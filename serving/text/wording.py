"""Ways of writing: words taken apart, digits spelled out, leet, addresses spelled out, words and lines written backwards."""

import re
from functools import cache, lru_cache
from itertools import pairwise

import re2

from serving.text.tracked import Tracked
from serving.text.vocabulary import vocabulary

_ONE = r"[^\W_]"
_ALONE = rf"(?<!{_ONE})", rf"(?!{_ONE})"
_GAP = r"(?: |\n| ?[._*|~/+·•=:,;-] ?)"
_APART = re.compile(rf"{_ALONE[0]}{_ONE}(?P<gap>{_GAP}){_ONE}(?:(?P=gap){_ONE})+{_ALONE[1]}")
_PAIR = re.compile(rf"{_ALONE[0]}{_ONE}(?P<gap>[_*|~·•]){_ONE}{_ALONE[1]}")
_GROUP = rf"{_ONE}(?: {_ONE})*"
_GROUPS = re.compile(rf"(?<!\S)(?<!\s{_ONE}  )(?<!\W{_ONE} ){_GROUP}(?: {{2,4}}{_GROUP})+{_ALONE[1]}")
_DOTTED = rf"{_ONE}(?P<sign>[._*|~/+·•=-]){_ONE}(?:(?P=sign){_ONE})*"
_DOTTED_GROUPS = re.compile(rf"{_ALONE[0]}(?<![._*|~/+·•=-]){_DOTTED}(?: {_ONE}(?:(?P=sign){_ONE})*)+{_ALONE[1]}")
_BROKEN = re.compile(rf"{_ALONE[0]}(?<![._*|~·•@/])[A-Za-z]{{2,12}}(?:[._*|~·•][A-Za-z]{{1,12}}){{1,6}}(?![\w@/]|\.\w)")
_MAY_BE_APART = re2.compile(
    r"(?:^|[^\pL\pN])[\pL\pN](?:[ \n]| {2,4}| ?[._*|~/+·•=:,;-] ?)[\pL\pN](?:$|[^\pL\pN])|[A-Za-z][._*|~·•][A-Za-z]"
)
_MAY_BE_BLANKS = re2.compile(r"[\t\pZ\n][\t\pZ\n]|[\t]|[^ \PZ]")
_BLANKS = re.compile(r"\s(?:(?<=\n)\s*|[^\S\n]*\n\s*|[^\S\n]+|(?<! ))")
_LEAST_APART = {"digits": 6, "letters": 4, "listed": 9, "groups": 8, "grouped": 5, "odd": 3}
_ODD_SIGNS = "_*|~·•"
"""Signs that nobody puts between all characters but to take them apart."""
_MANY_SIGNS = 4
"""So many of them in a text join even two characters."""
_LEAST_BROKEN = 6

_DIGIT_WORDS = {
    "zero": "0", "oh": "0", "o": "0", "nought": "0", "nil": "0", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5",
    "six": "6", "seven": "7", "eight": "8", "nine": "9",
}  # fmt: skip
_TENS_WORDS = {
    "ten": "10", "eleven": "11", "twelve": "12", "thirteen": "13", "fourteen": "14", "fifteen": "15", "sixteen": "16", "seventeen": "17",
    "eighteen": "18", "nineteen": "19", "twenty": "20", "thirty": "30", "forty": "40", "fifty": "50", "sixty": "60", "seventy": "70",
    "eighty": "80", "ninety": "90", "hundred": "00",
}  # fmt: skip
_TIMES = {"double": 2, "triple": 3, "treble": 3}
_NUMBER_WORD = "|".join(sorted((*_TIMES, *_TENS_WORDS, *_DIGIT_WORDS), key=len, reverse=True))
_FIRST_LETTERS = "".join(sorted({word[0] for word in (*_TIMES, *_TENS_WORDS, *_DIGIT_WORDS)}))
_NUMBER = rf"(?:\d|(?=[{_FIRST_LETTERS}])(?:{_NUMBER_WORD}))"
_SPELLED = re.compile(rf"(?<!\w){_NUMBER}(?:[ ,./_-]{{0,2}}{_NUMBER}){{3,40}}(?!\w)", re.IGNORECASE)
_MORE = r"(?:[ ,./_-]{0,2}\pN)*[ ,./_-]{0,2}"
_THREE_SPELLED = _MORE.join([f"(?:{_NUMBER_WORD})"] * 3).replace("i", "[iıİ]")
_MAY_BE_SPELLED = re2.compile(f"(?i){_THREE_SPELLED}")
_SPELLED_WORD = re.compile(_NUMBER)
_LEAST_DIGITS = 5
_LEAST_SPELLED = 3

_SHORT_LEET = {"t0": "to", "d0": "do", "n0": "no", "s0": "so", "0n": "on", "0f": "of", "0r": "or"}
_LEET_TOKEN = re.compile(r"(?<![\w@$!€.])(?=[A-Za-z]*[0-9@$!€])(?=[0-9@$!€]*[A-Za-z])[A-Za-z0-9@$!€]{2,24}(?![\w@$€]|\.\w)")
_MAY_BE_LEET = re2.compile(
    r"\b[0-9]{2}[A-Za-z]{2}|[A-Za-z][0-9@$!€]+[A-Za-z]|\b0[A-Za-z]|\b[tdns]0\b|[0-9@$€][A-Za-z][A-Za-z0-9@$!€]*[0-9@$!€]"
)
_INNER = re.compile(
    r"[A-Za-z][0-9@$!€]+[A-Za-z]|^0[A-Za-z]{3}|^[0-9]{2}[a-z]{2,}$|^[0-9@$€][A-Za-z0-9@$!€]*[A-Za-z][A-Za-z0-9@$!€]*[0-9@$!€][A-Za-z0-9@$!€]*[A-Za-z0-9@$!€]$"
)
_QUANTITY = re.compile(
    r"(?!0)\d+(?:[A-Za-z]|st|nd|rd|th|am|pm|kg|mg|ml|cl|cm|mm|km|ft|in|hrs?|mins?|yrs?|mph|ish|pp|pcs?|lbs?|oz|pt|gb|mb|tb|bn|er|ers|kw|kwh|ng)|[A-Za-z]{1,3}\d+|[A-Z]{2}\d\d[A-Z]{3}|[A-Z]{1,2}\d{1,2}[A-Z]?\d[A-Z]{2}"
)
_LEET = dict(zip(map(ord, "0123456789@$!€"), "oizeasgtbgasie", strict=True))
_OTHER_LEET = tuple(
    {**_LEET, **{ord(sign): letter for sign, letter in zip("1!6", letters, strict=True)}} for letters in ("llg", "iib", "llb", "lig", "ilg")
)
_NO_SIGNS = str.maketrans("", "", "0123456789@$!€")
_AMBIGUOUS = re.compile("[1!6]")
_LETTER_SHARE = 0.55
_BETWEEN_LETTERS = re.compile(r"[a-zA-Z][0-9@$!]{1,2}[a-zA-Z]{2}")
_UNLIKELY = re.compile("[2689]")
_LEAST_LETTERS = 2
_LEAST_AMBIGUOUS = 4
_SECRET_BEFORE = re.compile(
    r"(?:pass ?(?:word|code|phrase)?|pwd|pw|log-?in|user ?(?:name)?)\W{0,3}(?:(?:is|was|now|=|:)\W{1,2}){0,2}$", re.IGNORECASE
)
_REACH = 28
"""A password keeps its digits, since they are what makes it one."""
_LEAST_LEET = 3

_AT_DOT = re.compile(
    r"(?<![\w@.+-])(?P<who>[\w.+-]{1,64}) ?[\[({<]? ?(?:at|@) ?[\])}>]? ?(?P<where>[\w-]{2,63}(?: ?[\[({<]? ?(?:dot|\.) ?[\])}>]? ?[a-z]{2,12}){1,3})(?!\w)",
    re.IGNORECASE,
)
_DOT = re.compile(r" ?[\[({<]? ?(?:(?<![A-Za-z])dot(?![A-Za-z])|\.) ?[\])}>]? ?", re.IGNORECASE)
_MAY_BE_MAIL = re2.compile(r"(?i)[\pL\pN_.+-] ?[\[({<]? ?(?:at|@) ?[\])}>]? ?[\pL\pN_-]+ ?[\[({<]? ?(?:dot|\.) ?[\])}>]? ?[a-zıİ]{2}")
_SPELLED_MAIL = re2.compile(r"(?i)\bdot\b|[\[({<] ?(?:at|dot|@|\.) ?[\])}>]")

_LINE = re.compile(r"[^\n]+")
_WORDS = re.compile(rf"{_ALONE[0]}[A-Za-z]{{2,}}{_ALONE[1]}")
_LONG_WORD = re.compile(rf"{_ALONE[0]}(?<!['’])[a-z]{{5,20}}[A-Za-z]{_ALONE[1]}(?!['’])")
_LEAST_LONG = 6
_LEAST_BACKWARDS = 1.5
_KEPT = 24
"""Longest word whose weights are remembered, so that memory stays bounded."""
_LABELS = frozenset({"utr", "nhs", "dob", "reg", "mot", "acc", "nino", "iban", "chi", "brp", "vrm"})
"""Before a number these say by themselves that a line runs backwards."""
_DIGIT = re.compile(r"\d")
_SHORT = frozenset("is of to at on in by we my be it me an as or if so no up".split())


def join_apart(tracked: Tracked) -> tuple[Tracked, bool]:
    """Join words and numbers written with a separator between all characters ("d i a b e t e s", "h-i-v").

    Two blanks part words where one parts letters. Alphabets and countings ("A B C D", "1 2 3 4 5 6") stay.
    """
    if not _MAY_BE_APART.search(tracked.text):
        return tracked, False
    new = tracked
    for may_be, pattern, mended in _APART_WAYS:
        if may_be.search(new.text):
            new = new.replace(pattern, mended)
    many = "".join(sign for sign in _ODD_SIGNS if tracked.text.count(sign) >= _MANY_SIGNS)
    if many:
        new = new.replace(_PAIR, lambda match: match[0][::2] if match["gap"] in many else None)
    return new, new is not tracked


def join_spelled_digits(tracked: Tracked) -> tuple[Tracked, bool]:
    """Write runs of five or more spelled digits as digits ("oh seven seven double oh …")."""
    if not _MAY_BE_SPELLED.search(tracked.text):
        return tracked, False

    def written(match: re.Match[str]) -> str | None:
        if match[0].lower() == match[0].upper():
            return None
        words = _SPELLED_WORD.findall(match[0].lower())
        digits = "".join(_digits(words))
        spelled = [word for word in words if not word.isdigit()]
        single = sum(word in _DIGIT_WORDS for word in spelled)
        if len(digits) < _LEAST_DIGITS or len(spelled) < _LEAST_SPELLED or 2 * single < len(spelled):
            return None
        if "," in match[0] and _is_counting(digits):
            return None
        return digits

    new = tracked.replace(_SPELLED, written)
    return new, new is not tracked


def undo_leet(tracked: Tracked) -> tuple[Tracked, bool]:
    """Write digits and signs inside words as the letters they stand for, where that makes a word ("d1abet3s").

    References, postcodes, "gr8", "covid19" and quantities make none.
    """
    if not _MAY_BE_LEET.search(tracked.text):
        return tracked, False

    def spelled(match: re.Match[str]) -> str | None:
        word = _spelled(match[0])
        if word is not None and _SECRET_BEFORE.search(match.string, max(0, match.start() - _REACH), match.start()):
            return None
        return word

    new = tracked.replace(_LEET_TOKEN, spelled)
    return new, new is not tracked


def join_spelled_mail(tracked: Tracked) -> tuple[Tracked, bool]:
    """Write "sam (at) example (dot) com" as the address it is."""

    def written(match: re.Match[str]) -> str | None:
        if not _SPELLED_MAIL.search(match[0]):
            return None
        return f"{match['who']}@{_DOT.sub('.', match['where'])}"

    if not (_SPELLED_MAIL.search(tracked.text) and _MAY_BE_MAIL.search(tracked.text)):
        return tracked, False
    new = tracked.replace(_AT_DOT, written)
    return new, new is not tracked


def undo_backwards(tracked: Tracked) -> tuple[Tracked, bool]:
    """Read lines and long words that only make English when read from their end."""
    lines = [(line.span(), _WORDS.findall(line[0])) for line in _LINE.finditer(tracked.text)]
    lines = [(span, words) for span, words in lines if not _turned_words().isdisjoint(map(str.lower, words))]
    if not lines:
        return tracked, False
    new = tracked.turn(span for span, words in lines if _is_backwards(tracked.text[slice(*span)], words))
    if new is not tracked or any(len(word) >= _LEAST_LONG and word.lower() in _turned_words() for _, words in lines for word in words):
        new = new.replace(_LONG_WORD, _turned)
    return new, new is not tracked


def tidy_blanks(tracked: Tracked) -> tuple[Tracked, bool]:
    """Keep line breaks as one line break and write every other run of blanks as one blank; no disguise."""
    if not _MAY_BE_BLANKS.search(tracked.text):
        return tracked, False
    return tracked.replace(_BLANKS, lambda match: "\n" if "\n" in match[0] else " "), False


def _joined(match: re.Match[str]) -> str | None:
    gap = match["gap"]
    sign = gap.strip()
    characters = match[0][:: len(gap) + 1]
    digits = sum(character.isdigit() for character in characters)
    if _is_counting(characters):
        return None
    if not digits:
        if sign in tuple(",;:=") and sign:
            return None
        return characters if len(characters) >= _LEAST_APART["letters"] or _is_short_word(characters, gap) else None
    start = _words_before_digits(characters) if gap == " " else 0
    return " ".join([*characters[:start], characters[start:]]) if len(characters) - start >= _least(sign, digits, len(characters)) else None


def _least(sign: str, digits: int, length: int) -> int:
    """Return how many characters with digits among them make one number taken apart by a sign."""
    if sign in tuple(_ODD_SIGNS) and sign:
        return _LEAST_APART["odd"]
    if length - digits >= _LEAST_LETTERS and sign in (".", "-"):
        return _LEAST_APART["odd"]
    return _LEAST_APART["listed" if sign and sign in ",;:/+=" else "digits"]


def _grouped(match: re.Match[str]) -> str | None:
    words = [group.replace(" ", "") for group in re.split(r" {2,}", match[0])]
    return " ".join(words) if sum(map(len, words)) >= _LEAST_APART["grouped"] and max(map(len, words)) > 2 else None  # noqa: PLR2004


def _dotted(match: re.Match[str]) -> str | None:
    groups = match[0].split(" ")
    words = [group.replace(match["sign"], "") for group in groups]
    if sum(map(len, words)) < _LEAST_APART["groups"] or not any(word.islower() and word.isalpha() for word in words):
        return None
    if match["sign"] in _ODD_SIGNS:
        return " ".join(words)
    return " ".join(
        group if word.isdigit() and len(word) < _LEAST_APART["letters"] else word for group, word in zip(groups, words, strict=True)
    )


def _mended(match: re.Match[str]) -> str | None:
    whole = re.sub(r"[._*|~·•]", "", match[0])
    if len(whole) < _LEAST_BROKEN or whole.lower() not in vocabulary():
        return None
    parts = re.split(r"[._*|~·•]", match[0].lower())
    return None if all(len(part) > 1 and (part in vocabulary() or part in _SHORT) for part in parts) else whole


_APART_WAYS = (
    (re2.compile(r"(?:^|[^\pL\pN])[\pL\pN] {2,4}[\pL\pN](?:$|[^\pL\pN])"), _GROUPS, _grouped),
    (re2.compile(r"[._*|~/+·•=-][\pL\pN] [\pL\pN](?:$|[^\pL\pN])"), _DOTTED_GROUPS, _dotted),
    (re2.compile(rf"(?:^|[^\pL\pN])[\pL\pN](?:{_GAP}[\pL\pN]){{2}}"), _APART, _joined),
    (re2.compile(r"[A-Za-z]{2}[._*|~·•][A-Za-z]"), _BROKEN, _mended),
)
"""Ways of taking apart, in the order in which they are undone: what must stand in a text, the pattern, what is read."""


def _digits(words: list[str]) -> list[str]:
    digits: list[str] = []
    times = 1
    for place, word in enumerate(words):
        if word in _TIMES:
            times = _TIMES[word]
            continue
        digit = word if word.isdigit() else _DIGIT_WORDS.get(word) or _TENS_WORDS[word]
        following = words[place + 1] if place + 1 < len(words) else ""
        if digit[0] in "23456789" and digit.endswith("0") and len(digit) > 1 and _DIGIT_WORDS.get(following, "0") != "0":
            digit = digit[0]
        digits.append(digit * times)
        times = 1
    return digits


def _is_counting(characters: str) -> bool:
    """Tell whether each character follows the one before it, as in a list of choices."""
    return all(ord(after) == ord(before) + 1 for before, after in pairwise(characters))


def _words_before_digits(characters: str) -> int:
    """Return how many words of one letter ("a", "I") stand before a number taken apart."""
    return 1 if characters[0] in "aIi" and characters[1].isdigit() else 0


def _is_short_word(letters: str, gap: str) -> bool:
    """Tell whether three letters are one word taken apart ("h-i-v"); blanks alone are too common between three."""
    return len(letters) == 3 and ((gap in ("-", ".") and letters.islower()) or gap in tuple(_ODD_SIGNS))  # noqa: PLR2004


@lru_cache(maxsize=8192)
def _spelled(written: str) -> str | None:
    if len(written) < _LEAST_LEET:
        return _SHORT_LEET.get(written)
    token = written.rstrip("!")
    letters = len(token.translate(_NO_SIGNS))
    if (
        letters in (0, len(token))
        or letters < min(_LEAST_LETTERS, len(token) - 1)
        or not _INNER.search(token)
        or _QUANTITY.fullmatch(token)
    ):
        return None
    word = _as_word(token) or _likely(token, letters)
    return None if word is None else (word.upper() if letters > 1 and token.isupper() else word) + written[len(token) :]


def _as_word(token: str) -> str | None:
    """Return the known word that a token in leet is, `None` where it is none; 1 may be i or l, 6 may be g or b."""
    known = vocabulary()
    word = token.translate(_LEET)
    if word.lower() in known and (len(token) >= _LEAST_AMBIGUOUS or token[1:].islower()):
        return word
    if len(token) < _LEAST_AMBIGUOUS or not _AMBIGUOUS.search(token):
        return None
    readings = [token.translate(table) for table in _OTHER_LEET]
    if token.count("1") > 1:
        first = token.replace("1", "i", 1)
        readings += [first.translate(_OTHER_LEET[0]), token.replace("1", "l", 1).translate(_LEET)]
    return next((reading for reading in readings if reading.lower() in known), None)


def _likely(token: str, letters: int) -> str | None:
    """Return the likeliest reading of a word in small letters that the vocabulary lacks, where letters prevail."""
    if letters < 3 or letters < _LETTER_SHARE * len(token) or not token[1:].islower() or not _BETWEEN_LETTERS.search(token):  # noqa: PLR2004
        return None
    return None if _UNLIKELY.search(token) else token.translate(_LEET)


def _is_backwards(line: str, words: list[str]) -> bool:
    """Tell whether more of a line is English from its end than from its start; what is English both ways says nothing."""
    total, forwards, backwards = map(
        sum, zip(*[_known_weights(word) if len(word) <= _KEPT else _weights(word) for word in words], strict=True)
    )
    if not forwards and _DIGIT.search(line) and any(word[::-1].lower() in _LABELS for word in words):
        return True
    return backwards >= _LEAST_BACKWARDS and 2 * backwards > 3 * forwards and 2 * backwards >= total


@lru_cache(maxsize=8192)
def _known_weights(written: str) -> tuple[float, float, float]:
    return _weights(written)


def _weights(written: str) -> tuple[float, float, float]:
    """Return what a word weighs at all, for being read forwards, and for being read from its end."""
    known = vocabulary()
    word = written.lower()
    is_known, is_known_turned = word in known or word in _SHORT, word[::-1] in known or word[::-1] in _SHORT
    if is_known and is_known_turned and not written.istitle():
        return 0.0, 0.0, 0.0
    weight = min(2.0, len(word) - 2) or 0.5
    return weight, (weight if is_known else 0.0) + (2.0 if written.istitle() else 0.0), weight if is_known_turned else 0.0


def _turned(match: re.Match[str]) -> str | None:
    known = vocabulary()
    word = match[0].lower()
    return match[0][::-1] if word not in known and word[::-1] in known else None


@cache
def _turned_words() -> frozenset[str]:
    """Return what is a word or a label only when read from its end; where none of it stands, nothing runs backwards."""
    known = vocabulary() | _SHORT
    return frozenset(word[::-1] for word in known) - known | frozenset(label[::-1] for label in _LABELS)
