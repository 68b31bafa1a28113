"""Numbers that identify a person: formats as published, checksums where they exist."""

import re

from stdnum.gb import nhs, utr

from serving.rules.rule import Rule, one_of
from serving.taxonomy import InfoType

_NINO_PREFIX_REFUSED = frozenset({"BG", "GB", "NK", "KN", "TN", "NT", "ZZ"})
_GAP = r"[ ._*|~/,:;+-]{0,2}"
"""What people put between the characters of a number."""
_IS = r"(?: (?:is|was|of|are))?[ :=#.-]{0,3}"
_NOT_PLAIN = re.compile(r"[^A-Za-z0-9]")
_NUMBER = r"(?: ?(?:n(?:\W?o|um|umber|r)s?\b\.?|ref(?:erence)?|id|code|card))?"


def is_nino(text: str) -> bool:
    """Tell whether a NINO's prefix can occur; QQ, HMRC's example prefix, counts.

    >>> is_nino("QQ 12 34 56 C"), is_nino("GB123456A"), is_nino("at 12 34 56 a")
    (True, False, False)
    """
    prefix = _NOT_PLAIN.sub("", text)[:2].upper()
    if text[:2].islower() and text[-2:] in (" a", ",a"):
        return False
    if prefix == "QQ":
        return True
    return prefix not in _NINO_PREFIX_REFUSED and prefix[0] not in "DFIQUV" and prefix[1] not in "DFIOQUV"


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


_NHS_LABEL = r"(?:N\W?H\W?S|patient|hospital)"
_NI_LABEL = r"(?:NINO|N\.?I\.?(?:N\.?O\.?)?|nat(?:ional|\.)? ?ins(?:urance)?)"

IDENTIFIERS = (
    Rule(
        "national_id.nino",
        InfoType.NATIONAL_ID,
        re.compile(rf"(?<![A-Za-z0-9])[A-Za-z]{_GAP}[A-Za-z]{_GAP}(?:\d{_GAP}){{6}}[A-Da-d](?![A-Za-z0-9])"),
        "HMRC NIM39110: two prefix letters, six digits, suffix A to D",
        is_valid=is_nino,
        trigger=r"(?i)[A-Z][^A-Z0-9]{0,2}[0-9][^A-Z0-9]{0,2}[0-9][^A-Z]{4,14}[A-D]",
    ),
    Rule(
        "national_id.nino_labelled",
        InfoType.NATIONAL_ID,
        re.compile(rf"(?i)(?<!\w){_NI_LABEL}{_NUMBER}{_IS}(?P<value>[A-Z]{_GAP}[A-Z]{_GAP}(?:\d{_GAP}){{5}}\d(?:{_GAP}[A-D])?)(?!\w)"),
        "HMRC NIM39110, after the words that say what it is; any prefix, and the suffix may be left out",
        trigger=r"(?i)N\.?I|nat",
    ),
    Rule(
        "national_id.nino_part",
        InfoType.NATIONAL_ID,
        re.compile(
            r"(?i)(?:end(?:ing|s)|finish(?:es|ing)|last (?:three|3|four|4)(?: (?:digits|characters))?(?: (?:are|is))?)(?: in| with)? (?P<value>\d{1,3} ?[A-D])(?!\w)"
        ),
        "Labelling guide, ruling 13",
        context=one_of("NINO", "NI", "national insurance"),
        needs_context=True,
        trigger=r"(?i)end|finish|last",
    ),
    Rule(
        "national_id.nhs",
        InfoType.NATIONAL_ID,
        re.compile(r"\d(?<![\d£.-].)\d{2}[ -]?\d{3}[ -]?\d{4}(?![\d.-]?\d)"),
        "NHS Data Dictionary, NHS NUMBER: ten digits, modulus 11; by the check alone only possible",
        is_valid=is_nhs_number,
        context=one_of("NHS", "NHS n(?:o|umber|um|r)", "patient", "hospital n(?:o|umber)"),
        trigger=r"[0-9]{3}[ -]?[0-9]{3}[ -]?[0-9]{4}",
    ),
    Rule(
        "national_id.nhs_labelled",
        InfoType.NATIONAL_ID,
        re.compile(rf"(?i)(?<!\w){_NHS_LABEL} ?(?:n(?:\W?o|um|umber|r)s?\b\.?|id){_IS}(?P<value>(?:\d{_GAP}){{9}}\d)(?!\d)"),
        "NHS Data Dictionary, NHS NUMBER, after the words that say what it is",
        trigger=r"(?i)(?:N\W?H\W?S|patient|hospital) ?n",
    ),
    Rule(
        "national_id.chi",
        InfoType.NATIONAL_ID,
        re.compile(r"\d(?<!\d.)\d{5}[ -]?\d{4}(?!\d)"),
        "Public Health Scotland, Community Health Index: date of birth and four digits, modulus 11",
        is_valid=is_chi_number,
        context=one_of("CHI", "CHI n(?:o|umber)"),
        needs_context=True,
        trigger=r"[0-9]{6}[ -]?[0-9]{4}",
    ),
    Rule(
        "national_id.utr",
        InfoType.NATIONAL_ID,
        re.compile(r"\d(?<!\d.)(?:\d{4} ?\d{5}|\d \d{4} \d{4}|[ .-](?:\d[ .-]){8}\d)(?!\d)"),
        "HMRC SAM101: ten digits; checked in practice by the words around it",
        context=one_of(r"U\W?T\W?R", "unique tax(?:payer)?(?: payer)?(?:'s)? reference", "tax reference"),
        needs_context=True,
        trigger=r"(?i)U\W?T\W?R|tax",
    ),
    Rule(
        "national_id.passport",
        InfoType.NATIONAL_ID,
        re.compile(r"(?<![\w£])(?:\d{9}|[A-Za-z]{1,2} ?\d{7}|\d{3}([ -])\d{3}\1\d{3}|(?:\d[ .-]){8}\d)(?!\w)"),
        "HM Passport Office: nine digits; others one or two letters and seven digits",
        context=one_of("passport(?: n(?:o|umber))?"),
        needs_context=True,
        trigger=r"(?i)passport",
    ),
    Rule(
        "national_id.driving_licence",
        InfoType.NATIONAL_ID,
        re.compile(
            r"(?i)(?<!\w)(?:[A-Z9]{5}|[A-Z]{2,4} 9{1,3})[ .-]?\d(?:[05][1-9]|[16][0-2])(?:0[1-9]|[12]\d|3[01])\d[ .-]?[A-Z0-9]{2}[ .-]?[A-Z0-9][ .-]?[A-Z]{2}(?!\w)",
        ),
        "DVLA INS57P: surname, decade, month and day of birth, initials, check characters",
        trigger=r"(?i)[A-Z9]{4}[ .-]?[0-9]{6}|[A-Z]{2} 9[0-9]{5}",
    ),
    Rule(
        "national_id.driving_licence_labelled",
        InfoType.NATIONAL_ID,
        re.compile(
            rf"(?i)(?<!\w)(?:driv(?:ing|er'?s?) licen[cs]e|driver) ?(?:n(?:\W?o|um|umber|r)\b\.?|numbered){_IS}(?P<value>(?=[A-Z-]*\d)[A-Z0-9][A-Z0-9 -]{{4,20}}[A-Z0-9])(?!\w)"
        ),
        "Driving licence numbers of any country, after the words that say what they are",
        trigger=r"(?i)licen|driver",
    ),
    Rule(
        "national_id.residence",
        InfoType.NATIONAL_ID,
        re.compile(r"(?i)(?<!\w)[A-Z]{2}[A-Z0-9] ?\d{6}(?!\w)|(?<!\w)(?:\d{4}-){3}\d{4}(?!\w)|(?<!\w)[A-Z]{1,2}\d{7}(?!\w)"),
        "Home Office: biometric residence permit and visa numbers",
        context=one_of("BRP", "visa", "residence permit", "e-?visa", "home office", "UAN"),
        needs_context=True,
        trigger=r"(?i)BRP|visa|resid|home office|UAN",
    ),
    Rule(
        "national_id.share_code",
        InfoType.NATIONAL_ID,
        re.compile(
            rf"(?i)(?<!\w)share ?code(?: for [\w ]{{1,24}})?{_IS}(?P<value>(?=[A-Z ]{{0,10}}\d)[WRS][A-Z0-9]{{2}}[ -]?[A-Z0-9]{{3}}[ -]?[A-Z0-9]{{3}})(?!\w)"
        ),
        "Home Office, View and prove your immigration status: nine characters, W, R or S first",
        trigger=r"(?i)share ?code",
    ),
    Rule(
        "national_id.part",
        InfoType.NATIONAL_ID,
        re.compile(
            rf"(?i)(?<!\w)(?:passport|licen[cs]e|UTR|{_NHS_LABEL} n(?:o|umber)|BRP|visa){_NUMBER}[ ,:]{{1,2}}(?:is )?(?:end(?:s|ing)|start(?:s|ing)|begin(?:s|ning)|last (?:four|4)(?: digits)?)(?: in| with| are)? (?P<value>(?=[A-Z]*\d)[A-Z0-9]{{2,6}})(?!\w)"
        ),
        "Labelling guide, ruling 13",
        trigger=r"(?i)end|start|begin|last",
    ),
    Rule(
        "national_id.foreign",
        InfoType.NATIONAL_ID,
        re.compile(
            rf"(?<!\w)(?i:social security|SSN|aadhaar|PPSN?|TFN|tax file|KRA PIN|PESEL|CNIC|alien registration)(?i:{_NUMBER}){_IS}(?P<value>(?=[A-Z]*\d)[A-Z0-9][A-Z0-9 -]{{5,16}}[A-Z0-9])(?!\w)"
        ),
        "Identity numbers of other countries, after the words that say what they are",
        trigger=r"(?i)social sec|SSN|aadhaar|PPS|TFN|tax file|KRA|PESEL|CNIC|alien",
    ),
)
