"""Runs along the rows, as other tools write masks, ↔ COCO's RLE, whose runs go down the columns."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from segmentarium.core.boxes import PixelBboxXYWH
from segmentarium.core.errors import InvalidSegmentation
from segmentarium.core.rle import MAX_RUNS, RLE, Mask
from segmentarium.core.spans import Spans, spans_to_rle

MAX_MASK_PIXELS = 300_000_000
Lengths = NDArray[np.int64]


def alternating_runs_to_rle(lengths: Lengths, bbox: PixelBboxXYWH, height: int, width: int) -> RLE:
    """The same of runs that are outside and inside in turn, outside first."""
    return row_runs_to_rle(lengths, np.arange(lengths.size) % 2 == 1, bbox, height, width)


def row_runs_to_rle(
    lengths: Lengths, is_inside: NDArray[np.bool_], bbox: PixelBboxXYWH, height: int, width: int
) -> RLE:
    """An RLE of runs that fill a box row by row.

    Args:
        lengths: int64 run lengths, which add up to the box.
        is_inside: for each run, whether its pixels are.
        bbox: [x, y, w, h] of the box in the image, in whole pixels.
        height: of the image.
        width: of the image.

    Raises:
        InvalidSegmentation: a run is negative, they do not add up to the box, it leaves the image, or there are too
            many of them.

    >>> runs = np.array([1, 2, 1]), np.array([False, True, False])
    >>> row_runs_to_rle(*runs, (1, 0, 2, 2), 2, 3).counts.tolist()
    [3, 2, 1]
    """
    x, y, w, h = bbox
    if not (w > 0 and h > 0 and x >= 0 and y >= 0 and x + w <= width and y + h <= height):
        raise InvalidSegmentation(f"The mask's box {list(bbox)} is not within the image.")
    if w * h > MAX_MASK_PIXELS or lengths.size > MAX_RUNS:
        raise InvalidSegmentation("The mask is larger than any that is read.")
    if lengths.size and (lengths.min() < 0 or lengths.max() > w * h):
        raise InvalidSegmentation("A run of the mask is negative or longer than its box.")
    if int(lengths.sum()) != w * h:
        raise InvalidSegmentation(
            f"The runs of the mask add up to {int(lengths.sum())}, its box has {w * h} pixels."
        )
    ends = np.cumsum(lengths)
    kept = is_inside & (lengths > 0)
    starts, ends = (ends - lengths)[kept], ends[kept]
    first, last = starts // w, (ends - 1) // w
    counts = last - first + 1  # rows that a run touches
    rows = np.repeat(first - np.cumsum(counts) + counts, counts) + np.arange(int(counts.sum()))
    begins = np.maximum(np.repeat(starts, counts), rows * w) - rows * w
    stops = np.minimum(np.repeat(ends, counts), (rows + 1) * w) - rows * w
    return spans_to_rle(Spans(rows + y, begins + x, stops + x), height, width)


def runs_of(values: Sequence[object]) -> Lengths:
    """Whole numbers of a document as an array.

    Raises:
        InvalidSegmentation: one of them is no whole number, or longer than any mask; or there are too many.
    """
    if len(values) > 2 * MAX_RUNS:
        raise InvalidSegmentation("The mask has more runs than are read.")
    if set(map(type, values)) - {int}:
        raise InvalidSegmentation("The runs of a mask are whole numbers.")
    try:
        return np.array(values, dtype=np.int64)
    except OverflowError as error:
        raise InvalidSegmentation("A run of the mask is longer than any image.") from error


def mask_to_row_runs(mask: Mask) -> Lengths:
    """Run lengths along the rows of a (h, w) bool mask, of zeros first.

    >>> mask_to_row_runs(np.array([[True, True], [False, True]])).tolist()
    [0, 2, 1, 1]
    """
    flat = mask.ravel()
    bounds = np.flatnonzero(np.diff(flat, prepend=np.zeros(1, bool)))
    return np.diff(np.concatenate(([0], bounds, [flat.size]))).astype(np.int64)
