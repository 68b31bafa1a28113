"""Numbers of money: cards, accounts, sort codes, IBANs, whole or in part."""

import re

from stdnum import iban, luhn

from serving.rules.rule import Rule, one_of
from serving.taxonomy import InfoType

_DIGITS_IN_CARD = range(13, 20)
_GAP = r"[ ._*|~/,:;+-]{0,2}"
_IS = r"(?: (?:is|was|are))?[ :=#.-]{0,3}"
_ACCOUNT = one_of(
    "(?:bank|building society) (?:account|a/c)",
    "sort ?codes?",
    "s/?c",
    r"acc(?:oun)?t n(?:o|umber|um)\.?",
    "acc(?:oun)?t",
    "acc?(?: n(?:o|um))?",
    "a/c",
)


def is_card(text: str) -> bool:
    """Tell whether digits pass the Luhn check of ISO/IEC 7812 and are not all alike."""
    digits = re.sub(r"\D", "", text)
    return len(digits) in _DIGITS_IN_CARD and len(set(digits)) > 1 and bool(luhn.is_valid(digits))


def is_iban(text: str) -> bool:
    """Tell whether an IBAN passes the modulus 97 check of ISO 13616."""
    return bool(iban.is_valid(re.sub(r"[^A-Za-z0-9]", "", text), check_country=False))


BANK = (
    Rule(
        "bank.card",
        InfoType.BANK,
        re.compile(rf"\d(?<![\d£].)(?:{_GAP}(?:\d{_GAP}){{11,17}}\d(?!\d)|\d{{3}}([ -])\d{{4}}\1\d{{4}}\1\d{{4}}(?!\d))"),
        "ISO/IEC 7812: 13 to 19 digits, Luhn",
        is_valid=is_card,
        trigger=r"(?:[0-9][^A-Za-z0-9]{0,2}){12}[0-9]",
    ),
    Rule(
        "bank.card_labelled",
        InfoType.BANK,
        re.compile(
            rf"(?i)(?<!\w)(?:debit|credit|bank|my|your|card|visa|mastercard) ?(?:card )?(?:n(?:\W?o|um|umber|r)\b\.?)?{_IS}(?P<value>(?:\d{{4}}[ -]?){{3}}\d{{3,4}})(?!\d)"
        ),
        "Card numbers in groups of four, after the words that say what they are",
        trigger=r"(?:[0-9]{4}[ -]?){3}[0-9]{3}",
    ),
    Rule(
        "bank.iban",
        InfoType.BANK,
        re.compile(r"(?i)(?<!\w)[A-Z]{2}\d{2}[ .-]?(?:[A-Z0-9]{4}[ .-]?){2,7}(?:[A-Z0-9][.-][A-Z0-9]|[A-Z0-9]{0,4})(?!\w)"),
        "ISO 13616",
        is_valid=is_iban,
        trigger=r"(?i)[A-Z]{2}[0-9]{2}[ .-]?[A-Z0-9]{4}[ .-]?[A-Z0-9]{4}",
    ),
    Rule(
        "bank.iban_labelled",
        InfoType.BANK,
        re.compile(rf"(?<!\w)(?i:IBAN)(?: ?(?:n(?:o|umber)\b\.?))?{_IS}(?P<value>[A-Z]{{2}}\d{{2}}(?: ?[A-Z0-9]{{2,4}}){{2,8}})(?!\w)"),
        "ISO 13616, after the word that says what it is",
        trigger=r"(?i)IBAN",
    ),
    Rule(
        "bank.sort_code",
        InfoType.BANK,
        re.compile(rf"\d(?<!\d.)(?:(?<![£/.-].)\d[ -]\d{{2}}[ -]\d{{2}}(?![/-]?\d)|\d{{5}}(?!\d)|(?<!£.){_GAP}(?:\d{_GAP}){{4}}\d(?!\d))"),
        "UK Finance: six digits in pairs; a date without the words",
        context=one_of("sort ?codes?", "s/?c"),
        needs_context=True,
        trigger=r"(?i)sort|\bs/?c\b",
    ),
    Rule(
        "bank.account",
        InfoType.BANK,
        re.compile(rf"\d(?<!\d.)(?:(?:\d{{7}}|\d{{3}} \d{{4}})(?!\d)|(?<!£.){_GAP}(?:\d{_GAP}){{6}}\d(?!\d))"),
        "UK Finance: eight digits",
        context=_ACCOUNT,
        needs_context=True,
        trigger=r"(?i)\bacc|a/c|\bs/?c\b|sort|bank",
    ),
    Rule(
        "bank.pair",
        InfoType.BANK,
        re.compile(r"\d(?<![\d£/.-].)\d[ -]\d{2}[ -]\d{2}[ ,;/&|]{1,3}(?:and )?\d{8}(?![\d/-])"),
        "UK Finance: a sort code with its account number beside it, by their form",
        trigger=r"[0-9]{2}[ -][0-9]{2}[ -][0-9]{2}[ ,;/&|]{1,3}(?:and )?[0-9]{8}",
    ),
    Rule(
        "bank.part",
        InfoType.BANK,
        re.compile(
            r"(?i)(?:ending(?: in| with)?|ends(?: in| with)?|last (?:four|4)(?: digits)?(?: are| is|:)?) ?\*?(?P<value>\d{2,4})(?!\d)",
        ),
        "Labelling guide, ruling 13",
        context=one_of("card", "account", "acct", "a/c", "bank", "debit", "visa"),
        needs_context=True,
        trigger=r"(?i)ending|ends|last (?:four|4)",
    ),
    Rule(
        "bank.masked",
        InfoType.BANK,
        re.compile(r"(?<![\w*])(?:[*•]{1,16}|[xX]{2,14}|[*•xX -]{6,20})(?P<value>\d{2,4})(?!\w)"),
        "Labelling guide, ruling 13: the end of a number whose beginning is starred out",
        context=one_of("card", "account", "acct?", "a/c", "bank", "debit", "visa", "mastercard", "direct debit"),
        needs_context=True,
        trigger=r"[*•xX]{1,}[ -]?[0-9]{2}",
    ),
)
