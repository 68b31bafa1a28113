"""How far two labellers agree: the first wrote the message and its marks, the second saw the words alone.

A record that was labelled twice has `labels`, the two answers in that order; where they differ, `settled` names the ruling that
settled it, and `label` is what was settled.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sklearn.metrics import cohen_kappa_score

from data.records import Record
from serving.taxonomy import TIERS, Tier


@dataclass(frozen=True, slots=True)
class Agreement:
    """Figures over the messages that were labelled twice; `None` where there is none.

    `same` is the share with the same tier; `fair` counts the milder reading of a borderline message as the same; `kappa` is Cohen's.
    """

    messages: int
    same: float | None
    fair: float | None
    kappa: float | None


def labelled_twice(records: Iterable[Record]) -> Iterator[tuple[Record, Tier, Tier]]:
    """Yield the records that have two labels, with the first and the second."""
    for record in records:
        labels = record.fields.get("labels")
        if isinstance(labels, list):
            first, second = map(Tier, labels)
            yield record, first, second


def agreement(records: Iterable[Record]) -> Agreement:
    """Measure the agreement of first and second label.

    >>> agreement([])
    Agreement(messages=0, same=None, fair=None, kappa=None)
    """
    twice = list(labelled_twice(records))
    if not twice:
        return Agreement(0, None, None, None)
    same = [first is second for _, first, second in twice]
    fair = [first is second or {first, second} <= record.fair_labels for record, first, second in twice]
    kappa = cohen_kappa_score([first for _, first, _ in twice], [second for _, _, second in twice], labels=list(TIERS))
    return Agreement(len(twice), sum(same) / len(same), sum(fair) / len(fair), float(kappa))


def disagreements(records: Sequence[Record]) -> list[tuple[Record, Tier, Tier, str]]:
    """Return the messages on which the two differed, with the ruling that settled each."""
    return [
        (record, first, second, str(record.fields.get("settled", "")))
        for record, first, second in labelled_twice(records)
        if first is not second
    ]
