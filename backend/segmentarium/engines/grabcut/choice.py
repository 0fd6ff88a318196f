"""Several masks of one box, the IoU that each is likely to have, and the one that is likely to be best.

Source:
    Rating proposals by how they look and choosing among them: Carreira, Sminchisescu, "CPMC", PAMI 2012. What is told
    by the outline (the edges along it, the contrast over it) and by how it lies in the box is as there; here the clues
    of all the masks count for each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import cv2
import numpy as np

from segmentarium.core.rle import Mask
from segmentarium.engines.grabcut.colours import odds, share
from segmentarium.engines.grabcut.evidence import Scene
from segmentarium.engines.grabcut.outline import cleaned
from segmentarium.engines.grabcut.weighing import BIAS, Seen
from segmentarium.engines.grabcut.work import Map
from segmentarium.engines.regions import disc_kernel

Hypotheses: TypeAlias = dict[str, Map]
Clues: TypeAlias = dict[str, float]

NAMES = ("weighed", "more", "less", "cut")
SMALLEST_SHARE = 0.05  # of the box; less is taken for a failure
_CLEAR = 4  # 1 to 4 make no difference to the IoU; 1 leaves discs 0.5% too large
_STEP = 0.8  # log odds from one level to the next
_WEAK = 0.6  # of the mean edge
_BAND = disc_kernel(4)
_SURE = 1e-3  # shares nearer to 0 and 1 tell no more
_FAINT = 20  # of the variance of Lab; contrast below it is noise


def hypotheses(seen: Seen) -> Hypotheses:
    """(h, w) shares of each mask by name, its border at one half.

    A border that lies at another share would be moved by a filter or an enlargement.
    """
    over = odds(seen.second.inside) - odds(np.float32(seen.second.level))
    return {
        "weighed": share(_CLEAR * over),
        "more": share(_CLEAR * (over + _STEP)),
        "less": share(_CLEAR * (over - _STEP)),
        "cut": seen.cut,
    }


def masks_of(found: Hypotheses, scene: Scene) -> list[Mask]:
    """(h, w) masks as they would be answered: within the box, without specks; the ellipse for next to nothing."""
    within, ellipse = scene.work.in_box, scene.work.ellipse
    smallest = SMALLEST_SHARE * np.count_nonzero(within)
    masks = [cleaned((found[name] > 0.5) & within) for name in NAMES]
    return [mask if np.count_nonzero(mask) >= smallest else ellipse for mask in masks]


def clues_of(masks: Sequence[Mask], seen: Seen, scene: Scene) -> Clues:
    """What tells how good each of the masks is: of all together, and of each by its name."""
    within = scene.work.in_box
    inside = np.clip(seen.second.inside[within], _SURE, 1 - _SURE)
    spread = cv2.meanStdDev(scene.lab, mask=within.view(np.uint8))[1]
    clues = {
        "expected IoU": seen.second.expected,
        "expected IoU, first look": seen.first.expected,
        "steepness": float(np.log(scene.steepness)),
        "colours": float(np.log(spread.sum() + 1)),
        "doubt": float((-inside * np.log(inside) - (1 - inside) * np.log(1 - inside)).mean()),
        "highest share": float(np.quantile(inside, 0.9)),
        "agreement": _agreement(masks),
        "fine regions": float(np.log(scene.regions[0].max() + 1)),
    }
    for name, mask in zip(NAMES, masks, strict=True):
        told = {**_along_the_outline(mask, scene), **_in_the_box(mask, within)}
        clues.update({f"{name}: {clue}": value for clue, value in told.items()})
    return clues


def predicted(clues: Clues, weights: Mapping[str, Sequence[float]]) -> dict[str, float]:
    """The IoU of each mask by name, by linear regression."""
    total = np.array(weights[BIAS])
    for name, value in clues.items():
        total = total + value * np.array(weights[name])
    return dict(zip(NAMES, total.tolist(), strict=True))


def best_of(clues: Clues, weights: Mapping[str, Sequence[float]]) -> tuple[str, float]:
    """The name of the mask that is predicted to be best, and its IoU; the first of equals."""
    told = predicted(clues, weights)
    name = max(NAMES, key=told.__getitem__)
    return name, told[name]


def _agreement(masks: Sequence[Mask]) -> float:
    """The mean IoU of two of the masks."""
    flat = np.stack([mask.ravel() for mask in masks]).astype(np.float32)
    shared = flat @ flat.T
    areas = flat.sum(axis=1)
    return float((shared / (areas[:, None] + areas - shared)).mean())


def _along_the_outline(mask: Mask, scene: Scene) -> Clues:
    """How steep the edges under a mask's outline are, and how the colours on its two sides differ."""
    cells, lab = mask.view(np.uint8), scene.lab
    nearest = np.ones((3, 3), np.uint8)
    rim = mask & (cv2.erode(cells, nearest, borderType=cv2.BORDER_CONSTANT, borderValue=(0,)) == 0)
    edge = scene.edge[rim]
    inner = (mask & (cv2.erode(cells, _BAND) == 0)).view(np.uint8)
    outer = (~mask & (cv2.dilate(cells, _BAND) > 0)).view(np.uint8)
    contrast = 0.0
    if inner.any() and outer.any():
        here, there = cv2.meanStdDev(lab, mask=inner), cv2.meanStdDev(lab, mask=outer)
        between = float(((here[0] - there[0]) ** 2).sum())
        around = float((here[1] ** 2 + there[1] ** 2).sum())
        contrast = between / (between + around + _FAINT)
    return {
        "edge": float(edge.mean()),
        "weak edge": float((edge < _WEAK).mean()),
        "contrast": contrast,
        "compact": 4 * np.pi * np.count_nonzero(mask) / (edge.size**2 + 1),
    }


def _in_the_box(mask: Mask, within: Mask) -> Clues:
    """How far a mask stays from the sides of its box, and in how many parts it is."""
    gaps, filled = [], 1.0
    for axis in (0, 1):
        has, side = np.flatnonzero(mask.any(axis=axis)), np.flatnonzero(within.any(axis=axis))
        gaps += [(has[0] - side[0]) / side.size, (side[-1] - has[-1]) / side.size]
        filled *= has.size / side.size
    count, _ = cv2.connectedComponents(mask.view(np.uint8), connectivity=4)
    return {
        "gaps": float(sum(gaps)),
        "widest gap": float(max(gaps)),
        "fills the box": filled,
        "parts": float(count - 1),
    }
