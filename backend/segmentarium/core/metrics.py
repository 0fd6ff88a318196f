"""How well one segmentation agrees with another: masks, boundaries, category maps and panoptic maps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from segmentarium.core.rle import Mask
from segmentarium.core.segment_map import SegmentMap
from segmentarium.core.spans import IdMap

IntMatrix = NDArray[np.int64]
FloatVector = NDArray[np.float64]

_MATCHED = 0.5  # IoU over which two segments match; no segment can have two such partners


def mask_iou(a: Mask, b: Mask) -> float:
    """Intersection over union of two (H, W) bool masks; 1 when both are empty.

    >>> mask_iou(np.array([[True, True, False]]), np.array([[False, True, True]]))
    0.3333333333333333
    """
    union = int(np.count_nonzero(a | b))
    return int(np.count_nonzero(a & b)) / union if union else 1.0


def mask_dice(a: Mask, b: Mask) -> float:
    """Dice coefficient, 2 |a ∩ b| / (|a| + |b|); 1 when both are empty.

    Source:
        Dice: "Measures of the amount of ecologic association between species", Ecology 1945.
    """
    total = int(np.count_nonzero(a)) + int(np.count_nonzero(b))
    return 2 * int(np.count_nonzero(a & b)) / total if total else 1.0


def boundary_iou(a: Mask, b: Mask, tolerance_px: int | None = None) -> float:
    """IoU of the parts of two masks that lie within `tolerance_px` of their own boundaries; 1 when both are empty.

    Args:
        a: (H, W) bool.
        b: (H, W) bool.
        tolerance_px: depth of the band, counted in 3 × 3 erosions; 2% of the image's diagonal unless told, at least 1.
            The image's border counts as boundary.

    Source:
        Cheng, Girshick, Dollár, Berg, Kirillov: "Boundary IoU", CVPR 2021, and its published code.
    """
    depth = _two_percent(a.shape) if tolerance_px is None else tolerance_px
    return mask_iou(_band(a, depth), _band(b, depth))


def boundary_f(a: Mask, b: Mask, tolerance_px: float) -> float:
    """Harmonic mean of how much of each mask's boundary lies near the other's; 1 when both are empty.

    Args:
        a: (H, W) bool.
        b: (H, W) bool.
        tolerance_px: how far two boundary pixels may lie apart, Euclidean, between their centres.

    A boundary pixel is one inside with a 4-neighbour outside; the image's border counts as outside.

    Source:
        Martin, Fowlkes, Malik: "Learning to detect natural image boundaries", TPAMI 2004, with distances instead of
        matched pixels; per mask as in DAVIS (Perazzi et al., CVPR 2016), whose code gives other numbers: its
        boundary lies half a pixel aside, on both sides of an edge, and leaves the image's border out.
    """
    edge_a, edge_b = _edge(a), _edge(b)
    if not edge_a.any() or not edge_b.any():
        return float(edge_a.any() == edge_b.any())
    precision = float((_distance_to(edge_b)[edge_a] <= tolerance_px).mean())
    recall = float((_distance_to(edge_a)[edge_b] <= tolerance_px).mean())
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def confusion_matrix(
    truth: IdMap, found: IdMap, count: int, ignore: int | None = None
) -> IntMatrix:
    """Pixels by true index (row) and found index (column).

    Args:
        truth: (H, W) int indices, 0 ≤ index < count or `ignore`.
        found: (H, W) int indices, 0 ≤ index < count where `truth` is not ignored.
        count: how many indices there are.
        ignore: true pixels of this index are left out.

    Returns:
        (count, count) int64.

    Raises:
        ValueError: the maps are of two sizes, or hold an index out of range where nothing is ignored.
    """
    if truth.shape != found.shape:
        raise ValueError(f"The maps are of two sizes, {truth.shape} and {found.shape}.")
    kept = np.ones(truth.shape, dtype=bool) if ignore is None else truth != ignore
    mine, theirs = truth[kept].astype(np.int64), found[kept].astype(np.int64)
    # Unchecked, an index too high would be counted in the row below.
    if (
        mine.size
        and not 0 <= min(mine.min(), theirs.min()) <= max(mine.max(), theirs.max()) < count
    ):
        raise ValueError(f"An index is not from 0 to {count - 1}.")
    pairs = mine * count + theirs
    return np.bincount(pairs, minlength=count * count).reshape(count, count)


def iou_by_index(matrix: IntMatrix) -> FloatVector:
    """IoU of every index of a confusion matrix; NaN for an index that is neither true nor found anywhere."""
    both = np.diag(matrix).astype(np.float64)
    either = matrix.sum(axis=0) + matrix.sum(axis=1) - both
    ious: FloatVector = np.full(both.shape, np.nan)
    np.divide(both, either, out=ious, where=either > 0)
    return ious


def mean_iou(matrix: IntMatrix) -> float:
    """Mean of the IoUs of the indices that are true or found somewhere; NaN when there are none.

    Source:
        PASCAL VOC (Everingham et al., IJCV 2010); void pixels are left out by `confusion_matrix(ignore=…)`.
    """
    present = iou_by_index(matrix)
    present = present[~np.isnan(present)]
    return float(present.mean()) if present.size else float("nan")


@dataclass(frozen=True, slots=True)
class PanopticQuality:
    """Counts of a category, or of several taken together, and what follows from them."""

    true_positives: int
    false_positives: int
    false_negatives: int
    iou_sum: float

    @property
    def sq(self) -> float:
        """Segmentation quality: mean IoU of the matched segments; 0 when none matched."""
        return self.iou_sum / self.true_positives if self.true_positives else 0.0

    @property
    def rq(self) -> float:
        """Recognition quality: F1 of the matches; 0 when there is nothing."""
        weight = self.true_positives + (self.false_positives + self.false_negatives) / 2
        return self.true_positives / weight if weight else 0.0

    @property
    def pq(self) -> float:
        """Panoptic quality, SQ × RQ."""
        return self.sq * self.rq


def panoptic_quality(truth: SegmentMap, found: SegmentMap) -> Mapping[int, PanopticQuality]:
    """Panoptic quality of one image by category; categories without a segment on either side are absent.

    Segments match when they are of one category and their IoU, void left out, is over ½. A found segment that lies for
    the most part on void or on a crowd region of its category is no false positive; crowd regions match nothing.

    Source:
        Kirillov, He, Girshick, Rother, Dollár: "Panoptic segmentation", CVPR 2019, and panopticapi's evaluation.
    """
    true_area, found_area = _areas(truth), _areas(found)
    shared = _intersections(truth.ids, found.ids)
    true_segments = {segment.id: segment for segment in truth.segments if true_area[segment.id]}
    found_segments = {segment.id: segment for segment in found.segments if found_area[segment.id]}
    matched_true: set[int] = set()
    matched_found: set[int] = set()
    ious: dict[int, list[float]] = {}
    for (true_id, found_id), pixels in shared.items():
        mine, theirs = true_segments.get(true_id), found_segments.get(found_id)
        if mine is None or theirs is None or mine.iscrowd or mine.category_id != theirs.category_id:
            continue
        union = true_area[true_id] + found_area[found_id] - pixels - shared.get((0, found_id), 0)
        if pixels / union > _MATCHED:
            matched_true.add(true_id)
            matched_found.add(found_id)
            ious.setdefault(mine.category_id, []).append(pixels / union)
    crowds = {
        segment.category_id: segment.id for segment in true_segments.values() if segment.iscrowd
    }
    missed: dict[int, int] = {}
    for true_id, segment in true_segments.items():
        if true_id not in matched_true and not segment.iscrowd:
            missed[segment.category_id] = missed.get(segment.category_id, 0) + 1
    wrong: dict[int, int] = {}
    for found_id, segment in found_segments.items():
        if found_id in matched_found:
            continue
        excused = shared.get((0, found_id), 0)
        if segment.category_id in crowds:
            excused += shared.get((crowds[segment.category_id], found_id), 0)
        if excused / found_area[found_id] <= _MATCHED:
            wrong[segment.category_id] = wrong.get(segment.category_id, 0) + 1
    return {
        category: PanopticQuality(
            true_positives=len(ious.get(category, ())),
            false_positives=wrong.get(category, 0),
            false_negatives=missed.get(category, 0),
            iou_sum=sum(ious.get(category, ())),
        )
        for category in sorted({*ious, *missed, *wrong})
    }


def _two_percent(shape: tuple[int, ...]) -> int:
    return max(1, round(0.02 * float(np.hypot(shape[0], shape[1]))))


def _band(mask: Mask, depth: int) -> Mask:
    """The pixels of a mask that `depth` erosions by 3 × 3 take away."""
    padded = np.pad(mask.astype(np.uint8), 1)
    eroded = cv2.erode(padded, np.ones((3, 3), np.uint8), iterations=depth)[1:-1, 1:-1]
    band: Mask = mask & (eroded == 0)
    return band


def _edge(mask: Mask) -> Mask:
    padded = np.pad(mask, 1)
    within = padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
    edge: Mask = mask & ~within
    return edge


def _distance_to(edge: Mask) -> NDArray[np.float32]:
    """Euclidean distance of every pixel's centre to the nearest centre of `edge`."""
    distance: NDArray[np.float32] = cv2.distanceTransform(
        (~edge).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE
    ).astype(np.float32, copy=False)
    return distance


def _areas(map_: SegmentMap) -> IntMatrix:
    highest = max((segment.id for segment in map_.segments), default=0)
    return np.bincount(map_.ids.ravel(), minlength=highest + 1)


def _intersections(truth: IdMap, found: IdMap) -> dict[tuple[int, int], int]:
    """Pixels of every pair of ids that meet."""
    stride = int(found.max(initial=0)) + 1
    pairs, pixels = np.unique(truth.astype(np.int64) * stride + found, return_counts=True)
    return {
        (pair // stride, pair % stride): count
        for pair, count in zip(pairs.tolist(), pixels.tolist(), strict=True)
    }
