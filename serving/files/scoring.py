"""Judge a file row by row, some rows at a time."""

import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa

from serving.batch import NESTED, REQUEST, REQUEST_FIELDS
from serving.errors import RequestError
from serving.files.columns import assemble, journal_of
from serving.files.outputs import as_text, cut_broken_tail, open_output, without_surrogates
from serving.files.rows import ENDINGS, Read, Row, read_json_lines, read_rows, survey
from serving.files.workers import Judge

ADDED = ("category", "scores", "action", "findings", "reasons", "degraded")
JUDGED = (*ADDED, "error")
ROWS_A_BATCH = 50
NOT_UNICODE = "the row has a text that is not Unicode"


@dataclass(slots=True)
class Tally:
    """How far an output has come, earlier runs that it goes on from included."""

    rows: int = 0
    failed: int = 0


def score_file(
    judge: Judge,
    source: Path,
    target: Path,
    *,
    overwrite: bool = False,
    resume: bool = False,
    on_row: Callable[[int, int], None] = lambda _done, _all: None,
) -> Tally:
    """Write one row for each row of the source, in order: its columns and the verdict's.

    A row that cannot be judged gets `error` and no verdict. With `resume`, rows that an interrupted run has finished are
    kept and the run goes on behind them. `on_row` hears how many rows are done, and of how many.

    Raises:
        RequestError: a file is not what its ending says, a column is already there and `overwrite` is off, or the output
            to go on with belongs to another input.
        WorkersLostError: worker processes were killed again and again.
    """
    _check_paths(source, target)
    surveyed = survey(source)
    if (taken := [name for name in JUDGED if name in surveyed.kinds]) and not overwrite:
        raise RequestError(f"the input already has {', '.join(taken)}: choose --overwrite to replace them")
    output = journal_of(target) if target.suffix == ".parquet" else target
    names = [*(name for name in surveyed.kinds if name not in JUDGED), *JUDGED]
    tally = _finished(output, names) if resume and output.exists() else Tally()
    if tally.rows > surveyed.rows:
        raise RequestError(f"{output.name} has more rows than the input: it belongs to another one")
    with open_output(output, names, is_continued=tally.rows > 0) as write:
        for row, judged in _judged(judge, islice(read_rows(source), tally.rows, None), is_strict=source.suffix == ".jsonl"):
            added = _as_json(judged) if target.suffix == ".jsonl" else judged
            kept = {} if output != target else {name: value for name, value in row.items() if name not in JUDGED}
            write({**kept, **added})
            tally.rows += 1
            tally.failed += "error" in judged
            on_row(tally.rows, surveyed.rows)
    if output != target:
        assemble(source, surveyed, target, JUDGED)
    return tally


def _judged(judge: Judge, reads: Iterator[Read], *, is_strict: bool) -> Iterator[tuple[Row, Row]]:
    """Yield each row and what its verdict adds; no more rows are held than the judge reads ahead."""
    asked: deque[list[Read]] = deque()

    def batches() -> Iterator[pa.RecordBatch]:
        while chunk := list(islice(reads, ROWS_A_BATCH)):
            asked.append([(row, fault or (None if is_strict else _fault(row))) for row, fault in chunk])
            yield _batch(asked[-1], is_strict=is_strict)

    for verdicts in judge(batches()):
        for (row, fault), verdict in zip(asked.popleft(), verdicts.select(JUDGED).to_pylist(), strict=True):
            error = fault or verdict["error"]
            yield row, {"error": error} if error else {name: verdict[name] for name in ADDED}


def _batch(chunk: Iterable[Read], *, is_strict: bool) -> pa.RecordBatch:
    """Return the requests of some rows: JSON Lines keep their types, cells are read as what they say."""
    requests = [{} if fault else {key: value for key, value in row.items() if key in REQUEST_FIELDS} for row, fault in chunk]
    if is_strict:
        return pa.record_batch({REQUEST: pa.array([json.dumps(each) for each in requests], pa.string())})
    names = dict.fromkeys(name for each in requests for name in each)
    columns = {name: _column([each.get(name) for each in requests]) for name in names}
    return pa.record_batch(columns or {"text": pa.nulls(len(requests), pa.string())})


def _column(values: list[Any]) -> pa.Array:
    try:
        return pa.array(values)
    except pa.ArrowException:  # no one type fits them
        return pa.array([None if value is None else as_text(value) for value in values], pa.string())


def _fault(row: Row) -> str | None:
    """Say what keeps a row out of a batch: bytes in a CSV that are not UTF-8 came as lone surrogates."""
    texts = [value for key, value in row.items() if key in REQUEST_FIELDS and isinstance(value, str)]
    return NOT_UNICODE if any(text != without_surrogates(text) for text in texts) else None


def _as_json(judged: Row) -> Row:
    """Return what a verdict adds with its nested values as JSON Lines hold them."""
    return {name: json.loads(value) if name in NESTED and value is not None else value for name, value in judged.items()}


def _check_paths(source: Path, target: Path) -> None:
    for path in (source, target):
        if path.suffix not in ENDINGS:
            raise RequestError(f"{path.name}: the ending must be one of {', '.join(ENDINGS)}")
    if source.resolve() == target.resolve():
        raise RequestError("the input and the output are one file")


def _finished(output: Path, names: list[str]) -> Tally:
    """Count the whole rows of an unfinished output, and cut off what follows them.

    Raises:
        RequestError: its columns are not the ones that this run would write.
    """
    cut_broken_tail(output)
    if output.suffix == ".csv" and list(survey(output).kinds) not in ([], names):
        raise RequestError(f"{output.name} has other columns: it belongs to another input")
    tally = Tally()
    for row, _ in read_rows(output) if output.suffix == ".csv" else read_json_lines(output):
        tally.rows += 1
        tally.failed += bool(row.get("error"))
    return tally
