"""Rings ↔ parts: what formats make of polygons that know no parts, or no holes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely

from segmentarium.core.annotation import Annotation, Part, Polygons, Ring, Segmentation
from segmentarium.core.errors import InvalidSegmentation
from segmentarium.core.polygons import mask_to_polygons
from segmentarium.core.raster import check_outline, segmentation_to_rle
from segmentarium.core.rle import rle_to_mask, rle_union
from segmentarium.formats.base import DatasetImage, Options
from segmentarium.formats.support import policies
from segmentarium.formats.support.changes import ChangeKind, Changes

_MANY = 400  # rings that overlap; more of them are not sorted out


def rings_to_polygons(rings: Sequence[Ring]) -> Polygons:
    """Parts of rings that are meant by the even–odd rule, whatever lies in whatever.

    A ring within another is its hole, one within the hole a part again. Rings that cross stay together in one part,
    which means the same by the same rule.

    >>> def square(a: float, b: float) -> Ring:
    ...     return np.array([[a, a], [b, a], [b, b], [a, b]], float)
    >>> [
    ...     len(part)
    ...     for part in rings_to_polygons([square(1, 2), square(0, 9), square(10, 12)]).parts
    ... ]
    [2, 1]
    """
    if len(rings) == 1:
        return Polygons(((rings[0],),))
    parts: list[tuple[int, Part]] = []
    with np.errstate(
        all="ignore"
    ):  # of coordinates beyond any image, whose products are not finite
        for group in _overlapping(rings):
            nested = [group] if len(group) == 1 else _nested([rings[at] for at in group], group)
            parts.extend((min(part), tuple(rings[at] for at in part)) for part in nested)
    return Polygons(tuple(part for _, part in sorted(parts, key=lambda one: one[0])))


def outline_of(
    image: DatasetImage, annotation: Annotation, options: Options, changes: Changes
) -> Ring | None:
    """An annotation as one ring with the same pixels by the even–odd rule; None for one without pixels.

    Holes go by the policy; parts are joined by cuts without width, after they have been made one where they overlap.
    """
    rings = policies.rings_of(image, annotation, options, changes)
    parts = tuple((ring,) for ring in rings)
    rings = even_odd_rings(image, annotation, parts, changes)
    return policies.bridge_holes(tuple(rings)) if rings else None


def even_odd_rings(
    image: DatasetImage, annotation: Annotation, parts: Sequence[Part], changes: Changes
) -> list[Ring]:
    """The rings of parts that have the same pixels by the even–odd rule over all of them; traced where they overlap."""
    rings = [ring for part in parts for ring in part]
    if len(parts) > 1:
        size = (image.height, image.width)
        as_one = segmentation_to_rle(Polygons((tuple(rings),)), *size)
        apart = segmentation_to_rle(Polygons(tuple(parts)), *size)
        if not np.array_equal(as_one.counts, apart.counts):
            changes.note(ChangeKind.TRACED, image.file_name, annotation.id, "its parts overlap")
            traced = mask_to_polygons(rle_to_mask(apart))
            return [] if traced is None else [ring for part in traced.parts for ring in part]
    return rings


def unite(segmentations: Sequence[Segmentation], height: int, width: int) -> Segmentation:
    """Several segmentations of one annotation as one: polygons if all are, else RLE.

    Raises:
        InvalidSegmentation: an RLE is not of the image's size, or an outline that must be filled is endless.
    """
    if len(segmentations) == 1:
        return segmentations[0]
    polygons = [one for one in segmentations if isinstance(one, Polygons)]
    if len(polygons) == len(segmentations):
        return Polygons(tuple(part for one in polygons for part in one.parts))
    for one in polygons:
        check_outline(one)
    return rle_union([segmentation_to_rle(one, height, width) for one in segmentations])


def _overlapping(rings: Sequence[Ring]) -> list[list[int]]:
    """Places of the rings, together where their boxes overlap, directly or through others."""
    boxes = shapely.box(*np.array([(*ring.min(axis=0), *ring.max(axis=0)) for ring in rings]).T)
    roots = list(range(len(rings)))

    def root(at: int) -> int:
        while roots[at] != at:
            roots[at] = roots[roots[at]]
            at = roots[at]
        return at

    # Finding all pairs would take the square of them where hundreds lie over each other.
    tree = shapely.STRtree(boxes)
    for at, box in enumerate(boxes):
        for other in tree.query(box).tolist():
            roots[root(other)] = root(at)
    groups: dict[int, list[int]] = {}
    for at in range(len(rings)):
        groups.setdefault(root(at), []).append(at)
    return list(groups.values())


def _nested(rings: Sequence[Ring], places: list[int]) -> list[list[int]]:
    """Places of overlapping rings as parts, outer ring first; all in one part where they are not simply nested."""
    if len(rings) > _MANY:
        return [places]
    shapes = [shapely.Polygon(ring) for ring in rings]
    if not all(shape.is_valid for shape in shapes):
        return [places]
    areas = np.array([shape.area for shape in shapes])
    order = np.argsort(-areas, kind="stable").tolist()
    within: dict[int, list[int]] = {}
    for rank, inner in enumerate(order):
        within[inner] = []
        for outer in order[:rank]:
            if shapely.covers(shapes[outer], shapes[inner]):
                within[inner].append(outer)
            elif not shapely.touches(shapes[outer], shapes[inner]) and shapely.intersects(
                shapes[outer], shapes[inner]
            ):
                return [places]
    parts: dict[int, list[int]] = {}
    for inner in order:
        if len(within[inner]) % 2 == 0:
            parts[inner] = [places[inner]]
        else:
            parts[within[inner][-1]].append(places[inner])
    return list(parts.values())


def check_size(size: tuple[int, int], height: int, width: int) -> None:
    """Refuse an RLE that is not of its image.

    Raises:
        InvalidSegmentation: the sizes differ.
    """
    if size != (height, width):
        raise InvalidSegmentation(
            f"The mask is of {size[1]} × {size[0]} pixels, the image of {width} × {height}."
        )
