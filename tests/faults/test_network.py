"""F38 to F42: does whoever sends slowly, goes away, floods or poisons a batch harm anybody else?"""

import json
import socket
import struct
import threading
import time
from collections import Counter

import psutil
import pytest
from starlette.testclient import TestClient

from serving.classifier import Classifier
from serving.http import create_app
from serving.policy import Keep
from serving.settings import Settings
from tests.faults.conftest import Worker
from tests.faults.load import TEXTS, load_on, until_answered
from tests.faults.sending import raw_ask

SLOW, DISCONNECTS, FLOOD = 50, 1000, 100
HEAD = b"POST /v1/score HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"


@pytest.fixture
def hurried(tmp_path):
    """A worker that waits a second for a body."""
    running = Worker(tmp_path, SENDSAFE_BODY_SECONDS="1").start()
    yield running
    running.kill()


@pytest.mark.fault("F38")
def test_slow_headers_and_bodies_delay_nobody(hurried, noted):
    def connect(content):
        connection = socket.create_connection(("127.0.0.1", hurried.port), timeout=30)
        connection.sendall(content)
        return connection

    with load_on(hurried, noted, threads=1) as load:
        slow = [connect(HEAD[:40]) for _ in range(SLOW)]
        bodies = [connect(HEAD + b'content-length: 50\r\n\r\n{"te') for _ in range(SLOW)]
        load.wait_for(10)
        assert all(b" 408 " in connection.recv(4096)[:20] for connection in bodies)
        load.wait_for(2)
    for connection in slow + bodies:
        connection.close()
    until_answered(hurried, noted)


@pytest.mark.fault("F39")
def test_a_thousand_disconnects_leave_nothing_behind(worker, noted):
    process = psutil.Process(worker.process.pid)
    body = json.dumps({"text": "Bins tomorrow"}).encode()
    whole = HEAD + b"content-length: %d\r\n\r\n%b" % (len(body), body)
    with load_on(worker, noted, threads=1) as load:
        before = (process.num_fds(), process.num_threads())
        for number in range(DISCONNECTS):
            with socket.create_connection(("127.0.0.1", worker.port), timeout=30) as connection:
                connection.sendall((HEAD[:30], whole[:-5], whole)[number % 3])
                if number % 2:
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        load.wait_for(5)
    until_answered(worker, noted)
    until = time.monotonic() + 10
    while process.num_fds() > before[0] + 5 and time.monotonic() < until:
        time.sleep(0.1)
    assert process.num_fds() <= before[0] + 5
    assert process.num_threads() <= before[1] + 5


@pytest.mark.fault("F40")
def test_a_burst_is_answered_or_told_when_to_come_again(worker, noted):
    """`make test-overload` floods for longer, and measures."""
    answers = []

    def ask(number):
        text = list(TEXTS)[number % 2]
        for again in range(3):
            content = json.dumps({"text": text, "reference": f"burst/{number}/{again}"})
            answers.append((text, *raw_ask(worker.port, content, timeout=60)))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(FLOOD)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 3 * FLOOD
    for text, status, headers, body in answers:
        if status == 200:
            noted.compare(json.loads(body)["action"], TEXTS[text])
        else:
            assert status in (429, 503)
            assert int(headers["retry-after"]) >= 1
            noted.refuse(str(status))
    until_answered(worker, noted)


POISON = [
    {"text": "\ud800"},
    {"text": 5},
    {"text": ""},
    {"text": "x" * 10_001},
    None,
    [],
    {"text": "x", "policies": ["no-such-pack"]},
    {"text": "x", "surprise": 1},
    {"text": "boom"},
    {"template": "((a", "personalisation": {"a": "\udfff"}},
    {"text": "﷽" * 9_999},
    {"text": "\u0300" * 9_999},
]


@pytest.mark.fault("F42")
def test_a_poison_batch_harms_no_message_in_it(noted, monkeypatch):
    classifier = Classifier.load(Settings(use_model=False))
    client = TestClient(create_app(classifier, Settings(keep=Keep.NOTHING)), raise_server_exceptions=False)
    classify = classifier.classify

    def fail_at_boom(message):
        if message.text == "boom":
            raise MemoryError
        return classify(message)

    monkeypatch.setattr(classifier, "classify", fail_at_boom)
    messages = []
    for poison in POISON:
        messages += [*({"text": text} for text in TEXTS), poison]
    answer = client.post("/v1/score/batch", content=json.dumps({"messages": messages}), headers={"content-type": "application/json"})
    assert answer.status_code == 200
    results = answer.json()["results"]
    kinds = Counter()
    for message, result in zip(messages, results, strict=True):
        least = TEXTS.get(message["text"]) if isinstance(message, dict) and isinstance(message.get("text"), str) else None
        if least:
            assert not result["verdict"]["degraded"] or result["verdict"]["decided_by"] == "fallback"
            noted.compare(result["verdict"]["action"], least)
        else:
            kinds[result["problem"]["code"] if "problem" in result else result["verdict"]["action"]] += 1
    assert kinds["allow"] == 0
    assert kinds["internal"] == 1
