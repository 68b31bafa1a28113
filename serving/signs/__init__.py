"""Signs: what a text does besides telling something: it presses, promises, alarms, links, asks for a call."""

from serving.signs.asking import asks_for_contact, asks_for_information
from serving.signs.danger import tells_abuse, tells_danger
from serving.signs.links import link_signs
from serving.signs.sign import Sign
from serving.signs.tone import tone_signs

__all__ = ["Sign", "read_signs"]


def read_signs(text: str, own_domains: tuple[str, ...] = ()) -> frozenset[Sign]:
    """Return the signs of a normalised text; links to `own_domains` are the sender's own.

    >>> sorted(read_signs("Final warning: pay now at bit.ly/x1"))
    [<Sign.BARE_LINK: 'bare_link'>, <Sign.PRESSURE: 'pressure'>, <Sign.SHORT_LINK: 'short_link'>, <Sign.UNSIGNED: 'unsigned'>]
    """
    signs = {*tone_signs(text), *link_signs(text, own_domains)}
    if asks_for_contact(text):
        signs.add(Sign.ASKS_CONTACT)
    if asks_for_information(text):
        signs.add(Sign.ASKS_INFORMATION)
    if tells_danger(text):
        signs.add(Sign.DANGER)
    if tells_abuse(text):
        signs.add(Sign.ABUSE)
    return frozenset(signs)
