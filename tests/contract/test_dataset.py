"""What a worker of the distributed engine makes of a block; `make test-dataset` runs the engine and kills a worker."""

import json
import sys

import pyarrow as pa
import pytest

from serving import batch, dataset
from serving.errors import RequestError


@pytest.fixture
def judged(fake, monkeypatch):
    monkeypatch.setattr(batch, "own_classifier", lambda: fake)
    return lambda **columns: dataset._judged(pa.table(columns), ("dwp-sms",))


def test_a_block_keeps_its_rows_and_columns(judged):
    rows = judged(n=[1, 2, 3], text=["a", "", "c"], policies=pa.nulls(3, pa.list_(pa.string())), action=["old"] * 3)
    assert rows.column_names == ["n", "text", "policies", *dataset.WRITTEN]
    assert rows.column("n").to_pylist() == [1, 2, 3]
    assert rows.column("action").to_pylist() == ["block", "review", "block"]
    assert rows.column("code").to_pylist() == [None, "bad_request", None]
    assert json.loads(rows.column("findings")[0].as_py())[0]["type"] == "amount"


def test_a_block_without_rows_has_the_same_columns(judged):
    assert judged(text=pa.array([], pa.string())).schema == judged(text=["a"]).schema


def test_columns_that_are_missing_or_taken_are_refused():
    with pytest.raises(RequestError, match="no column text"):
        dataset._check_columns(["note"], overwrite=False)
    with pytest.raises(RequestError, match="already has action"):
        dataset._check_columns(["text", "action"], overwrite=False)
    dataset._check_columns(["text", "action"], overwrite=True)


def test_without_the_extra_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(RequestError, match="extra batch"):
        dataset.score_dataset("in", "out")
