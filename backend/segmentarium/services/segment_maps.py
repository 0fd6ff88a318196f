"""An image's annotations → a segment map as PNG."""

from __future__ import annotations

from typing import Literal, TypeAlias

from sqlalchemy.orm import Session

from segmentarium.core.segment_map import (
    annotations_to_category_map,
    annotations_to_instance_map,
    annotations_to_panoptic_map,
    ids_to_rgb,
)
from segmentarium.formats.support.png import category_map_to_png, color_to_png, ids_to_png16
from segmentarium.storage.annotations import core_annotations
from segmentarium.storage.categories import core_categories
from segmentarium.storage.tables import ImageRow

MapKind: TypeAlias = Literal["semantic", "instance", "panoptic"]


def segment_map_png(session: Session, image: ImageRow, kind: MapKind) -> bytes:
    """The map of an image as PNG.

    Semantic: indexed by category (position from 1, 0 = void), in the categories' colours. Instance: 16-bit ids from 1
    in z-order. Panoptic: COCO's RGB coding, stuff merged by category.
    """
    annotations = core_annotations(session, image.id)
    categories = core_categories(session, image.project_id)
    height, width = image.height, image.width
    if kind == "semantic":
        order = [category.id for category in categories]
        return category_map_to_png(
            annotations_to_category_map(annotations, order, height, width), categories
        )
    if kind == "instance":
        return ids_to_png16(annotations_to_instance_map(annotations, height, width).ids)
    by_id = {category.id: category for category in categories}
    return color_to_png(
        ids_to_rgb(annotations_to_panoptic_map(annotations, by_id, height, width).ids)
    )
