"""Polygons as plane figures (GEOS, by shapely) and back, without a pixel changed.

What GEOS computes is rounded: where two edges cross it puts a vertex next to the true place, and a pixel's centre that
lay on an edge may come to lie beside it. `exactly` compares with the pixels that were wanted and puts them right, so
operations on figures obey the half-open rule as operations on masks do. What it gives is always valid to GEOS.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.errors import GEOSException

from segmentarium.core.annotation import FloatArray, Part, Polygons, Ring
from segmentarium.core.polygons import mask_to_polygons
from segmentarium.core.raster import polygons_to_spans
from segmentarium.core.spans import Spans, spans_to_mask, subtract_spans

Figure: TypeAlias = shapely.Polygon | shapely.MultiPolygon

_MENDINGS = 4
_PAIRS = 1_000_000  # of points and edges that are looked at at once
_NO_SPANS = Spans(*np.zeros((3, 0), dtype=np.int64))


def polygons_to_figure(polygons: Polygons) -> Figure:
    """The plane figure that polygons enclose: even–odd within a part, parts united; always valid.

    Raises:
        GEOSException: GEOS could not work it out, for coordinates far beyond any image.
    """
    with np.errstate(all="ignore"):  # of the numbers next to zero, which GEOS divides by
        figures = [_part_to_figure(part) for part in polygons.parts]
        if len(figures) == 1:
            return figures[0]
        together = shapely.MultiPolygon(list(shapely.get_parts(figures)))
        return together if together.is_valid else only_areas(shapely.union_all(figures))


def figure_to_polygons(geometry: shapely.Geometry) -> Polygons | None:
    """The polygons of a geometry's areas, a part for each; None when it has none. Lines and points are dropped."""
    parts = tuple(
        tuple(_open_ring(ring) for ring in (area.exterior, *area.interiors))
        for area in shapely.get_parts(only_areas(geometry))
        if area.area > 0
    )
    return Polygons(parts) if parts else None


def exactly(
    work: Callable[[], shapely.Geometry], wanted: Spans, height: int, width: int
) -> Polygons | None:
    """The polygons of the figure that `work` makes, with exactly the wanted pixels of a (height, width) image.

    A pixel too few is added as the square that it is, one too much is cut out as such; that puts new vertices on the
    edges, which are rounded again, so it is looked at again. Where that does not end, or GEOS gives up, the outline
    along the pixel edges is the answer. None when no pixel is wanted.
    """
    if not wanted.area:
        return None
    try:
        with np.errstate(all="ignore"):
            polygons = _mended(work(), wanted, height, width)
    except GEOSException:
        polygons = None
    if polygons:
        return polygons
    outline = spans_to_polygons(wanted)
    # Where pixels touch at a corner a ring touches itself; its vertices are whole numbers, which are not rounded.
    return outline and figure_to_polygons(polygons_to_figure(outline))


def _mended(geometry: shapely.Geometry, wanted: Spans, height: int, width: int) -> Polygons | None:
    """The polygons of a geometry with exactly the wanted pixels; None where that does not come about."""
    figure = only_areas(geometry)
    for _ in range(_MENDINGS):
        polygons = figure_to_polygons(figure)
        found = polygons_to_spans(polygons, height, width) if polygons else _NO_SPANS
        missing = spans_to_polygons(subtract_spans(wanted, found, width))
        surplus = spans_to_polygons(subtract_spans(found, wanted, width))
        if missing is None and surplus is None:
            return polygons
        if missing:
            figure = only_areas(shapely.union(figure, polygons_to_figure(missing)))
        if surplus:
            figure = only_areas(shapely.difference(figure, polygons_to_figure(surplus)))
    return None


def spans_to_polygons(spans: Spans) -> Polygons | None:
    """The outline of spans along the pixel edges; None when there is no pixel."""
    x, y, _, _ = box = spans.bbox_xywh
    polygons = mask_to_polygons(spans_to_mask(spans, box)) if spans.area else None
    if polygons is None:
        return None
    return Polygons(
        tuple(tuple(ring + np.array((x, y)) for ring in part) for part in polygons.parts)
    )


def _part_to_figure(part: Part) -> Figure:
    plain = shapely.Polygon(part[0], part[1:])
    if plain.is_valid:
        return plain
    # Faces between all edges, of which even–odd takes some. GEOS's make_valid is even–odd too, ring by ring; but of 300
    # edges that all cross it makes 10,000 faces one after another, in 18 s.
    rings = shapely.MultiLineString([np.vstack((ring, ring[:1])) for ring in part])
    faces = shapely.get_parts(shapely.polygonize([shapely.unary_union(rings)]))
    points = shapely.point_on_surface(faces)
    inside = _are_inside(part, np.stack((shapely.get_x(points), shapely.get_y(points)), axis=1))
    try:
        return only_areas(shapely.coverage_union_all(faces[inside]))
    except GEOSException:  # far out, where faces that should meet are rounded apart
        return only_areas(shapely.union_all(faces[inside]))


def _are_inside(part: Part, points: FloatArray) -> NDArray[np.bool_]:
    """Which of (N, 2) points are inside a part, by even–odd."""
    starts = np.concatenate(part)
    ends = np.concatenate([np.roll(ring, -1, axis=0) for ring in part])
    level = starts[:, 1] == ends[:, 1]
    (x0, y0), (x1, y1) = starts[~level].T, ends[~level].T
    inside = np.zeros(len(points), dtype=bool)
    chunk = max(1, _PAIRS // max(1, x0.size))
    for first in range(0, len(points), chunk):
        x, y = points[first : first + chunk, :, None].transpose(1, 0, 2)
        # Of an edge that does not reach the height, what its line would do there may well be infinite.
        is_left = x0 + (y - y0) / (y1 - y0) * (x1 - x0) < x
        crosses = ((y0 <= y) != (y1 <= y)) & is_left
        inside[first : first + chunk] = np.logical_xor.reduce(crosses, axis=1)
    return inside


def only_areas(geometry: shapely.Geometry) -> Figure:
    """What of a geometry has an area: an operation may leave lines and points beside, which the next one refuses."""
    if isinstance(geometry, shapely.Polygon | shapely.MultiPolygon):
        return geometry
    kept = [part for part in shapely.get_parts(geometry) if shapely.get_dimensions(part) == 2]
    united = shapely.union_all(kept)
    return united if isinstance(united, Figure) else shapely.MultiPolygon()


def _open_ring(ring: shapely.LinearRing) -> Ring:
    coordinates: Ring = np.ascontiguousarray(shapely.get_coordinates(ring)[:-1])
    return coordinates
