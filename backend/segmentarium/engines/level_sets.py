"""What both engines of morphological level sets share: how they start, and what is held at every step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

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
    raise_if_abandoned,
)
from segmentarium.engines.crops import MARGIN, SMOOTHING, WORKING_SIZE, Crop, crop_of
from segmentarium.engines.regions import cleaned

_SMALLEST_SHARE = 0.03  # of the box; an area that shrank to less was held by nothing
_SPECK_SHARE = 0.05

STEPS = Option("steps", "Steps", "integer", 40, 1, 300)
CURVATURE = Option("curvature", "Rounds of smoothing of the outline in a step", "integer", 1, 0, 4)
# What both have after their own options and STEPS.
COMMON = (
    CURVATURE,
    replace(SMOOTHING, default=1.5),
    replace(WORKING_SIZE, default=160, maximum=256),
    MARGIN,
)


def evolved(
    image: ImageRGB,
    prompt: Prompt,
    options: Mapping[str, OptionValue],
    move: Callable[[Crop, Mask, Mapping[str, OptionValue]], Mask],
) -> Prediction:
    """What both answer: an ellipse in the box, moved until something holds it.

    Args:
        image: as in `Engine.segment`.
        prompt: with a box; checked.
        options: checked; their `start` is the ellipse's share of the box.
        move: from the crop and the first area (h, w) to the last one, calling `hold` at every step.
    """
    crop = crop_of(image, prompt, int(options["working_size"]), float(options["margin"]))
    first = _first_area(crop, float(options["start"]))
    moved = None if first is None else move(crop, first, options)
    return _answered_area(image, prompt, crop, moved)


def _first_area(crop: Crop, share: float) -> Mask | None:
    """An ellipse of that share of the box, with the points obeyed; None where there is no room for one."""
    first = (crop.core(share) | crop.is_in) & ~crop.is_out
    return first if min(crop.shape) > 1 and first.any() else None


def hold(area: NDArray[np.int8], crop: Crop) -> None:
    """Between two steps, in place: keep what the box and the points say.

    Raises:
        PromptAbandoned: nobody waits for the answer any more.
    """
    raise_if_abandoned()
    area[~crop.within] = 0
    area[crop.is_in], area[crop.is_out] = 1, 0


def _answered_area(image: ImageRGB, prompt: Prompt, crop: Crop, area: Mask | None) -> Prediction:
    """The answer for the area that the steps left; None where they could not begin."""
    if area is None:
        return answered(image, prompt, crop, crop.is_in, "The box is too small for level sets")
    mask = area & crop.within
    if np.count_nonzero(mask) < _SMALLEST_SHARE * np.count_nonzero(crop.within):
        return answered(image, prompt, crop, mask, "Nothing held the area")
    return answered(
        image, prompt, crop, cleaned(mask, _SPECK_SHARE, False, crop.is_in, crop.is_out)
    )
