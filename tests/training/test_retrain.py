"""Does the loop go from reviewed labels to a judged candidate, and is what is served untouched wherever it stops?"""

import json
import os
import shutil
from dataclasses import replace

import pytest

from data.records import read_corpus
from evaluation.behaviour import CaseFile, MustHold
from evaluation.gate import LatencyBudget, Trial
from evaluation.gate import read_limits as gate_limits
from evaluation.gold import read_gold
from serving.bundle import MANIFEST_FILE, open_bundle, sha256
from serving.settings import Settings
from serving.taxonomy import Tier
from training import retrain as loop
from training.poison import beside_current
from training.retrain import RetrainError, Sources, Task, identity, intake, retrain, weighted
from training.steps import alone

CASES = {"some": CaseFile(about="a test", must_hold=(MustHold(name="bins go", text="Bins tomorrow", goes=True),))}
SERVED = Settings().bundle_folder
GOLD, MESSAGES = read_gold()
FEW = [record for tier in Tier for record in [each for each in MESSAGES if each.label is tier][:6]]


def state_of(folder):
    return {path.name: sha256(path.read_bytes()) for path in sorted(folder.iterdir())}


def copy_served(run, config, records):
    """In place of a training: the served bundle under a version of its own, as a maker that goes on where it was stopped."""
    bundle = run / "bundle"
    if not bundle.exists():
        shutil.copytree(SERVED, bundle, copy_function=os.link)
        (bundle / "README.md").unlink()
        manifest = json.loads((bundle / MANIFEST_FILE).read_text())
        (bundle / MANIFEST_FILE).unlink()
        (bundle / MANIFEST_FILE).write_text(json.dumps(manifest | {"version": f"of-{len(records)}"}))
    return bundle


@pytest.fixture
def task(tmp_path, monkeypatch):
    """Forty messages of the corpus, as many reviews made of the dev split, and a small gold set."""
    monkeypatch.setattr(loop, "read_corpus", lambda split: read_corpus(split)[:60])
    records = read_corpus("dev")[-40:]
    lines = [
        {
            "id": f"r{number}",
            "text": record.text,
            "category": record.label,
            "judgements": [{"reviewer": who, "category": record.label} for who in ("ann", "bob")],
        }
        for number, record in enumerate(records)
    ]
    (tmp_path / "reviews.jsonl").write_text("\n".join(map(json.dumps, lines)))
    (tmp_path / "tiny.yaml").write_text("epochs: 1\nlimit: 40\n")
    limits = beside_current(gate_limits()).model_copy(update={"latency": LatencyBudget(most_ms=1000, times_current=10)})  # a busy machine
    trial = Trial(GOLD, FEW, CASES, limits)
    sources = Sources(reviews=(tmp_path / "reviews.jsonl",), legal_basis="public task, Article 6(1)(e)")
    return Task(sources, tmp_path / "tiny.yaml", SERVED, trial, tmp_path / "runs")


def test_a_whole_run_is_judged_and_not_done_again(task, monkeypatch):
    before = state_of(SERVED)
    seen = []
    outcome = retrain(task, lambda *given: (seen.append(given[2]), copy_served(*given))[1], lambda _: None)
    assert [check["name"] for check in outcome.verdict["checks"] if not check["has_passed"]] == [], "the same network passes"
    assert outcome.has_passed
    assert open_bundle(outcome.bundle).manifest.version == outcome.verdict["candidate"] == f"of-{len(seen[0])}"
    about = json.loads((outcome.run / "provenance.json").read_text())
    assert about["legal_basis"] == "public task, Article 6(1)(e)"
    assert about["labels"]["double"] == about["new"]["kept"] >= 30
    assert len(seen[0]) == 40 + 2 * about["new"]["kept"]
    assert set(about["reviewers"]) == {"ann", "bob"}
    assert "passes the gate" in (outcome.bundle / "README.md").read_text()
    texts = [record.text for record in read_corpus("dev")[-40:] if len(record.text) > 20]
    written = "".join(path.read_text() for path in outcome.run.glob("*.json"))
    assert not any(text in written or json.dumps(text)[1:-1] in written for text in texts), "the run keeps no text"
    assert state_of(SERVED) == before

    monkeypatch.setattr(loop, "_look_at", lambda *_: pytest.fail("the labels were looked at again"))
    monkeypatch.setattr(loop, "try_candidate", lambda *_: pytest.fail("it was judged again"))
    again = retrain(task, copy_served, lambda _: None)
    assert (again.run, again.verdict) == (outcome.run, outcome.verdict)


def test_a_worse_candidate_is_refused_and_says_why(task):
    def lax(run, config, records):
        bundle = copy_served(run, config, records)
        manifest = json.loads((bundle / MANIFEST_FILE).read_text())
        manifest["thresholds"] |= {"allow": 0.99, "block": 0.99}
        (bundle / MANIFEST_FILE).write_text(json.dumps(manifest))
        return bundle

    outcome = retrain(task, lax, lambda _: None)
    assert not outcome.has_passed
    assert "unsafe allowed" in {check["name"] for check in outcome.verdict["checks"] if not check["has_passed"]}
    assert "refused" in (outcome.bundle / "README.md").read_text()


@pytest.mark.fault("F44")
def test_stopped_at_any_step_it_goes_on_and_nothing_served_has_changed(task, monkeypatch):
    before = state_of(SERVED)
    stages = ["_look_at", "provenance", "with_marks", "try_candidate"]
    real = {name: getattr(loop, name) for name in stages}
    done = []

    def stop(*_):
        raise KeyboardInterrupt

    for stage in stages:
        monkeypatch.setattr(loop, stage, stop)
        with pytest.raises(KeyboardInterrupt):
            retrain(task, copy_served, lambda _: None)
        assert state_of(SERVED) == before
        monkeypatch.setattr(loop, stage, lambda *given, stage=stage: (done.append(stage), real[stage](*given))[1])
    with pytest.raises(KeyboardInterrupt):
        retrain(task, stop, lambda _: None)
    outcome = retrain(task, copy_served, lambda _: None)
    assert outcome.has_passed
    assert [done.count(stage) for stage in ("_look_at", "provenance", "try_candidate")] == [1, 1, 1], "what is done is not done again"
    assert len(list(task.runs.glob("retrain-*"))) == 1
    assert state_of(SERVED) == before


@pytest.mark.fault("F44")
def test_one_run_at_a_time(task):
    task.runs.mkdir()
    with alone(task.runs, RetrainError("first")), pytest.raises(RetrainError, match="another run is under way"):
        retrain(task, copy_served, lambda _: None)


def test_held_texts_need_a_legal_basis(task):
    for basis in (None, "  "):
        with pytest.raises(RetrainError, match="legal basis"):
            retrain(replace(task, sources=replace(task.sources, legal_basis=basis)), copy_served, lambda _: None)
    assert not task.runs.exists()


@pytest.mark.fault("F44")
def test_too_few_labels_train_nothing(task):
    (path,) = task.sources.reviews
    path.write_text("\n".join(path.read_text().splitlines()[:5]))
    with pytest.raises(RetrainError, match="new messages are left"):
        retrain(task, lambda *_: pytest.fail("it was trained"), lambda _: None)


@pytest.mark.fault("F44")
def test_a_full_disk_leaves_no_half_result(task, monkeypatch):
    path = task.runs / "some.json"
    task.runs.mkdir()
    monkeypatch.setattr("pathlib.Path.replace", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        loop.step(path, lambda: {"a": 1})
    monkeypatch.undo()
    assert not path.exists()
    assert loop.step(path, lambda: {"a": 2}) == {"a": 2}


def test_a_run_is_known_by_all_that_goes_into_it(task, tmp_path):
    first = identity(task)
    assert identity(task) == first
    (tmp_path / "other.yaml").write_text("epochs: 2\nlimit: 40\n")
    assert identity(replace(task, config=tmp_path / "other.yaml")) != first
    assert identity(replace(task, sources=replace(task.sources, legal_basis="consent"))) != first
    (path,) = task.sources.reviews
    path.write_text(path.read_text().replace("routine", "personal", 1))
    assert identity(task) != first


def test_double_labels_weigh_more_and_stay_apart(task):
    new = intake(task.sources)[:3]
    records = weighted([replace(new[0], is_double=False), *new[1:]], loop.read_limits())
    assert [record.source for record in records] == ["review:r0#0", "review:r1#0", "review:r1#1", "review:r2#0", "review:r2#1"]


def test_two_files_with_the_same_names_are_refused(task):
    (path,) = task.sources.reviews
    with pytest.raises(RetrainError, match="stands in two files"):
        intake(replace(task.sources, reviews=(path, path)))
