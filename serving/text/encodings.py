"""Encodings that a page or a mail program would undo: tags, entities, percent and base64 encodings, escapes."""

import base64
import binascii
import html
import re
from functools import lru_cache
from urllib.parse import unquote_to_bytes

import re2

from serving.text.tracked import Tracked
from serving.text.vocabulary import vocabulary

_BLOCK = (
    r"(?:p|br|div|li|ul|ol|td|tr|th|table|h[1-6]|hr|body|html|head|title|style|section|article|header|footer|blockquote|pre|option|img)"
)
_INLINE = r"(?:a|abbr|b|bdi|bdo|big|cite|code|del|em|font|i|ins|kbd|mark|q|s|samp|small|span|strike|strong|sub|sup|tt|u|var|wbr)"
_TAG = r"<(?:/?[A-Za-z][^<>]{0,200}>|!--[^<>]{0,200}-->)"
_TAGS = re.compile(rf"{_TAG}(?:{_TAG})*")
_NAMES = re.compile(r"</?([A-Za-z][\w:.-]*)")
_CLOSED = re.compile(r"</([A-Za-z][\w:.-]{0,40}) {0,4}>")
_KNOWN_TAG = re.compile(rf"{_BLOCK}|{_INLINE}", re.IGNORECASE)
_BLOCK_TAG = re.compile(rf"</?{_BLOCK}(?![\w-])", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:amp;)*(?:#\d{1,7};?|#[xX][0-9a-fA-F]{1,6};?|[a-zA-Z][a-zA-Z0-9]{1,9};)|&(?:amp;)+")
_AMPERSANDS = re.compile("^&(?:amp;)+")
_PERCENT = re.compile(r"%[0-9A-Fa-f]{2}(?:%[0-9A-Fa-f]{2})*")
_ONE_CODE = r"\\(?:u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|u\{[0-9A-Fa-f]{1,6}\})"
_ESCAPES = re.compile(rf"{_ONE_CODE}(?:{_ONE_CODE})*")
_ESCAPE = re.compile(r"[0-9A-Fa-f]{2,6}")
_QUOTED = re.compile(r"=[0-9A-F]{2}(?:=[0-9A-F]{2}){2,}")
_BASE64 = re.compile(r"(?<![\w/+=-])[A-Za-z0-9+/]{12,}={0,2}(?![\w/+=-])")
_MAY_BE_BASE64 = re2.compile("[A-Za-z0-9+/]{12}")
_PLUS = re.compile(r"\+(?<=\w\+)(?=\w)")
_TEXTY = 0.7
_ONE_ESCAPE = len("%41")
"""A single percent sign before two digits is a discount or part of a password, a blank and an at sign aside."""
_LAST = 0x10FFFF


def undo_markup(tracked: Tracked) -> tuple[Tracked, bool]:
    """Take HTML tags out and read character entities; a disguise only where a plain letter or a word's inside was hidden."""
    hidden = False

    def shown(match: re.Match[str]) -> str | None:
        nonlocal hidden
        names = _NAMES.findall(match[0])
        if not all(name in closed or _is_known_tag(name) for name in names):
            return None
        is_inside = _is_word(tracked.text, match.start() - 1) and _is_word(tracked.text, match.end())
        is_shown_joined = all(map(_is_known_tag, names)) or (is_inside and _is_between_small_letters(match))
        if _BLOCK_TAG.search(match[0]) or not is_shown_joined:
            return " "
        hidden = hidden or is_inside
        return ""

    def read(match: re.Match[str]) -> str:
        nonlocal hidden
        character = _printable(html.unescape(_AMPERSANDS.sub("&", match[0])))
        hidden = hidden or (character.isascii() and character.isalnum())
        return character

    if "<" in tracked.text:
        closed = frozenset(_CLOSED.findall(tracked.text))
        tracked = tracked.replace(_TAGS, shown)
    if "&" in tracked.text:
        tracked = tracked.replace(_ENTITY, read)
    return tracked, hidden


def undo_encodings(tracked: Tracked) -> tuple[Tracked, bool]:
    """Read percent encoding, escapes of programs and mail, and base64; a disguise where plain letters were written so."""
    hidden = False

    def read(match: re.Match[str], decoded: str | None) -> str | None:
        nonlocal hidden
        if decoded is not None and decoded != match[0]:
            hidden = hidden or any(character.isascii() and character.isalnum() for character in decoded)
        return decoded

    text = tracked.text
    if "%" in text:
        runs = _PERCENT.findall(text)
        if sum(map(len, runs)) > _ONE_ESCAPE or runs in (["%20"], ["%40"]):
            tracked = tracked.replace(_PERCENT, lambda match: read(match, _utf8(unquote_to_bytes(match[0]))))
        if len(runs) > 1 and " " not in text.strip() and tracked.text != text:
            tracked = tracked.replace(_PLUS, lambda _: " ")
    if "\\" in text:
        tracked = tracked.replace(_ESCAPES, lambda match: read(match, _escaped(match[0])))
    if "=" in text:
        tracked = tracked.replace(_QUOTED, lambda match: read(match, _utf8(bytes.fromhex(match[0].replace("=", "")))))
    if _MAY_BE_BASE64.search(tracked.text):
        tracked = tracked.replace(_BASE64, lambda match: read(match, _base64(match[0])))
    return tracked, hidden


@lru_cache(maxsize=1024)
def _is_known_tag(name: str) -> bool:
    return _KNOWN_TAG.fullmatch(name) is not None


def _utf8(content: bytes) -> str | None:
    try:
        return _printable(content.decode())
    except UnicodeDecodeError:
        return None


def _escaped(text: str) -> str | None:
    codes = [int(code, 16) for code in _ESCAPE.findall(text)]
    return _printable("".join(map(chr, codes))) if all(code <= _LAST for code in codes) else None


def _base64(text: str) -> str | None:
    if text.isdigit() or text.lower() in vocabulary():
        return None
    try:
        decoded = base64.b64decode(text + "=" * (-len(text) % 4), validate=True).decode()
    except (binascii.Error, ValueError):
        return None
    texty = sum(character.isalnum() or character == " " for character in decoded)
    if not decoded.replace("\n", " ").isprintable() or texty < _TEXTY * len(decoded):
        return None
    return decoded


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() or character == "\n" else " " for character in text)


def _is_between_small_letters(match: re.Match[str]) -> bool:
    text = match.string
    return text[match.start() - 1].islower() and text[match.end()].islower()


def _is_word(text: str, place: int) -> bool:
    return 0 <= place < len(text) and text[place].isalnum()
