"""The table of every clause of the policies: what it asks, how it is met, and which tests prove it.

A test names the clause that it proves by `pytest.mark.clause("dwp-sms 1.2")`, by a case of `tests/policies/test_clauses.py`, or
by an example of `tests/golden/policies.yaml`. They are read, not run.
"""

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from serving.policy import PACKS, Clause, Effect, read_packs

TABLE_START = "<!-- clauses: written by `python -m evaluation clauses` -->"
TABLE_END = "<!-- end of clauses -->"
CASES = "tests/policies/test_clauses.py"
EXAMPLES = "tests/golden/policies.yaml"
OUTSIDE = "tests/structure/test_clauses.py::test_an_outside_clause_says_why_and_never_fires"


@dataclass(frozen=True, slots=True)
class Row:
    """One clause, and the ids of the tests that prove it."""

    pack: str
    clause: Clause
    tests: tuple[str, ...]


def rows(root: Path) -> list[Row]:
    """Return a row for each clause of the shipped packs, with the tests below a checkout's root."""
    proved: dict[str, list[str]] = defaultdict(list)
    for named, test in (*_marked(root), *_cases(root), *_examples(root)):
        if test not in proved[named]:
            proved[named].append(test)
    found = []
    for pack in sorted(read_packs(PACKS).values(), key=lambda each: each.id):
        for clause in pack.clauses:
            name = f"{pack.id} {clause.id}"
            tests_of = [f"{OUTSIDE}[{name}]"] if clause.effect is Effect.OUTSIDE else proved[name]
            found.append(Row(pack.id, clause, tuple(tests_of)))
    return found


def as_table(found: Sequence[Row]) -> str:
    """Write the rows as a Markdown table."""
    lines = ["| policy | clause | asks | met by | how | tests |", "| --- | --- | --- | --- | --- | --- |"]
    for row in found:
        clause = row.clause
        tests = "<br>".join(f"`{test.removeprefix('tests/')}`" for test in row.tests) or "none"
        lines.append(f"| {row.pack} | {clause.id} | {clause.says.strip()} | {clause.effect} | {clause.how.strip()} | {tests} |")
    return "\n".join(lines)


def write_table(path: Path, found: Sequence[Row]) -> None:
    """Put the table between its two marks in a document."""
    before, _, rest = path.read_text(encoding="utf-8").partition(TABLE_START)
    _, _, after = rest.partition(TABLE_END)
    path.write_text(f"{before}{TABLE_START}\n\n{as_table(found)}\n\n{TABLE_END}{after}", encoding="utf-8")


def _marked(root: Path) -> Iterator[tuple[str, str]]:
    """Yield clause and test of every `pytest.mark.clause`."""
    for path in sorted((root / "tests").rglob("test_*.py")):
        if "mark.clause(" not in (source := path.read_text(encoding="utf-8")):
            continue
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.FunctionDef):
                for clause in _clauses(node.decorator_list):
                    yield clause, f"{path.relative_to(root).as_posix()}::{node.name}"


def _clauses(decorators: Iterable[ast.expr]) -> Iterator[str]:
    for each in decorators:
        if isinstance(each, ast.Call) and isinstance(each.func, ast.Attribute) and each.func.attr == "clause":
            yield from (argument.value for argument in each.args if isinstance(argument, ast.Constant) and isinstance(argument.value, str))


def _cases(root: Path) -> Iterator[tuple[str, str]]:
    """Yield clause and test of the cases of the table, all of one clause as one."""
    for node in ast.walk(ast.parse((root / CASES).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Case" and node.args:
            named = node.args[0]
            if isinstance(named, ast.Constant) and isinstance(named.value, str):
                yield named.value, f"{CASES}::test_clause[{named.value}…]"


def _examples(root: Path) -> Iterator[tuple[str, str]]:
    for example in yaml.safe_load((root / EXAMPLES).read_text(encoding="utf-8")):
        for key in ("clause", "advice"):
            if key in example:
                yield f"{example['policy']} {example[key]}", f"tests/golden/test_policies.py::test_example[{example['id']}]"
