"""Open the database, SQLite or PostgreSQL, and bring its schema up to date."""

import fcntl
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError
from sqlalchemy.schema import Table

from serving.errors import StoreError

POSTGRESQL = "postgresql"
WAIT_SECONDS = 2
_MIGRATION_LOCK = 7_352_001


def sqlite_url(path: Path) -> URL:
    """Return the URL of a SQLite file."""
    return URL.create("sqlite", database=str(path))


def open_engine(url: URL | str) -> Engine:
    """Return an engine; nothing is connected yet.

    SQLite writes ahead, syncs every commit to the disk and overwrites what is deleted. No error prints a parameter.

    Raises:
        StoreError: the URL cannot be used.
    """
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise StoreError("SENDSAFE_DATABASE_URL is no database URL") from None
    backend = parsed.get_backend_name()
    if backend == "sqlite":
        engine = create_engine(parsed, hide_parameters=True, connect_args={"timeout": WAIT_SECONDS, "check_same_thread": False})
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    if backend == POSTGRESQL:
        milliseconds = WAIT_SECONDS * 1000
        bounds = f"-c statement_timeout={milliseconds} -c lock_timeout={milliseconds} -c synchronous_commit=on"
        return create_engine(
            parsed.set(drivername="postgresql+psycopg"),
            hide_parameters=True,
            pool_timeout=WAIT_SECONDS,
            connect_args={
                "connect_timeout": WAIT_SECONDS,
                "options": bounds,
                "tcp_user_timeout": milliseconds,
                "keepalives_idle": 5,
                "application_name": "sendsafe",
            },
        )
    raise StoreError("SENDSAFE_DATABASE_URL must begin with sqlite or postgresql")


def _set_up_sqlite(connection: sqlite3.Connection, _: object) -> None:
    connection.isolation_level = None  # transactions are begun below, not by the driver
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    """Take the write lock at the start, so that no transaction has to give up halfway."""
    is_reading = connection.get_execution_options().get("is_reading")
    connection.exec_driver_sql("BEGIN" if is_reading else "BEGIN IMMEDIATE")


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Return a connection that only reads and blocks no writer."""
    with engine.connect().execution_options(is_reading=True) as connection, connection.begin():
        yield connection


def insert_new(connection: Connection, table: Table) -> Any:
    """Return an INSERT that leaves out rows which are there already."""
    dialect = postgresql if connection.dialect.name == POSTGRESQL else sqlite
    return dialect.insert(table).on_conflict_do_nothing()


def lock_for_transaction(connection: Connection, lock: int) -> None:
    """Let nobody else pass here before this transaction ends; in SQLite every writing transaction is alone anyway."""
    if connection.dialect.name == POSTGRESQL:
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": lock})


def wipe_deleted(engine: Engine) -> None:
    """See that what was deleted is gone from SQLite's write-ahead log too."""
    if engine.dialect.name == "sqlite":
        with closing(engine.raw_connection()) as connection, closing(connection.cursor()) as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


@cache
def _scripts() -> tuple[Config, ScriptDirectory]:
    config = Config()
    config.set_main_option("script_location", str(files("serving.review") / "migrations"))
    return config, ScriptDirectory.from_config(config)


def newest_schema() -> str:
    """Return the revision of the schema that this release writes."""
    return str(_scripts()[1].get_current_head())


def migrate(engine: Engine, folder: Path | None = None) -> str | None:
    """Bring the schema up to date; return the revision it had before, `None` for an empty database.

    Raises:
        StoreError: the schema is newer than this release.
    """
    config, scripts = _scripts()
    with _alone(folder), engine.begin() as connection:
        lock_for_transaction(connection, _MIGRATION_LOCK)
        current = MigrationContext.configure(connection).get_current_revision()
        known = {script.revision for script in scripts.walk_revisions()}
        if current is not None and current not in known:
            raise StoreError("the database has a schema that is newer than this release of sendsafe")
        if current != newest_schema():
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    return current


@contextmanager
def _alone(folder: Path | None) -> Iterator[None]:
    """Hold a lock file, so that two processes of one machine do not migrate at once."""
    if folder is None:
        yield
        return
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / "migration.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
