"""The import job: an uploaded archive or document → images and annotations of a project, or a dry run's report."""

from __future__ import annotations

from segmentarium.core.errors import Invalid
from segmentarium.formats.base import Files
from segmentarium.jobs.context import JobContext, JobResult
from segmentarium.services.imports import ImportOptions, import_dataset
from segmentarium.services.uploads import UploadLimits
from segmentarium.storage.dataset_files import open_dataset


def run_import(job: JobContext) -> JobResult:
    """Import the job's source into its project.

    Parameters: `format` ("" to find it out), `is_dry_run`, `is_strict`, `file_name` of the source, `max_image_bytes`,
    `max_image_pixels`.
    """
    given = job.parameters
    if job.source_sha256 is None or job.user is None:
        raise Invalid("The import has lost its file or its user.")
    options = ImportOptions(
        format_name=str(given["format"]),
        is_dry_run=bool(given["is_dry_run"]),
        is_strict=bool(given["is_strict"]),
    )
    limits = UploadLimits(int(given["max_image_bytes"]), int(given["max_image_pixels"]))
    with job.blobs.workspace() as folder:
        job.report(0.0, "Unpacking", {})
        files: Files = open_dataset(
            job.blobs.path(job.source_sha256), str(given["file_name"]), folder, job.check
        )
        result = import_dataset(
            job.database,
            job.blobs,
            job.user,
            int(given["project_id"]),
            files,
            options,
            limits,
            job.report,
        )
    return JobResult(result.counts, report=result.as_json())
