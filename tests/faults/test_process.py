"""F16 and F17: is what was acknowledged there after kill -9, and what was not, there once at most?"""

import json
import os
import re
import shutil
import subprocess
import sys
from http.client import HTTPException
from pathlib import Path

import pytest
from sqlalchemy import select

from serving.review.clock import Clock
from serving.review.database import reading, sqlite_url
from serving.review.store import Store
from serving.review.vault import Vault

FOLDER = Path(__file__).parent


@pytest.mark.fault("F16")
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_f16_kill_9_of_all_workers_loses_and_doubles_nothing(database, request):
    """A few rounds of `make test-crash`."""
    if database == "postgresql":
        request.getfixturevalue("postgres")
    command = [sys.executable, FOLDER / "crash.py", "--rounds", "2", "--acknowledgements", "150", "--database", database]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": ":".join(sys.path)})  # noqa: S603
    result = json.loads(done.stdout)[0]
    assert result["acknowledged"] >= 300
    assert (result["lost"], result["doubled"], result["other"]) == (0, 0, 0)


@pytest.mark.fault("F17")
def test_f17_kill_9_between_commit_and_reply(worker, tmp_path):
    """The caller got no answer and sends again: the first verdict comes back, and there is one."""
    worker.kill()
    worker.start(SENDSAFE_TEST_DIE_AFTER_COMMIT="1")
    with pytest.raises((OSError, HTTPException)):
        worker.send("f17/1")
    worker.process.wait()
    assert len(kept(tmp_path)) == 1
    worker.start()
    status, answer = worker.send("f17/1")
    assert (status, answer["id"]) == (200, kept(tmp_path)["f17/1"])
    assert worker.send("f17/1", "another message")[0] == 409


def kept(folder):
    vault = Vault((folder / "secret").read_text().strip(), (folder / "encryption.keys").read_text().split())
    store = Store(sqlite_url(folder / "sendsafe.sqlite"), vault, Clock())
    decisions = store.tables.decisions
    with reading(store.engine) as connection:
        return dict(connection.execute(select(decisions.c.reference, decisions.c.id)).all())


def test_the_disk_is_synced_before_the_reply(worker, tmp_path):
    """strace shows it: between reading a request and writing its answer there is a sync."""
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed")
    log = tmp_path / "trace"
    worker.send("s/0")
    trace = subprocess.Popen(  # noqa: S603
        ["strace", "-f", "-s", "40", "-o", log, "-e", "trace=fsync,fdatasync,sendto,write,recvfrom,read", "-p", str(worker.process.pid)],  # noqa: S607
        stderr=subprocess.DEVNULL,
    )
    for _ in range(100):
        if log.exists() and log.stat().st_size:
            break
        if trace.poll() is not None:
            pytest.skip("tracing is not allowed here")
        worker.ask("GET", "/livez")
    for number in range(1, 11):
        assert worker.send(f"s/{number}")[0] == 200
    trace.terminate()
    trace.wait()
    steps = re.findall(r"(POST /v1/score|f(?:data)?sync\((?=.*= 0)|f(?:data)?sync resumed>.*= 0|HTTP/1.1 200)", log.read_text())
    told = "".join({"P": "r", "H": "a"}.get(step[0], "s") for step in steps)
    assert re.search(r"(?:ra*s+a.*){10}", told.replace("rr", "r")), told


@pytest.mark.fault("F14")
@pytest.mark.parametrize(("name", "code"), [("keep", 1), ("other", 0)])
def test_a_process_ends_with_a_thread_that_it_cannot_do_without(name, code):
    """A worker whose judging or keeping thread died, such as for want of memory, would let every request wait for ever."""
    program = f"""
import threading
from serving import threads
def die(): raise MemoryError("zebra-7f3a")
threads.end_with_them()
thread = threading.Thread(target=die, name="{name}")
thread.start()
thread.join()
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)  # noqa: S603
    assert ended.returncode == code
    assert "MemoryError" in ended.stdout + ended.stderr
    assert "zebra" not in ended.stdout + ended.stderr


@pytest.mark.fault("F14")
@pytest.mark.parametrize(("work", "code"), [("time.sleep(20)", 1), ("await asyncio.sleep(1.5)", 0)])
def test_a_process_whose_event_loop_is_stuck_ends(work, code):
    program = f"""
import asyncio, faulthandler, time
from serving import threads
async def main():
    threads.end_if_stuck(asyncio.get_running_loop(), 1.0)
    {work}
    faulthandler.cancel_dump_traceback_later()
asyncio.run(main())
"""
    assert subprocess.run([sys.executable, "-c", program], stderr=subprocess.DEVNULL, timeout=15, check=False).returncode == code  # noqa: S603
