"""A segmentation with fewer vertices, for several tolerances at once. Nothing is stored."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from segmentarium.api import proposal_schemas, schemas
from segmentarium.api.deps import ImageToRead
from segmentarium.core.annotation import polygons_to_json, segmentation_from_json
from segmentarium.services.simplifications import simplifications

router = APIRouter(tags=["engines"])

# A larger one than any image's side would change nothing more.
Tolerance = Annotated[float, Field(ge=0, le=100_000)]


class SimplificationsAsked(schemas.Body):
    """What is to be simplified, and by how much: how far, in pixels, the outline may move."""

    segmentation: schemas.Segmentation
    tolerances_px: Annotated[list[Tolerance], Field(min_length=1, max_length=24)]


class SimplifiedSegmentation(proposal_schemas.Simplification):
    """Polygons simplified by one tolerance; the IoU is with the segmentation that was sent."""

    segmentation: schemas.PolygonsAnswer


class SimplificationList(schemas.Answer):
    """One for each tolerance, in the order asked."""

    items: list[SimplifiedSegmentation]


@router.post("/images/{image_id}/simplifications")
def simplify(image: ImageToRead, body: SimplificationsAsked) -> SimplificationList:
    """Simplify a segmentation by several tolerances; of an RLE, its outline along the pixel edges."""
    asked = body.segmentation
    segmentation = segmentation_from_json(asked if isinstance(asked, list) else asked.model_dump())
    found = simplifications(segmentation, body.tolerances_px, image.height, image.width)
    return SimplificationList(
        items=[
            SimplifiedSegmentation(
                tolerance_px=one.tolerance_px,
                iou=one.iou,
                vertices=one.vertices,
                segmentation=polygons_to_json(one.polygons),
            )
            for one in found
        ]
    )
