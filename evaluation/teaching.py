"""Which verdicts' messages would teach most if a person labelled them: uncertain ones, and unlike one another.

From stored features alone: a message's text is opened by whoever reviews it, not to choose it.
"""

from collections.abc import Collection, Sequence
from math import log

import numpy as np
from numpy.typing import NDArray

from evaluation.stored import Kept
from serving.taxonomy import TIERS, InfoType

_TYPES = {info_type.value: place for place, info_type in enumerate(InfoType)}
_CHANNELS = ("sms", "whatsapp", "webchat", "email", "social_dm", "social_public")


def uncertainty(scores: Sequence[float]) -> float:
    """Return the entropy of the tiers' probabilities as a share of the greatest possible.

    >>> uncertainty([0.25, 0.25, 0.25, 0.25]), uncertainty([1.0, 0.0, 0.0, 0.0])
    (1.0, 0.0)
    """
    return abs(-sum(each * log(each) for each in scores if each > 0)) / log(len(TIERS))


def choose(kept: Sequence[Kept], budget: int, already: Collection[str] = ()) -> list[Kept]:
    """Return up to `budget` verdicts, the most teaching first, those of the ids chosen `already` before them.

    Each next one has the greatest product of its uncertainty and its distance to those already chosen (greedy k-center, as in
    Sener & Savarese 2018, arXiv:1708.00489, weighted by entropy). One that no model has read is as uncertain as can be. Ties go to
    the older one.
    """
    if not kept or budget < 1:
        return []
    weight = np.array([1.0 if each.scores is None else uncertainty(each.scores) for each in kept])
    features = np.array([_features(each) for each in kept])
    nearest = np.ones(len(kept))
    before = [place for place, each in enumerate(kept) if each.id in already]
    chosen: list[int] = []
    for turn in range(min(budget, len(kept))):
        worth = weight * nearest
        worth[chosen] = -1
        best = before[turn] if turn < len(before) else int(worth.argmax())
        chosen.append(best)
        distance = np.linalg.norm(features - features[best], axis=1)
        nearest = np.minimum(nearest, distance / (1 + distance))
    return [kept[place] for place in chosen]


def _features(each: Kept) -> NDArray[np.float64]:
    """Return what tells verdicts apart: probabilities, kinds of information found, channel."""
    scores = each.scores or (1 / len(TIERS),) * len(TIERS)
    types, channels = np.zeros(len(_TYPES)), np.zeros(len(_CHANNELS))
    types[[_TYPES[name] for name in each.types if name in _TYPES]] = 1
    channels[[place for place, name in enumerate(_CHANNELS) if name == each.channel]] = 1
    return np.concatenate([np.asarray(scores), types, channels])
