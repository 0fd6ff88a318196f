"""Mask → polygons along the pixel edges, and polygons placed where a crop lies."""

from __future__ import annotations

import numpy as np

from segmentarium.core import compiled, outline_numpy
from segmentarium.core.annotation import Polygons, Ring
from segmentarium.core.boxes import PixelBboxXYWH
from segmentarium.core.outline_numpy import Outlines
from segmentarium.core.rle import Mask


def mask_to_polygons(mask: Mask) -> Polygons | None:
    """Polygons along the pixel edges ("cracks") of a (H, W) bool mask, holes included; None for an empty mask.

    `polygons_to_mask` of the result is the mask again, bit for bit. Parts are the 4-connected components; where two
    pixels touch at a corner only, they are kept apart.

    >>> mask = np.pad(np.ones((2, 1), bool), 1)
    >>> mask_to_polygons(mask).parts[0][0].tolist()
    [[1.0, 1.0], [2.0, 1.0], [2.0, 3.0], [1.0, 3.0]]
    """
    height, width = mask.shape
    if compiled.KERNELS is None:
        found = outline_numpy.outlines(mask)
    else:
        edges = compiled.KERNELS.outlines(np.ascontiguousarray(mask), height, width)
        found = Outlines(*(np.frombuffer(part, dtype=np.int64) for part in edges))
    if not found.ends.size:
        return None
    points = found.points.reshape(-1, 2)
    begins = np.concatenate(([0], found.ends[:-1]))
    first = points[begins]
    rings = points.astype(np.float64)
    outer: dict[int, Ring] = {}
    holes: dict[int, list[Ring]] = {}
    for index in np.lexsort((first[:, 0], first[:, 1])).tolist():
        ring, owner = rings[begins[index] : found.ends[index]], int(found.owners[index])
        if found.is_hole[index]:
            holes.setdefault(owner, []).append(ring)
        else:
            outer[owner] = ring
    return Polygons(tuple((ring, *holes.get(owner, ())) for owner, ring in outer.items()))


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
