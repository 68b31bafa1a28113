"""Does the service, started as a user starts it, answer the contract on every path, with two workers?"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from evaluation.latency import free_port

CANARY = "zebra-7f3a quokka"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("service")
    port = free_port()
    command = [sys.executable, "-c", "from serving.cli import app; app()", "serve", "--port", str(port)]
    environment = {
        **os.environ,
        "BENTOML_HOME": str(folder),
        "SENDSAFE_STATE_FOLDER": str(folder / "state"),
        "BENTOML_DO_NOT_TRACK": "True",
    }
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)  # noqa: S603
        try:
            base = f"http://127.0.0.1:{port}"
            for _ in range(300):
                if process.poll() is not None or _is_up(base):
                    break
                time.sleep(0.2)
            yield base, folder / "log"
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(30)


def _is_up(base):
    try:
        return ask(base + "/readyz")[0] == 200
    except OSError:
        return False


def ask(url, content=None, method=None):
    body = None if content is None else json.dumps(content).encode()
    try:
        with urlopen(Request(url, body, {"content-type": "application/json"}, method=method), timeout=30) as answer:  # noqa: S310
            return answer.status, answer.headers, answer.read().decode()
    except HTTPError as error:
        return error.code, error.headers, error.read().decode()


def test_a_message_is_judged_by_the_model(server):
    status, _, body = ask(server[0] + "/v1/score", {"text": "Your payment of £368.74 is on its way"})
    assert status == 200
    assert json.loads(body)["coverage"]["model"]
    assert json.loads(body)["category"] == "personal"


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/v1/model", "/v1/policies", "/openapi.json"])
def test_our_answers_stand_before_those_of_bentoml(server, path):
    status, headers, body = ask(server[0] + path)
    assert status == 200
    assert headers["content-type"] == "application/json"
    assert headers["x-request-id"]
    assert json.loads(body)


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("path", ["/", "/docs.json", "/healthz", "/score", "/static_content/index.html", "/v1/score/", "/nowhere"])
def test_no_page_or_error_of_bentoml_is_seen(server, method, path):
    status, headers, body = ask(server[0] + path, {"text": CANARY} if method == "POST" else None, method)
    assert status == 404
    assert headers["content-type"] == "application/problem+json"
    assert json.loads(body)["code"] == "not_found"


def test_bentomls_client_judges_by_the_contract(server):
    bentoml = pytest.importorskip("bentoml")
    with bentoml.SyncHTTPClient(server[0], server_ready_timeout=30) as client:
        assert client.score({"text": "my NI is QQ123456C"})["action"] == "block"


def test_what_is_not_http_gets_a_problem_too(server):
    with socket.create_connection(("127.0.0.1", int(server[0].rpartition(":")[2])), timeout=10) as connection:
        connection.sendall(f"{CANARY}\r\n\r\n".encode())
        answer = b"".join(iter(lambda: connection.recv(65536), b"")).decode()
    assert answer.startswith("HTTP/1.1 400 ")
    assert "application/problem+json" in answer
    assert CANARY not in answer


def test_metrics_add_up_over_the_workers(server):
    def counted():
        name = 'sendsafe_requests_total{route="/v1/policies",status="200"} '
        return sum(float(line[len(name) :]) for line in ask(server[0] + "/metrics")[2].splitlines() if line.startswith(name))

    before = counted()
    for _ in range(20):
        ask(server[0] + "/v1/policies")
    assert {counted() - before for _ in range(6)} == {20}


def test_no_message_text_in_the_log(server):
    for content in ({"text": CANARY}, {"text": CANARY, "x": CANARY}, {"text": [CANARY]}, [CANARY]):
        ask(server[0] + "/v1/score", content)
        ask(server[0] + "/v1/score/batch", content)
        ask(server[0] + "/schema.json", content)
    assert CANARY not in server[1].read_text()
