"""Fixtures for every test: fresh databases on SQLite and PostgreSQL."""

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from segmentarium.engines import use_networks
from segmentarium.networks.folder import NetworkFolder
from segmentarium.storage.database import migrate
from tests.postgres import Cluster, start_cluster, stop_cluster

RUN_FOLDER = "SEGMENTARIUM_TEST_RUN_FOLDER"
NO_POSTGRES = "no PostgreSQL server here (apt install postgresql): NOT TESTED on PostgreSQL"


def pytest_configure(config: pytest.Config) -> None:
    """Name the folder that all workers of this run share; they inherit the variable."""
    if not hasattr(config, "workerinput"):
        os.environ[RUN_FOLDER] = tempfile.mkdtemp(prefix="segmentarium-tests-")


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop what this run started, once all its workers are done."""
    if not hasattr(config, "workerinput"):
        stop_cluster(Path(os.environ.pop(RUN_FOLDER)))


@pytest.fixture(scope="session")
def postgres_cluster() -> Cluster:
    """A running PostgreSQL, or a loud skip."""
    cluster = start_cluster(Path(os.environ[RUN_FOLDER]))
    if cluster is None:
        pytest.skip(NO_POSTGRES)
    return cluster


@pytest.fixture(autouse=True)
def _no_networks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Engines are the process's: what a test installed for them is not there for the next."""
    yield
    use_networks(NetworkFolder(tmp_path_factory.getbasetemp() / "no-networks"), threads=1)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy."""
    path = tmp_path_factory.mktemp("sqlite") / "template.sqlite"
    migrate(f"sqlite:///{path}")
    # What the write-ahead log still holds would not be copied with the file.
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a fresh, migrated database, on each kind in turn."""
    if request.param == "sqlite":
        path = tmp_path / "segmentarium.sqlite"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
    else:
        cluster: Cluster = request.getfixturevalue("postgres_cluster")
        with cluster.database(cluster.migrated_template(migrate)) as url:
            yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a fresh database without any table, on each kind in turn."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.sqlite'}"
    else:
        cluster: Cluster = request.getfixturevalue("postgres_cluster")
        with cluster.database() as url:
            yield url
