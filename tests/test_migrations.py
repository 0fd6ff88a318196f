import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import inspect, text

from segmentarium.storage.database import (
    MIGRATIONS,
    Database,
    downgrade,
    make_engine,
    migrate,
    pending_migrations,
)
from segmentarium.storage.tables import Table
from segmentarium.storage.users import ensure_user

BOOK_KEEPING = {"alembic_version"}


def revisions() -> list[str]:
    """All revisions, oldest first."""
    scripts = ScriptDirectory(str(MIGRATIONS))
    return [script.revision for script in scripts.walk_revisions()][::-1]


def tables(url: str) -> set[str]:
    """The tables of a database, without those of the migrations themselves."""
    engine = make_engine(url)
    try:
        return set(inspect(engine).get_table_names()) - BOOK_KEEPING
    finally:
        engine.dispose()


def differences(url: str) -> list[object]:
    """What a new migration would change."""
    engine = make_engine(url)
    try:
        with engine.connect() as connection:
            context = MigrationContext.configure(
                connection, opts={"compare_type": True, "compare_server_default": True}
            )
            return list(compare_metadata(context, Table.metadata))
    finally:
        engine.dispose()


def test_migrating_makes_the_tables(empty_database_url: str) -> None:
    migrate(empty_database_url)
    assert tables(empty_database_url) == set(Table.metadata.tables)


def test_the_migrated_schema_is_the_one_that_the_code_knows(database_url: str) -> None:
    assert differences(database_url) == []


def test_migrating_back_leaves_no_table(database_url: str) -> None:
    downgrade(database_url, "base")
    assert tables(database_url) == set()


def test_migrating_back_and_forth_ends_at_the_same_schema(database_url: str) -> None:
    downgrade(database_url, "base")
    migrate(database_url)
    assert (tables(database_url), differences(database_url)) == (set(Table.metadata.tables), [])


@pytest.mark.parametrize("revision", revisions())
def test_every_migration_can_be_taken_back(empty_database_url: str, revision: str) -> None:
    migrate(empty_database_url, revision)
    before = tables(empty_database_url)
    downgrade(empty_database_url, "-1")
    migrate(empty_database_url, revision)
    assert tables(empty_database_url) == before


def test_migrating_again_keeps_the_data(database_url: str) -> None:
    database = Database(database_url)
    try:
        with database.write() as session:
            ada = ensure_user(session, "ada")
        migrate(database_url)
        with database.write() as session:
            assert ensure_user(session, "ada") == ada
    finally:
        database.close()


def test_an_empty_database_has_all_migrations_before_it(empty_database_url: str) -> None:
    assert pending_migrations(empty_database_url) == revisions()


def test_a_migrated_database_has_none_before_it(database_url: str) -> None:
    assert pending_migrations(database_url) == []


def test_asking_what_is_pending_changes_nothing(empty_database_url: str) -> None:
    pending_migrations(empty_database_url)
    assert tables(empty_database_url) == set()


def test_a_database_of_a_newer_version_is_told(database_url: str) -> None:
    engine = make_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'newer'"))
    engine.dispose()
    with pytest.raises(CommandError, match="newer"):
        pending_migrations(database_url)
