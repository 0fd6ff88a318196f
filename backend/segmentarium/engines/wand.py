"""Magic wand: what has the colour of the points, connected to them or not.

Source:
    Seeded region growing with a fixed range, as in the flood fill of OpenCV. So that an image of any size is answered
    at an interactive rate, the region grows in a window around the points; where it reaches the window's border, it is
    grown again in a larger window, on a coarser grid.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import cv2
import numpy as np

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
from segmentarium.engines.crops import (
    FILL_HOLES,
    IN,
    OUT,
    SMOOTHING,
    Crop,
    cut,
    marks_box,
    point_cells,
    prompt_box,
    united,
)
from segmentarium.engines.regions import touching

_GRID_PX = 1024  # longest side of the grid that a region grows on
_FIRST_ASIDE_PX = 500  # of the first window around the points: at one cell a pixel
_LARGER = 4  # times, from one window to the next
_SEEDS_OF_STROKES = 24  # cells of all strokes of a label that a region grows from
_FILLED = 100  # neither of the two values that cv2.inRange gives


class Wand:
    """What has the colour of the points."""

    name = "wand"
    title = "Magic wand"
    description = "Areas of one colour: click into them, and click again to add or take away."
    prompts: tuple[PromptKind, ...] = ("points", "strokes", "bbox")
    starts_from: tuple[PromptKind, ...] = ("points", "strokes")
    rank = -1
    is_slow = False
    options: tuple[Option, ...] = (
        Option("tolerance", "Tolerance in each channel, of 255", "integer", 24, 0, 255),
        Option("contiguous", "Only what is connected to the points", "boolean", True),
        Option("space", "Colour space", "choice", "RGB", choices=("RGB", "Lab")),
        replace(SMOOTHING, default=2.0),
        FILL_HOLES,
    )

    def unavailable_reason(self) -> str | None:
        """Always available: OpenCV is a base dependency."""
        return None

    def segment(
        self, image: ImageRGB, prompt: Prompt, options: Mapping[str, OptionValue]
    ) -> Prediction:
        """See `Engine.segment`; a box is a border that the region does not pass."""
        height, width = image.shape[:2]
        box = prompt_box(prompt, height, width)
        contiguous = bool(options["contiguous"])
        for window in _windows(prompt, height, width, box, whole=not contiguous):
            raise_if_abandoned()
            crop = cut(image, window, _GRID_PX, prompt, box)
            mask = _region(crop, prompt, options)
            if not _reaches_border(mask, window, width, height):
                break
        if not crop.is_in.any():
            mask = crop.within & ~mask  # there are only points outside: the object is the rest
        note = None
        if crop.coarse_words:
            note = f"The region is large, so it was grown on a grid of {crop.coarse_words}."
        return answered(image, prompt, crop, mask, note=note)


def _windows(
    prompt: Prompt, height: int, width: int, box: PixelBoxXYXY | None, whole: bool
) -> Iterator[PixelBoxXYXY]:
    """Windows around the points, each larger than the one before; the last is the box, or the whole image."""
    marked = marks_box(prompt, height, width, (0, 1)) or (0, 0, width, height)
    largest = (0, 0, width, height)
    if box is not None:
        largest = united(box, marked)
    aside = _FIRST_ASIDE_PX
    while not whole:
        x0, y0, x1, y1 = expand_box(marked, aside, width, height)
        window = (
            max(x0, largest[0]),
            max(y0, largest[1]),
            min(x1, largest[2]),
            min(y1, largest[3]),
        )
        if window == largest:
            break
        yield window
        aside *= _LARGER
    yield largest


def _region(crop: Crop, prompt: Prompt, options: Mapping[str, OptionValue]) -> Mask:
    """What grows from the points inside, less what grows from those outside.

    What both reach goes to the nearer points: two clicks on one colour share it. Where no point is inside, what grows
    from those outside.
    """
    colours = _colours(crop.pixels, str(options["space"]), float(options["smoothing"]))
    inside, outside = (
        _grown(colours, _seeds(crop, prompt, label), options) & crop.within for label in (IN, OUT)
    )
    if not crop.is_in.any():
        return outside
    contested = inside & outside
    if not contested.any():
        return inside
    to_in, to_out = (
        cv2.distanceTransform((~marked).view(np.uint8), cv2.DIST_L2, 3)
        for marked in (crop.is_in, crop.is_out)
    )
    left: Mask = inside & ~(contested & (to_out < to_in))
    return touching(left, crop.is_in) if options["contiguous"] else left


def _seeds(crop: Crop, prompt: Prompt, label: int) -> list[tuple[int, int]]:
    """(row, column) of the points of a label, and of some cells along its strokes."""
    points = [
        (row, column)
        for row, column, given in point_cells(prompt, crop.window, crop.shape)
        if given == label
    ]
    if not prompt.strokes:
        return points
    drawn = np.argwhere(crop.marks == label)
    step = max(1, -(-len(drawn) // _SEEDS_OF_STROKES))
    return points + [(int(row), int(column)) for row, column in drawn[step // 2 :: step]]


def _colours(pixels: ImageRGB, space: str, smoothing: float) -> ImageRGB:
    if smoothing > 0:
        pixels = cv2.GaussianBlur(pixels, (0, 0), smoothing).astype(np.uint8, copy=False)
    if space == "Lab":
        pixels = cv2.cvtColor(pixels, cv2.COLOR_RGB2LAB).astype(np.uint8, copy=False)
    return pixels


def _grown(
    colours: ImageRGB, seeds: list[tuple[int, int]], options: Mapping[str, OptionValue]
) -> Mask:
    """All that is within the tolerance of a seed's colour, and connected to it if that is asked for."""
    tolerance = int(options["tolerance"])
    grown = np.zeros(colours.shape[:2], dtype=np.uint8)
    for row, column in seeds:
        colour = colours[row, column].astype(int)
        lowest, highest = np.clip((colour - tolerance, colour + tolerance), 0, 255)
        alike = cv2.inRange(colours, lowest, highest).astype(np.uint8, copy=False)
        if options["contiguous"]:
            cv2.floodFill(alike, None, (column, row), _FILLED)
            alike = (alike == _FILLED).view(np.uint8)
        cv2.bitwise_or(grown, alike, grown)
    return grown > 0


def _reaches_border(mask: Mask, window: PixelBoxXYXY, width: int, height: int) -> bool:
    """Whether a region ends at its window, other than where the image ends."""
    x0, y0, x1, y1 = window
    edges = (
        (x0 > 0, mask[:, 0]),
        (y0 > 0, mask[0]),
        (x1 < width, mask[:, -1]),
        (y1 < height, mask[-1]),
    )
    return any(is_inner and bool(edge.any()) for is_inner, edge in edges)


ENGINE = Wand()
