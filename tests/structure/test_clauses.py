"""Has every clause of the three documents a row that says how it is met, and a test?"""

from pathlib import Path

import pytest
import yaml

from evaluation.clauses import TABLE_END, TABLE_START, as_table, rows
from serving.policy import PACKS, Check, Condition, Effect, Pack, read_pack, read_packs, read_rulebook
from serving.signs import Sign
from serving.templates.purpose import PURPOSES

ROOT = Path(__file__).parents[2]
NUMBERS = yaml.safe_load((Path(__file__).parent / "clauses.yaml").read_text())
SHIPPED = read_packs(PACKS)
OUTSIDE = [f"{pack.id} {clause.id}" for pack in SHIPPED.values() for clause in pack.clauses if clause.effect is Effect.OUTSIDE]


@pytest.mark.parametrize("pack", NUMBERS)
def test_every_clause_of_the_document_has_one_row(pack):
    assert [clause.id for clause in SHIPPED[pack].clauses] == NUMBERS[pack]


def test_no_pack_is_without_its_document():
    assert set(SHIPPED) == set(NUMBERS)


def test_every_clause_has_a_test():
    assert [f"{row.pack} {row.clause.id}" for row in rows(ROOT) if not row.tests] == []


@pytest.mark.parametrize("name", OUTSIDE)
def test_an_outside_clause_says_why_and_never_fires(name):
    pack, number = name.split()
    clause = next(each for each in SHIPPED[pack].clauses if each.id == number)
    assert clause.checks == ()
    assert len(clause.how) > 15


def test_what_an_exception_may_lift_is_what_the_policies_say():
    liftable = {f"{pack.id} {clause.id}" for pack in SHIPPED.values() for clause in pack.clauses if pack.may_lift(clause.id)}
    assert liftable == {"dwp-sms 1.3", "dwp-sms 1.5", "dwp-sms 1.6", "dwp-aup 4.2", "dwp-aup 4.3"}


def test_no_sentence_of_a_pack_is_longer_than_a_sentence():
    for pack in SHIPPED.values():
        for clause in pack.clauses:
            assert all(check.say is None or len(check.say) < 160 for check in clause.checks)


def test_the_documented_table_is_the_one_that_the_command_writes():
    text = (ROOT / "docs" / "policies.md").read_text()
    assert text[text.index(TABLE_START) + len(TABLE_START) : text.index(TABLE_END)].strip() == as_table(rows(ROOT)).strip()


def blocks():
    text = (ROOT / "docs" / "policies.md").read_text()
    return [block.partition("```")[0] for block in text.split("```yaml\n")[1:]]


def test_the_documented_examples_are_read(tmp_path):
    names = ("ours.yaml", "areas.yaml", "exceptions.yaml", "templates.yaml")
    assert len(blocks()) == len(names)
    for name, block in zip(names, blocks(), strict=True):
        (tmp_path / name).write_text(block)
    assert read_pack(tmp_path / "ours.yaml").extends == "dwp-sms"
    rulebook = read_rulebook(PACKS, tmp_path)
    assert "housing" in rulebook.areas
    assert "EX-2026-014" in rulebook.exceptions
    assert rulebook.templates.all()


def test_every_key_sign_and_purpose_is_documented():
    text = (ROOT / "docs" / "policies.md").read_text()
    known = (*Condition.model_fields, *Sign, *PURPOSES, *Pack.model_fields, *Check.model_fields)
    assert [name for name in known if f"`{name}`" not in text and f"{name}:" not in text] == []
