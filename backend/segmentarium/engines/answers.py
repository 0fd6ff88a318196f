"""A mask on the grid of a crop → what an engine answers: placed, points obeyed, never empty. Shared by the classical
engines.
"""

from __future__ import annotations

import cv2
import numpy as np

from segmentarium.core.boxes import PixelBoxXYXY
from segmentarium.core.rle import Mask
from segmentarium.engines.base import ImageRGB, Prediction, Prompt
from segmentarium.engines.crops import (
    IN,
    OUT,
    Crop,
    Marks,
    cells_in_box,
    grid_shape,
    marks_box,
    marks_on_grid,
    point_cells,
    united,
)
from segmentarium.engines.regions import contrast, ellipse

ANSWER_PX = 1024  # longest side of the mask that is answered
FALLBACK_SCORE = 0.2
_SMOOTHING = 0.7  # standard deviation, in cells, where a coarse mask is enlarged: its border smooth instead of blocky
_POINT_RADIUS = 2  # cells of the answer around a point that the method did not obey
_DISC_SHARE = 0.02  # of the image's shorter side: radius of the disc that stands for a point


def answered(
    image: ImageRGB,
    prompt: Prompt,
    crop: Crop,
    mask: Mask,
    failure: str | None = None,
    note: str | None = None,
) -> Prediction:
    """The answer of an engine that found `mask` on the grid of `crop`.

    Args:
        image: that was asked about, (H, W, 3).
        prompt: that was asked.
        crop: worked on.
        mask: (h, w) bool on its grid; where it is empty that counts as a failure.
        failure: why nothing was found, for which a simple shape is answered instead.
        note: what else `fallback` should say.
    """
    height, width = image.shape[:2]
    window = crop.window
    if crop.box is not None:
        marked = marks_box(prompt, height, width, (1,))
        window = united(crop.box, marked) if marked else crop.box
    shape = grid_shape(window, ANSWER_PX)
    found = mask & (crop.within | crop.is_in) & ~crop.is_out
    if failure is None and not found.any():
        failure = "Nothing was found"
    if failure is None:
        score, placed, fallback = (
            contrast(crop.pixels, found),
            _placed(found, crop, window, shape),
            note,
        )
    else:
        score = FALLBACK_SCORE
        placed, words = _shape(image, prompt, crop, window, shape)
        fallback = f"{failure}; this is {words}."
    marks = marks_on_grid(prompt, window, shape)
    if crop.box is not None:
        placed &= cells_in_box(crop.box, window, shape) | (marks == IN)
    obeying = _obeying(placed, prompt, marks, window, shape)
    if not obeying.any():
        obeying = _anything(obeying, crop, window, marks)
        score = 0.0
        fallback = "The points outside leave nothing inside; this is all that they leave."
    covers = (window[2] - window[0], window[3] - window[1])
    return Prediction(obeying, window[0], window[1], score, fallback, covers)


def _placed(mask: Mask, crop: Crop, window: PixelBoxXYXY, shape: tuple[int, int]) -> Mask:
    """The mask of the crop on the grid of a window of the image."""
    if crop.window == window and crop.shape == shape:
        return mask.copy()
    cells = mask.astype(np.float32)
    per_cell = [(crop.window[2 + i] - crop.window[i]) / crop.shape[1 - i] for i in (0, 1)]
    per_answer = [(window[2 + i] - window[i]) / shape[1 - i] for i in (0, 1)]
    if per_cell[0] > per_answer[0]:
        cells = cv2.GaussianBlur(cells, (0, 0), _SMOOTHING).astype(np.float32, copy=False)
    # From the centre of a cell of the answer, by way of the image, to the crop's cells.
    scales = [answer / cell for answer, cell in zip(per_answer, per_cell, strict=True)]
    shifts = [0.5 * scales[i] + (window[i] - crop.window[i]) / per_cell[i] - 0.5 for i in (0, 1)]
    matrix = np.array([[scales[0], 0, shifts[0]], [0, scales[1], shifts[1]]])
    warped = cv2.warpAffine(
        cells,
        matrix,
        shape[::-1],
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    placed: Mask = warped > 0.5
    # What is thinner than a cell can vanish in smoothing; blocky is better than nothing.
    if not placed.any():
        placed = warped >= 0.5 * warped.max() if warped.max() > 0 else placed
    return placed


def _shape(
    image: ImageRGB, prompt: Prompt, crop: Crop, window: PixelBoxXYXY, shape: tuple[int, int]
) -> tuple[Mask, str]:
    """What stands for an object that was not found, and its name."""
    if crop.box is not None:
        x, y = crop.box[0] - window[0], crop.box[1] - window[1]
        across = shape[1] / (window[2] - window[0])
        down = shape[0] / (window[3] - window[1])
        w, h = crop.box[2] - crop.box[0], crop.box[3] - crop.box[1]
        inscribed = ellipse(shape, (x * across, y * down, (x + w) * across, (y + h) * down))
        if not inscribed.any():  # thinner than a cell
            inscribed = cells_in_box(crop.box, window, shape)
        return inscribed, "the ellipse in the box"
    scale = max(shape) / max(window[2] - window[0], window[3] - window[1])
    radius = max(1, round(_DISC_SHARE * min(image.shape[:2]) * scale))
    discs: Mask = marks_on_grid(prompt, window, shape, radius) == IN
    if not discs.any():
        return ~(marks_on_grid(prompt, window, shape, radius) > 0), "all but the points outside"
    return discs, "a disc at each point"


def _obeying(
    mask: Mask, prompt: Prompt, marks: Marks, window: PixelBoxXYXY, shape: tuple[int, int]
) -> Mask:
    """The mask with every stroke obeyed, and every point with a few cells around it where it was not."""
    found = (mask | (marks == IN)) & (marks != OUT)
    values = found.astype(np.uint8)
    cells = list(point_cells(prompt, window, shape))
    for row, column, label in cells:
        if bool(mask[row, column]) != (label == IN):
            cv2.circle(values, (column, row), _POINT_RADIUS, int(label == IN), -1)
    for row, column, label in cells:
        values[row, column] = label == IN
    obeying: Mask = values > 0
    return obeying


def _anything(mask: Mask, crop: Crop, window: PixelBoxXYXY, marks: Marks) -> Mask:
    """What no mark forbids; where marks forbid all, all."""
    allowed = np.ones_like(mask) if crop.box is None else cells_in_box(crop.box, window, mask.shape)
    free: Mask = allowed & (marks != OUT)
    return free if free.any() else allowed
