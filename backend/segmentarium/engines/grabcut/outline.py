"""From shares on the small copy to a mask of up to 1024 pixels a side whose outline follows the picture's edges."""

from __future__ import annotations

import cv2
import numpy as np

from segmentarium.core.boxes import PixelBoxXYXY
from segmentarium.core.rle import Mask
from segmentarium.engines import regions
from segmentarium.engines.base import ImageRGB
from segmentarium.engines.grabcut.guided import GuidedFilter
from segmentarium.engines.grabcut.work import Map, Work, shrunk, smooth

ANSWER_PX = 1024  # longest side of a mask; its outline is smooth, what is finer adds vertices only
_REACH_PX = 2.5  # radius of the filter's windows, in pixels of the small copy
_SOFTNESS = 1e-4
_CONTRAST = 4
_SMOOTHING_PX = 1.2  # standard deviation; stairs and hairs would cost a third more vertices
SPECK_SHARE = 0.03  # of the largest component; smaller components and holes are specks


def answer_shape(width: int, height: int) -> tuple[int, int]:
    """(h, w) of the mask that is answered for a box."""
    scale = min(1.0, ANSWER_PX / max(width, height))
    return max(1, round(height * scale)), max(1, round(width * scale))


def outlined(
    image: ImageRGB, box: PixelBoxXYXY, work: Work, inside: Map, working_size: int
) -> Mask:
    """The mask that is answered for the shares of the small copy over one half.

    Its outline follows the picture's edges at `working_size` pixels a side.
    """
    shares = along_edges(image, box, work, inside, working_size)
    return mask_of(shares, answer_shape(box[2] - box[0], box[3] - box[1]))


def along_edges(
    image: ImageRGB, box: PixelBoxXYXY, work: Work, inside: Map, working_size: int
) -> Map:
    """The shares of a box's pixels, filtered along the picture's edges: at most `working_size` a side."""
    x0, y0, x1, y1 = box
    scale = min(1.0, working_size / max(x1 - x0, y1 - y0))
    size = max(1, round((x1 - x0) * scale)), max(1, round((y1 - y0) * scale))
    pixels = cv2.cvtColor(shrunk(image[y0:y1, x0:x1], size), cv2.COLOR_RGB2LAB)
    cx0, cy0, cx1, cy1 = work.crop
    height, width = inside.shape
    # Pixel centres of the box's pixels, in pixels of the small copy.
    step_x, step_y = (x1 - x0) / size[0], (y1 - y0) / size[1]
    to_x, to_y = width / (cx1 - cx0), height / (cy1 - cy0)
    back = np.array(
        [
            [step_x * to_x, 0, (x0 + step_x / 2 - cx0) * to_x - 0.5],
            [0, step_y * to_y, (y0 + step_y / 2 - cy0) * to_y - 0.5],
        ]
    )
    how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    there = cv2.warpAffine(inside, back, size, flags=how, borderMode=cv2.BORDER_REPLICATE)
    radius = max(1, round(_REACH_PX / min(step_x * to_x, step_y * to_y)))
    radius = min(radius, max(1, min(size) // 2))
    follow = GuidedFilter(pixels.astype(np.uint8, copy=False), radius, _SOFTNESS)
    once = follow(there.astype(np.float32, copy=False))
    # The first pass finds the edge, but what the shares had beyond it still weighs; the second is free of that.
    return follow(((once - 0.5) * _CONTRAST + 0.5).clip(0, 1))


def mask_of(shares: Map, shape: tuple[int, int]) -> Mask:
    """The mask of shares over one half at the shape that is answered, without specks and pinholes."""
    soft = smooth(shares, _SMOOTHING_PX) if min(shares.shape) > 2 * _SMOOTHING_PX else shares
    large = cv2.resize(soft, shape[::-1], interpolation=cv2.INTER_LINEAR)
    return cleaned(large > 0.5)


def cleaned(mask: Mask) -> Mask:
    """Without specks: components, and then holes, smaller than a share of the largest component."""
    nowhere = np.zeros(mask.shape, dtype=bool)
    return regions.cleaned(mask, SPECK_SHARE, False, nowhere, nowhere)
