"""Annotations as they are now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from segmentarium.core import annotation as core
from segmentarium.core.boxes import PixelBboxXYWH
from segmentarium.storage.tables import AnnotationRow


@dataclass(frozen=True, slots=True)
class Annotation:
    """An annotation as stored; `segmentation` in its wire form."""

    id: UUID
    image_id: int
    category_id: int
    segmentation: Any
    bbox_xywh: PixelBboxXYWH
    area: int
    iscrowd: bool
    z_order: int
    source: str
    score: float | None
    revision: int
    updated_at: datetime


def annotation_of(row: AnnotationRow | Row[Any]) -> Annotation:
    """The value of a row, or of its columns."""
    return Annotation(
        id=row.id,
        image_id=row.image_id,
        category_id=cast("int", row.category_id),  # null only in deleted rows
        segmentation=row.segmentation,
        bbox_xywh=(row.bbox_x, row.bbox_y, row.bbox_w, row.bbox_h),
        area=row.area,
        iscrowd=row.iscrowd,
        z_order=row.z_order,
        source=row.source,
        score=row.score,
        revision=row.revision,
        updated_at=row.updated_at,
    )


def list_annotations(session: Session, image_id: int) -> list[Annotation]:
    """All annotations of an image by z-order; equal ones in a fixed order."""
    # Columns, not rows: on an image with many annotations the ORM's bookkeeping would be half of the time.
    statement = (
        select(*AnnotationRow.__table__.columns)
        .where(AnnotationRow.image_id == image_id, AnnotationRow.is_deleted.is_(False))
        .order_by(AnnotationRow.z_order, AnnotationRow.id)
    )
    return [annotation_of(row) for row in session.execute(statement)]


def core_annotations(session: Session, image_id: int) -> list[core.Annotation]:
    """The same as values of the domain, by z-order."""
    return [core_annotation(annotation) for annotation in list_annotations(session, image_id)]


def core_annotation(annotation: Annotation) -> core.Annotation:
    """The domain's value of a stored annotation."""
    return core.Annotation(
        id=str(annotation.id),
        category_id=annotation.category_id,
        segmentation=core.segmentation_from_json(annotation.segmentation),
        iscrowd=annotation.iscrowd,
        z_order=annotation.z_order,
    )


def iterate_annotations(
    session: Session, image_ids: list[int], batch: int = 200
) -> Iterator[tuple[int, list[Annotation]]]:
    """Image ids with their annotations, a batch of images a query: memory stays bounded on any project."""
    for start in range(0, len(image_ids), batch):
        ids = image_ids[start : start + batch]
        grouped: dict[int, list[Annotation]] = {image_id: [] for image_id in ids}
        statement = (
            select(AnnotationRow)
            .where(AnnotationRow.image_id.in_(ids), AnnotationRow.is_deleted.is_(False))
            .order_by(AnnotationRow.image_id, AnnotationRow.z_order, AnnotationRow.id)
        )
        for row in session.scalars(statement):
            grouped[row.image_id].append(annotation_of(row))
        session.expunge_all()
        yield from grouped.items()
