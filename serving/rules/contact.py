"""Ways to reach a person: own phone lines, personal email, home address."""

import re

import phonenumbers

from serving.rules.rule import DIGIT, Rule, words
from serving.taxonomy import InfoType

_SERVICE_BOXES = re.compile(
    r"(?:info|enquir\w*|contact|help\w*|support|admin\w*|office|no-?reply|donotreply|benefits?|housing|council\w*|tax|team|"
    r"customer\w*|service\w*|complaints?|feedback|press|hello|mail|reception|appointments?|bookings?|library|librar\w*|planning|"
    r"licensing|parking|waste|recycling|schools?|admissions?|payments?|refunds?|claims?|report\w*|police|jobs|careers|recruitment|"
    r"volunteer\w*|events?|news\w*|media|webmaster|postmaster|security|it|hr|foi|dpo|data\w*|electoral\w*|elections?)"
    r"(?:[._+-]\w+)*@.+",
    re.IGNORECASE,
)
_POSTCODE = r"(?:GIR ?0AA|[A-PR-UWYZ](?:\d{1,2}|[A-HK-Y]\d{1,2}|\d[A-HJKPSTUW]|[A-HK-Y]\d[ABEHMNPRVWXY]) ?\d[ABD-HJLNP-UW-Z]{2})"
_STREET = (
    r"(?:street|st|road|rd|avenue|ave|lane|ln|close|drive|dr|way|court|crescent|terrace|place|gardens|grove|hill|park|square|mews|row|"
    r"rise|walk|gate|green|house|view|vale)"
)
_AT_HOME = words(
    "your (?:home|house|flat|address|property|place)", "my (?:home|house|flat|address|place)", "lives? at", "living at", "moved? (?:in)?to",
    "(?:our|her|his|their) (?:home|house|flat|address)", "home address", "address is", "address:", "resid(?:es|ing) at", "tenancy at",
    "deliver(?:ed)? to", "i'?m at", "stay(?:s|ing) at",
)  # fmt: skip
_OFFICE = words(
    "offices?", "jobcentre", "library", "surgery", "clinic", "hospital", "school", "centre", "hall", "church", "museum", "court", "bank",
    "visit us", "venue", "community", "theatre", "works? at", "road ?works?", "application", "planning",
)  # fmt: skip


def is_personal_email(text: str) -> bool:
    """Tell whether an address is a person's and not a service mailbox.

    >>> is_personal_email("sam.lee@example.com"), is_personal_email("benefits@anytown.gov.uk")
    (True, False)
    """
    return not _SERVICE_BOXES.fullmatch(text)


def is_mobile(text: str) -> bool:
    """Tell whether a number is a UK mobile; Ofcom's drama range counts, which libphonenumber calls invalid.

    >>> is_mobile("07700 900123"), is_mobile("0300 123 1000")
    (True, False)
    """
    digits = re.sub(r"\D", "", text)
    digits = re.sub(r"^(?:0044|44)0?", "0", digits)
    if digits.startswith("07700900"):
        return len(digits) == 11  # noqa: PLR2004
    try:
        number = phonenumbers.parse(digits, "GB")
    except phonenumbers.NumberParseException:
        return False
    kinds = (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.PERSONAL_NUMBER)
    return phonenumbers.number_type(number) in kinds


def is_landline(text: str) -> bool:
    """Tell whether a number is a geographic UK line (01, 02)."""
    digits = re.sub(r"^(?:0044|44)0?", "0", re.sub(r"\D", "", text))
    return len(digits) in (10, 11) and digits[:2] in ("01", "02")


CONTACT = (
    Rule(
        "phone.mobile",
        InfoType.PHONE,
        re.compile(r"(?<![\w£])(?:(?:\+|00)44[ .-]?(?:\(0\))?[ .-]?|\(?0)7(?:[ .()-]{0,2}\d){9}(?!\d)"),
        "Ofcom National Telephone Numbering Plan, 07 numbers",
        is_valid=is_mobile,
        hint=DIGIT,
    ),
    Rule(
        "phone.landline",
        InfoType.PHONE,
        re.compile(r"(?<![\w£])(?:(?:\+|00)44[ .-]?(?:\(0\))?[ .-]?|\(?0)[12](?:[ .()-]{0,2}\d){8,9}(?!\d)"),
        "Ofcom National Telephone Numbering Plan, 01 and 02 numbers; most are offices, so only with words that make it a person's",
        is_valid=is_landline,
        context=words("my", "direct(?: line| dial)?", "home (?:phone|number)", "landline", "(?:ring|call|phone|text) me"),
        needs_context=True,
        hint=DIGIT,
    ),
    Rule(
        "email.personal",
        InfoType.EMAIL,
        re.compile(r"(?<![\w.+-])[\w.+'-]{1,64}@(?:[\w-]{1,63}\.){1,5}[A-Za-z]{2,24}(?![\w@])"),
        "RFC 5322 addresses as people write them; service mailboxes are forgiven",
        is_valid=is_personal_email,
        hint=re.compile("@"),
    ),
    Rule(
        "address.postcode",
        InfoType.ADDRESS,
        re.compile(rf"(?<!\w){_POSTCODE}(?!\w)", re.IGNORECASE),
        "Royal Mail Programmers' Guide to the Postcode Address File",
        context=_AT_HOME,
        harmless=_OFFICE,
        needs_context=True,
        hint=DIGIT,
    ),
    Rule(
        "address.street",
        InfoType.ADDRESS,
        re.compile(
            rf"(?<![\w£/-])(?:(?:flat|apt|unit|room) ?\d{{1,4}}[a-z]?,? )?\d{{1,4}}[a-z]? (?:[A-Z][\w'-]+ ){{1,3}}{_STREET}(?!\w)"
            rf"(?:,? {_POSTCODE}(?!\w))?",
            re.IGNORECASE,
        ),
        "BS 7666 street address: number, name, kind of street",
        context=_AT_HOME,
        harmless=_OFFICE,
        needs_context=True,
        hint=DIGIT,
    ),
)
