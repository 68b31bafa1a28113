"""Judge a file row by row: JSON Lines, CSV or Parquet, in and out, in constant memory, going on where it was stopped."""

import csv
import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from serving.classifier import Classifier
from serving.errors import RequestError, SendsafeError
from serving.schema import ScoreRequest, validate, verdict_json

ADDED = ("category", "scores", "action", "findings", "reasons", "degraded")
NESTED = ("scores", "findings", "reasons")
"""Values that a cell cannot hold as they are; CSV and Parquet hold them as JSON."""
REQUEST_FIELDS = frozenset(ScoreRequest.model_fields)
ENDINGS = (".jsonl", ".csv", ".parquet")
ROWS_A_GROUP = 1000

Row = dict[str, Any]
Write = Callable[[Row], None]


@dataclass(slots=True)
class Tally:
    """How far a run has come."""

    rows: int = 0
    failed: int = 0


def score_file(
    classifier: Classifier,
    source: Path,
    target: Path,
    policies: tuple[str, ...] = (),
    *,
    overwrite: bool = False,
    resume: bool = False,
    on_row: Callable[[], None] = lambda: None,
) -> Tally:
    """Write one row for each row of the source, in order: its columns and the verdict's.

    A row that cannot be judged gets `error` and no verdict. With `resume`, rows that stand in the target are kept and the
    run goes on behind them; a Parquet target cannot be gone on with and is begun again.

    Raises:
        RequestError: a file ending is unknown, or a column is already there and `overwrite` is off.
    """
    for path in (source, target):
        if path.suffix not in ENDINGS:
            raise RequestError(f"{path.name}: the ending must be one of {', '.join(ENDINGS)}")
    if source.resolve() == target.resolve():
        raise RequestError("the input and the output are one file")
    columns = _columns(source)
    taken = [name for name in (*ADDED, "error") if name in columns]
    if taken and not overwrite:
        raise RequestError(f"the input already has {', '.join(taken)}: choose --overwrite to replace them")
    tally = Tally()
    done = _finished_rows(target) if resume else 0
    is_nested_as_text = target.suffix != ".jsonl"
    with _writer(target, columns, is_continued=done > 0) as write:
        for row in islice(_rows(source), done, None):
            judged = _judge(classifier, row, policies, is_nested_as_text=is_nested_as_text)
            tally.rows += 1
            tally.failed += "error" in judged
            write({**{key: value for key, value in row.items() if key not in taken}, **judged})
            on_row()
    return tally


def count_rows(path: Path) -> int | None:
    """Return the number of rows where the format tells without reading it all."""
    return int(pq.ParquetFile(path).metadata.num_rows) if path.suffix == ".parquet" else None


def _judge(classifier: Classifier, row: Row, policies: tuple[str, ...], *, is_nested_as_text: bool) -> Row:
    if broken := row.get(_BROKEN):
        return {"error": str(broken)}
    request = {key: value for key, value in row.items() if key in REQUEST_FIELDS and value not in (None, "")}
    request = {key: _parsed(value) if key in _STRUCTURED else value for key, value in request.items()}
    if policies:
        request["policies"] = list(policies)
    try:
        verdict = verdict_json(classifier.classify(validate(request).message()))
    except SendsafeError as error:
        return {"error": str(error)}
    added = {name: verdict[name] for name in ADDED}
    if is_nested_as_text:
        added |= {name: json.dumps(added[name], ensure_ascii=False) for name in NESTED}
    return added


_BROKEN = "\0broken"
_STRUCTURED = frozenset({"recipient", "sender", "options", "policies", "personalisation"})


def _parsed(value: Any) -> Any:
    """Read a nested field that a CSV cell holds as JSON; what is none stays, and is refused with the row."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _rows(path: Path) -> Iterator[Row]:
    if path.suffix == ".jsonl":
        with path.open(encoding="utf-8", errors="surrogateescape") as lines:
            for line in lines:
                if line.strip():
                    yield _json_row(line)
    elif path.suffix == ".csv":
        with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as lines:
            for row in csv.DictReader(lines):
                extra = row.pop(None, None)
                yield row if extra is None else {**row, _BROKEN: "the row has more cells than the header"}
    else:
        for batch in pq.ParquetFile(path).iter_batches(batch_size=ROWS_A_GROUP):
            yield from batch.to_pylist()


def _json_row(line: str) -> Row:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return {_BROKEN: "the line is not JSON"}
    return row if isinstance(row, dict) else {_BROKEN: "the line is not a JSON object"}


def _columns(path: Path) -> list[str]:
    """Return the input's columns; JSON Lines are taken at their first rows."""
    if path.suffix == ".parquet":
        return list(pq.ParquetFile(path).schema_arrow.names)
    names: dict[str, None] = {}
    for row in islice(_rows(path), 1 if path.suffix == ".csv" else 100):
        names |= dict.fromkeys(row)
    names.pop(_BROKEN, None)
    return list(names)


def _finished_rows(path: Path) -> int:
    """Count the rows of an unfinished output, and cut off a last one that was not written to its end."""
    if path.suffix == ".parquet" or not path.exists():
        return 0
    with path.open("rb+") as file:
        content_end = complete = 0
        for line in file:
            if not line.endswith(b"\n"):
                break
            content_end += len(line)
            complete += 1
        file.truncate(content_end)
    if path.suffix == ".jsonl":
        return complete
    with path.open(encoding="utf-8", newline="") as lines:
        return sum(1 for _ in csv.DictReader(lines))


def _writer(path: Path, columns: list[str], *, is_continued: bool) -> AbstractContextManager[Write]:
    names = [name for name in columns if name not in (*ADDED, "error")] + [*ADDED, "error"]
    if path.suffix == ".jsonl":
        return _jsonl_writer(path, is_continued=is_continued)
    return _csv_writer(path, names, is_continued=is_continued) if path.suffix == ".csv" else _parquet_writer(path, names)


@contextmanager
def _jsonl_writer(path: Path, *, is_continued: bool) -> Iterator[Write]:
    with path.open("a" if is_continued else "w", encoding="utf-8", errors="surrogateescape") as file:

        def write(row: Row) -> None:
            row.pop(_BROKEN, None)
            file.write(json.dumps(row, ensure_ascii=False, default=str) + "\n")

        yield write


@contextmanager
def _csv_writer(path: Path, names: list[str], *, is_continued: bool) -> Iterator[Write]:
    with path.open("a" if is_continued else "w", encoding="utf-8", errors="surrogateescape", newline="") as file:
        writer = csv.DictWriter(file, names, extrasaction="ignore")
        if not is_continued:
            writer.writeheader()

        def write(row: Row) -> None:
            writer.writerow({key: json.dumps(value) if isinstance(value, dict | list) else value for key, value in row.items()})

        yield write


@contextmanager
def _parquet_writer(path: Path, names: list[str]) -> Iterator[Write]:
    held: list[Row] = []
    writer: pq.ParquetWriter | None = None
    schema: pa.Schema | None = None

    def flush() -> None:
        nonlocal writer, schema
        table = pa.Table.from_pylist([{name: row.get(name) for name in names} for row in held], schema=schema)
        if writer is None:
            schema = pa.schema([_typed(field) for field in table.schema])
            writer = pq.ParquetWriter(path, schema)
            table = table.cast(schema)
        writer.write_table(table)
        held.clear()

    def write(row: Row) -> None:
        held.append(row)
        if len(held) >= ROWS_A_GROUP:
            flush()

    try:
        yield write
        if held or writer is None:
            flush()
    finally:
        if writer is not None:
            writer.close()


def _typed(field: pa.Field) -> pa.Field:
    """Give a column that holds nothing yet the type that a later row may need."""
    if field.name == "degraded":
        return pa.field(field.name, pa.bool_())
    return pa.field(field.name, pa.string()) if pa.types.is_null(field.type) else field
