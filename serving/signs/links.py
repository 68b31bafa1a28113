"""Links: full, on the sender's own domain, and what they are dressed up as."""

import re
from collections.abc import Iterator

from serving.signs.sign import Sign

SHORTENERS = frozenset(
    "bit.ly tinyurl.com t.co goo.gl ow.ly is.gd buff.ly rebrand.ly cutt.ly tiny.cc shorturl.at rb.gy t.ly s.id v.gd lnkd.in bl.ink "
    "soo.gd clck.ru u.to qr.ae tr.im j.mp n9.cl urlz.fr dub.sh".split()
)
_PUBLIC = re.compile(
    r"(?:^|\.)(?:gov\.uk|nhs\.uk|police\.uk|parliament\.uk|gov\.scot|gov\.wales|nhs\.scot|mod\.uk|ac\.uk|sch\.uk|judiciary\.uk)$"
)
_DRESSED_UP = re.compile(
    r"(?:gov[-.]?uk|govuk|hmrc|dvla|dwp|nhs|royal-?mail|evri|hermes|dpd|jobcentre|universal-?credit|barclays|natwest|lloyds|santander|hsbc|monzo|paypal|"
    r"council-?tax|tax-?refund|tv-?licen[cs]ing|post-?office|parcel|redeliver)"
)
_LINK = re.compile(
    r"(?P<scheme>https?://)?(?:www\.)?(?<![\w@.-])(?P<host>(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24})(?![\w@])(?P<path>/[^\s]*)?",
    re.IGNORECASE,
)
_ENDINGS = frozenset(
    "uk com org net info co io ly gl me eu gov scot wales cymru london biz online site app dev link click xyz top shop store live page gd "
    "tv cc us de fr ie ru cn at gy la sh id cl to in ink help support today world site space website icu vip".split()
)
_MAYBE = re.compile(r"[A-Za-z0-9-]\.[A-Za-z]{2}")
_MOST_CHARACTERS = 10_000


def link_signs(text: str, own_domains: tuple[str, ...]) -> Iterator[Sign]:
    """Yield what is odd about the links of a text.

    >>> list(link_signs("See https://www.gov.uk/pip", ()))
    []
    >>> sorted(link_signs("Track it: hmrc-refund.top/claim", ()))
    [<Sign.BARE_LINK: 'bare_link'>, <Sign.FOREIGN_LINK: 'foreign_link'>, <Sign.LOOKALIKE_LINK: 'lookalike_link'>]
    """
    if not _MAYBE.search(text):
        return
    for match in _LINK.finditer(text[:_MOST_CHARACTERS]):
        host = match["host"].lower().removeprefix("www.")
        if not match["scheme"] and host.rpartition(".")[2] not in _ENDINGS:
            continue
        if not match["scheme"]:
            yield Sign.BARE_LINK
        if host in SHORTENERS:
            yield Sign.SHORT_LINK
        elif not _is_own(host, own_domains):
            if own_domains or not _PUBLIC.search(host):
                yield Sign.FOREIGN_LINK
            if not _PUBLIC.search(host) and _DRESSED_UP.search(host):
                yield Sign.LOOKALIKE_LINK


def _is_own(host: str, own_domains: tuple[str, ...]) -> bool:
    return any(host == own or host.endswith("." + own) for own in own_domains)
