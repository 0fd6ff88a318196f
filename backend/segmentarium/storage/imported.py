"""Annotations that come with a dataset, many at a time: rows and their log, without the questions an edit is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from segmentarium.core.boxes import PixelBboxXYWH
from segmentarium.storage.annotations import (
    ANNOTATION,
    ANNOTATION_COLUMNS,
    Annotation,
    annotation_of,
)
from segmentarium.storage.edit_log import INSERT_LOG, logged_content
from segmentarium.storage.json_text import JsonText
from segmentarium.storage.tables import ImageRow, utc_now
from segmentarium.storage.users import User

_AT_ONCE = 500  # ids in one question
_IMAGE = ImageRow.metadata.tables["image"]
_INSERT = insert(ANNOTATION)
_KNOWN = select(ANNOTATION.c.is_deleted, *ANNOTATION_COLUMNS).where(
    ANNOTATION.c.id.in_(bindparam("ids", expanding=True))
)
_TOPS = (
    select(ANNOTATION.c.image_id, func.max(ANNOTATION.c.z_order))
    .where(
        ANNOTATION.c.image_id.in_(bindparam("ids", expanding=True)),
        ANNOTATION.c.is_deleted.is_(False),
    )
    .group_by(ANNOTATION.c.image_id)
)
_COUNT = (
    update(_IMAGE)
    .where(_IMAGE.c.id == bindparam("image_id"))
    .values(annotation_count=_IMAGE.c.annotation_count + bindparam("more"))
)
_BEGIN = (
    update(_IMAGE)
    .where(_IMAGE.c.id == bindparam("image_id"), _IMAGE.c.state == "new")
    .values(state="in_progress")
)


class NewAnnotation(NamedTuple):
    """An annotation about to be added; measured, and of a category of the project."""

    id: UUID
    image_id: int
    category_id: int
    segmentation: JsonText
    bbox_xywh: PixelBboxXYWH
    area: int
    iscrowd: bool
    z_order: int
    source: str
    score: float | None
    attributes: Mapping[str, Any] | None


class Known(NamedTuple):
    """An annotation that is there, or was."""

    annotation: Annotation
    is_deleted: bool


def known_annotations(session: Session, ids: Sequence[UUID]) -> dict[UUID, Known]:
    """Those of the ids that stand for an annotation, of whatever project."""
    found = {}
    for start in range(0, len(ids), _AT_ONCE):
        rows = session.execute(_KNOWN, {"ids": list(ids[start : start + _AT_ONCE])})
        for is_deleted, *columns in rows:
            annotation = annotation_of(columns)
            found[annotation.id] = Known(annotation, is_deleted)
    return found


def highest_z_orders(session: Session, image_ids: Sequence[int]) -> dict[int, int]:
    """By image; of those that have annotations."""
    found: dict[int, int] = {}
    for start in range(0, len(image_ids), _AT_ONCE):
        rows = session.execute(_TOPS, {"ids": list(image_ids[start : start + _AT_ONCE])})
        found.update((key, top) for key, top in rows)
    return found


def add_annotations(session: Session, user: User, new: Sequence[NewAnnotation]) -> None:
    """Add annotations with an entry of the log each; their images are in progress then, and counted up.

    The caller has locked the images, or made them in this transaction.
    """
    now = utc_now()
    rows: list[dict[str, Any]] = []
    log: list[dict[str, Any]] = []
    more: dict[int, int] = {}
    for one in new:
        values = one._asdict()
        x, y, w, h = values.pop("bbox_xywh")
        rows.append(
            {
                **values,
                "bbox_x": x,
                "bbox_y": y,
                "bbox_w": w,
                "bbox_h": h,
                "revision": 1,
                "is_deleted": False,
                "updated_at": now,
            }
        )
        annotation = Annotation(**one._asdict(), revision=1, updated_at=now)
        log.append(
            {
                "edit_id": uuid4(),
                "image_id": one.image_id,
                "annotation_id": one.id,
                "op": "create",
                "revision": 1,
                "user_id": user.id,
                "created_at": now,
                "before": None,
                "after": logged_content(annotation),
            }
        )
        more[one.image_id] = more.get(one.image_id, 0) + 1
    if not rows:
        return
    session.execute(_INSERT, rows)
    session.execute(INSERT_LOG, log)
    connection = session.connection()
    connection.execute(_COUNT, [{"image_id": key, "more": count} for key, count in more.items()])
    connection.execute(_BEGIN, [{"image_id": key} for key in more])
