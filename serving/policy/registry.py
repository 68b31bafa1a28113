"""The registry of agreed templates, by business area; every field declares what it is for."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Self

from pydantic import Field, model_validator

from serving.policy.areas import AREA_ID
from serving.policy.condition import Part
from serving.policy.document import Document
from serving.templates import Template, check_value, same_name
from serving.templates.purpose import FREE_TEXT, PURPOSES, is_purpose, purpose_of


class AgreedTemplate(Part):
    """One template that a business area has agreed."""

    id: str = Field(pattern=r"^[A-Za-z0-9._:/-]{1,64}$")
    business_area: str = Field(pattern=AREA_ID)
    text: str = Field(min_length=1, max_length=10_000)
    fields: Mapping[str, str] = {}
    """by name of a field, its purpose"""

    @model_validator(mode="after")
    def _declares_its_fields(self) -> Self:
        declared = {same_name(name) for name in self.fields}
        used = {field.key for field in self.template.fields if field.shown is None}
        if missing := [field.name for field in self.template.fields if field.shown is None and field.key not in declared]:
            raise ValueError(f"the field (({missing[0]})) declares no purpose")
        if surplus := [name for name in self.fields if same_name(name) not in used]:
            raise ValueError(f"the text has no field (({surplus[0]}))")
        if unknown := [purpose for purpose in self.fields.values() if not is_purpose(purpose)]:
            raise ValueError(f"'{unknown[0]}' is no purpose: one of {', '.join(PURPOSES)}, or {FREE_TEXT}: and what it is about")
        return self

    @cached_property
    def template(self) -> Template:
        """Return the text taken apart."""
        return Template(self.text)

    @cached_property
    def purposes(self) -> Mapping[str, str]:
        """Return the purposes by name as names are compared."""
        return {same_name(name): purpose for name, purpose in self.fields.items()}

    @cached_property
    def is_closed(self) -> bool:
        """Tell whether values that fit can tell nothing beyond what the fields are for."""
        return all(purpose_of(purpose).is_closed for purpose in self.fields.values())


class Fit(StrEnum):
    """How a text stands to the agreed templates of its business area."""

    MATCHED = "matched"
    UNFIT = "unfit"
    """it matches one, but a value is not what its field is for"""
    UNMATCHED = "unmatched"
    UNKNOWN = "unknown"
    """the business area is unknown, or has agreed none"""


@dataclass(frozen=True, slots=True)
class Match:
    """The template that a text matches, and how well."""

    fit: Fit = Fit.UNKNOWN
    template: AgreedTemplate | None = None


NO_MATCH = Match()


class _Templates(Part):
    templates: tuple[AgreedTemplate, ...] = ()


class Registry:
    """The agreed templates, by business area."""

    def __init__(self, templates: tuple[AgreedTemplate, ...] = ()) -> None:
        self._by_area: dict[str, tuple[AgreedTemplate, ...]] = {}
        for each in templates:
            self._by_area[each.business_area] = (*self._by_area.get(each.business_area, ()), each)

    def of(self, area: str | None) -> tuple[AgreedTemplate, ...]:
        """Return the templates of a business area."""
        return self._by_area.get(area or "", ())

    def all(self) -> tuple[AgreedTemplate, ...]:
        """Return every template."""
        return tuple(each for templates in self._by_area.values() for each in templates)

    def named(self, area: str | None, text: str) -> AgreedTemplate | None:
        """Return the area's template of exactly this text, with its placeholders; blanks at the ends do not count."""
        return next((each for each in self.of(area) if each.text.strip() == text.strip()), None)

    def match(self, area: str | None, text: str) -> Match:
        """Return the template that a rendered text matches; one whose values fit is preferred."""
        templates = self.of(area)
        if not templates:
            return Match()
        unfit: AgreedTemplate | None = None
        for each in templates:
            values = each.template.values_in(text)
            if values is None:
                continue
            if not faults(each.purposes, values):
                return Match(Fit.MATCHED, each)
            unfit = unfit or each
        return Match(Fit.UNFIT, unfit) if unfit else Match(Fit.UNMATCHED)


def faults(purposes: Mapping[str, str], values: Mapping[str, str]) -> dict[str, str]:
    """Return what is wrong with values, by field name; the sentences do not repeat them."""
    found = {name: check_value(purposes[same_name(name)], value) for name, value in values.items() if same_name(name) in purposes}
    return {name: fault for name, fault in found.items() if fault is not None}


def read_registry(path: Path) -> Registry:
    """Read the registry; without a file it is empty.

    Raises:
        PolicyError: it is broken, a template stands twice, or a field declares no purpose.
    """
    if not path.exists():
        return Registry()
    document = Document(path)
    templates = document.check(_Templates).templates
    seen: set[str] = set()
    for place, each in enumerate(templates):
        if each.id in seen:
            document.refuse(("templates", place, "id"), f"the template '{each.id}' stands twice")
        seen.add(each.id)
    return Registry(templates)
