"""Names after a greeting or a title; whether a name raises the tier is said by its form."""

import re

from serving.names import NO_NAME, family_names, fold, given_names, is_unknown, word_names
from serving.rules.rule import POSSIBLE, Rule
from serving.taxonomy import InfoType, NameForm
from serving.text import vocabulary

_TITLE = r"(?:Mrs?|Ms|Miss|Mx)\.?"
_WORKER_TITLE = r"(?:Dr|Doctor|Nurse|Sister|Matron|Midwife|PC|PCSO|Sgt|Sergeant|Inspector|Insp|DC|DS|DI|Cllr|Councillor|Prof|Professor|Rev|Reverend|Judge)\.?"
_CAPITALISED = r"[A-Z][\w'’-]+"
_GREETING = r"(?i:dear|hi|hello|hey|hiya|good (?:morning|afternoon|evening)|morning)"


def is_given_name(text: str) -> bool:
    """Tell whether the word after a greeting is a name and not a role."""
    return fold(text) not in NO_NAME


def is_full_name(text: str) -> bool:
    """Tell whether two words are a given and a family name: each known, or no English word.

    >>> is_full_name("Ngozi Okafor"), is_full_name("Parish Council"), is_full_name("Olive Frimpong"), is_full_name("Hepzibah Gathercole")
    (True, False, True, True)
    """
    given, _, family = text.rpartition(" ")
    if not is_given_name(given):
        return False
    is_known = fold(given) in given_names() or fold(given) in word_names()
    if fold(family) in family_names():
        return is_known or fold(family) not in vocabulary()
    return (is_known or is_unknown(given)) and is_unknown(family)


PEOPLE = (
    Rule(
        "name.titled",
        InfoType.NAME,
        re.compile(rf"\b{_GREETING},? (?P<value>{_TITLE} (?:{_CAPITALISED} ){{0,2}}{_CAPITALISED})"),
        "Labelling guide, ruling 4: title and surname of the person addressed",
        form=NameForm.FULL,
        trigger=r"M(?:rs?|s|iss|x)\.? [A-Z]",
    ),
    Rule(
        "name.titled_elsewhere",
        InfoType.NAME,
        re.compile(rf"\b{_TITLE} {_CAPITALISED}"),
        "Labelling guide, rulings 4 and 24: may be a worker",
        form=NameForm.FULL,
        score=POSSIBLE,
        trigger=r"M(?:rs?|s|iss|x)\.? [A-Z]",
    ),
    Rule(
        "name.greeted",
        InfoType.NAME,
        re.compile(rf"^(?:\W*){_GREETING} (?P<value>{_CAPITALISED})(?=\s?[,.!:\n-])"),
        "Labelling guide, ruling 4: first name after a greeting",
        is_valid=is_given_name,
        form=NameForm.FIRST,
        trigger="(?i)dear|h[ie]|morning|good",
    ),
    Rule(
        "name.greeted_full",
        InfoType.NAME,
        re.compile(rf"(?:^|\n)\W*{_GREETING},? (?P<value>{_CAPITALISED} {_CAPITALISED})(?!\w)"),
        "Labelling guide, ruling 4: first name and surname of the person addressed, both known names",
        is_valid=is_full_name,
        form=NameForm.FULL,
        trigger="(?i)dear|h[ie]|morning|good",
    ),
    Rule(
        "name.worker",
        InfoType.NAME,
        re.compile(rf"(?<!\w){_WORKER_TITLE} (?P<value>{_CAPITALISED})(?!\w)"),
        "Labelling guide, rulings 3, 24 and 36: a worker by title and surname, whether the contact or not",
        is_valid=lambda text: fold(text) in family_names() or fold(text) in given_names(),
        form=NameForm.WORKER,
        trigger=r"Dr|Doctor|Nurse|Sister|Matron|Midwife|PC|Sgt|Sergeant|Insp|D[CSI] |Cllr|Councillor|Prof|Rev|Judge",
    ),
    Rule(
        "name.self",
        InfoType.NAME,
        re.compile(rf"(?<!\w)(?i:my name is|my name'?s|name is|this is|its|it'?s|i am|i'?m) (?P<value>{_CAPITALISED})(?!\w)"),
        "Labelling guide, rulings 3 and 4: who is writing; the first name alone, since a worker's full name is contact too",
        is_valid=lambda text: fold(text) in given_names(),
        form=NameForm.FIRST,
        trigger=r"(?i)name|this is|it'?s|i am|i'?m",
    ),
    Rule(
        "name.signed",
        InfoType.NAME,
        re.compile(
            rf"(?i:thanks|thank you|thx|regards|cheers|best wishes|sincerely|faithfully|love)[,.!]?\s{{1,2}}(?P<value>{_CAPITALISED})(?=\W|$)"
        ),
        "Labelling guide, ruling 3: a signature",
        is_valid=lambda text: fold(text) in given_names(),
        form=NameForm.FIRST,
        trigger=r"(?i)thank|thx|regards|cheers|wishes|sincerely|faithfully|love",
    ),
)
