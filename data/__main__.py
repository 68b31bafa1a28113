"""`python -m data`: look at the corpus and check it."""

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from data import check as checks
from data.records import SPLITS, read_corpus
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


if __name__ == "__main__":
    app()
