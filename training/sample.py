"""Which of the training messages a run is trained on."""

import random
from collections.abc import Sequence

from data.records import Record
from training.config import TrainingConfig

SHARE_SEED = 41


def chosen(records: Sequence[Record], config: TrainingConfig) -> list[Record]:
    """Return the share of the messages that a configuration asks for, in their own order, up to its limit."""
    order = list(range(len(records)))
    random.Random(SHARE_SEED).shuffle(order)  # noqa: S311
    kept = sorted(order[: round(config.share * len(records))])
    return [records[place] for place in kept][: config.limit]
