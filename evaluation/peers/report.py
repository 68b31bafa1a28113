"""Peers side by side: quality on the same messages, and speed in the same run."""

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

from rich.progress import track

from data.records import Record, read_corpus
from evaluation.answers import Floor, ask_model_alone, ask_one
from evaluation.machine import describe
from evaluation.markdown import share, table
from evaluation.measure import FLOOR, RULES, ready, rules_alone
from evaluation.metrics import figures
from evaluation.peers.presidio import PACKAGES, MissingPeerError, Presidio, read_rule
from evaluation.peers.speed import Ask, time_rounds
from serving.bundle import open_bundle
from serving.classifier import Classifier
from serving.model import Model
from serving.settings import Settings

PRESIDIO, MODEL, TOGETHER = "Presidio", "sendsafe: model alone", "sendsafe: all together"
TIMED_SEED = 31


def peers_content(data: str, settings: Settings, records: Sequence[Record], *, rounds: int, timed: int) -> dict[str, Any]:
    """Measure everybody; a peer that is not installed is left out and named in `missing`.

    Raises:
        BundleError: the bundle cannot be used.
    """
    asks, missing = contestants(settings)
    chosen = random.Random(TIMED_SEED).sample(list(records), min(timed, len(records)))  # noqa: S311
    quality = {name: figures([ask(record) for record in track(records, name, transient=True)]) for name, ask in asks.items()}
    speed = time_rounds(asks, chosen, rounds)
    content = {
        "data": data,
        "bundle": open_bundle(settings.bundle_folder).manifest.version,
        "machine": describe("onnxruntime", "scikit-learn", *PACKAGES),
        "rounds": rounds,
        "timed": len(chosen),
        "missing": missing,
        "presidio_rule": asdict(read_rule()),
        "contestants": {name: {"figures": asdict(quality[name]), "speed": asdict(speed[name])} for name in asks},
    }
    return dict(json.loads(json.dumps(content)))


def contestants(settings: Settings) -> tuple[dict[str, Ask], list[str]]:
    """Return everybody who can be asked, and a sentence for each who cannot.

    Raises:
        BundleError: the bundle cannot be used.
    """
    ready(settings)
    asks: dict[str, Ask] = {FLOOR: Floor(read_corpus("train")).ask_one}
    missing = []
    try:
        asks[PRESIDIO] = Presidio().ask_one
    except MissingPeerError as error:
        missing.append(str(error))
    asks[RULES] = partial(ask_one, rules_alone(settings))
    asks[MODEL] = partial(ask_model_alone, Model(open_bundle(settings.bundle_folder)))
    asks[TOGETHER] = partial(ask_one, Classifier.load(settings))
    return asks, missing


def peers_markdown(content: Mapping[str, Any], plots: Mapping[str, str]) -> str:
    """Write the comparison as Markdown; it has no plots."""
    del plots
    head = ["", "macro-F1", "sensitive caught", "unsafe allowed", "safe held", "reviewed", "p50 ms", "p95 ms", "messages a second"]
    rows = [head]
    for name, each in content["contestants"].items():
        of, speed = each["figures"], each["speed"]
        cells = [of["macro_f1"], of["sensitive_caught"], of["unsafe_allowed"], of["safe_held"], of["reviewed"]]
        timing = [f"{speed['p50_ms']:.2f}", f"{speed['p95_ms']:.2f}", f"{speed['messages_a_second']:.0f}"]
        rows.append([name, *map(share, cells), *timing])
    messages = next(iter(content["contestants"].values()))["figures"]["messages"]
    lines = [f"# Peers on {content['data']}: bundle {content['bundle']}", "", *table(rows), ""]
    lines += [
        f"Quality on {messages} messages.",
        f"Speed one message at a time on {content['timed']} of them, medians of {content['rounds']} interleaved rounds.",
    ]
    lines += ["", f"Measured on {content['machine']}.", ""]
    lines += [f"- Left out: {sentence}." for sentence in content["missing"]]
    lines += [_rule(content["presidio_rule"])]
    return "\n".join(lines) + "\n"


def _rule(rule: Mapping[str, Any]) -> str:
    tiers = ", ".join(f"{entity} {tier}" for entity, tier in rule["entities"].items())
    return (
        f"Presidio's findings from score {rule['score']} on give the tier, the strictest wins: {tiers}; "
        "a person of one word minimum_contact. "
        "What is personal or sensitive counts as blocked, the rest as allowed; floor and Presidio know no review."
    )
