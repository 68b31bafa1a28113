"""`python -m training`: fit, export, calibrate, ship."""

import hashlib
import shutil
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markdown import Markdown

from data.records import CORPUS, read_corpus
from evaluation.files import write_report
from serving.bundle import open_bundle
from serving.fallback import FOLDER
from serving.settings import Settings
from training.base import encoder_folder
from training.candidate import calibrate_bundle, fit_records
from training.card import write_card, write_figures
from training.commands import loop
from training.config import CONFIGS, TrainingConfig, load_config
from training.export import export_bundle, load_network
from training.fallback import fit_fallback
from training.fit import WEIGHTS, average, load_tokenizer
from training.precision import precision_content, precision_markdown
from training.sample import chosen
from training.soft_labels import SOFT_LABELS, soft_labels, write_soft_labels
from training.variants import variants

app = typer.Typer(help="Make the model: fit, export, calibrate.", no_args_is_help=True)
app.registered_commands += loop.registered_commands
console = Console()

Config = Annotated[Path, typer.Option(help="A training configuration.")]
Run = Annotated[Path, typer.Option(help="The folder of the run: checkpoints, weights, bundle.")]
DEFAULT_CONFIG = CONFIGS / "student.yaml"
DEFAULT_RUN = Path("runs/student")
DATA_HASH = "training-data.sha256"
"""File of a run: the hash of the messages it was trained on."""
DATA_COUNT = "training-messages.txt"
"""File of a run: how many messages it was trained on."""
PRECISION = Path(__file__).parents[1] / "evaluation" / "reports" / "precision"


@app.command(name="fit")
def fit_command(
    config: Config = DEFAULT_CONFIG,
    run: Run = DEFAULT_RUN,
    share: Annotated[float | None, typer.Option(help="Train on a random share of the messages, as for a learning curve.", max=1)] = None,
) -> None:
    """Fine-tune the network on the training split; goes on where it was stopped."""
    settings = load_config(config)
    if share is not None:
        settings = TrainingConfig.model_validate(settings.model_dump() | {"share": share})
    records = chosen(read_corpus("train"), settings)
    run.mkdir(parents=True, exist_ok=True)
    (run / DATA_HASH).write_text(corpus_sha256())
    (run / DATA_COUNT).write_text(str(len(records)))
    weights = fit_records(settings, records, run)
    console.print(f"{len(records)} messages, weights in {weights}")


@app.command()
def teach(
    config: Config = CONFIGS / "teacher.yaml",
    run: Run = Path("runs/teacher"),
    with_variants: Annotated[bool, typer.Option("--variants", help="Read variants too, for `unlabelled`.")] = False,
) -> None:
    """Let a trained teacher read the training split, and keep what it makes of it as soft labels."""
    source = encoder_folder(load_config(config).encoder)
    tokenizer, pad_id = load_tokenizer(source)
    records = read_corpus("train")
    texts = {*(record.text for record in records), *(variants(records) if with_variants else ())}
    found = soft_labels(load_network(source, run / WEIGHTS), tokenizer, texts, pad_id)
    write_soft_labels(found)
    console.print(f"{len(found)} soft labels in {SOFT_LABELS}")


@app.command(name="average")
def average_command(
    runs: Annotated[list[Path], typer.Argument(help="Folders of finished runs; the messages of the first are named in the bundle.")],
    run: Annotated[Path, typer.Option(help="The folder of the new run.")],
    share: Annotated[list[float] | None, typer.Option(help="How much each run counts, in their order; left out, all alike.")] = None,
) -> None:
    """Average the weights of finished runs that began with the same encoder, which costs nothing when a message is read."""
    shares = share or [1.0] * len(runs)
    if len(shares) != len(runs):
        raise typer.BadParameter("one share for each run")
    run.mkdir(parents=True, exist_ok=True)
    average([each / WEIGHTS for each in runs], shares, run / WEIGHTS)
    for name in (DATA_HASH, DATA_COUNT):
        shutil.copy(runs[0] / name, run / name)
    console.print(f"the mean of {len(runs)} runs in {run / WEIGHTS}: export it next")


@app.command()
def export(config: Config = DEFAULT_CONFIG, run: Run = DEFAULT_RUN) -> None:
    """Write the bundle of a run: fused, quantised, equal to torch; then calibrate it on the calibration split."""
    settings = load_config(config)
    folder = run / "bundle"
    export_bundle(settings.encoder, run / WEIGHTS, folder, (run / DATA_HASH).read_text())
    manifest = calibrate_bundle(folder, trained_on(run, settings))
    console.print(f"bundle {manifest.version} in {folder}: temperature {manifest.temperature}, {manifest.thresholds}")


@app.command()
def ship(run: Run = DEFAULT_RUN) -> None:
    """Put a run's bundle in the place of the shipped one; measure it with `python -m evaluation report` and then write its card."""
    shipped = Settings().bundle_folder
    shipped.mkdir(exist_ok=True)
    for path in (run / "bundle").iterdir():
        shutil.copy(path, shipped / path.name)
    console.print(f"shipped in {shipped}: run `make report card`")


@app.command()
def fallback(folder: Annotated[Path, typer.Option(help="Where its files go.")] = FOLDER) -> None:
    """Fit the small linear model that answers while the bundle cannot, and choose the point from which it calls a message safe."""
    manifest = fit_fallback(read_corpus("train"), read_corpus("calibration"), folder, corpus_sha256())
    console.print(f"linear fallback in {folder}: safe below {manifest.allow:.3f}; measure it with `python -m evaluation fallback`")


@app.command()
def card() -> None:
    """Write the shipped bundle's card and README's table from the committed reports."""
    folder = Settings().bundle_folder
    write_card(open_bundle(folder).manifest, folder)
    write_figures()


@app.command()
def compare_precision(
    config: Config = DEFAULT_CONFIG,
    run: Run = DEFAULT_RUN,
    split: Annotated[str, typer.Option(help="The split of the corpus to compare on.")] = "test",
    out: Annotated[Path, typer.Option(help="Write OUT.md, OUT.json and OUT.html.")] = PRECISION,
) -> None:
    """Compare a run's int8 bundle with fp32, and int8 alone with int8 in any order and in batches."""
    found = precision_content(load_config(config).encoder, run / WEIGHTS, run / "bundle", read_corpus(split), split)
    console.print(Markdown(write_report(out, found, {}, precision_markdown)))


def trained_on(run: Path, settings: TrainingConfig) -> int | None:
    """Return how many messages a run was trained on, `None` where that is not known any more."""
    if (run / DATA_COUNT).exists():
        return int((run / DATA_COUNT).read_text())
    return len(chosen(read_corpus("train"), settings)) if (run / DATA_HASH).read_text() == corpus_sha256() else None


def corpus_sha256(split: str = "train") -> str:
    """Return one hash over the files of a split, in order of their names."""
    digest = hashlib.sha256()
    for path in sorted((CORPUS / split).glob("*.jsonl")):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


if __name__ == "__main__":
    app()
