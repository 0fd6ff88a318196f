"""Evidence → how likely each pixel is inside → the mask with the greatest expected IoU.

Source:
    A mask is cut where its expected IoU under the pixels' probabilities is greatest (Nowozin, "Optimal decisions from
    probabilistic models: the intersection-over-union case", CVPR 2014), which is hardly ever at one half.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from segmentarium.core.rle import Mask
from segmentarium.engines.grabcut.colours import share
from segmentarium.engines.grabcut.evidence import Evidence, Scene, first_look, second_look
from segmentarium.engines.grabcut.weights import FIRST, SECOND
from segmentarium.engines.grabcut.work import Map

BIAS = "bias"


@dataclass(frozen=True, slots=True)
class Weighed:
    """How likely each pixel is inside, and where to cut.

    Attributes:
        inside: (h, w) shares.
        level: a pixel counts as inside from this share on.
        expected: the IoU that is then to be expected, by the shares.
    """

    inside: Map
    level: float
    expected: float

    @property
    def mask(self) -> Mask:
        """(h, w)."""
        mask: Mask = self.inside >= self.level
        return mask


@dataclass(frozen=True, slots=True)
class Seen:
    """What two looks made of a scene.

    Attributes:
        first: what the first look found.
        second: likewise.
        cut: (h, w) what a graph cut made of the first look.
        alike: of the colours inside and outside, 0–1.
    """

    first: Weighed
    second: Weighed
    cut: Map
    alike: float


def seen_in(scene: Scene) -> Seen:
    """Both looks at a scene, weighed."""
    evidence, alike = first_look(scene)
    first = likely(evidence, FIRST)
    second = second_look(scene, first, evidence)
    return Seen(with_level(first), with_level(likely(second, SECOND)), second["cut"], alike)


def likely(evidence: Evidence, weights: Mapping[str, float]) -> Map:
    """(h, w) shares by logistic regression."""
    height, width = next(iter(evidence.values())).shape
    total: Map = np.full((height, width), weights[BIAS], dtype=np.float32)
    for name, values in evidence.items():
        total += np.float32(weights[name]) * values
    return share(total)


def with_level(inside: Map) -> Weighed:
    """The level of the greatest expected IoU: of the n likeliest pixels, for every n at once."""
    falling = np.sort(inside.ravel())[::-1].astype(np.float64)
    shared = np.cumsum(falling)
    expected = shared / (np.arange(1, falling.size + 1) + shared[-1] - shared)
    best = int(expected.argmax())
    return Weighed(inside, float(falling[best]), float(expected[best]))
