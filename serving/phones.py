"""What kind of line a recipient's number is. The number is looked at and forgotten."""

import re
from enum import StrEnum

import phonenumbers
from phonenumbers import PhoneNumberType


class Line(StrEnum):
    """Kind of a line."""

    MOBILE = "mobile"
    LANDLINE = "landline"
    OTHER = "other"
    """free, shared-cost, premium, pager, internet or personal numbering"""
    UNCLEAR = "unclear"
    """a country whose numbers do not tell mobile from fixed"""
    INVALID = "invalid"
    """no number: a digit too many or too few, or a range that nobody has"""


_KINDS = {
    PhoneNumberType.MOBILE: Line.MOBILE,
    PhoneNumberType.FIXED_LINE: Line.LANDLINE,
    PhoneNumberType.FIXED_LINE_OR_MOBILE: Line.UNCLEAR,
    PhoneNumberType.UNKNOWN: Line.INVALID,
}
_NOT_PART_OF_A_NUMBER = re.compile(r"[^\d+]")
_NUMBER = re.compile(r"[\d+][\d ().+/-]*")
_DRAMA_MOBILE = re.compile(r"(?:\+?44|0044|0)0?7700900\d{3}")
_DRAMA_LANDLINE = re.compile(r"(?:\+?44|0044|0)0?1632960\d{3}")


def line_of(phone: str) -> Line:
    """Return what kind of line a number is; a number without a country is British.

    Ofcom's numbers for drama count as the kind that they play, though libphonenumber calls them invalid.

    >>> line_of("07700 900123"), line_of("020 8359 0000"), line_of("0770090012"), line_of("0300 123 1000")
    (<Line.MOBILE: 'mobile'>, <Line.LANDLINE: 'landline'>, <Line.INVALID: 'invalid'>, <Line.OTHER: 'other'>)
    """
    if not _NUMBER.fullmatch(phone.strip()):
        return Line.INVALID
    digits = _NOT_PART_OF_A_NUMBER.sub("", phone.replace("(0)", ""))
    if _DRAMA_MOBILE.fullmatch(digits):
        return Line.MOBILE
    if _DRAMA_LANDLINE.fullmatch(digits):
        return Line.LANDLINE
    try:
        number = phonenumbers.parse(digits, "GB")
    except phonenumbers.NumberParseException:
        return Line.INVALID
    return _KINDS.get(phonenumbers.number_type(number), Line.OTHER)
