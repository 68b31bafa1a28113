"""Judge a file row by row."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from serving.classifier import Classifier
from serving.errors import RequestError, SendsafeError
from serving.files.columns import assemble, journal_of
from serving.files.outputs import as_text, cut_broken_tail, open_output
from serving.files.rows import ENDINGS, Row, read_json_lines, read_rows, survey
from serving.schema import ScoreRequest, validate, verdict_json

ADDED = ("category", "scores", "action", "findings", "reasons", "degraded")
JUDGED = (*ADDED, "error")
NESTED = ("scores", "findings", "reasons")
"""Values that a cell cannot hold as they are; CSV and Parquet hold them as JSON."""
REQUEST_FIELDS = frozenset(ScoreRequest.model_fields)
_STRUCTURED = frozenset({"recipient", "sender", "options", "policies", "personalisation"})


@dataclass(slots=True)
class Tally:
    """How far an output has come, earlier runs that it goes on from included."""

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
    on_row: Callable[[int, int], None] = lambda _done, _all: None,
) -> Tally:
    """Write one row for each row of the source, in order: its columns and the verdict's.

    A row that cannot be judged gets `error` and no verdict. With `resume`, rows that an interrupted run has finished are
    kept and the run goes on behind them. `on_row` hears how many rows are done, and of how many.

    Raises:
        RequestError: a file is not what its ending says, a column is already there and `overwrite` is off, or the output
            to go on with belongs to another input.
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
        for row, fault in islice(read_rows(source), tally.rows, None):
            judged = {"error": fault} if fault else _judge(classifier, row, policies, is_from_cells=source.suffix != ".jsonl")
            if target.suffix != ".jsonl":
                judged |= {name: as_text(judged[name]) for name in NESTED if judged.get(name) is not None}
            kept = {} if output != target else {name: value for name, value in row.items() if name not in JUDGED}
            write({**kept, **judged})
            tally.rows += 1
            tally.failed += "error" in judged
            on_row(tally.rows, surveyed.rows)
    if output != target:
        assemble(source, surveyed, target, JUDGED)
    return tally


def _check_paths(source: Path, target: Path) -> None:
    for path in (source, target):
        if path.suffix not in ENDINGS:
            raise RequestError(f"{path.name}: the ending must be one of {', '.join(ENDINGS)}")
    if source.resolve() == target.resolve():
        raise RequestError("the input and the output are one file")


def _judge(classifier: Classifier, row: Row, policies: tuple[str, ...], *, is_from_cells: bool) -> Row:
    request = {key: value for key, value in row.items() if key in REQUEST_FIELDS and value not in (None, "")}
    request = {key: _parsed(value) if key in _STRUCTURED else value for key, value in request.items()}
    if policies:
        request["policies"] = list(policies)
    try:
        verdict = verdict_json(classifier.classify(validate(request, is_from_cells=is_from_cells).message()))
    except SendsafeError as error:
        return {"error": str(error)}
    except Exception as error:  # noqa: BLE001 (one row's fault must not end the run, and what it says may hold message text)
        return {"error": f"internal: {type(error).__name__}"}
    return {name: verdict[name] for name in ADDED}


def _parsed(value: Any) -> Any:
    """Read a nested field that a cell holds as JSON; what is none stays, and is refused with the row."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return value


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
