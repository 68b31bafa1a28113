"""One content, written as JSON, Markdown, plots and a page: are the figures the same in all, and is nothing needed from elsewhere?"""

import json
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest

from data.marking import parse
from data.records import Record
from evaluation.files import write_report
from evaluation.goals import GOALS, Goal, read_goals, standing
from evaluation.invariance import PositionFigures, Swaps
from evaluation.markdown import as_markdown
from evaluation.measure import FLOOR, KNOWN, OURS, PLACES, UNSEEN, Measured
from evaluation.metrics import Scored
from evaluation.plots import report_plots
from evaluation.report import About, content
from serving.findings import Finding
from serving.taxonomy import TIERS, InfoType, Tier
from serving.verdict import Action


def scored(marked: str, label: Tier, said: Tier, *findings: Finding, pair: str | None = None) -> Scored:
    text = parse(marked)
    record = Record(text.plain, label, text.marks, pair=pair, fields={"kind": "pair" if pair else "ordinary", "register": "plain"})
    scores = {tier: 0.7 if tier is said else 0.1 for tier in TIERS}
    return Scored(record, said, Action.ALLOW if said is Tier.ROUTINE else Action.BLOCK, scores, findings)


PADDING = "the bus is late " * 100
HEALTH = Finding(InfoType.HEALTH, 5, 15)
OURS_SAID = [
    *[scored("your [blood test](health) moved", Tier.SENSITIVE, Tier.SENSITIVE, HEALTH)] * 20,
    *[scored("your [blood test](health) moved", Tier.SENSITIVE, Tier.ROUTINE, pair="a")] * 5,
    *[scored("the secret bus is late", Tier.ROUTINE, Tier.ROUTINE, pair="b")] * 25,
]
LONG_SAID = [
    scored(PADDING, Tier.ROUTINE, Tier.ROUTINE),
    scored(f"[he has cancer](health) {PADDING}", Tier.SENSITIVE, Tier.SENSITIVE),
    scored(f"{PADDING} [he has cancer](health)", Tier.SENSITIVE, Tier.ROUTINE),
]
MEASURED = Measured(
    answers={OURS: OURS_SAID, FLOOR: [Scored(each.record, Tier.ROUTINE, Action.ALLOW) for each in OURS_SAID]},
    swaps={name: Swaps(10, 40, 2, 1, 1, {"welsh": 0.1, "tamil": 0.0}, {"welsh": 0.3, "tamil": 0.2}) for name in (KNOWN, UNSEEN, PLACES)},
    positions={2000: PositionFigures(50, {"start": 0.98, "middle": 0.9, "end": 1.0}, 0.04)},
)


@pytest.fixture(scope="module")
def whole():
    return content(About("test", "2026.01.01-abc", 12000, "a machine", 12.0), MEASURED)


def test_content_is_plain_json(whole):
    assert json.loads(json.dumps(whole)) == whole


def test_content_holds_every_figure(whole):
    assert whole["contestants"][OURS]["figures"]["unsafe_allowed"] == pytest.approx(0.2)
    assert whole["contestants"][OURS]["near_pairs"] == {"pairs": 2, "right": 0.5}
    assert whole["spans"]["all"]["exact_recall"] == pytest.approx(0.8)
    assert whole["spans"]["types"]["health"]["precision"] == 1
    assert whole["positions"]["2000"]["spread"] == pytest.approx(0.1)
    assert whole["swaps"][UNSEEN]["action_changed_share"] == pytest.approx(0.025)
    assert whole["fairness"][KNOWN]["stopped"]["highest"] == "welsh"
    assert whole["confidence"]["tier"]["calibration_error"] == pytest.approx(0.2)


def test_long_texts_are_told_apart_by_where_they_tell():
    found = content(About("mine", "v"), Measured({OURS: LONG_SAID}, {}, {}))
    assert found["long_texts"] == {
        "clean": 1,
        "clean_held": 0.0,
        "telling": {"first": 1, "middle": 0, "last": 1},
        "caught": {"first": 1.0, "middle": None, "last": 0.0},
    }
    assert "| telling first in the last third | 1 | 0.000 |" in as_markdown(found, {})


def test_markdown_names_the_bundle_first_and_shows_the_figures(whole):
    text = as_markdown(whole, {})
    assert text.startswith("# test: bundle 2026.01.01-abc\n")
    for shown in ("12,000 messages", "| health | 25 | 25 |", "| 2,000 | 50 | 0.980 | 0.900 | 1.000 | 0.100 | 0.040 |", FLOOR):
        assert shown in text


def test_files_are_of_one_content_and_need_nothing(whole, tmp_path):
    drawn = report_plots(whole)
    text = write_report(tmp_path / "test", whole, drawn, as_markdown)
    assert json.loads((tmp_path / "test.json").read_text()) == whole
    assert (tmp_path / "test.md").read_text() == text
    page = (tmp_path / "test.html").read_text()
    assert "<table>" in page
    assert "<img" not in page
    assert "src=" not in page
    for name, svg in drawn.items():
        assert f"test-{name}.svg" in text
        ET.fromstring(svg)  # noqa: S314 (our own drawing)
        assert len(svg) < 60_000


def test_drawings_are_the_same_bytes_again(whole):
    assert report_plots(whole) == report_plots(whole)


def test_a_report_without_marks_and_probes_leaves_them_out():
    plain = [Scored(Record("x", Tier.ROUTINE), Tier.ROUTINE, Action.ALLOW)]
    found = content(About("mine", "v"), Measured({OURS: plain}, {}, {}))
    assert not {"spans", "swaps", "positions"} & set(found)
    assert "mine: bundle v" in as_markdown(found, {})


@pytest.mark.parametrize(
    ("goal", "is_met"),
    [
        (Goal(what="a", at="a/b", least=0.5), True),
        (Goal(what="a", at="a/b", least=0.51), False),
        (Goal(what="a", at="a/b", most=0.5), True),
        (Goal(what="a", at="a/b", most=0.49), False),
        (Goal(what="a", at="a/c", most=0.49), None),
    ],
)
def test_goals(goal, is_met):
    assert standing([goal], {"a": {"b": 0.5}})[0].is_met is is_met


def test_every_goal_of_the_test_split_stands_in_a_full_report():
    full = content(About("test", "v"), replace(MEASURED, answers={OURS: [*OURS_SAID, *LONG_SAID]}))
    measured = {each["what"] for each in full["goals"] if each["figure"] is not None}
    missing = {goal.what for goal in read_goals("test", GOALS)} - measured
    assert all("9,500" in what for what in missing)
