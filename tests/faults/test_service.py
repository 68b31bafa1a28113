"""F13 to F23: does the service, as it is started, go on or refuse when its processes, its machine or its settings fail?"""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from http.client import HTTPException

import psutil
import pytest
from typer.testing import CliRunner

from serving.cli import app
from serving.settings import Settings
from tests.faults.conftest import SECRETS, Worker
from tests.faults.deployment import Service
from tests.faults.load import TEXTS, load_on, until_answered
from tests.faults.sending import raw_ask


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    """Two workers of the service, rules alone."""
    running = Service(tmp_path_factory.mktemp("service"), SENDSAFE_USE_MODEL="false").start()
    yield running
    running.stop()


@pytest.mark.slow
@pytest.mark.parametrize(
    "number", [pytest.param(signal.SIGSEGV, marks=pytest.mark.fault("F13")), pytest.param(signal.SIGKILL, marks=pytest.mark.fault("F15"))]
)
def test_a_worker_that_dies_is_replaced_and_the_other_answers(service, noted, number):
    before = {worker.pid for worker in service.workers()}
    with load_on(service, noted) as load:
        os.kill(min(before), number)
        until_answered(service, noted)
        load.wait_for(20)
    service.wait()
    assert min(before) not in {worker.pid for worker in service.workers()}


@pytest.mark.slow
@pytest.mark.fault("F14")
def test_a_worker_at_its_memory_limit_gives_no_laxer_answer(service, noted):
    workers = service.workers()
    unlimited = [worker.rlimit(psutil.RLIMIT_AS) for worker in workers]
    batch = json.dumps({"messages": [{"text": f"{text} " * 90} for text in TEXTS] * 40})
    with load_on(service, noted, may_fail=(500,)) as load:
        for worker in workers:
            worker.rlimit(psutil.RLIMIT_AS, (worker.memory_info().vms + 2**20, unlimited[0][1]))
        for _ in range(4):
            try:
                status, _headers, body = raw_ask(service.port, batch, path="/v1/score/batch")
            except (OSError, HTTPException):
                noted.refuse("no answer")
                continue
            for result, least in zip(json.loads(body)["results"] if status == 200 else (), list(TEXTS.values()) * 40, strict=False):
                if "verdict" in result:
                    noted.compare(result["verdict"]["action"], least)
        for worker, limit in zip(workers, unlimited, strict=True):
            if worker.is_running():
                worker.rlimit(psutil.RLIMIT_AS, limit)
        until_answered(service, noted)
        load.wait_for(10)
    service.wait()


@pytest.mark.slow
@pytest.mark.fault("F19")
def test_a_worker_that_is_stopped_leaves_the_other(service, noted):
    stopped = service.workers()[0]
    with load_on(service, noted, threads=2):
        pass
    stopped.suspend()
    try:
        for number, (text, least) in enumerate(list(TEXTS.items()) * 5):
            status, answer = service.send(f"stopped/{number}", text)
            assert status == 200
            noted.compare(answer["action"], least)
    finally:
        stopped.resume()
    until_answered(service, noted)


@pytest.mark.slow
@pytest.mark.fault("F18")
def test_sigterm_lets_requests_that_were_taken_end(service, noted):
    """What was being judged is answered; then the service ends, and starts again."""
    answers = []
    batch = json.dumps({"messages": [{"text": text} for text in TEXTS] * 50})

    def ask():
        try:
            answers.append(raw_ask(service.port, batch, path="/v1/score/batch"))
        except (OSError, HTTPException) as error:
            answers.append((type(error).__name__, None, None))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    time.sleep(0.1)
    service.process.send_signal(signal.SIGTERM)
    for thread in threads:
        thread.join()
    service.process.wait(60)
    started = time.monotonic()
    service.start()
    assert time.monotonic() - started < 180
    until_answered(service, noted)
    assert [status for status, _, _ in answers] == [200] * 4
    for _, _, body in answers:
        for result, least in zip(json.loads(body)["results"], list(TEXTS.values()) * 50, strict=True):
            noted.compare(result["verdict"]["action"], least)


@pytest.mark.slow
@pytest.mark.fault("F20")
def test_a_starved_processor_makes_answers_late_or_degraded_and_no_laxer(tmp_path, noted):
    """With the model: what the rules alone say is the least; four processes for each core want it too."""
    running = Service(tmp_path, workers=1).start()
    try:
        sound = {text: running.send(None, text)[1]["action"] for text in TEXTS}
        hogs = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(4 * os.cpu_count())]
        try:
            for text, least in list(sound.items()) * 5:
                status, answer = running.send(None, text)
                if status == 200:
                    noted.compare(answer["action"], least)
                else:
                    noted.refuse(str(status))
        finally:
            for hog in hogs:
                hog.kill()
                hog.wait()
        until_answered(running, noted)
    finally:
        running.stop()


@pytest.mark.fault("F21")
def test_files_that_run_out_refuse_connections_and_give_no_laxer_answer(worker, noted):
    process = psutil.Process(worker.process.pid)
    unlimited = process.rlimit(psutil.RLIMIT_NOFILE)
    with load_on(worker, noted, threads=1):
        pass
    process.rlimit(psutil.RLIMIT_NOFILE, (process.num_fds() + 10, unlimited[1]))
    idle = [socket.create_connection(("127.0.0.1", worker.port), timeout=2) for _ in range(40)]
    for number, (text, least) in enumerate(TEXTS.items()):
        try:
            status, _, body = raw_ask(worker.port, json.dumps({"text": text, "reference": f"fds/{number}"}), timeout=2)
        except (OSError, HTTPException):
            noted.refuse("no answer")
        else:
            assert status in (200, 503)
            noted.compare(json.loads(body)["action"], least) if status == 200 else noted.refuse()
    for connection in idle:
        connection.close()
    process.rlimit(psutil.RLIMIT_NOFILE, unlimited)
    until_answered(worker, noted)


@pytest.mark.fault("F22")
def test_a_log_that_nobody_reads_stalls_nothing(tmp_path, noted):
    """The pipe is full before the start, and the database is away, which would be logged."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    with suppress(BlockingIOError):
        while True:
            os.write(writing, b"x" * 4096)
    os.set_blocking(writing, True)
    secrets = {f"SENDSAFE_{name.upper()}": value for name, value in SECRETS.items()}
    worker = Worker(tmp_path, SENDSAFE_DATABASE_URL="postgresql://nobody@127.0.0.1:1/none", **secrets)
    try:
        worker.start(stderr=writing)
        with load_on(worker, noted, threads=1) as load:
            load.wait_for(6)
    finally:
        worker.kill()
        os.close(reading)
        os.close(writing)


@pytest.mark.fault("F23")
@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("SENDSAFE_AUTHENTIFICATION", "keys", "SENDSAFE_AUTHENTICATION"),
        ("SENDSAFE_KEEP", "nothin", "keep"),
        ("SENDSAFE_WORKERS", "two", "workers"),
        ("SENDSAFE_POLICIES", '["dwp-smss"]', "policy pack"),
    ],
)
def test_a_typo_in_the_configuration_is_refused_at_the_start(tmp_path, monkeypatch, name, value, said):
    monkeypatch.setenv("SENDSAFE_STATE_FOLDER", str(tmp_path))
    monkeypatch.setenv(name, value)
    monkeypatch.setattr("serving.cli.launch", lambda _: pytest.fail("it was started"))
    done = CliRunner().invoke(app, ["serve"])
    assert done.exit_code == 2
    assert said in done.output


@pytest.mark.fault("F23")
def test_names_of_other_programs_are_none_of_ours(monkeypatch):
    monkeypatch.setenv("SENDSAFELY_TOKEN", "x")
    assert Settings().port == 3000
