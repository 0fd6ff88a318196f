"""Evidence → how likely each pixel is inside → the mask with the greatest expected IoU, and what it is worth.

Source:
    A mask is cut where its expected IoU under the pixels' probabilities is greatest (Nowozin, "Optimal decisions from
    probabilistic models: the intersection-over-union case", CVPR 2014), which is hardly ever at one half.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from segmentarium.core.boxes import box_iou
from segmentarium.core.metrics import mask_iou
from segmentarium.core.rle import Mask
from segmentarium.engines.grabcut.colours import odds, share
from segmentarium.engines.grabcut.evidence import Evidence, Scene, first_look, second_look
from segmentarium.engines.grabcut.weights import FIRST, SCORE, SECOND
from segmentarium.engines.grabcut.work import Map

BIAS = "bias"
_CLEAR = 4  # 1 to 4 make no difference to the IoU; 1 leaves discs 0.5% too large


@dataclass(frozen=True, slots=True)
class Weighed:
    """How likely each pixel is inside, and where to cut.

    Attributes:
        inside: (h, w) shares.
        level: a pixel counts as inside from this share on.
        expected: the IoU that is then to be expected, by the shares.
        cut: (h, w) what a graph cut made of the first look.
        alike: of the colours inside and outside, 0–1.
    """

    inside: Map
    level: float
    expected: float
    cut: Map
    alike: float

    @property
    def clear(self) -> Map:
        """(h, w) shares as clear cut as can be shown at this size, the border at one half.

        The level is hardly ever one half: a filter or an enlargement would move a border that lies elsewhere.
        """
        return share(_CLEAR * (odds(self.inside) - odds(np.float32(self.level))))

    @property
    def mask(self) -> Mask:
        """(h, w)."""
        mask: Mask = self.inside >= self.level
        return mask


def weighed(scene: Scene) -> Weighed:
    """Both looks at a scene, weighed."""
    evidence, alike = first_look(scene)
    second = second_look(scene, likely(evidence, FIRST), evidence)
    return with_level(likely(second, SECOND), second["cut"], alike)


def likely(evidence: Evidence, weights: Mapping[str, float]) -> Map:
    """(h, w) shares by logistic regression."""
    height, width = next(iter(evidence.values())).shape
    total: Map = np.full((height, width), weights[BIAS], dtype=np.float32)
    for name, values in evidence.items():
        total += np.float32(weights[name]) * values
    return share(total)


def with_level(inside: Map, cut: Map, alike: float) -> Weighed:
    """The level of the greatest expected IoU: of the n likeliest pixels, for every n at once."""
    falling = np.sort(inside.ravel())[::-1].astype(np.float64)
    shared = np.cumsum(falling)
    expected = shared / (np.arange(1, falling.size + 1) + shared[-1] - shared)
    best = int(expected.argmax())
    return Weighed(inside, float(falling[best]), float(expected[best]), cut, alike)


def clues(found: Weighed, scene: Scene, mask: Mask) -> dict[str, float]:
    """What tells how good a (h, w) mask is that was cut from it."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    across, down = scene.work.across, scene.work.down
    tight = (across[columns[0]], down[rows[0]], across[columns[-1]], down[rows[-1]])
    ellipse = scene.work.from_middle < 1
    return {
        "expected IoU": found.expected,
        "level": found.level,
        "fills the box": box_iou(tight, (-1, -1, 1, 1)),
        "agrees with the cut": mask_iou(mask, found.cut > 0.5),
        "agrees with the ellipse": mask_iou(mask, ellipse),
        "colours alike": found.alike,
    }


def score(given: Mapping[str, float]) -> float:
    """The IoU that the clues predict, 0–1."""
    total = SCORE[BIAS] + sum(SCORE[name] * value for name, value in given.items())
    return min(max(total, 0.0), 1.0)
