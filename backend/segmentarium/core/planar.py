"""Polygons as plane figures (GEOS, by shapely) and back, without a pixel changed.

What GEOS computes is rounded: where two edges cross it puts a vertex next to the true place, and a pixel's centre that
lay on an edge may come to lie beside it. `exactly` compares with the pixels that were wanted and puts them right, so
operations on figures obey the half-open rule as operations on masks do.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import TypeAlias

import numpy as np
import shapely
from shapely.errors import GEOSException

from segmentarium.core.annotation import Part, Polygons, Ring
from segmentarium.core.polygons import mask_to_polygons
from segmentarium.core.raster import polygons_to_spans
from segmentarium.core.spans import Spans, spans_to_mask, subtract_spans

Figure: TypeAlias = shapely.Polygon | shapely.MultiPolygon


def polygons_to_figure(polygons: Polygons) -> Figure:
    """The plane figure that polygons enclose: even–odd within a part, parts united; always valid.

    Raises:
        GEOSException: GEOS could not work it out, for coordinates far beyond any image.
    """
    figures = [_part_to_figure(part) for part in polygons.parts]
    return figures[0] if len(figures) == 1 else _areas(shapely.union_all(figures))


def figure_to_polygons(geometry: shapely.Geometry) -> Polygons | None:
    """The polygons of a geometry's areas, a part for each; None when it has none. Lines and points are dropped."""
    parts = tuple(
        tuple(_open_ring(ring) for ring in (area.exterior, *area.interiors))
        for area in shapely.get_parts(_areas(geometry))
        if area.area > 0
    )
    return Polygons(parts) if parts else None


def exactly(
    work: Callable[[], shapely.Geometry], wanted: Spans, height: int, width: int
) -> Polygons | None:
    """The polygons of the figure that `work` makes, with exactly the wanted pixels of a (height, width) image.

    A pixel too much or too few gets a ring round it, which by even–odd turns it over. Where GEOS gives up, the outline
    along the pixel edges is the answer. None when no pixel is wanted.
    """
    if not wanted.area:
        return None
    try:
        polygons = figure_to_polygons(work())
    except GEOSException:
        polygons = None
    if polygons is None:
        return spans_to_polygons(wanted)
    polygons = _mended(polygons, wanted, height, width)
    found = polygons_to_spans(polygons, height, width)
    is_exact = not (
        subtract_spans(wanted, found, width).area or subtract_spans(found, wanted, width).area
    )
    return polygons if is_exact else spans_to_polygons(wanted)


def spans_to_polygons(spans: Spans) -> Polygons | None:
    """The outline of spans along the pixel edges; None when there is no pixel."""
    x, y, _, _ = box = spans.bbox_xywh
    polygons = mask_to_polygons(spans_to_mask(spans, box)) if spans.area else None
    if polygons is None:
        return None
    return Polygons(
        tuple(tuple(ring + np.array((x, y)) for ring in part) for part in polygons.parts)
    )


def _mended(polygons: Polygons, wanted: Spans, height: int, width: int) -> Polygons:
    found = polygons_to_spans(polygons, height, width)
    missing = spans_to_polygons(subtract_spans(wanted, found, width))
    parts = list(polygons.parts) + list(missing.parts if missing else ())
    surplus = subtract_spans(found, wanted, width)
    if not surplus.area:
        return Polygons(tuple(parts)) if missing else polygons
    for index, part in enumerate(polygons.parts):
        own = polygons_to_spans(Polygons((part,)), height, width)
        kept = subtract_spans(own, subtract_spans(own, surplus, width), width)
        turned = spans_to_polygons(kept)
        if turned:
            parts[index] = (*part, *(ring for part in turned.parts for ring in part))
    return Polygons(tuple(parts))


def _part_to_figure(part: Part) -> Figure:
    plain = shapely.Polygon(part[0], part[1:])
    if plain.is_valid:
        return plain
    # GEOS's "linework" repair is even–odd for a ring; of several rings the symmetric difference is.
    areas = [_areas(shapely.make_valid(shapely.Polygon(ring))) for ring in part]
    return reduce(lambda a, b: _areas(shapely.symmetric_difference(a, b)), areas)


def _areas(geometry: shapely.Geometry) -> Figure:
    """What of a geometry has an area: an operation may leave lines and points beside."""
    if isinstance(geometry, shapely.Polygon | shapely.MultiPolygon):
        return geometry
    kept = [part for part in shapely.get_parts(geometry) if shapely.get_dimensions(part) == 2]
    united = shapely.union_all(kept)
    return united if isinstance(united, Figure) else shapely.MultiPolygon()


def _open_ring(ring: shapely.LinearRing) -> Ring:
    coordinates: Ring = np.ascontiguousarray(shapely.get_coordinates(ring)[:-1])
    return coordinates
