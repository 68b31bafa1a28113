"""Guess a text's language, only so that what the model cannot read goes to a person."""

import re
from functools import cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

UNREADABLE = frozenset(
    "am ar bg bn cs de el es fa fr gu he hi hr hu it ja kn ko ku lt lv ml mr ne nl pa pl ps pt ro ru si sk sq sr sv ta te th tr uk "
    "ur vi zh".split()
)
"""Languages that the model has not learnt and that the identifier tells from English txtspeak without fail."""
LEAST_CHARACTERS = 20
LEAST_PROBABILITY = 0.98
_COMMON_ENGLISH = frozenset(
    "a an and are at be by can do for from get has have he her his i if in is it its just me my no not of on or our out please "
    "re she so that the they this to up us was we what when will with you your".split()
)
_WORD = re.compile(r"[^\W\d_]+")


def language_of(text: str) -> str | None:
    """Return an ISO 639-1 code, or `None` where the text is too short or too odd to tell.

    >>> language_of("Please bring your letter with you on Monday")
    'en'
    >>> language_of("Twoja wizyta w szpitalu została przełożona na przyszły tydzień, prosimy o telefon")
    'pl'
    """
    words = _WORD.findall(text.lower())
    if sum(word in _COMMON_ENGLISH for word in words) * 6 >= len(words) > 0:
        return "en"
    if len(text) < LEAST_CHARACTERS:
        return None
    language, probability = _identifier().classify(text)
    return str(language) if probability >= LEAST_PROBABILITY else None


@cache
def _identifier() -> LanguageIdentifier:
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
