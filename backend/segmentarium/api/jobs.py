"""Exports and the jobs that make them."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, BackgroundTasks, Query
from starlette.responses import FileResponse

from segmentarium.api import work_schemas
from segmentarium.api.deps import (
    CancellableJob,
    Context,
    CurrentUser,
    DbSession,
    ViewedJob,
    ViewedProject,
)
from segmentarium.core.errors import NotFound
from segmentarium.formats import FORMATS, format_named
from segmentarium.formats.base import check_options
from segmentarium.storage import jobs
from segmentarium.storage.tables import JobRow

router = APIRouter(tags=["jobs"])


@router.get("/formats")
def list_formats() -> work_schemas.FormatList:
    """All formats, with their options and what they cannot carry."""
    items = [work_schemas.Format.model_validate(format_) for format_ in FORMATS.values()]
    return work_schemas.FormatList(items=items)


@router.post("/projects/{project_id}/exports", status_code=202, response_model=work_schemas.Job)
def create_export(
    project_id: ViewedProject,
    body: work_schemas.ExportCreate,
    session: DbSession,
    user: CurrentUser,
    context: Context,
    background: BackgroundTasks,
) -> JobRow:
    """Start an export; the answer is its job."""
    options = check_options(format_named(body.format), body.options)
    parameters = {"project_id": project_id, "format": body.format, "options": options}
    job = jobs.create_job(session, user, project_id, "export", parameters)
    background.add_task(
        context.runner.submit, job.id
    )  # after the commit: the worker must find the row
    return job


@router.post(
    "/projects/{project_id}/exports/preflight",
    status_code=202,
    response_model=work_schemas.Job,
)
def create_preflight(
    project_id: ViewedProject,
    body: work_schemas.ExportCreate,
    session: DbSession,
    user: CurrentUser,
    context: Context,
    background: BackgroundTasks,
) -> JobRow:
    """Find out what an export would change, and write nothing; the job's report has it."""
    options = check_options(format_named(body.format), body.options)
    parameters = {"project_id": project_id, "format": body.format, "options": options}
    job = jobs.create_job(session, user, project_id, "preflight", parameters)
    background.add_task(context.runner.submit, job.id)
    return job


@router.get("/projects/{project_id}/jobs")
def list_jobs(
    project_id: ViewedProject,
    session: DbSession,
    kind: Annotated[
        list[Literal["export", "import", "preflight"]] | None,
        Query(description="of these kinds; may be given several times"),
    ] = None,
) -> work_schemas.JobList:
    """The latest jobs of a project, newest first, twenty at most."""
    rows = jobs.list_jobs(session, project_id, kind)
    return work_schemas.JobList(items=[work_schemas.Job.model_validate(row) for row in rows])


@router.get("/jobs/{job_id}", response_model=work_schemas.Job)
def get_job(job: ViewedJob) -> JobRow:
    """How far a job is."""
    return job


@router.get("/jobs/{job_id}/file", response_class=FileResponse)
def get_job_file(job: ViewedJob, context: Context) -> FileResponse:
    """The file that a job made."""
    if job.file_sha256 is None:
        raise NotFound(f"Job {job.id} has no file: it is {job.state}.")
    return FileResponse(
        context.blobs.path(job.file_sha256), media_type="application/zip", filename=job.file_name
    )


@router.delete("/jobs/{job_id}", response_model=work_schemas.Job)
def cancel_job(job: CancellableJob, session: DbSession) -> JobRow:
    """Cancel a job that has not ended: one's own, or as an annotator anybody's."""
    jobs.cancel_job(session, job.id)
    session.refresh(job)
    return job
