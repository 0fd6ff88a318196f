"""The part of an image that a prompt is about, on a grid of bounded size, with what the prompt marks in it.

Shared by the classical engines: they work on a `Crop` and answer with `answers.answered`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from segmentarium.core.boxes import PixelBoxXYXY, expand_box, pixels_of_box
from segmentarium.core.rle import Mask
from segmentarium.engines.base import ImageRGB, Option, Prompt, check_box
from segmentarium.engines.regions import disc_kernel, ellipse

Marks: TypeAlias = NDArray[np.uint8]

IN, OUT = 1, 2
_SMALLEST_MARGIN_PX = 8
_SAMPLES_A_SIDE = (
    2  # of each cell of a much shrunken crop; a mean of all its pixels is no better, and slow
)
_SUBPIXEL_BITS = 4  # of the coordinates of a stroke

# Options that engines share; `dataclasses.replace` gives one another default or range.
CORE = Option(
    "core", "Middle of the box that is surely object, a share of it", "number", 0.6, 0.0, 0.95
)
SMOOTHING = Option("smoothing", "Smoothing of the picture, in cells", "number", 1.0, 0.0, 10.0)
WORKING_SIZE = Option(
    "working_size", "Longest side of the crop that is worked on, in cells", "integer", 256, 64, 512
)
SMALLEST = Option(
    "smallest", "Smallest part kept, in shares of the largest", "number", 0.1, 0.0, 1.0
)
FILL_HOLES = Option("fill_holes", "Fill holes", "boolean", True)
MARGIN = Option(
    "margin", "Margin around the box, in shares of its longer side", "number", 0.25, 0.05, 1.0
)
REACH = Option(
    "reach",
    "Reach around points without a box, in shares of the image's longer side",
    "number",
    0.25,
    0.02,
    1.0,
)


@dataclass(frozen=True, slots=True)
class Crop:
    """A window of an image on a grid of (h, w) cells, each of one pixel or more.

    Attributes:
        pixels: (h, w, 3) uint8 RGB, contiguous.
        window: of the image, in its pixels.
        box: the prompt's box in image pixels, None where there is none.
        within: (h, w) bool: where the answer lies unless a mark says otherwise; all True without a box.
        marks: (h, w) uint8: IN and OUT where points and strokes say so, else 0.
    """

    pixels: ImageRGB
    window: PixelBoxXYXY
    box: PixelBoxXYXY | None
    within: Mask
    marks: Marks

    @property
    def shape(self) -> tuple[int, int]:
        """(h, w) of the grid."""
        return self.within.shape

    @property
    def scale(self) -> float:
        """Cells for each pixel of the image, at most 1."""
        return max(self.shape) / max(_size(self.window))

    @property
    def coarse_words(self) -> str | None:
        """That the grid is coarser than the image, in words."""
        each = 1 / self.scale
        return None if each <= 1 else f"one cell for every {each:.3g} pixels"

    @property
    def is_in(self) -> Mask:
        """Cells marked as inside."""
        marked: Mask = self.marks == IN
        return marked

    @property
    def is_out(self) -> Mask:
        """Cells marked as outside."""
        marked: Mask = self.marks == OUT
        return marked

    def core(self, share: float) -> Mask:
        """The ellipse of that share of the box, without the surroundings of marks outside; empty without a box."""
        if self.box is None or share <= 0:
            return np.zeros(self.shape, dtype=bool)
        found = ellipse(self.shape, _on_grid(self.box, self.window, self.shape), share)
        if self.is_out.any():
            far = cv2.distanceTransform((~self.is_out).view(np.uint8), cv2.DIST_L2, 3)
            found &= far > 0.3 * share * np.sqrt(np.count_nonzero(self.within))
        return found

    def seeds(self, core: float) -> Marks:
        """What is surely inside and outside: the marks, the middle of the box, and all that lies around it.

        Without a box, or in one over the whole image, the border of the window stands for what lies around.
        """
        seeds = np.zeros(self.shape, dtype=np.uint8)
        seeds[~self.within] = OUT
        if self.within.all():
            seeds[:2], seeds[-2:], seeds[:, :2], seeds[:, -2:] = OUT, OUT, OUT, OUT
        seeds[self.core(core)] = IN
        seeds[self.marks > 0] = self.marks[self.marks > 0]
        return seeds

    def ring(self) -> Mask:
        """What lies around the box; without one, or where nothing does, the border of the window."""
        around: Mask = self.seeds(0) == OUT
        return around & ~self.is_out


def crop_of(
    image: ImageRGB, prompt: Prompt, longest: int, margin: float = 0.25, reach: float = 0.25
) -> Crop:
    """The part of an (H, W, 3) image that matters to a prompt, `longest` cells at most on its longer side.

    Args:
        image: as in `Engine.segment`.
        prompt: with a box, points or strokes; checked.
        longest: cells.
        margin: around the box, in shares of its longer side.
        reach: around points and strokes without a box, in shares of the image's longer side.
    """
    height, width = image.shape[:2]
    box = prompt_box(prompt, height, width)
    marked = marks_box(prompt, height, width, (1,) if box else (0, 1))
    if box is None:
        aside = max(_SMALLEST_MARGIN_PX, round(reach * max(height, width)))
        window = expand_box(marked or (0, 0, width, height), aside, width, height)
    else:
        aside = max(_SMALLEST_MARGIN_PX, round(margin * max(_size(box))))
        window = expand_box(box, aside, width, height)
        if marked is not None:
            window = united(window, expand_box(marked, _SMALLEST_MARGIN_PX, width, height))
    return cut(image, window, longest, prompt, box)


def cut(
    image: ImageRGB, window: PixelBoxXYXY, longest: int, prompt: Prompt, box: PixelBoxXYXY | None
) -> Crop:
    """A window of the image as a `Crop`."""
    pixels = shrunk(image, window, longest)
    shape = pixels.shape[:2]
    within = np.ones(shape, dtype=bool)
    if box is not None:
        within = cells_in_box(box, window, shape)
    return Crop(pixels, window, box, within, marks_on_grid(prompt, window, shape))


def shrunk(image: ImageRGB, window: PixelBoxXYXY, longest: int) -> ImageRGB:
    """A window of the image, contiguous, with its longer side at most `longest` cells."""
    x0, y0, x1, y1 = window
    shape = grid_shape(window, longest)
    # Of a very large crop every so many pixels are enough.
    step = max(1, round(max(x1 - x0, y1 - y0) / longest / _SAMPLES_A_SIDE))
    across, down = min(step, x1 - x0), min(step, y1 - y0)
    taken = np.ascontiguousarray(image[y0 + down // 2 : y1 : down, x0 + across // 2 : x1 : across])
    if taken.shape[:2] == shape:
        return taken if taken.base is None else taken.copy()
    small: ImageRGB = cv2.resize(taken, shape[::-1], interpolation=cv2.INTER_AREA).astype(
        np.uint8, copy=False
    )
    return small


def grid_shape(window: PixelBoxXYXY, longest: int) -> tuple[int, int]:
    """(h, w) of a grid for a window of the image."""
    width, height = _size(window)
    scale = min(1.0, longest / max(width, height))
    return max(1, round(height * scale)), max(1, round(width * scale))


def cells_in_box(box: PixelBoxXYXY, window: PixelBoxXYXY, shape: tuple[int, int]) -> Mask:
    """Cells of the window's grid whose centre is in the box; at least the one in its middle."""
    x0, y0, x1, y1 = _on_grid(box, window, shape)
    rows, columns = np.arange(shape[0]) + 0.5, np.arange(shape[1]) + 0.5
    found: Mask = ((rows >= y0) & (rows < y1))[:, None] & ((columns >= x0) & (columns < x1))[None]
    if not found.any():
        row, column = min(int((y0 + y1) / 2), shape[0] - 1), min(int((x0 + x1) / 2), shape[1] - 1)
        found[row, column] = True
    return found


def marks_on_grid(
    prompt: Prompt, window: PixelBoxXYXY, shape: tuple[int, int], radius: int = 0
) -> Marks:
    """Points and strokes on the grid of a window; points, which are always obeyed, over strokes.

    Args:
        prompt: its points and strokes, in image pixels; those off the window are left out.
        window: of the image.
        shape: (h, w) of the grid.
        radius: of a point, in cells; its own cell has its label even where another's disc lies over it.

    Returns:
        (h, w) uint8: IN, OUT or 0.
    """
    marks = np.zeros(shape, dtype=np.uint8)
    scale = max(shape) / max(_size(window))
    for stroke in prompt.strokes:
        _draw_stroke(
            marks,
            _points_on_grid(stroke.points, window, shape),
            stroke.radius_px * scale,
            IN if stroke.label else OUT,
        )
    cells = list(point_cells(prompt, window, shape))
    if radius:
        for row, column, label in cells:
            cv2.circle(marks, (column, row), radius, label, -1)
    for row, column, label in cells:
        marks[row, column] = label
    return marks


def point_cells(
    prompt: Prompt, window: PixelBoxXYXY, shape: tuple[int, int]
) -> Iterable[tuple[int, int, int]]:
    """(row, column, IN or OUT) of the prompt's points in the window, in their order."""
    x0, y0, x1, y1 = window
    for (x, y), label in zip(prompt.point_coords, prompt.point_labels, strict=True):
        # The cell is that of the pixel's centre; a point on the far edge belongs to the last pixel.
        if x0 <= x <= x1 and y0 <= y <= y1:
            across, down = min(int(x), x1 - 1) + 0.5 - x0, min(int(y), y1 - 1) + 0.5 - y0
            column = int(across * shape[1] / (x1 - x0))
            row = int(down * shape[0] / (y1 - y0))
            yield row, column, IN if label else OUT


def prompt_box(prompt: Prompt, height: int, width: int) -> PixelBoxXYXY | None:
    """The pixels of the prompt's box that are in the image."""
    if prompt.bbox_xywh is None:
        return None
    return pixels_of_box(check_box(prompt.bbox_xywh, height, width))


def marks_box(
    prompt: Prompt, height: int, width: int, labels: tuple[int, ...]
) -> PixelBoxXYXY | None:
    """The pixels between the points and strokes that have one of the labels."""
    corners = [
        (x, y, 0.0)
        for (x, y), label in zip(prompt.point_coords, prompt.point_labels, strict=True)
        if label in labels
    ]
    for stroke in prompt.strokes:
        if stroke.label in labels:
            corners += [(x, y, stroke.radius_px) for x, y in stroke.points]
    if not corners:
        return None
    x, y, radius = np.array(corners).T
    return (
        min(max(int((x - radius).min()), 0), width - 1),
        min(max(int((y - radius).min()), 0), height - 1),
        min(int((x + radius).max()) + 1, width),
        min(int((y + radius).max()) + 1, height),
    )


def united(a: PixelBoxXYXY, b: PixelBoxXYXY) -> PixelBoxXYXY:
    """The box around two."""
    return min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3])


def _size(box: PixelBoxXYXY) -> tuple[int, int]:
    return box[2] - box[0], box[3] - box[1]


def _on_grid(
    box: PixelBoxXYXY, window: PixelBoxXYXY, shape: tuple[int, int]
) -> tuple[float, float, float, float]:
    (x0, y0), (x1, y1) = _points_on_grid(((box[0], box[1]), (box[2], box[3])), window, shape)
    return float(x0), float(y0), float(x1), float(y1)


def _points_on_grid(
    points: Iterable[tuple[float, float]], window: PixelBoxXYXY, shape: tuple[int, int]
) -> NDArray[np.float64]:
    """(N, 2) image coordinates in cells of the grid, the upper left corner of the window being 0, 0."""
    width, height = _size(window)
    moved = np.array(list(points), dtype=np.float64) - window[:2]
    moved *= (shape[1] / width, shape[0] / height)
    return moved


def _draw_stroke(marks: Marks, points: NDArray[np.float64], radius: float, label: int) -> None:
    # OpenCV's coordinates are those of pixel centres.
    fixed = np.round((points - 0.5) * 2**_SUBPIXEL_BITS).astype(np.int32)
    thickness = max(1, round(2 * radius))
    cv2.polylines(marks, [fixed[:, None]], False, label, thickness, shift=_SUBPIXEL_BITS)
    if len(points) == 1 and thickness > 1:
        drawn = np.zeros(marks.shape, dtype=np.uint8)
        x, y = np.clip(np.floor(points[0]).astype(int), 0, np.array(marks.shape[::-1]) - 1)
        drawn[y, x] = 1
        marks[cv2.dilate(drawn, disc_kernel(max(1, round(radius)))) > 0] = label
