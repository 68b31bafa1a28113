"""How well the marked words are found: types of a message, and spans, exactly and overlapping."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from data.records import Record
from serving.findings import Finding
from serving.taxonomy import InfoType


@dataclass(frozen=True, slots=True)
class Found:
    """A labelled message and what was found in it."""

    record: Record
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class SpanFigures:
    """Figures of one information type, or of all; `None` where there is nothing to count.

    `precision` and `recall` count messages that carry the type. `exact_recall` and `overlapping_recall` count marks whose words were
    found with the same type, to the letter or in part; `overlapping_precision` counts findings that touch a mark of the same type.
    `telling_recall` counts marks that any finding touches, whatever its type.
    """

    messages: int
    marks: int
    precision: float | None
    recall: float | None
    exact_recall: float | None
    overlapping_recall: float | None
    overlapping_precision: float | None
    telling_recall: float | None


def span_figures(found: Sequence[Found], info_type: InfoType | None = None) -> SpanFigures:
    """Measure one type, or every type together."""
    counts: Counter[str] = Counter()
    for each in found:
        marks = [(mark.info_type, mark.start, mark.end) for mark in each.record.marks if mark.info_type is not None]
        marks = [mark for mark in marks if info_type in (None, mark[0])]
        findings = [(finding.info_type, finding.start, finding.end) for finding in each.findings]
        of_type = [finding for finding in findings if info_type in (None, finding[0])]
        told, said = {mark[0] for mark in marks}, {finding[0] for finding in of_type}
        counts.update(told=len(told), said=len(said), both=len(told & said), messages=bool(marks), marks=len(marks), findings=len(of_type))
        counts["exact"] += sum(mark in of_type for mark in marks)
        counts["overlapping"] += sum(any(_touch(mark, finding) and mark[0] is finding[0] for finding in of_type) for mark in marks)
        counts["right"] += sum(any(_touch(mark, finding) and mark[0] is finding[0] for mark in marks) for finding in of_type)
        counts["telling"] += sum(any(_touch(mark, finding) for finding in findings) for mark in marks)
    return SpanFigures(
        messages=counts["messages"],
        marks=counts["marks"],
        precision=_share(counts["both"], counts["said"]),
        recall=_share(counts["both"], counts["told"]),
        exact_recall=_share(counts["exact"], counts["marks"]),
        overlapping_recall=_share(counts["overlapping"], counts["marks"]),
        overlapping_precision=_share(counts["right"], counts["findings"]),
        telling_recall=_share(counts["telling"], counts["marks"]),
    )


def _touch(one: tuple[InfoType, int, int], other: tuple[InfoType, int, int]) -> bool:
    return one[1] < other[2] and other[1] < one[2]


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
