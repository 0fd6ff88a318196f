"""Datasets that come in: an archive, or a document with pictures, read by a job."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import APIRouter, BackgroundTasks, File, Form, Request, Response, UploadFile
from fastapi.routing import APIRoute

from segmentarium.api import work_schemas
from segmentarium.api.deps import AnnotatedProject, Context, CurrentUser, DbSession
from segmentarium.api.schemas import MAX_ID
from segmentarium.core.errors import Invalid, NotFound
from segmentarium.formats import format_named
from segmentarium.formats.support import only_pictures
from segmentarium.services.uploads import clean_file_name
from segmentarium.storage import jobs
from segmentarium.storage.blobs import Blob, BlobStore
from segmentarium.storage.projects import require_role
from segmentarium.storage.tables import JobRow

_MAX_FILES = 200_000  # of one import, as a folder may have; starlette's own limit is a thousand


class _ManyFiles(Request):
    """A request whose form may have many files."""

    def form(self, **limits: Any) -> Any:
        """See `Request.form`."""
        return super().form(**{**limits, "max_files": _MAX_FILES})


class _ImportRoute(APIRoute):
    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handle_many(request: Request) -> Response:
            return await handle(_ManyFiles(request.scope, request.receive))

        return handle_many


router = APIRouter(tags=["jobs"], route_class=_ImportRoute)

_MAX_PATH = 1_000
_CHUNK = 1 << 20


@router.post("/projects/{project_id}/imports", status_code=202, response_model=work_schemas.Job)
def create_import(
    project_id: AnnotatedProject,
    session: DbSession,
    user: CurrentUser,
    context: Context,
    background: BackgroundTasks,
    files: Annotated[
        list[UploadFile] | None,
        File(description="an archive, or a document with pictures; their names may be paths"),
    ] = None,
    source_job: Annotated[
        int | None,
        Form(ge=1, le=MAX_ID, description="a dry run, whose files are read again"),
    ] = None,
    format: Annotated[  # noqa: A002 - the field's name
        str, Form(max_length=40, description="empty: found out")
    ] = "",
    is_dry_run: Annotated[bool, Form(description="tell, and change nothing")] = False,
    is_strict: Annotated[
        bool, Form(description="nothing comes in where anything is wrong")
    ] = False,
) -> JobRow:
    """Start an import; the answer is its job. What it reads is sent along, or was sent for a dry run before."""
    if format and format != only_pictures.NAME:
        format_named(format)
    if source_job is not None:
        earlier = jobs.get_job(session, source_job)
        session.refresh(earlier, with_for_update=True)  # its files are not removed meanwhile
        if earlier.project_id != project_id:
            raise NotFound(f"There is no job {source_job}.")
        if earlier.source_sha256 is None:
            raise NotFound(f"The files of job {source_job} are not kept any more: send them again.")
        source, name = earlier.source_sha256, str(earlier.parameters["file_name"])
    elif files:
        # The role was read in this transaction; a database with one writer must not wait for the file.
        session.rollback()
        source = _stored(context.blobs, files).sha256
        require_role(session, user, project_id, "annotator")  # that was a while ago
        name = clean_file_name(files[0].filename or "") if len(files) == 1 else "files.zip"
    else:
        raise Invalid("Send files, or name the dry run whose files are to be read again.")
    parameters = {
        "project_id": project_id,
        "format": format,
        "is_dry_run": is_dry_run,
        "is_strict": is_strict,
        "file_name": name,
        "source_job": source_job,
        "max_image_bytes": context.upload_limits.max_bytes,
        "max_image_pixels": context.upload_limits.max_pixels,
    }
    job = jobs.create_job(session, user, project_id, "import", parameters)
    job.source_sha256 = source
    session.flush()
    background.add_task(context.runner.submit, job.id)  # after the commit
    return job


def _stored(blobs: BlobStore, files: list[UploadFile]) -> Blob:
    """One file as it is; several as an archive, under the paths that they came with."""
    if len(files) == 1:
        return blobs.put(files[0].file)
    with blobs.workspace() as folder:
        path = folder / "files.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for number, upload in enumerate(files):
                entry = zipfile.ZipInfo(_path(upload.filename or f"file-{number}"))
                with archive.open(entry, "w", force_zip64=True) as target:
                    while chunk := upload.file.read(_CHUNK):
                        target.write(chunk)
        with path.open("rb") as file:
            return blobs.put(file)


def _path(name: str) -> str:
    """Relative, whatever the browser says; the archive is looked at again when it is unpacked."""
    parts = name.replace("\\", "/").split("/")
    return "/".join(part for part in parts if part not in {"", ".", ".."})[:_MAX_PATH] or "file"
