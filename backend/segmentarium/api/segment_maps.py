"""Segment maps of an image."""

from __future__ import annotations

from fastapi import APIRouter, Response

from segmentarium.api.deps import DbSession, ViewedImage
from segmentarium.services.segment_maps import MapKind, segment_map_png

router = APIRouter(tags=["segment maps"])


@router.get(
    "/images/{image_id}/segment-map",
    response_class=Response,
    responses={200: {"content": {"image/png": {}}}},
)
def get_segment_map(image: ViewedImage, session: DbSession, kind: MapKind = "semantic") -> Response:
    """The map as PNG; see docs/formats.md for what its numbers mean."""
    return Response(
        segment_map_png(session, image, kind),
        media_type="image/png",
        headers={"Cache-Control": "no-store"},
    )
