"""Points and strokes as cells of a grid, and whether a mask obeys them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from segmentarium.core.rle import Mask
from segmentarium.engines.base import Prediction, Prompt, raise_if_abandoned

NOBODY = -1  # the label of cells that nobody asked one for
Cells = TypeVar("Cells", bound=np.generic)


@dataclass(frozen=True, slots=True)
class Correction:
    """Pixels that have a label: 1 inside, 0 outside. A point has no radius: it is the pixel under it.

    `pixels` are the (n, 2) columns and rows of the image's pixels under the points.
    """

    points: tuple[tuple[float, float], ...]
    label: int
    radius_px: float
    pixels: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Grid:
    """(h, w) cells whose upper left corner is that of column `x`, row `y`; a cell is `across` × `down` pixels."""

    shape: tuple[int, int]
    x: float
    y: float
    across: float
    down: float


@dataclass(frozen=True, slots=True)
class Patch:
    """Cells of a grid: those of a mask whose corner is at this row and column. Costs no more than what it covers."""

    row: int
    column: int
    mask: Mask

    def of(self, values: NDArray[Cells]) -> NDArray[Cells]:
        """The values at its cells."""
        return self._part(values)[self.mask]

    def fill(self, values: NDArray[Cells], value: int) -> None:
        """Set the values at its cells."""
        self._part(values)[self.mask] = value

    def whole(self, shape: tuple[int, int]) -> Mask:
        """As a mask of the grid."""
        cells = np.zeros(shape, dtype=bool)
        self.fill(cells, 1)
        return cells

    def _part(self, values: NDArray[Cells]) -> NDArray[Cells]:
        height, width = self.mask.shape
        return values[self.row : self.row + height, self.column : self.column + width]


def corrections_of(prompt: Prompt, height: int, width: int) -> tuple[Correction, ...]:
    """The strokes and then the points of a prompt on an image, each in the order given: a point is always obeyed."""
    strokes = ((stroke.points, stroke.label, stroke.radius_px) for stroke in prompt.strokes)
    points = (
        ((point,), label, 0.0)
        for point, label in zip(prompt.point_coords, prompt.point_labels, strict=True)
    )
    last = width - 1, height - 1  # a point on the far edge is of the last pixel
    return tuple(
        Correction(at, label, radius, np.minimum(np.floor(at).astype(np.int64), last))
        for at, label, radius in (*strokes, *points)
    )


def grid_of(prediction: Prediction) -> Grid:
    """The grid of an engine's mask."""
    x, y, width, height = prediction.bbox_xywh
    rows, columns = prediction.mask.shape
    return Grid((rows, columns), x, y, width / columns, height / rows)


def painted(grid: Grid, correction: Correction) -> Patch:
    """The cells that a correction asks a label for."""
    height, width = grid.shape
    points, radius = np.array(correction.points), correction.radius_px
    columns = np.floor((correction.pixels[:, 0] + 0.5 - grid.x) / grid.across).astype(np.int64)
    rows = np.floor((correction.pixels[:, 1] + 0.5 - grid.y) / grid.down).astype(np.int64)
    first = (points.min(axis=0) - radius - (grid.x, grid.y)) / (grid.across, grid.down)
    last = (points.max(axis=0) + radius - (grid.x, grid.y)) / (grid.across, grid.down)
    left, top = max(0, min(int(first[0]), columns.min())), max(0, min(int(first[1]), rows.min()))
    right = min(width, max(int(last[0]), columns.max()) + 1)
    bottom = min(height, max(int(last[1]), rows.max()) + 1)
    cells = np.zeros((max(0, bottom - top), max(0, right - left)), dtype=bool)
    if radius and cells.size:
        _paint_segments(cells, grid, (int(left), int(top)), correction)
    on_grid = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
    cells[rows[on_grid] - top, columns[on_grid] - left] = True
    return Patch(int(top), int(left), cells)


def is_obeyed(
    start: Prediction, corrections: Sequence[Correction], height: int, width: int
) -> bool:
    """Whether the mask has what all corrections ask for; where they cross, what the later one does."""
    grid = grid_of(start)
    asked = np.full(grid.shape, NOBODY, np.int8)
    for correction in corrections:
        if correction.label and not _lies_on(grid, correction, height, width):
            return False
        painted(grid, correction).fill(asked, correction.label)
    return not ((asked != NOBODY) & (asked != start.mask)).any()


def _lies_on(grid: Grid, correction: Correction, height: int, width: int) -> bool:
    """Whether the grid has all pixels of the image that a correction covers."""
    points, radius = np.array(correction.points), correction.radius_px
    x0, y0 = np.maximum(points.min(axis=0) - radius, 0)
    x1, y1 = np.minimum(points.max(axis=0) + radius, (width, height))
    right, bottom = grid.x + grid.shape[1] * grid.across, grid.y + grid.shape[0] * grid.down
    return bool(grid.x <= x0 and grid.y <= y0 and x1 <= right and y1 <= bottom)


def _paint_segments(
    cells: Mask, grid: Grid, corner: tuple[int, int], correction: Correction
) -> None:
    """Cells, of a part of the grid with that corner, whose middles lie within the radius of a segment."""
    x, y = grid.x + corner[0] * grid.across, grid.y + corner[1] * grid.down
    height, width = cells.shape
    points, radius = correction.points, correction.radius_px
    for (ax, ay), (bx, by) in zip(points, points[1:] or points, strict=False):
        raise_if_abandoned()
        # Only what the segment may touch is looked at: a stroke has many segments.
        left = max(0, int((min(ax, bx) - radius - x) / grid.across))
        right = min(width, int((max(ax, bx) + radius - x) / grid.across) + 1)
        top = max(0, int((min(ay, by) - radius - y) / grid.down))
        bottom = min(height, int((max(ay, by) + radius - y) / grid.down) + 1)
        if left < right and top < bottom:
            cells[top:bottom, left:right] |= _near_segment(
                x + (np.arange(left, right) + 0.5) * grid.across,
                y + (np.arange(top, bottom) + 0.5) * grid.down,
                (ax, ay),
                (bx, by),
                radius,
            )


def _near_segment(
    xs: NDArray[np.floating],
    ys: NDArray[np.floating],
    a: tuple[float, float],
    b: tuple[float, float],
    radius: float,
) -> Mask:
    """(h, w): the pixels of these middles within the radius of a segment."""
    along = np.array(b) - np.array(a)
    length = float(along @ along)
    px, py = xs[None, :] - a[0], ys[:, None] - a[1]
    share = np.clip((px * along[0] + py * along[1]) / length, 0, 1) if length else 0.0
    near: Mask = (px - share * along[0]) ** 2 + (py - share * along[1]) ** 2 < radius**2
    return near
