from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from segmentarium.core.errors import InvalidOption, NotFound
from segmentarium.storage.database import Database
from segmentarium.storage.jobs import (
    ENDED,
    cancel_job,
    claim_job,
    create_job,
    fail_job,
    finish_job,
    get_job,
    list_jobs,
    report_progress,
    requeue_job,
    unfinished_jobs,
)
from segmentarium.storage.projects import create_project
from segmentarium.storage.tables import JobRow
from segmentarium.storage.users import User

PROBLEM = InvalidOption("COCO has no option 'size'.").as_problem()
FILE = {"file_sha256": "0" * 64, "file_name": "Street-coco.zip", "file_bytes": 3_000_000_000}


@pytest.fixture
def queued(database: Database, owner: User, project_id: int) -> int:
    """A job that waits."""
    with database.write() as session:
        return create_job(session, owner, project_id, "export", {"format": "coco"}).id


@pytest.fixture
def running(database: Database, queued: int) -> int:
    """A job that a runner took."""
    with database.write() as session:
        assert claim_job(session, queued)
    return queued


@pytest.fixture(params=ENDED)
def ended(request: pytest.FixtureRequest, database: Database, running: int) -> int:
    """A job that ended, in each way in turn."""
    with database.write() as session:
        if request.param == "done":
            assert finish_job(session, running, message="Done", counts={}, **FILE)
        elif request.param == "failed":
            assert fail_job(session, running, PROBLEM)
        else:
            assert cancel_job(session, running)
    return running


def row(database: Database, job_id: int) -> JobRow:
    """The job as stored."""
    with database.read() as session:
        return get_job(session, job_id)


def test_a_new_job_waits(database: Database, owner: User, queued: int) -> None:
    job = row(database, queued)
    assert (job.state, job.progress, job.user_id) == ("queued", 0.0, owner.id)
    assert (job.kind, job.parameters) == ("export", {"format": "coco"})


def test_an_unknown_job_is_not_found(database: Database) -> None:
    with database.read() as session, pytest.raises(NotFound, match="job 9"):
        get_job(session, 9)


def test_a_job_is_claimed_once(database: Database, queued: int) -> None:
    with database.write() as session:
        assert claim_job(session, queued)
    with database.write() as session:
        assert not claim_job(session, queued)


def test_of_two_claims_at_once_one_gets_the_job(database: Database, queued: int) -> None:
    barrier = Barrier(2)

    def claim() -> bool:
        barrier.wait()
        with database.write() as session:
            return claim_job(session, queued)

    with ThreadPoolExecutor(2) as pool:
        claims = [future.result() for future in [pool.submit(claim) for _ in range(2)]]
    assert sorted(claims) == [False, True]


def test_a_report_is_written_into_the_row(database: Database, running: int) -> None:
    with database.write() as session:
        assert report_progress(session, running, 0.5, "Image 1 of 2", {"images": 1})
    job = row(database, running)
    assert (job.state, job.progress) == ("running", 0.5)
    assert (job.message, job.counts) == ("Image 1 of 2", {"images": 1})


@pytest.mark.parametrize(("told", "kept"), [(-0.5, 0.0), (1.5, 1.0)])
def test_progress_stays_between_nothing_and_all(
    database: Database, running: int, told: float, kept: float
) -> None:
    with database.write() as session:
        report_progress(session, running, told, "", {})
    assert row(database, running).progress == kept


def test_a_report_after_a_cancel_tells_so(database: Database, running: int) -> None:
    with database.write() as session:
        cancel_job(session, running)
    with database.write() as session:
        assert not report_progress(session, running, 0.5, "Image 1 of 2", {})
    assert row(database, running).message == "Cancelled"


def test_a_finished_job_has_its_file(database: Database, running: int) -> None:
    with database.write() as session:
        finish_job(session, running, message="Done", counts={"images": 2}, **FILE)
    job = row(database, running)
    assert (job.state, job.progress, job.counts) == ("done", 1.0, {"images": 2})
    assert (job.file_name, job.file_bytes) == (FILE["file_name"], FILE["file_bytes"])
    assert job.finished_at is not None
    assert job.finished_at >= job.created_at


@pytest.mark.parametrize("job", ["queued", "running"])
def test_a_failed_job_tells_its_problem(
    request: pytest.FixtureRequest, database: Database, job: str
) -> None:
    job_id: int = request.getfixturevalue(job)
    with database.write() as session:
        assert fail_job(session, job_id, PROBLEM)
    failed = row(database, job_id)
    assert (failed.state, failed.problem) == ("failed", PROBLEM)
    assert failed.message == PROBLEM["title"]
    assert failed.finished_at is not None


def test_a_waiting_job_can_be_cancelled_and_is_not_claimed_then(
    database: Database, queued: int
) -> None:
    with database.write() as session:
        assert cancel_job(session, queued)
    with database.write() as session:
        assert not claim_job(session, queued)


def test_a_job_that_ended_stays_as_it_is(database: Database, ended: int) -> None:
    before = row(database, ended)
    with database.write() as session:
        assert not cancel_job(session, ended)
        assert not fail_job(session, ended, PROBLEM)
        assert not finish_job(session, ended, message="Again", counts={})
        assert not requeue_job(session, ended)
        assert not claim_job(session, ended)
    after = row(database, ended)
    assert (after.state, after.message) == (before.state, before.message)


def test_a_running_job_goes_back_into_the_queue(database: Database, running: int) -> None:
    with database.write() as session:
        report_progress(session, running, 0.5, "Image 1 of 2", {})
        assert requeue_job(session, running)
    job = row(database, running)
    assert (job.state, job.progress, job.message) == ("queued", 0.0, "Waiting")


def test_the_unfinished_jobs_are_those_queued_or_running(
    database: Database, owner: User, project_id: int, ended: int
) -> None:
    with database.write() as session:
        second = create_job(session, owner, project_id, "export", {}).id
        third = create_job(session, owner, project_id, "export", {}).id
        claim_job(session, third)
    with database.read() as session:
        found = [job.id for job in unfinished_jobs(session)]
    assert found == [second, third]
    assert ended not in found


def test_the_latest_jobs_of_a_project_come_first(
    database: Database, owner: User, project_id: int
) -> None:
    with database.write() as session:
        ids = [create_job(session, owner, project_id, "export", {}).id for _ in range(3)]
        other = create_project(session, owner, "Sky")
        create_job(session, owner, other, "export", {})
    with database.read() as session:
        assert [job.id for job in list_jobs(session, project_id, limit=2)] == ids[:0:-1]
