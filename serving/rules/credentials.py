"""Passwords, PINs, one-time codes, codes of doors and key safes, given in the text."""

import re

from serving.rules.rule import Rule
from serving.taxonomy import InfoType

_CODE = r"\d{3}[ -]?\d{3}|\d{4,8}|\d{2} \d{2} \d{2}|\d(?: \d){3,7}"
_NOT_A_SECRET = frozenset(
    "required needed wrong incorrect expired changed reset not now being the your on in a an is set safe secure secret private valid invalid ready sent "
    "stuck printed written displayed shown strong weak due free protected blocked locked out still never always only for to by at that same as and or with correct new old missing unknown "
    "optional confidential case something anything nothing just below above attached also used long short".split()
)


def is_secret_word(text: str) -> bool:
    """Tell whether what follows "password is" can be a password and not a remark on it.

    >>> is_secret_word("bluebell"), is_secret_word("required")
    (True, False)
    """
    return text.lower().strip(".!") not in _NOT_A_SECRET


CREDENTIALS = (
    Rule(
        "credential.code",
        InfoType.CREDENTIAL,
        re.compile(
            r"(?i)\b(?:(?:one[- ]time )?pass(?:code|word|phrase)|OTP|PIN|security code|access code|verification code|key ?safe(?: (?:code|number|no))?|"
            r"(?:door|entry|gate|alarm|lock|log-?in|unlock|wi-?fi|prepay(?:ment)?|sign-?in)(?: ?(?:code|pin|password|number))|username|user name)"
            r"(?: (?:is|are|was|for (?:the |your )?(?:\w+ ){1,3}is|to (?:the |your )?(?:\w+ ){1,3}is|reset to|changed to))?[ :=-]{1,3}(?:now |still |= ?)?"
            r"(?P<value>(?=\S{0,23}[\d!@#$%])[^\s,;£]{3,24})"
        ),
        "DWP Acceptable Use Policy 2.1, 2.3: secrets given in the text",
        trigger=r"(?i)pass|OTP|PIN|code|key ?safe|username|user name|number",
    ),
    Rule(
        "credential.password",
        InfoType.CREDENTIAL,
        re.compile(
            r"(?i)\b(?:password|passphrase|pwd|pw|memorable word|secret answer)(?: (?:for|to)(?: \w+){1,3})?(?: ?[:=]| is| was)(?: now| still)? ['\"]?(?P<value>[A-Za-z][\w!-]{2,23})(?!\w)"
        ),
        "DWP Acceptable Use Policy 2.1: a password that is a plain word",
        is_valid=is_secret_word,
        trigger=r"(?i)pass|pwd|\bpw\b|memorable|secret",
    ),
    Rule(
        "credential.your_code",
        InfoType.CREDENTIAL,
        re.compile(rf"(?i)(?<!\d)(?P<value>{_CODE}) is (?:your|the) (?:[\w-]+ ){{0,4}}(?:code|passcode|pin|access|password)\b"),
        "One-time codes as services send them",
        trigger=r"(?i)[0-9] is (?:your|the)",
    ),
    Rule(
        "credential.use_code",
        InfoType.CREDENTIAL,
        re.compile(
            rf"(?i)\b(?:use|enter|type)(?: the)?(?: code)? (?P<value>{_CODE})(?: as your (?:code|pin))? (?:to|and) (?:[\w']+ ){{0,2}}(?:sign|log|verify|finish|confirm|unlock|complete|reset|access|get in|activate|approve)"
        ),
        "One-time codes as services send them",
        trigger=r"(?i)(?:use|enter|type) ",
    ),
    Rule(
        "credential.sent_code",
        InfoType.CREDENTIAL,
        re.compile(
            rf"(?i)\b(?:(?:your|my|security|log-?in|sign-?in|verification|access|one[- ]time|OTP) ?code(?: is|:)?|code:?|OTP ?is) ?(?:<b>)?(?P<value>{_CODE})(?!\d)"
            r"(?=.{0,40}?(?:do ?n[o']?t share|never share|expires?|valid|use (?:it )?within|to (?:log|sign)|$))"
        ),
        "One-time codes as services send them: the code, then how long it holds or that nobody else may have it",
        trigger=r"(?i)code|otp",
    ),
)
