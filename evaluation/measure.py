"""Measure a bundle on labelled messages: each part on its own, several at once in processes of their own."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context

from rich.progress import track

from data.records import Record
from evaluation.answers import Floor, ask
from evaluation.invariance import PositionFigures, Swaps, move_detail, swap_names, swap_places, unseen_names
from evaluation.metrics import Scored
from serving.classifier import READY, Classifier
from serving.errors import BundleError
from serving.settings import Settings

OURS, RULES, FLOOR = "sendsafe", "rules and fallback", "TF-IDF + logistic regression"
KNOWN, UNSEEN, PLACES = "names of the corpus", "names never met", "places of other regions"
LENGTHS = (2000, 9500)


@dataclass(frozen=True, slots=True)
class Extent:
    """How much is probed: long texts for each place of the detail, and messages whose names are swapped (all where `None`)."""

    long_texts: int
    swapped: int | None


QUICK = Extent(long_texts=50, swapped=120)
FULL = Extent(long_texts=300, swapped=None)


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured: answers by contestant, swaps by kind of name or place, positions by length of text."""

    answers: Mapping[str, Sequence[Scored]]
    swaps: Mapping[str, Swaps]
    positions: Mapping[int, PositionFigures]


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be measured on `records`; `floor` is what the floor is fitted on, `probes` how much is probed, nothing where `None`."""

    settings: Settings
    records: Sequence[Record]
    floor: Sequence[Record] | None = None
    has_rules: bool = True
    probes: Extent | None = None


def measure(task: Task, workers: int = 2) -> Measured:
    """Measure, the longest part first, and show how many parts are done.

    Raises:
        BundleError: the bundle cannot be used.
    """
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        positions: dict[int, Future[PositionFigures]] = {}
        swaps: dict[str, Future[Swaps]] = {}
        if task.probes is not None:
            positions = {length: pool.submit(_positions, task, length) for length in sorted(LENGTHS, reverse=True)}
            swaps = {kind: pool.submit(_swaps, task, kind) for kind in (KNOWN, UNSEEN, PLACES)}
        answers = {name: pool.submit(part) for name, part in _contestants(task).items()}
        try:
            futures: list[Future[object]] = [*positions.values(), *swaps.values(), *answers.values()]  # type: ignore[list-item]
            for done in track(as_completed(futures), "measuring", total=len(futures), transient=True):
                done.result()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
        return Measured(
            answers={name: future.result() for name, future in answers.items()},
            swaps={kind: future.result() for kind, future in swaps.items()},
            positions={length: positions[length].result() for length in sorted(positions)},
        )


def ready(settings: Settings) -> Classifier:
    """Load a classifier that uses its model and looks for no other wordings, which change no verdict.

    Raises:
        BundleError: the bundle cannot be used.
    """
    classifier = Classifier.load(settings.model_copy(update={"suggestion_seconds": 0.0}))
    if classifier.model_status != READY:
        raise BundleError(classifier.model_status)
    return classifier


def rules_alone(settings: Settings) -> Classifier:
    """Load a classifier whose rules answer alone."""
    return Classifier.load(settings.model_copy(update={"use_model": False, "suggestion_seconds": 0.0}))


def _contestants(task: Task) -> dict[str, Callable[[], list[Scored]]]:
    parts: dict[str, Callable[[], list[Scored]]] = {OURS: partial(_ours, task)}
    if task.has_rules:
        parts[RULES] = partial(_rules, task)
    if task.floor is not None:
        parts[FLOOR] = partial(_floor, task.floor, task.records)
    return parts


def _ours(task: Task) -> list[Scored]:
    return ask(ready(task.settings), task.records)


def _rules(task: Task) -> list[Scored]:
    return ask(rules_alone(task.settings), task.records)


def _floor(train: Sequence[Record], records: Sequence[Record]) -> list[Scored]:
    return Floor(train).ask(records)


def _swaps(task: Task, kind: str) -> Swaps:
    if kind == PLACES:
        return swap_places(ready(task.settings), task.records)
    most = task.probes.swapped if task.probes else None
    return swap_names(ready(task.settings), task.records, pool=unseen_names() if kind == UNSEEN else None, most=most)


def _positions(task: Task, length: int) -> PositionFigures:
    texts = task.probes.long_texts if task.probes else QUICK.long_texts
    return move_detail(ready(task.settings), task.records, length=length, texts=texts)
