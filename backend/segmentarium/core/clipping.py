"""Polygons cut at the image's border."""

from __future__ import annotations

import numpy as np

from segmentarium.core.annotation import FloatArray, Part, Polygons, Ring


def clip_polygons(polygons: Polygons, width: float, height: float) -> Polygons | None:
    """The part of polygons within [0, width] × [0, height]; None where nothing is left. Pixels inside stay the same.

    Where an outline leaves the image and comes back elsewhere, it runs along the border there and back, which encloses
    nothing.

    Source:
        Sutherland and Hodgman: "Reentrant polygon clipping", Communications of the ACM 1974.

    >>> square = Polygons(((np.array([[-2, 1], [3, 1], [3, 9], [-2, 9]], float),),))
    >>> clip_polygons(square, 4, 4).parts[0][0].tolist()
    [[0.0, 1.0], [3.0, 1.0], [3.0, 4.0], [0.0, 4.0]]
    """
    clipped = ([clip_ring(ring, width, height) for ring in part] for part in polygons.parts)
    # A ring that is gone enclosed no pixel: by the even–odd rule the others mean what they meant.
    parts: list[Part] = [tuple(ring for ring in rings if len(ring) >= 3) for rings in clipped]
    parts = [part for part in parts if part]
    return Polygons(tuple(parts)) if parts else None


def clip_ring(ring: Ring, width: float, height: float) -> Ring:
    """A ring within the image; fewer than three vertices where nothing is left."""
    for axis, limit, sign in ((0, 0.0, 1), (0, width, -1), (1, 0.0, 1), (1, height, -1)):
        if not len(ring):
            break
        ring = _half_plane(ring, axis, limit, sign)
    return ring


def _half_plane(ring: FloatArray, axis: int, limit: float, sign: int) -> FloatArray:
    depth = sign * (ring[:, axis] - limit)
    if (depth >= 0).all():
        return ring
    following, next_depth = np.roll(ring, -1, axis=0), np.roll(depth, -1)
    crosses = (depth >= 0) != (next_depth >= 0)
    # Where the border is crossed, between each vertex and the next; only read where it is.
    with np.errstate(invalid="ignore", divide="ignore"):
        share = depth / (depth - next_depth)
    crossing = ring + np.where(crosses, share, 0.0)[:, None] * (following - ring)
    crossing[:, axis] = limit
    both = np.stack((ring, crossing), axis=1).reshape(-1, 2)
    kept: FloatArray = both[np.stack((depth >= 0, crosses), axis=1).ravel()]
    return kept
