"""The guided filter: smooths a map along the edges of a picture and not across them.

Source:
    He, Sun, Tang, "Guided image filtering", PAMI 2013, with a colour guide. OpenCV has it in its contrib modules only.
"""

from __future__ import annotations

import cv2
import numpy as np

from segmentarium.engines.base import ImageRGB
from segmentarium.engines.grabcut.work import Map


class GuidedFilter:
    """Filters maps of one picture.

    Args:
        lab: (h, w, 3) uint8, the guide.
        radius: of the windows, in pixels.
        softness: variance of the guide (of 0–1) below which it counts as flat.
    """

    def __init__(self, lab: ImageRGB, radius: int, softness: float) -> None:
        self._size = (2 * radius + 1, 2 * radius + 1)
        self._guide: Map = lab.astype(np.float32) / np.float32(255)
        self._mean = self._windowed(self._guide)
        products = {
            (i, j): self._windowed(self._guide[..., i] * self._guide[..., j])
            - self._mean[..., i] * self._mean[..., j]
            for i in range(3)
            for j in range(i, 3)
        }
        xx, yy, zz = (products[i, i] + softness for i in range(3))
        xy, xz, yz = products[0, 1], products[0, 2], products[1, 2]
        first = (yy * zz - yz * yz, xz * yz - xy * zz, xy * yz - xz * yy)
        determinant = xx * first[0] + xy * first[1] + xz * first[2]
        rows = (
            first,
            (first[1], xx * zz - xz * xz, xy * xz - xx * yz),
            (first[2], xy * xz - xx * yz, xx * yy - xy * xy),
        )
        self._inverse = [[cell / determinant for cell in row] for row in rows]

    def __call__(self, values: Map) -> Map:
        """The (h, w) float32 values, filtered."""
        mean = self._windowed(values)
        covariance = [
            self._windowed(self._guide[..., k] * values) - self._mean[..., k] * mean
            for k in range(3)
        ]
        slopes = [
            row[0] * covariance[0] + row[1] * covariance[1] + row[2] * covariance[2]
            for row in self._inverse
        ]
        offset = mean - sum(slope * self._mean[..., k] for k, slope in enumerate(slopes))
        weights = self._windowed(np.dstack([*slopes, offset]).astype(np.float32))
        filtered: Map = (weights[..., :3] * self._guide).sum(axis=-1) + weights[..., 3]
        return filtered

    def _windowed(self, values: Map) -> Map:
        return cv2.blur(values, self._size, borderType=cv2.BORDER_REFLECT).astype(
            np.float32, copy=False
        )
