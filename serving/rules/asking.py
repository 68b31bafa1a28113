"""What a message asks the reader to send back. Asking to phone, log in or bring something is no asking."""

import re

from serving.rules.rule import Rule
from serving.taxonomy import InfoType, Mode, NameForm

_SEND = re.compile(
    r"(?<!\w)(?:reply|respond|text(?: us| me)?(?: back)?|txt(?: us| me)?|dm(?: us| me)?|send(?: us| me| back)?|message(?: us| me)?(?: back)?|e-?mail(?: us| me)?|"
    r"tell (?:us|me)|give (?:us|me)|let (?:us|me) (?:have|know)|confirm|provide|supply|state|share|type|enter|need|what(?:'?s| is| are)|wh?[ao]ts|when(?:'?s| is)|how old)(?!\w)",
    re.IGNORECASE,
)
_NO_ASKING = re.compile(
    r"\b(?:never|not|don'?t|won'?t|do not|will not|shouldn'?t|nobody|anyone who|asking for|asks? for|scam\w*|fraud\w*|log(?:ging)? ?in|sign(?:ing)? (?:in|up)|setting up|"
    r"online|to hand|ready|if you (?:get|are)|on the form|in person|bring|website|app|portal|without)\b|gov\.uk",
    re.IGNORECASE,
)
_STOP = re.compile(r"[.?!\n]")
_BEFORE, _AFTER = 70, 30
_WHOSE = (
    r"(?<!\w)(?:your|ur|yr|his|her|their|the(?= code we| key ?safe| long number| last four))(?:[ ](?:child|kid|son|daughter|mother|father|mum|dad|partner|husband|wife)(?:'s)?)?(?: (?:full|current|new|correct|"
    r"home|date|own|last|latest|name|and|names|unique|personal|mobile|daytime|phone|work|sort|code|account|number|&|,){1}){0,5}[ ,]{1,2}"
)
_IDENTITY = (
    r"national insurance(?: n(?:umber|o))?|NI(?: n(?:umber|o|um))|NINO|NHS n(?:umber|o)|passport(?: n(?:umber|o))|driv(?:ing|er'?s?) licen[cs]e n(?:umber|o)|"
    r"UTR|social security n(?:umber|o)|CHI n(?:umber|o)|driver n(?:umber|o)"
)
_PHOTO = r"(?:photo|picture|pic|copy|scan|screenshot)s? of (?:your|the|ur) "


def is_asked(match: re.Match[str]) -> bool:
    """Tell whether the words stand in a sentence that asks for them, and not in a warning or a way to a website."""
    text, start, end = match.string, match.start(), match.end()
    before = text[max(0, start - _BEFORE) : start]
    stops = [stop.end() for stop in _STOP.finditer(before)]
    sentence = before[stops[-1] :] if stops else before
    if not _SEND.search(sentence):
        return False
    return not _NO_ASKING.search(before + match[0] + text[end : end + _AFTER])


def _asking(info_type: InfoType, asked: str, form: NameForm | None = None) -> Rule:
    return Rule(
        f"asking.{info_type}",
        info_type,
        re.compile(rf"{_WHOSE}(?P<value>{asked})(?!\w)|(?<!\w)(?P<plain>{asked})(?= (?:please|pls|plz|by return)\b)", re.IGNORECASE),
        "Labelling guide, rulings 9 and 27: to ask for details in a reply gets the tier of what is asked",
        fits=is_asked,
        form=form,
        mode=Mode.ASKED,
        trigger=rf"(?i)(?:{asked})",
    )


ASKING = (
    _asking(InfoType.DOB, r"date of birth|d\.?o\.?b\.?|birth ?date|birthday|age"),
    _asking(InfoType.NATIONAL_ID, rf"{_IDENTITY}"),
    _asking(
        InfoType.BANK,
        r"sort code|(?:bank )?account n(?:umber|o)|bank details|card (?:number|details)|last four digits of your (?:account|card)",
    ),
    _asking(
        InfoType.CREDENTIAL,
        r"password|PIN|pass ?code|security code|one[- ]time code|key ?safe (?:number|code)|code we just (?:texted|sent)",
    ),
    _asking(InfoType.ADDRESS, r"(?:full |home |new )?address(?:es)?|post ?code"),
    _asking(InfoType.EMAIL, r"(?:personal )?e-?mail(?: address)?"),
    _asking(InfoType.PHONE, r"(?:mobile|phone|contact)(?: n(?:umber|o))|mobile"),
    _asking(InfoType.REFERENCE, r"(?:claim|case|customer|account|tenancy|reference|GWF|crime|policy) n(?:umber|o)|registration"),
    Rule(
        "asking.document",
        InfoType.NATIONAL_ID,
        re.compile(rf"(?<!\w){_PHOTO}(?P<value>passport|driving licen[cs]e|licen[cs]e|BRP|visa|ID card)(?!\w)", re.IGNORECASE),
        "Labelling guide, ruling 27: a photo of a document asks for what is on it",
        fits=is_asked,
        mode=Mode.ASKED,
        trigger=r"(?i)(?:photo|pic|copy|scan|shot)",
    ),
    Rule(
        "asking.statement",
        InfoType.BANK,
        re.compile(rf"(?<!\w){_PHOTO}(?P<value>(?:latest )?(?:bank statements?|bank card|debit card|payslips?))(?!\w)", re.IGNORECASE),
        "Labelling guide, ruling 27: a photo of a document asks for what is on it",
        fits=is_asked,
        mode=Mode.ASKED,
        trigger=r"(?i)(?:photo|pic|copy|scan|shot)",
    ),
)
