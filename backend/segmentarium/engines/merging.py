"""A new answer to a corrected mask, taken over only where a correction asked for a change.

A network that is told of one error often changes its mind elsewhere, where nobody had complained.
"""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from segmentarium.core.boxes import PixelBoxXYXY
from segmentarium.core.rle import Mask
from segmentarium.engines.base import Prediction, Prompt
from segmentarium.engines.painting import Grid, corrections_of, painted

_LARGEST_PX = 2048  # longest side of a mask that is kept pixel by pixel


def changed_where_asked(
    start: Prediction, answer: Prediction, prompt: Prompt, height: int, width: int
) -> Prediction:
    """The start, with those of the answer's changes that a point or a stroke for such a change lies on.

    Args:
        start: the mask that was corrected.
        answer: what an engine makes of it; where it was not looked at nothing changes.
        prompt: its points and strokes. A change is a connected region of pixels (also by their corners) that the
            answer adds, and a correction inside asks for it; or that it takes away, and a correction outside does.
        height: of the image.
        width: likewise.
    """
    region = _around(start, answer)
    x0, y0, x1, y1 = region
    scale = min(1.0, _LARGEST_PX / max(x1 - x0, y1 - y0))
    shape = max(1, round((y1 - y0) * scale)), max(1, round((x1 - x0) * scale))
    grid = Grid(shape, x0, y0, (x1 - x0) / shape[1], (y1 - y0) / shape[0])
    before, _ = _sampled(start, grid)
    after, is_seen = _sampled(answer, grid)
    patches = [(one.label, painted(grid, one)) for one in corrections_of(prompt, height, width)]
    mask = before.copy()
    for label in (1, 0):
        changes = (after == bool(label)) & (before != bool(label)) & is_seen
        _, parts = cv2.connectedComponents(changes.view(np.uint8), connectivity=8)
        asked = [np.unique(patch.of(parts)) for own, patch in patches if own == label]
        chosen = np.setdiff1d(np.concatenate(asked), [0]) if asked else np.empty(0, int)
        mask[np.isin(parts, chosen)] = bool(label)
    if np.array_equal(mask, before) or not mask.any():
        return replace(start, score=answer.score)
    return Prediction(mask, x0, y0, answer.score, None, (x1 - x0, y1 - y0))


def _around(a: Prediction, b: Prediction) -> PixelBoxXYXY:
    (ax, ay, aw, ah), (bx, by, bw, bh) = a.bbox_xywh, b.bbox_xywh
    return min(ax, bx), min(ay, by), max(ax + aw, bx + bw), max(ay + ah, by + bh)


def _sampled(prediction: Prediction, grid: Grid) -> tuple[Mask, Mask]:
    """A mask on the cells of a grid, False where it does not reach; and where it does."""
    x, y, width, height = prediction.bbox_xywh
    rows, columns = prediction.mask.shape
    across = _nearest(grid.x, grid.across, grid.shape[1], x, width / columns)
    down = _nearest(grid.y, grid.down, grid.shape[0], y, height / rows)
    reaches_x, reaches_y = (across >= 0) & (across < columns), (down >= 0) & (down < rows)
    mask = np.zeros(grid.shape, dtype=bool)
    is_seen = reaches_y[:, None] & reaches_x[None, :]
    mask[is_seen] = prediction.mask[np.ix_(down[reaches_y], across[reaches_x])].ravel()
    return mask, is_seen


def _nearest(
    start: float, step: float, count: int, origin: float, cell: float
) -> NDArray[np.int64]:
    """Which of another grid's cells the centres of this one's lie in."""
    centers = start + (np.arange(count) + 0.5) * step
    cells: NDArray[np.int64] = np.floor((centers - origin) / cell).astype(np.int64)
    return cells
