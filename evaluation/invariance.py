"""What must not change a verdict: the names and places in a message, and where in a long text its telling words stand."""

import random
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from data.marking import Mark
from data.records import Record
from data.synthesis import is_town, names
from evaluation.metrics import UNSAFE
from serving.classifier import Classifier
from serving.taxonomy import InfoType, Mode
from serving.verdict import Action, Message

UNSEEN_NAMES = Path(__file__).parent / "unseen_names.yaml"
REGIONS = Path(__file__).parent / "places.yaml"
Names = Mapping[str, Mapping[str, Sequence[str]]]
"""Given and family names by origin."""
POSITIONS: Mapping[str, float] = {"start": 0.0, "middle": 0.5, "end": 1.0}


@dataclass(frozen=True, slots=True)
class Swaps:
    """Of `messages` with a name or place, each written anew once for every group of such: how many swaps changed something.

    `by_group` is the share of a group's swaps that changed the action, `stopped_by_group` the share that is held or blocked.
    """

    messages: int
    swaps: int
    category_changed: int
    action_changed: int
    messages_changed: int
    by_group: Mapping[str, float]
    stopped_by_group: Mapping[str, float]


def swap_names(
    classifier: Classifier, records: Sequence[Record], seed: int = 17, pool: Names | None = None, most: int | None = None
) -> Swaps:
    """Write every given name and full name of a message anew, once for each origin, and compare with the original's verdict.

    The names are those of `pool`, or those of the corpus; where `most` is less than the messages with a name, that many are drawn.
    """
    rng = random.Random(seed)  # noqa: S311
    named = names() if pool is None else pool
    chosen = [record for record in records if _has(record, _is_name)]
    if most is not None and most < len(chosen):
        chosen = rng.sample(chosen, most)
    return _swap(classifier, chosen, named, lambda record, origin: _with_names(record, named[origin], rng))


def swap_places(classifier: Classifier, records: Sequence[Record], seed: int = 17) -> Swaps:
    """Write every place of a message that is marked to be swapped anew, once for each region, and compare with the original's verdict."""
    rng = random.Random(seed)  # noqa: S311
    places: Mapping[str, Sequence[str]] = yaml.safe_load(REGIONS.read_text(encoding="utf-8"))
    chosen = [record for record in records if _has(record, is_town)]

    def written(record: Record, region: str) -> str:
        return _rewritten(record, is_town, lambda _: rng.choice(places[region]))

    return _swap(classifier, chosen, places, written)


def _swap(classifier: Classifier, records: Sequence[Record], groups: Collection[str], written: Callable[[Record, str], str]) -> Swaps:
    categories = touched = 0
    changed, stopped = Counter[str](), Counter[str]()
    for record in records:
        before = classifier.classify(Message(text=record.text))
        has_changed = False
        for group in groups:
            after = classifier.classify(Message(text=written(record, group)))
            categories += after.category is not before.category
            changed[group] += after.action is not before.action
            stopped[group] += after.action is not Action.ALLOW
            has_changed = has_changed or after.action is not before.action
        touched += has_changed
    return Swaps(
        messages=len(records),
        swaps=len(records) * len(groups),
        category_changed=categories,
        action_changed=changed.total(),
        messages_changed=touched,
        by_group={group: changed[group] / len(records) for group in groups} if records else {},
        stopped_by_group={group: stopped[group] / len(records) for group in groups} if records else {},
    )


def unseen_names(path: Path = UNSEEN_NAMES) -> Names:
    """Read names of many origins that stand in no list of the bundle's code, so that the network meets them for the first time."""
    return dict(yaml.safe_load(path.read_text(encoding="utf-8")))


@dataclass(frozen=True, slots=True)
class PositionFigures:
    """Share of long texts held or blocked: by the place of the one telling message among routine ones, and without one."""

    texts: int
    caught: Mapping[str, float]
    clean_held: float | None


def move_detail(classifier: Classifier, records: Sequence[Record], *, length: int, texts: int, seed: int = 23) -> PositionFigures:
    """Put one telling message at the start, in the middle and at the end of routine ones, `length` characters in all."""
    rng = random.Random(seed)  # noqa: S311
    safe = [record.text for record in records if record.fair_labels.isdisjoint(UNSAFE)]
    telling = [record.text for record in records if record.fair_labels <= UNSAFE]
    caught = dict.fromkeys(POSITIONS, 0)
    held = 0
    for detail in rng.sample(telling, min(texts, len(telling))):
        filler = list(_filler(safe, length - len(detail), rng))
        held += _is_stopped(classifier, "\n".join(filler))
        for position, share in POSITIONS.items():
            place = round(share * len(filler))
            caught[position] += _is_stopped(classifier, "\n".join([*filler[:place], detail, *filler[place:]]))
    count = min(texts, len(telling))
    return PositionFigures(
        count, {position: number / count for position, number in caught.items()} if count else {}, held / count if count else None
    )


def _is_stopped(classifier: Classifier, text: str) -> bool:
    return classifier.classify(Message(text=text)).action is not Action.ALLOW


def _filler(safe: Sequence[str], length: int, rng: random.Random) -> Iterator[str]:
    while True:
        text = rng.choice(safe)
        length -= len(text) + 1
        if length < 0:
            return
        yield text


def _is_name(words: str, mark: Mark) -> bool:
    return mark.info_type is InfoType.NAME and mark.mode is Mode.STATED and words.replace(" ", "").isalpha() and words.istitle()


def _with_names(record: Record, origin: Mapping[str, Sequence[str]], rng: random.Random) -> str:
    def name(words: Sequence[str]) -> str:
        given, family = rng.choice(origin["given"]), rng.choice(origin["family"])
        if len(words) == 2 and _is_title(words[0]):  # noqa: PLR2004
            return f"{words[0]} {family}"
        return {1: given, 2: f"{given} {family}"}.get(len(words), " ".join(words))

    return _rewritten(record, _is_name, lambda words: name(words.split()))


def _rewritten(record: Record, is_meant: Callable[[str, Mark], bool], new: Callable[[str], str]) -> str:
    return record.marked.rewritten(lambda words, mark: new(words) if is_meant(words, mark) else words).plain


def _has(record: Record, is_meant: Callable[[str, Mark], bool]) -> bool:
    return any(is_meant(record.text[mark.start : mark.end], mark) for mark in record.marks)


def _is_title(word: str) -> bool:
    return word in {"Mr", "Mrs", "Ms", "Miss", "Mx", "Dr", "Nurse", "Sister", "Cllr", "Sgt", "Prof", "Rev", "Auntie", "Uncle"}
