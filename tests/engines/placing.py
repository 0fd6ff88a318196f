"""An engine's answer on the grid of its image."""

import numpy as np

from segmentarium.core.rle import Mask
from segmentarium.engines.base import Prediction


def placed(prediction: Prediction, height: int, width: int) -> Mask:
    """The mask at its place in an image; each pixel has the value of the cell that its centre lies in."""
    mask = np.zeros((height, width), bool)
    x, y, w, h = prediction.bbox_xywh
    rows, columns = (
        ((np.arange(length) + 0.5) * cells / length).astype(int)
        for length, cells in zip((h, w), prediction.mask.shape, strict=True)
    )
    mask[y : y + h, x : x + w] = prediction.mask[np.ix_(rows, columns)]
    return mask


def iou(a: Mask, b: Mask) -> float:
    """Intersection over union of two masks."""
    return float((a & b).sum() / (a | b).sum())
