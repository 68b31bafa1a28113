"""Facts told in a set form: dates of birth, ages, own sums."""

import re

from serving.rules.rule import MONTH, Rule
from serving.taxonomy import InfoType

_DATE = (
    rf"(?:\d{{1,2}}[/.-]\d{{1,2}}[/.-](?:\d{{4}}|\d{{2}})|(?:\d[.-])?\d{{1,2}}(?:st|nd|rd|th)?(?: of)? {MONTH},? (?:\d{{4}}|\d{{2}})|\d{{4}}-\d{{2}}-\d{{2}}"
    rf"|{MONTH} \d{{1,2}},? \d{{4}}|\d{{2}} \d{{2}} \d{{2,4}}|\d{{6}}(?:\d\d)?(?!\d)|(?:\d ?){{1,2}}[/.-] ?(?:\d ?){{1,2}}[/.-] ?(?:\d ?){{2,4}})"
)
_DAY_OF_MONTH = rf"(?:\d{{1,2}}(?:st|nd|rd|th)?(?: of)? {MONTH}(?! \d)|{MONTH} \d{{1,2}}(?:st|nd|rd|th)?(?!\w))"
_SUM = r"(?:[£€$] ?\d[\d,]*(?:\.\d{2})?(?!\d)|\d[\d,]*(?:\.\d{2})? ?(?:pounds|quid|euros?)\b)"
_ENDS = (
    r"(?=\s*(?:$|[,.!?;)\n]|and\b|years?\b|yrs?\b|yo\b|y/o\b|now\b|tomorrow\b|today\b|next (?!to\b)|on (?:sat|sun|mon|tue|wed|thu|fri|the)|"
    r"with\b|but\b|this\b|so\b|because\b|has\b|living\b))"
)
_OF = r"(?: (?:of|is|are|was|were|at|for|will be|due|now|still|by|has gone (?:up|down) to|stands at|comes to))"

PERSONAL = (
    Rule(
        "dob.date",
        InfoType.DOB,
        re.compile(
            rf"(?i)(?:\bd[^\w\s]?[ ]?o[^\w\s]?[ ]?b\b\.?|date of birth|birth ?date|\bborn|\bbirth(?:day)?)(?: (?:is|was|o\W?n(?: the)?|as))?[ :=-]{{0,3}}(?P<value>{_DATE})(?!\d)",
        ),
        "Dates as UK forms write them, after the words",
        trigger=r"(?i)d[^\w\s]? ?o[^\w\s]? ?b|birth|born",
    ),
    Rule(
        "dob.day",
        InfoType.DOB,
        re.compile(rf"(?i)(?<!\w)(?:d\.?o\.?b\.?|date of birth)(?: (?:is|was))?[ :=-]{{1,3}}(?:the )?(?P<value>{_DAY_OF_MONTH})(?!\w)"),
        "A day of birth without its year, after the words that say what it is",
        trigger=r"(?i)d\.?o\.?b|date of birth",
    ),
    Rule(
        "dob.age",
        InfoType.DOB,
        re.compile(
            r"(?i)\b(?:aged? (?P<value>\d{1,3})(?! ?(?:\+|and over|or over|and under|to|-|–|plus|and above|or above|upwards))\b)"
            r"|\b(?:my|your|her|his|our) (?:\w+ )?\d{1,2}[ -](?:year|yr|month|week)s?[ -]olds?\b|\b(?:he|she|i)(?:'s| is|'m| am) \d{1,3} years old\b"
        ),
        "Ages told of one person, not of a group",
        trigger=r"(?i)age|old",
    ),
    Rule(
        "dob.own_age",
        InfoType.DOB,
        re.compile(
            rf"(?i)(?<!\w)(?:(?:I ?['’]?m|I am|s?he['’]?s|s?he is)(?: now| only| just| nearly)? (?P<value>[1-9]\d){_ENDS}"
            r"|(?:mum|dad|gran|nan|grandad|son|daughter|brother|sister|he|she|you) (?:has |have |is |are )?turn(?:s|ed|ing)? \d{1,3}(?!\w)"
            r"|(?:I ?['’]?m|I am|s?he['’]?s|s?he is|you are) a(?:n)? \d{1,2}[ -]years?[ -]old(?!\w))"
        ),
        "Ages told of oneself or of one person",
        trigger=r"(?i)(?:i ?['’]?m|am|he['’]?s|is|turn\w*|are)(?: now| only| just| nearly| an?)? [0-9]",
    ),
    Rule(
        "amount.own",
        InfoType.AMOUNT,
        re.compile(
            rf"(?i)\b(?:your|his|her|my) (?:[\w-]+ ){{0,4}}?(?:payment|PIP|UC|universal credit|ESA|JSA|DLA|housing benefit|pension credit|award|refund|rebate|arrears|balance|debt|bill|overpayment|pension|maintenance|wages?|"
            rf"salary|instalment|loan|deduction|rent|charge|premium|share|direct debit|standing order)s?{_OF}{{1,3}}:? (?P<value>{_SUM})"
        ),
        "DWP SMS Text Policy 1.2: exact payments, by the words that make them a person's",
        trigger=r"(?i)(?:your|his|her|my) .{0,90}(?:[£€$]|pounds|quid|euro)",
    ),
    Rule(
        "amount.rate",
        InfoType.AMOUNT,
        re.compile(
            rf"(?i)\b(?:your|his|her|my) (?:(?:new|old|current|basic|gross|net) ){{0,2}}(?:(?:pay|rent|wage|salary|hourly|daily|weekly|monthly|overtime|holiday|sick|shift) ){{1,2}}rate{_OF}{{1,2}}:? (?P<value>{_SUM})"
            rf"|\b(?:your|his|her|my) (?:(?:new|old|current|basic|gross|net) ){{0,2}}rate{_OF}{{1,2}}:? (?P<timed>{_SUM})(?= ?(?:an hour|per hour|/ ?h(?:ou)?r|p/?h|a (?:day|week|month|year)|per (?:day|week|month|year)|p/?[wm]|(?:pcm|pa)\b))"
        ),
        "DWP SMS Text Policy 1.2: exact payments; a rate of pay or rent that is somebody's own",
        trigger=r"(?i)rate",
    ),
    Rule(
        "amount.owed",
        InfoType.AMOUNT,
        re.compile(
            rf"(?i)\b(?:you|i|he|she|they) (?:still |now |currently |already )?(?:owe|owes|owed|are owed|have been paid|were paid|got paid|will (?:get|be paid|receive)|"
            rf"have (?:only )?paid|paid|have|earn|earns|get|gets|has had|had)(?: us| you| me| her| him| back){{0,2}} (?P<value>{_SUM})"
            rf"(?= (?:to pay|left|a (?:week|month)|each (?:week|month)|per (?:week|month)|in (?:arrears|credit|total)|this (?:week|month)|for)|\W|$)"
        ),
        "DWP SMS Text Policy 1.2: exact debts and receipts",
        trigger=r"(?i)(?:you|i|he|she|they) .{0,60}(?:[£€$]|pounds|quid|euro)",
    ),
    Rule(
        "amount.balance",
        InfoType.AMOUNT,
        re.compile(
            rf"(?i)\b(?:balance|arrears|outstanding|overpaid|underpaid|credited|debited|deducted|recovered|refunding|in debt)(?: (?:on|to|from) (?:your|the|my) (?:\w+ ){{0,2}}account)?"
            rf"(?: you)?{_OF}{{0,2}}:? (?P<value>{_SUM})|(?P<late>{_SUM}) (?:is |are |was )?(?:still |now |currently )?(?:owed|owing|outstanding|overdue|in (?:arrears|credit|debt))\b"
        ),
        "DWP SMS Text Policy 1.2: balances, arrears and refunds",
        trigger=r"(?i)balance|arrears|outstanding|paid|ited|deducted|recovered|refunding|debt|ow(?:ed|ing)|overdue|credit",
    ),
)
