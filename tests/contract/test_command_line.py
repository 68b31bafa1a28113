"""Do the commands keep the contract?"""

import csv
import json
from importlib.metadata import version
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.main import get_command
from typer.testing import CliRunner

from serving.cli import app

ADDED = {"category", "scores", "action", "findings", "reasons", "degraded"}
ROWS = [
    {"text": "Bins tomorrow", "n": 1},
    {"text": "my NI is QQ123456C", "n": 2},
    {"text": 'It was £3, say "hi"', "n": 3},
]


def run(*arguments, **options):
    return CliRunner().invoke(app, [str(each) for each in arguments], **options)


def write(path, rows):
    if path.suffix == ".jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    elif path.suffix == ".csv":
        with path.open("w", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    else:
        pq.write_table(pa.Table.from_pylist(rows), path)


def read(path):
    if path.suffix == ".jsonl":
        return [json.loads(line) for line in path.read_text().splitlines()]
    if path.suffix == ".csv":
        with path.open(newline="") as file:
            return list(csv.DictReader(file))
    return pq.read_table(path).to_pylist()


def test_score_prints_the_verdict_object():
    verdict = json.loads(run("score", "Hi Sam, QQ123456C", "--json").stdout)
    assert verdict["action"] == "block"


def test_score_reads_standard_input():
    assert json.loads(run("score", "-", "--json", input="Bins tomorrow\n").stdout)["category"] == "routine"


def test_score_for_a_person_names_clause_and_words():
    shown = run("score", "my NI is QQ123456C").stdout
    assert "BLOCK" in shown
    assert "dwp-sms 1.2" in shown
    assert "'QQ123456C'" in shown


def test_score_refuses_an_empty_text():
    assert run("score", "").exit_code == 2


@pytest.mark.parametrize("source", [".jsonl", ".csv", ".parquet"])
@pytest.mark.parametrize("target", [".jsonl", ".csv", ".parquet"])
def test_score_file_keeps_rows_columns_and_order(tmp_path, source, target):
    write(tmp_path / f"in{source}", ROWS)
    assert run("score-file", tmp_path / f"in{source}", tmp_path / f"out{target}").exit_code == 0
    rows = read(tmp_path / f"out{target}")
    assert [row["text"] for row in rows] == [row["text"] for row in ROWS]
    assert [int(row["n"]) for row in rows] == [1, 2, 3]
    assert all(set(row) >= ADDED for row in rows)
    assert rows[1]["category"] == "personal"
    findings = rows[1]["findings"]
    assert (findings if target == ".jsonl" else json.loads(findings))[0]["type"] == "national_id"


def test_a_bad_row_gets_an_error_and_the_run_goes_on(tmp_path):
    (tmp_path / "in.jsonl").write_text('{"text": "ok"}\n{"text": ""}\nnot json\n[]\n{"text": "ok too"}\n')
    done = run("score-file", tmp_path / "in.jsonl", tmp_path / "out.jsonl")
    rows = read(tmp_path / "out.jsonl")
    assert done.exit_code == 1
    assert ["error" in row for row in rows] == [False, True, True, True, False]
    assert not ADDED & set(rows[1])


def test_columns_of_the_verdict_are_refused_unless_overwritten(tmp_path):
    write(tmp_path / "in.csv", [{"text": "Bins", "action": "old"}])
    assert run("score-file", tmp_path / "in.csv", tmp_path / "out.csv").exit_code == 2
    assert run("score-file", tmp_path / "in.csv", tmp_path / "out.csv", "--overwrite").exit_code == 0
    assert read(tmp_path / "out.csv")[0]["action"] == "allow"


@pytest.mark.parametrize("ending", [".jsonl", ".csv"])
def test_resume_goes_on_after_a_cut(tmp_path, ending):
    source, target, whole = tmp_path / f"in{ending}", tmp_path / f"out{ending}", tmp_path / f"whole{ending}"
    write(source, ROWS)
    run("score-file", source, whole)
    content = whole.read_bytes()
    target.write_bytes(content[: int(len(content) * 0.7)])
    assert run("score-file", source, target, "--resume").exit_code == 0
    assert [row["text"] for row in read(target)] == [row["text"] for row in ROWS]


def test_redact_masks_what_is_told():
    assert "QQ123456C" not in run("redact", "my NI is QQ123456C").stdout


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.org"])  # noqa: S104
def test_serve_refuses_an_open_address(host):
    refused = run("serve", "--host", host)
    assert refused.exit_code == 2
    assert "REFUSED: without authentication" in refused.stderr


@pytest.mark.parametrize("arguments", [("--port", "0"), ("--port", "99999"), ("--workers", "0")])
def test_serve_names_a_setting_that_cannot_be_used(arguments):
    refused = run("serve", *arguments)
    assert refused.exit_code == 2
    assert f"setting {arguments[0][2:]}" in refused.stderr


def test_a_verdict_cannot_steer_the_terminal():
    shown = run("score", "my NI is QQ123456C\x1b[2J \u202eabc").stdout
    assert "\x1b[2J" not in shown
    assert "\u202e" not in shown
    assert "␛[2J" in shown


@pytest.mark.parametrize("content", [b"\xff\xfe", b"x" * 200_000])
def test_standard_input_that_cannot_be_judged_is_refused(content):
    refused = run("score", "-", input=content)
    assert refused.exit_code == 2
    assert refused.stderr.startswith("bad_request")


def test_every_option_of_score_is_taken():
    options = ("--policy", "dwp-sms", "--channel", "sms", "--direction", "inbound", "--redact", "--explain", "--json")
    verdict = json.loads(run("score", "my NI is QQ123456C", *options).stdout)
    assert "QQ123456C" not in verdict["redacted"]
    assert "[national id]" in verdict["redacted"]
    assert verdict["action"] != "block"


def test_an_unknown_policy_is_refused_by_name():
    refused = run("score", "x", "--policy", "nosuch")
    assert refused.exit_code == 2
    assert "nosuch" in refused.stderr


def test_a_target_that_cannot_be_written_is_said_in_a_line(tmp_path):
    write(tmp_path / "in.jsonl", ROWS)
    refused = run("score-file", tmp_path / "in.jsonl", tmp_path / "nowhere" / "out.jsonl")
    assert refused.exit_code == 2
    assert "No such file" in refused.stderr


def test_the_version_is_shown():
    assert run("--version").stdout.strip() == version("sendsafe")


def test_every_command_has_help_and_stands_in_the_readme():
    readme = (Path(__file__).parents[2] / "README.md").read_text()
    for name, command in get_command(app).commands.items():
        assert command.help
        assert all(option.help for option in command.params if option.name != "help")
        assert run(name, "--help").exit_code == 0
        assert f"sendsafe {name}" in readme
