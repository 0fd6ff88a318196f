"""Closed edges: Canny's edges, closed over small gaps, and all that they enclose.

Source:
    Canny: "A computational approach to edge detection", IEEE Transactions on Pattern Analysis and Machine Intelligence,
    1986, as in OpenCV; then morphological closing, and filling from the outside.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import cv2
import numpy as np

from segmentarium.core.rle import Mask
from segmentarium.engines.answers import answered
from segmentarium.engines.base import ImageRGB, Option, OptionValue, Prediction, Prompt, PromptKind
from segmentarium.engines.crops import MARGIN, SMALLEST, SMOOTHING, WORKING_SIZE, Crop, crop_of
from segmentarium.engines.regions import cleaned, dilated, eroded, touching

_WIDER = (1, 2, 4)  # times the gap that is closed, until enough of the box is enclosed
_ENOUGH_SHARE = 0.2  # of the box; less is taken for edges that did not close
_LOWER_SHARE = 0.4  # of Canny's upper threshold, between the 1/2 and 1/3 that he recommends


class Edges:
    """What closed edges enclose."""

    name = "edges"
    title = "Closed edges"
    description = "Objects with a sharp outline all around whose inside is not of one colour."
    prompts: tuple[PromptKind, ...] = ("bbox", "points", "strokes")
    starts_from: tuple[PromptKind, ...] = ("bbox",)
    rank = -1
    is_slow = False
    options: tuple[Option, ...] = (
        Option("strongest", "Share of the cells that count as edges", "number", 0.2, 0.01, 0.5),
        replace(SMOOTHING, default=1.5),
        Option(
            "gap",
            "Gap that is closed, in shares of the box's longer side",
            "number",
            0.08,
            0.0,
            0.25,
        ),
        WORKING_SIZE,
        SMALLEST,
        MARGIN,
    )

    def unavailable_reason(self) -> str | None:
        """Always available: OpenCV is a base dependency."""
        return None

    def segment(
        self, image: ImageRGB, prompt: Prompt, options: Mapping[str, OptionValue]
    ) -> Prediction:
        """See `Engine.segment`; the mask lies within the box, but for what the points say."""
        crop = crop_of(image, prompt, int(options["working_size"]), float(options["margin"]))
        edges = _edges(crop, float(options["smoothing"]), float(options["strongest"]))
        box_side = np.sqrt(np.count_nonzero(crop.within))
        for wider in _WIDER:
            radius = round(wider * float(options["gap"]) * box_side / 2)
            mask = _enclosed(edges, radius, crop)
            if np.count_nonzero(mask) >= _ENOUGH_SHARE * np.count_nonzero(crop.within):
                mask = cleaned(mask, float(options["smallest"]), True, crop.is_in, crop.is_out)
                return answered(image, prompt, crop, mask)
        return answered(image, prompt, crop, mask, "The edges in the box enclose next to nothing")


def _edges(crop: Crop, smoothing: float, strongest: float) -> Mask:
    """Canny's edges; the upper threshold leaves that share of the box's cells above it."""
    pixels = crop.pixels
    if smoothing > 0:
        pixels = cv2.GaussianBlur(pixels, (0, 0), smoothing).astype(np.uint8, copy=False)
    # Of the three channels Canny follows the steepest.
    dx, dy = (cv2.Sobel(pixels, cv2.CV_16S, x, 1 - x) for x in (1, 0))
    steepness = np.abs(dx).astype(np.int32) + np.abs(dy)
    steepest = steepness.argmax(axis=2)[..., None]
    dx, dy, steep = (np.take_along_axis(of, steepest, 2)[..., 0] for of in (dx, dy, steepness))
    upper = max(1.0, float(np.quantile(steep[crop.within], 1 - strongest)))
    edges: Mask = (
        cv2.Canny(np.ascontiguousarray(dx), np.ascontiguousarray(dy), _LOWER_SHARE * upper, upper)
        > 0
    )
    return edges


def _enclosed(edges: Mask, radius: int, crop: Crop) -> Mask:
    """The cells that cannot be reached from outside the box across no closed edge."""
    # The border of the box closes nothing: edges of what lies around are not the object's.
    wall = edges & crop.within
    if radius:
        wall = dilated(wall, radius)
    free = np.pad(~wall, 1, constant_values=True)
    outside = np.pad(~crop.within & ~wall | (crop.is_out & ~wall), 1, constant_values=True)
    mask = ~touching(free, outside)[1:-1, 1:-1]
    if radius:
        mask = eroded(mask, radius)
    # An edge that encloses nothing is a hair: an opening takes it away.
    return dilated(eroded(mask, 1), 1) & mask


ENGINE = Edges()
