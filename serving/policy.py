"""Policy packs: YAML that policy officers write, read into frozen clauses.

A pack says of every clause of its source how it is met (`effect`), and for those that can be judged from a message, when
it fires (`when`) and what then happens (`action`).
"""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from serving.errors import NotFoundError, PolicyError
from serving.taxonomy import InfoType, Mode, Tier
from serving.verdict import Action, Channel, Direction

PACKS = Path(str(files("serving"))) / "policies"


class Effect(StrEnum):
    """How a clause is met."""

    ENFORCE = "enforce"
    ADVISE = "advise"
    RECORD = "record"
    DESIGN = "design"
    OUTSIDE = "outside"


class Part(BaseModel):
    """Base of everything in a pack: nothing unknown, nothing changed later."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Condition(Part):
    """When a clause fires: every key that is given must hold; a list holds when one of its values does."""

    tier: tuple[Tier, ...] | None = None
    types: tuple[InfoType, ...] | None = None
    mode: tuple[Mode, ...] | None = None
    detector: str | None = Field(default=None, pattern="^(model|rules)$")
    channel: tuple[Channel, ...] | None = None
    direction: tuple[Direction, ...] | None = None

    @property
    def needs_finding(self) -> bool:
        """Tell whether only a finding can make it true."""
        return bool(self.types or self.mode or self.detector)


class Clause(Part):
    """One clause of the source, paraphrased."""

    id: str
    says: str
    effect: Effect
    how: str
    when: Condition | None = None
    action: Action | None = None
    summary: str | None = None
    summaries: Mapping[InfoType, str] = {}

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        if self.effect in (Effect.ENFORCE, Effect.ADVISE) and self.when is not None and self.summary is None:
            raise ValueError(f"clause {self.id}: a clause that can fire needs a summary, the sentence that callers read")
        if self.action is not None and self.effect is not Effect.ENFORCE:
            raise ValueError(f"clause {self.id}: only a clause with effect 'enforce' has an action")
        return self


class Defaults(Part):
    """What to do where the reading is not sure, or no model answered."""

    uncertain: Action = Action.REVIEW
    degraded: Action = Action.REVIEW


class Pack(Part):
    """One policy, clause by clause."""

    id: str = Field(pattern="^[a-z][a-z0-9-]{1,40}$")
    version: str
    title: str
    source: str
    review_by: date
    defaults: Defaults = Defaults()
    uncertain_clause: str
    clauses: tuple[Clause, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _ids_are_unique(self) -> Self:
        ids = [clause.id for clause in self.clauses]
        if repeated := sorted({each for each in ids if ids.count(each) > 1}):
            raise ValueError(f"clause {', '.join(repeated)} stands more than once")
        if self.uncertain_clause not in ids:
            raise ValueError(f"uncertain_clause names '{self.uncertain_clause}', which is no clause of this pack")
        return self


def read_pack(path: Path) -> Pack:
    """Read one pack.

    Raises:
        PolicyError: the file is no YAML or not a pack; the sentence names file and key.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise PolicyError(f"{path.name} cannot be read as YAML: {type(error).__name__}") from None
    try:
        return Pack.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(step) for step in first["loc"]) or "the pack"
        raise PolicyError(f"{path.name}, {key}: {first['msg']}") from None


@cache
def read_packs(folder: Path = PACKS) -> Mapping[str, Pack]:
    """Read every pack of a folder, by id.

    Raises:
        PolicyError: a pack is broken, or two have one id.
    """
    packs: dict[str, Pack] = {}
    for path in sorted(folder.glob("*.yaml")):
        pack = read_pack(path)
        if pack.id in packs:
            raise PolicyError(f"{path.name}: the id '{pack.id}' is taken by another pack")
        packs[pack.id] = pack
    return packs


def choose(packs: Mapping[str, Pack], ids: tuple[str, ...]) -> tuple[Pack, ...]:
    """Return the named packs, in the order given.

    Raises:
        NotFoundError: a pack is not here.
    """
    if missing := [each for each in ids if each not in packs]:
        raise NotFoundError(f"no policy pack has the id {', '.join(map(repr, missing))}")
    return tuple(packs[each] for each in dict.fromkeys(ids))
