"""What others do and take."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from segmentarium.core.corrections import Click
from segmentarium.core.rle import Mask
from segmentarium.engines.base import ImageRGB

Box = tuple[int, int, int, int]

# Label Studio (pip, SQLite) on another run of a machine like the one of docs/benchmarks.md: orders of magnitude.
LABEL_STUDIO_MS = {"save": 84.0, "list": 264.0, "open": 55.0}
LABEL_STUDIO_START_SECONDS = 27.0
LABEL_STUDIO_RESIDENT_MB = 380.0

_CLICK_PX = 3  # radius; single pixels move its cut by next to nothing


def tutorial_grabcut(image: ImageRGB, box: Box, clicks: Sequence[Click] = ()) -> Mask:
    """GrabCut on the whole image, five iterations, discs at the clicks as sure pixels; empty where OpenCV raises.

    Source:
        OpenCV's tutorial "Interactive Foreground Extraction using GrabCut Algorithm": a rectangle is what is probably
        inside, strokes are what is surely inside or outside.
    """
    x, y, w, h = box
    trimap: NDArray[np.uint8] = np.full(image.shape[:2], cv2.GC_BGD, dtype=np.uint8)
    trimap[max(y, 0) : y + h, max(x, 0) : x + w] = cv2.GC_PR_FGD
    for click in clicks:
        sure = cv2.GC_FGD if click.label else cv2.GC_BGD
        cv2.circle(trimap, (int(click.x), int(click.y)), _CLICK_PX, sure, -1)
    models = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.setRNGSeed(0)
    try:
        cv2.grabCut(image[:, :, ::-1].copy(), trimap, None, *models, 5, cv2.GC_INIT_WITH_MASK)  # type: ignore[call-overload]
    except cv2.error:
        return np.zeros(image.shape[:2], dtype=np.bool_)
    inside: Mask = (trimap == cv2.GC_FGD) | (trimap == cv2.GC_PR_FGD)
    return inside
