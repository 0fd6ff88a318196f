import io
import multiprocessing
import os
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait as wait_for_end
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from segmentarium.core.errors import JobCancelled
from segmentarium.jobs.context import JobContext, JobResult
from segmentarium.jobs.imports import run_import
from segmentarium.jobs.runner import JOBS, MOST_ATTEMPTS, MOST_BROKEN, JobRunner, run_job
from segmentarium.storage.blobs import BlobStore
from segmentarium.storage.database import Database
from segmentarium.storage.images import NewImage, add_images
from segmentarium.storage.jobs import (
    cancel_job,
    claim_job,
    create_job,
    fail_job,
    get_job,
    requeue_job,
)
from segmentarium.storage.projects import create_project
from segmentarium.storage.tables import JobRow
from segmentarium.storage.users import User, ensure_user

LONG_S = 30.0
WITHOUT_IMAGES = {"images": False}


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An open database, on each kind in turn."""
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture
def owner(database: Database) -> User:
    """Who asks for jobs."""
    with database.write() as session:
        return ensure_user(session, "ada")


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """The data folder."""
    return tmp_path / "data"


AddProject = Callable[[str, int, int], int]
Queue = Callable[..., int]


@pytest.fixture
def add_project(database: Database, owner: User) -> AddProject:
    """Makes a project with so many square images of a given side; there are no bytes behind them."""

    def add(name: str, count: int, side: int) -> int:
        images = [
            NewImage(f"{n}.png", f"{n:064x}", "png", 1, side, side, is_upright=True, is_plain=True)
            for n in range(count)
        ]
        with database.write() as session:
            project_id = create_project(session, owner, name)
            add_images(session, project_id, images)
            return project_id

    return add


@pytest.fixture
def small(add_project: AddProject) -> int:
    """A project that is exported at once."""
    return add_project("Small street", 2, 8)


@pytest.fixture
def large(add_project: AddProject) -> int:
    """A project whose export as masks takes minutes."""
    return add_project("Large street", 400, 3000)


@pytest.fixture
def queue(database: Database, owner: User) -> Queue:
    """Queues an export of a project; the job's id."""

    def add(project_id: int, format_name: str = "masks") -> int:
        parameters = {"project_id": project_id, "format": format_name, "options": WITHOUT_IMAGES}
        with database.write() as session:
            return create_job(session, owner, project_id, "export", parameters).id

    return add


@pytest.fixture
def run(database: Database, data_dir: Path) -> Callable[..., None]:
    """Runs queued jobs in a thread, to their end."""

    def run_all(*job_ids: int) -> None:
        with ThreadPoolExecutor(1) as pool:
            runner = JobRunner(database, data_dir, lambda: pool)
            for job_id in job_ids:
                runner.submit(job_id)

    return run_all


def stored(database: Database, job_id: int) -> JobRow:
    """The job as it is now."""
    with database.read() as session:
        return get_job(session, job_id)


def wait_for(database: Database, job_id: int, *states: str) -> JobRow:
    """The job, once it is in one of the states."""
    deadline = time.monotonic() + LONG_S
    while (job := stored(database, job_id)).state not in states:
        assert time.monotonic() < deadline, f"still {job.state}: {job.message}"
        time.sleep(0.02)
    return job


def wait_for_report(database: Database, job_id: int) -> None:
    """Wait until the job is in the middle of its work."""
    deadline = time.monotonic() + LONG_S
    while not stored(database, job_id).counts:
        assert time.monotonic() < deadline, "the job reports nothing"
        time.sleep(0.02)


def test_a_job_runs_to_its_end(
    database: Database, small: int, queue: Queue, run: Callable[..., None]
) -> None:
    job_id = queue(small)
    run(job_id)
    job = stored(database, job_id)
    assert (job.state, job.progress, job.message) == ("done", 1.0, "Done")
    assert job.counts == {"images": 2, "annotations": 0, "files": 7}


def test_the_file_of_a_job_lies_in_the_blob_store(
    database: Database, data_dir: Path, small: int, queue: Queue, run: Callable[..., None]
) -> None:
    job_id = queue(small)
    run(job_id)
    job = stored(database, job_id)
    path = BlobStore(data_dir).path(str(job.file_sha256))
    assert path.stat().st_size == job.file_bytes
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        assert "instances.csv" in archive.namelist()


def test_the_file_is_named_after_project_and_format(
    database: Database, small: int, queue: Queue, run: Callable[..., None]
) -> None:
    job_id = queue(small, "coco")
    run(job_id)
    assert stored(database, job_id).file_name == "Small-street-coco.zip"


def test_a_job_leaves_nothing_on_its_way(
    data_dir: Path, small: int, queue: Queue, run: Callable[..., None]
) -> None:
    run(queue(small))
    assert list((data_dir / "incoming").iterdir()) == []


def test_an_unknown_format_fails_the_job_with_its_problem(
    database: Database, small: int, queue: Queue, run: Callable[..., None]
) -> None:
    job_id = queue(small, "papyrus")
    run(job_id)
    job = stored(database, job_id)
    assert (job.state, job.message) == ("failed", "Not found")
    assert job.problem is not None
    assert job.problem["type"] == "/docs/errors#not-found"
    assert "papyrus" in job.problem["detail"]


def test_an_unexpected_error_fails_the_job_without_telling_internals(
    database: Database, small: int, queue: Queue, run: Callable[..., None]
) -> None:
    job_id = queue(small)
    with database.write() as session:
        job = get_job(session, job_id)
        job.parameters = {**job.parameters, "project_id": 10**6}
    run(job_id)
    job = stored(database, job_id)
    assert job.state == "failed"
    assert job.problem == {
        "type": "/docs/errors#error",
        "title": "Something went wrong",
        "detail": "The job failed for a reason that the server's log tells.",
    }


def test_a_failed_job_lets_the_next_one_run(
    database: Database, small: int, queue: Queue, run: Callable[..., None]
) -> None:
    bad, good = queue(small, "papyrus"), queue(small)
    run(bad, good)
    assert [stored(database, job_id).state for job_id in (bad, good)] == ["failed", "done"]


def test_a_job_cancelled_while_it_waits_is_not_run(
    database: Database, small: int, queue: Queue, run: Callable[..., None]
) -> None:
    job_id = queue(small)
    with database.write() as session:
        cancel_job(session, job_id)
    run(job_id)
    job = stored(database, job_id)
    assert (job.state, job.file_sha256) == ("cancelled", None)


def test_a_job_cancelled_while_it_runs_stops_and_stays_cancelled(
    database: Database, data_dir: Path, large: int, queue: Queue
) -> None:
    job_id = queue(large)
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(run_job, database.url, data_dir, job_id)
        wait_for_report(database, job_id)
        with database.write() as session:
            assert cancel_job(session, job_id)
        running.result(LONG_S)
    job = stored(database, job_id)
    assert (job.state, job.message, job.file_sha256) == ("cancelled", "Cancelled", None)
    assert list((data_dir / "incoming").iterdir()) == []


def test_a_report_raises_once_the_job_is_cancelled(
    database: Database, data_dir: Path, small: int, queue: Queue
) -> None:
    job_id = queue(small)
    context = JobContext(job_id, {}, database, BlobStore(data_dir))
    with database.write() as session:
        claim_job(session, job_id)
        cancel_job(session, job_id)
    with pytest.raises(JobCancelled):
        context.report(0.5, "Image 1 of 2", {})


def test_an_import_hears_a_cancel_while_it_unpacks(
    database: Database, owner: User, data_dir: Path, small: int, queue: Queue
) -> None:
    job_id, blobs = queue(small), BlobStore(data_dir)
    given = {"project_id": small, "format": "", "is_dry_run": True, "is_strict": False}
    given |= {"file_name": "a.zip", "max_image_bytes": 1_000, "max_image_pixels": 1_000}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.json", "{}")
    source = blobs.put(io.BytesIO(buffer.getvalue())).sha256
    context = JobContext(job_id, given, database, blobs, source, owner)
    with database.write() as session:
        claim_job(session, job_id)
    context.report(0.0, "Unpacking", {})  # none is written for a while now
    with database.write() as session:
        cancel_job(session, job_id)
    with pytest.raises(JobCancelled):
        run_import(context)


def test_reports_in_quick_succession_are_written_once(
    database: Database, data_dir: Path, small: int, queue: Queue
) -> None:
    job_id = queue(small)
    with database.write() as session:
        claim_job(session, job_id)
    context = JobContext(job_id, {}, database, BlobStore(data_dir))
    context.report(0.25, "first", {})
    context.report(0.5, "second", {})
    assert stored(database, job_id).message == "first"


def test_a_server_that_starts_runs_what_was_running_and_what_waited(
    database: Database, data_dir: Path, small: int, queue: Queue
) -> None:
    running, waiting = queue(small), queue(small)
    with database.write() as session:
        claim_job(session, running)
    with ThreadPoolExecutor(1) as pool:
        JobRunner(database, data_dir, lambda: pool).resume()
    assert [stored(database, job_id).state for job_id in (running, waiting)] == ["done", "done"]


def test_a_server_that_starts_leaves_what_ended(
    database: Database, data_dir: Path, small: int, queue: Queue
) -> None:
    job_id = queue(small)
    with database.write() as session:
        cancel_job(session, job_id)
    with ThreadPoolExecutor(1) as pool:
        JobRunner(database, data_dir, lambda: pool).resume()
    assert stored(database, job_id).state == "cancelled"


def test_a_job_that_ended_three_servers_is_not_begun_again(
    database: Database, data_dir: Path, small: int, queue: Queue
) -> None:
    job_id, other = queue(small), queue(small)
    for _ in range(MOST_ATTEMPTS):
        with database.write() as session:
            requeue_job(session, job_id)
            assert claim_job(session, job_id)
    with database.write() as session:
        claim_job(session, other)
    with ThreadPoolExecutor(1) as pool:
        JobRunner(database, data_dir, lambda: pool).resume()
    job = stored(database, job_id)
    assert (job.state, stored(database, other).state) == ("failed", "done")
    assert job.problem is not None
    assert "ended 3 times while this job ran" in job.problem["detail"]


def test_a_server_that_stops_in_order_does_not_count_against_its_job(
    database: Database, data_dir: Path, large: int, queue: Queue
) -> None:
    job_id = queue(large)
    with ThreadPoolExecutor(1) as pool:
        runner = JobRunner(database, data_dir, lambda: pool)
        runner.submit(job_id)
        wait_for(database, job_id, "running")
        assert stored(database, job_id).attempts == 1
        runner.stop()
        assert stored(database, job_id).attempts == 0
        with database.write() as session:
            cancel_job(session, job_id)


def test_a_job_whose_result_cannot_be_stored_is_failed(
    database: Database,
    small: int,
    queue: Queue,
    run: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    unfit = JobResult({"images": 1}, report={"what": object()})
    monkeypatch.setitem(JOBS, "export", lambda _: unfit)
    job_id = queue(small)
    run(job_id)
    job = stored(database, job_id)
    assert (job.state, job.report) == ("failed", None)
    assert job.finished_at is not None


class Unlucky(Executor):
    """A worker that could not even store that its job failed."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def submit(self, _work: object, /, *given: Any, **_more: object) -> Future[Any]:
        """See `Executor.submit`."""
        with self._database.write() as session:
            claim_job(session, given[-1])
        future: Future[None] = Future()
        future.set_exception(OperationalError("update job", {}, Exception("database is locked")))
        return future


def test_a_job_whose_worker_can_store_nothing_is_failed_by_the_server(
    database: Database, data_dir: Path, small: int, queue: Queue
) -> None:
    job_id = queue(small)
    JobRunner(database, data_dir, lambda: Unlucky(database)).submit(job_id)
    assert stored(database, job_id).state == "failed"


class Stillborn(Executor):
    """A worker that ends before it begins anything."""

    made = 0

    def submit(self, _work: object, /, *_given: Any, **_more: object) -> Future[Any]:
        """See `Executor.submit`."""
        type(self).made += 1
        future: Future[None] = Future()
        future.set_exception(BrokenProcessPool("it ended"))
        return future


def test_a_job_whose_workers_never_start_is_failed_in_the_end(
    database: Database, data_dir: Path, small: int, queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Stillborn, "made", 0)
    job_id = queue(small)
    JobRunner(database, data_dir, Stillborn).submit(job_id)
    assert (stored(database, job_id).state, Stillborn.made) == ("failed", MOST_BROKEN)


def test_a_failure_that_cannot_be_stored_is_stored_later(
    database: Database, data_dir: Path, small: int, queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []
    refused = iter([True, True, False])

    def fails(*given: Any) -> None:
        if next(refused):
            raise OperationalError("update job", {}, Exception("database is locked"))
        fail_job(*given)

    monkeypatch.setattr("segmentarium.jobs.runner.fail_job", fails)
    job_id = queue(small)
    JobRunner(database, data_dir, lambda: Unlucky(database), waited.append).submit(job_id)
    assert stored(database, job_id).state == "failed"
    assert waited == [1.0, 5.0]


def test_a_job_that_comes_while_the_server_stops_waits_for_the_next_start(
    database: Database, data_dir: Path, small: int, queue: Queue
) -> None:
    job_id = queue(small)
    with ThreadPoolExecutor(1) as pool:
        runner = JobRunner(database, data_dir, lambda: pool)
        runner.stop()
        runner.submit(job_id)
    assert stored(database, job_id).state == "queued"


def test_what_waits_is_dropped_when_the_runner_stops_and_resumed_later(
    database: Database, data_dir: Path, large: int, small: int, queue: Queue
) -> None:
    first, second = queue(large), queue(small)
    with ThreadPoolExecutor(1) as pool:
        runner = JobRunner(database, data_dir, lambda: pool)
        runner.submit(first)
        runner.submit(second)
        wait_for(database, first, "running")
        runner.stop()
        with database.write() as session:
            cancel_job(session, first)
    assert stored(database, second).state == "queued"
    with ThreadPoolExecutor(1) as pool:
        JobRunner(database, data_dir, lambda: pool).resume()
    assert stored(database, second).state == "done"


# ------------------------------------------------------------------------- a real worker process


@pytest.fixture
def runner(database: Database, data_dir: Path) -> Iterator[JobRunner]:
    """A runner with its own worker process, waited for at the end."""
    others = set(multiprocessing.active_children())
    runner = JobRunner(database, data_dir)
    yield runner
    runner.stop()
    for worker in set(multiprocessing.active_children()) - others:
        worker.join(LONG_S)


def kill_worker() -> None:
    """Kill the worker process, as the system does when memory runs out."""
    [worker] = multiprocessing.active_children()
    assert worker.pid is not None
    os.kill(worker.pid, signal.SIGKILL)


def test_a_worker_process_runs_a_job(
    database: Database, runner: JobRunner, small: int, queue: Queue
) -> None:
    job_id = queue(small)
    runner.submit(job_id)
    assert wait_for(database, job_id, "done", "failed").state == "done"


def test_a_worker_process_that_dies_fails_its_job_and_the_next_one_runs(
    database: Database, runner: JobRunner, large: int, small: int, queue: Queue
) -> None:
    job_id = queue(large)
    runner.submit(job_id)
    wait_for_report(database, job_id)
    kill_worker()
    failed = wait_for(database, job_id, "failed")
    assert failed.problem is not None
    assert "worker process ended" in failed.problem["detail"]
    following = queue(small)
    runner.submit(following)
    assert wait_for(database, following, "done", "failed").state == "done"


def test_a_worker_process_that_dies_does_not_fail_the_jobs_that_wait(
    database: Database, runner: JobRunner, large: int, small: int, queue: Queue
) -> None:
    job_id, waiting = queue(large), queue(small)
    runner.submit(job_id)
    runner.submit(waiting)
    wait_for_report(database, job_id)
    kill_worker()
    wait_for(database, job_id, "failed")
    assert wait_for(database, waiting, "done", "failed").state == "done"


def test_a_runner_that_stops_does_not_wait_for_its_job_which_is_run_later(
    database: Database, data_dir: Path, runner: JobRunner, large: int, queue: Queue
) -> None:
    job_id = queue(large)
    runner.submit(job_id)
    wait_for_report(database, job_id)
    [worker] = multiprocessing.active_children()
    runner.stop()
    # Not `worker.exitcode`: the executor's own thread reaps the process, and for a moment nobody knows its code.
    assert wait_for_end([worker.sentinel], LONG_S)
    assert stored(database, job_id).state == "running"
    with ThreadPoolExecutor(1) as pool:
        later = JobRunner(database, data_dir, lambda: pool)
        later.resume()
        wait_for_report(database, job_id)
        with database.write() as session:
            cancel_job(session, job_id)


SERVER = """
import os, time
from segmentarium.jobs.worker import WorkerProcess
if __name__ == "__main__":
    worker = WorkerProcess()
    print(worker.submit(os.getpid).result(), flush=True)
    worker.submit(time.sleep, 3600)
    time.sleep(3600)
"""


def test_a_worker_does_not_outlive_a_server_that_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "server.py"
    script.write_text(SERVER)
    with subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        assert int(server.stdout.readline()) != server.pid
        server.kill()
        # The worker holds the other end: it can be read to its end once the worker is gone.
        rest, _ = server.communicate(timeout=LONG_S)
    assert rest == ""
