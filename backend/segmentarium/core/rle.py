"""COCO RLE: runs down the columns, zeros first.

Malformed counts are refused before any C code could read them: the sum must be the image's area and no run negative.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from segmentarium.core import compiled
from segmentarium.core.boxes import PixelBboxXYWH
from segmentarium.core.coverage import Chosen, changes_where
from segmentarium.core.errors import InvalidSegmentation

Mask: TypeAlias = NDArray[np.bool_]
Counts: TypeAlias = NDArray[np.int64]

# A run over this cannot be of an image; keeps hostile sizes from overflowing int64 sums.
MAX_PIXELS = 2**36
# Of one that comes from outside: noise all over a picture of two megapixels has a million.
MAX_RUNS = 4_000_000
_MOST_GROUPS = 9  # of five bits to a run: 45
_NO_RUN = "A run of the RLE is negative or longer than any image."
_GARBLED = "The counts of the RLE are not COCO's compressed string."


@dataclass(frozen=True, slots=True)
class RLE:
    """`size` is (height, width); `counts` int64 run lengths, of zeros first, column-major.

    Raises:
        InvalidSegmentation: a run is negative, or the runs do not add up to the size.
    """

    size: tuple[int, int]
    counts: Counts

    def __post_init__(self) -> None:
        height, width = self.size
        if height < 1 or width < 1 or height * width > MAX_PIXELS:
            raise InvalidSegmentation(f"An RLE of size {height} × {width} cannot be.")
        # One comparison finds both the negative and the endless ones: read as unsigned, a negative number is huge.
        if self.counts.size and int(self.counts.view(np.uint64).max()) > MAX_PIXELS:
            raise InvalidSegmentation(_NO_RUN)
        total = int(self.counts.sum())
        if total != height * width:
            raise InvalidSegmentation(
                f"The runs of the RLE add up to {total}, not {height} × {width} = {height * width}."
            )


def mask_to_rle(mask: Mask) -> RLE:
    """Runs of a (H, W) bool mask.

    Raises:
        InvalidSegmentation: the mask has no pixels at all.
    Source:
        pycocotools `rleEncode`; equal to it, the leading zero run included.

    >>> mask_to_rle(np.array([[False, True], [True, True]])).counts.tolist()
    [1, 3]
    """
    height, width = mask.shape
    flat = np.ravel(mask.T)
    changes = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    bounds = np.concatenate(([0], changes, [flat.size]))
    counts = np.diff(bounds).astype(np.int64)
    if flat.size and flat[0]:
        counts = np.concatenate((np.zeros(1, np.int64), counts))
    return RLE((height, width), counts)


def rle_to_mask(rle: RLE) -> Mask:
    """The (H, W) bool mask of an RLE.

    >>> rle_to_mask(RLE((2, 2), np.array([1, 3]))).tolist()
    [[False, True], [True, True]]
    """
    height, width = rle.size
    values = np.arange(rle.counts.size) % 2 == 1
    return np.repeat(values, rle.counts).reshape(width, height).T


def rle_to_crop(rle: RLE) -> tuple[Mask, PixelBboxXYWH]:
    """The (h, w) mask cut to the tight box, and the box [x, y, w, h] in the image; only its columns are painted.

    >>> rle_to_crop(RLE((2, 3), np.array([3, 1, 2])))
    (array([[ True]]), (1, 1, 1, 1))
    """
    height = rle.size[0]
    x, y, w, h = bbox = rle_bbox(rle)
    first, last = x * height, (x + w) * height
    values = np.arange(rle.counts.size) % 2 == 1
    lengths = np.diff(np.cumsum(rle.counts).clip(first, last), prepend=first)
    return np.repeat(values, lengths).reshape(w, height).T[y : y + h], bbox


def rle_samples(rle: RLE, rows: NDArray[np.int64], columns: NDArray[np.int64]) -> Mask:
    """The pixels where the rising (h,) rows and the (w,) columns meet, as (h, w) bool; no other pixel is decoded.

    >>> rle_samples(RLE((2, 2), np.array([1, 3])), np.array([0]), np.array([0, 1])).tolist()
    [[False, True]]
    """
    height = rle.size[0]
    ends = np.cumsum(rle.counts)
    # A pixel is inside if an odd number of runs have ended up to it: up to its column's first row, and from there on.
    ended = np.searchsorted(ends, columns.astype(np.int64) * height + rows[0], side="right")
    turns = np.zeros((columns.size, rows.size), dtype=np.uint8)
    turns[:, 0] = ended % 2
    of_column = np.searchsorted(ends, columns.astype(np.int64) * height + rows[-1], side="right")
    counts = of_column - ended
    which = np.repeat(np.arange(columns.size), counts)
    first = np.repeat(ended - np.cumsum(counts) + counts, counts)
    here = ends[first + np.arange(which.size)] - columns[which] * height
    np.add.at(turns, (which, np.searchsorted(rows, here, side="left")), 1)
    inside: Mask = np.cumsum(turns, axis=1, dtype=np.uint8) % 2 == 1
    return inside.T


def rle_area(rle: RLE) -> int:
    """Pixels inside."""
    return int(rle.counts[1::2].sum())


def rle_bbox(rle: RLE) -> PixelBboxXYWH:
    """Tight [x, y, w, h] around the pixels inside; all zero when there are none.

    Source:
        pycocotools `rleToBbox`: a run that crosses from one column to the next touches both borders.

    >>> rle_bbox(RLE((4, 6), np.array([11, 2, 11])))
    (2, 0, 2, 4)
    """
    return _measured(rle)[1:]


def rle_area_and_bbox(rle: RLE) -> tuple[int, PixelBboxXYWH]:
    """Pixels inside, and the tight box around them, in one pass."""
    area, *bbox = _measured(rle)
    return area, (bbox[0], bbox[1], bbox[2], bbox[3])


def _measured(rle: RLE) -> tuple[int, int, int, int, int]:
    if compiled.KERNELS is not None:
        return compiled.KERNELS.measure_runs(np.ascontiguousarray(rle.counts), rle.size[0])
    return rle_area(rle), *_bbox(rle)


def _bbox(rle: RLE) -> PixelBboxXYWH:
    height = rle.size[0]
    ends = np.cumsum(rle.counts)
    starts = ends[:-1][::2]
    ends = ends[1::2]
    starts = starts[: ends.size]
    filled = ends > starts
    starts, lasts = starts[filled], ends[filled] - 1
    if not starts.size:
        return 0, 0, 0, 0
    first_columns, last_columns = starts // height, lasts // height
    first_rows, last_rows = starts % height, lasts % height
    crosses = first_columns != last_columns
    top = 0 if crosses.any() else int(first_rows.min())
    bottom = height - 1 if crosses.any() else int(last_rows.max())
    left, right = int(first_columns.min()), int(last_columns.max())
    return left, top, right - left + 1, bottom - top + 1


def rle_union(rles: Sequence[RLE]) -> RLE:
    """Pixels of one or more of the RLEs.

    Raises:
        InvalidSegmentation: they are not of one size, or there are none.
    Source:
        pycocotools `merge(…, intersect=False)`.

    >>> rle_union(
    ...     [RLE((1, 6), np.array([0, 2, 4])), RLE((1, 6), np.array([1, 3, 2]))]
    ... ).counts.tolist()
    [0, 4, 2]
    """
    return _where(rles, lambda covered: covered > 0)


def rle_intersection(rles: Sequence[RLE]) -> RLE:
    """Pixels of all of the RLEs.

    Raises:
        InvalidSegmentation: they are not of one size, or there are none.
    Source:
        pycocotools `merge(…, intersect=True)`.

    >>> rle_intersection(
    ...     [RLE((1, 6), np.array([0, 2, 4])), RLE((1, 6), np.array([1, 3, 2]))]
    ... ).counts.tolist()
    [1, 1, 4]
    """
    count = len(rles)
    return _where(rles, lambda covered: covered == count)


def rle_difference(a: RLE, b: RLE) -> RLE:
    """Pixels of `a` that are not of `b`.

    Raises:
        InvalidSegmentation: they are not of one size.

    >>> rle_difference(
    ...     RLE((1, 6), np.array([0, 2, 4])), RLE((1, 6), np.array([1, 3, 2]))
    ... ).counts.tolist()
    [0, 1, 5]
    """
    # Counted double, `a` alone covers a pixel with two.
    return _where([a, a, b], lambda covered: covered == 2)


def rle_iou(a: RLE, b: RLE, *, is_crowd: bool = False) -> float:
    """Intersection over union, without painting; 0 when both are empty, as pycocotools has it.

    Args:
        a: what was found.
        b: what is true.
        is_crowd: `b` is a crowd region: the intersection is divided by the area of `a` alone.

    Raises:
        InvalidSegmentation: they are not of one size.
    Source:
        pycocotools `iou`.
    """
    shared = rle_area(rle_intersection([a, b]))
    whole = rle_area(a) if is_crowd else rle_area(a) + rle_area(b) - shared
    return shared / whole if whole else 0.0


def _where(rles: Sequence[RLE], chosen: Chosen) -> RLE:
    """The pixels for which `chosen` says yes to how many of the RLEs cover them; it must say no to none at all."""
    if not rles or any(rle.size != rles[0].size for rle in rles):
        raise InvalidSegmentation("These RLEs are not of one size.")
    height, width = rles[0].size
    changes = [np.cumsum(rle.counts) for rle in rles]
    # Runs begin at every even change and end at every odd one; the last change is the end of the image.
    begins = np.concatenate([change[:-1:2] for change in changes])
    ends = np.concatenate([change[1::2] for change in changes])
    flips = changes_where(begins, ends, chosen)
    counts = np.diff(flips, prepend=0, append=height * width)
    return RLE((height, width), counts[:-1] if counts.size > 1 and counts[-1] == 0 else counts)


def encode_counts(counts: Counts) -> str:
    """COCO's compressed string: 5-bit groups with a continuation bit; from the fourth run on, differences.

    Source:
        pycocotools `rleToString`.

    >>> encode_counts(np.array([1, 3]))
    '13'
    """
    if compiled.KERNELS is not None:
        return compiled.KERNELS.encode(np.ascontiguousarray(counts, dtype=np.int64))
    values = counts.astype(np.int64)
    values[3:] -= counts[1:-2]
    out = bytearray()
    for value in values.tolist():
        more = True
        while more:
            group = value & 0x1F
            value >>= 5
            more = value != -1 if group & 0x10 else value != 0
            out.append((group | 0x20 if more else group) + 48)
    return out.decode("ascii")


def decode_counts(text: str) -> Counts:
    """Run lengths of COCO's compressed string.

    Raises:
        InvalidSegmentation: a character out of range, a string that ends in the middle of a run, a run beyond any
            image, more than MAX_RUNS of them.
    Source:
        pycocotools `rleFrString`.

    >>> decode_counts("13").tolist()
    [1, 3]
    """
    if not text:
        return np.zeros(0, dtype=np.int64)
    if compiled.KERNELS is not None and text.isascii():
        decoded = compiled.KERNELS.decode(text, MAX_RUNS, MAX_PIXELS, -1)
        if decoded is not None:
            return np.frombuffer(decoded, dtype=np.int64)
        # What is wrong with it, is said below.
    try:
        groups = np.frombuffer(text.encode("ascii"), dtype=np.uint8) - np.uint8(48)
    except UnicodeEncodeError as error:
        raise InvalidSegmentation(_GARBLED) from error
    if groups.max() >= 64:  # what is below the alphabet has gone round to the end of the bytes
        raise InvalidSegmentation(_GARBLED)
    if groups[-1] & 0x20:
        raise InvalidSegmentation("The counts of the RLE end in the middle of a run.")
    ends = np.flatnonzero(groups < 0x20) + 1
    check_run_count(ends.size)
    starts = np.concatenate(([0], ends[:-1]))
    lengths = ends - starts
    if lengths.max() > _MOST_GROUPS:
        raise InvalidSegmentation(_GARBLED)
    shifts = 5 * (np.arange(groups.size) - np.repeat(starts, lengths))
    runs: Counts = np.add.reduceat((groups & 0x1F).astype(np.int64) << shifts, starts)
    runs -= (groups[ends - 1] >> 4 & 1).astype(np.int64) << 5 * lengths
    # Steps of at most 2^36 are seen to leave the range before their sum could go round.
    if np.abs(runs).max() > MAX_PIXELS:
        raise InvalidSegmentation(_NO_RUN)
    for first in (1, 2):
        np.cumsum(runs[first::2], out=runs[first::2])
    if int(runs.view(np.uint64).max()) > MAX_PIXELS:
        raise InvalidSegmentation(_NO_RUN)
    return runs


def rle_of_text(size: tuple[int, int], text: str) -> RLE:
    """The RLE of COCO's compressed string, for an image of (height, width).

    Raises:
        InvalidSegmentation: see `decode_counts` and `RLE`.
    """
    height, width = size
    if compiled.KERNELS is not None and height > 0 < width and height * width <= MAX_PIXELS:
        decoded = (
            compiled.KERNELS.decode(text, MAX_RUNS, MAX_PIXELS, height * width)
            if text.isascii()
            else None
        )
        if decoded is not None:
            # What `RLE` would look for has been seen to already.
            rle = object.__new__(RLE)
            object.__setattr__(rle, "size", (height, width))
            object.__setattr__(rle, "counts", np.frombuffer(decoded, dtype=np.int64))
            return rle
    return RLE(size, decode_counts(text))


def check_run_count(count: int) -> None:
    """Refuse RLEs that are of no object, before they take the memory.

    Raises:
        InvalidSegmentation: there are more than MAX_RUNS.
    """
    if count > MAX_RUNS:
        raise InvalidSegmentation(f"The RLE has {count:,} runs; at most {MAX_RUNS:,} are taken.")
