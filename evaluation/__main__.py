"""`python -m evaluation`: how good the shipped bundle is."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markdown import Markdown
from rich.markup import escape
from rich.table import Table

from data.records import Record, read_corpus, read_file
from evaluation.answers import Floor, ask
from evaluation.clauses import rows, write_table
from evaluation.deciding import cost_of_deciding
from evaluation.report import as_json, as_markdown
from evaluation.suggestions import suggestions
from serving.classifier import READY, Classifier
from serving.settings import Settings
from serving.terminal import PATIENCE_SECONDS

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


@app.command(name="suggestions")
def suggestions_command(
    policy: Annotated[list[str] | None, typer.Option(help="The packs that are asked; left out, each of the three by itself.")] = None,
    split: Annotated[str, typer.Option(help="The split of the corpus.")] = "test",
) -> None:
    """Count the blocked and held messages that get another wording which may go."""
    classifier = Classifier.load(Settings(suggestion_seconds=PATIENCE_SECONDS))
    records = read_corpus(split)
    for policies in [tuple(policy)] if policy else [("dwp-sms",), ("barnet-messaging",), ("dwp-aup",)]:
        for each in suggestions(classifier, records, policies):
            share = f"{each.suggested / each.messages:.1%}" if each.messages else "–"
            told = f"{each.messages} to {each.action}, {each.suggested} with a wording that may go ({share}), {each.reworded} reworded"
            console.print(f"{', '.join(policies)}: {told}", highlight=False, soft_wrap=True)


@app.command()
def clauses(
    out: Annotated[Path | None, typer.Option(help="A document to put the table in, between its marks.")] = None,
) -> None:
    """Show every clause of the policies: how it is met, and which tests prove it."""
    found = rows(Path(__file__).parents[1])
    if out:
        write_table(out, found)
        return
    table = Table("policy", "clause", "met by", "how", "tests")
    for row in found:
        table.add_row(row.pack, row.clause.id, row.clause.effect, row.clause.how.strip(), escape("\n".join(row.tests) or "none"))
    console.print(table)


if __name__ == "__main__":
    app()
