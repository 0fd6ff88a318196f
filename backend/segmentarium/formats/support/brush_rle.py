"""The run lengths of Label Studio's brush: bits of lengths of very different size, over the bytes of an RGBA picture.

A stream has the number of bytes (32 bits), the bits of a word less one (5) and four times the bits of a length less one
(4 each). Then come runs: a bit that says whether one word is repeated or words follow one by one, two bits that choose
the size of the length, the length less one, and the word or the words.

Source:
    Label Studio, `label_studio_sdk/converter/brush.py`; the packing is that of the package @thi.ng/rle-pack.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from segmentarium.core.errors import InvalidSegmentation
from segmentarium.core.rle import RLE, Mask
from segmentarium.formats.support.row_runs import (
    MAX_MASK_PIXELS,
    mask_to_row_runs,
    row_runs_to_rle,
)

_SIZES = (3, 4, 8, 16)  # bits of a length
_WORD = 8
_HEADER = 32 + 5 + 4 * len(_SIZES)
_LONGEST = 1 << _SIZES[-1]
_MAX_BYTES = 8_000_000  # of a stream that is read
_OPAQUE = 128  # alpha from which on a pixel is inside


def encode_brush(mask: Mask) -> list[int]:
    """The bytes of the stream for a (H, W) bool mask: where it is true all four channels are 255.

    >>> len(encode_brush(np.zeros((4, 4), bool)))  # 53 bits and one run of 19
    9
    """
    lengths = 4 * mask_to_row_runs(mask)
    words = np.where(np.arange(lengths.size) % 2 == 1, 255, 0)
    pieces = -(-lengths // _LONGEST)
    words = np.repeat(words, pieces)
    last = np.cumsum(pieces)[pieces > 0] - 1
    lengths_of = np.full(int(pieces.sum()), _LONGEST)
    lengths_of[last] = (lengths - (pieces - 1) * _LONGEST)[pieces > 0]
    choice = np.searchsorted([1 << bits for bits in _SIZES], lengths_of)
    sizes = np.array(_SIZES)[choice]
    runs = (((0b100 | choice) << sizes | (lengths_of - 1)) << _WORD) | words
    header = 4 * mask.size
    header = header << 5 | _WORD - 1
    for bits in _SIZES:
        header = header << 4 | bits - 1
    first = np.array([header >> shift & 1 for shift in range(_HEADER - 1, -1, -1)], bool)
    widths = 3 + sizes + _WORD
    widest = int(widths.max(initial=0))
    places = np.arange(widest)
    shifts = widths[:, None] - 1 - places
    bits_of = (runs[:, None] >> np.maximum(shifts, 0) & 1).astype(bool)
    packed = np.packbits(np.concatenate((first, bits_of[shifts >= 0])))
    stream: list[int] = packed.tolist()
    return stream


def decode_brush(stream: Sequence[object], height: int, width: int) -> RLE:
    """The RLE of a stream for an image: the pixels that are at least half opaque.

    Raises:
        InvalidSegmentation: it is no stream, is cut off, or of a picture of another size.
    """
    if height * width > MAX_MASK_PIXELS or len(stream) > _MAX_BYTES:
        raise InvalidSegmentation("The brush's RLE is larger than any that is read.")
    if set(map(type, stream)) - {int} or not all(0 <= one <= 255 for one in stream):  # type: ignore[operator]
        raise InvalidSegmentation("The brush's RLE is a list of bytes.")
    data = bytes(stream)  # type: ignore[arg-type]
    if len(data) * 8 < _HEADER:
        raise InvalidSegmentation("The brush's RLE has no header.")
    header = int.from_bytes(data[:8].ljust(8, b"\0"), "big") >> (64 - _HEADER)
    count = header >> (_HEADER - 32)
    if count != 4 * height * width:
        raise InvalidSegmentation(
            f"The brush's RLE is of {count / 4:g} pixels, the image of {width} × {height}."
        )
    if (header >> 16 & 0b11111) != _WORD - 1:
        raise InvalidSegmentation("The brush's RLE is not of bytes.")
    sizes = [(header >> shift & 0b1111) + 1 for shift in (12, 8, 4, 0)]
    ends, words = _runs(data, sizes, count)
    # Of the bytes before any place, every fourth one is an alpha.
    lengths = np.diff(np.array(ends, np.int64) // 4, prepend=0)
    is_inside = np.array(words, np.int64) >= _OPAQUE
    return row_runs_to_rle(lengths, is_inside, (0, 0, width, height), height, width)


def _runs(data: bytes, sizes: Sequence[int], count: int) -> tuple[list[int], list[int]]:
    """Where runs of one byte end, and the bytes."""
    padded = np.frombuffer(data + bytes(8), np.uint8).astype(np.uint64)
    windows = np.zeros(len(data) + 1, np.uint64)
    for place in range(8):
        windows = windows << np.uint64(8) | padded[place : place + windows.size]
    # Each window is the 64 bits from a byte on: a run's head, length and word are at most 27 of them, after 7.
    at = windows.tolist()
    size, place, end = 8 * len(data), _HEADER, 0
    ends: list[int] = []
    words: list[int] = []
    while end < count:
        if place >= size:
            raise InvalidSegmentation("The brush's RLE ends too soon.")
        window = at[place >> 3] << (place & 7) & 0xFFFF_FFFF_FFFF_FFFF
        bits = sizes[window >> 61 & 3]
        length = (window >> (61 - bits) & ((1 << bits) - 1)) + 1
        place += 3 + bits
        if window >> 63:
            end += length
            ends.append(end)
            words.append(window >> (53 - bits) & 0xFF)
            place += _WORD
            continue
        if place + _WORD * length > size:
            raise InvalidSegmentation("The brush's RLE ends too soon.")
        for _ in range(length):
            end += 1
            ends.append(end)
            words.append(at[place >> 3] >> (56 - (place & 7)) & 0xFF)
            place += _WORD
    if place > size:
        raise InvalidSegmentation("The brush's RLE ends too soon.")
    if end > count:
        raise InvalidSegmentation("The brush's RLE goes on behind its end.")
    return ends, words
