"""Where an annotator would click next: the middle of the largest error that a mask still has."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np

from segmentarium.core.rle import Mask


@dataclass(frozen=True, slots=True)
class Click:
    """The centre (x, y) of a pixel, in image pixels, and what it says: 1 inside, 0 outside."""

    x: float
    y: float
    label: int


def next_click(truth: Mask, answer: Mask, earlier: Iterable[Click] = ()) -> Click | None:
    """The pixel farthest from the border of the largest error, labelled by the truth; None when there is no error.

    An error is a 4-connected region of missing pixels or of pixels too many; the image's border is a border. Pixels
    that were clicked before count as right: an annotator whose click was not obeyed clicks beside it, not on it again.
    Of equals the upper, then the left one is taken.

    Args:
        truth: (H, W) bool.
        answer: (H, W) bool.
        earlier: the clicks so far.

    Source:
        Xu, Price, Cohen, Yang, Huang: "Deep interactive object selection", CVPR 2016; clicked pixels are left out as in
        RITM (Sofiiuk, Petrov, Konushin, ICIP 2022).

    >>> truth = np.zeros((5, 9), bool)
    >>> truth[1:4, 1:4] = True
    >>> next_click(truth, np.zeros((5, 9), bool))
    Click(x=2.5, y=2.5, label=1)
    """
    wrong = truth != answer
    for click in earlier:
        wrong[int(click.y), int(click.x)] = False
    found = [region for kind in (truth, ~truth) if (region := _largest(wrong & kind)) is not None]
    if not found:
        return None
    region = min(found, key=lambda region: (-region.area, region.top, region.left))
    # Beyond the border everything counts as right.
    depth = cv2.distanceTransform(
        np.pad(region.mask, 1).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE
    )[1:-1, 1:-1]
    row, column = (int(place) for place in np.unravel_index(np.argmax(depth), depth.shape))
    y, x = region.top + row, region.left + column
    return Click(x + 0.5, y + 0.5, int(truth[y, x]))


@dataclass(frozen=True, slots=True)
class _Region:
    """A region by its tight crop."""

    area: int
    top: int
    left: int
    mask: Mask


def _largest(mask: Mask) -> _Region | None:
    if not mask.any():
        return None
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=4)
    inside = stats[1:]
    tops, lefts = inside[:, cv2.CC_STAT_TOP], inside[:, cv2.CC_STAT_LEFT]
    first = int(np.lexsort((lefts, tops, -inside[:, cv2.CC_STAT_AREA]))[0])
    left, top, width, height, area = (int(value) for value in inside[first])
    crop = labels[top : top + height, left : left + width] == first + 1
    return _Region(area, top, left, crop)
