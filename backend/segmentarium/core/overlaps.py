"""What annotations hide of each other: which overlap, by how many pixels, and which are hidden wholly or in part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from segmentarium.core.annotation import Annotation, Polygons
from segmentarium.core.boxes import PixelBboxXYWH
from segmentarium.core.raster import polygons_to_spans, segmentation_to_crop
from segmentarium.core.segment_map import annotations_to_instance_map
from segmentarium.core.spans import Spans, intersect_spans


@dataclass(frozen=True, slots=True)
class Overlap:
    """Pixels that two annotations both have, and their tight box; `over_id` is the one that is seen there."""

    over_id: str
    under_id: str
    area: int
    bbox_xywh: PixelBboxXYWH


@dataclass(frozen=True, slots=True)
class Hidden:
    """An annotation of which something is hidden: its pixels, and those of them that are seen."""

    annotation_id: str
    area: int
    visible_area: int

    @property
    def is_wholly_hidden(self) -> bool:
        """Whether none of it is seen."""
        return self.visible_area == 0


@dataclass(frozen=True, slots=True)
class OverlapReport:
    """Overlaps with the largest first, and hidden annotations from the bottom up."""

    overlaps: tuple[Overlap, ...]
    hidden: tuple[Hidden, ...]


def report_overlaps(annotations: Sequence[Annotation], height: int, width: int) -> OverlapReport:
    """Who overlaps whom on a (height, width) image, and what is hidden. Who is seen: see `segment_map`."""
    ordered = sorted(annotations, key=lambda annotation: annotation.z_order)
    spans = [_spans(annotation, height, width) for annotation in ordered]
    overlaps = []
    for under, over in _meeting_boxes(spans):
        shared = _shared(spans[under], spans[over], width)
        if shared.area:
            names = (ordered[over].id, ordered[under].id)
            overlaps.append(Overlap(*names, shared.area, shared.bbox_xywh))
    seen = annotations_to_instance_map(ordered, height, width).segments
    hidden = tuple(
        Hidden(annotation.id, whole.area, segment.area)
        for annotation, whole, segment in zip(ordered, spans, seen, strict=True)
        if segment.area < whole.area
    )
    return OverlapReport(tuple(sorted(overlaps, key=lambda overlap: -overlap.area)), hidden)


def _shared(a: Spans, b: Spans, width: int) -> Spans:
    """The pixels of both: of a large annotation and a small one, only the rows of the small one are looked at."""
    top, bottom = max(a.rows[0], b.rows[0]), min(a.rows[-1], b.rows[-1])
    cut = []
    for one in (a, b):
        low, high = np.searchsorted(one.rows, (top, bottom + 1))
        cut.append(Spans(one.rows[low:high], one.starts[low:high], one.ends[low:high]))
    return intersect_spans(cut, width)


def _spans(annotation: Annotation, height: int, width: int) -> Spans:
    if isinstance(annotation.segmentation, Polygons):
        return polygons_to_spans(annotation.segmentation, height, width)
    crop, (x, y, _, _) = segmentation_to_crop(annotation.segmentation, height, width)
    steps = np.diff(np.pad(crop.astype(np.int8), ((0, 0), (1, 1))), axis=1)
    rows, starts = np.nonzero(steps == 1)
    ends = np.nonzero(steps == -1)[1]
    return Spans(rows + y, starts + x, ends + x)


def _meeting_boxes(spans: Sequence[Spans]) -> list[tuple[int, int]]:
    """Pairs (lower, higher) whose boxes have pixels in common."""
    boxes = np.array([one.bbox_xywh for one in spans], dtype=np.float64).reshape(-1, 4)
    figures = shapely.box(
        boxes[:, 0], boxes[:, 1], boxes[:, 0] + boxes[:, 2], boxes[:, 1] + boxes[:, 3]
    )
    first, second = shapely.STRtree(figures).query(figures, predicate="intersects")
    is_pair = (first < second) & (boxes[first, 2] > 0) & (boxes[second, 2] > 0)
    return list(zip(first[is_pair].tolist(), second[is_pair].tolist(), strict=True))
