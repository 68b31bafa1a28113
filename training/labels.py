"""The label spaces of the network's heads, derived from the taxonomy; their order goes into the bundle's manifest."""

from data.marking import Mark
from serving.taxonomy import TIERS, InfoType, Mode, NameForm

OUTSIDE = "O"
TYPE_LABELS: tuple[str, ...] = tuple(
    label
    for info_type in InfoType
    for label in ([f"name:{form}" for form in NameForm] if info_type is InfoType.NAME else [info_type.value])
)
TAG_LABELS: tuple[str, ...] = (OUTSIDE, *TYPE_LABELS)
MODE_LABELS: tuple[str, ...] = tuple(mode.value for mode in Mode)
TIER_LABELS: tuple[str, ...] = tuple(tier.value for tier in TIERS)


def type_label(mark: Mark) -> str:
    """Return the label of a mark's type and name form; a name that is asked for is a full name.

    >>> from serving.taxonomy import InfoType
    >>> type_label(Mark(0, 4, InfoType.HEALTH))
    'health'
    """
    if mark.info_type is InfoType.NAME:
        return f"name:{mark.form or NameForm.FULL}"
    return str(mark.info_type)
