"""Runs jobs in a local worker process, so that a long export slows no request and a crash takes no server down."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Executor, Future
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from segmentarium.core.errors import AppError, JobCancelled
from segmentarium.jobs.context import JobContext, JobResult
from segmentarium.jobs.exports import run_export, run_preflight
from segmentarium.jobs.imports import run_import
from segmentarium.jobs.worker import WorkerProcess
from segmentarium.services.cleanup import remove_sources
from segmentarium.storage.blobs import BlobStore
from segmentarium.storage.database import Database
from segmentarium.storage.disk import as_storage_full
from segmentarium.storage.jobs import (
    claim_job,
    fail_job,
    finish_job,
    forgive_attempts,
    get_job,
    requeue_job,
    unfinished_jobs,
)
from segmentarium.storage.tables import UserRow
from segmentarium.storage.users import User

MOST_ATTEMPTS = 3
MOST_BROKEN = (
    20  # workers that end before a job that waits has begun: none of them starts, it seems
)
_WAITS_S = (1.0, 5.0, 25.0)  # before a failure is stored once more: disks fill up, and are emptied
_log = logging.getLogger(__name__)

JOBS: dict[str, Callable[[JobContext], JobResult]] = {
    "export": run_export,
    "import": run_import,
    "preflight": run_preflight,
}


class JobRunner:
    """Hands jobs to an executor, one at a time; makes a new executor when its process died."""

    def __init__(
        self,
        database: Database,
        data_dir: Path,
        make_executor: Callable[[], Executor] = WorkerProcess,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._database = database
        self._data_dir = data_dir
        self._make_executor = make_executor
        self._pause = pause
        self._executor: Executor | None = None
        self._is_stopping = False
        self._handed_out: Counter[int] = Counter()  # jobs → times that a worker broke before them
        self._lock = threading.Lock()

    def resume(self) -> None:
        """Queue again what a server that stopped left unfinished, unless it has ended several servers already."""
        ids = []
        with self._database.write() as session:
            for job in unfinished_jobs(session):
                if job.state == "running" and job.attempts >= MOST_ATTEMPTS:
                    detail = f"The server ended {job.attempts} times while this job ran; it is not tried again."
                    fail_job(session, job.id, AppError(detail).as_problem())
                else:
                    requeue_job(session, job.id)
                    ids.append(job.id)
        for job_id in ids:
            self.submit(job_id)

    def submit(self, job_id: int) -> None:
        """Run a queued job when its turn comes. Call after its row is committed."""
        with self._lock:
            if self._is_stopping:
                return  # it stays queued: the next start takes it
            if self._executor is None:
                self._executor = self._make_executor()
            executor = self._executor
            try:
                future = executor.submit(run_job, self._database.url, self._data_dir, job_id)
            except BrokenProcessPool:  # its process died a moment ago
                executor = self._executor = self._make_executor()
                future = executor.submit(run_job, self._database.url, self._data_dir, job_id)
        future.add_done_callback(lambda ended: self._check(ended, executor, job_id))

    def stop(self) -> None:
        """Drop what waits and what runs; both are queued again at the next start."""
        with self._lock:
            self._is_stopping = True
            if self._executor is None:
                return
            self._executor.shutdown(wait=False, cancel_futures=True)
            self._executor = None
        try:
            with self._database.write() as session:
                forgive_attempts(session)
        except SQLAlchemyError:
            _log.exception("what runs counts as begun once more")

    def _check(self, future: Future[None], executor: Executor, job_id: int) -> None:
        error = None if future.cancelled() else future.exception()
        if error is None:
            return
        if not isinstance(error, BrokenProcessPool):
            _log.error(
                "the end of job %d could not be stored by its worker", job_id, exc_info=error
            )
            self._fail(
                job_id, as_storage_full(error) or AppError("The job's end could not be stored.")
            )
            return
        with self._lock:
            if self._is_stopping:
                return
            if self._executor is executor:
                self._executor = None
            self._handed_out[job_id] += 1
            is_often = self._handed_out[job_id] >= MOST_BROKEN
        with self._database.write() as session:
            waits = get_job(session, job_id).state == "queued"
        if waits and not is_often:
            self.submit(job_id)  # it was behind the one that broke the worker
            return
        self._fail(job_id, AppError("The worker process ended before the job was done."))

    def _fail(self, job_id: int, error: AppError) -> None:
        for wait_s in (*_WAITS_S, None):
            try:
                with self._database.write() as session:
                    fail_job(session, job_id, error.as_problem())
                break
            except SQLAlchemyError:
                if wait_s is None:
                    _log.exception("job %d failed, which could not be stored", job_id)
                    return
                self._pause(wait_s)
        _remove_sources(self._database, BlobStore(self._data_dir))


def run_job(database_url: str, data_dir: Path, job_id: int) -> None:
    """Run one job from its row to its end; whatever happens is written into the row."""
    database, blobs = Database(database_url), BlobStore(data_dir)
    try:
        _run(database, blobs, job_id)
        _remove_sources(database, blobs)
    finally:
        database.close()


def _run(database: Database, blobs: BlobStore, job_id: int) -> None:
    with database.write() as session:
        if not claim_job(session, job_id):
            return
        row = get_job(session, job_id)
        kind = row.kind
        user = session.get(UserRow, row.user_id) if row.user_id is not None else None
        context = JobContext(
            job_id,
            row.parameters,
            database,
            blobs,
            row.source_sha256,
            None if user is None else User(user.id, user.name),
        )
    try:
        _finish(database, job_id, JOBS[kind](context))
        return
    except JobCancelled:
        return
    except AppError as error:
        problem = error.as_problem()
    except Exception as error:  # noqa: BLE001 - a job must not end without a word; the log has the traceback
        _log.exception("job %d failed", job_id)
        unexpected = AppError("The job failed for a reason that the server's log tells.")
        problem = (as_storage_full(error) or unexpected).as_problem()
    with database.write() as session:
        fail_job(session, job_id, problem)


def _remove_sources(database: Database, blobs: BlobStore) -> None:
    """What imports read is not kept for them once they ended."""
    try:
        remove_sources(database, blobs)
    except (OSError, SQLAlchemyError):
        _log.exception(
            "files that imports have read could not be removed; the next start tries again"
        )


def _finish(database: Database, job_id: int, result: JobResult) -> None:
    with database.write() as session:
        finish_job(
            session,
            job_id,
            message="Done",
            counts=dict(result.counts),
            file_sha256=result.blob and result.blob.sha256,
            file_name=result.file_name,
            file_bytes=result.blob and result.blob.bytes,
            report=None if result.report is None else dict(result.report),
        )
