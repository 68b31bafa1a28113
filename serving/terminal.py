"""What every command shares: the two consoles, reading a message, loading, and refusing in one line."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer
from pydantic import ValidationError
from rich.console import Console

from serving.classifier import READY, Classifier
from serving.errors import RequestError, SendsafeError
from serving.settings import Settings
from serving.text import MAX_CHARACTERS

PATIENCE_SECONDS = 30.0
"""How long a command, which has no deadline, looks for another wording."""
console = Console()
errors = Console(stderr=True)


def read_content(text: str) -> str:
    """Return the message; of standard input no more than shows that it is too long."""
    if text != "-":
        return text
    return sys.stdin.buffer.read(4 * MAX_CHARACTERS + 2).decode("utf-8", "surrogateescape").rstrip("\r\n")


def load_settings(**given: str | float | None) -> Settings:
    """Return the settings, with what the command line gives before the environment.

    Raises:
        RequestError: one of them cannot be used.
    """
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors(include_input=False, include_context=False, include_url=False)[0]
        named = f"setting {'.'.join(map(str, first['loc']))}: " if first["loc"] else ""
        raise RequestError(named + first["msg"]) from None


def load_classifier(settings: Settings | None = None, *, counts_repeats: bool = True) -> Classifier:
    """Return the classifier; where the rules answer alone, say so."""
    classifier = Classifier.load(settings or load_settings(suggestion_seconds=PATIENCE_SECONDS), counts_repeats=counts_repeats)
    if classifier.model_status != READY:
        errors.print(f"The model is not in use ({classifier.model_status}): the rules answer alone.", style="yellow")
    return classifier


@contextmanager
def refusals() -> Iterator[None]:
    """Say in one line what cannot be done, and end with exit code 2."""
    try:
        yield
    except SendsafeError as error:
        errors.print(f"{error.code}: {error}", markup=False)
        raise typer.Exit(2) from None
    except OSError as error:
        errors.print(f"{error.filename or 'file'}: {error.strerror}", markup=False)
        raise typer.Exit(2) from None
