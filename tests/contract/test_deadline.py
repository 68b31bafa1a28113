"""Does an HTTP answer come in time, degraded and never laxer, while the network stalls or fails, and is all well afterwards?"""

import json
import time

import pytest
from starlette.testclient import TestClient

from serving.classifier import READY, RESTING, Classifier
from serving.deadline import Deadline
from serving.http import create_app
from serving.settings import Settings
from tests.faults.stalling import FAULTS, make_faulty

TEXTS = {"Bins tomorrow": "review", "my NI is QQ123456C": "block"}


@pytest.fixture(scope="module")
def deployed():
    settings = Settings()
    classifier = Classifier.load(settings, Deadline(settings.deadline_seconds, settings.deadline_further_window_seconds))
    return classifier, TestClient(create_app(classifier, settings), raise_server_exceptions=False)


def post(client, content, path="/v1/score"):
    return client.post(path, content=json.dumps(content), headers={"content-type": "application/json"})


def assert_told(client, *, is_resting):
    """Health says that the model is not answering, and stays well: the rules answer."""
    health = client.get("/readyz")
    told = health.json(), client.get("/v1/model").json()
    assert health.status_code == 200
    assert told[0]["status"] == ("degraded" if is_resting else "ready")
    assert {told[0]["model"], told[1]["status"]} == {RESTING if is_resting else READY}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_the_network_is_answered_by_the_rules_in_time(deployed, fault):
    classifier, client = deployed
    real = classifier._model._session
    session = make_faulty(classifier, seconds=10)
    session.fault = fault
    started = time.monotonic()
    for text, action in TEXTS.items():
        answer = post(client, {"text": text})
        assert answer.status_code == 200
        verdict = answer.json()
        assert (verdict["degraded"], verdict["decided_by"], verdict["action"], verdict["model"]) == (True, "fallback", action, None)
    results = post(client, {"messages": [{"text": text} for text in TEXTS] * 10}, "/v1/score/batch").json()["results"]
    assert [each["verdict"]["action"] for each in results] == [*TEXTS.values()] * 10
    assert all(each["verdict"]["degraded"] for each in results)
    assert_told(client, is_resting=True)
    assert time.monotonic() - started < 8, "one stalled reading takes 10 s"
    session.fault = None
    healed = time.monotonic()
    while (verdict := post(client, {"text": "Bins tomorrow"}).json())["degraded"]:
        assert time.monotonic() - healed < 10
        time.sleep(0.05)
    classifier._model._session = real
    assert (verdict["decided_by"], verdict["coverage"]["model"]) == ("model", True)
    assert_told(client, is_resting=False)
