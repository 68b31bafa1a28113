"""Does a raw connection get an answer of ours or an end, whatever it sends and however slowly, and are others served meanwhile?"""

import asyncio
import json
import socket
import threading
import time
from contextlib import contextmanager

import pytest
import uvicorn

from serving.admission import Room
from serving.errors import Code
from serving.http import create_app
from serving.problems import HttpProblem
from serving.protocol import MOST_HEAD_BYTES, REST_SECONDS, Joined, Protocol
from serving.settings import Settings

SECONDS = 1.0
BODY = b'{"text": "x"}'
POST = b"POST /v1/score HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
WHOLE = POST + b"content-length: %d\r\n\r\n" % len(BODY) + BODY


@contextmanager
def served(app):
    """Serve an app, and return the port."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(100)
        server = uvicorn.Server(
            uvicorn.Config(app, http=Protocol, loop="uvloop", log_level="critical", lifespan="off", timeout_graceful_shutdown=1)
        )
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        yield listening.getsockname()[1]
        server.should_exit = True
        thread.join(10)


@pytest.fixture
def port(fake, monkeypatch):
    monkeypatch.setattr(Protocol, "seconds", SECONDS)
    with served(create_app(fake, Settings(body_seconds=SECONDS))) as port:
        yield port


def connect(port):
    connection = socket.create_connection(("127.0.0.1", port), timeout=10)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def read(connection):
    """Return the first answer as status, headers and document, `None` where the connection was closed without one."""
    received = b""
    while b"\r\n\r\n" not in received:
        if not (more := connection.recv(65536)):
            return None
        received += more
    head, _, body = received.partition(b"\r\n\r\n")
    lines = head.lower().decode().split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines[1:])
    while len(body) < int(headers["content-length"]):
        body += connection.recv(65536)
    return int(lines[0].split()[1]), headers, json.loads(body[: int(headers["content-length"])])


def is_closed(connection):
    try:
        while connection.recv(65536):
            pass
    except ConnectionResetError:
        pass
    return True


def assert_problem(answer, status, code):
    given, headers, document = answer
    assert (given, document["code"], document["status"]) == (status, code, status)
    assert headers["content-type"] == "application/problem+json"
    assert headers["x-request-id"]
    assert headers["connection"] == "close"


def test_a_whole_request_is_answered_and_the_connection_kept(port):
    with connect(port) as connection:
        for _ in range(3):
            connection.sendall(WHOLE)
            assert read(connection)[0] == 200


def test_requests_in_pieces_and_in_a_row_are_answered(port):
    with connect(port) as connection:
        for byte in WHOLE:
            connection.sendall(bytes([byte]))
        assert read(connection)[0] == 200
        connection.sendall(WHOLE + WHOLE[:10])
        assert read(connection)[0] == 200
        time.sleep(SECONDS / 4)
        connection.sendall(WHOLE[10:])
        assert read(connection)[0] == 200


JUNK = [
    b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n",
    b"hello\r\n\r\n",
    b"POST /v1/sc\xffore HTTP/1.1\r\nhost: x\r\n\r\n",
    POST + b"content-length: zz\r\n\r\n",
    POST + b"content-length: -1\r\n\r\n",
    POST + b"a b: c\r\n\r\n",
]


@pytest.mark.parametrize("junk", JUNK)
def test_what_is_not_http_is_a_problem(port, junk):
    with connect(port) as connection:
        connection.sendall(junk)
        assert_problem(read(connection), 400, "bad_request")
        assert is_closed(connection)


def test_no_memory_for_a_head_is_a_fault_of_ours(port, monkeypatch):
    def fail(self):
        raise MemoryError

    monkeypatch.setattr(Protocol, "on_message_begin", fail)
    with connect(port) as connection:
        connection.sendall(WHOLE)
        assert_problem(read(connection), 500, "internal")
        assert is_closed(connection)


@pytest.mark.parametrize("piece", [b"a" * 1000, b"a: b\r\n" * 100])
def test_headers_without_end_are_cut_off(port, piece):
    sent = 0
    with connect(port) as connection:
        connection.sendall(POST)
        try:
            while sent < 20 * MOST_HEAD_BYTES:
                connection.sendall(piece)
                sent += len(piece)
                time.sleep(0.001)
        except OSError:
            pass
        assert sent < 20 * MOST_HEAD_BYTES
        assert is_closed(connection)


def test_headers_that_do_not_come_are_given_up(port):
    with connect(port) as silent, connect(port) as slow, connect(port) as second:
        slow.sendall(POST)
        second.sendall(WHOLE)
        assert read(second)[0] == 200
        second.sendall(POST[:20])
        started = time.monotonic()
        assert_problem(read(slow), 408, "bad_request")
        assert read(silent) is None
        assert_problem(read(second), 408, "bad_request")
        assert time.monotonic() - started < 5 * SECONDS


def test_trickling_does_not_help(port):
    with connect(port) as connection:
        started = time.monotonic()
        connection.sendall(POST)
        try:
            while time.monotonic() - started < 10 * SECONDS:
                connection.sendall(b"a: b\r\n")
                time.sleep(SECONDS / 10)
        except OSError:
            pass
        assert time.monotonic() - started < 5 * SECONDS


def test_a_body_that_does_not_come_is_given_up_even_when_nobody_reads_it(port):
    with connect(port) as read_by_the_app, connect(port) as read_by_nobody:
        read_by_the_app.sendall(POST + b"content-length: 10\r\n\r\n{")
        read_by_nobody.sendall(b"POST /nowhere HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n{")
        assert read(read_by_nobody)[0] == 404
        started = time.monotonic()
        assert_problem(read(read_by_the_app), 408, "bad_request")
        assert is_closed(read_by_nobody)
        assert time.monotonic() - started < 5 * SECONDS


def test_fifty_slow_ones_keep_nobody_from_an_answer(port):
    slow = [connect(port) for _ in range(50)]
    for place, connection in enumerate(slow):
        connection.sendall(POST if place % 2 else POST + b"content-length: 10\r\n\r\n{")
    with connect(port) as connection:
        started = time.monotonic()
        for _ in range(20):
            connection.sendall(WHOLE)
            assert read(connection)[0] == 200
        assert time.monotonic() - started < 3 * SECONDS
    for connection in slow:
        assert_problem(read(connection), 408, "bad_request")
        connection.close()


class _Written:
    """A transport that notes what is written, packet by packet."""

    def __init__(self):
        self.packets = []

    def write(self, data):
        self.packets.append(data)

    def close(self):
        self.packets.append("closed")


def test_a_head_leaves_with_its_body_as_one_packet_and_alone_when_nothing_follows():
    async def packets():
        written = _Written()
        transport = Joined(written, asyncio.get_running_loop())
        transport.write(b"HTTP/1.1 200 OK\r\n\r\n")
        transport.write(b"body")
        transport.write(b"more")
        transport.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        await asyncio.sleep(0)
        transport.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        transport.close()
        await asyncio.sleep(0)
        return written.packets

    assert asyncio.run(packets()) == [
        b"HTTP/1.1 200 OK\r\n\r\nbody",
        b"more",
        b"HTTP/1.1 204 No Content\r\n\r\n",
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        "closed",
    ]


def test_an_answer_comes_whole_where_the_body_came_late(port):
    with connect(port) as connection:
        connection.sendall(WHOLE[: -len(BODY)])
        time.sleep(SECONDS / 4)
        connection.sendall(BODY)
        assert connection.recv(65536).startswith(b"HTTP/1.1 200")


def test_a_connection_is_refused_at_once_and_then_rests_while_others_are_served(fake, monkeypatch):
    settings = Settings()
    room = Room.of(settings, fake.worker, has_clients=False)
    enter = room.enter

    async def full_for_the_rest(client, *, is_judged):
        if not is_judged:
            raise HttpProblem(Code.OVERLOADED, "Come again.")
        await enter(client, is_judged=is_judged)

    monkeypatch.setattr(room, "enter", full_for_the_rest)
    with served(create_app(fake, settings, room=room)) as port, connect(port) as refused, connect(port) as other:
        started = time.monotonic()
        refused.sendall(b"GET /v1/model HTTP/1.1\r\nhost: x\r\n\r\n")
        status, headers, _ = read(refused)
        assert (status, headers["retry-after"]) == (503, "1")
        assert time.monotonic() - started < REST_SECONDS
        refused.sendall(WHOLE)
        other.sendall(WHOLE)
        assert read(other)[0] == 200
        assert time.monotonic() - started < REST_SECONDS
        assert read(refused)[0] == 200
        assert time.monotonic() - started >= REST_SECONDS


def test_a_connection_that_goes_while_it_rests_does_no_harm(fake, monkeypatch):
    settings = Settings()
    room = Room.of(settings, fake.worker, has_clients=False)

    async def full(*_, **__):
        raise HttpProblem(Code.OVERLOADED, "Come again.")

    monkeypatch.setattr(room, "enter", full)
    with served(create_app(fake, settings, room=room)) as port:
        for _ in range(20):
            with connect(port) as connection:
                connection.sendall(WHOLE)
                assert read(connection)[0] == 503
        time.sleep(2 * REST_SECONDS)
        with connect(port) as connection:
            connection.sendall(b"GET /livez HTTP/1.1\r\nhost: x\r\n\r\n")
            assert read(connection)[0] == 200
