"""Does the HTTP service keep the contract, word for word, also for bad input?"""

import json
from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from serving.classifier import Classifier
from serving.deadline import Worker
from serving.http import create_app
from serving.settings import Settings
from serving.taxonomy import Tier
from serving.verdict import Message

VERDICT_KEYS = (
    "id reference category scores action decided_by degraded disguised urgent findings reasons advice suggestion reply redacted "
    "explanation coverage sms model policies review"
).split()
CANARY = "zebra-7f3a quokka"


@pytest.fixture(scope="module")
def client():
    settings = Settings()
    return TestClient(create_app(Classifier.load(settings), settings), raise_server_exceptions=False)


def post(client, content, path="/v1/score", **headers):
    body = content if isinstance(content, bytes | str) else json.dumps(content)
    return client.post(path, content=body, headers={"content-type": "application/json", **headers})


def assert_problem(response, code):
    document = response.json()
    assert 400 <= response.status_code < 500
    assert response.headers["content-type"] == "application/problem+json"
    assert document["code"] == code
    assert document["status"] == response.status_code
    assert {"type", "title", "detail"} <= set(document)


def test_a_verdict_has_every_key_of_the_contract(client):
    answer = post(client, {"text": "Hi Sam, your payment of £368.74 is late", "reference": "batch-7/0012"})
    verdict = answer.json()
    assert answer.status_code == 200
    assert list(verdict) == VERDICT_KEYS
    assert verdict["reference"] == "batch-7/0012"
    assert verdict["category"] == "personal"
    assert verdict["action"] == "block"
    assert sum(verdict["scores"].values()) == pytest.approx(1, abs=0.001)
    assert verdict["policies"] == [{"id": "dwp-sms", "version": "1.0"}]


def test_offsets_count_code_points_of_the_text_as_received(client):
    text = "👋 Hi 👨‍👩‍👧 my NI is ＱＱ１２３４５６Ｃ"
    found = [f for f in post(client, {"text": text}).json()["findings"] if f["type"] == "national_id"]
    assert "ＱＱ１２３４５６Ｃ" in [text[f["start"] : f["end"]] for f in found]


def test_every_field_of_a_request_is_taken(client):
    request = {
        "text": "Bins tomorrow", "subject": None, "channel": "sms", "direction": "outbound", "audience": "citizen",
        "policies": ["dwp-sms"], "reference": "a/1", "significant": False, "exception": "EX-1", "shadow": False,
        "recipient": {"phone": "+447700900123", "consent": True, "last_verified": "2026-03-01", "used_before": True},
        "sender": {"business_area": "housing", "device": "corporate", "route": "reach", "two_way": False, "sender_id": "DWP"},
        "send_by": "2026-12-01T09:00:00Z", "options": {"redact": True, "explain": False},
    }  # fmt: skip
    answer = post(client, request)
    assert answer.status_code == 200
    assert "7700900123" not in answer.text


HOSTILE = [
    ("{", "bad_json"),
    ('{"text": NaN}', "bad_json"),
    ('{"text": "a", "text": "b"}', "bad_json"),
    (b'{"text": "\xff"}', "bad_json"),
    ("[" * 50_000, "bad_json"),
    ('{"text": ' + "9" * 5000 + "}", "bad_json"),
    ("[]", "bad_request"),
    ("null", "bad_request"),
    ("{}", "bad_request"),
    ({"text": ""}, "bad_request"),
    ({"text": None}, "bad_request"),
    ({"text": 5}, "bad_request"),
    ({"text": "x" * 10_001}, "bad_request"),
    ('{"text": "\\ud800 lone"}', "bad_request"),
    ({"text": "hello", "unknown": CANARY}, "bad_request"),
    ({"text": "hello", CANARY: 1}, "bad_request"),
    ({"text": "hello", "channel": CANARY}, "bad_request"),
    ({"text": "hello", "reference": CANARY + "!"}, "bad_request"),
    ({"text": "hello", "recipient": {"phone": [CANARY]}}, "bad_request"),
    ({"text": "hello", "policies": []}, "bad_request"),
    ({"text": "hello", "policies": ["no-such-pack"]}, "not_found"),
    ({"text": "x" * 140_000}, "too_large"),
]


@pytest.mark.parametrize(("body", "code"), HOSTILE)
def test_bad_input_is_a_problem_without_echo(client, body, code):
    answer = post(client, body)
    assert_problem(answer, code)
    assert CANARY not in answer.text


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin-1", ""])
def test_another_content_type_is_refused(client, kind):
    assert_problem(client.post("/v1/score", content=b'{"text":"x"}', headers={"content-type": kind}), "unsupported_media_type")


def test_compressed_bodies_are_refused(client):
    assert_problem(post(client, b"x", **{"content-encoding": "gzip"}), "unsupported_media_type")


def test_unknown_paths_and_methods_are_problems(client):
    assert_problem(client.get("/nowhere"), "not_found")
    assert_problem(client.get("/v1/score"), "bad_request")


def test_the_longest_text_is_judged(client):
    assert post(client, {"text": "word " * 2000}).json()["coverage"]["complete"]


def test_a_nul_is_judged(client):
    assert post(client, '{"text": "a\\u0000b"}').status_code == 200


def test_a_batch_keeps_order_and_harms_no_neighbour(client):
    messages = [{"text": "Bins tomorrow", "reference": "1"}, {"text": ""}, {"text": "QQ123456C", "reference": "3"}]
    results = post(client, {"messages": messages}, "/v1/score/batch").json()["results"]
    assert [next(iter(result)) for result in results] == ["verdict", "problem", "verdict"]
    assert [results[0]["verdict"]["reference"], results[2]["verdict"]["reference"]] == ["1", "3"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"messages": []}, "bad_request"),
        ({"messages": [{"text": "x"}] * 101}, "too_large"),
        ({"messages": [{"text": "x" * 9000}] * 30}, "too_large"),
        ({"texts": []}, "bad_request"),
        ([], "bad_request"),
    ],
)
def test_a_bad_batch_is_a_problem(client, body, code):
    assert_problem(post(client, body, "/v1/score/batch"), code)


def test_ids_and_trace_context_come_back(client):
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    headers = post(client, {"text": "x"}, **{"x-request-id": "abc-1", "traceparent": trace}).headers
    assert headers["x-request-id"] == "abc-1"
    assert headers["traceparent"] == trace
    assert len(post(client, {"text": "x"}, **{"x-request-id": "bad id\t"}).headers["x-request-id"]) == 32


def test_health_model_policies_and_metrics_answer(client):
    assert client.get("/livez").status_code == 200
    assert client.get("/readyz").json()["model"] == "ready"
    assert client.get("/v1/model").json()["version"]
    packs = client.get("/v1/policies").json()["policies"]
    assert ("dwp-sms", "1.0") in [(pack["id"], pack["version"]) for pack in packs]
    assert [pack["id"] for pack in packs if any("February 2016" in each for each in pack["overdue"])] == ["barnet-messaging"]
    assert "sendsafe_verdicts_total" in client.get("/metrics").text


def test_openapi_describes_every_route(client):
    document = client.get("/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    assert set(document["paths"]) == {route.path for route in client.app.routes}
    assert set(document["components"]["schemas"]["Verdict"]["required"]) == set(VERDICT_KEYS)


def test_no_message_text_in_metrics_logs_or_errors(client, capfd):
    for body in ({"text": CANARY}, {"text": CANARY, "x": 1}, {"texts": CANARY}, f'{{"text": "{CANARY}'):
        post(client, body)
        post(client, body, "/v1/score/batch")
    captured = capfd.readouterr()
    assert CANARY not in client.get("/metrics").text + captured.out + captured.err


def test_a_fault_inside_is_a_problem_that_says_nothing(capfd):
    class Broken:
        worker = Worker()

        def classify(self, message):
            raise RuntimeError(message.text)

    app = create_app(Broken(), Settings())
    answer = post(TestClient(app, raise_server_exceptions=False), {"text": CANARY})
    captured = capfd.readouterr()
    assert answer.status_code == 500
    assert answer.json()["code"] == "internal"
    assert CANARY not in answer.text + captured.out + captured.err


def test_a_score_that_is_no_number_is_never_written(fake, monkeypatch):
    verdict = replace(fake.classify(Message(text="x")), scores=dict.fromkeys(Tier, float("nan")))
    monkeypatch.setattr(fake, "classify", lambda _: verdict)
    answer = post(TestClient(create_app(fake, Settings()), raise_server_exceptions=False), {"text": "x"})
    assert answer.status_code == 500
    assert answer.json()["code"] == "internal"
