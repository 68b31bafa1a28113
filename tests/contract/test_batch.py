"""Does a batch give one row for each row, whatever is in it, and do workers lose none?"""

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time

import pyarrow as pa
import pytest

from serving.batch import REQUEST, VERDICT, score_batch
from serving.classifier import Classifier
from serving.files.workers import WorkersLostError, judge_by_workers, judge_here
from serving.schema import verdict_json
from serving.settings import Settings
from serving.verdict import Message

CANARY = "zebra-7f3a quokka"
RULES = Settings(use_model=False, suggestion_seconds=0)
BAD_BYTES = pa.Array.from_buffers(pa.string(), 1, [None, pa.py_buffer(b"\0\0\0\0\2\0\0\0"), pa.py_buffer(b"\xff\xfe")])


@pytest.fixture(scope="module")
def by_rules():
    return Classifier.load(RULES, counts_repeats=False)


def test_a_row_is_judged_as_it_would_be_alone(by_rules):
    texts = ["Bins tomorrow", "my NI is QQ123456C"]
    verdicts = score_batch(pa.record_batch({"text": texts, "n": [1, 2]}), by_rules)
    assert verdicts.schema == VERDICT
    for text, row in zip(texts, verdicts.to_pylist(), strict=True):
        alone = verdict_json(by_rules.classify(Message(text)))
        told = {name: row[name] for name in ("category", "action", "degraded", "decided_by")}
        assert told == {name: alone[name] for name in told}
        assert json.loads(row["findings"]) == alone["findings"]
        assert json.loads(row["reasons"]) == alone["reasons"]


@pytest.mark.parametrize(
    "batch",
    [
        pa.record_batch({"text": pa.nulls(1)}),
        pa.record_batch({"text": [""]}),
        pa.record_batch({"text": [CANARY * 2000]}),
        pa.record_batch({"text": [CANARY], "channel": [CANARY]}),
        pa.record_batch({"text": [CANARY], "policies": ['["none"]']}),
        pa.record_batch({"text": [CANARY], "sender": [[1]]}),
        pa.record_batch({"note": [CANARY]}),
        pa.record_batch({"text": BAD_BYTES}),
        pa.record_batch([pa.array([CANARY]), pa.array(["b"])], names=["text", "text"]),
        pa.record_batch({REQUEST: ["[]"]}),
        pa.record_batch({REQUEST: ["{" + CANARY]}),
    ],
)
def test_a_row_that_cannot_be_judged_is_held_and_says_nothing(fake, batch):
    (row,) = score_batch(batch, fake).to_pylist()
    assert row["action"] == "review"
    assert row["degraded"]
    assert row["code"] in {"bad_request", "bad_json", "not_found"}
    assert row["error"]
    assert "zebra" not in json.dumps(row)


def test_no_rows_give_no_rows(fake):
    assert score_batch(pa.record_batch({"text": pa.array([], pa.string())}), fake).num_rows == 0


def test_a_fault_of_ours_holds_its_row_alone(fake):
    fake.failing_text = CANARY
    rows = score_batch(pa.record_batch({"text": ["a", CANARY, "b"]}), fake).to_pylist()
    assert [row["action"] for row in rows] == ["block", "review", "block"]
    assert rows[1]["error"] == "internal: RuntimeError"


def test_the_same_text_again_and_again_is_no_fact_of_an_archive(by_rules):
    rows = score_batch(pa.record_batch({"text": ["Bins tomorrow"] * 60}), by_rules, ("dwp-aup",)).to_pylist()
    assert len({json.dumps(row) for row in rows}) == 1


def batches(count):
    for number in range(count):
        yield pa.record_batch({"text": [f"Bins on day {number}", f"my NI is QQ1234{number:02}C"]})


def test_workers_answer_in_order_though_one_is_killed(by_rules):
    expected = [each.to_pylist() for each in judge_here(by_rules)(batches(40))]
    found = []
    for number, verdicts in enumerate(judge_by_workers(by_rules, RULES, workers=2)(batches(40))):
        found.append(verdicts.to_pylist())
        if number == 10:
            multiprocessing.active_children()[0].kill()
    assert found == expected


def test_workers_that_are_always_killed_end_the_run(by_rules, monkeypatch):
    monkeypatch.setattr("serving.files.workers._begin", os.abort)
    monkeypatch.setattr("serving.files.workers.MOST_LOSSES", 2)
    with pytest.raises(WorkersLostError):
        list(judge_by_workers(by_rules, RULES, workers=2)(batches(40)))


@pytest.mark.parametrize("ending", [".jsonl", ".parquet"])
def test_a_killed_run_goes_on_to_the_output_of_an_unbroken_one(tmp_path, ending):
    source = tmp_path / "in.jsonl"
    source.write_text("".join(json.dumps({"text": f"Ring 020 7946 {number:04}, my NI is QQ123456C"}) + "\n" for number in range(1000)))
    environment = {**os.environ, "SENDSAFE_USE_MODEL": "false", "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", "from serving.cli import app; app()", "score-file", "--workers", "2", str(source)]
    whole, target = tmp_path / f"whole{ending}", tmp_path / f"out{ending}"
    subprocess.run([*command, str(whole)], env=environment, check=True, capture_output=True)  # noqa: S603
    growing = target if ending == ".jsonl" else tmp_path / "out.parquet.part"
    run = subprocess.Popen([*command, str(target)], env=environment, stderr=subprocess.DEVNULL)  # noqa: S603
    while run.poll() is None and not (growing.exists() and growing.stat().st_size):
        time.sleep(0.01)
    run.send_signal(signal.SIGKILL)
    assert run.wait() == -signal.SIGKILL
    assert growing.stat().st_size
    subprocess.run([*command, str(target), "--resume"], env=environment, check=True, capture_output=True)  # noqa: S603
    assert target.read_bytes() == whole.read_bytes()
