"""What the user chooses where a format cannot carry an annotation as it is, and how it is done: noted in `changes`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from segmentarium.core.annotation import Annotation, FloatArray, Part, Polygons, Ring
from segmentarium.core.polygons import mask_to_polygons
from segmentarium.core.raster import segmentation_area_and_bbox, segmentation_to_rle
from segmentarium.core.rle import rle_iou, rle_to_mask
from segmentarium.core.segment_map import (
    Segment,
    annotations_to_instance_map,
    segments_to_rles,
)
from segmentarium.formats.base import DatasetImage, Option, Options
from segmentarium.formats.support.changes import ChangeKind, Changes

IMAGES = Option("images", "With the images", True)
HOLES = Option(
    "holes",
    "Holes",
    "bridge",
    ("bridge", "fill"),
    "Bridge: joined to the outline by a cut without width; the pixels stay the same by the even–odd rule.",
)
OVERLAPS = Option(
    "overlaps",
    "Where annotations overlap",
    "keep",
    ("keep", "z-order"),
    "Keep: each is written whole. By z-order: only what is seen of it.",
)
HIDDEN = Option(
    "hidden",
    "Annotations that are wholly hidden",
    "keep",
    ("keep", "drop"),
    "Only where overlaps are resolved by z-order; kept ones are written whole.",
)
PRECISION = Option(
    "precision",
    "Decimals of the vertices",
    "3",
    ("0", "1", "2", "3", "full"),
    "A thousandth of a pixel moves no pixel in practice; full writes every digit.",
)

_MANY_HOLES = 100


def seen(image: DatasetImage, options: Options, changes: Changes) -> Sequence[Annotation]:
    """The annotations of an image as the options `overlaps` and `hidden` have them."""
    if options.get(OVERLAPS.name) != "z-order" or len(image.annotations) < 2:
        return image.annotations
    ordered = sorted(image.annotations, key=lambda annotation: annotation.z_order)
    visible = annotations_to_instance_map(ordered, image.height, image.width)
    rles = segments_to_rles(visible)
    kept: list[Annotation] = []
    for annotation, segment in zip(ordered, visible.segments, strict=True):
        area, _ = segmentation_area_and_bbox(annotation.segmentation, image.height, image.width)
        if segment.area == area:
            kept.append(annotation)
        elif segment.area:
            detail = f"{area - segment.area} of {area} pixels"
            changes.note(ChangeKind.PARTLY_HIDDEN, image.file_name, annotation.id, detail)
            kept.append(replace(annotation, segmentation=rles[segment.id]))
        elif options.get(HIDDEN.name) == "drop":
            changes.note(ChangeKind.DROPPED, image.file_name, annotation.id, "wholly hidden")
        else:
            changes.note(ChangeKind.HIDDEN, image.file_name, annotation.id, "written whole")
            kept.append(annotation)
    return kept


def rings_of(
    image: DatasetImage, annotation: Annotation, options: Options, changes: Changes
) -> list[Ring]:
    """An annotation as outlines without holes, for formats that know nothing else; by `holes` and `precision`.

    A mask is traced along its pixels' edges, so that nothing of it changes.
    """
    exact = _rings(image, annotation, options, changes)
    written = [rounded(ring, options) for ring in exact]
    note_rounding(image, annotation, exact, written, changes)
    return written


def note_rounding(
    image: DatasetImage,
    annotation: Annotation,
    exact: Sequence[Ring],
    written: Sequence[Ring],
    changes: Changes,
) -> None:
    """Where rounded vertices enclose other pixels."""
    if not exact or all(map(np.array_equal, exact, written)):
        return
    size = image.height, image.width
    # One part of all rings, so that one within another is its hole where a format means it so.
    before, after = (
        segmentation_to_rle(Polygons((tuple(rings),)), *size) for rings in (exact, written)
    )
    if not np.array_equal(before.counts, after.counts):
        detail = f"IoU {rle_iou(before, after):.4f}"
        changes.note(ChangeKind.ROUNDED, image.file_name, annotation.id, detail)


def parts_of(image: DatasetImage, annotation: Annotation, changes: Changes) -> tuple[Part, ...]:
    """An annotation as polygons; a mask is traced along its pixels' edges."""
    if isinstance(annotation.segmentation, Polygons):
        return annotation.segmentation.parts
    changes.note(ChangeKind.TRACED, image.file_name, annotation.id)
    traced = mask_to_polygons(rle_to_mask(annotation.segmentation))
    return () if traced is None else traced.parts


def rounded(ring: FloatArray, options: Options) -> FloatArray:
    """Vertices by the option `precision`."""
    precision = options.get(PRECISION.name, "full")
    return ring if precision == "full" else np.round(ring, int(precision))


def bridge_holes(part: Part) -> Ring:
    """A part as one ring: each hole is joined to what is there by a cut without width, at their nearest vertices.

    By the even–odd rule the two sides of the cut cancel out, so the pixels are the same.

    >>> outer = np.array([[0, 0], [9, 0], [9, 9], [0, 9]], float)
    >>> hole = np.array([[1, 1], [1, 2], [2, 2]], float)
    >>> bridge_holes((outer, hole)).tolist()[:6]
    [[0.0, 0.0], [1.0, 1.0], [1.0, 2.0], [2.0, 2.0], [1.0, 1.0], [0.0, 0.0]]
    """
    ring, *holes = part
    if len(holes) > _MANY_HOLES:
        # A star of cuts from the first vertex: less to look at, but the time does not grow with the square.
        star = [np.concatenate((ring, ring[:1]))]
        star.extend(np.concatenate((hole, hole[:1], ring[:1])) for hole in holes)
        return np.concatenate(star)
    # From the left, so that a cut seldom crosses a hole that comes later.
    for hole in sorted(holes, key=lambda one: float(one[:, 0].min())):
        steps = ring[:, None, :] - hole[None, :, :]
        at, start = divmod(int((steps**2).sum(axis=2).argmin()), len(hole))
        around = np.roll(hole, -start, axis=0)
        ring = np.concatenate((ring[: at + 1], around, around[:1], ring[at:]))
    return ring


def note_painted(image: DatasetImage, segments: Sequence[Segment], changes: Changes) -> None:
    """For formats that write maps: what becomes of each annotation there, given its segment of the instance map."""
    note_hidden(image, segments, changes)
    for annotation in image.annotations:
        note_attributes(image, annotation, changes)


def note_hidden(image: DatasetImage, segments: Sequence[Segment], changes: Changes) -> None:
    """What becomes of the pixels and vertices of each annotation in a map, given its segment of the instance map."""
    own = {annotation.id: annotation for annotation in image.annotations}
    for segment in segments:
        annotation = own[segment.annotation_ids[0]]
        if isinstance(annotation.segmentation, Polygons):
            changes.note(ChangeKind.RASTERIZED, image.file_name, annotation.id)
        area, _ = segmentation_area_and_bbox(annotation.segmentation, image.height, image.width)
        if segment.area == 0:
            changes.note(ChangeKind.HIDDEN, image.file_name, annotation.id, f"{area} pixels")
        elif segment.area < area:
            detail = f"{area - segment.area} of {area} pixels"
            changes.note(ChangeKind.PARTLY_HIDDEN, image.file_name, annotation.id, detail)


def note_merged(image: DatasetImage, changes: Changes) -> None:
    """For formats that keep no more than the category of a pixel: several annotations of one category become one."""
    counts = Counter(annotation.category_id for annotation in image.annotations)
    for annotation in image.annotations:
        if counts[annotation.category_id] > 1:
            changes.note(ChangeKind.MERGED, image.file_name, annotation.id)
        note_crowd(image, annotation, changes)


def note_attributes(image: DatasetImage, annotation: Annotation, changes: Changes) -> None:
    """For formats that have no place for them."""
    if annotation.attributes:
        names = ", ".join(sorted(map(str, annotation.attributes)))
        changes.note(ChangeKind.ATTRIBUTES_LOST, image.file_name, annotation.id, names)


def note_crowd(image: DatasetImage, annotation: Annotation, changes: Changes) -> None:
    """For formats that have no crowds."""
    if annotation.iscrowd:
        changes.note(ChangeKind.CROWD_LOST, image.file_name, annotation.id)


def _rings(
    image: DatasetImage, annotation: Annotation, options: Options, changes: Changes
) -> list[Ring]:
    rings: list[Ring] = []
    has_holes = False
    for part in parts_of(image, annotation, changes):
        if len(part) == 1:
            rings.append(part[0])
            continue
        has_holes = True
        rings.append(part[0] if options.get(HOLES.name) == "fill" else bridge_holes(part))
    if has_holes:
        is_filled = options.get(HOLES.name) == "fill"
        kind = ChangeKind.HOLES_FILLED if is_filled else ChangeKind.HOLES_BRIDGED
        changes.note(kind, image.file_name, annotation.id)
    return rings
