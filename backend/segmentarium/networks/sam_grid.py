"""Between an image's pixels and the grid of a promptable network: masks in, masks out, strokes as points.

Needs no PyTorch. All costs are bounded, whatever the image's size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from segmentarium.core.rle import RLE, Mask
from segnets.resample import bilinear_taps, bilinear_weights

Logits: TypeAlias = NDArray[np.float32]
Point: TypeAlias = tuple[float, float]

_SURE = 10.0  # the logit of a pixel known to be inside, as SAM 2 gives masks to itself (`_use_mask_as_output`)
_SAMPLES = 2  # a mask is looked at so many times a cell and side
_POINTS_A_STROKE = 8
_MOST_POINTS = 32  # of all strokes together; more make the decoder slower and say nothing new


@dataclass(frozen=True, slots=True)
class Grid:
    """An image of `height` × `width` pixels fills the upper left of a square of `size` pixels, `cells` cells a side.

    `is_stretched`: the image fills all of the square, whatever its shape, and masks go to its pixels in one step.
    """

    height: int
    width: int
    filled_height: int
    filled_width: int
    size: int
    cells: int
    is_stretched: bool


@dataclass(frozen=True, slots=True)
class PlacedMask:
    """A mask of the part of an image from column `x`, row `y` on, `covers` (width, height) pixels large."""

    mask: Mask
    x: int
    y: int
    covers: tuple[int, int]


def mask_of_logits(logits: Logits, grid: Grid, longest: int) -> PlacedMask | None:
    """The mask on the image's pixels, or on larger ones where its box is over `longest`; None if nothing is inside.

    Source:
        `post_process_masks` of transformers: for SAM bilinear from the grid to the square, cut to what the image fills,
        bilinear to the image, over 0; for SAM 2 bilinear from the grid to the image. Put together in one matrix an
        axis, and only the part that holds the mask is computed; pixels are the same but for rounding.
    """
    columns, rows = (
        np.flatnonzero((logits > 0).any(axis=0)),
        np.flatnonzero((logits > 0).any(axis=1)),
    )
    if not columns.size:
        return None
    x0, x1 = _pixels(columns, grid, grid.width, grid.filled_width)
    y0, y1 = _pixels(rows, grid, grid.height, grid.filled_height)
    if x0 >= x1 or y0 >= y1:
        return None  # all of it in the part of the square that no image fills
    scale = min(1.0, longest / max(x1 - x0, y1 - y0))
    width, height = max(1, round((x1 - x0) * scale)), max(1, round((y1 - y0) * scale))
    across = _weights(grid, grid.width, grid.filled_width, x0, x1, width)
    down = _weights(grid, grid.height, grid.filled_height, y0, y1, height)
    mask: Mask = (down @ logits @ across.T) > 0
    return PlacedMask(mask, x0, y0, (x1 - x0, y1 - y0)) if mask.any() else None


def logits_of_mask(mask: RLE, grid: Grid) -> Logits:
    """A mask as the network takes its own: (cells, cells), from −10 outside to 10 inside by the share of a cell.

    Looked at in four points a cell, so that it costs the same for any image.
    """
    samples = grid.cells * _SAMPLES
    square = (np.arange(samples) + 0.5) * grid.size / samples
    x = np.floor(square * grid.width / grid.filled_width).astype(np.int64)
    y = np.floor(square * grid.height / grid.filled_height).astype(np.int64)
    on_image = (y < grid.height)[:, None] & (x < grid.width)[None, :]
    flat = (
        np.minimum(x, grid.width - 1)[None, :] * grid.height
        + np.minimum(y, grid.height - 1)[:, None]
    )
    run = np.searchsorted(np.cumsum(mask.counts), flat.ravel(), side="right").reshape(flat.shape)
    inside = (run % 2 == 1) & on_image
    share = inside.reshape(grid.cells, _SAMPLES, grid.cells, _SAMPLES).mean(axis=(1, 3))
    logits: Logits = ((2 * share - 1) * _SURE).astype(np.float32)
    return logits


def points_of_strokes(
    strokes: Sequence[tuple[Sequence[Point], int, float]],
) -> list[tuple[Point, int]]:
    """Points on strokes, with their labels: evenly along each, not closer than its width.

    Args:
        strokes: (points, label, radius in pixels) of each.

    >>> points_of_strokes([([(0, 0), (10, 0)], 1, 2.5)])
    [((0.0, 0.0), 1), ((5.0, 0.0), 1), ((10.0, 0.0), 1)]
    """
    most = max(1, min(_POINTS_A_STROKE, _MOST_POINTS // max(1, len(strokes))))
    found: list[tuple[Point, int]] = []
    for points, label, radius in strokes:
        line = np.asarray(points, np.float64)
        steps = np.hypot(*np.diff(line, axis=0).T) if len(line) > 1 else np.zeros(0)
        along = np.concatenate(([0.0], np.cumsum(steps)))
        count = int(min(most, along[-1] // max(2 * radius, 1) + 1))
        places = np.linspace(0, along[-1], count) if count > 1 else np.array([along[-1] / 2])
        found += [
            (
                (
                    float(np.interp(place, along, line[:, 0])),
                    float(np.interp(place, along, line[:, 1])),
                ),
                label,
            )
            for place in places
        ]
    return found[-_MOST_POINTS:]


def _pixels(cells: NDArray[np.intp], grid: Grid, length: int, filled: int) -> tuple[int, int]:
    """The image's pixels that cells from the first to the last could mean: the border lies within a cell of them."""
    cell = grid.size / grid.cells * length / filled
    first = int(np.floor((cells[0] - 1) * cell)) - 1
    last = int(np.ceil((cells[-1] + 2) * cell)) + 1
    return max(0, first), min(length, last)


def _weights(grid: Grid, length: int, filled: int, first: int, last: int, count: int) -> Logits:
    """Grid → square → image in one, or grid → image: (count, cells)."""
    centers = first + (np.arange(count) + 0.5) * (last - first) / count
    if grid.is_stretched:
        return bilinear_weights(centers * grid.cells / length - 0.5, grid.cells)
    on_square = bilinear_weights(
        (np.arange(filled) + 0.5) * grid.cells / grid.size - 0.5, grid.cells
    )
    low, share = bilinear_taps(centers * filled / length - 0.5, filled)
    high = np.minimum(low + 1, filled - 1)
    weights: Logits = on_square[low] * (1 - share)[:, None] + on_square[high] * share[:, None]
    return weights
