"""The commands of the loop that learns: promote and roll back."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markdown import Markdown

from evaluation.behaviour import read_cases
from evaluation.gate import Trial, gate_content, gate_markdown, read_limits, try_candidate
from evaluation.gold import read_gold
from serving.errors import SendsafeError
from serving.settings import Settings
from training import promote as promotion

loop = typer.Typer()
console = Console()
PlaceFolder = Annotated[Path | None, typer.Option(help="Where promoted bundles stand; left out, `models` in the state folder.")]


@loop.command()
def promote(
    run: Annotated[Path, typer.Argument(help="A run, or the folder of a bundle.")],
    place: PlaceFolder = None,
) -> None:
    """Put a run's bundle in the place of the served one, if it passes the gate, and register it in BentoML's model store.

    Exit code 1 where the gate refuses it, 2 where that cannot be told.
    """
    bundle = run / "bundle" if (run / "bundle").is_dir() else run
    where = _place(place)
    served = where.current if where.version else Settings().bundle_folder
    try:
        gold, records = read_gold()
        verdict = try_candidate(bundle, served, Trial(gold, records, read_cases(), read_limits()))
        console.print(Markdown(gate_markdown(gate_content(verdict), {})))
        if not verdict.has_passed:
            raise typer.Exit(1)
        version = promotion.promote(bundle, where, first=served)
    except (SendsafeError, OSError, ValueError) as error:
        console.print(f"Not promoted: {error}", markup=False, soft_wrap=True)
        raise typer.Exit(2) from None
    console.print(f"{version} is served from {where.current}", highlight=False, soft_wrap=True)


@loop.command()
def rollback(place: PlaceFolder = None) -> None:
    """Serve the bundle again that the current one has replaced."""
    where = _place(place)
    try:
        version = promotion.roll_back(where)
    except (SendsafeError, OSError) as error:
        console.print(f"Not rolled back: {error}", markup=False, soft_wrap=True)
        raise typer.Exit(1) from None
    console.print(f"{version} is served again from {where.current}", highlight=False, soft_wrap=True)


def _place(folder: Path | None) -> promotion.Place:
    return promotion.Place(folder or Settings().state_folder / "models")
