"""Does the service do what its OpenAPI description says? Schemathesis makes requests from it, right and wrong ones, and checks each answer.

Usage: python tests/faults/openapi.py [--examples 500] [--out evaluation/reports/schema]

In this process, rules alone, everything kept in a folder of its own. Of every operation so many requests that the description
allows, and as many that it does not. Checked: no 5xx; status, content type and body of the answer are described; what the
description does not allow is refused, what it allows is not.
"""

import argparse
import sys
import tempfile
from collections import Counter
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import checks
from schemathesis.core.failures import FailureGroup
from schemathesis.generation import GenerationMode

sys.path.insert(0, str(Path(__file__).parents[2]))

from serving.classifier import Classifier
from serving.http import create_app
from serving.review.keeper import Keeper
from serving.settings import Settings
from tests.faults.reporting import as_table, write

MOST_TOLD = 20
MOST_SECONDS = 300
"""How long an answer may take: this is not about a busy machine."""


@contextmanager
def described_app():
    """Yield the description of a running app that keeps everything."""
    with tempfile.TemporaryDirectory() as folder:
        setting = Settings(use_model=False, state_folder=Path(folder), keep_seconds=15)
        keeper = Keeper.of(setting)
        keeper.start()
        try:
            yield schemathesis.openapi.from_asgi("/openapi.json", create_app(Classifier.load(setting), setting, keeper))
        finally:
            keeper.stop()


def run(schema, examples):
    """Return, by operation, how many requests were answered with what, and what was wrong."""
    found = {}
    for result in schema.get_all_operations():
        operation = result.ok()
        of = found[operation.label] = {"statuses": Counter(), "failures": []}
        for mode in GenerationMode:
            _try(operation, mode, examples, of)
    return found


def excluded(operation, body, status):
    """Return the checks that cannot be made.

    No description can say that a template's fields must have values; the bad items of a batch are refused one by one; and what is
    too large is refused as such (413), whatever else is wrong with it.
    """
    names = []
    if isinstance(body, dict) and (
        body.get("template") or any(isinstance(each, dict) and each.get("template") for each in _messages(body))
    ):
        names.append("positive_data_acceptance")
    if operation.path == "/v1/score/batch" or status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        names.append("negative_data_rejection")
    return [checks.CHECKS.get_one(name) for name in names]


def _messages(body):
    return body["messages"] if isinstance(body.get("messages"), list) else []


def _try(operation, mode, examples, of):
    @settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case):
        try:
            answer = case.call(timeout=MOST_SECONDS)
        except Exception as error:  # noqa: BLE001 (whatever it is, there was no answer)
            of["failures"].append(f"{mode.value}: no answer: {type(error).__name__}")
            return
        of["statuses"][str(answer.status_code)] += 1
        try:
            case.validate_response(answer, excluded_checks=excluded(operation, case.body, answer.status_code))
        except FailureGroup as group:
            if len(of["failures"]) < MOST_TOLD:
                of["failures"].append(f"{mode.value}: {answer.status_code}: " + "; ".join(str(each) for each in group.exceptions))

    try:
        ask()
    except Exception as error:  # noqa: BLE001
        if "Unsatisfiable" not in type(error).__name__:
            of["failures"].append(f"{mode.value}: {type(error).__name__}")


def markdown(result):
    rows = [["operation", "requests", "answers", "not as described"]]
    for label, of in result["operations"].items():
        answers = ", ".join(f"{count:,} × {status}" for status, count in sorted(of["statuses"].items()))
        rows.append([f"`{label}`", f"{sum(of['statuses'].values()):,}", answers, str(len(of["failures"]))])
    return [
        f"Schemathesis {schemathesis.__version__}, {result['examples']} allowed and {result['examples']} disallowed requests to each operation where they can be made; "
        "checks: " + ", ".join(f"`{check}`" for check in result["checks"]) + ".",
        "",
        *as_table(rows),
    ]


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--examples", type=int, default=500)
    options.add_argument("--out", type=Path)
    asked = options.parse_args()
    with described_app() as schema:
        found = run(schema, asked.examples)
    operations = {label: {**of, "statuses": dict(of["statuses"])} for label, of in found.items()}
    names = [each.__name__ for each in checks.CHECKS.get_all()]
    result = {"examples": asked.examples, "checks": names, "operations": operations}
    print(write(asked.out, "The OpenAPI description", "make test-schema", result, markdown(result)))  # noqa: T201
    for label, of in operations.items():
        for failure in of["failures"]:
            print(f"{label}: {failure}")  # noqa: T201
    sys.exit(1 if any(of["failures"] for of in operations.values()) else 0)


if __name__ == "__main__":
    main()
