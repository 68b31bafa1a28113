"""The model card and README's table, written from the committed reports and never by hand."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from evaluation.markdown import share, table
from evaluation.measure import OURS
from serving.bundle import CARD_FILE, Manifest

REPORTS = Path(__file__).parents[1] / "evaluation" / "reports"
README = Path(__file__).parents[1] / "README.md"
TITLES = {"test": "the project's test split", "public": "379 public messages, never trained on"}
WEAKEST = 6
"""Slices and types that the card names as weakest."""
LEAST_MESSAGES = 30
"""Messages from which a slice or a type is large enough to be named."""
Report = dict[str, Any]
_FIGURES = re.compile(r"<!-- figures -->.*?<!-- end of figures -->", re.DOTALL)


def read_reports(folder: Path = REPORTS) -> dict[str, Report]:
    """Read every committed report by its name."""
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))}


def figures_table(folder: Path = REPORTS) -> str:
    """Return a Markdown table of every committed report: this model beside the floor and the rules."""
    reports = read_reports(folder)
    rows = [["", "messages", "macro-F1", "`sensitive` caught", "unsafe allowed", "safe held", "to review"]]
    for name, title in TITLES.items():
        for contestant, of in _rows(reports[name]):
            cells = [of["macro_f1"], of["sensitive_caught"], of["unsafe_allowed"], of["safe_held"], of["reviewed"]]
            rows.append([f"{title}: {contestant}", str(of["messages"]), *map(share, cells)])
    return "\n".join(table(rows))


def write_figures(folder: Path = REPORTS, readme: Path = README) -> None:
    """Put the table into README, between its marks."""
    text = readme.read_text(encoding="utf-8")
    readme.write_text(_FIGURES.sub(lambda _: _between_marks(figures_table(folder)), text), encoding="utf-8")


def write_card(manifest: Manifest, bundle: Path, folder: Path = REPORTS) -> None:
    """Write the model card of a bundle."""
    (bundle / CARD_FILE).write_text(card(manifest, folder), encoding="utf-8")


def card(manifest: Manifest, folder: Path = REPORTS) -> str:
    """Return the model card of a bundle, with the figures of the committed reports."""
    reports = read_reports(folder)
    test, thresholds = reports["test"], manifest.thresholds
    sections = [
        _HEAD.format(version=manifest.version, base=manifest.base_model, normalisation=manifest.normalisation, messages=_messages(manifest),
                     data=manifest.training_data_sha256[:16]),
        f"""**Calibration.** Temperature {manifest.temperature}; a message whose probability of being personal or sensitive is below {thresholds.allow} is safe, from
{thresholds.block} on it is not, and between them a person decides. From {thresholds.unsafe} on its tier is one of these two, `sensitive` where that has a share of
{thresholds.sensitive} and more. Expected calibration error of the tier: {share(manifest.metrics["calibration_error"])} on the calibration split
itself (before: {share(manifest.metrics["calibration_error_before"])}), {share(_tier_error(test))} on the test split.""",
        f"## Figures\n\n{figures_table(folder)}",
        _READING,
        *_goals(reports),
        *_probes(test),
        *_precision(reports.get("precision")),
        *_peers(reports.get("peers")),
        *_curve(reports.get("learning-curve")),
        "## Limits and known failures",
        "\n".join(f"- {sentence}" for sentence in (*_weaknesses(test), *_LIMITS)),
    ]  # fmt: skip
    return "\n\n".join(sections) + "\n"


def _tier_error(report: Report) -> float | None:
    error: float | None = report["confidence"]["tier"]["calibration_error"] if "confidence" in report else None
    return error


def _messages(manifest: Manifest) -> str:
    number = manifest.metrics.get("training_messages")
    return "" if number is None else f"{int(number):,} training messages, "


def _goals(reports: dict[str, Report]) -> Iterator[str]:
    """Yield every goal, met or not."""
    rows = [["figure", "on", "goal", "measured", "met"]]
    for name in TITLES:
        for each in reports[name].get("goals", []):
            met = {True: "yes", False: "no", None: "not measured"}[each["is_met"]]
            rows.append([each["what"], name, each["goal"], share(each["figure"]), met])
    if len(rows) > 1:
        yield "## Against its goals"
        yield "\n".join(table(rows))


def _probes(test: Report) -> Iterator[str]:
    if "spans" in test:
        of = test["spans"]["all"]
        yield (
            f"**Words found.** Of {of['marks']} marked words and phrases of the test split, {share(of['exact_recall'])} are found to the letter with their type,\n"
            f"{share(of['overlapping_recall'])} at least in part, {share(of['telling_recall'])} are touched by any finding. Per message, types have precision "
            f"{share(of['precision'])} and\nrecall {share(of['recall'])}."
        )
    for length, of in test.get("positions", {}).items():
        caught = ", ".join(f"{share(value)} at the {place}" for place, value in of["caught"].items())
        yield (
            f"**One telling message in {int(length):,} characters** is caught {caught}; equally long clean texts are held in {share(of['clean_held'])} "
            f"({of['texts']} texts each)."
        )
    if "long_texts" in test:
        of = test["long_texts"]
        caught = ", ".join(f"{share(of['caught'][place])} in the {place} third ({of['telling'][place]})" for place in of["caught"])
        yield (
            f"**Long texts as they are written**: {of['clean']} clean ones are held in {share(of['clean_held'])}; ones with a telling detail are "
            f"caught {caught}."
        )
    for kind, of in test.get("swaps", {}).items():
        yield (
            f"**Swapped** ({kind}): of {of['swaps']} swaps in {of['messages']} messages, {share(of['action_changed_share'])} changed the action and "
            f"{share(of['category_changed_share'])} the tier."
        )


def _precision(report: Report | None) -> Iterator[str]:
    if report:
        yield (
            f"**int8 against fp32** on {report['messages']} messages: the same tier on {_exact(report['same_tier'])}, the same action on "
            f"{_exact(report['same_action'])}; in another order\nor in batches the same verdict as alone on {_exact(report['alone']['another_order'])} and "
            f"{_exact(report['alone']['batches'])}."
        )


def _peers(report: Report | None) -> Iterator[str]:
    if report:
        rows = [["", "macro-F1", "unsafe allowed", "safe held", "ms for a message (median)"]]
        for name, each in report["contestants"].items():
            of = each["figures"]
            rows.append(
                [name, share(of["macro_f1"]), share(of["unsafe_allowed"]), share(of["safe_held"]), f"{each['speed']['p50_ms']:.2f}"]
            )
        yield f"## Beside others on {report['data']}"
        yield "\n".join(table(rows))
        yield f"Measured in one run on {report['machine']}."


def _curve(report: Report | None) -> Iterator[str]:
    for data, line in (report or {"curves": {}})["curves"].items():
        points = ", ".join(f"{share(each['macro_f1'])} from {each['training_messages']:,}" for each in line["points"])
        yield f"**More messages** ({data}): macro-F1 {points} training messages."


def _weaknesses(test: Report) -> Iterator[str]:
    """Yield the slices and types in which it fails most, by the report."""
    slices = test["contestants"][OURS]["slices"]
    named = {
        f"{value} ({field})": of
        for field in ("kind", "register", "service")
        for value, of in slices.get(field, {}).items()
        if of["messages"] >= LEAST_MESSAGES
    }
    for figure, says in (
        ("unsafe_allowed", "lets the largest share of unsafe messages through"),
        ("safe_held", "holds the largest share of safe messages"),
    ):
        worst = sorted((of[figure], value) for value, of in named.items() if of[figure])[::-1][:WEAKEST]
        if worst:
            yield f"It {says} in: {', '.join(f'{value} {share(found)}' for found, value in worst)}."
    types = {name: of for name, of in test.get("spans", {}).get("types", {}).items() if of["messages"] >= LEAST_MESSAGES // 2}
    missed = sorted((of["recall"], name) for name, of in types.items() if of["recall"] is not None)[:WEAKEST]
    if missed:
        yield f"The types that it misses most often: {', '.join(f'{name} (recall {share(recall)})' for recall, name in missed)}."
    pairs = test["contestants"][OURS]["near_pairs"]
    if pairs["pairs"]:
        yield f"Of {pairs['pairs']} near pairs that a word or two flips, both halves are right in {share(pairs['right'])}."


def _rows(report: Report) -> Iterator[tuple[str, Report]]:
    for contestant, content in report["contestants"].items():
        yield contestant, content["figures"]
        for value, of in content["slices"].get("slice", {}).items() if contestant == OURS else ():
            yield f"{contestant}, {value} alone", of


def _exact(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}"


def _between_marks(figures: str) -> str:
    return f"<!-- figures -->\n{figures}\n<!-- end of figures -->"


_HEAD = """---
license: apache-2.0
language: [en, cy]
base_model: sentence-transformers/all-MiniLM-L6-v2
tags: [text-classification, token-classification, onnx]
---

# sendsafe {version}

Reads a short UK message and says which of four tiers of information it tells, which types, and which words did it.

**Made from** {base} (Apache-2.0), fine-tuned with four heads (tier, types, type and mode of each token), exported to ONNX and quantised to
int8 (dynamic). Text normalisation version {normalisation}; {messages}training data SHA-256 `{data}…`.

**Training data.** Language models wrote every message and every label, by one labelling guide; no person did, and no real person's message is in it. Where a second labelling
was made, language models made it too: agreement is between two such labellings and says how clear the guide is, not how people would judge. The figures below are against the
same kind of labels. See `data/README.md`."""
_READING = """"Caught" counts review. "Unsafe allowed" is the share of personal and sensitive messages that would go; "safe held" the share of the others that would not.
Where a message is borderline, either fair reading counts as right."""
_LIMITS = (
    "It is weaker on what is only implied, on words used innocently in unusual places, and on near pairs that one word flips: see the slices in `evaluation/reports/`.",
    "English and a little Welsh. Other languages go to review.",
    "It has seen no real traffic, and language models write tidier than people do. Start in shadow and measure on your own messages.",
    "The public messages were labelled by language models too.",
    "It judges words, not pictures, links or what both sides already know.",
)
