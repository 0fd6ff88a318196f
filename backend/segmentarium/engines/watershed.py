"""Watershed: from markers the object floods its basins, and what lies around floods the rest.

Source:
    Meyer, Beucher: "Morphological segmentation", Journal of Visual Communication and Image Representation, 1990; with
    compactness as in Neubert, Protzel: "Compact watershed and preemptive SLIC", ICPR 2014; as in scikit-image.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from segmentarium.engines.answers import answered
from segmentarium.engines.base import ImageRGB, Option, OptionValue, Prediction, Prompt, PromptKind
from segmentarium.engines.crops import CORE, IN, MARGIN, REACH, SMOOTHING, WORKING_SIZE, crop_of
from segmentarium.engines.regions import cleaned, steepness

_SPECK_SHARE = 0.05


class Watershed:
    """Basins of the gradient that the markers flood."""

    name = "watershed"
    title = "Watershed"
    description = (
        "Objects with a closed outline, also where they touch: mark each side with a point."
    )
    prompts: tuple[PromptKind, ...] = ("bbox", "points", "strokes")
    starts_from: tuple[PromptKind, ...] = ("bbox", "points", "strokes")
    rank = 1  # what `auto` asks where there are points and no better engine takes them
    is_slow = False
    options: tuple[Option, ...] = (
        CORE,
        replace(SMOOTHING, default=1.5),
        Option("compactness", "Compactness, more is rounder", "number", 0.0, 0.0, 10.0),
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
        """See `Engine.segment`; the mask lies within the box, but for what the points say."""
        crop = crop_of(
            image,
            prompt,
            int(options["working_size"]),
            float(options["margin"]),
            float(options["reach"]),
        )
        seeds = crop.seeds(float(options["core"]))
        if not (seeds == IN).any():
            failure = "There is no marker inside"
            return answered(image, prompt, crop, crop.is_in, failure)
        from skimage.segmentation import watershed

        steep = steepness(crop.pixels, float(options["smoothing"]))
        flooded = watershed(
            steep, seeds.astype(np.int32), compactness=float(options["compactness"])
        )
        return answered(
            image,
            prompt,
            crop,
            cleaned(flooded == IN, _SPECK_SHARE, False, crop.is_in, crop.is_out),
        )


ENGINE = Watershed()
