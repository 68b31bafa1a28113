"""The service as a user starts it, to be broken: BentoML with its workers, in a folder of its own."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil

from evaluation.latency import free_port
from tests.faults.sending import ask

ROOT = Path(__file__).parents[2]
START_SECONDS = 180


class Service:
    """`sendsafe serve` on a free port, its state and log in one folder."""

    def __init__(self, folder, workers=2, **environment):
        self.folder = folder
        self.count = workers
        self.environment = {
            **os.environ, "PYTHONPATH": str(ROOT), "BENTOML_HOME": str(folder), "SENDSAFE_STATE_FOLDER": str(folder / "state"),
            "SENDSAFE_KEEP_SECONDS": "15", "SENDSAFE_QUEUE_SECONDS": "15", **environment,
        }  # fmt: skip
        """How long a verdict and a message's turn may wait is generous: these runs are not about a busy machine."""

    def start(self):
        self.port = free_port()
        command = [
            sys.executable,
            "-c",
            "from serving.cli import app; app()",
            "serve",
            "--port",
            str(self.port),
            "--workers",
            str(self.count),
        ]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(command, env=self.environment, stdout=log, stderr=log)  # noqa: S603
        self.wait()
        return self

    def wait(self, seconds=START_SECONDS):
        """Wait until every worker runs and one answers; return how many seconds that took."""
        started = time.monotonic()
        while time.monotonic() - started < seconds:
            try:
                if self.ask("GET", "/readyz")[0] == 200 and len(self.workers()) == self.count:
                    return time.monotonic() - started
            except OSError:
                pass
            time.sleep(0.05)
        raise AssertionError(f"the service is not ready: {(self.folder / 'log').read_text()[-2000:]}")

    def workers(self):
        """Return the processes that answer."""
        found = []
        for process in psutil.Process(self.process.pid).children(recursive=True):
            try:
                if "_bentoml_impl.worker.service" in " ".join(process.cmdline()):
                    found.append(process)
            except psutil.Error:
                continue
        return found

    def ask(self, method, path, content=None, timeout=30):
        status, answer = ask(self.port, method, path, content, timeout)
        return status, json.loads(answer)

    def send(self, reference=None, text="Bins tomorrow", **fields):
        return self.ask("POST", "/v1/score", {"text": text, "reference": reference, **fields})

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            for process in (*psutil.Process(self.process.pid).children(recursive=True), psutil.Process(self.process.pid)):
                process.kill()
            self.process.wait()
