"""Signs: what a text does besides telling something: it presses, promises, alarms, links, asks for a call."""

from serving.signs.asking import CONTACT, INFORMATION
from serving.signs.danger import ABUSE, DANGER
from serving.signs.links import link_signs
from serving.signs.phrases import Phrases
from serving.signs.sign import Sign
from serving.signs.tone import TONE, tone_signs

__all__ = ["Sign", "asks_for_contact", "read_signs"]

_PLAIN = (Sign.ASKS_CONTACT, Sign.ASKS_INFORMATION, Sign.DANGER, Sign.ABUSE)
_PHRASES = Phrases({**TONE, Sign.ASKS_CONTACT: CONTACT, Sign.ASKS_INFORMATION: INFORMATION, Sign.DANGER: DANGER, Sign.ABUSE: ABUSE})


def read_signs(text: str, own_domains: tuple[str, ...] = ()) -> frozenset[Sign]:
    """Return the signs of a normalised text; links to `own_domains` are the sender's own.

    >>> sorted(read_signs("Final warning: pay now at bit.ly/x1"))
    [<Sign.BARE_LINK: 'bare_link'>, <Sign.PRESSURE: 'pressure'>, <Sign.SHORT_LINK: 'short_link'>, <Sign.UNSIGNED: 'unsigned'>]
    """
    said = _PHRASES.said_in(text)
    return frozenset({*tone_signs(said), *link_signs(text, own_domains), *(sign for sign in _PLAIN if sign in said)})


def asks_for_contact(text: str) -> bool:
    """Tell whether the reader is asked to call, come in or get in touch.

    >>> asks_for_contact("I need to contact you, could you please call me on 020 8359 0000"), asks_for_contact("Reply YES")
    (True, False)
    """
    return Sign.ASKS_CONTACT in _PHRASES.said_in(text)
