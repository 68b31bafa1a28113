"""The loop: reviewed labels and a team's own files → doubts → fit → calibrate → export → gate → a candidate bundle.

A run's folder is named by the hash of all that goes into it, so that the same call goes on where it was stopped, and a finished one
is not done again. Nothing that is served is touched. The folder holds no text but the network's weights and the bundle.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from rich.progress import track

from data.intake import read_labelled
from data.marking import Mark
from data.records import CORPUS, Record, read_corpus
from data.reviews import Labelled, read_reviews
from evaluation.gate import Trial, gate_content, gate_markdown, try_candidate
from evaluation.measure import ready
from serving.bundle import CARD_FILE, MANIFEST_FILE, open_bundle
from serving.classifier import Classifier
from serving.errors import SendsafeError
from serving.findings import Finding
from serving.settings import Settings
from serving.taxonomy import TIERS, InfoType, Mode
from serving.verdict import Message
from training.config import TrainingConfig, load_config
from training.doubt import LIMITS, Aside, RetrainLimits, read_limits, set_aside
from training.sample import chosen
from training.steps import alone, step

HELD_OUT = ("calibration", "test")
"""Splits that calibrate and measure: no new message may nearly stand in one of them."""
Say = Callable[[str], None]
Make = Callable[[Path, TrainingConfig, Sequence[Record]], Path]
"""Makes a bundle of records in a run's folder, going on where it was stopped, and returns the bundle's folder."""


class RetrainError(SendsafeError):
    """The loop cannot run; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Sources:
    """What is learned from: plain and marked files of a team's own, exported reviews, and why their texts may be used."""

    plain: tuple[Path, ...] = ()
    marked: tuple[Path, ...] = ()
    reviews: tuple[Path, ...] = ()
    legal_basis: str | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """Sources, training configuration, the bundle that is served, what a candidate is tried on, and the folder of all runs."""

    sources: Sources
    config: Path
    current: Path
    trial: Trial
    runs: Path
    limits: Path = LIMITS


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a run."""

    run: Path
    bundle: Path
    has_passed: bool
    verdict: dict[str, Any]


def retrain(task: Task, make: Make, say: Say = print) -> Outcome:
    """Run the loop to a candidate, made by `make`, that has passed the gate or was refused.

    Raises:
        RetrainError: another run is under way, no legal basis is given for held texts, or too few labels are left.
        RecordError: a file cannot be read as labelled messages.
        BundleError: the current bundle cannot be used.
        OSError: a file cannot be read or written.
    """
    if task.sources.reviews and not (task.sources.legal_basis or "").strip():
        raise RetrainError("reviews hold people's messages: say on which legal basis they are learned from (--legal-basis)")
    with alone(task.runs, RetrainError("another run is under way")):
        run = task.runs / f"retrain-{identity(task)[:12]}"
        run.mkdir(exist_ok=True)
        say(f"run {run.name}")
        limits, config = read_limits(task.limits), load_config(task.config)
        classifier = ready(Settings(bundle_folder=task.current))
        new = intake(task.sources)
        aside = step(run / "aside.json", lambda: _look_at(new, classifier, limits))
        kept = [each for each in new if each.record.source not in aside]
        base = chosen(read_corpus("train"), config)
        step(run / "provenance.json", lambda: provenance(task, new, aside, len(base)))
        say(f"{len(new)} new messages, {len(aside)} set aside: {_counted(aside)}")
        if len(kept) < limits.least_new:
            raise RetrainError(f"{len(kept)} new messages are left, fewer than {limits.least_new}: nothing is trained")
        records = [*base, *weighted([with_marks(each, classifier) for each in kept], limits)]
        bundle = make(run, config, records)
        verdict = _judge(run, bundle, task)
        return Outcome(run, bundle, bool(verdict["passed"]), verdict)


def intake(sources: Sources) -> list[Labelled]:
    """Read every source; a source's messages are named by its file and row, or by the review's id.

    Raises:
        RecordError: a file is broken, or two messages have one name.
    """
    found: list[Labelled] = []
    for paths, is_marked in ((sources.plain, False), (sources.marked, True)):
        for path in paths:
            found += [Labelled(record) for record in read_labelled(path, is_marked=is_marked)]
    for path in sources.reviews:
        found += read_reviews(path)
    twice = [name for name, count in Counter(each.record.source for each in found).items() if count > 1]
    if twice:
        raise RetrainError(f"{twice[0]} stands in two files: give files and reviews names of their own")
    return found


def with_marks(each: Labelled, classifier: Classifier) -> Labelled:
    """Mark what nobody has marked by what the current bundle finds in it, as far as the label allows."""
    if each.record.marks or each.record.label is TIERS[0]:
        return each
    findings = classifier.classify(Message(text=each.record.text)).findings
    return replace(each, record=replace(each.record, marks=tuple(_marks(findings, each.record))))


def weighted(kept: Sequence[Labelled], limits: RetrainLimits) -> list[Record]:
    """Return the records, those with two labels more often; each copy has a source of its own."""
    records = []
    for each in kept:
        times = limits.weights.double if each.is_double else limits.weights.single
        records += [replace(each.record, source=f"{each.record.source}#{copy}") for copy in range(times)]
    return records


def identity(task: Task) -> str:
    """Return one hash over all that decides what a run makes: sources, basis, settings, corpus and the current bundle."""
    digest = hashlib.sha256((task.sources.legal_basis or "").encode())
    corpus = sorted((CORPUS / "train").glob("*.jsonl"))
    sources = (path for paths in (task.sources.plain, task.sources.marked, task.sources.reviews) for path in paths)
    settings = (task.config, task.limits, task.current / MANIFEST_FILE, *sorted(Path(__file__).parent.glob("soft_labels*")))
    for path in (*corpus, *sources, *settings):
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file():
                digest.update(f"{file.name} {hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()


def provenance(task: Task, new: Sequence[Labelled], aside: Aside, base: int) -> dict[str, Any]:
    """Return where the new labels come from and on which basis they are used; ids and counts, no text."""
    kept = [each for each in new if each.record.source not in aside]
    paths = [*task.sources.plain, *task.sources.marked, *task.sources.reviews]
    return {
        "begun": datetime.now(UTC).isoformat(timespec="seconds"),
        "legal_basis": task.sources.legal_basis,
        "current_bundle": open_bundle(task.current).manifest.version,
        "files": [path.name for path in paths],
        "messages_of_the_corpus": base,
        "new": {"given": len(new), "kept": len(kept), "reviews": sum(each.origin == "review" for each in kept)},
        "labels": {"single": sum(not each.is_double for each in kept), "double": sum(each.is_double for each in kept)},
        "tiers": Counter(each.record.label.value for each in kept),
        "reviewers": Counter(reviewer for each in kept for reviewer in each.reviewers),
        "set_aside": Counter(aside.values()),
        "records": [{"source": each.record.source, "origin": each.origin, "label": each.record.label.value} for each in kept],
    }


def _look_at(new: Sequence[Labelled], classifier: Classifier, limits: RetrainLimits) -> Aside:
    held_out = [record for split in HELD_OUT for record in read_corpus(split)]
    scores = np.full((len(new), len(TIERS)), 1 / len(TIERS))
    for place, each in enumerate(track(new, "reading", transient=True)):
        said = classifier.classify(Message(text=each.record.text)).scores
        if said is not None:
            scores[place] = [said[tier] for tier in TIERS]
    return set_aside(new, held_out, read_corpus("train"), scores, limits)


def _judge(run: Path, bundle: Path, task: Task) -> dict[str, Any]:
    """Ask the gate, anew where limits, cases, gold set or the current bundle are others than last time."""
    asked = hashlib.sha256(f"{task.trial.gold.sha256} {task.trial.limits!r} {task.trial.cases!r}".encode()).hexdigest()[:12]
    verdict = step(run / f"verdict-{asked}.json", lambda: gate_content(try_candidate(bundle, task.current, task.trial)))
    text = gate_markdown(verdict, {})
    (run / "verdict.md").write_text(text, encoding="utf-8")
    about = json.loads((run / "provenance.json").read_text(encoding="utf-8"))
    (bundle / CARD_FILE).write_text(_card(about, text), encoding="utf-8")
    return dict(verdict)


def _card(about: dict[str, Any], verdict: str) -> str:
    new = about["new"]
    return (
        f"# A candidate bundle\n\nMade from {about['messages_of_the_corpus']:,} messages of the corpus and {new['kept']} new ones "
        f"({new['given']} given; {about['labels']['double']} labelled by two people). Legal basis for training on held texts: "
        f"{about['legal_basis'] or 'none needed, no review was used'}.\n\nThe gate's verdict:\n\n#{verdict}"
    )


def _marks(findings: Sequence[Finding], record: Record) -> Iterator[Mark]:
    end = 0
    for each in sorted(findings, key=lambda finding: finding.start):
        form = each.form if each.info_type is InfoType.NAME and each.mode is Mode.STATED else None
        if each.info_type is InfoType.NAME and each.mode is Mode.STATED and form is None:
            continue
        mark = Mark(each.start, each.end, each.info_type, each.mode, form)
        if each.start >= end and each.end > each.start and mark.tier.rank <= record.label.rank:
            yield mark
            end = each.end


def _counted(aside: Aside) -> str:
    return ", ".join(f"{count} {reason}" for reason, count in Counter(aside.values()).most_common()) or "none"
