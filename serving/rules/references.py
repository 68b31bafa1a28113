"""References of a person's case, account or vehicle, by the words before them."""

import re

from serving.rules.rule import MONTH, Rule, one_of
from serving.taxonomy import InfoType

_REFERENCE = r"(?=(?:(?-i:[A-Z]{1,3})[ -]{1,2})?[A-Z/.-]{0,6}\d)(?=(?:[A-Z/. -]{0,8}\d){3})(?:(?-i:[A-Z]{1,3})[ -]{1,2})?[A-Z0-9]{1,14}(?:[/.-][A-Z0-9]{1,14}){0,4}(?: \d[A-Z0-9]{1,9}| [A-Z]{1,3}(?=\W|$)){0,3}"
_NUMBER = r"(?: ?(?:ref(?:erence)?|n(?:\W?o|um|umber|r)|id)\b\.?){0,2}"
_IS = r"(?: is| was)?(?: ?[:=#]| -)? ?"
_PERSONS = (
    r"(?:claim(?:ant)?|case|tenancy|customer|account|council tax|staff|employee|emp|payroll|client|CRN|URN|rent|patient|hospital|prisoner|student|membership|"
    r"policy|donor|juror|badge|GWF|PCN|crime|incident|candidate|pupil|member|loan|meter account|travel card|library card|hospital|"
    r"NOMS|MRN|H&C|(?:PAYE|tax|TV licen[cs]e|child maintenance) ?(?:ref(?:erence)?|n(?:o|um|umber))\b)"
)
_OWN = r"(?:my|your|ur|his|her|our|their) (?:[\w-]{1,14} ){0,2}"

REFERENCES = (
    Rule(
        "reference.person",
        InfoType.REFERENCE,
        re.compile(rf"(?i)\b{_PERSONS}(?: (?:account|tax))?{_NUMBER}{_IS}(?P<value>{_REFERENCE})(?!\w)"),
        "References of a person's case or account, by the words before them",
        trigger=rf"(?i){_PERSONS}.{{0,30}}[0-9]",
    ),
    Rule(
        "reference.incident",
        InfoType.REFERENCE,
        re.compile(
            rf"(?i)(?<!\w)CAD(?:{_NUMBER}{_IS}(?P<value>\d{{1,5}}(?:(?: of| on|,)? \d{{1,2}}(?:st|nd|rd|th)?(?: of)? {MONTH}|[/-]\d{{1,2}} ?{MONTH} ?\d{{2,4}}|(?: of |/)\d{{1,2}}[/.]\d{{1,2}}[/.]\d{{2,4}}))"
            rf"| ?(?:ref(?:erence)?|n(?:\W?o|um|umber)|log)\b\.?{_IS}(?P<labelled>\d{{2,5}}))(?!\w)"
        ),
        "Police logs (computer-aided dispatch): a number and its day; without the day only after a word for number",
        trigger=r"CAD|cad",
    ),
    Rule(
        "reference.own",
        InfoType.REFERENCE,
        re.compile(rf"(?i)\b{_OWN}(?:ref(?:erence)?|order|booking|ticket|permit|licence|application|confirmation|card|invoice)(?: ?(?:ref(?:erence)?|n(?:o|um|umber)|code|id)\b\.?){{0,2}}{_IS}(?P<value>{_REFERENCE})(?!\w)"),
        "A reference that is somebody's, by the word that says whose",
        trigger=r"(?i)(?:my|your|ur|his|her|our|their) .{0,60}[0-9]",
    ),
    Rule(
        "reference.vehicle",
        InfoType.REFERENCE,
        re.compile(r"(?<!\w)(?:[A-Z]{2}\d{2} ?[A-Z]{3}|[A-Z]\d{1,3} ?[A-Z]{3}|[A-Z]{3} ?\d{1,3}[A-Z]|[a-z]{2}\d{2} ?[a-z]{3})(?!\w)"),
        "DVLA INF104: registration marks since 2001, and prefix and suffix marks",
        context=one_of(
            "reg(?:istration)?(?: (?:no|number|mark))?", "(?:your|my|her|his) (?:\\w+ )?(?:car|van|vehicle|bike|motor|lorry|tractor)", "vehicle", r"M\W?O\W?T",
            "V5C?", "number ?plate", "plate", "VRM", "keeper", "log ?book", "permit(?: for)?", "PCN", "notice for", "parking", "car park",
            "sold (?:the|my|our|your)", "vrn", "(?:ford|vauxhall|toyota|nissan|skoda|fiesta|corsa|astra|focus|golf|polo|transit|micra|yaris|clio|audi|bmw)",
        ),
        needs_context=True,
        trigger=r"(?i)[A-Z][0-9]{1,3} ?[A-Z]{3}|[A-Z]{3} ?[0-9]{1,3}[A-Z]",
    ),
)  # fmt: skip
