"""The model card and README's table, written from the committed reports and never by hand."""

import json
import re
from pathlib import Path
from typing import Any

from evaluation.report import share
from serving.bundle import CARD_FILE, Manifest

REPORTS = Path(__file__).parents[1] / "evaluation" / "reports"
README = Path(__file__).parents[1] / "README.md"
TITLES = {"test": "the project's test split", "public": "379 public messages, never trained on"}
_FIGURES = re.compile(r"<!-- figures -->.*?<!-- end of figures -->", re.DOTALL)


def figures_table(folder: Path = REPORTS) -> str:
    """Return a Markdown table of every committed report: this model beside the floor and the rules."""
    lines = [
        "| | messages | macro-F1 | `sensitive` caught | unsafe allowed | safe held | to review |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for name, title in TITLES.items():
        report: dict[str, Any] = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        for contestant, content in report.items():
            of = content["figures"]
            cells = [of["macro_f1"], of["sensitive_caught"], of["unsafe_allowed"], of["safe_held"], of["reviewed"]]
            lines.append(f"| {title}: {contestant} | {of['messages']} | {' | '.join(share(cell) for cell in cells)} |")
    return "\n".join(lines)


def write_figures(folder: Path = REPORTS, readme: Path = README) -> None:
    """Put the table into README, between its marks."""
    text = readme.read_text(encoding="utf-8")
    readme.write_text(_FIGURES.sub(lambda _: _between_marks(figures_table(folder)), text), encoding="utf-8")


def write_card(manifest: Manifest, bundle: Path, folder: Path = REPORTS) -> None:
    """Write the model card of a bundle."""
    thresholds = manifest.thresholds
    (bundle / CARD_FILE).write_text(
        f"""---
license: apache-2.0
language: [en, cy]
base_model: sentence-transformers/all-MiniLM-L6-v2
tags: [text-classification, token-classification, onnx]
---

# sendsafe {manifest.version}

Reads a short UK message and says which of four tiers of information it tells, which types, and which words did it.

**Made from** {manifest.base_model} (Apache-2.0), fine-tuned with four heads (tier, types, type and mode of each token), exported to ONNX and quantised to
int8 (dynamic). Text normalisation version {manifest.normalisation}; training data SHA-256 `{manifest.training_data_sha256[:16]}…`.

**Training data.** Every message and every label was written by language models, by one labelling guide; no real person's message is in it. See `data/README.md`.

**Calibration.** Temperature {manifest.temperature}; a message whose probability of being personal or sensitive is below {thresholds.allow} is safe, from
{thresholds.block} on it is not, and between them a person decides. Expected calibration error on the calibration split itself:
{share(manifest.metrics["calibration_error"])} (before: {share(manifest.metrics["calibration_error_before"])}).

## Figures

{figures_table(folder)}

"Caught" counts review. "Unsafe allowed" is the share of personal and sensitive messages that would go; "safe held" the share of the others that would not.

## Limits

- It is weakest on what is only implied, on words used innocently in unusual places, and on near pairs that one word flips: see the slices in `evaluation/reports/`.
- English and a little Welsh. Other languages go to review.
- It has seen no real traffic. Start in shadow and measure on your own messages.
- The public messages were labelled by language models too.
""",
        encoding="utf-8",
    )


def _between_marks(table: str) -> str:
    return f"<!-- figures -->\n{table}\n<!-- end of figures -->"
