"""Is what there is no room for refused at once, with a time to try again, unjudged and unwritten, and nobody else harmed?"""

import asyncio
import json
import threading
import time
from contextlib import asynccontextmanager

import pytest
from pydantic import ValidationError

from serving.admission import Room
from serving.http import create_app, guarded
from serving.rates import Rates
from serving.review.database import sqlite_url
from serving.review.keys import KeyRing, Scope, create_key
from serving.settings import Settings

JSON = (b"content-type", b"application/json")


@pytest.fixture
def database_url(tmp_path):
    return sqlite_url(tmp_path / "sendsafe.sqlite")


@pytest.fixture
def keys(store):
    """Return the keys of three clients and a ring that knows them."""
    made = {client: create_key(store, client, list(Scope)) for client in ("flood", "other", "third")}
    return made, KeyRing(store)


class Gate:
    """Holds every message that is being judged until it is opened."""

    def __init__(self, fake):
        self.opened = threading.Event()
        self.classify = fake.classify
        fake.classify = self.wait

    def wait(self, message):
        assert self.opened.wait(60)
        return self.classify(message)


@pytest.fixture
def gate(fake):
    made = Gate(fake)
    yield made
    made.opened.set()


class Keeper:
    status = "ready"

    def __init__(self, store):
        self.kept = []
        self.store = store

    async def keep(self, caller, message, verdict):
        self.kept.append(message.text)
        return {"kept": message.text}


async def ask(app, path="/v1/score", content=None, key=None, receive=None, begun=None):
    """Return status, headers and document of one request."""
    sent = []
    body = b"" if path.startswith("/livez") else json.dumps({"text": "x"} if content is None else content).encode()

    async def send(event):
        sent.append(event)

    async def give():
        if begun is not None:
            begun.append(path)
        return {"type": "http.request", "body": body, "more_body": False}

    headers = [JSON] + ([(b"authorization", f"Bearer {key}".encode())] if key else [])
    method = "POST" if path.startswith("/v1/") and path not in ("/v1/model", "/v1/policies") else "GET"
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http", "path": path,
        "raw_path": path.encode(), "root_path": "", "query_string": b"", "headers": headers, "client": None, "server": None,
    }  # fmt: skip
    await app(scope, receive or give, send)
    content = b"".join(event.get("body", b"") for event in sent[1:])
    return sent[0]["status"], dict(sent[0]["headers"]), json.loads(content) if content.startswith(b"{") else content


@asynccontextmanager
async def waiting(app, count, gate, **request):
    """Have requests wait for the judging thread; they are all answered in the end."""
    begun = []
    tasks = [asyncio.create_task(ask(app, begun=begun, **request)) for _ in range(count)]
    while len(begun) < count:
        assert not any(task.done() for task in tasks)
        await asyncio.sleep(0.01)
    yield tasks
    gate.opened.set()
    assert {status for status, _, _ in await asyncio.gather(*tasks)} == {200}


def assert_refused(answer, status, code):
    given, headers, document = answer
    assert (given, document["code"], headers[b"content-type"]) == (status, code, b"application/problem+json")
    assert 1 <= int(headers[b"retry-after"]) <= 60


def test_a_full_queue_refuses_at_once_and_writes_nothing_while_health_and_metrics_answer(fake, gate, store):
    keeper = Keeper(store)
    app = create_app(fake, Settings(queue_messages=3, queue_seconds=60), keeper)

    async def run():
        async with waiting(app, 3, gate):
            started = time.monotonic()
            for path in ("/v1/score", "/v1/score/batch", "/v1/check-template") * 5:
                assert_refused(await ask(app, path), 503, "overloaded")
            assert time.monotonic() - started < 15 * 0.05
            for path in ("/livez", "/readyz", "/metrics", "/v1/model"):
                assert (await ask(app, path))[0] == 200
            assert b'sendsafe_shed_total{reason="queue"}' in (await ask(app, "/metrics"))[2]
        assert (await ask(app))[0] == 200

    asyncio.run(run())
    assert fake.judged == len(keeper.kept) == 4


def test_a_refusal_reads_no_body(fake, gate):
    async def never():
        raise AssertionError("the body was asked for")

    app = create_app(fake, Settings(queue_messages=1, queue_seconds=60))

    async def run():
        async with waiting(app, 1, gate):
            assert_refused(await ask(app, receive=never), 503, "overloaded")

    asyncio.run(run())


def test_what_waited_too_long_is_refused_unjudged(fake, gate, store):
    keeper = Keeper(store)
    app = create_app(fake, Settings(queue_seconds=0.05), keeper)

    async def run():
        async with waiting(app, 1, gate):
            late = asyncio.create_task(ask(app))
            batch = asyncio.create_task(ask(app, "/v1/score/batch", {"messages": [{"text": "a"}, {"text": "b"}]}))
            await asyncio.sleep(0.1)
        assert_refused(await late, 503, "overloaded")
        first, second = (await batch)[2]["results"]
        assert first["problem"]["code"] == "overloaded"
        assert second["verdict"] == {"kept": "b"}

    asyncio.run(run())
    assert fake.judged == 2
    assert keeper.kept == ["x", "b"]


def test_a_batch_has_one_place_and_keeps_it(fake, gate):
    app = create_app(fake, Settings(queue_messages=2, queue_seconds=60))
    batch = {"messages": [{"text": "x"}] * 20}

    async def run():
        async with waiting(app, 2, gate, path="/v1/score/batch", content=batch) as tasks:
            assert_refused(await ask(app), 503, "overloaded")
        for task in tasks:
            assert all("verdict" in result for result in task.result()[2]["results"])

    asyncio.run(run())


@pytest.mark.fault("F41")
def test_one_client_cannot_take_the_others_places(fake, gate, keys):
    made, ring = keys
    app = create_app(fake, Settings(queue_messages=4, queue_seconds=60), None, ring)

    async def run():
        async with waiting(app, 2, gate, key=made["flood"]):
            for _ in range(10):
                assert_refused(await ask(app, key=made["flood"]), 429, "rate_limited")
            async with waiting(app, 2, gate, key=made["other"]):
                assert_refused(await ask(app, key=made["third"]), 503, "overloaded")

    asyncio.run(run())
    assert fake.judged == 4


def test_bodies_that_do_not_come_take_a_bounded_number_of_places_and_give_them_back(fake, keys):
    made, ring = keys
    awaited = asyncio.Semaphore(0)

    async def never():
        awaited.release()
        await asyncio.sleep(60)

    async def two_are_awaited():
        await awaited.acquire()
        await awaited.acquire()

    app = create_app(fake, Settings(open_requests=4, body_seconds=2), None, ring)

    async def run():
        slow = [asyncio.create_task(ask(app, key=made["flood"], receive=never)) for _ in range(2)]
        await two_are_awaited()
        assert_refused(await ask(app, "/v1/policies", key=made["flood"]), 429, "rate_limited")
        assert (await ask(app, key=made["other"]))[0] == 200
        slow += [asyncio.create_task(ask(app, key=made["other"], receive=never)) for _ in range(2)]
        await two_are_awaited()
        assert_refused(await ask(app, key=made["third"]), 503, "overloaded")
        assert (await ask(app, "/livez"))[0] == 200
        assert {status for status, _, _ in await asyncio.gather(*slow)} == {408}
        assert (await ask(app, key=made["flood"]))[0] == 200

    asyncio.run(run())


def test_the_rate_of_a_client_is_limited_and_a_batch_counts_its_messages(fake, keys):
    made, ring = keys
    app = create_app(fake, Settings(rate_limit="10/minute", queue_seconds=30), None, ring)
    batch = {"messages": [{"text": "x"}] * 8}

    async def run():
        assert (await ask(app, "/v1/score/batch", batch, made["flood"]))[0] == 200
        assert (await ask(app, key=made["flood"]))[0] == 200
        assert_refused(await ask(app, "/v1/score/batch", batch, made["flood"]), 429, "rate_limited")
        assert_refused(await ask(app, key=made["flood"]), 429, "rate_limited")
        assert (await ask(app, "/metrics", key=made["flood"]))[0] == 200
        assert (await ask(app, key=made["other"]))[0] == 200
        large = {"messages": [{"text": "x"}] * 50}
        assert (await ask(app, "/v1/score/batch", large, made["third"]))[0] == 200, "a batch over the limit would never pass"
        assert_refused(await ask(app, key=made["third"]), 429, "rate_limited")

    asyncio.run(run())
    assert fake.judged == 60


def test_a_rate_recovers_even_when_the_clock_jumps_back(fake, keys, monkeypatch):
    made, ring = keys
    app = create_app(fake, Settings(rate_limit="2/second"), None, ring)

    async def run():
        while (await ask(app, key=made["flood"]))[0] == 200:
            pass
        now = time.time
        monkeypatch.setattr(time, "time", lambda: now() - 86400)
        assert (await ask(app, key=made["flood"]))[0] == 200

    asyncio.run(run())


def test_without_keys_there_is_no_rate(fake):
    app = create_app(fake, Settings(rate_limit="1/minute"))

    async def run():
        assert {(await ask(app))[0] for _ in range(5)} == {200}

    asyncio.run(run())


def test_routes_of_bentoml_are_behind_the_same_door(keys, fake, gate):
    made, ring = keys
    settings = Settings(open_requests=1, queue_seconds=60)
    room = Room.of(settings, fake.worker, has_clients=True)
    inside = []

    async def theirs(scope, receive, send):
        inside.append(scope["path"])
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    door = guarded(theirs, room, ring)
    app = create_app(fake, settings, None, ring, room)

    async def run():
        assert (await ask(door, "/schema.json", key=made["other"]))[0] == 200
        assert (await ask(door, "/schema.json"))[0] == 401
        async with waiting(app, 1, gate, key=made["flood"]):
            assert_refused(await ask(door, "/schema.json", key=made["other"]), 503, "overloaded")

    asyncio.run(run())
    assert inside == ["/schema.json"]


@pytest.mark.parametrize("limits", ["many", "5", "10/fortnight", "0/second", "-1/day", "5/second;", "1/minute 2/day"])
def test_a_rate_that_is_none_is_refused_at_the_start(limits):
    with pytest.raises(ValidationError):
        Settings(rate_limit=limits)


@pytest.mark.parametrize("limits", ["", "5/second", "5/second;100/minute;1000/day"])
def test_rates_are_taken(limits):
    assert Settings(rate_limit=limits).rate_limit == limits
    Rates(limits)
