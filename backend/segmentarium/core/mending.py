"""Polygons put right: self-intersections resolved, holes filled, small parts dropped, outlines moved out or in."""

from __future__ import annotations

import shapely

from segmentarium.core.annotation import Part, Polygons
from segmentarium.core.planar import exactly, figure_to_polygons, polygons_to_figure
from segmentarium.core.raster import polygons_to_spans

_ARC_STEPS = 16  # in a quarter of a circle: 0.1% of the distance off the true arc


def is_clean(polygons: Polygons) -> bool:
    """Whether no ring crosses another or itself, holes lie in their outer rings, and parts do not overlap."""
    parts = [shapely.Polygon(part[0], part[1:]) for part in polygons.parts]
    return bool(shapely.MultiPolygon(parts).is_valid)


def repair(polygons: Polygons, height: int, width: int) -> Polygons | None:
    """The same pixels by rings that do not cross: outer rings, holes in them, parts that do not overlap.

    What was clean comes back as it was. None when no pixel of the (height, width) image is inside.

    Source:
        Faces between the edges (GEOS polygonize) by even–odd; see `planar.exactly` for what keeps the pixels.
    """
    if is_clean(polygons):
        return polygons
    wanted = polygons_to_spans(polygons, height, width)
    return exactly(lambda: polygons_to_figure(polygons), wanted, height, width)


def fill_holes(
    polygons: Polygons, height: int, width: int, max_area: int | None = None
) -> Polygons | None:
    """The polygons without their holes, or without those of at most `max_area` pixels.

    None when no pixel of the image is inside.
    """
    clean = repair(polygons, height, width)
    if clean is None or not clean.has_holes:
        return clean

    def stays(ring: Part) -> bool:
        hole = polygons_to_spans(Polygons((ring,)), height, width)
        return max_area is not None and hole.area > max_area

    return Polygons(
        tuple((part[0], *(ring for ring in part[1:] if stays((ring,)))) for part in clean.parts)
    )


def drop_small_parts(polygons: Polygons, min_area: int, height: int, width: int) -> Polygons | None:
    """The parts of at least `min_area` pixels; None when none is left."""
    kept = tuple(
        part
        for part in polygons.parts
        if polygons_to_spans(Polygons((part,)), height, width).area >= min_area
    )
    return Polygons(kept) if kept else None


def buffer(polygons: Polygons, distance_px: float, height: int, width: int) -> Polygons | None:
    """The outline moved out by a distance in pixels, or in by a negative one, and cut to the image.

    Corners that open are rounded, as all points within the distance are. None when nothing is left.

    Raises:
        GEOSException: GEOS could not work it out, for coordinates far beyond any image.
    """
    moved = polygons_to_figure(polygons).buffer(distance_px, quad_segs=_ARC_STEPS)
    return figure_to_polygons(shapely.intersection(moved, shapely.box(0, 0, width, height)))
