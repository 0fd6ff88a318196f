"""Photographs of any size, made from those that scikit-image carries, and boxes around what they show."""

from __future__ import annotations

import io
import itertools
from pathlib import Path

import numpy as np
import PIL.Image
import PIL.ImageOps
import skimage

from bench.peers import Box

_NOISE = 6.0  # standard deviation in grey levels, about that of a camera at ISO 800
_QUALITY = 92

# Corners [x0, y0, x1, y1] of things to box, in pixels of the packaged file.
_OBJECTS = {
    "astronaut.png": (
        (18, 15, 362, 511),  # person
        (150, 15, 302, 188),  # head
        (113, 145, 305, 292),  # collar
        (133, 348, 208, 423),  # patch
        (278, 338, 328, 378),  # name tag
        (278, 344, 500, 511),  # helmet
        (345, 413, 372, 460),  # reflection on it
        (148, 450, 196, 505),  # wrist ring
        (355, 1, 456, 285),  # shuttle
        (396, 1, 438, 170),  # tank
        (24, 3, 52, 29),  # star
        (1, 1, 97, 500),  # flag
    ),
    "coffee.png": (
        (77, 35, 480, 392),  # saucer
        (173, 18, 408, 284),  # cup
        (173, 18, 402, 208),  # rim
        (204, 94, 368, 196),  # coffee
        (325, 228, 407, 327),  # bowl of the spoon
        (380, 66, 425, 240),  # stem of the spoon
        (196, 225, 258, 307),  # handle
    ),
    "coins.png": (
        (22, 35, 67, 74),
        (81, 39, 120, 73),
        (132, 29, 179, 73),
        (192, 30, 240, 73),
        (305, 16, 365, 72),
        (25, 104, 67, 144),
        (84, 107, 122, 144),
        (186, 105, 226, 144),
        (245, 95, 297, 144),
        (189, 170, 236, 216),
        (315, 156, 379, 218),
        (144, 236, 201, 287),
    ),
}
_LOOSEST = 0.08  # of a side, on each side: nobody draws a box exactly


def photograph(file: str, width: int, height: int, seed: int = 0) -> bytes:
    """A JPEG of a packaged photograph, cut to the shape and scaled by Lanczos.

    Scaling up gives flat neighbourhoods that no camera gives, and that would make everything after it easy: noise is
    added. Photographs of different seeds have different bytes.
    """
    with PIL.Image.open(_path(file)) as opened:
        scaled = PIL.ImageOps.fit(
            opened.convert("RGB"), (width, height), PIL.Image.Resampling.LANCZOS
        )
    noise = np.random.default_rng(seed).standard_normal((height, width, 3), dtype=np.float32)
    noisy = np.clip(np.asarray(scaled, dtype=np.float32) + _NOISE * noise, 0, 255)
    written = io.BytesIO()
    PIL.Image.fromarray(noisy.astype(np.uint8)).save(written, "JPEG", quality=_QUALITY)
    return written.getvalue()


def object_boxes(file: str, width: int, height: int, count: int, seed: int = 0) -> list[Box]:
    """Different boxes [x, y, w, h] around the photograph's objects in turn, as loose as a hand draws them."""
    with PIL.Image.open(_path(file)) as opened:
        across, down = opened.size
    scale = max(width / across, height / down)
    middle = np.array([width, height] * 2) / 2 - np.array([across, down] * 2) * scale / 2
    rng = np.random.default_rng(seed)
    found = []
    for corners, _ in zip(itertools.cycle(_OBJECTS[file]), range(count), strict=False):
        x0, y0, x1, y1 = np.array(corners) * scale + middle
        left, top, right, bottom = rng.uniform(0, _LOOSEST, 4) * np.array([x1 - x0, y1 - y0] * 2)
        # OpenCV wants some background around the box.
        x, y = max(1, int(x0 - left)), max(1, int(y0 - top))
        w = min(width - 1, int(x1 + right)) - x
        h = min(height - 1, int(y1 + bottom)) - y
        found.append((x, y, w, h))
    return found


def _path(file: str) -> Path:
    return Path(skimage.__file__).parent / "data" / file
