"""The register of business areas: who they are to the reader, and how they may be reached."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field, field_validator

from serving.phones import Line, line_of
from serving.policy.condition import Part, Values, one_of
from serving.policy.document import Document
from serving.verdict import Channel

AREA_ID = "^[a-z][a-z0-9_-]{0,60}$"


class Contact(Part):
    """Whom a citizen may ask for, and on which public number."""

    name: str = Field(min_length=1, max_length=80)
    phone: str = Field(min_length=3, max_length=40)

    @field_validator("phone")
    @classmethod
    def _is_public(cls, phone: str) -> str:
        if line_of(phone) not in (Line.LANDLINE, Line.OTHER):
            raise ValueError("must be the number of a public line: it is shown to citizens")
        return phone


class Area(Part):
    """One business area."""

    id: str = Field(pattern=AREA_ID)
    name: str = Field(min_length=1, max_length=80)
    """as readers know it: Anytown Housing"""
    sender_ids: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    corporate_channels: Annotated[Values | None, BeforeValidator(one_of(Channel))] = None
    contact: Contact | None = None


class _Areas(Part):
    areas: tuple[Area, ...] = ()


def read_areas(path: Path) -> Mapping[str, Area]:
    """Read the register; without a file it is empty.

    Raises:
        PolicyError: it is broken, or an area stands twice.
    """
    if not path.exists():
        return {}
    document = Document(path)
    areas: dict[str, Area] = {}
    for place, area in enumerate(document.check(_Areas).areas):
        if area.id in areas:
            document.refuse(("areas", place, "id"), f"the area '{area.id}' stands twice")
        areas[area.id] = area
    return areas
