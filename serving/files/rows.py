"""Read rows one by one, whatever the file's format."""

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, TextIO

import pyarrow as pa
import pyarrow.parquet as pq

from serving.errors import RequestError

Row = dict[str, Any]
Read = tuple[Row, str | None]
"""A row, and what is wrong with it where it could not be read."""

ENDINGS = (".jsonl", ".csv", ".parquet")
ROWS_A_GROUP = 1000
MOST_LINE_BYTES = 8 * 1024 * 1024
_INT64 = range(-(2**63), 2**63)


@dataclass(slots=True)
class Survey:
    """What a file holds: its columns in order, each with the kinds of value that JSON Lines give it, and its rows."""

    rows: int = 0
    kinds: dict[str, set[str]] = field(default_factory=dict)


def survey(path: Path) -> Survey:
    """Look through a file once, before the slow run: a column may begin in the last row.

    Raises:
        RequestError: the file cannot be read as what its ending says.
    """
    if path.suffix == ".parquet":
        file = open_parquet(path)
        return Survey(file.metadata.num_rows, _columns(path, file.schema_arrow.names))
    found = Survey()
    if path.suffix == ".csv":
        with _open_csv(path) as lines:
            found.kinds = _columns(path, next(csv.reader(lines), []))
    for row, _ in read_rows(path):
        found.rows += 1
        if path.suffix == ".jsonl":
            for name, value in row.items():
                found.kinds.setdefault(name, set()).add(_kind(value))
    return found


def read_rows(path: Path) -> Iterator[Read]:
    """Yield the rows in order."""
    if path.suffix == ".csv":
        yield from _csv_rows(path)
    elif path.suffix == ".parquet":
        for batch in open_parquet(path).iter_batches(batch_size=ROWS_A_GROUP):
            yield from ((row, None) for row in batch.to_pylist())
    else:
        yield from read_json_lines(path)


def read_json_lines(path: Path) -> Iterator[Read]:
    """Yield the rows of JSON Lines; empty lines are no rows."""
    with path.open("rb") as file:
        while line := file.readline(MOST_LINE_BYTES):
            if len(line) == MOST_LINE_BYTES and not line.endswith(b"\n"):
                _skip_line(file)
                yield {}, "the line is too long"
            elif line.strip():
                yield _json_row(line)


def open_parquet(path: Path) -> pq.ParquetFile:
    """Open a Parquet file.

    Raises:
        RequestError: it is none.
    """
    try:
        return pq.ParquetFile(path)
    except pa.ArrowInvalid:
        raise RequestError(f"{path.name} cannot be read as Parquet") from None


def _json_row(line: bytes) -> Read:
    try:
        row = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return {}, "the line is not UTF-8"
    except (ValueError, RecursionError):
        return {}, "the line is not JSON"
    return (row, None) if isinstance(row, dict) else ({}, "the line is not a JSON object")


def _skip_line(file: BinaryIO) -> None:
    while (rest := file.readline(MOST_LINE_BYTES)) and not rest.endswith(b"\n"):
        pass


def _csv_rows(path: Path) -> Iterator[Read]:
    with _open_csv(path) as lines:
        reader = csv.DictReader(lines)
        while True:
            try:
                row = next(reader)
            except StopIteration:
                return
            except csv.Error:
                yield {}, "the row is not CSV"
            else:
                surplus = row.pop(None, None)  # DictReader's key for cells beyond the header
                yield row, None if surplus is None else "the row has more cells than the header"


def _open_csv(path: Path) -> TextIO:
    """Open with bytes that are not UTF-8 as lone surrogates: a row with one in its text is refused, others keep them as they came."""
    csv.field_size_limit(MOST_LINE_BYTES)
    return path.open(encoding="utf-8-sig", errors="surrogateescape", newline="")


def _columns(path: Path, names: list[str]) -> dict[str, set[str]]:
    if len(set(names)) != len(names):
        raise RequestError(f"{path.name} has two columns of one name")
    return {name: set() for name in names}


def _kind(value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool) and value not in _INT64:
        return "long int"
    return type(value).__name__
