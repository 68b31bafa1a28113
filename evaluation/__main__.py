"""`python -m evaluation`: how good the shipped bundle is."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markdown import Markdown
from rich.markup import escape
from rich.table import Table

from data.records import SPLITS, Record, read_corpus, read_file
from evaluation import disguise, fuzz
from evaluation import rules as rule_figures
from evaluation.answers import Floor, ask
from evaluation.clauses import rows, write_table
from evaluation.deciding import cost_of_deciding
from evaluation.report import as_json, as_markdown
from evaluation.suggestions import suggestions
from serving.classifier import READY, Classifier
from serving.settings import Settings
from serving.taxonomy import Tier
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


@app.command(name="rules")
def rules_command(
    values: Annotated[int, typer.Option(help="How many values to draw for each rule.")] = 2000,
    out: Annotated[Path | None, typer.Option(help="Write OUT.md.")] = None,
) -> None:
    """Show each rule's false alarms on routine messages and its recall on drawn values; exit code 1 when one alarms too often."""
    records = [record for split in SPLITS for record in read_corpus(split)]
    figures = rule_figures.measure(records, values)
    routine = sum(record.fair_labels == {Tier.ROUTINE} for record in records)
    text = rule_figures.as_markdown(figures, routine)
    console.print(Markdown(text))
    if out:
        out.with_suffix(".md").write_text(text, encoding="utf-8")
    if any(each.false_alarm_rate > rule_figures.MOST_FALSE_ALARMS for each in figures):
        raise typer.Exit(1)


@app.command(name="disguise")
def disguise_command(
    count: Annotated[int, typer.Option(help="How many identifiers to write in each kind of disguise.")] = 10_000,
    held: Annotated[bool, typer.Option(help="Judge oddly written routine messages of the test split too, with the model.")] = True,
    out: Annotated[Path | None, typer.Option(help="Write OUT.md.")] = None,
) -> None:
    """Show how much of what is disguised is still found, and how many more routine messages are held; exit code 1 below a goal."""
    caught = [disguise.catch(family, count) for family in disguise.GOALS]
    classifier = Classifier.load(Settings())
    text = disguise.as_markdown(caught, disguise.hold(classifier, read_corpus("test")) if held else (), str(classifier.model_version))
    console.print(Markdown(text))
    if out:
        out.with_suffix(".md").write_text(text, encoding="utf-8")
    if not all(each.is_reached for each in caught):
        raise typer.Exit(1)


@app.command(name="fuzz")
def fuzz_command(
    minutes: Annotated[float, typer.Option(help="For how long.")] = 60.0,
    seed: Annotated[int, typer.Option(help="Where the drawing of texts begins.")] = 1,
    out: Annotated[Path | None, typer.Option(help="Write OUT.md.")] = None,
) -> None:
    """Read hostile texts and show the worst; exit code 1 when one raises, changes when read twice or maps outside."""
    seen = fuzz.fuzz(minutes * 60, [record.text for record in read_corpus("train")], seed)
    text = fuzz.as_markdown(seen, minutes * 60, seed)
    console.print(Markdown(text))
    if out:
        out.with_suffix(".md").write_text(text, encoding="utf-8")
    if not seen.is_sound:
        raise typer.Exit(1)


if __name__ == "__main__":
    app()
