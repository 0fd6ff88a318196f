"""What others do and take."""

from __future__ import annotations

import cv2
import numpy as np

from segmentarium.core.rle import Mask
from segmentarium.engines.base import ImageRGB

Box = tuple[int, int, int, int]

# Label Studio (pip, SQLite) on another run of a machine like the one of docs/benchmarks.md: orders of magnitude.
LABEL_STUDIO_MS = {"save": 84.0, "list": 264.0, "open": 55.0}
LABEL_STUDIO_START_SECONDS = 27.0
LABEL_STUDIO_RESIDENT_MB = 380.0


def tutorial_grabcut(image: ImageRGB, box: Box) -> Mask:
    """GrabCut on the whole image, five iterations; empty where OpenCV raises.

    Source:
        OpenCV's tutorial "Interactive Foreground Extraction using GrabCut Algorithm".
    """
    mask = np.zeros(image.shape[:2], dtype=np.uint8)
    models = np.zeros((1, 65)), np.zeros((1, 65))
    try:
        cv2.grabCut(image[:, :, ::-1].copy(), mask, box, *models, 5, cv2.GC_INIT_WITH_RECT)
    except cv2.error:
        return np.zeros(image.shape[:2], dtype=np.bool_)
    inside: Mask = (mask == cv2.GC_FGD) | (mask == cv2.GC_PR_FGD)
    return inside
