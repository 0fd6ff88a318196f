"""Maps as PNG: indexed with a palette, 16-bit, or COCO panoptic's RGB coding; the same numbers when read back."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
import PIL.Image
from numpy.typing import NDArray

from segmentarium.core.annotation import Category
from segmentarium.core.errors import Invalid
from segmentarium.core.segment_map import ColorImage
from segmentarium.core.spans import IdMap

_MAX_INDEX = 255
_MAX_UINT16 = 65_535


def category_map_to_png(category_map: IdMap, categories: Sequence[Category]) -> bytes:
    """An indexed PNG whose palette has the categories' colours (index 0, void: black); 16-bit grey beyond 255."""
    if len(categories) > _MAX_INDEX:
        return ids_to_png16(category_map)
    image = PIL.Image.fromarray(category_map.astype(np.uint8), mode=None).convert("L")
    image = PIL.Image.frombytes("P", image.size, image.tobytes())
    palette = [0, 0, 0]
    for category in categories:
        palette.extend(category.color_rgb)
    image.putpalette(palette)
    return _saved(image)


def ids_to_png16(ids: IdMap) -> bytes:
    """A 16-bit grey PNG of ids 0–65,535.

    Raises:
        Invalid: an id is larger.
    """
    if ids.size and int(ids.max()) > _MAX_UINT16:
        raise Invalid(f"The map has ids over {_MAX_UINT16}; a 16-bit PNG cannot hold them.")
    return _saved(PIL.Image.fromarray(ids.astype(np.uint16)))


def color_to_png(image: ColorImage) -> bytes:
    """An RGB PNG of an (H, W, 3) uint8 array."""
    return _saved(PIL.Image.fromarray(image))


def png_to_array(data: bytes) -> NDArray[np.integer]:
    """The numbers of a PNG: indices of an indexed one, values of a grey one, (H, W, 3) of an RGB one."""
    with PIL.Image.open(io.BytesIO(data), formats=["PNG"]) as image:
        return np.asarray(image)


def _saved(image: PIL.Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=4)
    return buffer.getvalue()
