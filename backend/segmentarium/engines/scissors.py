"""Intelligent scissors: between one click and the next the outline follows the edges.

Source:
    Mortensen, Barrett: "Intelligent scissors for image composition", SIGGRAPH 1995, as in OpenCV
    (`cv2.segmentation.IntelligentScissorsMB`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from segmentarium.core.boxes import PixelBoxXYXY, expand_box
from segmentarium.core.rle import Mask
from segmentarium.engines.answers import answered
from segmentarium.engines.base import (
    ImageRGB,
    Option,
    OptionValue,
    Prediction,
    Prompt,
    PromptKind,
    raise_if_abandoned,
)
from segmentarium.engines.crops import SMOOTHING, Crop, crop_of, cut, marks_box, shrunk, united

Path: TypeAlias = NDArray[np.float64]

_GRID_PX = 256  # longest side of the grid of one piece of the way; the time grows with its cells
_ANSWER_PX = 1024
_ASIDE_SHARE = 0.25  # of the way's length: how far the path may stray from the straight line
_SMALLEST_ASIDE_PX = 8
_SMALLEST_CELLS = 4  # a side; Canny wants some
_STEEPEST = 200  # of 255: steeper gradients are all the same to the path
_FINE_PX = 1.5  # of a cell: a grid that fine needs no second one
_PIECE_CELLS = 48  # of the way on the first grid, that are traced again at once
_PIECE_STRAY = 0.15  # of a piece's length
_SNAP_CELLS = 1.5  # of the first grid: how far the end of a piece is moved to the steepest pixel
_CANNY = (32, 100)  # thresholds, as in OpenCV's sample


class Scissors:
    """The area within a path along edges through all clicks."""

    name = "scissors"
    title = "Intelligent scissors"
    description = "Objects of any colours with a visible outline: click around it, in order."
    prompts: tuple[PromptKind, ...] = ("points", "strokes")
    starts_from: tuple[PromptKind, ...] = ("points",)
    rank = -1
    is_slow = False
    options: tuple[Option, ...] = (
        Option(
            "stray",
            "How far the path may stray, in shares of the way between two clicks",
            "number",
            _ASIDE_SHARE,
            0.0,
            1.0,
        ),
        replace(SMOOTHING, maximum=5.0),
    )

    def unavailable_reason(self) -> str | None:
        """Always available: OpenCV is a base dependency."""
        return None

    def segment(
        self, image: ImageRGB, prompt: Prompt, options: Mapping[str, OptionValue]
    ) -> Prediction:
        """See `Engine.segment`; points with label 1 are the clicks, in order; the path is closed at the end."""
        clicks = [
            point
            for point, label in zip(prompt.point_coords, prompt.point_labels, strict=True)
            if label
        ]
        if len(clicks) < 3:
            crop = crop_of(image, prompt, _ANSWER_PX, reach=0.05)
            return answered(image, prompt, crop, crop.is_in, "Scissors need three clicks")
        ways = []
        for start, end in zip(clicks, [*clicks[1:], clicks[0]], strict=True):
            raise_if_abandoned()
            ways.append(
                livewire_path(
                    image, start, end, float(options["stray"]), float(options["smoothing"])
                )
            )
        ring = np.concatenate(ways)
        crop = _around(image, prompt, ring)
        return answered(image, prompt, crop, _drawn(ring, crop))


def livewire_path(
    image: ImageRGB,
    start: tuple[float, float],
    end: tuple[float, float],
    stray: float = _ASIDE_SHARE,
    smoothing: float = 1.0,
) -> Path:
    """The way from one point to another that follows edges.

    It is found on a crop around the two points, on a grid whose longer side is at most 256 cells; where these are
    larger than pixels, it is found again piece by piece on finer grids.

    Args:
        image: (H, W, 3) uint8 RGB.
        start: (x, y) in image pixels.
        end: (x, y) in image pixels.
        stray: how far the path may stray from the straight line, in shares of its length.
        smoothing: standard deviation of a Gaussian, in cells of the grid.

    Returns:
        (N, 2) float64 x, y in image pixels, N at least 2; the first is `start`, the last is `end`.
    """
    first, last = np.array(start, dtype=float), np.array(end, dtype=float)
    path, cell = _traced(image, first, last, stray, smoothing)
    if cell <= _FINE_PX or len(path) <= 2:
        return path
    inner = [
        _steepest(image, point, round(_SNAP_CELLS * cell))
        for point in path[_PIECE_CELLS : -_PIECE_CELLS // 2 : _PIECE_CELLS]
    ]
    stops = [first, *inner, last]
    pieces = [_traced(image, a, b, _PIECE_STRAY, smoothing)[0] for a, b in pairwise(stops)]
    return np.concatenate([pieces[0], *(piece[1:] for piece in pieces[1:])])


def _traced(
    image: ImageRGB,
    start: NDArray[np.float64],
    end: NDArray[np.float64],
    stray: float,
    smoothing: float,
) -> tuple[Path, float]:
    """The way on one grid, and the longer side of a cell in pixels."""
    height, width = image.shape[:2]
    ends = np.stack([start, end])
    window = _window(ends, stray, width, height)
    pixels = shrunk(image, window, _GRID_PX)
    if min(pixels.shape[:2]) < _SMALLEST_CELLS:
        return ends, 1.0
    if smoothing > 0:
        pixels = cv2.GaussianBlur(pixels, (0, 0), smoothing).astype(np.uint8, copy=False)
    origin, size = np.array(window[:2]), np.array(pixels.shape[1::-1])
    cell = (np.array(window[2:]) - origin) / size
    (x0, y0), (x1, y1) = np.clip(((ends - origin) / cell).astype(int), 0, size - 1).tolist()
    if (x0, y0) == (x1, y1):
        return ends, float(cell.max())
    scissors = cv2.segmentation.IntelligentScissorsMB()
    scissors.setEdgeFeatureCannyParameters(*_CANNY)
    scissors.setGradientMagnitudeMaxLimit(_STEEPEST)
    scissors.applyImage(pixels)
    scissors.buildMap((x0, y0))
    found = scissors.getContour((x1, y1)).reshape(-1, 2)
    between = (found[1:-1] + 0.5) * cell + origin
    return np.concatenate([ends[:1], between, ends[1:]]), float(cell.max())


def _steepest(image: ImageRGB, point: NDArray[np.float64], radius: int) -> NDArray[np.float64]:
    """The pixel of the steepest gradient near a point."""
    height, width = image.shape[:2]
    x, y = int(point[0]), int(point[1])
    x0, y0, x1, y1 = expand_box((x, y, x + 1, y + 1), radius, width, height)
    gray = cv2.cvtColor(np.ascontiguousarray(image[y0:y1, x0:x1]), cv2.COLOR_RGB2GRAY)
    smooth = cv2.GaussianBlur(gray.astype(np.float32), (0, 0), 1)
    steep = cv2.Sobel(smooth, -1, 1, 0) ** 2 + cv2.Sobel(smooth, -1, 0, 1) ** 2
    row, column = np.unravel_index(int(np.argmax(steep)), steep.shape)
    return np.array([x0 + int(column) + 0.5, y0 + int(row) + 0.5])


def _window(points: Path, stray: float, width: int, height: int) -> PixelBoxXYXY:
    """The pixels around points that a path between them may pass."""
    (x0, y0), (x1, y1) = points.min(axis=0).astype(int), np.ceil(points.max(axis=0)).astype(int)
    aside = max(_SMALLEST_ASIDE_PX, round(stray * float(np.hypot(x1 - x0, y1 - y0))))
    return expand_box((int(x0), int(y0), int(x1), int(y1)), aside, width, height)


def _around(image: ImageRGB, prompt: Prompt, ring: Path) -> Crop:
    """The crop that holds all of a ring."""
    height, width = image.shape[:2]
    window = _window(ring, 0, width, height)
    marked = marks_box(prompt, height, width, (1,))
    return cut(image, united(window, marked or window), _ANSWER_PX, prompt, None)


def _drawn(ring: Path, crop: Crop) -> Mask:
    """The cells within a ring."""
    x0, y0, x1, y1 = crop.window
    height, width = crop.shape
    cells = (ring - (x0, y0)) * (width / (x1 - x0), height / (y1 - y0)) - 0.5
    drawn = np.zeros(crop.shape, dtype=np.uint8)
    cv2.fillPoly(drawn, [np.round(cells * 16).astype(np.int32)[:, None]], 1, shift=4)
    return drawn > 0


ENGINE = Scissors()
