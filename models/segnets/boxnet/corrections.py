"""Simulated corrections: points where an answer is wrong, as a person would set them."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from segnets.box_view import CHANNELS, BoxView, points_plane

_INSIDE, _OUTSIDE = CHANNELS.index("points_inside"), CHANNELS.index("points_outside")
_MASK, _HAS_MASK = CHANNELS.index("mask"), CHANNELS.index("has_mask")
_MOST_POINTS = 6
_WITHOUT_MASK = 0.2  # of the corrected samples: points given together with the box


def correct(
    planes: NDArray[np.float32],
    answered: NDArray[np.bool_],
    target: NDArray[np.bool_],
    counts: NDArray[np.bool_],
    rng: np.random.Generator,
) -> None:
    """Write points, and mostly the answer that they correct, into a sample's planes.

    A mask that is there already stays.

    The first point is set in the middle of the largest error, the others in errors or anywhere.

    Args:
        planes: (channels, S, S), changed in place.
        answered: (S, S), what was said without them.
        target: (S, S), what is right.
        counts: (S, S), where that is known.
        rng: where the others are, and how many.
    """
    wrong = (answered != target) & counts
    points = [] if not wrong.any() else [_middle_of_largest(wrong)]
    known = np.flatnonzero(counts)
    while known.size and len(points) < _MOST_POINTS and rng.random() < 0.5:
        among = np.flatnonzero(wrong) if wrong.any() and rng.random() < 0.7 else known
        at = int(among[int(rng.integers(len(among)))])
        points.append(divmod(at, len(target)))
    inside = [point for point in points if target[point]]
    outside = [point for point in points if not target[point]]
    planes[_INSIDE], planes[_OUTSIDE] = _drawn(inside, len(target)), _drawn(outside, len(target))
    if not planes[_HAS_MASK].any() and rng.random() >= _WITHOUT_MASK:
        planes[_MASK], planes[_HAS_MASK] = answered, 1


def largest_error(answered: NDArray[np.bool_], target: NDArray[np.bool_]) -> tuple[int, int] | None:
    """Row and column of the pixel deepest in the largest connected error of a mask; None when there is none."""
    wrong = answered != target
    return _middle_of_largest(wrong) if wrong.any() else None


def _middle_of_largest(wrong: NDArray[np.bool_]) -> tuple[int, int]:
    count, labels, stats, _ = cv2.connectedComponentsWithStats(
        wrong.astype(np.uint8), connectivity=4
    )
    largest = 1 + int(stats[1:count, cv2.CC_STAT_AREA].argmax())
    padded = np.pad((labels == largest).astype(np.uint8), 1)
    depth = cv2.distanceTransform(padded, cv2.DIST_L2, 3)[1:-1, 1:-1]
    row, column = divmod(int(depth.argmax()), wrong.shape[1])
    return row, column


def _drawn(points: list[tuple[int, int]], size: int) -> NDArray[np.bool_]:
    if not points:
        return np.zeros((size, size), dtype=bool)
    view = BoxView(0, 0, size, size, (0, 0, size, size), size)
    return points_plane(np.array(points, np.float64)[:, ::-1] + 0.5, view)
