"""GOV.UK Notify's placeholders: `((name))`, and `((flag??text))`, whose text is shown when the flag is yes.

Names are matched whatever their case, blanks, hyphens and underscores.
Source: GOV.UK Notify, "Personalisation" and "Optional content".
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any

import re2

_PLACEHOLDER = re.compile(r"\(\((?P<body>[^()]+)\)\)")
_YES = frozenset({"yes", "y", "true", "t", "1", "include", "show"})
_BLANK = re.compile(r"\s+")
_MOST_FLAGS = 4
"""Flags whose every combination is rendered; beyond them all shown and all hidden stand for the rest."""
_MOST_VALUE = 500
"""Longest value that is recognised in a rendered text."""


class TemplateError(ValueError):
    """A template or its values cannot be rendered; the sentence holds no value."""


@dataclass(frozen=True, slots=True)
class Field:
    """One placeholder; `shown` is the text of an optional part, `None` where a value stands."""

    name: str
    shown: str | None = None

    @property
    def key(self) -> str:
        """Return the name as names are compared."""
        return same_name(self.name)


@dataclass(frozen=True)
class Template:
    """A text with placeholders, taken apart."""

    text: str

    @cached_property
    def parts(self) -> tuple[str | Field, ...]:
        """Return plain text and placeholders in turn."""
        parts: list[str | Field] = []
        position = 0
        for match in _PLACEHOLDER.finditer(self.text):
            parts.append(self.text[position : match.start()])
            name, is_optional, shown = match["body"].partition("??")
            parts.append(Field(name.strip(), shown if is_optional else None))
            position = match.end()
        return (*parts, self.text[position:])

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        """Return the placeholders, each name once; a flag that also stands as a value counts as a value."""
        by_key: dict[str, Field] = {}
        for part in self.parts:
            if isinstance(part, Field) and (part.key not in by_key or part.shown is None):
                by_key[part.key] = part
        return tuple(by_key.values())

    def render(self, values: Mapping[str, str]) -> str:
        """Return the text with the values in their places.

        Raises:
            TemplateError: a field has no value.

        >>> Template("Hi ((first name)). ((new??Welcome! ))Come at ((time)).").render({"First_Name": "Sam", "new": "no", "TIME": "3pm"})
        'Hi Sam. Come at 3pm.'
        """
        given = {same_name(name): value for name, value in values.items()}
        if missing := [field.name for field in self.fields if field.key not in given]:
            raise TemplateError(f"the template has {len(missing)} field(s) without a value")
        return "".join(part if isinstance(part, str) else _filled(part, given[part.key]) for part in self.parts)

    def renderings(self, values: Mapping[str, str]) -> Iterator[str]:
        """Yield the texts that the values give with the optional parts shown and hidden."""
        flags = [field.name for field in self.fields if field.shown is not None]
        choices = product(("yes", "no"), repeat=len(flags)) if len(flags) <= _MOST_FLAGS else (["yes"] * len(flags), ["no"] * len(flags))
        for choice in choices:
            yield self.render({**values, **dict(zip(flags, choice, strict=True))})

    def values_in(self, text: str) -> dict[str, str] | None:
        """Return the values that make this template give a text, `None` where none do. Runs of blanks count as one.

        >>> Template("Hi ((first name)), see you on ((date))").values_in("Hi Sam,  see you on 3 May")
        {'first name': 'Sam', 'date': '3 May'}
        """
        match = self._pattern.fullmatch(_BLANK.sub(" ", text).strip().encode("utf-8", "replace").decode())
        if match is None:
            return None
        values: dict[str, str] = {}
        standing = [part for part in self.parts if isinstance(part, Field) and part.shown is None]
        for field, value in zip(standing, match.groups(), strict=True):
            if values.setdefault(field.name, value) != value or len(value) > _MOST_VALUE:
                return None
        return values

    @cached_property
    def _pattern(self) -> Any:
        """Return the pattern of every text that the template gives; RE2 matches it in linear time, however many fields."""
        pieces: list[str] = []
        for part in self.parts:
            if isinstance(part, str):
                pieces.append(_literal(part))
            else:
                pieces.append("(.+?)" if part.shown is None else f"(?:{_literal(part.shown)})?")
        options = re2.Options()
        options.case_sensitive = False
        return re2.compile(f" *{''.join(pieces)} *", options)


def same_name(name: str) -> str:
    """Return a field's name as names are compared.

    >>> same_name("First_Name") == same_name("first name")
    True
    """
    return re.sub(r"[\s_-]", "", name).lower()


def _filled(field: Field, value: str) -> str:
    if field.shown is None:
        return value
    return field.shown if value.strip().lower() in _YES else ""


def _literal(text: str) -> str:
    """Return a pattern of plain text; blanks at its ends may be missing, since they join those of what stands beside it."""
    return f"{' *' if text[:1].isspace() else ''}{re2.escape(_BLANK.sub(' ', text).strip())}{' *' if text[-1:].isspace() else ''}"
