"""The engine: a box, or a mask with what is wrong about it, to a mask.

Source:
    Rother, Kolmogorov, Blake: "GrabCut", SIGGRAPH 2004, as in OpenCV. A cut from a box is wrong in one of three: here
    two cuts from different trimaps are evidence beside others (evidence.py), weighed pixel by pixel (weighing.py).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from segmentarium.core.boxes import pixels_of_box
from segmentarium.engines.base import (
    ImageRGB,
    Option,
    OptionValue,
    Prediction,
    Prompt,
    PromptKind,
    check_box,
    raise_if_abandoned,
)
from segmentarium.engines.correction import corrected, prediction_of
from segmentarium.engines.grabcut.choice import (
    SMALLEST_SHARE,
    best_of,
    clues_of,
    hypotheses,
    masks_of,
)
from segmentarium.engines.grabcut.evidence import scene_of
from segmentarium.engines.grabcut.outline import answer_shape, outlined
from segmentarium.engines.grabcut.weighing import seen_in
from segmentarium.engines.grabcut.weights import CHOICE
from segmentarium.engines.grabcut.work import work_on
from segmentarium.engines.regions import ellipse

_SMALLEST_SIDE = (
    4  # pixels; below this there is nothing to weigh, the box itself is the best answer
)
_ALIKE = 0.97  # of the colours inside and outside; above, they tell nothing


class GrabCut:
    """The object in a box, by colours, regions, graph cuts and its place in the box."""

    name = "grabcut"
    title = "GrabCut"
    description = (
        "Any object, without a network: best where it differs in colour from what surrounds it."
    )
    prompts: tuple[PromptKind, ...] = ("bbox", "points", "strokes", "mask")
    starts_from: tuple[PromptKind, ...] = ("bbox", "mask")
    rank = 10
    is_slow = False
    options: tuple[Option, ...] = (
        Option("iterations", "Iterations of each cut", "integer", 2, 1, 12),
        Option(
            "margin",
            "Margin around the box, in shares of its longer side",
            "number",
            0.3,
            0.05,
            1.0,
        ),
        Option(
            "working_size",
            "Longest side at which the outline is refined, in pixels",
            "integer",
            256,
            144,
            1024,
        ),
    )

    def unavailable_reason(self) -> str | None:
        """Always available: it needs base dependencies only."""
        return None

    def segment(
        self, image: ImageRGB, prompt: Prompt, options: Mapping[str, OptionValue]
    ) -> Prediction:
        """See `Engine.segment`; the mask of a box lies within it."""
        if prompt.mask is not None:
            return corrected(image, prediction_of(prompt.mask), prompt)
        return corrected(image, _from_box(image, prompt, options), prompt)


def _from_box(image: ImageRGB, prompt: Prompt, options: Mapping[str, OptionValue]) -> Prediction:
    clipped = check_box(prompt.bbox_xywh or (0, 0, 0, 0), *image.shape[:2])
    box = x0, y0, x1, y1 = pixels_of_box(clipped)
    covers = (x1 - x0, y1 - y0)
    shape = answer_shape(*covers)
    if min(covers) < _SMALLEST_SIDE:
        words = "The box is too small for GrabCut; this is the whole box."
        return Prediction(np.ones(shape, dtype=bool), x0, y0, 0.5, words, covers)
    work = work_on(image, clipped, float(options["margin"]))
    scene = scene_of(work, int(options["iterations"]))
    seen = seen_in(scene)
    raise_if_abandoned()
    found = hypotheses(seen)
    name, rated = best_of(clues_of(masks_of(found, scene), seen, scene), CHOICE)
    mask = outlined(image, box, work, found[name], int(options["working_size"]))
    if np.count_nonzero(mask) < SMALLEST_SHARE * mask.size:
        words = "Next to nothing was found; this is the ellipse in the box."
        return Prediction(ellipse(shape, (0, 0, shape[1], shape[0])), x0, y0, 0.3, words, covers)
    fallback = (
        "Colours could not tell inside from outside; this is the shape that objects mostly have in a box."
        if seen.alike > _ALIKE
        else None
    )
    return Prediction(mask, x0, y0, min(max(rated, 0.0), 1.0), fallback, covers)
