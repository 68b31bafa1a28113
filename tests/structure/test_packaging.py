"""Does `serving` stay light, and does the wheel hold all it needs?"""

import ast
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OPTIONAL = {"opentelemetry": "tracing.py", "ray": "dataset.py"}
"""What an extra brings, and the one module that uses it."""
HEAVY = {"torch", "transformers", "datasets", "pandas", "sklearn", "data", "evaluation", "training", "pickle"}


def test_serving_imports_nothing_heavy():
    found = {
        f"{path.name}: {name}"
        for path in (ROOT / "serving").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        for name in _imported(node)
        if name in HEAVY
    }
    assert found == set()


def test_everything_that_serving_imports_is_a_dependency():
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    names = {each.split(";")[0].split(">")[0].split("=")[0].strip().replace("-", "_") for each in declared}
    known_as = {"stdnum": "python_stdnum", "re2": "google_re2", "yaml": "pyyaml"}
    imported = {
        name for path in (ROOT / "serving").rglob("*.py") for node in ast.walk(ast.parse(path.read_text())) for name in _imported(node)
    }
    foreign = {known_as.get(name, name) for name in imported if not _is_standard(name)} - {"serving"}
    assert foreign - OPTIONAL.keys() <= names


@pytest.mark.parametrize("name", OPTIONAL)
def test_what_is_optional_is_imported_where_it_is_used_alone(name):
    path = ROOT / "serving" / OPTIONAL[name]
    users = {each for each in (ROOT / "serving").rglob("*.py") for node in ast.walk(ast.parse(each.read_text())) if name in _imported(node)}
    assert users == {path}
    assert name not in {found for node in ast.parse(path.read_text()).body for found in _imported(node)}


def test_no_test_folder_is_a_package():
    assert list((ROOT / "tests").rglob("__init__.py")) == []


def _imported(node):
    if isinstance(node, ast.Import):
        return [alias.name.partition(".")[0] for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module:
        return [node.module.partition(".")[0]]
    return []


def _is_standard(name):
    return name in sys.stdlib_module_names
