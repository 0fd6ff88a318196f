"""Annotations of an image: list, edit, history."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic_core import to_json

from segmentarium.api import schemas
from segmentarium.api.deps import AnnotatedImage, CurrentUser, DbSession, Limit, ViewedImage
from segmentarium.api.problem_schemas import StaleProblem
from segmentarium.storage import annotations, edits

router = APIRouter(prefix="/images/{image_id}", tags=["annotations"])


@router.get("/annotations", response_model=schemas.AnnotationList)
def list_annotations(image: ViewedImage, session: DbSession) -> Response:
    """All annotations by z-order, with their revisions."""
    # Written straight from the rows, which were checked when they came: an image may have thousands.
    items = annotations.list_annotations(session, image.id)
    return Response(to_json({"items": items}), media_type="application/json")


@router.post("/edits", responses={409: {"model": StaleProblem}})
def apply_edits(
    image: AnnotatedImage, body: schemas.EditBatch, session: DbSession, user: CurrentUser
) -> schemas.EditBatchAnswer:
    """Apply edits: all or none, each once however often it is sent, each on the revision that its maker saw."""
    batch = [
        edits.Edit(
            edit.edit_id, edit.op, edit.annotation_id, edit.base_revision, _content(edit.annotation)
        )
        for edit in body.edits
    ]
    results = edits.apply_edits(session, image, user, batch)
    return schemas.EditBatchAnswer(
        results=[schemas.EditResult.model_validate(one) for one in results]
    )


@router.get("/history")
def list_history(
    image: ViewedImage,
    session: DbSession,
    before: Annotated[
        int | None, Query(ge=1, le=schemas.MAX_ID, description="the last id of the page before")
    ] = None,
    limit: Limit = 50,
) -> schemas.HistoryPage:
    """The edit log of the image, newest first."""
    found = edits.list_edits(session, image.id, before, limit + 1)
    items = [_history_entry(entry) for entry in found[:limit]]
    return schemas.HistoryPage(items=items, next=items[-1].id if len(found) > limit else None)


def _history_entry(entry: edits.LoggedEdit) -> schemas.HistoryEntry:
    row = entry.row
    return schemas.HistoryEntry.model_validate(
        {
            "id": row.id,
            "edit_id": row.edit_id,
            "annotation_id": row.annotation_id,
            "op": row.op,
            "revision": row.revision,
            "user": entry.user,
            "created_at": row.created_at,
            "before": row.before,
            "after": row.after,
        }
    )


def _content(body: schemas.AnnotationContent | None) -> edits.Content | None:
    if body is None:
        return None
    segmentation = body.segmentation
    return edits.Content(
        category_id=body.category_id,
        segmentation=segmentation
        if isinstance(segmentation, list)
        else segmentation.model_dump(mode="json"),
        iscrowd=body.iscrowd,
        z_order=body.z_order,
        source=body.source,
        score=body.score,
    )
