"""Do spans reach a collector, with the caller's trace and without anything of the message?"""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from starlette.testclient import TestClient

from serving.http import create_app
from serving.settings import Settings
from serving.tracing import Spans

CANARY = "zebra-7f3a quokka"


@pytest.fixture
def collector():
    """Return a collector of OTLP over HTTP on this machine: its address, what it was sent, and an event once something came."""
    received, has_come = [], threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            received.append((self.path, self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()
            has_come.set()

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", received, has_come
    server.shutdown()
    server.server_close()


def test_spans_go_to_the_collector_that_the_environment_names(fake, collector, monkeypatch):
    pytest.importorskip("opentelemetry.exporter.otlp.proto.http")
    address, received, has_come = collector
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", address)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_COMPRESSION", "none")
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "50")
    client = TestClient(create_app(fake, Settings(), spans=Spans.open()), raise_server_exceptions=False)
    headers = {"content-type": "application/json", "traceparent": f"00-{'ab' * 16}-{'cd' * 8}-01", "authorization": f"Bearer {CANARY}"}
    assert client.post(f"/v1/score?q={CANARY}", content=json.dumps({"text": CANARY}), headers=headers).status_code == 200
    assert has_come.wait(10)
    path, body = received[0]
    assert path == "/v1/traces"
    assert b"POST /v1/score" in body
    assert bytes.fromhex("ab" * 16) in body
    assert bytes.fromhex("cd" * 8) in body
    for word in CANARY.split():
        assert word.encode() not in body


def test_a_collector_that_is_away_delays_no_answer(fake, monkeypatch):
    pytest.importorskip("opentelemetry.exporter.otlp.proto.http")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "20")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "1")
    client = TestClient(create_app(fake, Settings(), spans=Spans.open()), raise_server_exceptions=False)
    for _ in range(20):
        assert client.post("/v1/score", content='{"text": "x"}', headers={"content-type": "application/json"}).status_code == 200
