"""Numbers that identify a person, and numbers of money: formats as published, checksums where they exist."""

import re

from stdnum import iban, luhn
from stdnum.gb import nhs, utr

from serving.rules.rule import DIGIT, Rule, words
from serving.taxonomy import InfoType

_NINO_PREFIX_REFUSED = frozenset({"BG", "GB", "NK", "KN", "TN", "NT", "ZZ"})
_DIGITS_IN_CARD = range(13, 20)


def is_nino(text: str) -> bool:
    """Tell whether a NINO's prefix can occur; QQ, HMRC's example prefix, counts.

    >>> is_nino("QQ 12 34 56 C"), is_nino("GB123456A")
    (True, False)
    """
    prefix = text[:2].upper()
    if prefix == "QQ":
        return True
    return prefix not in _NINO_PREFIX_REFUSED and prefix[0] not in "DFIQUV" and prefix[1] not in "DFIOQUV"


def is_card(text: str) -> bool:
    """Tell whether digits pass the Luhn check of ISO/IEC 7812 and are not all alike."""
    digits = re.sub(r"\D", "", text)
    return len(digits) in _DIGITS_IN_CARD and len(set(digits)) > 1 and bool(luhn.is_valid(digits))


def is_nhs_number(text: str) -> bool:
    """Tell whether ten digits pass the modulus 11 check; one in eleven does by chance."""
    return bool(nhs.is_valid(re.sub(r"\D", "", text)))


def is_chi_number(text: str) -> bool:
    """Tell whether ten digits can be a CHI number: a date of birth first, the same check as an NHS number."""
    digits = re.sub(r"\D", "", text)
    return 1 <= int(digits[:2]) <= 31 and 1 <= int(digits[2:4]) <= 12 and is_nhs_number(digits)  # noqa: PLR2004


def is_utr(text: str) -> bool:
    """Tell whether ten digits pass HMRC's check for a unique taxpayer reference."""
    return bool(utr.is_valid(re.sub(r"\D", "", text)))


def is_iban(text: str) -> bool:
    """Tell whether an IBAN passes the modulus 97 check of ISO 13616."""
    return bool(iban.is_valid(text, check_country=False))


IDENTIFIERS = (
    Rule(
        "national_id.nino",
        InfoType.NATIONAL_ID,
        re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}[ .-]?(?:\d{2}[ .-]?){3}[A-Da-d](?![A-Za-z0-9])"),
        "HMRC NIM39110: two prefix letters, six digits, suffix A to D",
        is_valid=is_nino,
        hint=DIGIT,
    ),
    Rule(
        "national_id.nino_part",
        InfoType.NATIONAL_ID,
        re.compile(r"(?:ending|ends|finish(?:es|ing))(?: in| with)? (?P<value>\d{1,3} ?[A-D])(?!\w)", re.IGNORECASE),
        "Labelling guide, ruling 13",
        context=words("NINO", "NI", "national insurance"),
        needs_context=True,
        hint=DIGIT,
    ),
    Rule(
        "national_id.nhs",
        InfoType.NATIONAL_ID,
        re.compile(r"(?<![\d£.-])\d{3}[ -]?\d{3}[ -]?\d{4}(?![\d.-]?\d)"),
        "NHS Data Dictionary, NHS NUMBER: ten digits, modulus 11",
        is_valid=is_nhs_number,
        context=words("NHS", "NHS n(?:o|umber|um|r)", "patient", "hospital n(?:o|umber)"),
        hint=DIGIT,
    ),
    Rule(
        "national_id.chi",
        InfoType.NATIONAL_ID,
        re.compile(r"(?<!\d)\d{6}[ -]?\d{4}(?!\d)"),
        "Public Health Scotland, Community Health Index: date of birth and four digits, modulus 11",
        is_valid=is_chi_number,
        context=words("CHI", "CHI n(?:o|umber)"),
        needs_context=True,
        hint=DIGIT,
    ),
    Rule(
        "national_id.utr",
        InfoType.NATIONAL_ID,
        re.compile(r"(?<!\d)\d{5} ?\d{5}(?!\d)|(?<!\d)\d{2} \d{4} \d{4}(?!\d)"),
        "HMRC SAM101: ten digits; checked in practice by the words around it",
        context=words("UTR", "unique tax(?:payer)? reference", "tax reference"),
        needs_context=True,
        hint=DIGIT,
    ),
    Rule(
        "national_id.passport",
        InfoType.NATIONAL_ID,
        re.compile(r"(?<![\w£])(?:\d{9}|[A-Za-z]{1,2}\d{7})(?!\w)"),
        "HM Passport Office: nine digits; others one or two letters and seven digits",
        context=words("passport(?: n(?:o|umber))?"),
        needs_context=True,
        hint=DIGIT,
    ),
    Rule(
        "national_id.driving_licence",
        InfoType.NATIONAL_ID,
        re.compile(
            r"(?<!\w)[A-Z9]{5} ?\d(?:[05][1-9]|[16][0-2])(?:0[1-9]|[12]\d|3[01])\d ?[A-Z9]{2}\d[A-Z]{2}(?!\w)",
            re.IGNORECASE,
        ),
        "DVLA INS57P: surname, decade, month and day of birth, initials, check characters",
        hint=DIGIT,
    ),
    Rule(
        "national_id.residence",
        InfoType.NATIONAL_ID,
        re.compile(r"(?<!\w)[A-Z]{2}[A-Z0-9]\d{6}(?!\w)|(?<!\w)(?:\d{4}-){3}\d{4}(?!\w)|(?<!\w)[A-Z]\d{7}(?!\w)"),
        "Home Office: biometric residence permit and visa numbers",
        context=words("BRP", "visa", "residence permit", "e-?visa", "home office", "UAN"),
        needs_context=True,
        hint=DIGIT,
    ),
    Rule(
        "bank.card",
        InfoType.BANK,
        re.compile(r"(?<![\d£])(?:\d[ -]?){12,18}\d(?!\d)"),
        "ISO/IEC 7812: 13 to 19 digits, Luhn",
        is_valid=is_card,
        hint=DIGIT,
    ),
    Rule(
        "bank.iban",
        InfoType.BANK,
        re.compile(r"(?<!\w)[A-Z]{2}\d{2} ?(?:[A-Z0-9]{4} ?){2,7}[A-Z0-9]{0,4}(?!\w)"),
        "ISO 13616",
        is_valid=is_iban,
        hint=DIGIT,
    ),
    Rule(
        "bank.sort_code",
        InfoType.BANK,
        re.compile(r"(?<![\d£/.-])\d{2}[ -]\d{2}[ -]\d{2}(?![/-]?\d)|(?<!\d)\d{6}(?!\d)"),
        "UK Finance: six digits in pairs; a date without the words",
        context=words("sort ?codes?", "s/c"),
        needs_context=True,
        hint=DIGIT,
    ),
    Rule(
        "bank.account",
        InfoType.BANK,
        re.compile(r"(?<!\d)(?:\d{8}|\d{4} \d{4})(?!\d)"),
        "UK Finance: eight digits",
        context=words(
            "(?:bank|building society) (?:account|a/c)",
            "sort ?codes?",
            r"acc(?:oun)?t n(?:o|umber|um)\.?",
            r"acc(?:oun)?t",
            "a/c",
        ),
        needs_context=True,
        harmless=words("council tax", "rent", "customer", "water", "energy", "gas", "library"),
        hint=DIGIT,
    ),
    Rule(
        "bank.part",
        InfoType.BANK,
        re.compile(
            r"(?:ending(?: in| with)?|ends(?: in| with)?|last (?:four|4)(?: digits)?(?: are| is|:)?) ?(?P<value>\d{2,4})(?!\d)",
            re.IGNORECASE,
        ),
        "Labelling guide, ruling 13",
        context=words("card", "account", "acct", "a/c", "bank", "debit", "visa"),
        needs_context=True,
        hint=DIGIT,
    ),
)
