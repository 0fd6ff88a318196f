"""Morphological geodesic active contour: an area that grows or shrinks step by step until edges hold it.

Source:
    Márquez-Neila, Baumela, Alvarez: "A morphological approach to curvature-based evolution of curves and surfaces",
    IEEE Transactions on Pattern Analysis and Machine Intelligence, 2014, as in scikit-image; after Caselles,
    Kimmel, Sapiro: "Geodesic active contours", International Journal of Computer Vision, 1997.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from segmentarium.core.rle import Mask
from segmentarium.engines.base import ImageRGB, Option, OptionValue, Prediction, Prompt, PromptKind
from segmentarium.engines.crops import Crop
from segmentarium.engines.level_sets import COMMON, STEPS, evolved, hold
from segmentarium.engines.regions import steepness

_WEAK = 0.05  # of the steepest gradient
_FLAT = 1e-6  # units of Lab; a gradient below is none


class Geodesic:
    """An area that grows or shrinks step by step until edges hold it."""

    name = "geodesic"
    title = "Geodesic active contour"
    description = "Soft but closed outlines in microscopy and medicine: the middle of the box grows up to the edges."
    prompts: tuple[PromptKind, ...] = ("bbox", "points", "strokes")
    starts_from: tuple[PromptKind, ...] = ("bbox",)
    rank = -1
    is_slow = True
    options: tuple[Option, ...] = (
        Option("start", "First area, an ellipse of this share of the box", "number", 0.5, 0.2, 1.2),
        Option("balloon", "Push outward (1) or inward (-1)", "integer", 1, -1, 1),
        Option(
            "hold",
            "How much of the crop is steep enough to hold, a share",
            "number",
            0.3,
            0.01,
            0.9,
        ),
        replace(STEPS, default=60),
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
    from skimage.segmentation import morphological_geodesic_active_contour

    steep = steepness(crop.pixels, float(options["smoothing"])).astype(np.float64)
    # At this steepness an edge holds; in a picture that is mostly flat its few edges do, not its noise.
    holding = max(float(np.quantile(steep, 1 - float(options["hold"]))), _WEAK * steep.max(), _FLAT)
    stopping = 1 / np.sqrt(1 + (steep / holding) ** 2)
    found: Mask = morphological_geodesic_active_contour(
        stopping,
        int(options["steps"]),
        init_level_set=first,
        smoothing=int(options["curvature"]),
        threshold=1 / np.sqrt(2),
        balloon=int(options["balloon"]),
        iter_callback=lambda area: hold(area, crop),
    ).astype(bool)
    return found


ENGINE = Geodesic()
