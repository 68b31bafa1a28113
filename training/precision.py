"""Does int8 keep the verdict of fp32, and does a verdict ever depend on what is judged beside it?"""

import json
import random
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from data.records import Record
from evaluation.answers import ask
from evaluation.markdown import share, table
from evaluation.measure import ready
from evaluation.metrics import Scored, macro_f1
from serving.bundle import HASHED_FILES, MODEL_FILE, TOKENIZER_FILE, Manifest, open_bundle, sha256
from serving.classifier import Classifier
from serving.settings import Settings
from serving.verdict import Direction, Message, Verdict
from training.export import export_fused, write_manifest

BATCHES = (2, 7, 32, 100)
ORDER_SEED = 37
TIERS_GOAL, ACTIONS_GOAL = 0.99, 0.998


def precision_content(encoder: str, weights: Path, bundle: Path, records: Sequence[Record], data: str) -> dict[str, Any]:
    """Build a bundle around the fp32 network with the manifest of the int8 one, and compare both on labelled messages.

    Raises:
        BundleError: one of the two cannot be used.
        ExportError: the fp32 network is not the trained one.
    """
    int8 = ready(Settings(bundle_folder=bundle))
    with TemporaryDirectory() as work:
        fp32_bundle(encoder, weights, bundle, Path(work))
        exact = ask(ready(Settings(bundle_folder=Path(work))), records)
    quantised = ask(int8, records)
    content = {
        "bundle": open_bundle(bundle).manifest.version,
        "data": data,
        "messages": len(records),
        "goals": {"tiers": TIERS_GOAL, "actions": ACTIONS_GOAL, "alone": 1.0},
        **agreement(exact, quantised),
        "macro_f1": {"fp32": macro_f1(exact), "int8": macro_f1(quantised)},
        "alone": alone_against_batches(int8, records),
    }
    return dict(json.loads(json.dumps(content)))


def fp32_bundle(encoder: str, weights: Path, bundle: Path, folder: Path) -> Manifest:
    """Write a bundle like another one, with the fp32 network in it."""
    export_fused(encoder, weights, folder / MODEL_FILE)
    shutil.copy(bundle / TOKENIZER_FILE, folder / TOKENIZER_FILE)
    files = {name: sha256((folder / name).read_bytes()) for name in HASHED_FILES}
    manifest = open_bundle(bundle).manifest.model_copy(update={"files": files})
    write_manifest(manifest, folder)
    return manifest


def agreement(exact: Sequence[Scored], quantised: Sequence[Scored]) -> dict[str, float | None]:
    """Return the shares of messages with the same tier and with the same action, and the largest difference of the unsafe probability."""
    pairs = list(zip(exact, quantised, strict=True))
    differences = [abs(one.unsafe - other.unsafe) for one, other in pairs if one.unsafe is not None and other.unsafe is not None]
    return {
        "same_tier": _share([one.category is other.category for one, other in pairs]),
        "same_action": _share([one.action is other.action for one, other in pairs]),
        "largest_difference": max(differences, default=None),
    }


def alone_against_batches(classifier: Classifier, records: Sequence[Record]) -> dict[str, float | None]:
    """Return the share of messages whose tier, action and scores are to the bit what they were alone: in another order, and in batches."""
    messages = [Message(text=record.text, direction=Direction.OUTBOUND) for record in records]
    alone = [_essence(classifier.classify(message)) for message in messages]
    rng = random.Random(ORDER_SEED)  # noqa: S311
    order = rng.sample(range(len(messages)), len(messages))
    shuffled = {place: _essence(classifier.classify(messages[place])) for place in order}
    batched: dict[int, tuple[object, ...]] = {}
    rest = rng.sample(range(len(messages)), len(messages))
    while rest:
        size = rng.choice(BATCHES)
        batch, rest = rest[:size], rest[size:]
        verdicts = classifier.classify_many([messages[place] for place in batch])
        batched |= {place: _essence(verdict) for place, verdict in zip(batch, verdicts, strict=True)}
    return {
        "another_order": _share([shuffled[place] == each for place, each in enumerate(alone)]),
        "batches": _share([batched[place] == each for place, each in enumerate(alone)]),
    }


def precision_markdown(content: Mapping[str, Any], plots: Mapping[str, str]) -> str:
    """Write the comparison as Markdown; it has no plots."""
    del plots
    goals, alone = content["goals"], content["alone"]
    rows = [
        ["share of the messages with", "goal", "measured"],
        ["the same tier in int8 as in fp32", f"≥ {goals['tiers']}", _exact(content["same_tier"])],
        ["the same action in int8 as in fp32", f"≥ {goals['actions']}", _exact(content["same_action"])],
        ["the same verdict in another order as alone", "1", _exact(alone["another_order"])],
        ["the same verdict in batches as alone", "1", _exact(alone["batches"])],
    ]
    macro = content["macro_f1"]
    lines = [f"# int8 against fp32: bundle {content['bundle']}", "", f"On {content['messages']} messages of {content['data']}.", ""]
    lines += table(rows)
    lines += ["", f"Macro-F1: fp32 {share(macro['fp32'])}, int8 {share(macro['int8'])}."]
    lines += [f"Largest difference of the probability that a message must not go: {share(content['largest_difference'])}."]
    return "\n".join(lines) + "\n"


def _essence(verdict: Verdict) -> tuple[object, ...]:
    return verdict.category, verdict.action, tuple(verdict.scores.items()) if verdict.scores else None


def _exact(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}"


def _share(values: Sequence[bool]) -> float | None:
    return sum(values) / len(values) if values else None
