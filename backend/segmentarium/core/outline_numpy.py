"""Mask → rings along the pixel edges in NumPy: what core/kernels/outlines.c does, for where that could not be compiled.

A corner of the outline is a lattice point whose 2 × 2 neighbourhood has an odd number of pixels inside, or two diagonal
ones (which makes it two corners). Along a row of the lattice, corners pair up into horizontal edges; along a column,
into vertical ones; following both in turn gives the rings.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from segmentarium.core.coverage import IntArray
from segmentarium.core.rle import Mask


@dataclass(frozen=True, slots=True)
class Outlines:
    """Rings of corners (x, y), each from its first corner by row and column to the right.

    `points` is flat or (N, 2); `ends` are cumulative; `owners` number the 4-connected components that rings belong to.
    """

    points: IntArray
    ends: IntArray
    is_hole: IntArray
    owners: IntArray


def outlines(mask: Mask) -> Outlines:
    """The rings of a (H, W) bool mask."""
    rings = _follow(_corners(mask))
    if not rings:
        none = np.zeros(0, dtype=np.int64)
        return Outlines(none, none, none, none)
    _, components = cv2.connectedComponents(mask.astype(np.uint8), connectivity=4)
    x, y = np.array([ring[0] for ring in rings]).T
    # A ring starts at its first corner in row order and goes right: inside lies below it, or it is a hole's.
    is_hole = (~mask[y, x]).astype(np.int64)
    return Outlines(
        np.concatenate(rings),
        np.cumsum([len(ring) for ring in rings]),
        is_hole,
        components[y - is_hole, x].astype(np.int64),
    )


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
