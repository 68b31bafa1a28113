"""Put a Parquet output together: the source's columns with their types, and the verdicts from the journal of the run.

A Parquet file is nothing until its footer is written, so a run notes its verdicts in a journal beside the target, which an
interrupted run goes on with, and the target is made in one quick pass at the end.
"""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from serving.files.outputs import as_text, without_surrogates
from serving.files.rows import ROWS_A_GROUP, Survey, open_parquet, read_json_lines, read_rows

_TYPES = {
    frozenset({"bool"}): pa.bool_(),
    frozenset({"int"}): pa.int64(),
    frozenset({"float"}): pa.float64(),
    frozenset({"int", "float"}): pa.float64(),
}


def journal_of(target: Path) -> Path:
    """Return where a run notes its verdicts until a Parquet target can be made."""
    return target.with_name(target.name + ".part")


def assemble(source: Path, surveyed: Survey, target: Path, judged: tuple[str, ...]) -> None:
    """Write the target from the source and the journal, and remove the journal."""
    journal = journal_of(target)
    unfinished = target.with_name(target.name + ".tmp")
    kept = [name for name in surveyed.kinds if name not in judged]
    schema = open_parquet(source).schema_arrow if source.suffix == ".parquet" else _schema(surveyed)
    added = pa.schema([(name, pa.bool_() if name == "degraded" else pa.string()) for name in judged])
    schema = pa.schema([*(schema.field(name) for name in kept), *added])
    verdicts = (row for row, _ in read_json_lines(journal))
    with pq.ParquetWriter(unfinished, schema) as writer:
        for size, columns in _groups(source, schema, kept):
            rows = list(islice(verdicts, size))
            arrays = [pa.array([row.get(field.name) for row in rows], field.type) for field in added]
            writer.write_batch(pa.RecordBatch.from_arrays([*columns, *arrays], schema=schema))
    unfinished.replace(target)
    journal.unlink()


def _schema(surveyed: Survey) -> pa.Schema:
    """Return a type for each column: the one that fits all its values, text where none does."""
    return pa.schema([(name, _TYPES.get(frozenset(kinds - {"NoneType"}), pa.string())) for name, kinds in surveyed.kinds.items()])


def _groups(source: Path, schema: pa.Schema, kept: list[str]) -> Iterator[tuple[int, list[pa.Array]]]:
    """Yield the source's columns some rows at a time, and how many rows they are."""
    if source.suffix == ".parquet":
        for batch in open_parquet(source).iter_batches(batch_size=ROWS_A_GROUP):
            yield batch.num_rows, batch.select(kept).columns
        return
    rows = (row for row, _ in read_rows(source))
    fields = [schema.field(name) for name in kept]
    while group := list(islice(rows, ROWS_A_GROUP)):
        yield len(group), [pa.array([_value(row.get(field.name), field.type) for row in group], field.type) for field in fields]


def _value(value: Any, kind: pa.DataType) -> Any:
    return without_surrogates(as_text(value)) if value is not None and pa.types.is_string(kind) else value
