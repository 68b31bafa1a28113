"""Labelled messages: one JSON object a line, marked text, and the folder is the split.

Source: the labelling guide (`docs/labelling-guide.md`), "Corpus files".
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from data import marking
from data.marking import Mark, MarkedText
from serving.errors import SendsafeError
from serving.taxonomy import Mode, Tier

CORPUS = Path(__file__).parent / "corpus"
SPLITS = ("train", "dev", "calibration", "test")


class RecordError(SendsafeError):
    """A line that is not a labelled message; the sentence names file and line."""


@dataclass(frozen=True, slots=True)
class Record:
    """One labelled message. `fields` keeps whatever else its line says."""

    text: str
    label: Tier
    marks: tuple[Mark, ...] = ()
    also: Tier | None = None
    group: str = ""
    pair: str | None = None
    source: str = ""
    fields: Mapping[str, object] = field(default_factory=dict)

    @property
    def marked(self) -> MarkedText:
        """Return the text with its marks."""
        return MarkedText(self.text, self.marks)

    @property
    def fair_labels(self) -> frozenset[Tier]:
        """Return every tier that counts as right: the label and, where borderline, the milder reading."""
        return frozenset({self.label} if self.also is None else {self.label, self.also})

    def slice_value(self, name: str) -> str:
        """Return a free field as text, `-` when the line has none."""
        return str(self.fields.get(name) or "-")

    def with_text(self, marked: MarkedText) -> "Record":
        """Return the same record with another wording of equal meaning."""
        return replace(self, text=marked.plain, marks=marked.marks)


def least_tier(record: Record) -> Tier:
    """Return the tier that the marks demand."""
    return record.marked.tier


def has_exact_marks(record: Record) -> bool:
    """Tell whether the label is just what the marks demand; only a name that is asked for leaves room."""
    if least_tier(record) is record.label:
        return True
    asks_name = any(mark.mode is Mode.ASKED and mark.tier is Tier.MINIMUM_CONTACT for mark in record.marks)
    return asks_name and record.label is Tier.PERSONAL


def read_corpus(split: str, folder: Path = CORPUS) -> list[Record]:
    """Read one split of the corpus, in the order of files and lines.

    Raises:
        RecordError: a line cannot be read or its marks are broken.
    """
    return [record for path in sorted((folder / split).glob("*.jsonl")) for record in read_file(path, is_marked=True)]


def read_file(path: Path, *, is_marked: bool) -> Iterator[Record]:
    """Read labelled messages from JSON Lines; with `is_marked`, take the inline marks out of the text.

    Raises:
        RecordError: a line is no JSON object, has no `text` or `label`, or its marks are broken.
    """
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                try:
                    yield _record(json.loads(line), f"{path.name}:{number}", is_marked=is_marked)
                except (ValueError, KeyError, TypeError) as error:
                    raise RecordError(f"{path.name}, line {number}: {type(error).__name__}: {error}") from None


def _record(line: dict[str, object], source: str, *, is_marked: bool) -> Record:
    text = str(line.pop("text"))
    marked = marking.parse(text) if is_marked else MarkedText(text, ())
    also = line.pop("also", None)
    pair = line.pop("pair", None)
    return Record(
        text=marked.plain,
        label=Tier(str(line.pop("label"))),
        marks=marked.marks,
        also=Tier(str(also)) if also else None,
        group=str(line.pop("group", source)),
        pair=str(pair) if pair else None,
        source=source,
        fields=line,
    )
