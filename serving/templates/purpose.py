"""What a field of a template is for, which values fit, and the worst that they can tell."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from serving.phones import Line, line_of
from serving.taxonomy import Tier

_WORD = r"[^\W\d_]+(?:['’-][^\W\d_]+)*"
_MONTH = r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:t(?:ember)?)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
_DAY = r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?)"
_DATE = re.compile(
    rf"(?:{_DAY},? ?)?(?:the )?(?:\d{{1,2}}(?:st|nd|rd|th)?(?: of)? {_MONTH}(?:,? \d{{4}})?|{_MONTH} \d{{1,2}}(?:,? \d{{4}})?|\d{{1,2}}[/.-]\d{{1,2}}(?:[/.-]\d{{2,4}})?|\d{{4}}-\d{{2}}-\d{{2}})"
    rf"|(?:next |this )?{_DAY}|today|tomorrow",
    re.IGNORECASE,
)
_TIME = re.compile(
    r"(?:\d{1,2}(?:[:.]\d{2})? ?(?:am|pm)?|noon|midday|midnight)(?: ?(?:-|–|to|and) ?(?:\d{1,2}(?:[:.]\d{2})? ?(?:am|pm)?|noon|midday))?",
    re.IGNORECASE,
)
_OFFICE = re.compile(r"[\w&'’.,()/ -]{2,100}")
_OFFICE_WORD = re.compile(
    r"\b(?:job ?cent(?:re|er)|office|cent(?:re|er)|library|hall|surgery|hospital|school|college|academy|clinic|court|town|house|hub|council|civic|station|"
    r"building|museum|church|street|road|university|bank|theatre|park|pharmacy|plus)\b",
    re.IGNORECASE,
)
_OWN = re.compile(r"\b(?:your|my|his|her|their)\b", re.IGNORECASE)
_LINK = re.compile(r"https://[a-z0-9.-]+\.[a-z]{2,24}(?:/\S*)?", re.IGNORECASE)
_NUMBER = re.compile(r"\d{1,6}")
_TOPICS: Mapping[str, re.Pattern[str]] = MappingProxyType(
    {
        "directions": re.compile(
            r"\b(?:left|right|opposite|next to|behind|beside|past|near|corner|road|street|bus|train|tram|stop|station|car ?park|parking|entrance|door|floor|lift|"
            r"stairs|reception|room|building|gate|turn|follow|walk|signs?)\b",
            re.IGNORECASE,
        ),
        "bring": re.compile(
            r"\b(?:bring|take|need|id|passport|letter|proof|statement|licence|photo|form|pen|card|documents?|certificate)\b", re.IGNORECASE
        ),
        "opening_hours": re.compile(
            r"\b(?:open|closed?|closing|am|pm|\d{1,2}[:.]\d{2}|noon|midday|daily|weekdays?|hours)\b|\d(?:am|pm)", re.IGNORECASE
        ),
    }
)
FREE_TEXT = "free_text"
_MOST_FREE_TEXT = 200
_MOST_NAME = 50


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a field may hold: the worst tier that its values reach, and values that stand for them when a template is judged.

    `is_closed`: a value that fits can tell nothing more, so that it needs no reading.
    """

    name: str
    worst: Tier
    examples: tuple[str, ...]
    says: str
    fits: Callable[[str], bool]
    is_closed: bool = False


def _is_first_name(value: str) -> bool:
    return re.fullmatch(_WORD, value) is not None and len(value) <= _MOST_NAME


def _is_worker_name(value: str) -> bool:
    pattern = rf"(?:(?:mrs?|ms|miss|mx|dr)\.? )?{_WORD}(?: {_WORD}){{0,2}}"
    return re.fullmatch(pattern, value, re.IGNORECASE) is not None and len(value) <= _MOST_NAME


def _is_public_line(value: str) -> bool:
    digits = re.sub(r"\D", "", value)
    return digits in {"101", "111", "999", "119", "18001"} or line_of(value) in (Line.LANDLINE, Line.OTHER)


def _is_office(value: str) -> bool:
    return _OFFICE.fullmatch(value) is not None and _OFFICE_WORD.search(value) is not None and not _OWN.search(value)


def _is_any_text(value: str) -> bool:
    return 0 < len(value) <= _MOST_FREE_TEXT


PURPOSES: Mapping[str, Purpose] = MappingProxyType(
    {
        purpose.name: purpose
        for purpose in (
            Purpose("first_name", Tier.MINIMUM_CONTACT, ("Sam", "Farida"), "a first name alone", _is_first_name, is_closed=True),
            Purpose("worker_name", Tier.MINIMUM_CONTACT, ("Sheela",), "the name of the worker to ask for", _is_worker_name),
            Purpose(
                "date",
                Tier.ROUTINE,
                ("Tuesday 3 March",),
                "a date or a weekday",
                lambda value: _DATE.fullmatch(value) is not None,
                is_closed=True,
            ),
            Purpose("time", Tier.ROUTINE, ("10:30am",), "a time of day", lambda value: _TIME.fullmatch(value) is not None, is_closed=True),
            Purpose("office", Tier.ROUTINE, ("Anytown Jobcentre",), "the name of a public office", _is_office),
            Purpose("phone", Tier.ROUTINE, ("0300 123 1000",), "the number of a public line", _is_public_line, is_closed=True),
            Purpose(
                "direct_phone",
                Tier.MINIMUM_CONTACT,
                ("07700 900123",),
                "a person's own number",
                lambda value: line_of(value) is not Line.INVALID,
                is_closed=True,
            ),
            Purpose(
                "link",
                Tier.ROUTINE,
                ("https://www.gov.uk/sign-in",),
                "a full link, https:// first",
                lambda value: _LINK.fullmatch(value) is not None,
            ),
            Purpose(
                "number", Tier.ROUTINE, ("2",), "a small whole number", lambda value: _NUMBER.fullmatch(value) is not None, is_closed=True
            ),
            Purpose("full_name", Tier.PERSONAL, ("Sam Okafor",), "a citizen's full name", _is_any_text),
            Purpose(
                "amount",
                Tier.PERSONAL,
                ("£212.40",),
                "the person's own sum",
                lambda value: re.fullmatch(r"£? ?[\d,]+(?:\.\d{2})?", value) is not None,
            ),
            Purpose(
                "reference",
                Tier.PERSONAL,
                ("4417-9023",),
                "a reference of the person's case",
                lambda value: re.fullmatch(r"[\w/-]{3,40}", value) is not None,
            ),
            Purpose("address", Tier.PERSONAL, ("14 Tamar Close",), "a home address", _is_any_text),
        )
    }
)
_GUESSES = (
    (r"first ?name|forename|given ?name|known ?as", "first_name"),
    (r"worker|adviser|advisor|coach|officer|contact ?name|from ?name|signed", "worker_name"),
    (r"full ?name|last ?name|surname|customer ?name|^name$", "full_name"),
    (r"ref|case|claim|account|nino|number ?plate|registration", "reference"),
    (r"amount|payment|sum|balance|owed|price|award", "amount"),
    (r"address|post ?code", "address"),
    (r"date|^day$|weekday", "date"),
    (r"time|hour", "time"),
    (r"mobile|direct", "direct_phone"),
    (r"phone|telephone|tel|helpline", "phone"),
    (r"office|venue|place|location|jobcentre|centre|site|branch|library|surgery|school|court", "office"),
    (r"link|url|website", "link"),
    (r"count|quantity|how ?many", "number"),
)


def is_purpose(name: str) -> bool:
    """Tell whether a purpose is one that is known; `free_text: topic` is, with any topic.

    >>> is_purpose("first_name"), is_purpose("free_text: directions"), is_purpose("free_text")
    (True, True, False)
    """
    kind, _, topic = name.partition(":")
    return name in PURPOSES or (kind.strip() == FREE_TEXT and bool(topic.strip()))


def purpose_of(name: str) -> Purpose:
    """Return a purpose by name; a free text may tell nothing, and its rendered text is judged besides."""
    if name in PURPOSES:
        return PURPOSES[name]
    topic = name.partition(":")[2].strip()
    return Purpose(f"{FREE_TEXT}: {topic}", Tier.ROUTINE, (), f"a short text about {topic.replace('_', ' ')}", _is_any_text)


def check_value(purpose: str, value: str) -> str | None:
    """Return what is wrong with a value, `None` where it fits; the sentence does not repeat the value.

    >>> check_value("first_name", "Sam"), check_value("first_name", "Sam Okafor, tenant")
    (None, 'must be a first name alone')
    """
    known = purpose_of(purpose)
    value = value.strip()
    topic = _TOPICS.get(known.name.partition(":")[2].strip())
    if not known.fits(value) or (topic is not None and not topic.search(value)):
        return f"must be {known.says}"
    return None


def guess_purpose(name: str) -> str | None:
    """Return the purpose that a field's name stands for, `None` where it tells nothing.

    >>> guess_purpose("First_Name"), guess_purpose("appointment date"), guess_purpose("notes")
    ('first_name', 'date', None)
    """
    plain = re.sub(r"[\s_-]+", " ", name).strip().lower()
    return next((purpose for pattern, purpose in _GUESSES if re.search(pattern, plain)), None)
