"""Bytes of small images."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import PIL.Image
from numpy.typing import NDArray


def noise_png(width: int, height: int, seed: int = 0) -> bytes:
    """A PNG that differs from that of any other seed."""
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return saved(pixels, "PNG")


def disk_png(width: int, height: int, x: int, y: int, radius: int) -> bytes:
    """A red disk on a blue ground, both a little uneven."""
    rows, columns = np.mgrid[:height, :width]
    inside = (columns + 0.5 - x) ** 2 + (rows + 0.5 - y) ** 2 < radius**2
    pixels = np.where(inside[..., None], (200, 40, 40), (40, 60, 200))
    uneven = np.random.default_rng(0).integers(-12, 13, pixels.shape)
    return saved((pixels + uneven).astype(np.uint8), "PNG")


def rotated_jpeg() -> bytes:
    """Stored 60 × 40 with orientation 6: upright it is 40 × 60, its upper half red and its lower half blue."""
    upright = np.zeros((60, 40, 3), np.uint8)
    upright[:30], upright[30:] = (230, 20, 20), (20, 20, 230)
    exif = PIL.Image.Exif()
    exif[0x0112] = 6
    stored = np.ascontiguousarray(np.rot90(upright))
    buffer = io.BytesIO()
    PIL.Image.fromarray(stored).save(buffer, "JPEG", quality=95, exif=exif)
    return buffer.getvalue()


def png_header(width: int, height: int) -> bytes:
    """A PNG that claims a size; nothing stands behind the claim."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        (chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(b"\0")), chunk(b"IEND", b""))
    )


def pixels_of(data: bytes) -> NDArray[np.uint8]:
    """The (H, W, 3) pixels of an image file, its orientation left aside."""
    with PIL.Image.open(io.BytesIO(data)) as image:
        return np.asarray(image.convert("RGB"))


def saved(pixels: NDArray[np.uint8], format_: str) -> bytes:
    """An image file of (H, W, 3) pixels."""
    buffer = io.BytesIO()
    PIL.Image.fromarray(pixels).save(buffer, format_)
    return buffer.getvalue()
