"""Small picture files, as they come from outside."""

import io

import numpy as np
import PIL.Image

from segmentarium.storage.pictures import ImageRGB

ORIENTATION_TAG = 0x0112


def noise(height: int, width: int, seed: int = 0) -> ImageRGB:
    """Random pixels: no two seeds are the same picture."""
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def file_of(pixels: ImageRGB, kind: str = "PNG", orientation: int = 1) -> io.BytesIO:
    """A picture as a file."""
    exif = PIL.Image.Exif()
    exif[ORIENTATION_TAG] = orientation
    buffer = io.BytesIO()
    PIL.Image.fromarray(pixels).save(buffer, kind, exif=exif)
    buffer.seek(0)
    return buffer
