"""Annotations of an image: list, edit, history."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from segmentarium.api import schemas
from segmentarium.api.answers import answer
from segmentarium.api.deps import CurrentUser, DbSession, EditedImage, Limit, ViewedImage
from segmentarium.api.json_body import JsonRoute
from segmentarium.api.problem_schemas import StaleProblem
from segmentarium.storage.annotations import Annotation, list_deleted
from segmentarium.storage.annotations import list_annotations as select_annotations
from segmentarium.storage.edit_log import Content, Edit, EditResult, LoggedEdit, list_edits
from segmentarium.storage.edits import apply_edits as apply_to_image
from segmentarium.storage.json_text import JsonText, json_object

router = APIRouter(prefix="/images/{image_id}", tags=["annotations"], route_class=JsonRoute)


# Answers are written straight from what is stored, which was checked when it came: an image may have thousands of
# annotations, and to make a schema's objects of them costs several times as much as all the rest.
@router.get("/annotations", response_model=schemas.AnnotationList)
def list_annotations(image: ViewedImage, session: DbSession) -> Response:
    """All annotations by z-order, with their revisions."""
    items = (_annotation_json(one) for one in select_annotations(session, image.id))
    return answer(f'{{"items":[{",".join(items)}]}}')


@router.get("/annotations/deleted")
def list_deleted_annotations(
    image: ViewedImage, session: DbSession
) -> schemas.DeletedAnnotationList:
    """The deleted annotations: who brings one back, as undo does, names the revision of its deletion."""
    return schemas.DeletedAnnotationList(
        items=[
            schemas.DeletedAnnotation(id=key, revision=revision, deleted=True)
            for key, revision in list_deleted(session, image.id)
        ]
    )


@router.post(
    "/edits", response_model=schemas.EditBatchAnswer, responses={409: {"model": StaleProblem}}
)
def apply_edits(
    image: EditedImage, body: schemas.EditBatch, session: DbSession, user: CurrentUser
) -> Response:
    """Apply edits: all or none, each once however often it is sent, each on the revision that its maker saw."""
    batch = [
        Edit(
            edit.edit_id, edit.op, edit.annotation_id, edit.base_revision, _content(edit.annotation)
        )
        for edit in body.edits
    ]
    results = apply_to_image(session, image, user, batch)
    return answer(f'{{"results":[{",".join(map(_result_json, results))}]}}')


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
    found = list_edits(session, image.id, before, limit + 1)
    items = [_history_entry(entry) for entry in found[:limit]]
    return schemas.HistoryPage(items=items, next=items[-1].id if len(found) > limit else None)


def _history_entry(entry: LoggedEdit) -> schemas.HistoryEntry:
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


def _annotation_json(annotation: Annotation) -> str:
    values = {
        "id": annotation.id,
        "image_id": annotation.image_id,
        "category_id": annotation.category_id,
        "bbox_xywh": annotation.bbox_xywh,
        "area": annotation.area,
        "iscrowd": annotation.iscrowd,
        "z_order": annotation.z_order,
        "source": annotation.source,
        "score": annotation.score,
        "revision": annotation.revision,
        "attributes": annotation.attributes,
        "updated_at": annotation.updated_at,
    }
    return json_object(values, "segmentation", annotation.segmentation).text


def _result_json(result: EditResult) -> str:
    values = {
        "edit_id": result.edit_id,
        "annotation_id": result.annotation_id,
        "revision": result.revision,
    }
    annotation = (
        None if result.annotation is None else JsonText(_annotation_json(result.annotation))
    )
    return json_object(values, "annotation", annotation or JsonText("null")).text


def _content(body: schemas.AnnotationContent | None) -> Content | None:
    if body is None:
        return None
    segmentation = body.segmentation
    return Content(
        category_id=body.category_id,
        segmentation=segmentation
        if isinstance(segmentation, list)
        else segmentation.model_dump(mode="json"),
        iscrowd=body.iscrowd,
        z_order=body.z_order,
        source=body.source,
        score=body.score,
    )
