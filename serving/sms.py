"""How a text message travels: GSM-7 or UCS-2, and in how many segments.

Source: 3GPP TS 23.038 (alphabet and extension table) and TS 23.040 (concatenation header of six octets).
"""

from collections.abc import Iterable

from serving.verdict import SmsSize

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("\f^{}\\[~]|€")
"""Characters that cost two places: an escape and themselves."""
_ALPHABET = _BASIC | _EXTENDED
_ONE_GSM, _EACH_GSM = 160, 153
_ONE_UCS, _EACH_UCS = 70, 67


def size_of(text: str) -> SmsSize:
    """Return encoding and segments; neither an escaped character nor a surrogate pair is split between segments.

    >>> size_of("Bins tomorrow"), size_of("Bins tomorrow 👋")
    (SmsSize(encoding='gsm7', segments=1), SmsSize(encoding='ucs2', segments=1))
    """
    used = set(text)
    if used <= _ALPHABET:
        if len(text) <= _ONE_GSM and used.isdisjoint(_EXTENDED):
            return SmsSize("gsm7", 1)
        return SmsSize("gsm7", _segments((2 if character in _EXTENDED else 1 for character in text), _ONE_GSM, _EACH_GSM))
    return SmsSize("ucs2", _segments((2 if character > "\uffff" else 1 for character in text), _ONE_UCS, _EACH_UCS))


def foreign_characters(text: str) -> str:
    """Return the characters, each once, that a GSM-7 text cannot hold.

    >>> foreign_characters("It’s ready – £5")
    '’–'
    """
    return "".join(dict.fromkeys(character for character in text if character not in _BASIC and character not in _EXTENDED))


def _segments(places: Iterable[int], one: int, each: int) -> int:
    widths = list(places)
    if sum(widths) <= one:
        return 1
    segments, free = 1, each
    for width in widths:
        if width > free:
            segments, free = segments + 1, each
        free -= width
    return segments
