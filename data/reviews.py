"""Exported reviews as labelled records: what people decided about held messages.

One JSON object a line, as `sendsafe reviews export --text` writes it; what is used of it:

    {"id": "…", "text": "…", "category": "personal", "machine": {"category": "sensitive"}, "spans": [[5, 12, "amount"]],
     "judgements": [{"stage": "first", "category": "personal", "reviewer": "r-17"}], "is_test": false}

`category` is what took effect, `machine` what the classifier had said, `spans` the words that did it (code points, end excluded); a
span may also be an object with `start`, `end`, `type`, `mode` and `form`. `reviewer` is whatever id the desk gives; where it is left
out, all such labels count as one person's.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from data.marking import Mark
from data.records import Record, RecordError
from serving.taxonomy import InfoType, Mode, NameForm, Tier

ADJUDICATION = "adjudication"
UNNAMED = "unnamed"
"""Stands for every reviewer who is not named: limits for one reviewer then hold for all of them together."""


def _as_object(value: object) -> object:
    """Return a span of three values by their names."""
    return dict(zip(("start", "end", "type"), value, strict=False)) if isinstance(value, list) else value


def _category_of(value: object) -> object:
    return value.get("category") if isinstance(value, dict) else value


class Span(BaseModel):
    """Words that a reviewer marked."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    start: int = Field(ge=0)
    end: int = Field(ge=1)
    type: InfoType | None = None
    mode: Mode = Mode.STATED
    form: NameForm | None = None


class Judgement(BaseModel):
    """What one person said."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    reviewer: Annotated[str, Field(min_length=1)] | None = None
    category: Tier
    stage: str = "first"


class Review(BaseModel):
    """One held message, decided."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    id: Annotated[str, Field(min_length=1)]
    text: Annotated[str, Field(min_length=1, repr=False)]
    category: Tier
    machine: Annotated[Tier | None, BeforeValidator(_category_of)] = None
    spans: tuple[Annotated[Span, BeforeValidator(_as_object)], ...] = ()
    judgements: tuple[Judgement, ...] = Field(min_length=1)
    is_test: bool = False

    @property
    def reviewers(self) -> tuple[str, ...]:
        """Return who said what took effect, each once."""
        return tuple(dict.fromkeys(each.reviewer or UNNAMED for each in self.judgements if each.category is self.category))

    @property
    def is_double(self) -> bool:
        """Tell whether two people said it, or an adjudicator decided it; the desk gives each stage of a message to another person."""
        agreeing = [each for each in self.judgements if each.category is self.category]
        people = {each.reviewer or each.stage for each in agreeing}
        return len(people) > 1 or any(each.stage == ADJUDICATION for each in agreeing)


@dataclass(frozen=True, slots=True)
class Labelled:
    """A new record and where its label comes from; messages of a file have no reviewer and count as labelled twice."""

    record: Record
    reviewers: tuple[str, ...] = ()
    is_double: bool = True
    machine: Tier | None = None
    origin: str = field(default="file")


def read_reviews(path: Path) -> list[Labelled]:
    """Read exported reviews, those of test keys left out.

    Raises:
        RecordError: a line is no review, has no text, or an id stands twice; texts are not quoted.
        OSError: the file cannot be read.
    """
    seen: set[str] = set()
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            review = Review.model_validate(json.loads(line))
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False, include_context=False)[0]
            raise RecordError(f"{path.name}, line {number}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from None
        except ValueError:
            raise RecordError(f"{path.name}, line {number}: no JSON") from None
        if review.is_test:
            continue
        if review.id in seen:
            raise RecordError(f"{path.name}, line {number}: the review {review.id} stands twice")
        seen.add(review.id)
        found.append(labelled(review))
    return found


def labelled(review: Review) -> Labelled:
    """Return a review as a labelled record whose source is its id."""
    record = Record(
        text=review.text,
        label=review.category,
        marks=tuple(marks_of(review.text, review.spans, review.category)),
        group=f"review:{review.id}",
        source=f"review:{review.id}",
    )
    return Labelled(record, review.reviewers, review.is_double, review.machine, "review")


def marks_of(text: str, spans: Iterable[Span], label: Tier) -> Iterator[Mark]:
    """Yield spans as marks: inside the text, not overlapping, and none that would demand more than the label.

    A name without a form is a full one where it has several words and the label allows it, else a first name.
    """
    end = 0
    for span in sorted(spans, key=lambda each: each.start):
        if span.type is None or span.start < end or not span.start < span.end <= len(text):
            continue
        form = span.form
        if span.type is InfoType.NAME and span.mode is Mode.STATED and form is None:
            is_full = " " in text[span.start : span.end].strip() and label.rank >= Tier.PERSONAL.rank
            form = NameForm.FULL if is_full else NameForm.FIRST
        mark = Mark(span.start, span.end, span.type, span.mode, form if span.type is InfoType.NAME and span.mode is Mode.STATED else None)
        if mark.tier.rank <= label.rank:
            yield mark
            end = span.end


def by_reviewer(found: Sequence[Labelled]) -> Mapping[str, list[Labelled]]:
    """Group labels by who gave them; a double label counts for both."""
    groups: dict[str, list[Labelled]] = {}
    for each in found:
        for reviewer in each.reviewers:
            groups.setdefault(reviewer, []).append(each)
    return groups
