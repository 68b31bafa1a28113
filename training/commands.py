"""The commands of the loop that learns: retrain, promote and roll back."""

import random
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markdown import Markdown

from data.records import read_corpus
from data.simulation import write_simulation
from evaluation.behaviour import read_cases
from evaluation.files import write_report
from evaluation.gate import Trial, gate_content, gate_markdown, read_limits, try_candidate
from evaluation.gold import read_gold
from serving.errors import SendsafeError
from serving.settings import Settings
from training import doubt
from training import promote as promotion
from training.candidate import make_bundle
from training.config import CONFIGS
from training.governance import write_records
from training.poison import attempts, poison_content, poison_markdown
from training.retrain import Sources, Task
from training.retrain import retrain as learn

loop = typer.Typer()
console = Console()
PlaceFolder = Annotated[Path | None, typer.Option(help="Where promoted bundles stand; left out, `models` in the state folder.")]


@loop.command()
def retrain(
    data: Annotated[list[Path] | None, typer.Option(help="A team's own labelled file: JSON Lines, CSV, Parquet, a saved dataset.")] = None,
    marked: Annotated[list[Path] | None, typer.Option(help="The same, with inline marks in the texts.")] = None,
    reviews: Annotated[list[Path] | None, typer.Option(help="Exported reviews.")] = None,
    legal_basis: Annotated[str | None, typer.Option(help="On which basis held texts are learned from; kept with the run.")] = None,
    config: Annotated[Path, typer.Option(help="A training configuration.")] = CONFIGS / "student.yaml",
    against: Annotated[Path | None, typer.Option(help="The bundle that is served now; left out, the promoted or the shipped one.")] = None,
    runs: Annotated[Path, typer.Option(help="The folder of all runs.")] = Path("runs"),
    place: PlaceFolder = None,
    then_promote: Annotated[bool, typer.Option("--promote", help="Promote the candidate if it passes.")] = False,
) -> None:
    """Learn from reviewed labels: doubts, fit, calibrate, export, gate; the same call goes on where it was stopped.

    Exit code 0 where the candidate passes the gate, 1 where it is refused, 2 where the loop cannot run.
    """
    where = _place(place)
    served = against or (where.current if where.version else Settings().bundle_folder)
    sources = Sources(tuple(data or ()), tuple(marked or ()), tuple(reviews or ()), legal_basis)
    try:
        gold, records = read_gold()
        task = Task(sources, config, served, Trial(gold, records, read_cases(), read_limits()), runs)
        outcome = learn(task, partial(make_bundle, current=served), console.print)
        console.print(Markdown(gate_markdown(outcome.verdict, {})))
        console.print(f"candidate: {outcome.bundle}", highlight=False, soft_wrap=True)
        if not outcome.has_passed:
            raise typer.Exit(1)
        if then_promote:
            version = promotion.promote(outcome.bundle, where, first=served)
            console.print(f"{version} is served from {where.current}", highlight=False, soft_wrap=True)
    except (SendsafeError, OSError, ValueError) as error:
        console.print(f"Nothing was changed: {error}", markup=False, soft_wrap=True)
        raise typer.Exit(2) from None


@loop.command()
def simulate_reviews(
    out: Annotated[Path, typer.Argument(help="The file to write, JSON Lines.")],
    count: Annotated[int, typer.Option(help="How many reviews.", min=1)] = 300,
    flipped: Annotated[float, typer.Option(help="Share of reviews with a wrong label.", min=0, max=1)] = 0.03,
    seed: Annotated[int, typer.Option(help="Where the dice begin.")] = 1,
) -> None:
    """Write reviews of the dev split as a desk would export them, a share of them with a wrong label."""
    written = write_simulation(read_corpus("dev"), count, flipped, seed, out)
    console.print(f"{written} reviews in {out}", highlight=False, soft_wrap=True)


@loop.command()
def poison(
    seeds: Annotated[int, typer.Option(help="How many candidates are tried.", min=1)] = 20,
    count: Annotated[int, typer.Option(help="How many reviews each learns from.", min=1)] = 300,
    known: Annotated[int, typer.Option(help="How many messages of the corpus stand beside them.", min=100)] = 4000,
    out: Annotated[Path | None, typer.Option(help="Write OUT.md, OUT.json and OUT.html.")] = None,
) -> None:
    """Try to get a worse model promoted by wrong labels, with linear models; exit code 1 where one loses recall of `sensitive`."""
    gold = read_gold()[1]
    corpus = random.Random(seeds).sample(read_corpus("train"), known)  # noqa: S311
    whole = poison_content(attempts(corpus, read_corpus("dev"), gold, (doubt.read_limits(), read_limits()), seeds, count), count)
    console.print(Markdown(write_report(out, whole, {}, poison_markdown) if out else poison_markdown(whole, {})))
    if whole["promoted_and_lost_recall"]:
        raise typer.Exit(1)


@loop.command()
def governance(out: Annotated[Path, typer.Option(help="The folder to write them into.")]) -> None:
    """Write the transparency record and the impact assessment with the settings of this deployment, and blanks for the rest."""
    for path in write_records(Settings(), out):
        console.print(str(path), highlight=False, soft_wrap=True)


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
