"""Connections that are kept between requests, to a server that may end them. (SQLite has no server.)"""

import time

import psycopg
import pytest
from sqlalchemy import text

from segmentarium.storage.database import Database
from segmentarium.storage.users import ensure_user

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


def backend(database: Database) -> int:
    """The server's process behind the connection that is used next."""
    with database.read() as session:
        return int(session.execute(text("select pg_backend_pid()")).scalar_one())


def end_all(database: Database) -> None:
    """End every connection to the database from the server's side."""
    url = database.engine.url
    with psycopg.connect(
        host=str(url.query["host"]), user=url.username, dbname="postgres", autocommit=True
    ) as other:
        other.execute(
            "select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = %s",
            [url.database],
        )


def test_a_connection_is_kept(database: Database) -> None:
    assert backend(database) == backend(database)


def test_a_connection_is_kept_over_a_pause(database: Database) -> None:
    before = backend(database)
    time.sleep(1.1)
    assert backend(database) == before


def test_a_connection_that_the_server_ended_a_moment_ago_is_replaced(database: Database) -> None:
    before = backend(database)
    end_all(database)
    assert backend(database) != before


def test_a_write_on_a_connection_that_the_server_ended_is_not_lost(database: Database) -> None:
    for name in ("ada", "grace"):
        with database.write() as session:
            made = ensure_user(session, name)
        end_all(database)
    with database.read() as session:
        assert session.execute(text('select max(id) from "user"')).scalar_one() == made.id


def test_a_connection_that_ended_during_a_pause_is_replaced(database: Database) -> None:
    before = backend(database)
    end_all(database)
    time.sleep(1.1)
    assert backend(database) != before
