"""Superpixels: the picture in small pieces that follow its edges; points and strokes gather those under them.

Source:
    Achanta et al.: "SLIC superpixels compared to state-of-the-art superpixel methods", IEEE Transactions on Pattern
    Analysis and Machine Intelligence, 2012, as in scikit-image.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from segmentarium.core.boxes import PixelBoxXYXY, expand_box
from segmentarium.engines.answers import answered
from segmentarium.engines.base import ImageRGB, Option, OptionValue, Prediction, Prompt, PromptKind
from segmentarium.engines.crops import (
    MARGIN,
    REACH,
    WORKING_SIZE,
    Crop,
    crop_of,
    cut,
    marks_box,
    united,
)
from segmentarium.engines.regions import lab_of

_LAB_SPAN = 100.0
_MIDDLE = 0.6  # of the box, which a box prompt takes for the object when colours are compared
_SMALLEST_ASIDE_PX = 8
_NEAREST = 3  # superpixels that one is compared with


class Superpixels:
    """Pieces gathered by points, strokes or a box."""

    name = "superpixels"
    title = "Superpixels"
    description = (
        "Anything, piece by piece: click or draw over the pieces that belong to the object."
    )
    prompts: tuple[PromptKind, ...] = ("points", "strokes", "bbox")
    starts_from: tuple[PromptKind, ...] = ("points", "strokes", "bbox")
    rank = -1
    is_slow = False
    options: tuple[Option, ...] = (
        Option("count", "Number of superpixels in the crop", "integer", 200, 8, 1000),
        Option("compactness", "Compactness, more is squarer", "number", 10.0, 0.1, 100.0),
        Option("inside", "Share of a superpixel that must lie in the box", "number", 0.5, 0.0, 1.0),
        Option(
            "likeness",
            "How much more like the middle of the box than like what lies around it, more takes more",
            "number",
            2.5,
            0.1,
            10.0,
        ),
        WORKING_SIZE,
        MARGIN,
        REACH,
    )

    def unavailable_reason(self) -> str | None:
        """Always available: scikit-image is a base dependency."""
        return None

    def segment(
        self, image: ImageRGB, prompt: Prompt, options: Mapping[str, OptionValue]
    ) -> Prediction:
        """See `Engine.segment`."""
        longest = int(options["working_size"])
        if prompt.bbox_xywh is None:
            height, width = image.shape[:2]
            window = _steady_window(prompt, height, width, float(options["reach"]))
            crop = cut(image, window, longest, prompt, None)
        else:
            crop = crop_of(image, prompt, longest, float(options["margin"]))
        pieces = _pieces(crop, int(options["count"]), float(options["compactness"]))
        count = int(pieces.max()) + 1
        taken = np.zeros(count, dtype=bool)
        if crop.box is not None:
            taken = _differing(crop, pieces, options)
        taken[pieces[crop.is_in]] = True
        # A piece with points of both kinds stays, but for the very cells of those outside.
        taken[np.setdiff1d(pieces[crop.is_out], pieces[crop.is_in])] = False
        if crop.box is None and not crop.is_in.any():
            taken = ~np.isin(np.arange(count), pieces[crop.is_out])
        return answered(image, prompt, crop, taken[pieces])


def _steady_window(prompt: Prompt, height: int, width: int, reach: float) -> PixelBoxXYXY:
    """A window around the first point or stroke, which those that follow only change where they lie outside it.

    The superpixels in it stay the same from click to click.
    """
    first = Prompt(None, prompt.point_coords[:1], prompt.point_labels[:1])
    if not prompt.point_coords:
        first = Prompt(strokes=prompt.strokes[:1])
    aside = max(_SMALLEST_ASIDE_PX, round(reach * max(height, width)))
    start = marks_box(first, height, width, (0, 1)) or (0, 0, width, height)
    window = expand_box(start, aside, width, height)
    marked = marks_box(prompt, height, width, (0, 1)) or window
    if united(window, marked) == window:
        return window
    return united(window, expand_box(marked, aside // 2, width, height))


def _pieces(crop: Crop, count: int, compactness: float) -> NDArray[np.int64]:
    """(h, w) number of each cell's superpixel, from 0."""
    if min(crop.shape) < 2 or np.prod(crop.shape) <= count:
        return np.arange(int(np.prod(crop.shape))).reshape(crop.shape)
    from skimage.segmentation import slic

    pieces: NDArray[np.int64] = slic(
        lab_of(crop.pixels) / _LAB_SPAN,
        n_segments=count,
        compactness=compactness / _LAB_SPAN,
        sigma=0.5,
        convert2lab=False,
        start_label=0,
        channel_axis=-1,
    )
    return pieces


def _differing(
    crop: Crop, pieces: NDArray[np.int64], options: Mapping[str, OptionValue]
) -> NDArray[np.bool_]:
    """Which superpixels lie mostly in the box, and are more like those in its middle than like those around it."""
    flat, count = pieces.ravel(), int(pieces.max()) + 1
    areas = np.bincount(flat, minlength=count)
    lab = lab_of(crop.pixels).reshape(-1, 3)
    means = np.stack([np.bincount(flat, lab[:, i], count) / areas for i in range(3)], axis=1)
    inside, middle, around = (
        np.bincount(flat, where.ravel(), count) / areas
        for where in (crop.within, crop.core(_MIDDLE), crop.ring())
    )
    to_middle, to_around = (
        _distance(means, np.flatnonzero(share > 0.5)) for share in (middle, around)
    )
    taken: NDArray[np.bool_] = inside >= float(options["inside"])
    return taken & (to_around * float(options["likeness"]) >= to_middle)


def _distance(means: NDArray[np.float64], others: NDArray[np.int64]) -> NDArray[np.float64]:
    """Of each superpixel's colour from the nearest few of others, itself not counted; infinite from none."""
    away = np.sqrt(((means[:, None] - means[None, others]) ** 2).sum(axis=2))
    away[others, np.arange(len(others))] = np.inf
    nearest = np.sort(away, axis=1)[:, :_NEAREST]
    return nearest.mean(axis=1) if nearest.size else np.full(len(means), np.inf)


ENGINE = Superpixels()
