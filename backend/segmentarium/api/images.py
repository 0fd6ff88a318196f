"""Images: upload, list, show."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response, UploadFile
from starlette.responses import FileResponse

from segmentarium.api import schemas
from segmentarium.api.answers import answer
from segmentarium.api.deps import (
    After,
    AnnotatedProject,
    Context,
    CurrentUser,
    DbSession,
    EditedImage,
    Limit,
    OwnedImage,
    ViewedImage,
    ViewedProject,
)
from segmentarium.core.errors import ImageRefused
from segmentarium.services.uploads import clean_file_name, display_path, store_image, thumbnail_path
from segmentarium.storage.images import (
    ImageFilter,
    NewImage,
    add_images,
    count_images,
    neighbours,
    set_state,
)
from segmentarium.storage.images import list_images as select_images
from segmentarium.storage.pictures import MEDIA_TYPES
from segmentarium.storage.tables import ImageRow

router = APIRouter(tags=["images"])

# Whoever names the bytes by `v` may keep them; others ask again each time: another server may stand here tomorrow,
# whose images have the same ids.
_FOREVER = {"Cache-Control": "private, max-age=31536000, immutable"}
_ASK_AGAIN = {"Cache-Control": "private, no-cache"}
Version = Annotated[
    str, Query(max_length=64, description="the first 12 or more digits of the image's sha256")
]
_SUFFIX_TYPES = {".jpg": "image/jpeg", ".png": "image/png"}


@router.post("/projects/{project_id}/images")
def upload_images(
    project_id: AnnotatedProject, files: list[UploadFile], session: DbSession, context: Context
) -> schemas.UploadAnswer:
    """Add images. A file that cannot be one is named with its reason, and the others go in."""
    # The role was read in the request's transaction. It is ended here: a database with one writer must not wait
    # for decoding.
    session.rollback()
    stored: list[tuple[int, NewImage]] = []
    refused: list[schemas.RefusedFile] = []
    for index, file in enumerate(files):
        name = clean_file_name(file.filename or "")
        try:
            stored.append(
                (index, store_image(context.blobs, name, file.file, context.upload_limits))
            )
        except ImageRefused as error:
            problem = error.as_problem()
            refused.append(
                schemas.RefusedFile(
                    index=index,
                    name=name,
                    type=str(problem["type"]),
                    title=error.title,
                    detail=error.detail,
                )
            )
    rows, duplicates = add_images(session, project_id, [image for _, image in stored])
    return schemas.UploadAnswer(
        images=[schemas.Image.model_validate(row) for row in rows],
        duplicates=[
            schemas.DuplicateFile(
                index=next(index for index, given in stored if given is image),
                name=image.name,
                image_id=image_id,
            )
            for image, image_id in duplicates
        ],
        refused=refused,
    )


@router.get("/projects/{project_id}/images", response_model=schemas.ImagePage)
def list_images(
    project_id: ViewedProject,
    session: DbSession,
    after: After = 0,
    limit: Limit = 50,
    state: schemas.ImageState | None = None,
    category: Annotated[int | None, Query(ge=1, le=schemas.MAX_ID)] = None,
    q: schemas.Search | None = None,
) -> Response:
    """A page of a project's images, those that the filters let through."""
    which = ImageFilter(state, category, q)
    found = select_images(session, project_id, which, after, limit + 1)
    items = [schemas.Image.model_validate(row) for row in found[:limit]]
    return answer(
        schemas.ImagePage(
            items=items,
            next=items[-1].id if len(found) > limit else None,
            total=count_images(session, project_id, which),
        )
    )


@router.get("/images/{image_id}", response_model=schemas.ImageDetail)
def get_image(
    image: ViewedImage, session: DbSession, context: Context, user: CurrentUser
) -> Response:
    """One image. Whoever opens it will soon prompt an engine, and then open the next: both are prepared meanwhile."""
    before, after = neighbours(session, image)
    context.ahead.opened(user.id, image.sha256, after)
    values = schemas.Image.model_validate(image).model_dump()
    return answer(schemas.ImageDetail(**values, previous_id=before, next_id=after))


@router.patch("/images/{image_id}", response_model=schemas.Image)
def update_image(image: EditedImage, body: schemas.ImageUpdate, session: DbSession) -> ImageRow:
    """Set the state of work; with `was` only where nobody else has set another one meanwhile."""
    return set_state(session, image, body.state, body.was)


@router.delete("/images/{image_id}", status_code=204)
def delete_image(image: OwnedImage, session: DbSession) -> None:
    """Delete an image with its annotations."""
    session.delete(image)


@router.get("/images/{image_id}/file", response_class=FileResponse)
def get_file(image: ViewedImage, context: Context) -> FileResponse:
    """The bytes as they came."""
    return FileResponse(
        context.blobs.path(image.sha256),
        media_type=MEDIA_TYPES[image.format],
        filename=image.name,
        headers=_ASK_AGAIN,
    )


@router.get("/images/{image_id}/display", response_class=FileResponse)
def get_display(
    request: Request, image: ViewedImage, context: Context, v: Version = ""
) -> Response:
    """The picture upright, 8-bit sRGB, as a browser can show it."""
    path = display_path(context.blobs, image.sha256, image.format, is_plain=image.is_plain)
    return _shown(request, path, MEDIA_TYPES[image.format], _is_version(v, image))


@router.get("/images/{image_id}/thumbnail", response_class=FileResponse)
def get_thumbnail(
    request: Request, image: ViewedImage, context: Context, v: Version = ""
) -> Response:
    """The picture upright as WebP, 320 pixels at most."""
    path = thumbnail_path(context.blobs, image.sha256)
    return _shown(request, path, "image/webp", _is_version(v, image))


def _is_version(version: str, image: ImageRow) -> bool:
    return len(version) >= 12 and image.sha256.startswith(version)


def _shown(request: Request, path: Path, original_type: str, is_named: bool) -> Response:
    # The file's name has the hash of what it was made from, and which version made it.
    headers = {"ETag": f'"{path.name}"', **(_FOREVER if is_named else _ASK_AGAIN)}
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    media_type = _SUFFIX_TYPES.get(path.suffix, original_type)
    return FileResponse(path, media_type=media_type, headers=headers)
