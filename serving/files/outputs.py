"""Write rows as JSON Lines or CSV, and find how far an unfinished output has come."""

import csv
import json
import math
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from serving.files.rows import Row

Write = Callable[[Row], object]


def cut_broken_tail(path: Path) -> None:
    """Cut off a last row that was not written to its end; in CSV a line's end inside quotes ends no row."""
    is_csv = path.suffix == ".csv"
    is_quoted = False
    position = end_of_rows = 0
    with path.open("rb+") as file:
        for line in file:
            position += len(line)
            is_quoted ^= is_csv and line.count(b'"') % 2 == 1
            if line.endswith(b"\n") and not is_quoted:
                end_of_rows = position
        file.truncate(end_of_rows)


def open_output(path: Path, names: list[str], *, is_continued: bool) -> AbstractContextManager[Write]:
    """Open an output: CSV by its ending, with these columns, and JSON Lines else."""
    if path.suffix == ".csv":
        return _csv_output(path, names, is_continued=is_continued)
    return _json_lines_output(path, is_continued=is_continued)


@contextmanager
def _json_lines_output(path: Path, *, is_continued: bool) -> Iterator[Write]:
    with path.open("ab" if is_continued else "wb") as file:
        yield lambda row: file.write(_json_line(row))


@contextmanager
def _csv_output(path: Path, names: list[str], *, is_continued: bool) -> Iterator[Write]:
    with path.open("a" if is_continued else "w", encoding="utf-8", errors="surrogateescape", newline="") as file:
        writer = csv.DictWriter(file, names, extrasaction="ignore")
        if not is_continued:
            writer.writeheader()
        yield lambda row: writer.writerow({name: _cell(value) for name, value in row.items()})


def as_text(value: Any) -> str:
    """Write any value as text: a text as it is, everything else as JSON.

    >>> as_text("a"), as_text([1, "£"]), as_text(True)
    ('a', '[1, "£"]', 'true')
    """
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def without_surrogates(text: str) -> str:
    """Replace what UTF-8 cannot hold."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _json_line(row: Row) -> bytes:
    try:
        line = json.dumps(row, ensure_ascii=False, allow_nan=False, default=str)
    except ValueError:
        return _json_line(_finite(row))
    try:
        return line.encode() + b"\n"
    except UnicodeEncodeError:
        return json.dumps(row, default=str).encode() + b"\n"


def _finite(value: Any) -> Any:
    """Replace NaN and the infinities, which are not JSON, by null."""
    if isinstance(value, dict):
        return {key: _finite(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_finite(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _cell(value: Any) -> Any:
    if isinstance(value, bool | dict | list):
        value = as_text(value)
    if isinstance(value, str):
        try:
            value.encode("utf-8", "surrogateescape")
        except UnicodeEncodeError:
            return without_surrogates(value)
    return value
