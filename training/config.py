"""What people tune about training, read from YAML that people review (`training/configs/`)."""

from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

from training.base import MINILM

CONFIGS = Path(__file__).parent / "configs"


class HeadWeights(BaseModel):
    """How much each side head, and the contrast of near pairs, counts beside the tier head (1.0) once warmed up."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    types: float = Field(default=0.2, ge=0)
    tags: float = Field(default=0.2, ge=0)
    modes: float = Field(default=0.05, ge=0)
    contrast: float = Field(default=0.0, ge=0)


class Augmentation(BaseModel):
    """What is done to a share of the messages in each epoch.

    `swap`: values exchanged. `disguise`: written oddly. `join`: put behind others into one long text, which tells whatever one of
    them tells. `frame`: a greeting, thanks or the like put round them, which reveals nothing. `own_names`: names left as they are,
    not written as one name.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    swap: float = Field(default=0.5, ge=0, le=1)
    disguise: float = Field(default=0.15, ge=0, le=1)
    join: float = Field(default=0.0, ge=0, le=1)
    frame: float = Field(default=0.0, ge=0, le=1)
    own_names: float = Field(default=0.3, ge=0, le=1)


class Teacher(BaseModel):
    """How a student learns from the soft labels of a larger network, where there are any.

    `share`: of a labelled message's target, what the teacher says. `unlabelled`: variants without label that are read beside each
    labelled message.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    share: float = Field(default=0.5, ge=0, le=1)
    unlabelled: float = Field(default=1.0, ge=0)


class TrainingConfig(BaseModel):
    """One training run."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    encoder: str = MINILM
    start: Literal["encoder", "current"] = Field(
        default="encoder", description="what `retrain` goes on from: the encoder, or the bundle that is served now"
    )
    seed: int = 13
    epochs: int = Field(default=6, ge=1)
    batch_size: int = Field(default=32, ge=1)
    learning_rate: float = Field(default=1e-4, gt=0)
    head_learning_rate: float = Field(default=1e-3, gt=0)
    weight_decay: float = Field(default=0.01, ge=0)
    warmup_share: float = Field(default=0.1, ge=0, le=1)
    dropout: float = Field(default=0.1, ge=0, lt=1)
    label_smoothing: float = Field(default=0.02, ge=0, lt=1)
    side_heads: HeadWeights = HeadWeights()
    augmentation: Augmentation = Augmentation()
    teacher: Teacher = Teacher()
    average_last: int = Field(default=1, ge=1, description="how many of the last epochs' weights are averaged")
    share: float = Field(
        default=1.0, gt=0, le=1, description="train on a random share of the messages; a smaller share lies in a larger one"
    )
    limit: int | None = Field(default=None, description="train on that many messages only (for tests)")


def load_config(path: Path) -> TrainingConfig:
    """Read a training configuration.

    Raises:
        pydantic.ValidationError: a key is unknown or a value out of range.
    """
    return TrainingConfig.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")) or {})
