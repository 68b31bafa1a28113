"""`sendsafe review` and `sendsafe reviews`: the desk's one-off link, and what was decided there."""

import json
import sys
from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer

from serving.administration import opened_store
from serving.errors import RequestError
from serving.review.exports import from_label_studio, labelled_records, to_label_studio
from serving.review.people import Role, make_link
from serving.review.records import milliseconds
from serving.terminal import errors, load_settings, refusals

review = typer.Typer(help="The review desk: sign in.", no_args_is_help=True)
reviews = typer.Typer(help="What was decided at the desk: export it, take labels from Label Studio.", no_args_is_help=True)


class Format(StrEnum):
    """How decisions are written."""

    JSONL = "jsonl"
    LABEL_STUDIO = "label-studio"


def add_to(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.add_typer(review, name="review")
    app.add_typer(reviews, name="reviews")


@review.callback()
def _group() -> None:
    """Keep `review` a group while it has one command."""


@review.command()
def login(
    name: Annotated[str, typer.Argument(help="Who signs in, as colleagues know them.")],
    role: Annotated[list[Role] | None, typer.Option(help="What they may do; may be given more than once.")] = None,
) -> None:
    """Print a link that signs a local reviewer in, once, within ten minutes."""
    settings = load_settings()
    with opened_store() as store:
        token = make_link(store, name, role or [Role.REVIEWER])
    base = settings.review_url or f"http://{settings.host}:{settings.port}"
    sys.stdout.write(f"{base}/review/sign-in/link?token={quote(token)}\n")
    errors.print("Good for ten minutes, once. Whoever opens it is signed in under this name.")


@reviews.command()
def export(
    text: Annotated[bool, typer.Option("--text", help="With the text, where the deployment kept it; else without.")] = False,
    since: Annotated[datetime | None, typer.Option(help="Decided from this day or time on, UTC.")] = None,
    format_: Annotated[
        Format, typer.Option("--format", help="JSON Lines of labelled records, or one JSON list for Label Studio.")
    ] = Format.JSONL,
) -> None:
    """Write what was decided to standard output, as labelled records without text."""
    with opened_store() as store:
        records = labelled_records(store, with_text=text, since_ms=milliseconds(since) if since else None)
        if format_ is Format.LABEL_STUDIO:
            tasks = [to_label_studio(each) for each in records]
            sys.stdout.write(json.dumps(tasks, ensure_ascii=False) + "\n")
            count = len(tasks)
        else:
            count = _write_lines(records)
        with store.engine.begin() as connection:
            store.audit.append(connection, "operator", "reviews.exported", count=count, text=text)
        store.note_head()
    errors.print(f"{count} decisions")


@reviews.command(name="from-label-studio")
def take_labels(
    source: Annotated[Path, typer.Argument(help="What Label Studio exports as JSON.", exists=True, dir_okay=False)],
) -> None:
    """Write the tasks of a Label Studio export to standard output, as labelled records."""
    with refusals():
        count = _write_lines(from_label_studio(each) for each in _read_tasks(source))
    errors.print(f"{count} records")


def _read_tasks(source: Path) -> list[Any]:
    try:
        tasks = json.loads(source.read_text(encoding="utf-8"))
    except ValueError:
        raise RequestError("the file is not JSON in UTF-8") from None
    if not isinstance(tasks, list):
        raise RequestError("the file is no list of tasks")
    return tasks


def _write_lines(records: Iterator[dict[str, Any]]) -> int:
    count = 0
    for record in records:
        sys.stdout.write(json.dumps(record, ensure_ascii=False) + "\n")
        count += 1
    return count
