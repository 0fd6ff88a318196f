"""Maps as PNG: indexed with a palette, 16-bit, or COCO panoptic's RGB coding; the same numbers when read back."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Sequence

import numpy as np
import PIL.Image
from numpy.typing import NDArray

from segmentarium.core.annotation import Category
from segmentarium.core.errors import Invalid, MalformedFile
from segmentarium.core.segment_map import ColorImage
from segmentarium.core.spans import IdMap
from segmentarium.formats.base import Files

MAX_MAP_PIXELS = 300_000_000
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


def read_map(files: Files, name: str) -> NDArray[np.integer]:
    """The numbers of a PNG among a dataset's files, as `png_to_array` has them.

    Raises:
        MalformedFile: it is no PNG, is damaged, or too large.
    """
    with files.open(name) as file:
        try:
            with PIL.Image.open(file, formats=["PNG"]) as image:
                width, height = image.size
                if width * height > MAX_MAP_PIXELS:
                    raise MalformedFile(
                        f"{name} has {width} × {height} pixels, which is over the limit.", file=name
                    )
                array: NDArray[np.integer] = np.asarray(
                    image.convert("L") if image.mode in {"1", "LA"} else image
                )
        except (
            OSError,
            ValueError,
            SyntaxError,
            EOFError,
            zlib.error,
            struct.error,
            PIL.Image.DecompressionBombError,
            PIL.Image.DecompressionBombWarning,
        ) as error:
            raise MalformedFile(f"{name} is no PNG that can be read: {error}", file=name) from error
    return array


def palette_of(files: Files, name: str) -> list[tuple[int, int, int]]:
    """The colours of an indexed PNG, by index; none of any other picture.

    Raises:
        MalformedFile: it is no PNG.
    """
    with files.open(name) as file:
        try:
            with PIL.Image.open(file, formats=["PNG"]) as image:
                flat = (image.getpalette("RGB") or []) if image.mode == "P" else []
        except (OSError, ValueError, SyntaxError) as error:
            raise MalformedFile(f"{name} is no PNG that can be read: {error}", file=name) from error
    return [(flat[at], flat[at + 1], flat[at + 2]) for at in range(0, len(flat) - 2, 3)]


def _saved(image: PIL.Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=4)
    return buffer.getvalue()
