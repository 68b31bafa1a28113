"""`sendsafe`: judge one message, a file of them, or serve."""

import ipaddress
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn, TimeRemainingColumn

from serving import administration, review_commands
from serving.batch import bulk_settings
from serving.dataset import score_dataset
from serving.files import judge_by_workers, score_file
from serving.launch import launch, make_ready
from serving.policy_commands import policy_app, template_app
from serving.printing import print_verdict
from serving.redact import redact as mask
from serving.schema import to_json, validate, verdict_json
from serving.settings import Authentication
from serving.terminal import console, errors, load_classifier, load_settings, read_content, refusals
from serving.verdict import Channel, Direction

app = typer.Typer(help="Judge a message before it leaves.", no_args_is_help=True, pretty_exceptions_enable=False)
app.add_typer(policy_app, name="policy")
app.add_typer(template_app, name="template")
review_commands.add_to(app)
administration.add_to(app, policy_app)

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
    explain: Annotated[bool, typer.Option("--explain", help="Add how the verdict came about, as far as it is known.")] = False,
) -> None:
    """Judge one message."""
    content = read_content(text)
    request: dict[str, object] = {"text": content, "direction": direction, "options": {"redact": redact, "explain": explain}}
    if policy:
        request["policies"] = policy
    if channel:
        request["channel"] = channel
    with refusals():
        verdict = load_classifier().classify(validate(request).message())
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
    workers: Annotated[int | None, typer.Option(help="Processes; left out, one for each core.", min=1)] = None,
) -> None:
    """Judge every row of a file; exit code 1 when a row could not be judged."""
    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), "left:", TimeRemainingColumn())
    bar = Progress("judging", *columns, console=errors, transient=True)
    task = bar.add_task("judging", total=None)

    def show(done: int, rows: int) -> None:
        bar.update(task, completed=done, total=rows)

    with refusals():
        settings = bulk_settings(load_settings())
        judge = judge_by_workers(load_classifier(settings, counts_repeats=False), settings, tuple(policy or ()), workers)
        try:
            with bar:
                tally = score_file(judge, source, target, overwrite=overwrite, resume=resume, on_row=show)
        except KeyboardInterrupt:
            errors.print("Stopped; the same command with --resume goes on from here.")
            raise typer.Exit(130) from None
    errors.print(f"{tally.rows} rows, {tally.failed} of them refused, written to {target}", markup=False)
    if tally.failed:
        raise typer.Exit(1)


@app.command(name="score-dataset")
def score_dataset_command(
    source: Annotated[str, typer.Argument(help="A folder of Parquet files with `text`, or its address (s3://…).")],
    target: Annotated[str, typer.Argument(help="The folder that is made of them.")],
    policy: Policies = None,
    overwrite: Annotated[bool, typer.Option(help="Replace columns of the verdict that the data set already has.")] = False,
    address: Annotated[str | None, typer.Option(help="A Ray cluster, such as ray://host:10001; left out, this machine.")] = None,
    workers: Annotated[int | None, typer.Option(help="Processes on this machine; left out, one for each core.", min=1)] = None,
) -> None:
    """Judge a data set of Parquet files on Ray Data (extra batch); exit code 2 when it could not be judged as a whole."""
    with refusals():
        load_settings()
        rows = score_dataset(source, target, tuple(policy or ()), address=address, workers=workers, overwrite=overwrite)
    errors.print(f"{rows} rows, one for each that was read, written to {target}", markup=False)


@app.command(name="redact")
def redact_command(text: Text) -> None:
    """Print a message with what it tells masked by type."""
    content = read_content(text)
    with refusals():
        verdict = load_classifier().classify(validate({"text": content}).message())
    sys.stdout.write(mask(content, verdict.findings) + "\n")


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
    workers: Annotated[int | None, typer.Option(help="Processes.")] = None,
) -> None:
    """Serve the HTTP contract on 127.0.0.1:3000."""
    with refusals():
        settings = load_settings(host=host, port=port, workers=workers)
    is_open = settings.authentication is Authentication.NONE
    if is_open and not _is_loopback(settings.host):
        errors.print("REFUSED: without authentication sendsafe listens on loopback addresses (127.0.0.1, ::1) only.", style="bold red")
        errors.print("SENDSAFE_AUTHENTICATION=keys asks for a key; `sendsafe keys create CLIENT` makes one.")
        raise typer.Exit(2)
    with refusals():
        sentence = make_ready(settings)
    errors.print(sentence, markup=False)
    who = "No authentication: answering this machine alone" if is_open else "Answering whoever has a key"
    errors.print(f"{who}, on http://{settings.host}:{settings.port}")
    launch(settings)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
