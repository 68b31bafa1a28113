"""Inject every fault by its number, and write what came of it.

Usage: python tests/faults/run.py [--times 3] [--fast] [--only F09,F11] [--write]

Runs every test that carries `pytest.mark.fault` (without `--fast` the slow ones too), so many times; a fault is survived when
all its tests pass every time, no answer was laxer than without it, and recovery took at most 10 seconds.
"""

import argparse
import json
import sys
from collections import Counter
from pathlib import Path

import pytest
import yaml

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.faults.reporting import as_table, described

ROOT = Path(__file__).parents[2]
FAULTS = yaml.safe_load((Path(__file__).parent / "faults.yaml").read_text(encoding="utf-8"))
DOCS = ROOT / "docs" / "reliability.md"
REPORT = ROOT / "evaluation" / "reports" / "faults.json"
START, END = "<!-- faults -->", "<!-- end of faults -->"
MOST_SECONDS = 10


def files(numbers=FAULTS):
    """Return the test files that inject one of these faults."""
    texts = {path: path.read_text(encoding="utf-8") for path in sorted((ROOT / "tests").rglob("test_*.py"))}
    shared = (ROOT / "tests" / "faults" / "stalling.py").read_text(encoding="utf-8")
    texts = {path: text + shared if "stalling import FAULTS" in text else text for path, text in texts.items()}
    return [str(path) for path, text in texts.items() if "fault(" in text and any(f'"{number}"' in text for number in numbers)]


class Collector:
    """Gathers what came of each fault's tests."""

    def __init__(self, numbers):
        self.numbers = {}
        self.found = {
            number: {"tests": 0, "passed": 0, "skipped": 0, "answers": Counter(), "laxer": 0, "recovery_seconds": None}
            for number in numbers
        }

    def pytest_collection_modifyitems(self, items):
        for item in items:
            self.numbers[item.nodeid] = [number for mark in item.iter_markers("fault") for number in mark.args if number in self.found]
        items[:] = [item for item in items if self.numbers[item.nodeid]]

    def pytest_runtest_logreport(self, report):
        for number in self.numbers.get(report.nodeid, ()):
            of = self.found[number]
            if report.when == "call" or (report.when == "setup" and report.outcome != "passed"):
                of["tests"] += 1
                of["passed"] += report.outcome == "passed"
                of["skipped"] += report.outcome == "skipped"
            if report.when == "teardown":
                for notes in (value for name, value in report.user_properties if name == "fault"):
                    of["answers"].update(notes["answers"])
                    of["laxer"] += notes["laxer"]
                    if notes["recovery_seconds"] is not None:
                        of["recovery_seconds"] = round(max(notes["recovery_seconds"], of["recovery_seconds"] or 0), 2)


def what_is_wrong(of):
    """Say why a fault was not survived, `None` where it was; one that was not injected was not."""
    if of["tests"] == of["skipped"]:
        return "NOT INJECTED"
    if of["passed"] + of["skipped"] < of["tests"] or of["laxer"]:
        return "FAILED"
    return "SLOW TO RECOVER" if (of["recovery_seconds"] or 0) > MOST_SECONDS else None


def table(report):
    """Return the lines that stand in the documentation."""
    rows = [["fault", "what happens", "answers", "laxer", "recovery"]]
    for number, of in report["faults"].items():
        named = FAULTS[number]
        answers = ", ".join(f"{count:,} {answer}" for answer, count in sorted(of["answers"].items())) or "–"
        recovery = "–" if of["recovery_seconds"] is None else f"{of['recovery_seconds']:.1f} s"
        wrong = what_is_wrong(of)
        happened = f"**{wrong}**: {named['happens']}" if wrong else named["happens"]
        rows.append([f"{number} {named['fault']}", happened, answers, str(of["laxer"]), recovery])
    head, line, *rest = as_table(rows)
    survived = sum(what_is_wrong(of) is None for of in report["faults"].values())
    laxer = sum(of["laxer"] for of in report["faults"].values())
    answers = sum(
        count for of in report["faults"].values() for answer, count in of["answers"].items() if answer in ("allow", "review", "block")
    )
    return [
        f"{survived} of {len(FAULTS)} faults survived, {_times(report)}: {laxer} laxer among {answers:,} verdicts that were compared with those without the fault. "
        "A recovery is the longest time from healing the fault until all was as before.",
        "",
        head,
        line.replace(" ---: |", " --- |", 2),
        *rest,
        "",
        f"Made by `{report['command']}` on {report['date']} at commit {report['commit']}: {report['machine']}, load average {report['load'][0]}.",
    ]


def _times(report):
    fewest = min(of["times"] for of in report["faults"].values())
    return "each once" if fewest == 1 else f"each {fewest} times"


def filled(text, report):
    """Return the documentation with the table in its place."""
    before, _, rest = text.partition(START)
    return "\n".join([before + START, *table(report), END]) + rest.partition(END)[2]


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--times", type=int, default=3)
    options.add_argument("--only", default=",".join(FAULTS), help="these alone; with --write the others stay as they were measured")
    options.add_argument("--fast", action="store_true", help="leave the slow tests out")
    options.add_argument("--write", action="store_true", help=f"write {REPORT.relative_to(ROOT)} and {DOCS.relative_to(ROOT)}")
    given = options.parse_args()
    collector = Collector(given.only.split(","))
    for times in range(1, given.times + 1):
        pytest.main(
            [
                "-q",
                "-m",
                "fault and not slow" if given.fast else "fault",
                "-p",
                "no:cacheprovider",
                "--rootdir",
                str(ROOT),
                *files(collector.found),
            ],
            plugins=[collector],
        )
        faults = {number: {**of, "times": times, "answers": dict(of["answers"])} for number, of in collector.found.items()}
        if len(faults) < len(FAULTS) and REPORT.exists():
            faults = json.loads(REPORT.read_text(encoding="utf-8"))["faults"] | faults
        report = {**described("make test-faults"), "faults": faults}
        if given.write:
            REPORT.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
            DOCS.write_text(filled(DOCS.read_text(encoding="utf-8"), report), encoding="utf-8")
    print("\n".join(table(report)))  # noqa: T201
    sys.exit(0 if all(what_is_wrong(of) is None for of in faults.values()) else 1)


if __name__ == "__main__":
    main()
