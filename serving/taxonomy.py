"""The field's own words: tiers, information types, modes and name forms.

Source: the labelling guide (`docs/labelling-guide.md`), tables "The four categories" and "Information types".
"""

from collections.abc import Iterable
from enum import StrEnum


class Tier(StrEnum):
    """How much a message tells, mildest first."""

    ROUTINE = "routine"
    MINIMUM_CONTACT = "minimum_contact"
    PERSONAL = "personal"
    SENSITIVE = "sensitive"

    @property
    def rank(self) -> int:
        """Return the place in the order, 0 (mildest) to 3."""
        return TIERS.index(self)


TIERS = tuple(Tier)


class InfoType(StrEnum):
    """A kind of information that a message states or asks for."""

    NAME = "name"
    PHONE = "phone"
    EMAIL = "email"
    ADDRESS = "address"
    DOB = "dob"
    NATIONAL_ID = "national_id"
    REFERENCE = "reference"
    BANK = "bank"
    AMOUNT = "amount"
    CREDENTIAL = "credential"
    FAMILY = "family"
    EMPLOYMENT = "employment"
    EDUCATION = "education"
    HOUSING = "housing"
    IMMIGRATION = "immigration"
    WHEREABOUTS = "whereabouts"
    FINANCE = "finance"
    HEALTH = "health"
    ETHNICITY = "ethnicity"
    RELIGION = "religion"
    POLITICS = "politics"
    UNION = "union"
    SEXUALITY = "sexuality"
    GENETIC_BIOMETRIC = "genetic_biometric"
    CRIMINAL = "criminal"
    SAFEGUARDING = "safeguarding"
    PROTECTIVE_MARKING = "protective_marking"


SENSITIVE_TYPES = frozenset(
    {
        InfoType.HEALTH,
        InfoType.ETHNICITY,
        InfoType.RELIGION,
        InfoType.POLITICS,
        InfoType.UNION,
        InfoType.SEXUALITY,
        InfoType.GENETIC_BIOMETRIC,
        InfoType.CRIMINAL,
        InfoType.SAFEGUARDING,
        InfoType.PROTECTIVE_MARKING,
    }
)


class Mode(StrEnum):
    """Whether the information is told, asked for, or only its document received."""

    STATED = "stated"
    ASKED = "asked"
    RECEIPT = "receipt"


class NameForm(StrEnum):
    """How a name is written: first name alone, a citizen's full name, or a worker's."""

    FIRST = "first"
    FULL = "full"
    WORKER = "worker"


def demanded_tier(info_type: InfoType, mode: Mode = Mode.STATED, form: NameForm | None = None) -> Tier:
    """Return the lowest tier that a message carrying this information may have.

    >>> demanded_tier(InfoType.HEALTH, Mode.RECEIPT)
    <Tier.MINIMUM_CONTACT: 'minimum_contact'>
    >>> demanded_tier(InfoType.NAME, form=NameForm.FULL)
    <Tier.PERSONAL: 'personal'>
    """
    if mode is Mode.RECEIPT:
        return Tier.MINIMUM_CONTACT
    if info_type is InfoType.NAME:
        return Tier.PERSONAL if form is NameForm.FULL else Tier.MINIMUM_CONTACT
    if info_type is InfoType.PHONE:
        return Tier.MINIMUM_CONTACT
    return Tier.SENSITIVE if info_type in SENSITIVE_TYPES else Tier.PERSONAL


def highest(tiers: Iterable[Tier]) -> Tier:
    """Return the strictest of some tiers, `routine` when there is none."""
    return max(tiers, key=lambda tier: tier.rank, default=Tier.ROUTINE)
