"""What was found in a text, and where."""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, replace

from serving.taxonomy import InfoType, Mode, NameForm, Tier, demanded_tier


@dataclass(frozen=True, slots=True)
class Finding:
    """One stretch of text that carries one information type.

    `start` and `end` count Unicode code points, end excluded. `detector` is `model` or a rule's id. `score` lies between
    0 and 1; a rule's finding is either certain (`CERTAIN` or more) or only possible.
    """

    info_type: InfoType
    start: int
    end: int
    mode: Mode = Mode.STATED
    form: NameForm | None = None
    detector: str = "model"
    score: float = 1.0

    @property
    def tier(self) -> Tier:
        """Return the lowest tier that a message with this finding may have."""
        return demanded_tier(self.info_type, self.mode, self.form)

    @property
    def is_rule(self) -> bool:
        """Tell whether a rule found it, not the model."""
        return self.detector != "model"

    def at(self, start: int, end: int) -> "Finding":
        """Return the same finding at another place."""
        return replace(self, start=start, end=end)


def without_overlaps(findings: Iterable[Finding]) -> list[Finding]:
    """Keep of overlapping findings the first given, and return what is kept in order of place.

    >>> [f.start for f in without_overlaps([Finding(InfoType.PHONE, 5, 9), Finding(InfoType.BANK, 0, 6), Finding(InfoType.DOB, 0, 5)])]
    [0, 5]
    """
    kept: list[Finding] = []
    starts: list[int] = []
    for finding in findings:
        place = bisect_left(starts, finding.end)
        if place == 0 or kept[place - 1].end <= finding.start:
            starts.insert(place, finding.start)
            kept.insert(place, finding)
    return kept


CERTAIN = 0.9
"""Score from which a rule's finding raises the tier by itself; below it, it asks for review."""
