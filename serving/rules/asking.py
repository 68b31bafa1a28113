"""What a message asks the reader to send back. Asking to phone, log in or bring something is no asking."""

import re
from collections.abc import Iterator

from serving.findings import Finding
from serving.rules.rule import SURE
from serving.taxonomy import InfoType, Mode

_SEND = (
    r"(?:reply|respond|text(?: us| me)?(?: back)?|send(?: us| me| back)?|message(?: us| me)?(?: back)?|email(?: us| me)?|"
    r"tell (?:us|me)|give (?:us|me)|let (?:us|me) (?:have|know)|confirm|provide|state|share)"
)
_ASKED = {
    InfoType.DOB: r"date of birth|d\.?o\.?b\.?|birth ?date|age",
    InfoType.NATIONAL_ID: r"national insurance(?: n(?:umber|o))?|NI(?: n(?:umber|o|um))|NINO|NHS n(?:umber|o)|passport(?: n(?:umber|o))|driving licence n(?:umber|o)",
    InfoType.BANK: r"sort code|(?:bank )?account n(?:umber|o)|bank details|card (?:number|details)",
    InfoType.CREDENTIAL: r"password|PIN|pass ?code|security code|one[- ]time code",
    InfoType.ADDRESS: r"(?:full |home )?address|post ?code",
    InfoType.EMAIL: r"(?:personal )?email(?: address)?",
}
_PATTERNS = tuple(
    (
        info_type,
        re.compile(
            rf"\b(?:{_SEND}(?: (?:with|by|please|to us|here|this number)){{0,2}}|what(?:'s| is)) (?:[^.?!\n]{{0,40}}? )?(?:your|ur) (?:[^.?!\n]{{0,40}}?(?:, | and | & ))?"
            rf"(?:(?:full|current|new|correct|home) )?(?P<value>{asked})(?!\w)",
            re.IGNORECASE,
        ),
    )
    for info_type, asked in _ASKED.items()
)
_TRIGGER = re.compile(rf"\b(?:{_SEND}|what)", re.IGNORECASE)
_NEGATED = re.compile(
    r"\b(?:never|not|don'?t|won'?t|do not|will not|shouldn'?t|nobody|anyone who|scam\w*|log ?in|sign in|online|to hand|ready|if you (?:get|are)|"
    r"on the form|in person|bring)\b",
    re.IGNORECASE,
)
_BEFORE, _AFTER = 60, 30


def find_asked(text: str) -> Iterator[Finding]:
    """Yield what is asked for, at most one finding for each type."""
    if not _TRIGGER.search(text):
        return
    for info_type, pattern in _PATTERNS:
        for match in pattern.finditer(text):
            start, end = match.span("value")
            around = text[max(0, match.start() - _BEFORE) : end + _AFTER]
            if not _NEGATED.search(around):
                yield Finding(info_type, start, end, Mode.ASKED, detector=f"asking.{info_type}", score=SURE)
                break
