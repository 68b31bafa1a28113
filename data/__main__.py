"""`python -m data`: look at the corpus and check it."""

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from data import check as checks
from data.agreement import agreement as measure
from data.agreement import disagreements
from data.demo import fill
from data.lexicon import lexicon as make_lexicon
from data.lexicon import write_lexicon
from data.records import SPLITS, read_corpus
from data.sheet import write_sheet
from serving.settings import Settings
from serving.taxonomy import TIERS

app = typer.Typer(help="Look at the corpus and check it.", no_args_is_help=True)
console = Console()
SHOWN = 10


@app.command()
def check(
    quotas: Annotated[bool, typer.Option(help="Hold the counts to data/quotas.yaml.")] = True,
) -> None:
    """Check schema, labels, leaks, repeats and quotas; exit code 1 when anything is wrong."""
    corpus = {split: read_corpus(split) for split in SPLITS}
    found = checks.problems(corpus, checks.read_quotas() if quotas else None)
    for name, sentences in found.items():
        console.print(f"{'ok' if not sentences else len(sentences):>5}  {name}")
        for sentence in sentences[:SHOWN]:
            console.print(f"       {sentence}", markup=False)
    if any(found.values()):
        raise typer.Exit(1)


@app.command()
def count() -> None:
    """Show how many messages each split has, by tier."""
    table = Table("split", *TIERS, "all")
    for split in SPLITS:
        records = read_corpus(split)
        table.add_row(split, *(str(sum(r.label is tier for r in records)) for tier in TIERS), str(len(records)))
    console.print(table)


@app.command()
def agreement(
    show: Annotated[bool, typer.Option(help="List the messages on which the two labellers differed.")] = False,
) -> None:
    """Show how far the two labellers agree, split by split."""
    table = Table("split", "labelled twice", "same tier", "same or fair", "Cohen's kappa")
    for split in SPLITS:
        found = measure(read_corpus(split))
        table.add_row(
            split, str(found.messages), *(f"{value:.3f}" if value is not None else "–" for value in (found.same, found.fair, found.kappa))
        )
    console.print(table)
    if show:
        for split in SPLITS:
            for record, first, second, settled in disagreements(read_corpus(split)):
                console.print(f"{split} {record.source}: {first} / {second} → {record.label}. {settled}", markup=False)


@app.command()
def sheet() -> None:
    """Write the figures of the data sheet again, between the marks of data/README.md."""
    write_sheet({split: read_corpus(split) for split in SPLITS})


@app.command()
def lexicon() -> None:
    """Write the name lists of `serving/lexicon` again, from data/names.yaml and what the corpus shows."""
    lists = make_lexicon([record for split in ("train", "dev", "calibration") for record in read_corpus(split)])
    write_lexicon(lists)
    console.print(", ".join(f"{len(entries)} {kind} names" for kind, entries in lists.items()))


@app.command()
def demo(count: Annotated[int, typer.Option(help="How many messages are to wait.")] = 300) -> None:
    """Fill the review desk of SENDSAFE_STATE_FOLDER with fictional messages of the dev split."""
    added = fill(Settings(), count)
    console.print(f"{added} messages were added, so that {count} wait." if added else "The desk is full already.")


if __name__ == "__main__":
    app()
