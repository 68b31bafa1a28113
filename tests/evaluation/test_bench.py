"""Do the bench's arithmetic and page hold together, whoever could not be measured?"""

import time

import pytest

from evaluation.bench.capacity import capacity, cores_for
from evaluation.bench.contestants import CONTESTANTS, OURS, PIPELINE
from evaluation.bench.page import bench_markdown, bench_plots
from evaluation.bench.rounds import turns
from evaluation.bench.services import BENTO_PIPELINE, TUNED
from evaluation.bench.stages import Watches


def spread(value):
    return {"median": value, "least": value / 2, "most": value * 2}


def alone(value):
    names = ("p50_ms", "p95_ms", "cpu_us", "bulk_a_second", "bulk_cpu_us", "cold_seconds", "resident_mb")
    return {name: spread(value) for name in names}


def served(value):
    return {name: spread(value) for name in ("p50_ms", "p95_ms", "a_second", "cpu_us")} | {"refused": 0}


def file(rows):
    costs = {"cpu_us": 6000, "parent_cpu_us": 60, "parent_mb": 200, "worker_mb": 230}
    return {"messages": rows, "seconds": rows / 100, "judging_seconds": rows / 200, **costs}


@pytest.fixture
def whole():
    return {
        "bundle": "b",
        "machine": "m",
        "date": "2026-12-01",
        "load": [0.2, 1.0],
        "priority": 0,
        "messages": 100,
        "characters": 90,
        "longest": 320,
        "rounds": 5,
        "many": 200,
        "contestants": {OURS: alone(2.0), PIPELINE: alone(8.0)},
        "parts": {"ms": {"network": 3.0, "the rest": 1.0}, "runs": 1.5},
        "services": {TUNED: served(6000.0), BENTO_PIPELINE: served(1000.0)},
        "missing": ["Presidio + spaCy: not installed"],
        "lengths": {"40": {"ms": spread(3.0), "cpu_us": spread(3000.0)}},
        "files": [file(1000), file(10_000)],
        "seconds": 300,
    }


def work():
    until = time.thread_time() + 0.05
    while time.thread_time() < until:
        pass


def test_everybody_has_a_turn_in_each_round():
    drawn = list(turns(["a", "b", "c"], 4))
    assert all(sorted(drawn[start : start + 3]) == ["a", "b", "c"] for start in range(0, 12, 3))


def test_a_part_within_a_part_is_counted_once():
    watches = Watches()
    inner = watches.on("inner", work)
    outer = watches.on("outer", inner)
    outer()
    assert watches.seconds["inner"] >= 0.05
    assert watches.seconds["outer"] < 0.04


def test_the_page_says_what_the_figures_say(whole):
    text = bench_markdown(whole, {name: f"{name}.svg" for name in bench_plots(whole)})
    assert "| p50 in process, against transformers pipeline, torch eager | ≥ 2× | 4.0×, 4.0× by CPU-µs |" in text
    assert "≥ 4× | 6.0×, 0.2× by CPU-µs |" in text
    assert "| network | 3.000 | 75% |" in text
    assert "- Presidio + spaCy: not installed" in text
    assert "Other work was running" not in text


def test_the_page_can_do_without_services_and_peers(whole):
    whole |= {"services": {}, "contestants": {OURS: alone(2.0)}, "load": [7.0, 7.0]}
    assert "Other work was running" in bench_markdown(whole, bench_plots(whole))
    assert CONTESTANTS[PIPELINE].title not in bench_markdown(whole, {}).split("## In process")[0]
    assert "cores" in capacity(whole)


def test_the_capacity_is_what_the_costs_make_it(whole):
    text = capacity(whole)
    assert cores_for(5000, 6000.0) == 50
    assert "| 5,000 | 5,000 × 0.00600 s ÷ 0.6 = 50.0 | 50 | 8 |" in text
    assert "10^8 × 0.00600 s = 167 core-hours" in text
    assert "8 cores (nodes of 8: 1)" in text
    assert "feeds at most 99 workers" in text
