"""`sendsafe`: judge one message, a file of them, or serve."""

import ipaddress
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn

from serving.classifier import READY, Classifier
from serving.errors import SendsafeError
from serving.files import count_rows, score_file
from serving.printing import print_verdict
from serving.redact import redact as mask
from serving.schema import to_json, validate, verdict_json
from serving.settings import Settings
from serving.verdict import Channel, Direction

app = typer.Typer(help="Judge a message before it leaves.", no_args_is_help=True, pretty_exceptions_enable=False)
console = Console()
errors = Console(stderr=True)

Policies = Annotated[list[str] | None, typer.Option("--policy", help="A policy pack; may be given more than once.")]
Text = Annotated[str, typer.Argument(help="The message; '-' reads it from standard input.")]


def _show_version(wanted: bool) -> None:  # noqa: FBT001 (typer's callback)
    if wanted:
        console.print(version("sendsafe"))
        raise typer.Exit


@app.callback()
def main(
    _: Annotated[bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")] = False,
) -> None:
    """Judge a message before it leaves: its tier, the words that tell, the clause, and whether it may go."""


@app.command()
def score(
    text: Text,
    policy: Policies = None,
    channel: Annotated[Channel | None, typer.Option(help="The way it travels.")] = None,
    direction: Annotated[Direction, typer.Option(help="To a citizen, or from one.")] = Direction.OUTBOUND,
    json: Annotated[bool, typer.Option("--json", help="Print the verdict object.")] = False,
    redact: Annotated[bool, typer.Option("--redact", help="Add the text with findings masked.")] = False,
) -> None:
    """Judge one message."""
    content = sys.stdin.read().rstrip("\n") if text == "-" else text
    request: dict[str, object] = {"text": content, "direction": direction, "options": {"redact": redact}}
    if policy:
        request["policies"] = policy
    if channel:
        request["channel"] = channel
    classifier = _classifier()
    try:
        verdict = classifier.classify(validate(request).message())
    except SendsafeError as error:
        raise _refusal(error) from None
    if json:
        sys.stdout.write(to_json(verdict_json(verdict)).decode() + "\n")
    else:
        print_verdict(console, content, verdict)


@app.command(name="score-file")
def score_file_command(
    source: Annotated[Path, typer.Argument(help="Rows with `text`: .jsonl, .csv or .parquet.", exists=True, dir_okay=False)],
    target: Annotated[Path, typer.Argument(help="Where the rows and their verdicts go; the ending says how.")],
    policy: Policies = None,
    overwrite: Annotated[bool, typer.Option(help="Replace columns of the verdict that the input already has.")] = False,
    resume: Annotated[bool, typer.Option(help="Go on where an earlier run was stopped.")] = False,
) -> None:
    """Judge every row of a file; exit code 1 when a row could not be judged."""
    classifier = _classifier()
    bar = Progress("judging", BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=errors, transient=True)
    try:
        with bar:
            task = bar.add_task("judging", total=count_rows(source))
            tally = score_file(
                classifier,
                source,
                target,
                tuple(policy or ()),
                overwrite=overwrite,
                resume=resume,
                on_row=lambda: bar.advance(task),
            )
    except SendsafeError as error:
        raise _refusal(error) from None
    errors.print(f"{tally.rows} rows judged, {tally.failed} of them refused, written to {target}")
    if tally.failed:
        raise typer.Exit(1)


@app.command(name="redact")
def redact_command(text: Text) -> None:
    """Print a message with what it tells masked by type."""
    content = sys.stdin.read().rstrip("\n") if text == "-" else text
    try:
        verdict = _classifier().classify(validate({"text": content}).message())
    except SendsafeError as error:
        raise _refusal(error) from None
    sys.stdout.write(mask(content, verdict.findings) + "\n")


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
    workers: Annotated[int | None, typer.Option(help="Processes.")] = None,
) -> None:
    """Serve the HTTP contract on 127.0.0.1:3000."""
    given = {"host": host, "port": port, "workers": workers}
    settings = Settings().model_copy(update={name: value for name, value in given.items() if value is not None})
    if not ipaddress.ip_address(settings.host).is_loopback:
        errors.print("sendsafe has no authentication yet and listens on loopback addresses only.")
        raise typer.Exit(2)
    from serving.launch import launch  # noqa: PLC0415 (BentoML takes a second to import)

    errors.print(f"No authentication: answering this machine alone, on http://{settings.host}:{settings.port}")
    launch(settings)


def _classifier() -> Classifier:
    classifier = Classifier.load(Settings())
    if classifier.model_status != READY:
        errors.print(f"The model is not in use ({classifier.model_status}): the rules answer alone.", style="yellow")
    return classifier


def _refusal(error: SendsafeError) -> typer.Exit:
    errors.print(f"{error.code}: {error}", markup=False)
    return typer.Exit(2)
