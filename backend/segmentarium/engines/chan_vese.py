"""Chan–Vese: an area that moves step by step until the two sides' mean colours hold it.

Source:
    Márquez-Neila, Baumela, Alvarez: "A morphological approach to curvature-based evolution of curves and surfaces",
    IEEE Transactions on Pattern Analysis and Machine Intelligence, 2014, as in scikit-image; after Chan, Vese:
    "Active contours without edges", IEEE Transactions on Image Processing, 2001.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from segmentarium.core.rle import Mask
from segmentarium.engines.base import ImageRGB, Option, OptionValue, Prediction, Prompt, PromptKind
from segmentarium.engines.crops import Crop
from segmentarium.engines.level_sets import COMMON, STEPS, evolved, hold
from segmentarium.engines.regions import lab_of


class ChanVese:
    """An area that moves step by step until the two sides' mean colours hold it."""

    name = "chan_vese"
    title = "Chan–Vese"
    description = "Soft or broken outlines where inside and outside differ in mean colour: cells, X-rays, shadows."
    prompts: tuple[PromptKind, ...] = ("bbox", "points", "strokes")
    starts_from: tuple[PromptKind, ...] = ("bbox",)
    rank = -1
    is_slow = True
    options: tuple[Option, ...] = (
        Option("start", "First area, an ellipse of this share of the box", "number", 0.9, 0.2, 1.2),
        Option("inside", "Weight of likeness inside, against outside", "number", 1.0, 0.1, 10.0),
        STEPS,
        *COMMON,
    )

    def unavailable_reason(self) -> str | None:
        """Always available: scikit-image is a base dependency."""
        return None

    def segment(
        self, image: ImageRGB, prompt: Prompt, options: Mapping[str, OptionValue]
    ) -> Prediction:
        """See `Engine.segment`; points are held at every step."""
        return evolved(image, prompt, options, _moved)


def _moved(crop: Crop, first: Mask, options: Mapping[str, OptionValue]) -> Mask:
    from skimage.segmentation import morphological_chan_vese

    found: Mask = morphological_chan_vese(
        _told_apart(crop, first, float(options["smoothing"])),
        int(options["steps"]),
        init_level_set=first,
        smoothing=int(options["curvature"]),
        lambda1=float(options["inside"]),
        iter_callback=lambda area: hold(area, crop),
    ).astype(bool)
    return found


def _told_apart(crop: Crop, first: Mask, smoothing: float) -> NDArray[np.float64]:
    """The one channel, a sum of those of Lab, that tells the first area best from what lies around the box.

    Source:
        Fisher: "The use of multiple measurements in taxonomic problems", Annals of Eugenics, 1936.
    """
    lab = lab_of(crop.pixels, smoothing).astype(np.float64)
    around = crop.ring()
    inside, outside = lab[first], lab[around if around.any() else ~first]
    if not len(outside):
        return lab[..., 0]
    scatter = sum(np.cov(part.T, bias=True) for part in (inside, outside)) + np.eye(3)
    axis = np.linalg.solve(scatter, inside.mean(axis=0) - outside.mean(axis=0))
    channel: NDArray[np.float64] = lab @ axis
    return channel


ENGINE = ChanVese()
