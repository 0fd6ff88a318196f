"""Snake: an elastic outline that shrinks from the box and is held by edges.

Source:
    Kass, Witkin, Terzopoulos: "Snakes: active contour models", International Journal of Computer Vision, 1988, as in
    scikit-image.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

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
from segmentarium.engines.crops import MARGIN, SMOOTHING, WORKING_SIZE, Crop, crop_of
from segmentarium.engines.regions import dilated, lab_of

# With 120 points BLAS starts threads for the matrices, and takes ten times as long.
_POINTS = 80  # of the outline
_ROUND = 50  # steps between two looks at whether anybody waits
_STILL_CELLS = 0.1  # mean way of a point in a round, below which the outline has come to rest
_SMALLEST_SIDE = 5  # cells; the spline through the picture needs that many
_SMALLEST_SHARE = 0.05  # of the box; an outline that shrank to less was held by nothing
_MARK_RADIUS = 2  # cells around a mark that the first outline goes around


class Snake:
    """An elastic outline held by edges."""

    name = "snake"
    title = "Snake"
    description = "Smooth, round objects in noise or blur, where a smooth outline matters more than an exact one."
    prompts: tuple[PromptKind, ...] = ("bbox", "points", "strokes")
    starts_from: tuple[PromptKind, ...] = ("bbox",)
    rank = -1
    is_slow = True
    options: tuple[Option, ...] = (
        Option("alpha", "Pull to be short", "number", 0.005, 0.0, 1.0),
        Option("beta", "Stiffness", "number", 1.0, 0.0, 100.0),
        Option("edge", "Pull of edges", "number", 5.0, 0.0, 20.0),
        Option(
            "start", "First outline, an ellipse of this share of the box", "number", 1.0, 0.3, 1.2
        ),
        replace(SMOOTHING, default=2.0),
        Option("steps", "Steps at most", "integer", 250, 50, 1000),
        replace(WORKING_SIZE, default=160, maximum=256),
        MARGIN,
    )

    def unavailable_reason(self) -> str | None:
        """Always available: scikit-image is a base dependency."""
        return None

    def segment(
        self, image: ImageRGB, prompt: Prompt, options: Mapping[str, OptionValue]
    ) -> Prediction:
        """See `Engine.segment`; points change where the outline starts, and are obeyed."""
        crop = crop_of(image, prompt, int(options["working_size"]), float(options["margin"]))
        started = (
            crop.core(float(options["start"])) | dilated(crop.is_in, _MARK_RADIUS)
        ) & ~dilated(crop.is_out, _MARK_RADIUS)
        outline = _outline(started)
        if outline is None or min(crop.shape) < _SMALLEST_SIDE:
            return answered(image, prompt, crop, started, "The box is too small for a snake")
        mask = _inside(_rested(crop, outline, options), crop.shape)
        if np.count_nonzero(mask & crop.within) < _SMALLEST_SHARE * np.count_nonzero(crop.within):
            return answered(image, prompt, crop, mask, "No edge held the outline")
        return answered(image, prompt, crop, mask)


def _rested(
    crop: Crop, outline: NDArray[np.float64], options: Mapping[str, OptionValue]
) -> NDArray[np.float64]:
    """The outline where it comes to rest, or where its steps are used up; (N, 2) row, column."""
    from skimage.segmentation import active_contour

    picture = lab_of(crop.pixels, float(options["smoothing"])).astype(np.float64) / 100
    for _ in range(-(-int(options["steps"]) // _ROUND)):
        raise_if_abandoned()
        before = outline
        outline = active_contour(
            picture,
            before,
            alpha=float(options["alpha"]),
            beta=float(options["beta"]),
            w_line=0,
            w_edge=float(options["edge"]),
            gamma=0.01,
            max_num_iter=_ROUND,
        )
        outline = np.clip(np.nan_to_num(outline), 0, np.array(crop.shape) - 1)
        if np.abs(outline - before).mean() < _STILL_CELLS:
            break
    return outline


def _outline(mask: Mask) -> NDArray[np.float64] | None:
    """The outline of the largest part, as (N, 2) row, column at equal distances; None for next to nothing."""
    rings, _ = cv2.findContours(mask.view(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    if not rings:
        return None
    ring = max(rings, key=len)[:, 0, ::-1].astype(np.float64)
    closed = np.concatenate([ring, ring[:1]])
    along = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(closed, axis=0).T))])
    if len(ring) < 4:
        return None
    wanted = np.linspace(0, along[-1], _POINTS, endpoint=False)
    return np.stack([np.interp(wanted, along, closed[:, i]) for i in (0, 1)], axis=1)


def _inside(outline: NDArray[np.float64], shape: tuple[int, int]) -> Mask:
    drawn = np.zeros(shape, dtype=np.uint8)
    fixed = np.round(outline[:, ::-1] * 16).astype(np.int32)
    cv2.fillPoly(drawn, [fixed[:, None]], 1, shift=4)
    return drawn > 0


ENGINE = Snake()
