"""The application from its settings: what it starts, and what it ends."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from segmentarium.main import create_app
from segmentarium.settings import Settings
from segmentarium.storage.database import Database
from segmentarium.storage.jobs import claim_job, create_job, get_job
from segmentarium.storage.projects import create_project
from segmentarium.storage.users import ensure_user
from tests.api.client import BASE_URL, TestClient, one_database


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    """Settings of an installation of its own."""
    return Settings(data_dir=tmp_path / "data", database_url=database_url)


def job_state(database: Database, job_id: int) -> str:
    """How far a job is."""
    with database.read() as session:
        return str(get_job(session, job_id).state)


def test_the_contract_can_be_read_without_a_database(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'nowhere' / 'none.sqlite'}"
    document: dict[str, Any] = create_app(
        Settings(data_dir=tmp_path / "data", database_url=url)
    ).openapi()
    assert "/api/projects" in document["paths"]
    assert not (tmp_path / "nowhere").exists()


def test_a_job_that_a_killed_server_left_runs_at_the_next_start(settings: Settings) -> None:
    database = Database(settings.resolved_database_url)
    with database.write() as session:
        user = ensure_user(session, "owner")
        project = create_project(session, user, "Street")
        parameters = {"format": "coco", "options": {}, "project_id": project}
        job = create_job(session, user, project, "export", parameters)
        claim_job(session, job.id)
    with ThreadPoolExecutor(1) as executor:
        with TestClient(create_app(settings, lambda: executor), base_url=BASE_URL):
            executor.submit(lambda: None).result(30)
        assert job_state(database, job.id) == "done"
    database.close()


@one_database
def test_its_threads_end_with_it(settings: Settings) -> None:
    before = {thread.name for thread in threading.enumerate()}
    with TestClient(create_app(settings), base_url=BASE_URL) as client:
        assert client.get("/api/health").status_code == 200
    after = {thread.name for thread in threading.enumerate()}
    assert {"cleaner", "decode-ahead"} & (after - before) == set()
