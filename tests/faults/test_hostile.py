"""A small version of `make test-hostile` and `make test-schema`."""

import psutil

from tests.faults import hostile, openapi


def test_no_hostile_request_is_answered_with_5xx_or_not_at_all(worker):
    result = hostile.run(worker.port, 1_000, seed=1)
    assert result["faults"] == []
    assert psutil.Process(worker.process.pid).is_running()
    assert worker.send("after")[0] == 200


def test_the_openapi_description_is_true():
    with openapi.described_app() as described:
        found = openapi.run(described, 5)
    assert {label: of["failures"] for label, of in found.items() if of["failures"]} == {}
    assert len(found) >= 10
