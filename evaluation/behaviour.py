"""Behaviour cases: what every bundle must do, written by hand in `evaluation/cases/*.yaml` and run one by one.

The format is described in `evaluation/cases/README.md` for whoever wants to add one; no programming is needed.
"""

import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Self

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from data.disguise import FAMILIES
from data.synthesis import names
from evaluation.invariance import Names, unseen_names
from serving.classifier import Classifier
from serving.errors import SendsafeError
from serving.names import TITLE
from serving.taxonomy import Tier
from serving.verdict import Action, Direction, Message

CASES = Path(__file__).parent / "cases"
NAMES, ORDER, DISGUISE = "names", "order", "disguise"
DISGUISES = tuple(name for name in FAMILIES if name not in ("casing", "typos", "missing_spaces"))
CHANGES = (NAMES, ORDER, DISGUISE, *FAMILIES)
ORIGINS_EACH = 6
"""Origins that names are drawn from, of those of the corpus and as many of those never met."""
WAYS_EACH = 2
"""How often a text is written in each other way."""
_HOLE = re.compile(r"\{([^{}]+)\}")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")
Line = Annotated[str, Field(min_length=1, max_length=10_000)]
Words = Annotated[tuple[str, ...], BeforeValidator(lambda value: (value,) if isinstance(value, str) else value)]


class CaseError(SendsafeError):
    """A case that cannot be read; the sentence names file and case."""


class _Case(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    name: Line


class MustHold(_Case):
    """One message, and what must be said of it."""

    text: Line
    tier: Tier | None = None
    at_least: Tier | None = None
    at_most: Tier | None = None
    goes: bool | None = None

    @model_validator(mode="after")
    def _expects_something(self) -> Self:
        if self.tier is None and self.at_least is None and self.at_most is None and self.goes is None:
            raise ValueError("says nothing to hold it to: tier, at_least, at_most or goes")
        return self

    def faults(self, judge: "Judge") -> Iterator["Fault"]:
        """Yield what does not hold."""
        said = judge(self.text)
        if self.tier is not None and said.tier is not self.tier:
            yield Fault(f"tier {said.tier}, not {self.tier}", self.text)
        if self.at_least is not None and said.tier.rank < self.at_least.rank:
            yield Fault(f"tier {said.tier}, below {self.at_least}", self.text)
        if self.at_most is not None and said.tier.rank > self.at_most.rank:
            yield Fault(f"tier {said.tier}, above {self.at_most}", self.text)
        if self.goes is not None and said.goes is not self.goes:
            yield Fault("it goes" if said.goes else "it does not go", self.text)


class Invariance(_Case):
    """One message in several wordings that must all be treated alike: written out, or changed in the named ways."""

    text: Line | None = None
    change: Words = ()
    texts: tuple[Line, ...] = ()
    same_tier: bool = False

    @model_validator(mode="after")
    def _has_wordings(self) -> Self:
        if unknown := set(self.change) - set(CHANGES):
            raise ValueError(f"unknown change {', '.join(sorted(unknown))}; known are {', '.join(CHANGES)}")
        if bool(self.text) == bool(self.texts) or bool(self.text) != bool(self.change):
            raise ValueError("needs either text and change, or texts")
        if self.texts and len(self.texts) == 1:
            raise ValueError("texts needs two and more")
        if NAMES in self.change and not _HOLE.search(self.text or ""):
            raise ValueError("change: names needs a name in {braces}")
        return self

    def wordings(self) -> Iterator[tuple[str, str]]:
        """Yield every wording with what was changed in it; the first is the one that the others are compared with."""
        if self.text is None:
            yield from ((f"wording {number}", text) for number, text in enumerate(self.texts, 1))
            return
        plain = _HOLE.sub(r"\1", self.text)
        yield "as written", plain
        for change in self.change:
            for number, text in enumerate(_changed(self.text, plain, change, self.name), 1):
                yield f"{change} {number}", text

    def faults(self, judge: "Judge") -> Iterator["Fault"]:
        """Yield every wording that is treated otherwise than the first."""
        (_, first), *others = self.wordings()
        wanted = judge(first)
        for change, text in others:
            said = judge(text)
            if said.goes is not wanted.goes:
                yield Fault(f"{change}: {'goes' if said.goes else 'does not go'}, unlike the first", text)
            elif self.same_tier and said.tier is not wanted.tier:
                yield Fault(f"{change}: tier {said.tier}, the first has {wanted.tier}", text)


class Steps(_Case):
    """A message to which details are added one by one: its tier never falls, and what may not go never goes again."""

    texts: tuple[Line, ...] = Field(min_length=2)

    def faults(self, judge: "Judge") -> Iterator["Fault"]:
        """Yield every step that is treated more mildly than the one before it."""
        said = [judge(text) for text in self.texts]
        for number, (before, after) in enumerate(pairwise(said), 2):
            if after.tier.rank < before.tier.rank:
                yield Fault(f"step {number}: tier falls from {before.tier} to {after.tier}", self.texts[number - 1])
            if after.goes and not before.goes:
                yield Fault(f"step {number}: it goes, the one before did not", self.texts[number - 1])


Case = MustHold | Invariance | Steps


class CaseFile(BaseModel):
    """One file of cases."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    about: str
    must_hold: tuple[MustHold, ...] = ()
    invariance: tuple[Invariance, ...] = ()
    direction: tuple[Steps, ...] = ()

    @property
    def cases(self) -> tuple[Case, ...]:
        """Return every case."""
        return (*self.must_hold, *self.invariance, *self.direction)


@dataclass(frozen=True, slots=True)
class Fault:
    """What a case found wrong; the sentence quotes nothing of the message."""

    sentence: str
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Said:
    """What was said of a message."""

    tier: Tier
    goes: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """A case that was run; it has passed where there is no fault."""

    file: str
    name: str
    kind: str
    faults: tuple[Fault, ...]

    @property
    def has_passed(self) -> bool:
        """Tell whether nothing was wrong."""
        return not self.faults


Judge = Callable[[str], Said]
KINDS: Mapping[type, str] = {MustHold: "must_hold", Invariance: "invariance", Steps: "direction"}


def read_cases(folder: Path = CASES) -> dict[str, CaseFile]:
    """Read every file of cases by its name.

    Raises:
        CaseError: a file is no YAML, a case is incomplete or has an unknown key, or two have one name.
    """
    files = {path.stem: _read(path) for path in sorted(folder.glob("*.yaml"))}
    seen: dict[str, str] = {}
    for file, of in files.items():
        for case in of.cases:
            if case.name in seen:
                raise CaseError(f"{file}.yaml: the case '{case.name}' stands in {seen[case.name]}.yaml too: give it a name of its own")
            seen[case.name] = file
    return files


def run_cases(classifier: Classifier, files: Mapping[str, CaseFile]) -> Iterator[Outcome]:
    """Run every case, one by one."""
    judge = judge_by(classifier)
    for file, of in files.items():
        for case in of.cases:
            yield Outcome(file, case.name, KINDS[type(case)], tuple(case.faults(judge)))


def count(files: Mapping[str, CaseFile]) -> int:
    """Return how many cases there are."""
    return sum(len(of.cases) for of in files.values())


def judge_by(classifier: Classifier) -> Judge:
    """Return what a classifier says of a message that an organisation sends, under the default policy."""

    def judge(text: str) -> Said:
        verdict = classifier.classify(Message(text=text, direction=Direction.OUTBOUND))
        return Said(verdict.category, verdict.action is Action.ALLOW)

    return judge


def _read(path: Path) -> CaseFile:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        where = getattr(error, "problem_mark", None)
        raise CaseError(f"{path.name}: not readable as YAML{f', near line {where.line + 1}' if where else ''}") from None
    try:
        return CaseFile.model_validate(content)
    except ValidationError as error:
        raise CaseError(f"{path.name}: {_explain(content, error)}") from None


def _explain(content: object, error: ValidationError) -> str:
    """Return a sentence on the first problem, which names the case where it has a name."""
    first = error.errors(include_input=False, include_url=False, include_context=False)[0]
    place = first["loc"]
    case: object = content
    for key in place[:2]:
        try:
            case = case[key]  # type: ignore[index]
        except (KeyError, IndexError, TypeError):
            case = None
    name = case.get("name") if isinstance(case, dict) else None
    where = f"case '{name}'" if name else " ".join(str(key) for key in place[:2])
    rest = ".".join(str(key) for key in place[2:])
    return f"{where}{f', {rest}' if rest else ''}: {first['msg']}"


def _changed(text: str, plain: str, change: str, seed: str) -> Iterator[str]:
    """Yield a text written in another way; the same each time, since the case's name is the seed."""
    rng = random.Random(f"{seed}/{change}")  # noqa: S311
    if change == NAMES:
        for pool in (names(), unseen_names()):
            for origin in rng.sample(sorted(pool), min(ORIGINS_EACH, len(pool))):
                yield _HOLE.sub(lambda hole, pool=pool, origin=origin: _other_name(hole[1], pool, origin, rng), text)  # type: ignore[misc]
    elif change == ORDER:
        sentences = [each for each in _SENTENCE_END.split(plain) if each]
        for turned in range(1, len(sentences)):
            yield " ".join([*sentences[turned:], *sentences[:turned]])
    else:
        for family in DISGUISES if change == DISGUISE else (change,):
            for _ in range(1 if change == DISGUISE else WAYS_EACH):
                yield FAMILIES[family](plain, rng)


def _other_name(words: str, pool: Names, origin: str, rng: random.Random) -> str:
    """Return a name of the same shape: title and surname, given name and surname, or a given name.

    >>> pool = {"here": {"given": ["Ada"], "family": ["Byron"]}}
    >>> [_other_name(words, pool, "here", random.Random(1)) for words in ("Sam", "Sam Hill", "Mrs Hill")]
    ['Ada', 'Ada Byron', 'Mrs Byron']
    """
    parts: Sequence[str] = words.split()
    given, family = rng.choice(pool[origin]["given"]), rng.choice(pool[origin]["family"])
    if len(parts) > 1 and TITLE.match(parts[0]):
        return f"{parts[0]} {family}"
    return f"{given} {family}" if len(parts) > 1 else given
