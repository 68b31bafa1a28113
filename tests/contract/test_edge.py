"""Does the edge hold against broken bodies, slow senders and faults inside, and does nothing of a message get out?"""

import asyncio
import json
import re
import sys
import threading

import pytest
from starlette.testclient import TestClient

from serving import logs
from serving.body import MOST_BYTES
from serving.errors import TracingError
from serving.http import create_app
from serving.launch import make_ready
from serving.settings import Settings
from serving.tracing import Spans

CANARY = "zebra-7f3a quokka"
JSON = [(b"content-type", b"application/json")]


@pytest.fixture
def app(fake):
    return create_app(fake, Settings(body_seconds=0.2))


@pytest.fixture
def client(app):
    return TestClient(app, raise_server_exceptions=False)


def post(client, content, path="/v1/score", **headers):
    body = content if isinstance(content, bytes | str) else json.dumps(content)
    return client.post(path, content=body, headers={"content-type": "application/json", **headers})


def stream(app, events, headers=JSON):
    """Send a body as ASGI events, the last of them again and again; return status, headers and document."""
    sent = []
    left = list(events)

    async def receive():
        event = left.pop(0) if len(left) > 1 else left[0]
        if event is None:
            await asyncio.sleep(60)
        return event

    async def send(event):
        sent.append(event)

    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "scheme": "http", "path": "/v1/score",
        "raw_path": b"/v1/score", "root_path": "", "query_string": b"", "headers": headers, "client": None, "server": None,
    }  # fmt: skip
    asyncio.run(app(scope, receive, send))
    return sent[0]["status"], dict(sent[0]["headers"]), json.loads(b"".join(event.get("body", b"") for event in sent[1:]))


def chunk(body, *, more=True):
    return {"type": "http.request", "body": body, "more_body": more}


def test_a_body_in_chunks_without_length_is_read(app):
    status, _, verdict = stream(app, [chunk(b'{"text"'), chunk(b': "x"}'), chunk(b"", more=False)])
    assert status == 200
    assert verdict["action"] == "block"


def test_endless_chunks_are_cut_off(app):
    status, headers, document = stream(app, [chunk(b"a" * 10_000)])
    assert (status, document["code"]) == (413, "too_large")
    assert headers[b"connection"] == b"close"


def test_a_length_that_lies_does_not_help(app):
    big = [chunk(b"a" * (MOST_BYTES + 1), more=False)]
    assert stream(app, big, [*JSON, (b"content-length", b"2")])[0] == 413
    for length in (b"-1", b"\xb2", b"zz", b"9" * 400):
        assert stream(app, [chunk(b"{}", more=False)], [*JSON, (b"content-length", length)])[0] in {413, 422}


def test_a_body_that_stops_halfway_is_given_up(app):
    status, headers, document = stream(app, [chunk(b'{"te'), None])
    assert (status, document["code"]) == (408, "bad_request")
    assert headers[b"connection"] == b"close"


def test_a_body_of_the_full_size_is_read(client):
    body = b'{"text": "x"}'
    assert post(client, body + b" " * (MOST_BYTES - len(body))).status_code == 200
    assert post(client, body + b" " * (MOST_BYTES + 1 - len(body))).status_code == 413


STRICT = [
    {"shadow": "true"},
    {"significant": 1},
    {"options": {"redact": "yes"}},
    {"recipient": {"consent": 1}},
    {"recipient": {"last_verified": 0}},
    {"recipient": {"last_verified": "0"}},
    {"send_by": 1_800_000_000},
    {"send_by": "1800000000"},
    {"policies": "dwp-sms"},
    {"policies": {"dwp-sms": 1}},
    {"policies": ["dwp-sms"] * 11},
    {"sender": {"device": "Corporate"}},
    {"sender": []},
    {"subject": 5},
    {"reference": ""},
    {"reference": "a b"},
    {"reference": "a\n"},
    {"reference": "x" * 65},
    {"template": "Hi ((name))"},
    {"personalisation": {}},
    {"text": None, "template": "Hi ((name))", "personalisation": {"name": 5}},
    {"text": None, "template": "Hi ((name))", "personalisation": {"name": "\ud800"}},
    {"text": None, "template": "Hi ((name))", "personalisation": {"name": "x", "\ud800": "x"}},
]


@pytest.mark.parametrize("fields", STRICT)
def test_types_are_strict(client, fields):
    answer = post(client, {"text": "x", **fields})
    assert answer.status_code == 422
    assert answer.json()["code"] == "bad_request"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"template": "Hi", "text": "Hi"}, "exactly one"),
        ({}, "exactly one"),
        ({"text": "Hi", "personalisation": {}}, "belongs to a template"),
        ({"template": "Hi ((name))"}, "without a value"),
        ({"template": "Hi ((name))", "personalisation": {"name": "x" * 10_000}}, "characters"),
        ({"template": "((flag??Hi))", "personalisation": {"flag": "no"}}, "characters"),
    ],
)
def test_a_template_that_cannot_be_filled_is_refused_in_a_sentence(client, fields, said):
    answer = post(client, fields)
    assert answer.status_code == 422
    assert said in answer.json()["detail"]


def test_a_problem_says_which_field(client):
    errors = post(client, {"text": "x", "recipient": {"consent": CANARY}, CANARY: 1}).json()["errors"]
    assert [each["field"] for each in errors] == ["recipient.consent", "request"]
    assert errors[1]["message"] == "unknown field"


def test_a_method_that_a_path_does_not_take_names_those_it_takes(client):
    answer = client.get("/v1/score")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "POST"
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_slash_too_many_is_not_redirected(client):
    answer = client.get("/v1/model/", follow_redirects=False)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_one_message_that_fails_harms_no_other(client, fake, capfd):
    fake.failing_text = CANARY
    results = post(client, {"messages": [{"text": "a"}, {"text": CANARY}, {"text": "b"}]}, "/v1/score/batch").json()["results"]
    assert [next(iter(result)) for result in results] == ["verdict", "problem", "verdict"]
    assert results[1]["problem"]["code"] == "internal"
    captured = capfd.readouterr()
    assert CANARY not in captured.out + captured.err


def test_calls_of_the_classifier_never_overlap_and_leave_the_event_loop_free(client, fake):
    inside, names = [], set()
    classify = fake.classify

    def watch(message):
        inside.append(message)
        assert len(inside) == 1
        names.add(threading.current_thread().name)
        verdict = classify(message)
        inside.pop()
        return verdict

    fake.classify = watch
    with client:
        batches = [threading.Thread(target=post, args=(client, {"messages": [{"text": "x"}] * 50}, "/v1/score/batch")) for _ in range(3)]
        for batch in batches:
            batch.start()
        assert post(client, {"text": "x"}).status_code == 200
        for batch in batches:
            batch.join()
    assert fake.judged == 151
    assert len(names) == 1


GIVEN = f"00-{'a' * 32}-{'b' * 16}-01"


@pytest.mark.parametrize(
    ("given", "back"),
    [
        (GIVEN, GIVEN),
        (f" {GIVEN}", GIVEN),
        ("01" + GIVEN[2:] + "-more", GIVEN),
        ("ff" + GIVEN[2:], None),
        (GIVEN + "-more", None),
        (f"00-{'0' * 32}-{'b' * 16}-01", None),
        (f"00-{'a' * 32}-{'0' * 16}-01", None),
        (GIVEN.upper(), None),
        (CANARY, None),
        (None, None),
    ],
)
def test_trace_context_comes_back_and_a_bad_one_is_replaced(client, given, back):
    headers = {"traceparent": given, "tracestate": "a=1"} if given else {}
    answer = post(client, {"text": "x"}, **headers).headers
    assert re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}", answer["traceparent"])
    assert (answer["traceparent"] == back) == (back is not None)
    assert answer.get("tracestate") == ("a=1" if back else None)
    assert "0" * 16 not in answer["traceparent"]


@pytest.mark.parametrize(
    ("given", "back"),
    [
        ("rojo=00f067aa0ba902b7, congo=t61rcWkgMzE", "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE"),
        ("tenant@system=1,,b=2", "tenant@system=1,b=2"),
        (CANARY, None),
        ("a=1,B=2", None),
        ("a=1=2", None),
        ("a=" + "x" * 600, None),
        (",".join(f"k{n}=1" for n in range(33)), None),
    ],
)
def test_a_traces_state_comes_back_whole_or_not_at_all(client, given, back):
    assert post(client, {"text": "x"}, traceparent=GIVEN, tracestate=given).headers.get("tracestate") == back


def test_two_trace_contexts_are_none(app):
    _, headers, _ = stream(app, [chunk(b'{"text": "x"}', more=False)], [*JSON, *[(b"traceparent", GIVEN.encode())] * 2])
    assert headers[b"traceparent"] != GIVEN.encode()


class Collector:
    """Keeps what would be exported."""

    def __init__(self):
        trace = pytest.importorskip("opentelemetry.sdk.trace")
        export = pytest.importorskip("opentelemetry.sdk.trace.export")
        memory = pytest.importorskip("opentelemetry.sdk.trace.export.in_memory_span_exporter")
        self.exporter = memory.InMemorySpanExporter()
        provider = trace.TracerProvider()
        provider.add_span_processor(export.SimpleSpanProcessor(self.exporter))
        self.spans = Spans(provider.get_tracer("sendsafe"))


def test_a_span_for_each_request_continues_the_callers_trace_and_holds_nothing_of_the_message(fake):
    collector = Collector()
    client = TestClient(create_app(fake, Settings(), spans=collector.spans), raise_server_exceptions=False)
    answer = post(client, {"text": CANARY}, traceparent=GIVEN, tracestate="a=1", **{"x-request-id": "r-1"})
    post(client, {"text": CANARY, CANARY: CANARY}, traceparent=CANARY)
    client.get(f"/v1/reviews/{CANARY}?{CANARY}")
    fake.classify = lambda message: (_ for _ in ()).throw(RuntimeError(message.text))
    post(client, {"text": CANARY})
    spans = collector.exporter.get_finished_spans()
    assert [(each.name, each.attributes["http.response.status_code"], each.status.is_ok) for each in spans] == [
        ("POST /v1/score", 200, True),
        ("POST /v1/score", 422, True),
        ("GET /v1/reviews/{id}", 404, True),
        ("POST /v1/score", 500, False),
    ]
    first = spans[0]
    assert f"{first.context.trace_id:032x}" == "a" * 32
    assert f"{first.parent.span_id:016x}" == "b" * 16
    assert first.attributes["sendsafe.request_id"] == "r-1"
    assert answer.headers["traceparent"] == f"00-{'a' * 32}-{first.context.span_id:016x}-01"
    assert answer.headers["tracestate"] == "a=1"
    assert spans[1].parent is None
    written = "".join(each.to_json() for each in spans)
    assert CANARY not in written
    assert CANARY.split(maxsplit=1)[0] not in written


def test_spans_without_the_extra_are_refused_at_the_start(monkeypatch):
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)
    with pytest.raises(TracingError, match="otel"):
        make_ready(Settings(traces=True, keep="nothing"))


def test_metrics_count_by_policy(client):
    def counted():
        line = 'sendsafe_policy_verdicts_total{action="block",policy="dwp-sms"} '
        return sum(float(each[len(line) :]) for each in client.get("/metrics").text.splitlines() if each.startswith(line))

    before = counted()
    post(client, {"text": "x"})
    assert counted() == before + 1


def test_logs_hold_listed_keys_alone(capfd):
    logs.set_up()
    logs.structlog.get_logger().error("x", text=CANARY, exc_info=ValueError(CANARY), error="ValueError")
    logs.structlog.reset_defaults()
    written = json.loads(capfd.readouterr().err)
    assert set(written) <= logs.ALLOWED
    assert CANARY not in str(written)


REQUEST = {
    "text": "x", "subject": "x", "channel": "sms", "direction": "outbound", "audience": "citizen", "policies": ["dwp-sms"],
    "recipient": {"phone": "x", "consent": True, "last_verified": "2026-03-01", "used_before": True},
    "sender": {"business_area": "x", "device": "corporate", "route": "reach", "two_way": False, "sender_id": "x"},
    "significant": False, "exception": "x", "send_by": "2026-12-01T09:00:00Z", "shadow": False,
    "options": {"redact": False, "explain": False}, "template": "x", "personalisation": {"x": "x"},
}  # fmt: skip
BREAK = [
    lambda body: body,
    lambda body: body[:-1],
    lambda body: body + body,
    lambda body: body.encode() + b"\xff",
    lambda body: body.replace('": ', f'": "{CANARY}'),
    lambda body: f'{{"messages": [{body}]}}',
    lambda body: f"[{body}]",
    lambda body: body[:-1] + f', "{CANARY}": "{CANARY}"}}',
]


def _paths(part, prefix=()):
    for key, value in part.items():
        yield (*prefix, key)
        if isinstance(value, dict):
            yield from _paths(value, (*prefix, key))


@pytest.mark.parametrize("path", list(_paths(REQUEST)), ids=".".join)
@pytest.mark.parametrize("is_failing", [False, True])
def test_no_field_in_any_broken_shape_gets_out(client, fake, capfd, path, is_failing):
    """`reference` alone comes back, as it should."""
    if is_failing:
        fake.classify = lambda message: (_ for _ in ()).throw(RuntimeError(message))
    seen = ""
    for value in (CANARY, [CANARY], {CANARY: CANARY}, CANARY * 10_000):
        request = json.loads(json.dumps(REQUEST))
        if path[0] not in ("template", "personalisation"):
            del request["template"], request["personalisation"]
        part = request
        for step in path[:-1]:
            part = part[step]
        part[path[-1]] = value
        for spoil in BREAK:
            for target in ("/v1/score", "/v1/score/batch"):
                answer = post(client, spoil(json.dumps(request)), target)
                assert answer.status_code != 500 or is_failing
                seen += answer.text + str(answer.headers)
    captured = capfd.readouterr()
    assert CANARY not in seen + captured.out + captured.err + client.get("/metrics").text


@pytest.mark.parametrize("path", [f"/{CANARY}", f"/v1/score?{CANARY}", f"/v1/reviews/{CANARY}"])
def test_a_path_does_not_get_out(client, capfd, path):
    answer = client.get(path, headers={"x-request-id": CANARY, "traceparent": CANARY, "accept": CANARY})
    captured = capfd.readouterr()
    seen = answer.text + str(answer.headers) + captured.out + captured.err + client.get("/metrics").text
    assert CANARY not in seen
    assert CANARY.replace(" ", "%20") not in seen
