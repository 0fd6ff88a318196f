"""Images and boxes that are hard to answer."""

import numpy as np

from segmentarium.core.boxes import BboxXYWH
from segmentarium.engines.base import ImageRGB


def noise(height: int, width: int) -> ImageRGB:
    return np.random.default_rng(7).integers(0, 256, (height, width, 3), dtype=np.uint8)


def flat(height: int, width: int) -> ImageRGB:
    return np.full((height, width, 3), 90, dtype=np.uint8)


def disc(height: int, width: int) -> ImageRGB:
    """A bright disc in the middle of a dark picture."""
    image = flat(height, width)
    y, x = np.mgrid[0:height, 0:width]
    inside = (x - width / 2) ** 2 + (y - height / 2) ** 2 < (min(height, width) / 3) ** 2
    image[inside] = (240, 200, 30)
    return image


HARD: dict[str, tuple[ImageRGB, BboxXYWH]] = {
    "a disc": (disc(90, 120), (25, 10, 70, 70)),
    "one pixel": (disc(60, 80), (40, 30, 1, 1)),
    "less than a pixel": (disc(60, 80), (40.3, 30.3, 0.2, 0.2)),
    "a line": (disc(60, 80), (5, 30, 70, 1)),
    "a thin column": (disc(60, 80), (40, 0, 2, 60)),
    "the whole image": (disc(60, 80), (0, 0, 80, 60)),
    "a flat image": (flat(60, 80), (20, 20, 30, 30)),
    "the whole of a flat image": (flat(60, 80), (0, 0, 80, 60)),
    "noise": (noise(60, 80), (20, 20, 30, 30)),
    "the whole of noise": (noise(60, 80), (0, 0, 80, 60)),
    "the upper left corner": (disc(60, 80), (0, 0, 20, 20)),
    "the lower right corner": (disc(60, 80), (60, 40, 20, 20)),
    "partly outside": (disc(60, 80), (-30.5, -10.25, 70, 50)),
    "mostly outside": (disc(60, 80), (79.5, 59.5, 500, 500)),
    "around the whole image": (disc(60, 80), (-1e6, -1e6, 2e6, 2e6)),
    "fractions of pixels": (disc(60, 80), (20.49, 10.51, 40.02, 39.98)),
    "an image of one pixel": (flat(1, 1), (0, 0, 1, 1)),
    "an image of two by two": (noise(2, 2), (0, 0, 2, 2)),
    "an image of five by five": (noise(5, 5), (0, 0, 5, 5)),
    "an image one pixel high": (noise(1, 300), (10, 0, 200, 1)),
    "an image one pixel wide": (noise(300, 1), (0, 10, 1, 200)),
    "a long strip": (noise(5, 2000), (100, 0, 1500, 5)),
    "a large image": (np.tile(noise(50, 50), (20, 30, 1)), (200, 100, 1000, 800)),
    "the whole of a large image": (disc(531, 1025), (0, 0, 1025, 531)),
    "a black image": (np.zeros((40, 40, 3), np.uint8), (5, 5, 30, 30)),
    "a read-only image": (np.broadcast_to(np.uint8(9), (40, 40, 3)), (5, 5, 30, 30)),
    "every other pixel of an image": (disc(120, 160)[::2, ::2], (20, 10, 40, 40)),
}
