"""F27 to F37: does a fault of the database make no answer milder and lose nothing that was acknowledged?"""

import shutil
import sqlite3
import subprocess
import threading
import time
from contextlib import suppress

import psycopg
import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError

from serving.errors import StoreError
from serving.review.database import reading
from serving.review.keeper import Keeper
from tests.faults.conftest import MOST_SECONDS


@pytest.fixture
def sqlite_path(tmp_path):
    return tmp_path / "sendsafe.sqlite"


@pytest.fixture
def on_sqlite(deploy, sqlite_path):
    return deploy(f"sqlite:///{sqlite_path}").start()


@pytest.fixture
def on_postgres(deploy, postgres):
    return deploy(postgres.make_database()).start()


@pytest.fixture(params=["on_sqlite", "on_postgres"])
def on_both(request):
    return request.getfixturevalue(request.param)


@pytest.mark.fault("F27")
def test_f27_postgresql_down_at_the_start(deploy, postgres):
    url = postgres.make_database()
    postgres.stop()
    try:
        deployment = deploy(url).start()
        assert set(deployment.probe()) == {200}
        assert deployment.keeper.status == "spooling"
    finally:
        postgres.start()
    deployment.recover()
    assert set(deployment.probe()) == {200}
    deployment.check()


@pytest.mark.fault("F27")
def test_f27_sqlite_not_to_be_opened_at_the_start(deploy, sqlite_path):
    sqlite_path.mkdir()
    deployment = deploy(f"sqlite:///{sqlite_path}").start()
    assert set(deployment.probe()) == {200}
    sqlite_path.rmdir()
    deployment.recover()
    deployment.probe()
    deployment.check()


@pytest.mark.fault("F28")
def test_f28_postgresql_down_for_a_while(on_postgres, postgres):
    with on_postgres.fault(postgres.stop, postgres.start, expected=200):
        first, _reference = on_postgres.send("Bins tomorrow", "twice/1")
        again, _ = on_postgres.send("Bins tomorrow", "twice/1")
        other, _ = on_postgres.send("another message", "twice/1")
        assert first.json() == again.json()
        assert other.status_code == 409
        held = on_postgres.client.get(first.json()["review"]["url"])
        assert held.json()["state"] == "waiting"
        unknown = on_postgres.client.get("/v1/reviews/" + "0" * 32)
        assert (unknown.status_code, unknown.headers["retry-after"]) == (503, "1")
    assert on_postgres.send("Bins tomorrow", "twice/1")[0].json() == first.json()
    assert on_postgres.client.get(first.json()["review"]["url"]).json()["state"] == "waiting"


@pytest.mark.fault("F28")
def test_f28_a_reference_of_before_is_judged_on_its_own_and_kept_as_a_duplicate(on_postgres, postgres):
    first, _ = on_postgres.send("Bins tomorrow", "before/1")
    postgres.stop()
    during, _ = on_postgres.send("my NI is QQ123456C", "before/1")
    postgres.start()
    on_postgres.recover()
    assert during.json()["action"] == "block"
    with reading(on_postgres.store.engine) as connection:
        row = on_postgres.store.find(connection, "local", decision_id=during.json()["id"])
    assert (row["reference"], row["duplicate_of"]) == (None, first.json()["id"])
    assert on_postgres.send("Bins tomorrow", "before/1")[0].json() == first.json()


@pytest.mark.fault("F28")
def test_f28_a_reference_of_before_is_known_while_the_spool_is_emptied(on_postgres, postgres, monkeypatch):
    """The database is back and much waits to be moved into it: no reference is judged anew."""
    first, _ = on_postgres.send("Bins tomorrow", "before/1")
    emptying, move = threading.Event(), on_postgres.spool._move
    monkeypatch.setattr(on_postgres.spool, "_move", lambda target: move(target) if emptying.wait(10) else 0)
    postgres.stop()
    during, _ = on_postgres.send("Bins tomorrow", "during/1")
    postgres.start()
    until = time.monotonic() + MOST_SECONDS
    while on_postgres.keeper._is_away:
        assert time.monotonic() < until
        time.sleep(0.05)
    assert on_postgres.send("Bins tomorrow", "before/1")[0].json() == first.json()
    assert on_postgres.send("another message", "before/1")[0].status_code == 409
    assert on_postgres.send("Bins tomorrow", "during/1")[0].json() == during.json()
    assert on_postgres.keeper.status == "spooling"
    emptying.set()
    on_postgres.recover()
    assert on_postgres.send("Bins tomorrow", "during/1")[0].json() == during.json()


@pytest.mark.fault("F29")
def test_f29_a_slow_database(on_both):
    slowness = []
    event.listen(on_both.store.engine, "before_cursor_execute", lambda *_: time.sleep(3) if slowness else None)
    with on_both.fault(lambda: slowness.append(1), slowness.clear, expected=200):
        started = time.monotonic()
        on_both.probe(2)
        assert time.monotonic() - started < 2.9


@pytest.mark.fault("F30")
def test_f30_a_connection_that_breaks_after_the_commit(on_both):
    """The verdict is committed and nobody is told so: the spool brings it again, and it is there once."""
    dialect = on_both.store.engine.dialect
    commit = dialect.do_commit

    def commit_and_break(connection):
        commit(connection)
        raise OperationalError("COMMIT", {}, OSError("connection reset"))

    with on_both.fault(lambda: setattr(dialect, "do_commit", commit_and_break), lambda: delattr(dialect, "do_commit"), expected=200):
        pass


@pytest.mark.fault("F31")
def test_f31_a_sqlite_file_that_another_process_has_locked(on_sqlite, sqlite_path):
    other = sqlite3.connect(sqlite_path, isolation_level=None)
    with on_sqlite.fault(lambda: other.execute("BEGIN IMMEDIATE"), lambda: other.execute("ROLLBACK"), expected=200):
        pass
    other.close()


@pytest.mark.fault("F31")
def test_f31_a_table_that_another_session_has_locked(on_postgres):
    other = psycopg.connect(on_postgres.settings.database_url.get_secret_value())
    with on_postgres.fault(lambda: other.execute("LOCK TABLE decisions IN ACCESS EXCLUSIVE MODE"), other.rollback, expected=200):
        pass
    other.close()


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 2 MB."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", folder], capture_output=True, check=False)  # noqa: S603, S607
    if mounted.returncode:
        pytest.skip("mounting needs root")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)  # noqa: S603, S607


@pytest.mark.fault("F32")
def test_f32_a_disk_that_is_full(deploy, small_disk):
    """With the spool on the same disk nothing can be kept, so nothing is answered; what was kept before is still there."""
    deployment = deploy(f"sqlite:///{small_disk}/sendsafe.sqlite", state_folder=small_disk).start()
    filler = small_disk / "filler"

    def fill():
        with filler.open("wb", buffering=0) as file, suppress(OSError):
            while file.write(bytes(4096)):
                pass

    with deployment.fault(fill, filler.unlink):
        deployment.probe(40)
        assert deployment.probe(4) == [503] * 4
    assert deployment.refused


@pytest.mark.fault("F32")
def test_f32_a_full_database_with_room_for_the_spool(on_sqlite):
    def full():
        with on_sqlite.store.engine.connect() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        event.listen(
            on_sqlite.store.engine, "checkout", lambda raw, *_: raw.execute(f"PRAGMA max_page_count = {pages if limit else 10**9}")
        )

    limit = [1]
    with on_sqlite.fault(full, limit.clear, expected=200):
        on_sqlite.probe(20)


@pytest.mark.fault("F33")
def test_f33_an_error_of_the_disk_on_sync(worker, tmp_path):
    """strace makes every sync of a worker fail: it refuses, keeps what it gave, and gives again afterwards."""
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed")
    before = [worker.send(f"before/{number}") for number in range(5)]
    trace = subprocess.Popen(  # noqa: S603
        ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "inject=fsync,fdatasync:error=EIO", "-p", str(worker.process.pid)]  # noqa: S607
    )
    time.sleep(1)
    if trace.poll() is not None:
        pytest.skip("tracing is not allowed here")
    during = [worker.send(f"during/{number}") for number in range(5)]
    trace.terminate()
    trace.wait()
    assert {status for status, _ in during} == {503}
    time.sleep(1)
    after = [worker.send(f"after/{number}") for number in range(5)]
    assert {status for status, _ in before + after} == {200}
    worker.kill()
    worker.start()
    started = time.monotonic()
    while worker.ask("GET", "/readyz")[1]["store"] != "ready":
        assert time.monotonic() - started < 10, "the spool is not emptied"
        time.sleep(0.1)
    for name, given in (("before", before), ("after", after)):
        assert [worker.send(f"{name}/{number}")[1]["id"] for number in range(5)] == [answer["id"] for _, answer in given]


@pytest.mark.fault("F34")
def test_f34_a_database_that_is_read_only(on_sqlite):
    engine = on_sqlite.store.engine

    def read_only(raw, *_):
        raw.execute("PRAGMA query_only = ON")

    def heal():
        event.remove(engine, "checkout", read_only)
        engine.dispose()

    with on_sqlite.fault(lambda: event.listen(engine, "checkout", read_only), heal, expected=200):
        pass


@pytest.mark.fault("F34")
def test_f34_a_file_that_is_corrupt(on_sqlite, sqlite_path, tmp_path):
    """Healed by putting a copy back while the service is stopped; what came in between is in the spool."""
    copy = tmp_path / "copy.sqlite"

    def corrupt():
        with sqlite3.connect(sqlite_path) as source, sqlite3.connect(copy) as target:
            source.backup(target)
        source.close()
        on_sqlite.store.engine.dispose()
        with sqlite_path.open("r+b") as file:
            file.write(b"\xff" * 65536)

    def heal():
        on_sqlite.stop()
        for ending in ("-wal", "-shm"):
            sqlite_path.with_name(sqlite_path.name + ending).unlink(missing_ok=True)
        shutil.copy(copy, sqlite_path)
        on_sqlite.start()

    with on_sqlite.fault(corrupt, heal, expected=200):
        pass


@pytest.mark.fault("F35")
def test_f35_a_schema_that_gets_newer_under_a_running_service(on_both):
    """A column that this release does not know and must not be empty: verdicts wait in the spool."""
    kind = "ALTER TABLE decisions ADD COLUMN newer INTEGER NOT NULL DEFAULT 0"

    def run(*statements):
        with on_both.store.engine.begin() as connection:
            for statement in statements:
                connection.execute(text(statement))

    with on_both.fault(
        lambda: run(kind, "ALTER TABLE decisions RENAME COLUMN action TO outcome"),
        lambda: run("ALTER TABLE decisions RENAME COLUMN outcome TO action"),
        expected=200,
    ):
        pass


@pytest.mark.fault("F35")
def test_f35_a_newer_schema_at_the_start_is_refused(on_both, tmp_path):
    with on_both.store.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match="newer"):
        Keeper.of(on_both.settings).prepare()


@pytest.mark.fault("F36")
def test_f36_a_wrong_key_is_refused_at_the_start(on_both):
    on_both.probe()
    other = on_both.settings.model_copy(update={"encryption_keys": type(on_both.settings.encryption_keys)("N" * 43 + "=")})
    with pytest.raises(StoreError):
        Keeper.of(other).prepare()


@pytest.mark.fault("F37")
def test_f37_an_audit_row_that_was_edited_is_found(on_both):
    with on_both.store.engine.begin() as connection:
        connection.execute(text("UPDATE audit SET actor = 'nobody' WHERE sequence = 1"))
    with reading(on_both.store.engine) as connection:
        assert on_both.store.audit.verify(connection)[1] == ["entry 1 was changed"]
