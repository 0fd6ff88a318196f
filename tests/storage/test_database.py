from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import delete, func, insert, select, text
from sqlalchemy.exc import IntegrityError, InvalidRequestError, StatementError
from sqlalchemy.orm import Session

from segmentarium.storage.database import Database
from segmentarium.storage.tables import MembershipRow, ProjectRow, UserRow
from segmentarium.storage.users import ensure_user, find_user


def count_users(database: Database) -> int:
    """Users that a new reader sees."""
    with database.read() as session:
        return session.query(UserRow).count()


def test_a_write_is_committed_at_its_end(database: Database) -> None:
    with database.write() as session:
        ensure_user(session, "ada")
    assert count_users(database) == 1


def test_a_write_that_fails_leaves_nothing(database: Database) -> None:
    def write() -> None:
        with database.write() as session:
            ensure_user(session, "ada")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write()
    assert count_users(database) == 0


def test_a_write_goes_on_after_a_rollback(database: Database) -> None:
    with database.write() as session:
        ensure_user(session, "ada")
        session.rollback()
        ensure_user(session, "grace")
    assert count_users(database) == 1


def add_by_row(session: Session) -> None:
    """A row of the ORM, sent."""
    session.add(UserRow(name="ada"))
    session.flush()


def add_by_statement(session: Session) -> None:
    """A statement that inserts."""
    session.execute(insert(UserRow).values(name="ada"))


def delete_all(session: Session) -> None:
    """A statement that deletes."""
    session.execute(delete(UserRow))


@pytest.mark.parametrize("write", [add_by_row, add_by_statement, delete_all])
def test_a_read_may_not_write(database: Database, write: Callable[[Session], None]) -> None:
    with database.write() as session:
        ensure_user(session, "grace")
    with database.read() as session, pytest.raises(InvalidRequestError, match="to write"):
        write(session)
    assert count_users(database) == 1


def test_a_lookup_may_not_write(database: Database) -> None:
    with pytest.raises(InvalidRequestError, match="write"), database.lookup() as connection:
        connection.execute(insert(UserRow).values(name="ada"))
    assert count_users(database) == 0


def test_a_connection_that_read_can_roll_back_again(database: Database) -> None:
    assert count_users(database) == 0
    with database.lookup() as connection:
        assert connection.scalar(select(func.count()).select_from(UserRow)) == 0
    with database.write() as session:
        ensure_user(session, "ada")
        session.rollback()
    assert count_users(database) == 0


def test_a_reader_is_not_blocked_by_a_writer_and_sees_the_state_before(database: Database) -> None:
    with database.write() as writer:
        ensure_user(writer, "ada")
        assert count_users(database) == 0


def test_a_writer_is_not_blocked_by_a_reader(database: Database) -> None:
    with database.read() as reader:
        assert reader.query(UserRow).count() == 0
        with database.write() as writer:
            ensure_user(writer, "ada")
    assert count_users(database) == 1


def test_foreign_keys_are_enforced(database: Database) -> None:
    with pytest.raises(IntegrityError), database.write() as session:
        session.add(MembershipRow(user_id=77, project_id=78, role="owner"))


@pytest.mark.parametrize("offset", [UTC, timezone(timedelta(hours=5, minutes=30))])
def test_a_time_comes_back_aware_and_in_utc(database: Database, offset: timezone) -> None:
    moment = datetime(2026, 2, 3, 4, 5, 6, 789, tzinfo=offset)
    with database.write() as session:
        session.add(UserRow(name="ada", created_at=moment))
    with database.read() as session:
        stored = session.get_one(UserRow, find_user(session, "ada").id).created_at
    assert (stored, stored.tzinfo) == (moment, UTC)


def test_a_time_without_a_zone_is_refused(database: Database) -> None:
    naive = datetime(2026, 2, 3)  # noqa: DTZ001 - that is the point
    with pytest.raises(StatementError, match="naive"), database.write() as session:
        session.add(UserRow(name="ada", created_at=naive))


def test_the_id_of_a_deleted_project_is_not_given_again(database: Database) -> None:
    ids = []
    for name in ("Street", "Sky"):
        with database.write() as session:
            row = ProjectRow(name=name)
            session.add(row)
            session.flush()
            ids.append(row.id)
            session.delete(row)
    assert ids[1] > ids[0]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("pragma", "value"), [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1)]
)
def test_sqlite_is_set_for_safety(database: Database, pragma: str, value: object) -> None:
    with database.read() as session:
        assert session.scalar(text(f"PRAGMA {pragma}")) == value


def test_a_snapshot_sees_nothing_that_came_after_its_first_statement(database: Database) -> None:
    with database.write() as session:
        ensure_user(session, "ada")
    names = select(UserRow.name).order_by(UserRow.name)
    with database.snapshot() as snapshot:
        before = list(snapshot.scalars(names))
        with database.write() as session:
            ensure_user(session, "grace")
        assert list(snapshot.scalars(names)) == before
    with database.read() as session:
        assert list(session.scalars(names)) == [*before, "grace"]


def test_a_connection_that_took_a_snapshot_writes_again_as_others_do(database: Database) -> None:
    with database.snapshot() as snapshot:
        snapshot.execute(select(UserRow.id))
    with database.write() as session:
        ensure_user(session, "grace")
        if database.engine.dialect.name == "postgresql":
            level = session.connection().get_isolation_level()
            assert level == "READ COMMITTED"
