"""The small copy of a box and its surroundings that is looked at, and where the box lies in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from segmentarium.core.boxes import BoxXYXY, PixelBoxXYXY, expand_box, pixels_of_box
from segmentarium.core.rle import Mask
from segmentarium.engines.base import ImageRGB

Map: TypeAlias = NDArray[np.float32]

BOX_PX = 72  # the box's longest side on the small copy; 64 costs 0.005 of IoU
_MOST_ENLARGED = 4.0
_LEAST_PX = 4  # of a side of the copy, so that every filter has something to work on
_LEAST_MARGIN_PX = 4


@dataclass(frozen=True, slots=True)
class Work:
    """A crop of the image, shrunk (or enlarged).

    Attributes:
        rgb: (h, w, 3) uint8.
        lab: (h, w, 3) uint8, OpenCV's Lab.
        crop: where the crop lies in the image.
        across: (w,) of the pixels' centres: 0 in the middle of the box, -1 and 1 on its sides.
        down: (h,) likewise.
    """

    rgb: ImageRGB
    lab: ImageRGB
    crop: PixelBoxXYXY
    across: Map
    down: Map

    @property
    def from_sides(self) -> Map:
        """(h, w): 0 in the middle of the box, 1 on its sides, more outside."""
        return np.maximum(np.abs(self.across)[None, :], np.abs(self.down)[:, None])

    @property
    def from_middle(self) -> Map:
        """(h, w): 1 on the ellipse in the box."""
        far: Map = np.hypot(self.across[None, :], self.down[:, None])
        return far

    @property
    def in_box(self) -> Mask:
        """(h, w): the centres within the box; the nearest to its middle where it is thinner than a pixel."""
        rows, columns = (np.abs(along) for along in (self.down, self.across))
        mask: Mask = (rows <= max(1, rows.min()))[:, None] & (columns <= max(1, columns.min()))
        return mask

    @property
    def ellipse(self) -> Mask:
        """(h, w): the centres within the ellipse in the box, likewise."""
        mask: Mask = self.from_middle <= max(1, self.from_middle.min())
        return mask


def work_on(image: ImageRGB, box: BoxXYXY, margin: float, box_px: int = BOX_PX) -> Work:
    """The small copy of a box of an (H, W, 3) uint8 image, with a margin in shares of the box's longer side."""
    height, width = image.shape[:2]
    longest = max(box[2] - box[0], box[3] - box[1])
    wide = max(_LEAST_MARGIN_PX, round(margin * longest))
    crop = x0, y0, x1, y1 = expand_box(pixels_of_box(box), wide, width, height)
    scale = min(box_px / longest, _MOST_ENLARGED)
    size = (max(_LEAST_PX, round((x1 - x0) * scale)), max(_LEAST_PX, round((y1 - y0) * scale)))
    rgb = shrunk(image[y0:y1, x0:x1], size)
    lab = cv2.cvtColor(rgb, cv2.COLOR_RGB2LAB).astype(np.uint8, copy=False)
    return Work(
        rgb,
        lab,
        crop,
        _from_middle(size[0], x0, x1, box[0], box[2]),
        _from_middle(size[1], y0, y1, box[1], box[3]),
    )


def shrunk(pixels: ImageRGB, size: tuple[int, int]) -> ImageRGB:
    """The pixels at another (width, height)."""
    scale = max(size[0] / pixels.shape[1], size[1] / pixels.shape[0])
    # Of a very large crop every so many pixels are enough: a mean of 4 × 4 of them is as good as one of hundreds.
    step = max(1, int(1 / scale) // 4)
    pixels = np.ascontiguousarray(pixels[step // 2 :: step, step // 2 :: step])
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return cv2.resize(pixels, size, interpolation=how).astype(np.uint8, copy=False)


def smooth(values: Map, sigma: float) -> Map:
    """Gaussian-smoothed (h, w) or (h, w, channels) values; beyond the border the border goes on."""
    return cv2.GaussianBlur(values, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE).astype(
        np.float32, copy=False
    )


def _from_middle(count: int, start: int, end: int, low: float, high: float) -> Map:
    at = start + (np.arange(count) + 0.5) * (end - start) / count
    return ((at - (low + high) / 2) / ((high - low) / 2)).astype(np.float32)
