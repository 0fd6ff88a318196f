"""The export job: a project → a zip file in the blob store; and the look before it at what would change."""

from __future__ import annotations

import re

from segmentarium.formats import format_named
from segmentarium.jobs.context import JobContext, JobResult
from segmentarium.services.exports import export_project, preflight
from segmentarium.storage.tables import ProjectRow


def run_export(job: JobContext) -> JobResult:
    """Export the project of the job; parameters: `format`, `options`."""
    format_ = format_named(str(job.parameters["format"]))
    project_id = job.parameters["project_id"]
    with job.database.snapshot() as session, job.blobs.workspace() as folder:
        project = session.get_one(ProjectRow, project_id)
        target = folder / "export.zip"
        result = export_project(
            session,
            job.blobs,
            project.id,
            project.name,
            format_,
            job.parameters["options"],
            target,
            job.report,
        )
        with target.open("rb") as file:
            blob = job.blobs.put(file)
        stem = re.sub(r"[^\w.-]+", "-", project.name).strip("-.") or "project"
        name = f"{stem}-{format_.name}.zip"
        return JobResult(result.counts, blob, name, result.as_json())


def run_preflight(job: JobContext) -> JobResult:
    """What an export with the same parameters would change."""
    format_ = format_named(str(job.parameters["format"]))
    with job.database.snapshot() as session, job.blobs.workspace() as folder:
        project = session.get_one(ProjectRow, job.parameters["project_id"])
        result = preflight(
            session,
            job.blobs,
            project.id,
            project.name,
            format_,
            job.parameters["options"],
            folder,
            job.report,
        )
    return JobResult(result.counts, report=result.as_json())
