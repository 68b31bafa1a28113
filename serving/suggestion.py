"""Another wording of a message that may not go: the telling words generalised or left out, else a request for contact.

Own rules and phrases alone; whether a wording may go is for the classifier to say.
"""

import re
from collections.abc import Iterator, Sequence

from serving.findings import Finding
from serving.policy import Area
from serving.signs import asks_for_contact
from serving.taxonomy import InfoType, Mode, NameForm, Tier

LONGEST = 1_000
"""Characters of a message whose wording is mended; of a longer one only a request for contact is suggested."""
_SENTENCE = re.compile(r"(?<!\bMr\.)(?<!\bMrs\.)(?<!\bMs\.)(?<!\bDr\.)(?<!\bNo\.)(?<!\bSt\.)(?<=[.!?])\s+(?=\S)|\n+")
_GREETING = re.compile(
    r"\W*(?i:dear|hi|hello|hey|hiya|good (?:morning|afternoon|evening)|morning|afternoon)\b(?: [A-Z][\w'’-]*){0,2}[ ,!.]*"
)
_LETTER = re.compile(r"[^\W\d_]+")
_TITLE = re.compile(r"(?:mrs?|ms|miss|mx|dr|sir|lady)\b\.?", re.IGNORECASE)
_RELATION = re.compile(
    r"\b(?:your|ur|his|her|their) (?:mum|mother|dad|father|son|daughter|child(?:ren)?|kids?|wife|husband|partner|brother|sister|nan|gran\w*|parents?|"
    r"aunt\w*|uncle|nephew|niece|baby|family|relative)\b",
    re.IGNORECASE,
)
_ABOUT_RELATION = re.compile(
    rf" (?:about|regarding|concerning|to (?:talk|speak) about) {_RELATION.pattern}(?=\s?[,.!?]|\s+(?:please|when|as soon|today|tomorrow|on)\b|$)",
    re.IGNORECASE,
)
_EVENT = re.compile(
    r"(?:appointments?|clinics?|scans?|reviews?|assessments?|check-?ups?|sessions?|consultations?|tests?|procedures?|operations?|surgery|visits?|screenings?|injections?|jabs?|"
    r"hearings?|meetings?|conferences?|interviews?|class(?:es)?|groups?|slots?)",
    re.IGNORECASE,
)
_MEETING = re.compile(rf"\b(?:{_EVENT.pattern}|meet(?:ing)?|see you|visit|seen|due|booked|appt)\b", re.IGNORECASE)
_WEEKDAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_MONTH = r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:t(?:ember)?)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
_DAY = re.compile(
    rf"\b(?:(?:next |this )?{_WEEKDAY}(?:,? (?:the )?\d{{1,2}}(?:st|nd|rd|th)?(?: (?:of )?{_MONTH})?)?|\d{{1,2}}(?:st|nd|rd|th)? (?:of )?{_MONTH}|today|tomorrow)\b",
    re.IGNORECASE,
)
_HOUR = re.compile(r"\b(?:at |from |@ ?)?(\d{1,2}(?:[.:]\d{2})? ?(?:am|pm)|\d{1,2}[.:]\d{2}(?!\d)|noon|midday)\b", re.IGNORECASE)
_INFORMING = re.compile(
    r"\d|\b(?:open|opens|closed?|closing|bring|call|ring|phone|sign in|log in|online|visit|offices?|appointments?|meetings?|letters?|forms?|jobcentre|library|"
    r"website|council|please reply|deadline|thank you|payments?|(?:mon|tues|wednes|thurs|fri|satur|sun)day|tomorrow|today)\b",
    re.IGNORECASE,
)
_BEFORE_SUM = re.compile(r"\s*\b(?:(?:the )?(?:sum|amount) )?(?:of|for|at|totalling|worth)\s*$", re.IGNORECASE)
_BEFORE_NUMBER = re.compile(
    r"[\s,(–-]*\b(?:(?:quoting|quote|under|with|on|for|at|re|your|the|our)\s+)*(?:(?:claim|case|customer|account|tenancy|council tax|rent|NI|NINO|NHS|national insurance|patient|application|payroll|staff)\s*)*"
    r"(?:ref(?:erence)?|number|no|num|id|code)?\.?\s*(?:is|:|#)?\s*$",
    re.IGNORECASE,
)
_NUMBERS = frozenset({InfoType.NATIONAL_ID, InfoType.REFERENCE})
_LEAST_WORDS, _LEAST_IN_SENTENCE = 4, 3
_POINTING = re.compile(
    r"\b(?:it|its|it's|that|this|these|those|they|them|their|he|him|his|she|her|hers|either|neither|so|then|there|here|instead|otherwise|also|too|but|again|yes|no)\b",
    re.IGNORECASE,
)
_DANGLING = re.compile(r"\b(?:your|the|a|an|of|for|at|to|on|is|and|or|with|about|from|in|by|that|because|as)\s*[.!?,]*$", re.IGNORECASE)


def candidates(text: str, findings: Sequence[Finding], area: Area | None) -> Iterator[str]:
    """Yield other wordings, the one that keeps most first; the last ask for contact and tell nothing."""
    if len(text) <= LONGEST and (reworded := _reworded(text, findings, area)) is not None:
        yield reworded
    yield from requests(area)


def requests(area: Area | None) -> Iterator[str]:
    """Yield requests for contact, the fullest first.

    >>> list(requests(None))
    ['Please call us when you can.', 'Please contact us.']
    """
    if area is not None and area.contact is not None:
        yield f"Please call {area.name} on {area.contact.phone} and ask for {area.contact.name}."
        yield f"Please call {area.name} on {area.contact.phone}."
    yield "Please call us when you can."
    yield "Please contact us."


def without_names_and_relations(text: str, findings: Sequence[Finding]) -> str | None:
    """Return the text with full names cut to first names and plain relations left out; `None` where there are none.

    >>> name = Finding(InfoType.NAME, 6, 15, form=NameForm.FULL)
    >>> without_names_and_relations("Hello Jim Smith, please call me about your mum, thanks", [name])
    'Hello Jim, please call me, thanks'
    """
    position, pieces = 0, []
    for finding in sorted(findings, key=lambda each: each.start):
        if finding.info_type is InfoType.NAME and finding.start >= position:
            pieces += [text[position : finding.start], _first_name(text[finding.start : finding.end])]
            position = finding.end
    rest = _RELATION.sub("something", _ABOUT_RELATION.sub("", "".join(pieces) + text[position:]))
    return None if rest == text else _tidy(rest)


def is_plain_relation(words: str) -> bool:
    """Tell whether words name a relation and tell nothing of it.

    >>> is_plain_relation("about your mum"), is_plain_relation("your mum's fall")
    (True, False)
    """
    return re.fullmatch(rf"(?:about |with |to )?{_RELATION.pattern}|mum|dad", words.strip(" ,.?!"), re.IGNORECASE) is not None


def _reworded(text: str, findings: Sequence[Finding], area: Area | None) -> str | None:
    """Return the message with telling sentences mended or left out, `None` where too little is left or nothing is changed."""
    telling = sorted((each for each in findings if each.tier.rank >= Tier.PERSONAL.rank), key=lambda each: each.start)
    if not telling:
        return None
    kept: list[str] = []
    has_lost = False
    for start, end in _sentences(text):
        inside = [each for each in telling if each.start < end and start < each.end]
        sentence = text[start:end] if not inside else _mended(text, start, end, inside)
        if sentence is None:
            has_lost = True
            kept += filter(None, (_greeting_alone(text, start, end, inside), _occasion(text[start:end], start, inside)))
        else:
            kept.append(sentence)
    if has_lost:
        kept = [sentence for sentence in kept if _stands_alone(sentence)]
    left = " ".join(kept)
    left = re.sub(r"(?<=, )(?:Our|Your|Please)\b", lambda match: match[0].lower(), left)
    if len(_LETTER.findall(_GREETING.sub("", left))) < _LEAST_WORDS:
        return None
    if has_lost and not asks_for_contact(left):
        left = f"{left}{'' if left[-1:] in '.!?,' else '.'} {next(requests(area))}"
    return left


def _occasion(sentence: str, start: int, inside: Sequence[Finding]) -> str | None:
    """Return when a meeting is that a sentence tells too much about, `None` where it speaks of none or names no day.

    >>> _occasion("Your HIV clinic appointment is on Tuesday 3 May at 2.30pm in room 4", 0, [Finding(InfoType.HEALTH, 5, 15)])
    'Your appointment is on Tuesday 3 May at 2.30pm.'
    """

    def is_clear(match: re.Match[str] | None) -> bool:
        return match is not None and not any(each.start < start + match.end() and start + match.start() < each.end for each in inside)

    meeting, day, hour = _MEETING.search(sentence), _DAY.search(sentence), _HOUR.search(sentence)
    if meeting is None or day is None or not is_clear(day):
        return None
    what = "Your appointment" if any(each.info_type is InfoType.HEALTH for each in inside) else "Our meeting"
    when = day[0] if day[0].lower().startswith(("next", "this", "today", "tomorrow")) else f"on {day[0]}"
    return f"{what} is {when}{f' at {hour[1]}' if hour is not None and is_clear(hour) else ''}."


def _stands_alone(sentence: str) -> bool:
    """Tell whether a sentence can be understood when one beside it is gone: a greeting, a signature, or a statement that points at nothing.

    >>> _stands_alone("Is that still right?"), _stands_alone("The office is closed on Friday.")
    (False, True)
    """
    if _GREETING.fullmatch(sentence):
        return True
    return _INFORMING.search(sentence) is not None and not _POINTING.search(sentence) and not sentence.rstrip().endswith("?")


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for gap in _SENTENCE.finditer(text):
        if gap.start() > start:
            yield start, gap.start()
        start = gap.end()
    if start < len(text):
        yield start, len(text)


def _mended(text: str, start: int, end: int, inside: Sequence[Finding]) -> str | None:
    """Return a sentence without its telling words, `None` where they cannot be taken out of it."""
    pieces: list[str] = []
    position = start
    for finding in inside:
        if finding.mode is Mode.ASKED or finding.start < position or finding.end > end:
            return None
        before, words = "".join(pieces) + text[position : finding.start], text[finding.start : finding.end]
        swapped = _swapped(finding, before, words)
        if swapped is None:
            return None
        pieces = [swapped]
        position = finding.end
    mended = _tidy("".join(pieces) + text[position:end])
    if len(_LETTER.findall(mended)) < _LEAST_IN_SENTENCE or _DANGLING.search(mended):
        return None
    return mended[:1].upper() + mended[1:]


def _swapped(finding: Finding, before: str, words: str) -> str | None:
    """Return what stands before the telling words, and what stands instead of them; `None` where nothing fits."""
    if finding.info_type is InfoType.NAME:
        return before + _first_name(words) if finding.form is not NameForm.FULL or not _TITLE.match(words) else None
    if finding.info_type is InfoType.AMOUNT:
        return _cut(before, _BEFORE_SUM) if words.lstrip().startswith("£") else None
    if finding.info_type in _NUMBERS:
        return _cut(before, _BEFORE_NUMBER)
    if finding.info_type is InfoType.ADDRESS and re.search(r"\bat\s+$", before, re.IGNORECASE):
        return before + "your home"
    if finding.tier is Tier.SENSITIVE and (event := _EVENT.search(words)) is not None and event.end() == len(words):
        kind = "appointment" if finding.info_type is InfoType.HEALTH else "meeting"
        own = re.match(r"(?:your|the|our|an?) ", words, re.IGNORECASE)
        if own or re.search(r"\b(?:your|the|our)\s+$", before, re.IGNORECASE):
            return f"{before}{own[0] if own else ''}{kind}"
    return None


def _cut(before: str, ending: re.Pattern[str]) -> str | None:
    match = ending.search(before)
    return before[: match.start()] if match and match.group().strip() else None


def _greeting_alone(text: str, start: int, end: int, inside: Sequence[Finding]) -> str:
    """Return the greeting of a sentence that is left out, as far as it tells nothing."""
    match = re.match(r"\W*(?:hi|hello|hey|hiya|dear) [^\W\d_]+(?=\s?[,!.–-])", text[start:end], re.IGNORECASE)
    if match is None or any(each.start < start + match.end() for each in inside):
        return ""
    return match[0] + ","


def _first_name(words: str) -> str:
    """Return the first name of a full one, nothing of a title and surname.

    >>> _first_name("Jim Smith"), _first_name("Mrs Okafor")
    ('Jim', 'there')
    """
    return "there" if _TITLE.match(words) or not words.strip() else words.split(maxsplit=1)[0]


def _tidy(text: str) -> str:
    """Mend blanks and marks where words were taken out.

    >>> _tidy("Your payment  , is on its way ( ).")
    'Your payment, is on its way.'
    """
    text = re.sub(r"\(\s*\)", "", text)
    text = re.sub(r"\s+", " ", text)
    text = re.sub(r"\s+([.,;:!?])", r"\1", text)
    return re.sub(r"([,;:])(?=[.!?,;])", "", text).strip(" ,;–-")
