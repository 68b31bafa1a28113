"""Mask what was found, by type."""

from collections.abc import Sequence

from serving.findings import Finding
from serving.taxonomy import InfoType, Mode

_WORDS = {InfoType.DOB: "date of birth", InfoType.BANK: "bank details", InfoType.CREDENTIAL: "secret"}


def redact(text: str, findings: Sequence[Finding]) -> str:
    """Return the text with what is stated masked by its type; findings that overlap become one mask.

    >>> redact("Call 07700 900123", [Finding(InfoType.PHONE, 5, 17)])
    'Call [phone]'
    """
    pieces: list[str] = []
    position = 0
    for finding in sorted((f for f in findings if f.mode is Mode.STATED), key=lambda f: (f.start, -f.end)):
        if finding.start >= position:
            pieces += [text[position : finding.start], f"[{_WORDS.get(finding.info_type, _plain(finding.info_type))}]"]
        position = max(position, finding.end)
    return "".join(pieces) + text[position:]


def _plain(info_type: InfoType) -> str:
    return info_type.replace("_", " ")
