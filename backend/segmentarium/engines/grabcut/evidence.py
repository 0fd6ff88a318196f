"""What speaks for a pixel's being inside: maps over the small copy of a box, twice.

The first look knows the box only; the second starts from what the first found, with colours learnt anew from it.

Source:
    Using a first answer as evidence for a second is auto-context (Tu, Bai, PAMI 2010). Regions that cross the box's
    sides: superpixel straddling (Alexe, Deselaers, Ferrari, PAMI 2012). Regions: Felzenszwalb, Huttenlocher, IJCV 2004.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from segmentarium.core.rle import Mask
from segmentarium.engines.grabcut.colours import (
    Bins,
    colour_bins,
    from_surroundings,
    local_log_ratio,
    log_ratio,
    odds,
    resized,
    share,
    without_lightness,
)
from segmentarium.engines.grabcut.guided import GuidedFilter
from segmentarium.engines.grabcut.work import Map, Work, shrunk, smooth

Evidence: TypeAlias = dict[str, Map]
Regions: TypeAlias = NDArray[np.int64]

_CUT_PX = (
    96  # longest side of what is cut; of 64 the masks are worse by 0.03, 144 takes twice the time
)
_REGIONS_PX = 80
_REGIONS = ((60.0, 12), (250.0, 35))  # scale and least pixels of fine and coarse regions
_STILL_COUNTS = (
    "from the sides",
    "from the middle",
    "outside the box",
    "unlike the surroundings",
    "fine region crosses the box",
    "coarse region crosses the box",
    "cut of the box",
    "cut of the ellipse",
    "way from outside",
    "way from the middle",
    "nearer to the middle",
)
_SURE = 0.9
_SURELY_NOT = 0.12
_FLAT = 4  # added to the mean steepness: in a flat picture noise is no edge
_LEAST_CUT = 0.1  # of the box; a cut that left less failed, and the ellipse stands in its place


@dataclass(frozen=True, slots=True)
class Scene:
    """What both looks share.

    `edge` is (h, w), how steep the colours are, 1 where they are as steep as on the mean; `steepness` is that mean.
    """

    work: Work
    lab: Map
    edge: Map
    steepness: float
    bins: Bins
    regions: tuple[Regions, ...]
    along_edges: GuidedFilter
    iterations: int

    def pooled(self, values: Map, scale: int) -> Map:
        """The values' means over the regions of a scale."""
        regions = self.regions[scale].ravel()
        means = np.bincount(regions, values.ravel()) / np.maximum(np.bincount(regions), 1)
        return means.astype(np.float32)[self.regions[scale]]


def scene_of(work: Work, iterations: int) -> Scene:
    """What both looks share, with `iterations` of every graph cut."""
    from skimage.segmentation import felzenszwalb

    height, width = work.lab.shape[:2]
    small = shrunk(work.rgb, _size_within(work.from_sides, _REGIONS_PX))
    rows, columns = (
        np.arange(here) * there // here
        for here, there in zip((height, width), small.shape, strict=False)
    )
    regions = tuple(
        felzenszwalb(small, scale=size, sigma=0.6, min_size=least)[rows[:, None], columns]
        for size, least in _REGIONS
    )
    lab = work.lab.astype(np.float32)
    steep = _steep(lab)
    mean = float(steep.mean()) + _FLAT
    return Scene(
        work,
        lab,
        steep / mean,
        mean,
        colour_bins(work.lab),
        regions,
        GuidedFilter(work.lab, 3, 1e-3),
        iterations,
    )


def _steep(lab: Map) -> Map:
    """(h, w): how fast the colours change."""
    smoothed = smooth(lab, 1.0)
    slopes = [cv2.Sobel(smoothed, cv2.CV_32F, *axis) for axis in ((1, 0), (0, 1))]
    steep: Map = np.sqrt((slopes[0] ** 2 + slopes[1] ** 2).sum(axis=-1)).astype(np.float32)
    return steep


def first_look(scene: Scene) -> tuple[Evidence, float]:
    """The evidence from the box alone, and how alike the colours inside and outside are (0–1)."""
    work, bins = scene.work, scene.bins
    sides, middle = work.from_sides, work.from_middle
    outside: Map = (sides > 1).astype(np.float32)
    prior: Map = 0.94 * share((0.98 - middle) * 7) * share((1 - sides) * 25) + 0.01
    of_box, alike = log_ratio(bins, prior, 1 - prior)
    inside = share(odds(prior) + smooth(of_box, 1.0))
    for _ in range(3):
        learnt, _ = log_ratio(bins, inside, 1 - inside)
        inside = share(odds(prior) + smooth(learnt, 1.0))
    surroundings: Map = (1 - prior) * np.where(sides > 0.97, np.float32(1.02), np.float32(0.02))
    straddling = [scene.pooled((sides > 1.02).astype(np.float32), scale) for scale in (0, 1)]
    pooled = [scene.pooled(inside, scale) for scale in (0, 1)]
    return {
        "from the sides": sides.clip(0, 1.6),
        "from the middle": middle.clip(0, 2),
        "outside the box": outside,
        "colour": of_box,
        "colour around": smooth(of_box, 2.5),
        "learnt colour": learnt,
        "learnt colour around": smooth(learnt, 1.5),
        "inside by colour": inside,
        "inside by colour, around": smooth(inside, 4),
        "inside by colour, along edges": scene.along_edges(inside),
        "unlike the surroundings": from_surroundings(scene.lab, surroundings, max(sides.shape) / 8),
        "fine region crosses the box": straddling[0],
        "fine region inside": pooled[0],
        "fine region inside but crosses": straddling[0] * pooled[0],
        "coarse region crosses the box": straddling[1],
        "coarse region inside": pooled[1],
        "coarse region inside but crosses": straddling[1] * pooled[1],
        **_cuts_of_the_box(scene, sides, middle),
        **_ways(scene, sides, middle),
    }, alike


def second_look(scene: Scene, inside: Map, first: Evidence) -> Evidence:
    """The evidence given how likely each pixel is inside by the first look, and what of the first still counts."""
    bins = scene.bins
    colour, _ = log_ratio(bins, inside, 1 - inside)
    of_the_sure, _ = log_ratio(bins, np.maximum(inside - 0.5, 0), np.maximum(0.5 - inside, 0))
    hue, _ = log_ratio(without_lightness(bins), inside, 1 - inside, channels=2)
    return {
        "first odds": odds(inside),
        "first": inside,
        "first within 1.5 px": smooth(inside, 1.5),
        "first within 4 px": smooth(inside, 4),
        "first within 9 px": smooth(inside, 9),
        "first along edges": scene.along_edges(inside),
        "colour": colour,
        "colour around": smooth(colour, 1.5),
        "colour of the sure": of_the_sure,
        "colour of the sure around": smooth(of_the_sure, 1.5),
        "hue": hue,
        "hue around": smooth(hue, 1.5),
        "local colour, 3 px": local_log_ratio(scene.lab, inside, 3),
        "local colour, 6 px": local_log_ratio(scene.lab, inside, 6),
        "local colour, 12 px": local_log_ratio(scene.lab, inside, 12),
        "fine region": scene.pooled(inside, 0),
        "coarse region": scene.pooled(inside, 1),
        "cut": _cut_of(scene, inside),
        **{name: first[name] for name in _STILL_COUNTS},
    }


def _ways(scene: Scene, sides: Map, middle: Map) -> Evidence:
    """How much of an edge lies on the way from outside the box, and from its middle."""
    size = _size_within(sides, _REGIONS_PX)
    small_sides, small_middle = resized(sides, size), resized(middle, size)
    costs = resized(scene.edge, size).astype(np.float64) + 0.03
    outside = small_sides > 1
    if not outside.any():
        outside[[0, -1]], outside[:, [0, -1]] = True, True
    from_outside = _ways_from(outside, costs)
    from_middle = _ways_from(small_middle <= max(0.25, float(small_middle.min())), costs)
    ways = {
        "way from outside": np.log1p(from_outside),
        "way from the middle": np.log1p(from_middle),
        "nearer to the middle": from_outside / (from_outside + from_middle + 1e-6),
    }
    large = sides.shape[1], sides.shape[0]
    return {name: resized(values.astype(np.float32), large) for name, values in ways.items()}


def _ways_from(start: Mask, costs: NDArray[np.float64]) -> NDArray[np.float64]:
    """The cost of the cheapest way to each pixel from the nearest of the start."""
    from skimage.graph import MCP_Geometric

    # Every way leaves the start by its rim, and each start costs a call in Python.
    inner = cv2.erode(start.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    rim = np.argwhere(start & ~inner) if (start & ~inner).any() else np.argwhere(start)
    ways: NDArray[np.float64] = MCP_Geometric(costs).find_costs(rim.tolist())[0]
    ways[start] = 0
    return ways


def _cuts_of_the_box(scene: Scene, sides: Map, middle: Map) -> Evidence:
    """GrabCut from the box, and from an ellipse in it with its middle sure."""
    size = _size_within(sides, _CUT_PX)
    small_sides, small_middle = resized(sides, size), resized(middle, size)
    from_box = np.where(small_sides < 1, cv2.GC_PR_FGD, cv2.GC_BGD)
    from_ellipse = np.select(
        [small_middle < 0.45, small_middle < 0.95, small_sides < 1],
        [cv2.GC_FGD, cv2.GC_PR_FGD, cv2.GC_PR_BGD],
        cv2.GC_BGD,
    )
    ellipse: Map = (small_middle < 1).astype(np.float32)
    found = {}
    for name, trimap in (("cut of the box", from_box), ("cut of the ellipse", from_ellipse)):
        # A box over the whole image has no outside; the border of the image must do.
        if not (trimap == cv2.GC_BGD).any():
            trimap[[0, -1]], trimap[:, [0, -1]] = cv2.GC_BGD, cv2.GC_BGD
        mask = _cut(scene, trimap)
        if mask is None or mask.sum() < _LEAST_CUT * np.count_nonzero(small_sides < 1):
            mask = ellipse
        found[name] = _enlarged(mask, sides)
    return found


def _cut_of(scene: Scene, inside: Map) -> Map:
    """GrabCut from how likely each pixel is inside."""
    small = resized(inside, _size_within(inside, _CUT_PX))
    sure = max(0.5, min(_SURE, float(np.quantile(small, 0.97))))
    trimap = np.select(
        [small > sure, small > 0.5, small > _SURELY_NOT],
        [cv2.GC_FGD, cv2.GC_PR_FGD, cv2.GC_PR_BGD],
        cv2.GC_BGD,
    )
    mask = _cut(scene, trimap)
    return _enlarged((small > 0.5).astype(np.float32) if mask is None else mask, inside)


def _size_within(values: Map, longest: int) -> tuple[int, int]:
    """(width, height) of at most `longest` a side."""
    height, width = values.shape
    scale = min(1.0, longest / max(height, width))
    return max(4, round(width * scale)), max(4, round(height * scale))


def _enlarged(mask: Map, like: Map) -> Map:
    return smooth(resized(mask, like.shape[::-1]), 1.0)


def _cut(scene: Scene, trimap: NDArray[np.int64]) -> Map | None:
    """The mask of a trimap, or None where OpenCV has no example of one side."""
    cut: NDArray[np.uint8] = trimap.astype(np.uint8)
    small = shrunk(scene.work.lab, trimap.shape[::-1])
    cv2.setRNGSeed(0)
    try:
        cv2.grabCut(  # type: ignore[call-overload]
            small,
            cut,
            None,
            np.zeros((1, 65)),
            np.zeros((1, 65)),
            scene.iterations,
            cv2.GC_INIT_WITH_MASK,
        )
    except cv2.error:
        return None
    mask: Map = ((cut == cv2.GC_FGD) | (cut == cv2.GC_PR_FGD)).astype(np.float32)
    return mask
