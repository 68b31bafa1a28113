"""Facts told in a set form: dates of birth and ages, own sums, references, secrets, markings, names."""

import re

from serving.rules.rule import DIGIT, POSSIBLE, Rule, words
from serving.taxonomy import InfoType, NameForm

_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_DATE = rf"(?:\d{{1,2}}[/.-]\d{{1,2}}[/.-](?:\d{{4}}|\d{{2}})|\d{{1,2}}(?:st|nd|rd|th)?(?: of)? {_MONTH},? (?:\d{{4}}|\d{{2}})|\d{{4}}-\d{{2}}-\d{{2}})"
_SUM = r"£ ?\d[\d,]*(?:\.\d{2})?(?!\d)"
_REFERENCE = r"(?=[A-Z0-9/-]*\d{3})[A-Z0-9]{2,}(?:[/-][A-Z0-9]+)*"
_TITLE = r"(?:Mrs?|Ms|Miss|Mx)\.?"
_CAPITALISED = r"[A-Z][\w'’-]+"
_WEEKDAY_OR_ROLE = frozenset(
    "all everyone both team there again customer tenant resident parent parents carer carers sir madam colleague colleagues neighbour "
    "friend friends folks guys mum dad love mate just this your our the we it please thanks hope good no yes".split()
)


def is_given_name(text: str) -> bool:
    """Tell whether the word after a greeting is a name and not a role."""
    return text.lower() not in _WEEKDAY_OR_ROLE


PERSONAL = (
    Rule(
        "dob.date",
        InfoType.DOB,
        re.compile(
            rf"(?:\bd\.?o\.?b\.?|date of birth|birth ?date|\bborn)(?: (?:is|was|on|as))?[ :=-]{{0,3}}(?P<value>{_DATE})",
            re.IGNORECASE,
        ),
        "Dates as UK forms write them, after the words",
        hint=DIGIT,
    ),
    Rule(
        "dob.age",
        InfoType.DOB,
        re.compile(
            r"\b(?:aged? (?P<value>\d{1,3})(?! ?(?:\+|and over|or over|and under|to|-|–|plus))\b)"
            r"|\b(?:my|your|her|his|our) (?:\w+ )?\d{1,2}[ -](?:year|yr|month|week)s?[ -]olds?\b|\b(?:he|she|i)(?:'s| is|'m| am) \d{1,3} years old\b",
            re.IGNORECASE,
        ),
        "Ages told of one person, not of a group",
        harmless=words("over", "under", "anyone", "everyone", "people", "children", "adults", "those"),
        hint=DIGIT,
    ),
    Rule(
        "amount.own",
        InfoType.AMOUNT,
        re.compile(
            rf"\b(?:your|his|her) (?:[\w-]+ ){{0,4}}?(?:payment|award|refund|rebate|arrears|balance|debt|bill|overpayment|pension|maintenance|wages?|"
            rf"salary|instalment|loan|deduction)s?(?: (?:of|is|was|at|for|will be|due|now|has gone (?:up|down) to)){{1,3}}:? (?P<value>{_SUM})",
            re.IGNORECASE,
        ),
        "DWP SMS Text Policy 1.2: exact payments, by the words that make them a person's",
        hint=re.compile("£"),
    ),
    Rule(
        "amount.owed",
        InfoType.AMOUNT,
        re.compile(
            rf"\b(?:you|i|he|she) (?:still |now |currently )?(?:owe|owes|owed|are owed|have been paid|were paid|got paid|will (?:get|be paid|receive))"
            rf"(?: us| you| me)? (?P<value>{_SUM})",
            re.IGNORECASE,
        ),
        "DWP SMS Text Policy 1.2: exact debts and receipts",
        hint=re.compile("£"),
    ),
    Rule(
        "reference.person",
        InfoType.REFERENCE,
        re.compile(
            rf"\b(?:claim|case|tenancy|customer|account|council tax|staff|employee|payroll|client|CRN|URN|rent|patient|prisoner|student|membership)"
            rf"(?: (?:account|tax))?(?: (?:ref(?:erence)?|n(?:o|umber|um)|id)\.?)?(?: is|:| #|#)? ?(?P<value>{_REFERENCE})(?!\w)",
            re.IGNORECASE,
        ),
        "References of a person's case or account, by the words before them",
        harmless=words("planning", "event", "vacanc(?:y|ies)", "job", "petition", "licen[cs]ing"),
        hint=DIGIT,
    ),
    Rule(
        "reference.vehicle",
        InfoType.REFERENCE,
        re.compile(r"(?<!\w)(?:[A-Z]{2}\d{2} ?[A-Z]{3}|[A-Z]\d{1,3} ?[A-Z]{3})(?!\w)"),
        "DVLA INF104: registration marks since 2001, and prefix marks",
        context=words(
            "reg(?:istration)?",
            "your (?:car|van|vehicle|bike)",
            "my (?:car|van|vehicle|bike)",
            "vehicle",
            "MOT",
            "V5C?",
            "number ?plate",
        ),
        needs_context=True,
        hint=DIGIT,
    ),
    Rule(
        "credential.code",
        InfoType.CREDENTIAL,
        re.compile(
            r"\b(?:(?:one[- ]time )?pass(?:code|word|phrase)|OTP|PIN|security code|access code|verification code|(?:key ?safe|door|entry|gate|alarm)"
            r"(?: code)?|log-?in code|username|user name)(?: (?:is|are|for \w+ is|to \w+ is))?[ :=-]{1,3}(?:now |still )?(?P<value>(?=\S*[\d!@#$%])[^\s,;]{3,24})",
            re.IGNORECASE,
        ),
        "DWP Acceptable Use Policy 2.1, 2.3: secrets given in the text",
        harmless=words("never share", "do not share", "never give", "forgot", "forgotten"),
    ),
    Rule(
        "credential.your_code",
        InfoType.CREDENTIAL,
        re.compile(r"(?<!\d)(?P<value>\d{4,8}) is your (?:\w+ ){0,3}(?:code|passcode|pin)\b", re.IGNORECASE),
        "One-time codes as services send them",
        hint=DIGIT,
    ),
    Rule(
        "marking.official_sensitive",
        InfoType.PROTECTIVE_MARKING,
        re.compile(r"(?<!\w)(?:OFFICIAL ?[-:–/] ?SENSITIVE|OFFICIAL SENSITIVE|OFF[-. ]?SEN(?:S)?|O-S(?=[:\s\]]))(?!\w)"),
        "Cabinet Office, Government Security Classifications 2023",
        harmless=words("marked", "nothing", "called", "means?", "handling", "what is", "anything", "guidance on", "how to"),
    ),
    Rule(
        "marking.secret",
        InfoType.PROTECTIVE_MARKING,
        re.compile(r"(?m)(?:^|[\[(:.|] ?|UK )(?P<value>(?:TOP )?SECRET)(?=$|[\])\s:.|/-])(?! [a-z])"),
        "Cabinet Office, Government Security Classifications 2023",
        harmless=words("marked", "nothing", "called", "means?", "victoria'?s"),
    ),
    Rule(
        "name.titled",
        InfoType.NAME,
        re.compile(
            rf"\b(?i:dear|hi|hello|hey|morning|good (?:morning|afternoon|evening)),? (?P<value>{_TITLE} (?:{_CAPITALISED} ){{0,2}}{_CAPITALISED})"
        ),
        "Labelling guide, ruling 4: title and surname of the person addressed",
        form=NameForm.FULL,
    ),
    Rule(
        "name.titled_elsewhere",
        InfoType.NAME,
        re.compile(rf"\b{_TITLE} {_CAPITALISED}"),
        "Labelling guide, rulings 4 and 24: may be a worker",
        form=NameForm.FULL,
        score=POSSIBLE,
    ),
    Rule(
        "name.greeted",
        InfoType.NAME,
        re.compile(rf"^(?:\W*)(?i:dear|hi|hello|hey|hiya) (?P<value>{_CAPITALISED})(?=\s?[,.!:\n-])"),
        "Labelling guide, ruling 4: first name after a greeting",
        is_valid=is_given_name,
        form=NameForm.FIRST,
    ),
)
