"""Random walker: each cell goes to the seeds that a walker who shuns edges reaches first.

Source:
    Grady: "Random walks for image segmentation", IEEE Transactions on Pattern Analysis and Machine Intelligence, 2006,
    as in scikit-image.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

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
    CORE,
    IN,
    MARGIN,
    OUT,
    REACH,
    SMOOTHING,
    WORKING_SIZE,
    crop_of,
)
from segmentarium.engines.regions import cleaned, lab_of

_SPECK_SHARE = 0.05
_LAB_SPAN = 100.0
_FLAT = 1e-3  # of that span; walkers in the same colour everywhere tell nothing


class RandomWalker:
    """The seeds that a walker reaches first."""

    name = "random_walker"
    title = "Random walker"
    description = "Objects with weak or broken outlines: strokes inside and outside share out what lies between."
    prompts: tuple[PromptKind, ...] = ("bbox", "points", "strokes")
    starts_from: tuple[PromptKind, ...] = ("bbox", "points", "strokes")
    rank = -1
    is_slow = True
    options: tuple[Option, ...] = (
        CORE,
        Option("beta", "How much the walker shuns edges", "number", 20000.0, 1.0, 100000.0),
        SMOOTHING,
        replace(WORKING_SIZE, default=192, minimum=48, maximum=256),
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
        if not (seeds == IN).any() or not (seeds == OUT).any():
            failure = (
                "There are no seeds inside"
                if (seeds == OUT).any()
                else "There are no seeds outside"
            )
            return answered(image, prompt, crop, crop.is_in, failure)
        if not (seeds == 0).any():
            return answered(image, prompt, crop, seeds == IN)
        from skimage.segmentation import random_walker

        raise_if_abandoned()
        lab = lab_of(crop.pixels, float(options["smoothing"])) / _LAB_SPAN
        if np.ptp(lab, axis=(0, 1)).max() < _FLAT:
            return answered(image, prompt, crop, crop.is_in, "The picture is of one colour here")
        # A direct solution: its time depends on the grid alone, at most 0.7 s on the largest; it cannot be stopped. The
        # iterative ones of SciPy take ten times as long on such small grids, and go on until a tolerance is met.
        labels = random_walker(
            lab, seeds.astype(np.int32), float(options["beta"]), mode="bf", channel_axis=-1
        )
        return answered(
            image, prompt, crop, cleaned(labels == IN, _SPECK_SHARE, False, crop.is_in, crop.is_out)
        )


ENGINE = RandomWalker()
