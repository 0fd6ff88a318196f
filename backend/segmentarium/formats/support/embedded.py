"""Pictures that are written into JSON as base64."""

from __future__ import annotations

import base64
import io
import struct
import zlib

import numpy as np
import PIL.Image

from segmentarium.core.errors import InvalidSegmentation, MalformedFile
from segmentarium.core.rle import Mask
from segmentarium.formats.support.pictures import upright_size
from segmentarium.formats.support.row_runs import MAX_MASK_PIXELS

_ERRORS = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    zlib.error,
    struct.error,
    PIL.Image.DecompressionBombError,
    PIL.Image.DecompressionBombWarning,
)


def mask_to_text(mask: Mask) -> str:
    """A (h, w) bool mask as a PNG of zeros and ones in base64."""
    buffer = io.BytesIO()
    PIL.Image.fromarray(mask.astype(np.uint8)).save(buffer, "PNG", compress_level=4)
    return base64.b64encode(buffer.getvalue()).decode()


def text_to_mask(text: str) -> Mask:
    """The (h, w) bool mask of a PNG in base64: where it is not zero.

    Raises:
        InvalidSegmentation: it is no PNG of one channel, is damaged, or too large.
    """
    try:
        data = io.BytesIO(base64.b64decode(text))
        with PIL.Image.open(data, formats=["PNG"]) as image:
            if image.width * image.height > MAX_MASK_PIXELS:
                raise InvalidSegmentation("The mask is larger than any that is read.")
            values = np.asarray(image)
    except _ERRORS as error:
        raise InvalidSegmentation(f"The mask is no PNG that can be read: {error}") from error
    if values.ndim != 2:
        raise InvalidSegmentation("The mask's PNG has more than one channel.")
    mask: Mask = values != 0
    return mask


def text_to_picture(text: str) -> bytes:
    """The bytes of a picture in base64; none where it is damaged."""
    try:
        return base64.b64decode(text)
    except ValueError:
        return b""


def picture_size(data: bytes) -> tuple[int, int] | None:
    """Width and height of a picture, upright; None where it cannot be read."""
    try:
        return upright_size(io.BytesIO(data), "")
    except (MalformedFile, *_ERRORS):
        return None
