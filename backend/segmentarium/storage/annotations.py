"""Annotations as they are now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Text, bindparam, cast, select
from sqlalchemy.orm import Session

from segmentarium.core import annotation as core
from segmentarium.core.boxes import PixelBboxXYWH
from segmentarium.storage.json_text import JsonText
from segmentarium.storage.tables import AnnotationRow


class Annotation(NamedTuple):
    """An annotation as stored; `segmentation` in its wire form.

    No dataclass: a frozen one takes several times as long to make, and an image may have thousands.
    """

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
    revision: int
    updated_at: datetime


# Columns, not rows: on an image with many annotations the ORM's bookkeeping would be half of the time. Statements are
# made once: making one costs more than running it does.
ANNOTATION = AnnotationRow.metadata.tables["annotation"]
ANNOTATION_COLUMNS = (
    *(ANNOTATION.c[name] for name in ("id", "image_id", "category_id")),
    cast(ANNOTATION.c.segmentation, Text),
    *(ANNOTATION.c[name] for name in ("bbox_x", "bbox_y", "bbox_w", "bbox_h", "area", "iscrowd")),
    *(ANNOTATION.c[name] for name in ("z_order", "source", "score", "attributes")),
    *(ANNOTATION.c[name] for name in ("revision", "updated_at")),
)
_OF_IMAGES = (
    select(*ANNOTATION_COLUMNS)
    .where(
        ANNOTATION.c.image_id.in_(bindparam("image_ids", expanding=True)),
        ANNOTATION.c.is_deleted.is_(False),
    )
    .order_by(ANNOTATION.c.image_id, ANNOTATION.c.z_order, ANNOTATION.c.id)
)
_OF_IMAGE = (
    select(*ANNOTATION_COLUMNS)
    .where(ANNOTATION.c.image_id == bindparam("image_id"), ANNOTATION.c.is_deleted.is_(False))
    .order_by(ANNOTATION.c.z_order, ANNOTATION.c.id)
)

_DELETED = (
    select(ANNOTATION.c.id, ANNOTATION.c.revision)
    .where(ANNOTATION.c.image_id == bindparam("image_id"), ANNOTATION.c.is_deleted.is_(True))
    .order_by(ANNOTATION.c.id)
)


def annotation_of(row: Iterable[Any]) -> Annotation:
    """The value of a row of ANNOTATION_COLUMNS; the category is null only in deleted rows."""
    key, image_id, category_id, segmentation, x, y, w, h, *others = row
    return Annotation(key, image_id, category_id, JsonText(segmentation), (x, y, w, h), *others)


def list_annotations(session: Session, image_id: int) -> list[Annotation]:
    """All annotations of an image by z-order; equal ones in a fixed order."""
    return [annotation_of(row) for row in session.execute(_OF_IMAGE, {"image_id": image_id})]


def list_deleted(session: Session, image_id: int) -> list[tuple[UUID, int]]:
    """Ids of an image's deleted annotations with the revisions that their deletions made, in order of id."""
    return [(key, revision) for key, revision in session.execute(_DELETED, {"image_id": image_id})]


def core_annotations(session: Session, image_id: int) -> list[core.Annotation]:
    """The same as values of the domain, by z-order."""
    return [core_annotation(annotation) for annotation in list_annotations(session, image_id)]


def core_annotation(annotation: Annotation) -> core.Annotation:
    """The domain's value of a stored annotation."""
    return core.Annotation(
        id=str(annotation.id),
        category_id=annotation.category_id,
        segmentation=core.segmentation_from_json(annotation.segmentation.value),
        iscrowd=annotation.iscrowd,
        z_order=annotation.z_order,
        score=annotation.score,
        attributes=annotation.attributes or {},
    )


def iterate_annotations(
    session: Session, image_ids: list[int], batch: int = 200
) -> Iterator[tuple[int, list[Annotation]]]:
    """Image ids with their annotations, a batch of images a query: memory stays bounded on any project."""
    for start in range(0, len(image_ids), batch):
        ids = image_ids[start : start + batch]
        grouped: dict[int, list[Annotation]] = {image_id: [] for image_id in ids}
        for row in session.execute(_OF_IMAGES, {"image_ids": ids}):
            annotation = annotation_of(row)
            grouped[annotation.image_id].append(annotation)
        yield from grouped.items()
