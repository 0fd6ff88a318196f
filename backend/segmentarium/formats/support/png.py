"""Maps as PNG: indexed with a palette, 16-bit, or COCO panoptic's RGB coding; the same numbers when read back."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Sequence
from typing import BinaryIO

import numpy as np
import PIL.Image
from numpy.typing import NDArray

from segmentarium.core.annotation import Category
from segmentarium.core.errors import Invalid, MalformedFile
from segmentarium.core.segment_map import ColorImage
from segmentarium.core.spans import IdMap
from segmentarium.formats.base import Files
from segmentarium.formats.support.png_writing import encode_png

MAX_MAP_PIXELS = 300_000_000
MAX_MAP_BYTES = 300_000_000  # decoded, where no picture says that the map may be so large
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # by colour type
# Where each pass of an interlaced PNG begins, and its steps.
_ADAM7 = (
    *((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4)),
    *((1, 0, 2, 2), (0, 1, 1, 2)),
)
_CHUNK = 1 << 20
_MAX_INDEX = 255
_MAX_UINT16 = 65_535


def category_map_to_png(category_map: IdMap, categories: Sequence[Category]) -> bytes:
    """An indexed PNG whose palette has the categories' colours (index 0, void: black); 16-bit grey beyond 255."""
    if len(categories) > _MAX_INDEX:
        return ids_to_png16(category_map)
    return indices_to_png(category_map, [(0, 0, 0), *(one.color_rgb for one in categories)])


def indices_to_png(indices: IdMap, palette: Sequence[tuple[int, int, int]]) -> bytes:
    """An indexed PNG of an (H, W) map of numbers 0–255."""
    return encode_png(indices.astype(np.uint8), palette)


def ids_to_png8(ids: IdMap) -> bytes:
    """A grey PNG of ids 0–255."""
    return encode_png(ids.astype(np.uint8))


def ids_to_png16(ids: IdMap) -> bytes:
    """A 16-bit grey PNG of ids 0–65,535.

    Raises:
        Invalid: an id is larger.
    """
    if ids.size and int(ids.max()) > _MAX_UINT16:
        raise Invalid(f"The map has ids over {_MAX_UINT16}; a 16-bit PNG cannot hold them.")
    return encode_png(ids.astype(np.uint16))


def color_to_png(image: ColorImage) -> bytes:
    """An RGB PNG of an (H, W, 3) uint8 array."""
    return encode_png(image)


def png_to_array(data: bytes) -> NDArray[np.integer]:
    """The numbers of a PNG: indices of an indexed one, values of a grey one, (H, W, 3) of an RGB one."""
    with PIL.Image.open(io.BytesIO(data), formats=["PNG"]) as image:
        return np.asarray(image)


def read_map(files: Files, name: str, size: tuple[int, int] | None = None) -> NDArray[np.integer]:
    """The numbers of a PNG among a dataset's files, as `png_to_array` has them.

    Args:
        files: of the dataset.
        name: of the PNG.
        size: width and height of its image, where they are known.

    Raises:
        MalformedFile: it is no PNG, is damaged, too large, or not of the size, which is seen before it is decoded.
    """
    with files.open(name) as file:
        try:
            with PIL.Image.open(file, formats=["PNG"]) as image:
                _check_size(image, name, size)
                array: NDArray[np.integer] = np.asarray(
                    image.convert("L") if image.mode in {"1", "LA"} else image
                )
            if not _has_all_rows(file):
                raise MalformedFile(f"{name} has fewer rows than it says.", file=name)
        except (
            OSError,
            ValueError,
            SyntaxError,
            EOFError,
            KeyError,
            zlib.error,
            struct.error,
            PIL.Image.DecompressionBombError,
            PIL.Image.DecompressionBombWarning,
        ) as error:
            raise MalformedFile(f"{name} is no PNG that can be read: {error}", file=name) from error
    return array


def _check_size(image: PIL.Image.Image, name: str, size: tuple[int, int] | None) -> None:
    width, height = image.size
    if size is not None and size != image.size:
        told = f"its image {size[0]} × {size[1]}"
        raise MalformedFile(f"{name} has {width} × {height} pixels, {told}.", file=name)
    bands = len(image.getbands()) * (2 if image.mode.startswith("I") else 1)
    is_too_large = size is None and width * height * bands > MAX_MAP_BYTES
    if is_too_large or width * height > MAX_MAP_PIXELS:
        raise MalformedFile(
            f"{name} has {width} × {height} pixels, which is over the limit.", file=name
        )


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


def png_color_type(files: Files, name: str) -> int | None:
    """What a PNG's header says: 0 grey, 2 RGB, 3 indexed, 4 grey and 6 RGB with alpha; None for no PNG."""
    with files.open(name) as file:
        head = file.read(26)
    return head[25] if len(head) == 26 and head.startswith(_SIGNATURE) else None


def _has_all_rows(file: BinaryIO) -> bool:
    """Whether a PNG has as many bytes of pixels as its header says: Pillow leaves the rows that are missing black."""
    file.seek(len(_SIGNATURE))
    inflate = zlib.decompressobj()
    left = 1
    while len(head := file.read(8)) == 8 and left > 0:
        size, kind = struct.unpack(">I4s", head)
        body = file.read(size)
        file.seek(4, io.SEEK_CUR)
        if kind == b"IHDR":
            left = _pixel_bytes(*struct.unpack(">IIBBxxB", body))
        elif kind == b"IDAT":
            while body and left > 0:
                left -= len(inflate.decompress(body, _CHUNK))
                body = inflate.unconsumed_tail
    return left <= 0


def _pixel_bytes(width: int, height: int, depth: int, color_type: int, interlaced: int) -> int:
    """Bytes of the rows, with the one before each that names its filter."""
    bits = depth * _CHANNELS[color_type]
    passes = _ADAM7 if interlaced else ((0, 0, 1, 1),)
    total = 0
    for x, y, step_x, step_y in passes:
        columns, rows = -(-(width - x) // step_x), -(-(height - y) // step_y)
        if columns > 0 and rows > 0:
            total += rows * (1 + (columns * bits + 7) // 8)
    return total
