"""`python -m evaluation`: how good the shipped bundle is."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markdown import Markdown

from data.records import Record, read_corpus, read_file
from evaluation.answers import Floor, ask
from evaluation.deciding import cost_of_deciding
from evaluation.report import as_json, as_markdown
from serving.classifier import READY, Classifier
from serving.settings import Settings

app = typer.Typer(help="Measure the bundle that is served.", no_args_is_help=True)
console = Console()


@app.callback()
def main() -> None:
    """Measure the bundle that is served."""


@app.command()
def report(
    file: Annotated[Path | None, typer.Option(help="A labelled JSON Lines file; left out, the corpus's own split.")] = None,
    split: Annotated[str, typer.Option(help="The split of the corpus to measure on.")] = "test",
    bundle: Annotated[Path | None, typer.Option(help="Another bundle than the shipped one.")] = None,
    floor: Annotated[bool, typer.Option(help="Fit the TF-IDF floor on the training split and show it beside.")] = True,
    rules: Annotated[bool, typer.Option(help="Show the rules alone beside.")] = True,
    out: Annotated[Path | None, typer.Option(help="Write OUT.md and OUT.json.")] = None,
) -> None:
    """Report macro-F1, recall, confusion and slices, beside the floor that the transformer must beat."""
    records: list[Record] = list(read_file(file, is_marked=False)) if file else read_corpus(split)
    settings = Settings() if bundle is None else Settings(bundle_folder=bundle)
    classifier = Classifier.load(settings)
    if classifier.model_status != READY:
        console.print(f"The model is not in use: {classifier.model_status}")
        raise typer.Exit(1)
    answers = {"sendsafe": ask(classifier, records)}
    if rules:
        answers["rules alone"] = ask(Classifier.load(Settings(use_model=False)), records)
    if floor:
        answers["TF-IDF + logistic regression"] = Floor(read_corpus("train")).ask(records)
    text = as_markdown(f"{file.name if file else split}: bundle {classifier.model_version}", answers)
    console.print(Markdown(text))
    if out:
        out.with_suffix(".md").write_text(text, encoding="utf-8")
        out.with_suffix(".json").write_text(as_json(answers), encoding="utf-8")


@app.command()
def deciding(
    policy: Annotated[list[str] | None, typer.Option(help="The packs that are asked; left out, all three.")] = None,
    split: Annotated[str, typer.Option(help="The split of the corpus whose messages are decided on.")] = "test",
) -> None:
    """Time what comes between reading a message and its action."""
    policies = tuple(policy or ("dwp-sms", "barnet-messaging", "dwp-aup"))
    cost = cost_of_deciding(read_corpus(split), policies)
    figures = f"mean {cost.mean:.3f}, p50 {cost.p50:.3f}, p95 {cost.p95:.3f}, p99 {cost.p99:.3f}"
    console.print(f"{cost.messages} messages, {len(policies)} packs, milliseconds of one core: {figures}", highlight=False, soft_wrap=True)


if __name__ == "__main__":
    app()
