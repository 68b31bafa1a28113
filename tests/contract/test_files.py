"""Does a file come out as it should, whatever is in it and wherever a run was cut?"""

import csv
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from serving.errors import RequestError
from serving.files import Tally, judge_here, score_file
from serving.files.columns import journal_of

CANARY = "zebra-7f3a quokka"


class Stopped(Exception):
    pass


def fail(message):
    raise RuntimeError(message.text)


def lines(*rows):
    return "".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows).encode()


def read(path):
    if path.suffix == ".csv":
        with path.open(newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))
    return pq.read_table(path).to_pylist() if path.suffix == ".parquet" else [json.loads(line) for line in path.read_text().splitlines()]


@pytest.fixture
def run(tmp_path, fake):
    def score(content, source, target, classifier=fake, **options):
        (tmp_path / source).write_bytes(content)
        return score_file(judge_here(classifier), tmp_path / source, tmp_path / target, **options)

    return score


@pytest.mark.parametrize("target", ["out.jsonl", "out.csv", "out.parquet"])
def test_a_column_that_begins_late_is_kept(run, tmp_path, target):
    run(lines(*[{"text": "a"}] * 200, {"text": "b", "late": "here"}), "in.jsonl", target)
    assert read(tmp_path / target)[-1]["late"] == "here"


def test_a_column_of_mixed_kinds_becomes_text_in_parquet(run, tmp_path):
    rows = [{"text": "a", "n": 1, "f": 1, "x": None}] * 1500 + [{"text": "b", "n": "two", "f": 0.5, "x": [1]}]
    run(lines(*rows), "in.jsonl", "out.parquet")
    table = pq.read_table(tmp_path / "out.parquet")
    assert [table.schema.field(name).type for name in ("n", "f", "x")] == [pa.string(), pa.float64(), pa.string()]
    assert table.to_pylist()[-1]["n"] == "two"
    assert table.to_pylist()[0]["n"] == "1"


def test_parquet_columns_keep_their_types(tmp_path, fake):
    schema = pa.schema([("text", pa.large_string()), ("n", pa.int8()), ("at", pa.timestamp("ms", "UTC")), ("tags", pa.list_(pa.string()))])
    pq.write_table(pa.Table.from_pylist([{"text": "a", "n": 1, "at": 5, "tags": ["x"]}], schema), tmp_path / "in.parquet")
    score_file(judge_here(fake), tmp_path / "in.parquet", tmp_path / "out.parquet")
    written = pq.read_schema(tmp_path / "out.parquet")
    assert [written.field(name).type for name in schema.names] == schema.types


def test_text_that_utf8_cannot_hold_is_a_bad_row(run, tmp_path):
    content = b'{"text": "\\ud800"}\n{"text": "\xa3"}\n{"text": "b"}\n'
    for target in ("out.jsonl", "out.csv", "out.parquet"):
        assert run(content, "in.jsonl", target) == Tally(rows=3, failed=2)
        assert read(tmp_path / target)[2]["text"] == "b"


def test_bytes_that_are_not_utf8_pass_through_a_csv(run, tmp_path):
    assert run(b"text,note\r\nfine,caf\xe9\r\ncaf\xe9,x\r\n", "in.csv", "out.csv") == Tally(rows=2, failed=1)
    assert b"caf\xe9" in (tmp_path / "out.csv").read_bytes()


def test_a_cell_too_long_and_a_line_too_long_are_bad_rows(run, monkeypatch):
    monkeypatch.setattr("serving.files.rows.MOST_LINE_BYTES", 1000)
    assert run(b"text\n" + b"x" * 5000 + b"\nfine\n", "in.csv", "out.csv") == Tally(rows=2, failed=1)
    assert run(lines({"text": "x" * 5000}, {"text": "fine"}), "in.jsonl", "out.jsonl") == Tally(rows=2, failed=1)


def test_what_is_not_json_is_not_written(run, tmp_path):
    run(b'{"text": "a", "n": NaN, "deep": [{"m": -Infinity}]}\n', "in.jsonl", "out.jsonl")
    row = json.loads((tmp_path / "out.jsonl").read_text(), parse_constant=pytest.fail)
    assert row["n"] is None
    assert row["deep"] == [{"m": None}]


def test_a_fault_in_one_row_ends_no_run_and_says_nothing(run, tmp_path, fake):
    fake.classify = fail
    assert run(lines({"text": CANARY}, {"text": CANARY}), "in.jsonl", "out.jsonl", fake) == Tally(rows=2, failed=2)
    assert read(tmp_path / "out.jsonl")[0]["error"] == "internal: RuntimeError"


def test_cells_may_write_truth_values_and_nested_fields(run):
    content = b'text,shadow,sender,policies\r\na,true,"{""business_area"": ""housing""}","[""dwp-sms""]"\r\nb,maybe,,\r\n'
    assert run(content, "in.csv", "out.csv") == Tally(rows=2, failed=1)


@pytest.mark.parametrize("source", ["in.csv", "in.parquet"])
def test_two_columns_of_one_name_are_refused(run, tmp_path, source):
    table = pa.Table.from_arrays([pa.array(["a"]), pa.array(["b"])], names=["text", "text"])
    pq.write_table(table, tmp_path / "made.parquet")
    with pytest.raises(RequestError, match="two columns"):
        run(b"text,text\r\na,b\r\n" if source.endswith("csv") else (tmp_path / "made.parquet").read_bytes(), source, "out.csv")


def test_what_is_no_parquet_is_refused(run):
    with pytest.raises(RequestError, match="cannot be read as Parquet"):
        run(b"PAR0", "in.parquet", "out.csv")


@pytest.mark.parametrize("content", [b"", b"\n\n"])
@pytest.mark.parametrize("target", ["out.jsonl", "out.csv", "out.parquet"])
def test_an_empty_file_gives_an_empty_file(run, tmp_path, content, target):
    assert run(content, "in.jsonl", target) == Tally()
    assert read(tmp_path / target) == []


ROWS = [{"text": "one"}, {"text": 'line, "one"\nline two'}, {"text": ""}, {"text": "four £"}]


@pytest.mark.parametrize("target", ["out.jsonl", "out.csv"])
def test_resume_after_a_cut_at_any_byte_gives_the_whole_file(run, tmp_path, target):
    """A cut inside a quoted cell that holds line ends must not leave half a row behind."""
    once = run(lines(*ROWS), "in.jsonl", "whole" + target)
    whole = (tmp_path / ("whole" + target)).read_bytes()
    for cut in range(0, len(whole) + 1, 3):
        (tmp_path / target).write_bytes(whole[:cut])
        assert run(lines(*ROWS), "in.jsonl", target, resume=True) == once
        assert (tmp_path / target).read_bytes() == whole


@pytest.mark.parametrize("target", ["out.jsonl", "out.csv", "out.parquet"])
def test_an_interrupted_run_judges_no_row_twice(run, tmp_path, fake, target):
    def stop(done, _):
        if done == 2:
            raise Stopped

    with pytest.raises(Stopped):
        run(lines(*ROWS), "in.jsonl", target, on_row=stop)
    judged = fake.judged
    assert run(lines(*ROWS), "in.jsonl", target, resume=True) == Tally(rows=4, failed=1)
    assert fake.judged - judged == 1
    assert [row["text"] for row in read(tmp_path / target)] == [row["text"] for row in ROWS]
    assert not journal_of(tmp_path / target).exists()


def test_an_output_of_another_input_is_not_gone_on_with(run):
    run(lines(*ROWS), "in.jsonl", "out.csv")
    with pytest.raises(RequestError, match="other columns"):
        run(b"text,n\r\na,1\r\n", "in.csv", "out.csv", resume=True)
    with pytest.raises(RequestError, match="more rows"):
        run(b"text\r\na\r\n", "in.csv", "out.csv", resume=True)
