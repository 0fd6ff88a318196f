"""Mask → polygons along the pixel edges, and simplification with a stated error."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import shapely
from numpy.typing import NDArray

from segmentarium.core.annotation import FloatArray, Part, Polygons, Ring
from segmentarium.core.boxes import PixelBboxXYWH
from segmentarium.core.raster import polygons_to_spans, spans_iou
from segmentarium.core.rle import Mask

IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Simplified:
    """Simplified polygons and what the simplification cost: IoU of the masks before and after, vertices left."""

    polygons: Polygons
    tolerance_px: float
    iou: float
    vertices: int


def mask_to_polygons(mask: Mask) -> Polygons | None:
    """Polygons along the pixel edges ("cracks") of a (H, W) bool mask, holes included; None for an empty mask.

    `polygons_to_mask` of the result is the mask again, bit for bit. Parts are the 4-connected components; where two
    pixels touch at a corner only, they are kept apart.

    Method:
        A corner of the outline is a lattice point whose 2 × 2 neighbourhood has an odd number of pixels inside, or
        two diagonal ones (which makes it two corners). Along a row of the lattice, corners pair up into horizontal
        edges; along a column, into vertical ones; following both in turn gives the rings.

    >>> mask = np.pad(np.ones((2, 1), bool), 1)
    >>> mask_to_polygons(mask).parts[0][0].tolist()
    [[1.0, 1.0], [2.0, 1.0], [2.0, 3.0], [1.0, 3.0]]
    """
    if not mask.any():
        return None
    _, components = cv2.connectedComponents(mask.view(np.uint8), connectivity=4)
    outer: dict[int, Ring] = {}
    holes: dict[int, list[Ring]] = {}
    for ring in _follow(_corners(mask)):
        x, y = ring[0].tolist()
        # A ring starts at its first corner in row order and goes right: inside lies below it, or it is a hole's.
        if mask[y, x]:
            outer[int(components[y, x])] = ring.astype(np.float64)
        else:
            holes.setdefault(int(components[y - 1, x]), []).append(ring.astype(np.float64))
    return Polygons(tuple((ring, *holes.get(component, ())) for component, ring in outer.items()))


def simplify_polygons(
    polygons: Polygons, tolerance_px: float, height: int, width: int
) -> Simplified:
    """Fewer vertices, the outline moved by at most `tolerance_px`; a part that would vanish is kept whole.

    Where a ring begins it may be twice as much: GEOS drops the first vertex when its neighbours see each other.
    (Putting it back was tried: rings then cross now and then, which is worse.)

    Source:
        Douglas–Peucker that keeps topology, by GEOS (shapely `simplify`).
    """
    parts: list[Part] = []
    for part in polygons.parts:
        shape = shapely.Polygon(part[0], part[1:])
        simple = shape.simplify(tolerance_px, preserve_topology=True)
        if isinstance(simple, shapely.Polygon) and not simple.is_empty:
            parts.append(tuple(_open_ring(ring) for ring in (simple.exterior, *simple.interiors)))
        else:
            parts.append(part)
    result = Polygons(tuple(parts))
    before, after = (
        polygons_to_spans(polygons, height, width),
        polygons_to_spans(result, height, width),
    )
    iou = spans_iou(before, after, width)
    return Simplified(result, tolerance_px, iou, result.vertex_count)


def place_polygons(
    polygons: Polygons, shape: tuple[int, int], bbox_xywh: PixelBboxXYWH
) -> Polygons:
    """The polygons of a (height, width) grid, placed in the box of an image that the grid covers."""
    grid, size = np.array(shape[::-1], np.float64), np.array(bbox_xywh[2:], np.float64)
    corner = np.array(bbox_xywh[:2], np.float64)
    # Not times the rounded size / grid: the grid's far side would come to lie beyond the box's, and off the image.
    return Polygons(
        tuple(tuple(ring * size / grid + corner for ring in part) for part in polygons.parts)
    )


def _open_ring(ring: shapely.LinearRing) -> Ring:
    coordinates: FloatArray = shapely.get_coordinates(ring)
    return coordinates[:-1]


@dataclass(frozen=True, slots=True)
class _Corners:
    """Corners in row order. `column_order` ranks the two copies of a diagonal point within their column."""

    x: IntArray
    y: IntArray
    column_order: IntArray


def _corners(mask: Mask) -> _Corners:
    padded = np.pad(mask, 1)
    nw, ne = padded[:-1, :-1], padded[:-1, 1:]
    sw, se = padded[1:, :-1], padded[1:, 1:]
    odd = nw ^ ne ^ sw ^ se
    diagonal = (nw == se) & (ne == sw) & (nw != ne)
    y, x = np.nonzero(odd | diagonal)
    repeats = 1 + diagonal[y, x]
    second = np.zeros(int(repeats.sum()), dtype=np.int64)
    second[np.cumsum(repeats)[repeats == 2] - 1] = 1
    y, x = np.repeat(y, repeats), np.repeat(x, repeats)
    # Of a diagonal point, the first copy ends the edge from the left and the second begins the one to the right.
    # In the column the first ends the edge from above: north-west pixel inside, its ring takes left and above.
    # When the other diagonal is inside, the north-east pixel's ring takes right and above: the copies change places.
    swapped = ne[y, x] & diagonal[y, x]
    return _Corners(x, y, second ^ swapped)


def _follow(corners: _Corners) -> list[IntArray]:
    """Rings (N, 2) of corner coordinates, along a horizontal and a vertical edge in turn."""
    count = corners.x.size
    by_column = np.lexsort((corners.column_order, corners.y, corners.x))
    rank = np.empty(count, dtype=np.int64)
    rank[by_column] = np.arange(count)
    vertical = by_column[rank ^ 1].tolist()
    points = np.stack((corners.x, corners.y), axis=1)
    seen = bytearray(count)
    rings: list[IntArray] = []
    for start in range(0, count, 2):
        if seen[start]:
            continue
        ring: list[int] = []
        corner = start
        while not seen[corner]:
            across = corner ^ 1
            seen[corner] = seen[across] = 1
            ring += (corner, across)
            corner = vertical[across]
        rings.append(points[ring])
    return rings
