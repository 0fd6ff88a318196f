"""Boxes: `bbox_xywh` where stored or sent (COCO), `box_xyxy` where computed; both half-open, in image pixels."""

from __future__ import annotations

import math
from typing import TypeAlias

BboxXYWH: TypeAlias = tuple[float, float, float, float]
BoxXYXY: TypeAlias = tuple[float, float, float, float]
PixelBboxXYWH: TypeAlias = tuple[int, int, int, int]
PixelBoxXYXY: TypeAlias = tuple[int, int, int, int]


def xywh_to_xyxy(bbox: BboxXYWH) -> BoxXYXY:
    """Corners of a COCO box.

    >>> xywh_to_xyxy((2, 3, 4, 5))
    (2, 3, 6, 8)
    """
    x, y, w, h = bbox
    return x, y, x + w, y + h


def clip_box(box: BoxXYXY, width: int, height: int) -> BoxXYXY:
    """The part of a box within a (height, width) image; may be empty (x1 <= x0 or y1 <= y0).

    >>> clip_box((-3, 2, 9, 5), 8, 4)
    (0, 2, 8, 4)
    """
    x0, y0, x1, y1 = box
    return max(x0, 0), max(y0, 0), min(x1, width), min(y1, height)


def pixels_of_box(box: BoxXYXY) -> PixelBoxXYXY:
    """The pixels that a box touches: corners rounded outward.

    >>> pixels_of_box((1.2, 3.0, 4.1, 5.0))
    (1, 3, 5, 5)
    """
    x0, y0, x1, y1 = box
    return math.floor(x0), math.floor(y0), math.ceil(x1), math.ceil(y1)


def expand_box(box: PixelBoxXYXY, margin: int, width: int, height: int) -> PixelBoxXYXY:
    """A pixel box grown by `margin` on every side, kept within the image.

    >>> expand_box((4, 4, 6, 6), 3, 20, 8)
    (1, 1, 9, 8)
    """
    x0, y0, x1, y1 = box
    return (
        max(x0 - margin, 0),
        max(y0 - margin, 0),
        min(x1 + margin, width),
        min(y1 + margin, height),
    )


def box_iou(a: BoxXYXY, b: BoxXYXY) -> float:
    """Intersection over union of two boxes; 0 when both are empty.

    >>> box_iou((0, 0, 2, 2), (1, 0, 3, 2))
    0.3333333333333333
    """
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    intersection = max(width, 0) * max(height, 0)
    union = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - intersection
    return intersection / union if union > 0 else 0.0
