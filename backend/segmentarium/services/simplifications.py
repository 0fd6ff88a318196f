"""A segmentation → its outline with fewer vertices, once for each tolerance, for a slider to choose from."""

from __future__ import annotations

from collections.abc import Sequence

from segmentarium.core.annotation import Polygons, Segmentation
from segmentarium.core.errors import InvalidSegmentation
from segmentarium.core.polygons import mask_to_polygons, place_polygons
from segmentarium.core.raster import segmentation_area_and_bbox
from segmentarium.core.rle import RLE, rle_to_crop
from segmentarium.core.simplify import Simplified, simplify_polygons

# A hundred times the outline of a cat on a photograph; more is noise, which no slider makes better.
MAX_OUTLINE_VERTICES = 200_000
MAX_ANSWER_VERTICES = 500_000
_VERTICES_PER_RUN = 4


def simplifications(
    segmentation: Segmentation, tolerances_px: Sequence[float], height: int, width: int
) -> list[Simplified]:
    """Simplify by each tolerance; of an RLE, its outline along the pixel edges.

    Args:
        segmentation: of an image of that size.
        tolerances_px: how far the outline may move, in pixels.
        height: of the image.
        width: of the image.

    Returns:
        One for each tolerance, in the same order; the IoU is with the segmentation given.

    Raises:
        InvalidSegmentation: an RLE of another size, no pixel inside, or an outline of too many vertices.
    """
    if isinstance(segmentation, RLE) and segmentation.size != (height, width):
        h, w = segmentation.size
        raise InvalidSegmentation(
            f"The RLE is of {w} × {h} pixels, the image of {width} × {height} pixels."
        )
    if not segmentation_area_and_bbox(segmentation, height, width)[0]:
        raise InvalidSegmentation("The segmentation covers no pixel.")
    if isinstance(segmentation, RLE):
        return _of_rle(segmentation, tolerances_px)
    _check(segmentation.vertex_count, MAX_OUTLINE_VERTICES)
    return _each(segmentation, tolerances_px, height, width)


def _of_rle(rle: RLE, tolerances_px: Sequence[float]) -> list[Simplified]:
    # Before anything is painted: a run has four corners, and what is united has no more.
    _check(_VERTICES_PER_RUN * (rle.counts.size // 2), _VERTICES_PER_RUN * MAX_OUTLINE_VERTICES)
    mask, bbox = rle_to_crop(rle)
    outline = mask_to_polygons(mask)
    if outline is None:
        raise InvalidSegmentation("The segmentation covers no pixel.")
    _check(outline.vertex_count, MAX_OUTLINE_VERTICES)
    return [
        Simplified(
            place_polygons(one.polygons, mask.shape, bbox), one.tolerance_px, one.iou, one.vertices
        )
        for one in _each(outline, tolerances_px, *mask.shape)
    ]


def _each(
    polygons: Polygons, tolerances_px: Sequence[float], height: int, width: int
) -> list[Simplified]:
    found: list[Simplified] = []
    for tolerance_px in tolerances_px:
        found.append(simplify_polygons(polygons, tolerance_px, height, width))
        _check(sum(one.vertices for one in found), MAX_ANSWER_VERTICES)
    return found


def _check(vertices: int, most: int) -> None:
    if vertices > most:
        raise InvalidSegmentation(
            f"The outline has too many vertices to be simplified at once: at most {most:,} are taken."
        )
