"""The export job: a project → a zip file in the blob store."""

from __future__ import annotations

import re

from segmentarium.formats import format_named
from segmentarium.jobs.context import JobContext, JobFile
from segmentarium.services.exports import export_project
from segmentarium.storage.tables import ProjectRow


def run_export(job: JobContext) -> JobFile:
    """Export the project of the job; parameters: `format`, `options`."""
    format_ = format_named(str(job.parameters["format"]))
    project_id = job.parameters["project_id"]
    with job.database.snapshot() as session, job.blobs.workspace() as folder:
        project = session.get_one(ProjectRow, project_id)
        target = folder / "export.zip"
        counts = export_project(
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
        return JobFile(blob, f"{stem}-{format_.name}.zip", counts)
