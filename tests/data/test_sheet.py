"""The data sheet's figures on a made-up corpus, and the check of openings."""

import json

from data.check import LEAST_FOR_OPENINGS, Quotas, repeated_openings
from data.records import Record
from data.sheet import filled, parts
from serving.taxonomy import Tier

WANTED = Quotas(
    splits={"train": 2, "test": 9},
    train={
        "tier_share": {"routine": 0.5},
        "services": 1,
        "messages_a_service": 1,
        "kinds": {"chat": 3},
        "hard": {"kinds": ["implied"], "messages": 0, "pairs": 0},
    },
)


def record(text: str, label: Tier = Tier.ROUTINE, **fields: object) -> Record:
    return Record(text, label, fields=fields)


CORPUS = {
    "train": [record("one two three four"), record("he is in again", Tier.SENSITIVE, labels=["sensitive", "personal"])],
    "test": [record("one two")],
}


def test_every_part_is_written(tmp_path):
    (tmp_path / "public.json").write_text(
        json.dumps({"lengths": {"messages": 379, "p05": 3, "p25": 6, "p50": 12, "p75": 20, "p95": 60, "longest": 200}})
    )
    written = parts(CORPUS, WANTED, tmp_path)
    assert "| train | 1 | 0 | 0 | 1 | 2 |" in written["counts"]
    assert "| test: messages | 1 | 9 | no |" in written["quotas"]
    assert "| train: kind chat | 0 | 3 | no |" in written["quotas"]
    assert "| train: tier routine | 1 | 1 | yes |" in written["quotas"]
    assert "| train | 1 | 0.000 | 0.000 | 0.000 |" in written["agreement"]
    assert "| test | 0 | – | – | – |" in written["agreement"]
    assert "| the public benchmark | 379 | 3 | 6 | 12 | 20 | 60 | 200 |" in written["lengths"]
    sheet = "a <!-- counts -->\nold\n<!-- end of counts --> b"
    assert filled(filled(sheet, written), written) == f"a <!-- counts -->\n{written['counts']}\n<!-- end of counts --> b"


def test_without_a_public_report_its_lengths_are_left_out(tmp_path):
    assert "public" not in parts(CORPUS, WANTED, tmp_path)["lengths"]


def test_too_many_messages_that_begin_alike_are_found():
    varied = [record(f"{number} begins otherwise") for number in range(LEAST_FOR_OPENINGS)]
    assert list(repeated_openings({"train": varied})) == []
    dull = [record(f"We have your form {number}") for number in range(LEAST_FOR_OPENINGS // 10)]
    assert len(list(repeated_openings({"train": [*varied, *dull]}))) == 1
