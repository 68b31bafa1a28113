"""Does the client hold whenever there is no clear answer, and send again only what is safe?"""

import asyncio
import json
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from serving.client import AsyncClient, Client, UnansweredError
from serving.verdict import Action

ALLOW = (200, {"action": "allow", "id": "v1"})
BLOCK = (200, {"action": "block", "id": "v1"})
OVERLOADED = (503, {"code": "overloaded"}, {"retry-after": "0"})
LIMITED = (429, {"code": "rate_limited"}, {"retry-after": "0"})
HANG_UP = None


class Service:
    """A stand-in that answers with what it is given, in order, the last again and again."""

    def __init__(self):
        self.answers, self.requests = [ALLOW], []
        service = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                content = self.rfile.read(int(self.headers.get("content-length", 0)))
                service.requests.append((self.path, json.loads(content) if content else None, self.headers))
                answer = service.answers.pop(0) if len(service.answers) > 1 else service.answers[0]
                if answer is HANG_UP:
                    self.close_connection = True
                    return
                status, body, *headers = answer
                written = body if isinstance(body, bytes) else json.dumps(body).encode()
                self.send_response(status)
                for name, value in (headers[0] if headers else {}).items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(written)))
                self.end_headers()
                self.wfile.write(written)

            do_GET = do_POST  # noqa: N815

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def service():
    service = Service()
    yield service
    service.server.shutdown()
    service.server.server_close()


class Awaited:
    """The asynchronous client, called from tests as the other one is."""

    def __init__(self, *given, **settings):
        self.given, self.settings = given, settings

    def _run(self, name, *given, **fields):
        async def run():
            async with AsyncClient(*self.given, **self.settings) as client:
                return await getattr(client, name)(*given, **fields)

        return asyncio.run(run())

    def score(self, *given, **fields):
        return self._run("score", *given, **fields)

    def review(self, *given):
        return self._run("review", *given)

    def give_feedback(self, **fields):
        return self._run("give_feedback", **fields)


@pytest.fixture(params=[Client, Awaited])
def make(request):
    return request.param


def test_a_verdict_is_an_answer(service, make):
    client = make(service.url, "ss_live_x")
    answer = client.score("Bins tomorrow", channel="sms", reference="a/1")
    assert (answer.action, answer.may_send, answer.failure, answer.verdict["id"]) == (Action.ALLOW, True, None, "v1")
    path, content, headers = service.requests[0]
    assert (path, content) == ("/v1/score", {"text": "Bins tomorrow", "channel": "sms", "reference": "a/1"})
    assert headers["authorization"] == "Bearer ss_live_x"
    service.answers = [BLOCK]
    assert (client.score("x").action, client.score("x").may_send) == (Action.BLOCK, False)
    client.score(template="Hi ((name))", personalisation={"name": "Sam"})
    assert service.requests[-1][1] == {"template": "Hi ((name))", "personalisation": {"name": "Sam"}}


UNCLEAR = [
    (500, {"code": "internal"}),
    (401, {"code": "unauthenticated"}),
    (409, {"code": "reference_conflict"}),
    (422, {"code": "bad_request"}),
    (200, b"<html>"),
    (200, b"[]"),
    (200, {}),
    (200, {"action": "allowed"}),
    (200, {"action": None}),
    (200, {"action": ["allow"]}),
    (302, {"action": "allow"}, {"location": "/elsewhere"}),
    (404, {"action": "allow"}),
    (502, b"bad gateway"),
    OVERLOADED,
    LIMITED,
    HANG_UP,
]


@pytest.mark.parametrize("answer", UNCLEAR, ids=str)
def test_without_a_clear_answer_the_message_is_held(service, make, answer):
    service.answers = [answer]
    held = make(service.url, seconds=2).score("Bins tomorrow", reference="a/1")
    assert (held.action, held.may_send) == (Action.REVIEW, False)
    assert held.failure


def test_with_nobody_there_the_message_is_held(make):
    held = make("http://127.0.0.1:9", seconds=0.5).score("Bins tomorrow")
    assert (held.may_send, held.failure) == (False, "no answer: ConnectError")


def test_a_service_that_stalls_does_not_hold_up_the_caller(make):
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        started = time.monotonic()
        held = make(f"http://127.0.0.1:{silent.getsockname()[1]}", seconds=0.5).score("Bins tomorrow", reference="a/1")
        assert not held.may_send
        assert time.monotonic() - started < 2


SAFE = [
    ({"reference": "a/1"}, [HANG_UP, ALLOW], 2),
    ({"reference": "a/1"}, [(500, {}), (502, b""), ALLOW], 3),
    ({"reference": "a/1"}, [OVERLOADED, LIMITED, ALLOW], 3),
    ({}, [OVERLOADED, ALLOW], 2),
    ({}, [LIMITED, ALLOW], 2),
]
UNSAFE = [
    ({}, [HANG_UP, ALLOW], 1),
    ({}, [(500, {}), ALLOW], 1),
    ({"reference": "a/1"}, [(409, {}), ALLOW], 1),
    ({"reference": "a/1"}, [(422, {}), ALLOW], 1),
    ({"reference": "a/1"}, [(503, {}, {"retry-after": "60"}), ALLOW], 1),
    ({"reference": "a/1"}, [OVERLOADED, OVERLOADED, OVERLOADED, ALLOW], 3),
]


@pytest.mark.parametrize(("fields", "answers", "times"), SAFE)
def test_what_is_safe_is_sent_again(service, make, fields, answers, times):
    service.answers = list(answers)
    assert make(service.url).score("Bins tomorrow", **fields).may_send
    assert len(service.requests) == times


@pytest.mark.parametrize(("fields", "answers", "times"), UNSAFE)
def test_what_is_not_safe_is_not_sent_again(service, make, fields, answers, times):
    service.answers = list(answers)
    assert not make(service.url).score("Bins tomorrow", **fields).may_send
    assert len(service.requests) == times


def test_reviews_and_feedback(service, make):
    service.answers = [(200, {"state": "waiting"})]
    client = make(service.url)
    assert client.review("0" * 32) == {"state": "waiting"}
    service.answers = [(202, {"status": "accepted"})]
    client.give_feedback(reference="a/1", category="routine")
    assert service.requests[-1][1] == {"reference": "a/1", "category": "routine"}
    service.answers = [HANG_UP]
    before = len(service.requests)
    with pytest.raises(UnansweredError):
        client.give_feedback(reference="a/1", category="routine")
    assert len(service.requests) == before + 1
    service.answers = [(404, {"code": "not_found"})]
    with pytest.raises(UnansweredError, match="not_found"):
        client.review("0" * 32)


def test_no_text_in_what_is_shown_of_an_answer(service, make):
    service.answers = [(200, {"action": "allow", "redacted": "zebra"})]
    assert "zebra" not in repr(make(service.url).score("zebra"))
