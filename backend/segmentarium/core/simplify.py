"""Fewer vertices: by a tolerance in pixels, by the IoU that must be kept, and of neighbours together.

Every answer states what it cost: the IoU of the masks before and after, and the vertices left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from segmentarium.core.annotation import FloatArray, Part, Polygons, Ring
from segmentarium.core.planar import Figure, figure_to_polygons, polygons_to_figure
from segmentarium.core.raster import polygons_to_spans
from segmentarium.core.spans import Spans, spans_iou

_FINEST_PX = 0.25  # tolerance with which a search begins: of crack outlines it takes the stairs of long edges
_RUNGS_PER_DOUBLING = 2
_BISECTIONS = 6  # between two rungs; a rung is then told to 1%


@dataclass(frozen=True, slots=True)
class Simplified:
    """Simplified polygons and what the simplification cost: IoU of the masks before and after, vertices left."""

    polygons: Polygons
    tolerance_px: float
    iou: float
    vertices: int


def simplify_polygons(
    polygons: Polygons, tolerance_px: float, height: int, width: int
) -> Simplified:
    """Fewer vertices, the outline moved by at most `tolerance_px`; a part that would lose all its pixels is kept whole.

    Where a ring begins it may be twice as much: GEOS drops the first vertex when its neighbours see each other.
    (Putting it back was tried: rings then cross now and then, which is worse.)

    Source:
        Douglas–Peucker that keeps topology, by GEOS (shapely `simplify`).
    """
    before = polygons_to_spans(polygons, height, width)
    return _stated(
        _by_distance(polygons, tolerance_px, height, width), tolerance_px, before, height, width
    )


def simplify_to_iou(polygons: Polygons, iou: float, height: int, width: int) -> Simplified:
    """The fewest vertices found whose mask has at least that IoU with the mask of the polygons.

    Tolerances are tried from a quarter of a pixel to the size of the outline, with two ways of choosing vertices; the
    IoU need not fall steadily, so all are tried. The polygons come back as they are when nothing coarser will do.

    Args:
        polygons: what is simplified.
        iou: 0–1.
        height: of the image.
        width: of the image.

    Raises:
        GEOSException: GEOS could not work it out, for coordinates far beyond any image.
    Source:
        Douglas–Peucker (as `simplify_polygons`) and Visvalingam–Whyatt (GEOS coverage simplification).
    """
    before = polygons_to_spans(polygons, height, width)
    figure = polygons_to_figure(polygons)
    best = Simplified(polygons, 0.0, 1.0, polygons.vertex_count)

    def by_distance(tolerance_px: float) -> Polygons:
        return _by_distance(polygons, tolerance_px, height, width)

    def by_area(tolerance_px: float) -> Polygons:
        (simple,) = shapely.coverage_simplify([figure], tolerance_px)
        return figure_to_polygons(simple) or polygons

    def better(simplify: Callable[[float], Polygons], tolerance_px: float) -> bool:
        nonlocal best
        found = _stated(simplify(tolerance_px), tolerance_px, before, height, width)
        if found.iou < iou:
            return False
        if (found.vertices, -found.iou) < (best.vertices, -best.iou):
            best = found
        return True

    for simplify in (by_distance, by_area):
        good = [rung for rung in _rungs(polygons) if better(simplify, rung)]
        low = max(good, default=0.0)
        high = 2 * low if low else _FINEST_PX
        for _ in range(_BISECTIONS):
            middle = (low + high) / 2
            low, high = (middle, high) if better(simplify, middle) else (low, middle)
    return best


def simplify_together(
    several: Sequence[Polygons], tolerance_px: float, height: int, width: int
) -> list[Simplified]:
    """Simplify neighbours so that they go on sharing their borders: no gap and no overlap appears between them.

    A border is shared where the outlines run along the same line; the vertices need not be the same. Where annotations
    overlap, each is simplified for itself. The image's border stays where it is, its corners too. What is smaller than
    the tolerance may lose its last pixel to a neighbour: its IoU is 0 then.

    Args:
        several: of one image.
        tolerance_px: a vertex is dropped when the triangle it makes with its neighbours is smaller than the square of
            this.
        height: of the image.
        width: of the image.

    Returns:
        One for each, in the same order.

    Raises:
        GEOSException: GEOS could not work it out, for coordinates far beyond any image.
    Source:
        Visvalingam–Whyatt on a polygonal coverage, by GEOS (shapely `coverage_simplify`).
    """
    if not several:
        return []
    figures = [*map(polygons_to_figure, several), *_frame(height, width)]
    simple = shapely.coverage_simplify(_noded(figures), tolerance_px)
    found = [
        figure_to_polygons(figure) or old for figure, old in zip(simple, several, strict=False)
    ]
    return [
        _stated(new, tolerance_px, polygons_to_spans(old, height, width), height, width)
        for new, old in zip(found, several, strict=True)
    ]


def _stated(
    polygons: Polygons, tolerance_px: float, before: Spans, height: int, width: int
) -> Simplified:
    iou = spans_iou(before, polygons_to_spans(polygons, height, width), width)
    return Simplified(polygons, tolerance_px, iou, polygons.vertex_count)


def _by_distance(polygons: Polygons, tolerance_px: float, height: int, width: int) -> Polygons:
    parts: list[Part] = []
    for part in polygons.parts:
        figure = shapely.Polygon(part[0], part[1:])
        simple = figure.simplify(tolerance_px, preserve_topology=True)
        if isinstance(simple, shapely.Polygon) and not simple.is_empty:
            rings = tuple(_open_ring(ring) for ring in (simple.exterior, *simple.interiors))
            if polygons_to_spans(Polygons((rings,)), height, width).rows.size:
                part = rings
        parts.append(part)
    return Polygons(tuple(parts))


def _rungs(polygons: Polygons) -> Iterator[float]:
    points = np.concatenate([part[0] for part in polygons.parts])
    longest = float(np.ptp(points, axis=0).max())
    rung = _FINEST_PX
    while rung < longest:
        yield rung
        rung *= 2 ** (1 / _RUNGS_PER_DOUBLING)


def _frame(height: int, width: int) -> list[Figure]:
    """What lies around the image, in four pieces: where two of them meet is a corner that must stay."""
    out = float(max(height, width))
    inner = [(0.0, 0.0), (float(width), 0.0), (float(width), float(height)), (0.0, float(height))]
    outer = [(-out, -out), (width + out, -out), (width + out, height + out), (-out, height + out)]
    return [shapely.Polygon([inner[i], inner[i - 1], outer[i - 1], outer[i]]) for i in range(4)]


def _noded(figures: Sequence[Figure]) -> list[Figure]:
    """The figures with a vertex wherever one of another lies on an edge of theirs, as a coverage must have them."""
    points = np.unique(shapely.get_coordinates(figures), axis=0)
    tree = shapely.STRtree([shapely.Point(point) for point in points])

    def noded(ring: FloatArray) -> FloatArray:
        edges = shapely.linestrings(np.stack((ring[:-1], ring[1:]), axis=1))
        edge, hit = tree.query(edges, predicate="intersects")
        start = ring[edge]
        away = ((points[hit] - start) ** 2).sum(axis=1)
        kept = (away > 0) & (points[hit] != ring[edge + 1]).any(axis=1)
        edge = np.concatenate((np.arange(len(ring)), edge[kept]))
        away = np.concatenate((np.zeros(len(ring)), away[kept]))
        where = np.concatenate((ring, points[hit[kept]]))
        found: FloatArray = where[np.lexsort((away, edge))]
        return found

    return [
        shapely.MultiPolygon(
            [
                shapely.Polygon(
                    noded(shapely.get_coordinates(area.exterior)),
                    [noded(shapely.get_coordinates(ring)) for ring in area.interiors],
                )
                for area in shapely.get_parts(figure)
            ]
        )
        for figure in figures
    ]


def _open_ring(ring: shapely.LinearRing) -> Ring:
    coordinates: FloatArray = shapely.get_coordinates(ring)
    return coordinates[:-1]
