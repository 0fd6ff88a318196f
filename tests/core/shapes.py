"""Random masks and polygons, and a slow reference for how polygons are filled."""

from collections.abc import Sequence
from fractions import Fraction
from typing import TypeAlias

import cv2
import numpy as np
import shapely
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from segmentarium.core.annotation import Part, Polygons, Ring
from segmentarium.core.polygons import mask_to_polygons
from segmentarium.core.raster import polygons_to_mask
from segmentarium.core.rle import Mask

Points: TypeAlias = Sequence[tuple[float, float]]

# A shared machine pauses now and then: no deadline.
thorough = settings(deadline=None, max_examples=100)


def masks(max_side: int = 9) -> st.SearchStrategy[Mask]:
    """Masks of every shape from 1 × 1 up, the empty and the full one often among them."""
    shapes = st.tuples(st.integers(1, max_side), st.integers(1, max_side))
    return shapes.flatmap(
        lambda shape: st.one_of(
            hnp.arrays(np.bool_, shape),
            st.just(np.zeros(shape, bool)),
            st.just(np.ones(shape, bool)),
        )
    )


def ring(points: Points) -> Ring:
    """A ring of (x, y) points."""
    return np.array(points, dtype=np.float64)


def polygon(*rings: Points) -> Polygons:
    """One part: an outer ring and its holes."""
    return Polygons((tuple(ring(points) for points in rings),))


def rectangle(x0: float, y0: float, x1: float, y1: float) -> list[tuple[float, float]]:
    """The corners of a box."""
    return [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]


def eighths(low: int = -4, high: int = 14) -> st.SearchStrategy[float]:
    """Coordinates in steps of 1/8 pixel: pixel centres are often hit, and crossings can be told exactly."""
    return st.integers(low * 8, high * 8).map(lambda value: value / 8)


@st.composite
def polygons_in_eighths(draw: st.DrawFn, max_parts: int = 3) -> Polygons:
    """Any rings whatever: self-crossing, degenerate, partly outside the image."""
    points = st.lists(st.tuples(eighths(), eighths()), min_size=3, max_size=7)
    parts = draw(st.lists(st.lists(points, min_size=1, max_size=2), min_size=1, max_size=max_parts))
    return Polygons(tuple(tuple(ring(points) for points in part) for part in parts))


def filled_slowly(polygons: Polygons, height: int, width: int) -> Mask:
    """Every pixel's centre tested on its own, in exact arithmetic: even–odd over a part, parts united."""
    mask = np.zeros((height, width), dtype=bool)
    for part in polygons.parts:
        edges = [edge for points in part for edge in _edges(points)]
        for row in range(height):
            for column in range(width):
                centre = Fraction(2 * column + 1, 2), Fraction(2 * row + 1, 2)
                crossings = sum(_is_left_of(edge, *centre) for edge in edges)
                mask[row, column] |= crossings % 2 == 1
    return mask


def outlined(mask: Mask) -> Polygons:
    """The polygons of a mask that is not empty."""
    polygons = mask_to_polygons(mask)
    assert polygons is not None
    return polygons


def restored(polygons: Polygons, mask: Mask) -> Mask:
    """The mask of polygons, of the size of another mask."""
    return polygons_to_mask(polygons, *mask.shape)


def blob(seed: int, size: int = 90) -> Mask:
    """Smooth blobs, with holes."""
    noise = np.random.default_rng(seed).random((size, size))
    mask: Mask = cv2.GaussianBlur(noise, (0, 0), 4) > 0.5
    return mask


def as_shape(part: Part) -> shapely.Polygon:
    """A part as it stands, valid or not."""
    return shapely.Polygon(part[0], part[1:])


def crosses_itself(part: Part) -> bool:
    """Whether rings cross; GEOS calls it a ring self-intersection where they only touch."""
    reason = shapely.is_valid_reason(as_shape(part))
    return not reason.startswith(("Valid Geometry", "Ring Self-intersection"))


def _edges(points: Ring) -> list[tuple[Fraction, Fraction, Fraction, Fraction]]:
    exact = [(Fraction(x), Fraction(y)) for x, y in points.tolist()]
    return [(*a, *b) for a, b in zip(exact, [*exact[1:], exact[0]], strict=True)]


def _is_left_of(
    edge: tuple[Fraction, Fraction, Fraction, Fraction], x: Fraction, y: Fraction
) -> bool:
    """Whether the edge crosses the centre's row to the left of it; a row owns its upper end."""
    x0, y0, x1, y1 = edge
    if not min(y0, y1) <= y < max(y0, y1):
        return False
    return x0 + (y - y0) * (x1 - x0) / (y1 - y0) < x
