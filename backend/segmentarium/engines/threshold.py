"""Thresholding of one channel: fixed, by Otsu, or adaptive to the surroundings.

Source:
    Otsu: "A threshold selection method from gray-level histograms", IEEE Transactions on Systems, Man, and Cybernetics,
    1979; adaptive: the local mean of Bradley, Roth: "Adaptive thresholding using the integral image", Journal of
    Graphics Tools, 2007. Both as in OpenCV.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from segmentarium.core.rle import Mask
from segmentarium.engines.answers import answered
from segmentarium.engines.base import ImageRGB, Option, OptionValue, Prediction, Prompt, PromptKind
from segmentarium.engines.crops import FILL_HOLES, MARGIN, SMALLEST, SMOOTHING, Crop, crop_of
from segmentarium.engines.regions import cleaned, touching

_WORKING_PX = 512
_AUTOMATIC = "automatic"
_CHANNELS = ("gray", "R", "G", "B", "H", "S", "V", "L", "a", "b")


class Threshold:
    """What is brighter or darker than a level."""

    name = "threshold"
    title = "Threshold"
    description = "Objects brighter or darker than their surroundings: cells, documents, X-rays, marks on plain ground."
    prompts: tuple[PromptKind, ...] = ("bbox", "points", "strokes")
    starts_from: tuple[PromptKind, ...] = ("bbox", "points")
    rank = -1
    is_slow = False
    options: tuple[Option, ...] = (
        Option("method", "Level", "choice", "otsu", choices=("otsu", "adaptive", "fixed")),
        Option("channel", "Channel", "choice", "automatic", choices=(_AUTOMATIC, *_CHANNELS)),
        Option(
            "side",
            "Side of the level that is the object",
            "choice",
            _AUTOMATIC,
            choices=(_AUTOMATIC, "bright", "dark"),
        ),
        Option("level", "Fixed level, of 255", "integer", 128, 0, 255),
        Option(
            "neighbourhood",
            "Neighbourhood of an adaptive level, in shares of the longer side",
            "number",
            0.25,
            0.02,
            1.0,
        ),
        Option("offset", "Distance from an adaptive level, of 255", "integer", 4, 0, 100),
        SMOOTHING,
        replace(SMALLEST, default=0.05),
        FILL_HOLES,
        MARGIN,
    )

    def unavailable_reason(self) -> str | None:
        """Always available: OpenCV is a base dependency."""
        return None

    def segment(
        self, image: ImageRGB, prompt: Prompt, options: Mapping[str, OptionValue]
    ) -> Prediction:
        """See `Engine.segment`; without a box the parts under the points are answered, of the whole image."""
        crop = crop_of(image, prompt, _WORKING_PX, float(options["margin"]), reach=1)
        wanted = str(options["channel"])
        names = _CHANNELS if wanted == _AUTOMATIC else (wanted,)
        sides = [side for name in names for side in _sides(channel_of(crop.pixels, name), options)]
        best = max(sides, key=lambda side: _prevalence(side, crop))
        return answered(image, prompt, crop, _object(best, crop, options))


def channel_of(pixels: ImageRGB, name: str) -> NDArray[np.uint8]:
    """One channel of (h, w, 3) RGB as (h, w) uint8, its range stretched to 0–255 whichever it is."""
    if name in "RGB":
        return np.ascontiguousarray(pixels[..., "RGB".index(name)])
    if name in "HSV":
        return np.ascontiguousarray(
            cv2.cvtColor(pixels, cv2.COLOR_RGB2HSV_FULL)[..., "HSV".index(name)]
        ).astype(np.uint8, copy=False)
    if name in "Lab":
        return np.ascontiguousarray(
            cv2.cvtColor(pixels, cv2.COLOR_RGB2LAB)[..., "Lab".index(name)]
        ).astype(np.uint8, copy=False)
    return cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY).astype(np.uint8, copy=False)


def _sides(channel: NDArray[np.uint8], options: Mapping[str, OptionValue]) -> list[Mask]:
    """What is brighter than the level, and what is darker, or the one that was asked for."""
    smoothing = float(options["smoothing"])
    if smoothing > 0:
        channel = cv2.GaussianBlur(channel, (0, 0), smoothing).astype(np.uint8, copy=False)
    if options["method"] == "adaptive":
        size = max(3, round(float(options["neighbourhood"]) * max(channel.shape)) | 1)
        away = channel.astype(np.int16) - cv2.blur(channel, (size, size)).astype(np.int16)
        offset = int(options["offset"])
        bright, dark = away > offset, away < -offset
    else:
        level = float(options["level"])
        if options["method"] == "otsu":
            level, _ = cv2.threshold(channel, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
        bright = channel > level
        dark = ~bright
    return {"bright": [bright], "dark": [dark]}.get(str(options["side"]), [bright, dark])


def _object(side: Mask, crop: Crop, options: Mapping[str, OptionValue]) -> Mask:
    """The side within the box: the parts that the points leave, without specks."""
    found = side & crop.within
    if crop.box is None and crop.is_in.any():
        found = touching(found, crop.is_in)
    if crop.is_out.any():
        left = found & ~(touching(found, crop.is_out) & ~touching(found, crop.is_in))
        found = left if left.any() else found
    return cleaned(
        found, float(options["smallest"]), bool(options["fill_holes"]), crop.is_in, crop.is_out
    )


def _prevalence(side: Mask, crop: Crop) -> float:
    """How much more of the side there is where the object is than where it is not, −1 to 1."""
    inside = crop.is_in if crop.is_in.any() else crop.core(0.7)
    outside = crop.is_out if crop.is_out.any() else crop.ring()
    return sum(
        sign * float(side[where].mean()) if where.any() else 0.0
        for sign, where in ((1, inside), (-1, outside))
    )


ENGINE = Threshold()
