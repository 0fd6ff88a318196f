"""Jobs as rows: queued, claimed by a runner, reported on, cancelled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from segmentarium.core.errors import NotFound
from segmentarium.storage.tables import JobRow, ProjectRow, utc_now
from segmentarium.storage.users import User

ENDED = ("done", "failed", "cancelled")


def create_job(
    session: Session,
    user: User | None,
    project_id: int | None,
    kind: str,
    parameters: dict[str, Any],
) -> JobRow:
    """Queue a job.

    Raises:
        NotFound: its project is gone.
    """
    # Held until the transaction ends: it may be deleted between the question for the role and here.
    project = select(ProjectRow.id).where(ProjectRow.id == project_id)
    held = project.with_for_update(read=True, key_share=True)
    if project_id is not None and session.scalar(held) is None:
        raise NotFound(f"There is no project {project_id}.")
    row = JobRow(
        project_id=project_id,
        user_id=user.id if user else None,
        kind=kind,
        parameters=parameters,
        message="Waiting",
    )
    session.add(row)
    session.flush()
    return row


def get_job(session: Session, job_id: int) -> JobRow:
    """One job.

    Raises:
        NotFound: there is none.
    """
    row = session.get(JobRow, job_id)
    if row is None:
        raise NotFound(f"There is no job {job_id}.")
    return row


def list_jobs(
    session: Session, project_id: int, kinds: Sequence[str] | None = None, limit: int = 20
) -> list[JobRow]:
    """The latest jobs of a project, newest first; of these kinds, or of all."""
    statement = select(JobRow).where(JobRow.project_id == project_id)
    if kinds:
        statement = statement.where(JobRow.kind.in_(kinds))
    return list(session.scalars(statement.order_by(JobRow.id.desc()).limit(limit)))


def claim_job(session: Session, job_id: int) -> bool:
    """Take a queued job for running; False when it is not queued any more."""
    return _move(
        session,
        job_id,
        ("queued",),
        state="running",
        message="Starting",
        attempts=JobRow.attempts + 1,
    )


def report_progress(
    session: Session, job_id: int, progress: float, message: str, counts: Mapping[str, int]
) -> bool:
    """Note how far a running job is; False when it was cancelled meanwhile."""
    return _move(
        session,
        job_id,
        ("running",),
        progress=min(max(progress, 0.0), 1.0),
        message=message,
        counts=dict(counts),
    )


def is_running(session: Session, job_id: int) -> bool:
    """Whether a job that was claimed has not been cancelled meanwhile."""
    return session.scalar(select(JobRow.state).where(JobRow.id == job_id)) == "running"


def finish_job(session: Session, job_id: int, **values: Any) -> bool:
    """End a running job as done, with its file; False when it was cancelled meanwhile."""
    return _move(
        session,
        job_id,
        ("running",),
        state="done",
        progress=1.0,
        finished_at=utc_now(),
        **values,
    )


def fail_job(session: Session, job_id: int, problem: dict[str, Any]) -> bool:
    """End a job as failed, with the problem that a request would have been answered."""
    return _move(
        session,
        job_id,
        ("queued", "running"),
        state="failed",
        message=problem["title"],
        problem=problem,
        finished_at=utc_now(),
    )


def cancel_job(session: Session, job_id: int) -> bool:
    """Cancel a job that has not ended; the runner stops at its next report."""
    return _move(
        session,
        job_id,
        ("queued", "running"),
        state="cancelled",
        message="Cancelled",
        finished_at=utc_now(),
    )


def unfinished_jobs(session: Session) -> list[JobRow]:
    """Jobs that a server that stopped left queued or running."""
    statement = select(JobRow).where(JobRow.state.in_(("queued", "running"))).order_by(JobRow.id)
    return list(session.scalars(statement))


def requeue_job(session: Session, job_id: int) -> bool:
    """Put a job that was running when the server stopped back into the queue."""
    return _move(session, job_id, ("running",), state="queued", progress=0.0, message="Waiting")


def forgive_attempts(session: Session) -> None:
    """Let those that run now not count as begun: the server stops, and not because of them."""
    session.execute(
        update(JobRow).where(JobRow.state == "running").values(attempts=JobRow.attempts - 1)
    )


def _move(session: Session, job_id: int, from_states: tuple[str, ...], **values: Any) -> bool:
    result = session.execute(
        update(JobRow)
        .where(JobRow.id == job_id, JobRow.state.in_(from_states))
        .values(**values)
        .returning(JobRow.id)
    )
    return result.one_or_none() is not None
