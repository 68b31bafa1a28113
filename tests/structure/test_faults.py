"""Is every fault injected by a test, and does the documentation show what the command measured?"""

import json
import re
from pathlib import Path

import pytest

from tests.faults.run import DOCS, END, FAULTS, REPORT, START, files, table

ROOT = Path(__file__).parents[2]


def test_the_faults_are_numbered_without_a_gap():
    assert list(FAULTS) == [f"F{number:02}" for number in range(1, 46)]


@pytest.mark.parametrize("number", FAULTS)
def test_a_test_injects_it(number):
    texts = [Path(file).read_text() for file in [*files(), ROOT / "tests" / "faults" / "stalling.py"]]
    assert any(re.search(rf'"{number}"', text) for text in texts)


def test_the_documented_table_is_the_one_that_the_command_writes():
    text = DOCS.read_text()
    assert text[text.index(START) + len(START) : text.index(END)].strip() == "\n".join(table(json.loads(REPORT.read_text()))).strip()


def test_no_fault_made_an_answer_laxer():
    assert sum(of["laxer"] for of in json.loads(REPORT.read_text())["faults"].values()) == 0
