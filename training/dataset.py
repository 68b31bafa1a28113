"""From labelled messages to batches of windows with a label for every head."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor

from data.records import Record
from serving.names import with_one_name
from serving.taxonomy import TIERS, Tier, highest
from serving.text import NormalisedText, normalise
from serving.windows import WINDOW_TOKENS, windows
from training.labels import MODE_LABELS, TAG_LABELS, TYPE_LABELS, type_label

IGNORED = -100
"""Label of tokens that a loss passes over (PyTorch's own default)."""
UNKNOWN = -1.0
"""In place of a type that nobody labelled."""
ALSO_SHARE = 0.3
"""Weight of the milder fair reading of a borderline message."""


@dataclass(frozen=True, slots=True)
class Example:
    """One window of one message. `tier` sums to 1; `tags` and `modes` have one entry a token, special tokens included.

    `pair` names the near pair of which a message is one half, where it is one window.
    """

    ids: tuple[int, ...]
    tier: tuple[float, ...]
    types: tuple[float, ...]
    tags: tuple[int, ...]
    modes: tuple[int, ...]
    pair: str | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """Padded tensors; shapes as in `Outputs`. `twins` (pairs, 2) are the rows of both halves of near pairs."""

    ids: Tensor
    mask: Tensor
    tier: Tensor
    types: Tensor
    tags: Tensor
    modes: Tensor
    twins: Tensor


def examples(
    record: Record, tokenizer: Tokenizer, *, has_one_name: bool = True, soft: Sequence[float] | None = None, soft_share: float = 0.0
) -> Iterator[Example]:
    """Cut one message into labelled windows; a window's tier is what the marks inside it demand.

    With `has_one_name` it is read as it will be served; without, names stay as they are, as unknown names do. `soft` is what a
    teacher makes of the whole message (4 probabilities); it counts for `soft_share` of the target where the message is one window.
    """
    cleaned = _as_served(record.text, has_one_name=has_one_name)
    encoding = tokenizer.encode(cleaned.text, add_special_tokens=False)
    first, last = _special_ids(tokenizer)
    spans = [cleaned.original_span(start, end) if end > start else (0, 0) for start, end in encoding.offsets]
    tags = np.zeros(len(spans), dtype=int)
    modes = np.full(len(spans), IGNORED)
    owners = np.full(len(spans), -1)
    for number, mark in enumerate(record.marks):
        if mark.info_type is None:
            continue
        for place, (start, end) in enumerate(spans):
            if start < mark.end and end > mark.start:
                tags[place] = TAG_LABELS.index(type_label(mark))
                modes[place] = MODE_LABELS.index(mark.mode)
                owners[place] = number
    ranges = list(windows(len(spans)))
    for start, end in ranges:
        inside = {int(number) for number in owners[start:end] if number >= 0}
        tier = record.label if len(ranges) == 1 else highest(record.marks[number].tier for number in inside)
        also = record.also if len(ranges) == 1 else None
        present = {type_label(record.marks[number]) for number in inside}
        target = _tier_target(tier, also)
        if soft is not None and len(ranges) == 1:
            target = tuple(soft_share * theirs + (1 - soft_share) * ours for theirs, ours in zip(soft, target, strict=True))
        yield Example(
            ids=(first, *encoding.ids[start:end], last),
            tier=target,
            types=tuple(float(label in present) for label in TYPE_LABELS),
            tags=(IGNORED, *map(int, tags[start:end]), IGNORED),
            modes=(IGNORED, *map(int, modes[start:end]), IGNORED),
            pair=record.pair if len(ranges) == 1 else None,
        )


def unlabelled_example(text: str, soft: Sequence[float], tokenizer: Tokenizer) -> Example | None:
    """Return a text of which only the teacher's probabilities are known, `None` where it is longer than a window."""
    ids = tokenizer.encode(_as_served(text).text, add_special_tokens=False).ids
    if len(ids) > WINDOW_TOKENS:
        return None
    first, last = _special_ids(tokenizer)
    nothing = (IGNORED,) * (len(ids) + 2)
    return Example((first, *ids, last), tuple(soft), (UNKNOWN,) * len(TYPE_LABELS), nothing, nothing)


def batches(data: Sequence[Example], size: int, rng: random.Random, pad_id: int = 0) -> list[Batch]:
    """Group examples of like length into shuffled batches of up to `size`; the halves of a near pair stand beside each other."""
    lengths = [len(example.ids) + rng.uniform(0, 4) for example in data]
    of_pair = {example.pair: length for example, length in zip(data, lengths, strict=True) if example.pair}
    order = sorted(range(len(data)), key=lambda place: of_pair.get(data[place].pair or "", lengths[place]))
    groups = [order[start : start + size] for start in range(0, len(order), size)]
    rng.shuffle(groups)
    return [collate([data[place] for place in group], pad_id) for group in groups]


def collate(group: Sequence[Example], pad_id: int = 0) -> Batch:
    """Pad some examples to the longest of them."""
    length = max(len(example.ids) for example in group)

    def padded(rows: list[tuple[int, ...]], filler: int) -> Tensor:
        return torch.tensor([[*row, *[filler] * (length - len(row))] for row in rows])

    return Batch(
        ids=padded([example.ids for example in group], pad_id),
        mask=padded([(1,) * len(example.ids) for example in group], 0),
        tier=torch.tensor([example.tier for example in group]),
        types=torch.tensor([example.types for example in group]),
        tags=padded([example.tags for example in group], IGNORED),
        modes=padded([example.modes for example in group], IGNORED),
        twins=torch.tensor(list(_twins(group)), dtype=torch.long).reshape(-1, 2),
    )


def _twins(group: Sequence[Example]) -> Iterator[tuple[int, int]]:
    seen: dict[str, int] = {}
    for place, example in enumerate(group):
        if example.pair and seen.setdefault(example.pair, place) != place:
            yield seen[example.pair], place


def _as_served(text: str, *, has_one_name: bool = True) -> NormalisedText:
    cleaned = normalise(text)
    return with_one_name(cleaned) if has_one_name else cleaned


def _tier_target(tier: Tier, also: Tier | None) -> tuple[float, ...]:
    target = dict.fromkeys(TIERS, 0.0)
    target[tier] = 1.0
    if also is not None:
        target[tier], target[also] = 1 - ALSO_SHARE, ALSO_SHARE
    return tuple(target[each] for each in TIERS)


def _special_ids(tokenizer: Tokenizer) -> tuple[int, int]:
    ids = tokenizer.encode("").ids
    return ids[0], ids[-1]
