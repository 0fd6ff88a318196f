"""The database: engine, migrations, and the one place where transactions begin and end."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from pydantic_core import from_json
from sqlalchemy import Connection, Engine, Executable, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from segmentarium.storage.connections import ask_whether_alive
from segmentarium.storage.json_text import to_json

MIGRATIONS = Path(__file__).resolve().parents[3] / "migrations"

_BUSY_TIMEOUT_MS = 15_000


class Database:
    """Sessions on one database. A `write` holds SQLite's write lock from its first statement on."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = make_engine(url)
        self._writer = self.engine.execution_options(sqlite_begin="BEGIN IMMEDIATE")
        if self.engine.dialect.name == "sqlite":
            # All statements of a reader see one state.
            self._reader: Engine = self.engine.execution_options(sqlite_begin="BEGIN")
            self._bare: Engine = self.engine.execution_options(sqlite_begin="")
        else:
            # READ COMMITTED shows each statement what was committed before it, with a transaction around them or
            # without: one more would be two round trips for nothing. Connections of their own, as to switch those of
            # the writers takes as long as a statement.
            self._reader = self._bare = make_engine(
                url, isolation_level="AUTOCOMMIT", pool_reset_on_return=None
            )
        for reader in {self._reader, self._bare}:
            event.listen(reader, "before_execute", _refuse_writing)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that may not write. Its end waits for nothing."""
        with Session(self._reader, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def lookup(self) -> Iterator[Connection]:
        """A connection for one statement that reads, with nothing around it."""
        with self._bare.connect() as connection:
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[Session]:
        """A session all of whose statements see the database as it was at the first one."""
        reader = self.engine
        if reader.dialect.name == "postgresql":  # SQLite's transactions are so already
            reader = reader.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
        with Session(reader, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session whose transaction is committed at the end, or rolled back when an exception comes out."""
        # Not `session.begin()`: a route may end its transaction early with a rollback and go on in a new one.
        with Session(self._writer, expire_on_commit=False) as session:
            yield session
            session.commit()

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()
        self._reader.dispose()


def make_engine(url: str, **options: Any) -> Engine:
    """An engine for SQLite or PostgreSQL; the latter may have options."""
    if make_url(url).get_backend_name() != "sqlite":
        engine = create_engine(
            url,
            pool_size=10,
            max_overflow=20,
            json_serializer=to_json,
            json_deserializer=from_json,
            **options,
        )
        ask_whether_alive(engine)
        return engine
    engine = create_engine(
        url,
        connect_args={"timeout": _BUSY_TIMEOUT_MS / 1000},
        pool_size=10,
        max_overflow=30,
        json_serializer=to_json,
        json_deserializer=from_json,
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def migrate(url: str, revision: str = "head") -> None:
    """Bring the database's schema to a revision."""
    command.upgrade(_alembic_config(url), revision)


def downgrade(url: str, revision: str) -> None:
    """Take the database's schema back to a revision ("base": empty)."""
    command.downgrade(_alembic_config(url), revision)


def pending_migrations(url: str) -> list[str]:
    """Revisions that the database has not had yet, oldest first.

    Raises:
        CommandError: the database is at a revision that is not known here.
    """
    scripts = ScriptDirectory.from_config(_alembic_config(url))
    engine = make_engine(url)
    try:
        with engine.connect() as connection:
            current = MigrationContext.configure(connection).get_current_revision()
    finally:
        engine.dispose()
    if current is not None:
        scripts.get_revision(
            current
        )  # raises CommandError for a revision that only a newer version has
    pending = [script.revision for script in scripts.iterate_revisions("head", current or "base")]
    return pending[::-1]


def _alembic_config(url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["url"] = url
    return config


def _prepare_sqlite(connection: sqlite3.Connection, _record: ConnectionPoolEntry) -> None:
    # The driver must not begin transactions on its own: `_begin_sqlite` does, with the right lock.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    # FULL: an answered save survives a power cut. NORMAL would be faster and may lose the last second.
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute(f"PRAGMA busy_timeout = {_BUSY_TIMEOUT_MS}")
    cursor.close()


def _refuse_writing(_connection: Connection, statement: Executable, *_rest: object) -> None:
    # Without a transaction around it there would be nothing to roll back.
    if statement.is_dml:
        raise InvalidRequestError("a session that reads was asked to write")


def _begin_sqlite(connection: Connection) -> None:
    # A writer that began as a reader could not get the lock when another one has written since: "database is locked".
    begin = connection.get_execution_options().get("sqlite_begin", "BEGIN")
    if begin:
        connection.exec_driver_sql(begin)
