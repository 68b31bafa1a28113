"""Does the gate refuse what is worse, and pass what is not?"""

import json

import pytest
import yaml
from pydantic import ValidationError
from typer.testing import CliRunner

from data.records import Record
from evaluation import __main__ as command
from evaluation import gate
from evaluation.behaviour import Fault, Outcome, read_cases
from evaluation.compare import compare_content, compare_markdown
from evaluation.gate import CaseBudget, Check, GateVerdict, Limits, Trial, check_cases, checks_of, gate_content, gate_markdown, read_limits
from evaluation.gold import GoldError, freeze, read_gold
from evaluation.metrics import Scored
from evaluation.paired import MEASURES, Pair, difference
from serving.settings import Settings
from serving.taxonomy import Tier
from serving.verdict import Action


def said(record, tier, action=None):
    return Scored(record, tier, action or (Action.BLOCK if tier.rank >= Tier.PERSONAL.rank else Action.ALLOW))


def pairs(count, label, before, after, *, service="gp", ms=(1.0, 1.0)):
    """As many messages as asked for, of one label, each with what the two bundles say."""
    records = [
        Record(f"{service} {label} {number}", label, group=f"{service}-{label}-{number}", fields={"service": service})
        for number in range(count)
    ]
    return [Pair(said(record, before), said(record, after), *ms) for record in records]


def good(count=60):
    return [pair for tier in Tier for pair in pairs(count, tier, tier, tier)]


def failed(found, limits=None):
    return {check.name for check in checks_of(found, limits or read_limits()) if not check.has_passed}


def test_the_same_answers_pass():
    assert failed(good()) == set()


def test_losing_sensitive_messages_is_refused():
    lost = failed([*good(), *pairs(4, Tier.SENSITIVE, Tier.SENSITIVE, Tier.ROUTINE)])
    assert "sensitive recall: lower bound of the difference" in lost
    assert "unsafe allowed" in lost


def test_as_many_won_as_lost_is_no_proof():
    swapped = [
        *pairs(10, Tier.SENSITIVE, Tier.SENSITIVE, Tier.PERSONAL),
        *pairs(10, Tier.SENSITIVE, Tier.PERSONAL, Tier.SENSITIVE, service="pip"),
    ]
    assert "sensitive recall: lower bound of the difference" in failed([*good(), *swapped])


def test_clearly_better_passes():
    better = pairs(20, Tier.SENSITIVE, Tier.PERSONAL, Tier.SENSITIVE)
    assert failed([*good(), *better]) == set()


def test_more_review_than_the_desk_can_carry_is_refused():
    records = [pair.record for pair in pairs(40, Tier.ROUTINE, Tier.ROUTINE, Tier.ROUTINE)]
    held = [Pair(said(each, Tier.ROUTINE), said(each, Tier.ROUTINE, Action.REVIEW), 1.0, 1.0) for each in records]
    assert {"reviewed", "safe held"} <= failed([*good(), *held])


def test_a_slower_bundle_is_refused():
    slow = [Pair(pair.current, pair.candidate, 4.0, 6.0) for pair in good()]
    assert failed(slow) == {"times as long as the current one"}


def test_one_group_that_gets_worse_is_refused_though_all_together_gain():
    worse = pairs(40, Tier.ROUTINE, Tier.ROUTINE, Tier.MINIMUM_CONTACT, service="library")
    better = pairs(80, Tier.ROUTINE, Tier.MINIMUM_CONTACT, Tier.ROUTINE, service="leisure")
    assert failed([*good(), *worse, *better]) == {"group service=library: accuracy lost"}


def test_a_group_may_have_a_limit_of_its_own():
    limits = yaml.safe_load(yaml.safe_dump(read_limits().model_dump()))
    limits["slices"]["exceptions"] = {"service=library": {"accuracy": 1.0}}
    worse = pairs(40, Tier.ROUTINE, Tier.ROUTINE, Tier.MINIMUM_CONTACT, service="library")
    assert failed([*good(), *worse], Limits.model_validate(limits)) == set()


def test_nothing_to_measure_on_passes_nothing():
    assert all(not check.has_passed for check in checks_of([], read_limits()))
    assert not GateVerdict("a", "b", "0", 0, ()).has_passed


@pytest.mark.parametrize("missing", ["sensitive_recall", "reviewed"])
def test_limits_cannot_leave_out_what_the_gate_is_for(missing):
    limits = read_limits().model_dump()
    limits["lower_bounds" if missing == "sensitive_recall" else "budgets"].pop(missing)
    with pytest.raises(ValidationError):
        Limits.model_validate(limits)


def test_siblings_are_drawn_together():
    apart = pairs(40, Tier.SENSITIVE, Tier.SENSITIVE, Tier.SENSITIVE)
    lone = [*apart, *pairs(10, Tier.SENSITIVE, Tier.ROUTINE, Tier.SENSITIVE, service="pip")]
    one_group = [
        Pair(
            *(Scored(Record(s.record.text, s.record.label, group="one"), s.category, s.action) for s in (p.current, p.candidate)), 1.0, 1.0
        )
        for p in lone[40:]
    ]
    measure = MEASURES["sensitive_recall"]
    alone, together = difference(lone, measure, 2000, 1), difference([*apart, *one_group], measure, 2000, 1)
    assert alone.value == together.value == pytest.approx(0.2)
    assert together.low < 0.01 < alone.low


def test_the_bounds_agree_with_the_binomial_ones():
    found = difference(
        [*good(250), *pairs(50, Tier.SENSITIVE, Tier.ROUTINE, Tier.SENSITIVE, service="pip")], MEASURES["sensitive_recall"], 4000, 3
    )
    spread = 1.96 * (found.value * (1 - found.value) / found.messages) ** 0.5
    assert found.low == pytest.approx(found.value - spread, abs=0.005)
    assert found.high == pytest.approx(found.value + spread, abs=0.005)


def test_the_verdict_says_what_failed():
    checks = tuple(checks_of([*good(), *pairs(4, Tier.SENSITIVE, Tier.SENSITIVE, Tier.ROUTINE)], read_limits()))
    content = gate_content(GateVerdict("old", "new", "0" * 64, 244, checks))
    text = gate_markdown(json.loads(json.dumps(content)), {})
    assert "# Candidate new is refused" in text
    assert "**no**" in text
    passed = gate_content(GateVerdict("old", "new", "0" * 64, 1, (Check("one", "≥ 0", 1.0, has_passed=True),)))
    assert passed["passed"]
    assert "passes the gate" in gate_markdown(passed, {})


def test_a_changed_gold_set_is_refused(tmp_path):
    split = tmp_path / "test"
    split.mkdir()
    line = json.dumps({"text": "The bus is late", "label": "routine"}) + "\n"
    (split / "a.jsonl").write_text(line)
    freeze("test", tmp_path, tmp_path / "gold.yaml")
    gold, records = read_gold(tmp_path / "gold.yaml", tmp_path)
    assert (gold.messages, len(records)) == (1, 1)
    (split / "b.jsonl").write_text(line)
    assert len(read_gold(tmp_path / "gold.yaml", tmp_path)[1]) == 1, "a new file is not frozen"
    (split / "a.jsonl").write_text(line.replace("late", "early"))
    with pytest.raises(GoldError, match="not the one that was frozen"):
        read_gold(tmp_path / "gold.yaml", tmp_path)


def test_the_committed_gold_set_is_there():
    gold, records = read_gold()
    assert gold.messages == len(records)


def test_a_candidate_that_does_not_load_is_refused(tmp_path):
    result = CliRunner().invoke(command.app, ["gate", str(tmp_path), "--against", str(Settings().bundle_folder), "--json"])
    assert result.exit_code == 1
    verdict = json.loads(result.stdout)
    assert verdict["passed"] is False
    assert [check["name"] for check in verdict["checks"]] == ["the candidate can be used"]


def test_nothing_is_decided_where_gold_set_or_current_bundle_is_broken(tmp_path, monkeypatch):
    bundle = str(Settings().bundle_folder)
    assert CliRunner().invoke(command.app, ["gate", bundle, "--against", str(tmp_path)]).exit_code == 2

    def broken():
        raise GoldError("the gold set's file a.jsonl is missing")

    monkeypatch.setattr(command, "read_gold", broken)
    result = CliRunner().invoke(command.app, ["gate", bundle])
    assert result.exit_code == 2
    assert "cannot decide" in result.stdout


def test_changed_messages_are_named_and_not_quoted():
    found = [
        *good(1),
        *pairs(1, Tier.SENSITIVE, Tier.SENSITIVE, Tier.ROUTINE, service="pip"),
        *pairs(1, Tier.ROUTINE, Tier.PERSONAL, Tier.ROUTINE, service="bins"),
    ]
    content = compare_content(found, ("old", "new"), "test")
    assert [(each["group"], each["effect"]) for each in content["changes"]] == [("pip-sensitive-0", "worse"), ("bins-routine-0", "better")]
    assert content["changed"] == {"worse": 1, "better": 1, "neither": 0}
    text = compare_markdown(content, {})
    assert "pip-sensitive-0" in text
    assert "pip sensitive 0" not in text
    assert "pip sensitive 0" in compare_markdown(compare_content(found, ("old", "new"), "test", with_text=True), {})


@pytest.mark.parametrize(
    ("before", "after", "passes"), [("ab", "ab", True), ("ab", "a", True), ("ab", "c", True), ("a", "ab", False), ("abcd", "abc", False)]
)
def test_no_more_cases_may_fail_than_with_the_current_bundle_or_than_the_limit(monkeypatch, before, after, passes):
    fails = [Fault("it goes", "x")]
    monkeypatch.setattr(gate, "run_cases", lambda names, _: [Outcome("x", name, "must hold", fails) for name in names])
    limits = read_limits().model_copy(update={"failed_cases": CaseBudget(most=2, above_current=0)})
    assert check_cases(before, after, Trial(None, [], read_cases(), limits)).has_passed is passes
