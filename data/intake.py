"""A team's own labelled messages: JSON Lines, CSV, Parquet, or a folder that Hugging Face's `datasets` saved (`save_to_disk`).

Needed are a text and a label; every other column is kept as a field of the record.
"""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from data.marking import MarkedText, MarkingError, parse
from data.records import Record, RecordError
from serving.taxonomy import TIERS, Tier

KINDS = (".jsonl", ".csv", ".parquet")


def read_labelled(path: Path, *, is_marked: bool) -> list[Record]:
    """Read labelled messages; with `is_marked`, take the inline marks out of the texts. Sources are `FILE:row`, unique.

    Raises:
        RecordError: the file is of no known kind, or a row has no text, no label of the four, or broken marks; texts are not quoted.
        OSError: it cannot be read.
    """
    records = []
    for number, row in enumerate(_rows(path), 1):
        try:
            records.append(_record(dict(row), f"{path.name}:{number}", is_marked=is_marked))
        except MarkingError as error:
            raise RecordError(f"{path.name}, row {number}: {error}") from None
        except KeyError as error:
            raise RecordError(f"{path.name}, row {number}: no {error.args[0]}") from None
        except ValueError:
            raise RecordError(f"{path.name}, row {number}: the label is none of {', '.join(TIERS)}") from None
    return records


def _record(row: dict[str, Any], source: str, *, is_marked: bool) -> Record:
    text = str(_needed(row, "text"))
    label = Tier(str(_needed(row, "label")))
    marked = parse(text) if is_marked else MarkedText(text, ())
    also = row.pop("also", None)
    group = row.pop("group", None)
    pair = row.pop("pair", None)
    return Record(
        text=marked.plain,
        label=label,
        marks=marked.marks,
        also=Tier(str(also)) if also else None,
        group=str(group or source),
        pair=str(pair) if pair else None,
        source=source,
        fields=row,
    )


def _needed(row: dict[str, Any], name: str) -> Any:
    value = row.pop(name, None)
    if value is None or value == "":
        raise KeyError(name)
    return value


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    if path.is_dir():
        yield from _saved(path)
    elif path.suffix == ".jsonl":
        yield from _json_lines(path)
    elif path.suffix == ".csv":
        with pa.csv.open_csv(path) as reader:
            yield from _of_batches(reader)
    elif path.suffix == ".parquet":
        with pa.parquet.ParquetFile(path) as file:
            yield from _of_batches(file.iter_batches())
    else:
        raise RecordError(f"{path.name}: not one of {', '.join(KINDS)}, and no folder of a saved dataset")


def _json_lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                try:
                    row = json.loads(line)
                except ValueError:
                    raise RecordError(f"{path.name}, line {number}: no JSON") from None
                if not isinstance(row, dict):
                    raise RecordError(f"{path.name}, line {number}: no JSON object")
                yield row


def _saved(folder: Path) -> Iterator[dict[str, Any]]:
    """Read the Arrow streams of a saved dataset, and tell the names of its classes where labels are numbers."""
    files = sorted(folder.glob("*.arrow"))
    if not files:
        raise RecordError(f"{folder.name}: no Arrow files in this folder; of several splits name one")
    names = _class_names(folder)
    for file in files:
        with pa.memory_map(str(file)) as source, pa.ipc.open_stream(source) as reader:
            for row in _of_batches(reader):
                if names and isinstance(row.get("label"), int):
                    row["label"] = names[row["label"]]
                yield row


def _class_names(folder: Path) -> list[str]:
    about = folder / "dataset_info.json"
    if not about.exists():
        return []
    features = json.loads(about.read_text(encoding="utf-8")).get("features") or {}
    return list((features.get("label") or {}).get("names") or [])


def _of_batches(batches: Iterable[pa.RecordBatch]) -> Iterator[dict[str, Any]]:
    for batch in batches:
        yield from batch.to_pylist()
