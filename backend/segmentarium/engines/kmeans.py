"""Colour clusters by k-means: those that prevail in the box against its surroundings, or lie under the points.

Source:
    Lloyd: "Least squares quantization in PCM", IEEE Transactions on Information Theory, 1982; started as in Arthur,
    Vassilvitskii: "k-means++: the advantages of careful seeding", SODA 2007; as in OpenCV.
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
from segmentarium.engines.regions import cleaned, lab_of, touching

_WORKING_PX = 256
_SAMPLE = 6000  # cells that the clusters are found from; all cells then go to the nearest
_ITERATIONS, _PRECISION = 30, 0.5  # of k-means; the precision in units of Lab
_POSITION_SPAN = 50.0  # units of Lab that the longer side of the crop counts for, at a weight of 1


class KMeans:
    """Clusters of colour that prevail in the box."""

    name = "kmeans"
    title = "Colour clusters"
    description = "Objects of a few colours that their surroundings lack: fruit, stained tissue, printed matter."
    prompts: tuple[PromptKind, ...] = ("bbox", "points", "strokes")
    starts_from: tuple[PromptKind, ...] = ("bbox",)
    rank = -1
    is_slow = False
    options: tuple[Option, ...] = (
        Option("clusters", "Number of clusters", "integer", 6, 2, 16),
        Option(
            "balance",
            "How much more of a cluster must lie in the box than around it, in times",
            "number",
            1.0,
            0.1,
            10.0,
        ),
        Option("position", "Weight of the position, 0 for colour alone", "number", 0.0, 0.0, 2.0),
        Option("points_take", "A point takes", "choice", "patch", choices=("patch", "cluster")),
        replace(SMOOTHING, default=0.5),
        SMALLEST,
        FILL_HOLES,
        MARGIN,
    )

    def unavailable_reason(self) -> str | None:
        """Always available: OpenCV is a base dependency."""
        return None

    def segment(
        self, image: ImageRGB, prompt: Prompt, options: Mapping[str, OptionValue]
    ) -> Prediction:
        """See `Engine.segment`; the mask lies within the box, but for what the points say."""
        crop = crop_of(image, prompt, _WORKING_PX, float(options["margin"]))
        clusters = _clusters(crop, options)
        count = int(clusters.max()) + 1
        inside, around = (
            np.bincount(clusters[where], minlength=count) / max(1, clusters[where].size)
            for where in (crop.within, crop.ring())
        )
        chosen = inside > float(options["balance"]) * around
        whole = options["points_take"] == "cluster"
        if whole:
            chosen[clusters[crop.is_in]] = True
            chosen[np.setdiff1d(clusters[crop.is_out], clusters[crop.is_in])] = False
        mask = chosen[clusters] & crop.within
        if not mask.any():
            return answered(image, prompt, crop, mask, "No colour prevails in the box")
        mask = cleaned(
            mask, float(options["smallest"]), bool(options["fill_holes"]), crop.is_in, crop.is_out
        )
        if not whole:
            added, removed = (_patches(clusters, cells) for cells in (crop.is_in, crop.is_out))
            mask = (mask & ~removed) | added
        return answered(image, prompt, crop, mask)


def _clusters(crop: Crop, options: Mapping[str, OptionValue]) -> NDArray[np.int64]:
    """(h, w) number of each cell's cluster."""
    height, width = crop.shape
    position = float(options["position"]) * _POSITION_SPAN / max(height, width)
    features = np.concatenate(
        [
            lab_of(crop.pixels, float(options["smoothing"])),
            np.moveaxis(np.indices((height, width), dtype=np.float32), 0, 2) * position,
        ],
        axis=2,
    ).reshape(height * width, 5)
    sample = np.ascontiguousarray(features[:: max(1, len(features) // _SAMPLE)], dtype=np.float32)
    count = min(int(options["clusters"]), len(sample))
    if count < 2:
        return np.zeros((height, width), dtype=np.int64)
    criteria = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_MAX_ITER, _ITERATIONS, _PRECISION)
    cv2.setRNGSeed(0)
    _, _, centres = cv2.kmeans(sample, count, None, criteria, 1, cv2.KMEANS_PP_CENTERS)  # type: ignore[call-overload]
    # Nearest centre: the square of the cell itself is the same for all of them.
    away = (centres**2).sum(axis=1) - 2 * features @ centres.T
    nearest: NDArray[np.int64] = np.argmin(away, axis=1).reshape(height, width)
    return nearest


def _patches(clusters: NDArray[np.int64], cells: Mask) -> Mask:
    """The connected parts of clusters that hold one of the cells."""
    found = np.zeros(cells.shape, dtype=bool)
    for cluster in np.unique(clusters[cells]):
        found |= touching(clusters == cluster, cells & (clusters == cluster))
    return found


ENGINE = KMeans()
