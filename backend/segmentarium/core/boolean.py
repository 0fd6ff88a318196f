"""Union, intersection, difference and splitting of segmentations.

On polygons the outline stays as fine as it was drawn; the pixels are exactly those of the same operation on masks.
With an RLE among them the answer is an RLE.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce

import numpy as np
import shapely
from shapely.errors import GEOSException

from segmentarium.core.annotation import FloatArray, Polygons, Segmentation
from segmentarium.core.errors import InvalidSegmentation
from segmentarium.core.planar import (
    Figure,
    exactly,
    figure_to_polygons,
    only_areas,
    polygons_to_figure,
)
from segmentarium.core.raster import polygons_to_spans, segmentation_to_rle
from segmentarium.core.rle import RLE, rle_area, rle_difference, rle_intersection, rle_union
from segmentarium.core.spans import Spans, intersect_spans, subtract_spans, unite_spans

_Combine = Callable[[Sequence[Figure]], shapely.Geometry]


def unite(segmentations: Sequence[Segmentation], height: int, width: int) -> Segmentation | None:
    """The pixels of any of them; None when there is none.

    Raises:
        InvalidSegmentation: there are none, or an RLE is of another size.
    """
    return _combined(segmentations, height, width, shapely.union_all, unite_spans, rle_union)


def intersect(
    segmentations: Sequence[Segmentation], height: int, width: int
) -> Segmentation | None:
    """The pixels of all of them; None when there is none.

    Raises:
        InvalidSegmentation: there are none, or an RLE is of another size.
    """
    return _combined(segmentations, height, width, _intersection, intersect_spans, rle_intersection)


def subtract(a: Segmentation, b: Segmentation, height: int, width: int) -> Segmentation | None:
    """The pixels of `a` that are not of `b`; None when there is none.

    Raises:
        InvalidSegmentation: an RLE is of another size.
    """
    return _combined(
        [a, b],
        height,
        width,
        lambda figures: shapely.difference(figures[0], figures[1]),
        lambda spans, w: subtract_spans(spans[0], spans[1], w),
        lambda rles: rle_difference(rles[0], rles[1]),
    )


def split(polygons: Polygons, line: FloatArray, height: int, width: int) -> list[Polygons]:
    """The pieces into which a line cuts polygons, the largest first; the polygons alone when it cuts no pixel off.

    Every pixel of the polygons goes to exactly one piece; a piece without a pixel is left out. Parts that the line does
    not cut stay with the nearest piece.

    Args:
        polygons: what is cut.
        line: (N, 2) points (x, y), N >= 2.
        height: of the image.
        width: of the image.

    Raises:
        InvalidSegmentation: the line has fewer than two points.
    """
    if len(line) < 2:
        raise InvalidSegmentation("A line needs at least two points.")
    wanted = polygons_to_spans(polygons, height, width)
    try:
        pieces = _pieces(polygons_to_figure(polygons), shapely.LineString(line))
    except GEOSException:
        return [polygons]
    if len(pieces) < 2:
        return [polygons]
    taken = _shares([figure_to_polygons(piece) for piece in pieces], wanted, height, width)
    found = [
        exactly(lambda piece=piece: piece, share, height, width)  # type: ignore[misc]
        for piece, share in zip(pieces, taken, strict=True)
    ]
    kept = [piece for piece in found if piece is not None]
    return kept if len(kept) > 1 else [polygons]


def _pieces(figure: Figure, line: shapely.LineString) -> list[Figure]:
    """Faces of the parts that the line cuts; uncut parts united with the nearest; by area, the largest first."""
    cut: list[Figure] = []
    whole: list[Figure] = []
    for part in shapely.get_parts(figure):
        edges = shapely.union_all([part.boundary, line])
        faces = [
            face
            for face in shapely.get_parts(shapely.polygonize([edges]))
            if part.covers(face.representative_point())
        ]
        if len(faces) > 1:
            cut += faces
        else:
            whole.append(part)
    cut.sort(key=lambda face: -face.area)
    groups: list[list[Figure]] = [[face] for face in cut]
    for part in whole:
        if groups:
            nearest = int(np.argmin([shapely.distance(part, face) for face in cut]))
            groups[nearest].append(part)
    # Uncut parts are apart from the faces, so nothing needs to be dissolved.
    return [
        group[0] if len(group) == 1 else shapely.MultiPolygon(group)  # type: ignore[arg-type]
        for group in groups
    ]


def _shares(
    pieces: Sequence[Polygons | None], wanted: Spans, height: int, width: int
) -> list[Spans]:
    """The wanted pixels dealt out: each to the first piece that has it, what none has to the largest."""
    left, shares = wanted, []
    for piece in pieces:
        spans = (
            polygons_to_spans(piece, height, width) if piece else subtract_spans(left, left, width)
        )
        shares.append(intersect_spans([left, spans], width))
        left = subtract_spans(left, spans, width)
    shares[0] = unite_spans([shares[0], left], width)
    return shares


def _combined(
    segmentations: Sequence[Segmentation],
    height: int,
    width: int,
    figures: _Combine,
    spans: Callable[[Sequence[Spans], int], Spans],
    rles: Callable[[Sequence[RLE]], RLE],
) -> Segmentation | None:
    polygons = [one for one in segmentations if isinstance(one, Polygons)]
    if any(isinstance(one, RLE) and one.size != (height, width) for one in segmentations):
        raise InvalidSegmentation(f"An RLE is not of the image's size, {height} × {width}.")
    if len(polygons) < len(segmentations) or not segmentations:
        runs = rles([segmentation_to_rle(one, height, width) for one in segmentations])
        return runs if rle_area(runs) else None
    wanted = spans([polygons_to_spans(one, height, width) for one in polygons], width)

    def work() -> shapely.Geometry:
        return figures([polygons_to_figure(one) for one in polygons])

    return exactly(work, wanted, height, width)


def _intersection(figures: Sequence[Figure]) -> Figure:
    return reduce(lambda a, b: only_areas(shapely.intersection(a, b)), figures)
