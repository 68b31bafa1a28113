"""Ways to reach a person: own phone lines, personal email, home address."""

import re
from functools import cache

import phonenumbers

from serving.names import family_names, given_names
from serving.rules.rule import Rule, one_of
from serving.taxonomy import InfoType
from serving.text import vocabulary

_PUBLIC_BODIES = re.compile(
    r"(?:^|\.)(?:gov|nhs|police|parliament|mod|ac|sch)\.(?:uk|scot|wales)$|(?:^|\.)gov\.(?:scot|wales)$", re.IGNORECASE
)
_MAILBOXES = re.compile(
    r"(?:info|enquir\w*|contact\w*|help\w*|support|admin\w*|office|no-?reply|donotreply|benefits?|housing|council\w*|tax|team|"
    r"customer\w*|service\w*|complaints?|feedback|press|hello|mail|reception|appointments?|bookings?|library|librar\w*|planning|"
    r"licensing|parking|waste|recycling|schools?|admissions?|payments?|refunds?|claims?|report\w*|police|jobs|careers|recruitment|"
    r"volunteer\w*|events?|news\w*|media|webmaster|postmaster|security|it|hr|foi|dpo|data\w*|electoral\w*|elections?)"
    r"(?:[._+-]\w+)*",
    re.IGNORECASE,
)
_LAST_DIGITS = re.compile(r"\d{2,4}$")
_PARTS = re.compile(r"[._+'-]|\d+")
_POSTCODE = r"(?:GIR ?0AA|[A-PR-UWYZ][.-]?(?:\d[.-]?\d?|[A-HK-Y]\d{1,2}|\d[A-HJKPSTUW]|[A-HK-Y]\d[ABEHMNPRVWXY]) ?\d[ABD-HJLNP-UW-Z]{2})"
_POSTCODE_TRIGGER = r"(?i)[A-Z][.-]?[0-9][.-]?[0-9A-Z]? ?[0-9][A-Z]{2}"
_STREET = (
    r"(?:street|st|road|rd|avenue|ave|lane|ln|close|cl|drive|dr|way|court|ct|crescent|terrace|place|gardens|grove|hill|park|square|mews|row|"
    r"rise|walk|gate|green|house|view|vw|vale|croft|brow|quay|wharf|parade|heol)"
)
_AT_HOME = one_of(
    "your (?:home|house|flat|address|property|place)", "my (?:home|house|flat|address|place)", "lives? at", "lived at", "living at",
    "moved? (?:in)?to", "moved? out of", "moved? from", "(?:our|her|his|their) (?:home|house|flat|address)", "home address", "address is",
    "address:", "new address", "addr", "resid(?:es|ing) at", "tenancy at", "tenan(?:t|cy)", "deliver(?:ed|y)? (?:to|at|today to)", "i'?m at",
    "we'?re at", "stay(?:s|ing) at", "missed (?:at|again at)?", "(?:we )?tried", "collect(?:ion)? (?:you )?from", "pick you up from",
    "left (?:it |behind the bin )?at", "neighbour at", "keeper at", "in the post to", "sent to", "wrote to you at", "written to you at", "mr", "mrs",
    "ms", "miss",
)  # fmt: skip


def is_personal_email(text: str) -> bool:
    """Tell whether an address is a person's and not a service mailbox.

    A body's mailbox is a person's only where it names one; elsewhere a plain English word is a service.

    >>> is_personal_email("sam.lee@example.com"), is_personal_email("benefits@anytown.gov.uk"), is_personal_email("care@example.com")
    (True, False, False)
    """
    local, _, domain = text.lower().partition("@")
    if _MAILBOXES.fullmatch(local):
        return False
    parts = [part for part in _PARTS.split(local) if part]
    is_several = len(parts) > 1
    if any((part in given_names() or part in family_names()) and (is_several or part not in vocabulary()) for part in parts):
        return True
    if _PUBLIC_BODIES.search(domain):
        return False
    return not parts or _LAST_DIGITS.search(local) is not None or any(part not in vocabulary() for part in parts)


@cache
def _mobile_numbers() -> re.Pattern[str]:
    metadata = phonenumbers.PhoneMetadata.metadata_for_region("GB")
    kinds = (metadata.mobile, metadata.personal_number) if metadata else ()
    return re.compile("|".join(f"(?:{kind.national_number_pattern})" for kind in kinds if kind))


def is_mobile(text: str) -> bool:
    """Tell whether a number is a UK mobile by libphonenumber's own table; Ofcom's drama range, which it calls invalid, counts.

    >>> is_mobile("07700 900123"), is_mobile("0300 123 1000")
    (True, False)
    """
    digits = re.sub(r"^(?:0044|44)0?|^0", "", re.sub(r"\D", "", text))
    return len(digits) == 10 and (digits.startswith("7700900") or _mobile_numbers().fullmatch(digits) is not None)  # noqa: PLR2004


def is_landline(text: str) -> bool:
    """Tell whether a number is a geographic UK line (01, 02)."""
    digits = re.sub(r"^(?:0044|44)0?", "0", re.sub(r"\D", "", text))
    return len(digits) in (10, 11) and digits[:2] in ("01", "02")


def is_foreign_mobile(text: str) -> bool:
    """Tell whether a number with a country code is a mobile elsewhere, by libphonenumber.

    >>> is_foreign_mobile("+48 512 345 678"), is_foreign_mobile("+44 20 7946 0018")
    (True, False)
    """
    try:
        number = phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException:
        return False
    return number.country_code != 44 and phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.MOBILE  # noqa: PLR2004


CONTACT = (
    Rule(
        "phone.mobile",
        InfoType.PHONE,
        re.compile(r"(?<![\w£])(?:(?:\+ ?|00)44[ .-]?(?:\(0\))?[ .-]?|\(?0[ .()-]{0,2})7(?:[ ._*|~/,:;()+-]{0,3}\d){9}(?!\d)"),
        "Ofcom National Telephone Numbering Plan, 07 numbers",
        is_valid=is_mobile,
        trigger=r"7(?:[^A-Za-z0-9]{0,3}[0-9]){9}",
    ),
    Rule(
        "phone.landline",
        InfoType.PHONE,
        re.compile(r"(?<![\w£])(?:(?:\+|00)44[ .-]?(?:\(0\))?[ .-]?|\(?0)[12](?:[ .()-]{0,2}\d){8,9}(?!\d)"),
        "Ofcom National Telephone Numbering Plan, 01 and 02 numbers; most are offices, so only with words that make it a person's",
        is_valid=is_landline,
        context=one_of(
            "my",
            "direct(?: line| dial)?",
            "home (?:phone|number)",
            "landline",
            "(?:ring|call|phone|text|reach|get|contact) (?:me|him|her|them)",
            "(?:ring|call|phone) (?:him|her|them) back",
            "(?:his|her) (?:number|line)",
            "i'?m on",
            "(?:he|she)(?:'s| is) on",
        ),
        needs_context=True,
        trigger=r"[12](?:[^A-Za-z0-9]{0,2}[0-9]){8}",
    ),
    Rule(
        "phone.foreign",
        InfoType.PHONE,
        re.compile(r"(?<![\w+])\+(?!44)[1-9]\d{0,2}(?:[ .()-]{0,2}\d){7,12}(?!\d)"),
        "ITU E.164 with libphonenumber's types: mobiles of other countries",
        is_valid=is_foreign_mobile,
        trigger=r"\+[1-9]",
    ),
    Rule(
        "email.personal",
        InfoType.EMAIL,
        re.compile(r"(?<![\w.+-])[\w.+'-]{1,64}@(?:[\w-]{1,63}\.){1,5}[A-Za-z]{2,24}(?![\w@])"),
        "RFC 5322 addresses as people write them; service mailboxes are forgiven",
        is_valid=is_personal_email,
        trigger="@",
    ),
    Rule(
        "address.postcode",
        InfoType.ADDRESS,
        re.compile(rf"(?i)(?<!\w){_POSTCODE}(?!\w)"),
        "Royal Mail Programmers' Guide to the Postcode Address File",
        context=_AT_HOME,
        needs_context=True,
        trigger=_POSTCODE_TRIGGER,
    ),
    Rule(
        "address.what3words",
        InfoType.ADDRESS,
        re.compile(r"(?<![\w/:])///(?P<value>[^\W\d_]{2,24}\.[^\W\d_]{2,24}\.[^\W\d_]{2,24})(?![\w/]|\.\w)"),
        "what3words, address format: three words with dots after three slashes; without words that make it a home only possible",
        context=_AT_HOME,
        trigger=r"///",
    ),
    Rule(
        "address.street",
        InfoType.ADDRESS,
        re.compile(
            rf"(?i)(?<![\w£/-])(?:(?:flat|apt|unit|room) ?\d{{1,4}}[a-z]?,? )?\d{{1,4}}[a-z]? (?:[A-Z][\w'-]{{1,24}} ){{1,3}}{_STREET}(?!\w)"
            rf"(?:,? {_POSTCODE}(?!\w))?",
        ),
        "BS 7666 street address: number, name, kind of street",
        context=_AT_HOME,
        needs_context=True,
        trigger=rf"(?i)[0-9][a-z]? [a-z'-]+ (?:[a-z'-]+ ){{0,2}}{_STREET}",
    ),
    Rule(
        "address.flat",
        InfoType.ADDRESS,
        re.compile(
            rf"(?<!\w)(?i:flat|apt|apartment) ?\d{{1,4}}[A-Za-z]?,? (?:\d{{1,4}}[a-z]? )?(?:[A-Z][\w'-]{{1,24}} ){{1,3}}(?i:{_STREET}|lodge|tower|towers|heights)(?!\w)"
            rf"(?:,? (?i:{_POSTCODE})(?!\w))?",
        ),
        "BS 7666 street address of a flat: somebody's home",
        trigger=r"(?i)flat|apt|apartment",
    ),
)
