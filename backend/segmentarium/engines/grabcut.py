"""GrabCut from a box: needs no network, runs anywhere.

Source:
    Rother, Kolmogorov, Blake: "GrabCut", SIGGRAPH 2004, as in OpenCV. OpenCV's raises when a box covers the whole image
    and on flat colour, and may answer nothing; here it runs on a padded crop of bounded size, in Lab, within the box.
    Where it finds next to nothing it is tried again with the middle of the box taken for inside, which is said; where
    that fails too, the ellipse in the box is answered. The graph is cut on a coarse crop and then again on a finer one
    in a narrow band along the coarse outline: a cut costs far more than its pixels' share.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from segmentarium.core.boxes import PixelBoxXYXY, box_iou, expand_box, pixels_of_box
from segmentarium.core.rle import Mask
from segmentarium.engines.base import (
    ImageRGB,
    Option,
    OptionValue,
    Prediction,
    Prompt,
    PromptKind,
    check_box,
)

Trimap: TypeAlias = NDArray[np.uint8]

_COARSE_PX = 144  # longest side of the crop that is cut whole; 128 and 256 were tried
_ANSWER_PX = 1024  # longest side of the mask that is answered; its outline is smooth, what is finer adds vertices only
_BAND_PX = 2  # half width of the band that is cut again, in coarse pixels
_SMOOTHING_PX = 1.2  # standard deviation, in pixels of the crop worked on
_FALLBACK_TRUST = 0.6  # what a score is worth when the middle of the box was taken for inside
_PADDING = 4  # replicated pixels around the crop, all background: a box over the whole image still has an outside
_SMALLEST_SIDE = (
    4  # pixels; below this there is nothing to model, the box itself is the best answer
)
_SMALLEST_SHARE = 0.15  # of the box; less is taken for a failure
_CORE = 0.8  # of the box's width and height; what is taken for inside when the colours alone failed
_SPECK_SHARE = 0.03  # of the largest component; smaller components and holes are specks


class GrabCut:
    """The object in a box, by colour models of inside and outside and a graph cut."""

    name = "grabcut"
    title = "GrabCut"
    description = "An object that differs in colour from what surrounds it."
    prompts: tuple[PromptKind, ...] = ("bbox",)
    starts_from: tuple[PromptKind, ...] = ("bbox",)
    rank = 10
    is_slow = False
    options: tuple[Option, ...] = (
        Option("iterations", "Iterations", "integer", 3, 1, 12),
        Option(
            "margin",
            "Margin around the box, in shares of its longer side",
            "number",
            0.25,
            0.05,
            1.0,
        ),
        Option(
            "working_size",
            "Longest side of the crop that is refined, in pixels",
            "integer",
            256,
            144,
            640,
        ),
    )

    def unavailable_reason(self) -> str | None:
        """Always available: OpenCV is a base dependency."""
        return None

    def segment(
        self, image: ImageRGB, prompt: Prompt, options: Mapping[str, OptionValue]
    ) -> Prediction:
        """See `Engine.segment`; the mask lies within the box."""
        height, width = image.shape[:2]
        box = pixels_of_box(check_box(prompt.bbox_xywh or (0, 0, 0, 0), height, width))
        x0, y0, x1, y1 = box
        covers = (x1 - x0, y1 - y0)
        shape = _answered_shape(*covers)
        if min(covers) < _SMALLEST_SIDE:
            whole = np.ones(shape, dtype=bool)
            return Prediction(
                whole,
                x0,
                y0,
                0.5,
                "The box is too small for GrabCut; this is the whole box.",
                covers,
            )
        margin = max(8, round(float(options["margin"]) * max(x1 - x0, y1 - y0)))
        crop_box = expand_box(box, margin, width, height)
        cx0, cy0, cx1, cy1 = crop_box
        in_crop = (x0 - cx0, y0 - cy0, x1 - cx0, y1 - cy0)
        fine, scale = _shrunk(image[cy0:cy1, cx0:cx1], int(options["working_size"]))
        coarse, coarse_share = _shrunk(fine, _COARSE_PX)
        inner = _scaled_box(in_crop, scale * coarse_share, coarse)
        prepared, iterations = _prepared(coarse), int(options["iterations"])
        mask, stability, failure = _cut(prepared, inner, iterations)
        fallback = None
        if failure is not None:
            mask, stability, second_failure = _cut(prepared, inner, iterations, core=_CORE)
            fallback = f"{failure}, so the middle of the box was taken for the object."
            if second_failure is not None:
                words = f"{failure}; this is the ellipse in the box."
                return Prediction(_ellipse(shape), x0, y0, 0.3, words, covers)
        mask = _within(mask, inner)
        if coarse_share < 1:
            inner = _scaled_box(in_crop, scale, fine)
            mask = _refined(_prepared(fine), inner, mask, 1 / coarse_share)
        answer = _resized(mask, shape)
        score = stability * _tightness(answer)
        if fallback is not None:
            score *= _FALLBACK_TRUST
        return Prediction(answer, x0, y0, score, fallback, covers)


def _answered_shape(width: int, height: int) -> tuple[int, int]:
    """(h, w) of the mask that is answered for a box."""
    scale = min(1.0, _ANSWER_PX / max(width, height))
    return max(1, round(height * scale)), max(1, round(width * scale))


def _shrunk(crop: ImageRGB, longest: int) -> tuple[ImageRGB, float]:
    """The crop with its longest side at most `longest` pixels, and the scale."""
    scale = min(1.0, longest / max(crop.shape[:2]))
    if scale == 1:
        return crop, scale
    size = (max(1, round(crop.shape[1] * scale)), max(1, round(crop.shape[0] * scale)))
    # Of a very large crop every so many pixels are enough: a mean of 4 × 4 of them is as good as one of hundreds.
    step = max(1, int(1 / scale) // 4)
    crop = np.ascontiguousarray(crop[step // 2 :: step, step // 2 :: step])
    return cv2.resize(crop, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False), scale


def _scaled_box(box: PixelBoxXYXY, scale: float, crop: ImageRGB) -> PixelBoxXYXY:
    """The box in pixels of the scaled and padded crop, at least one pixel in size."""
    height, width = crop.shape[:2]
    x1, y1 = min(round(box[2] * scale), width), min(round(box[3] * scale), height)
    x1, y1 = max(x1, 1), max(y1, 1)
    x0, y0 = min(round(box[0] * scale), x1 - 1), min(round(box[1] * scale), y1 - 1)
    return x0 + _PADDING, y0 + _PADDING, x1 + _PADDING, y1 + _PADDING


def _prepared(crop: ImageRGB) -> ImageRGB:
    """The crop in Lab, padded."""
    padding = _PADDING
    padded = cv2.copyMakeBorder(crop, padding, padding, padding, padding, cv2.BORDER_REPLICATE)
    lab: ImageRGB = cv2.cvtColor(padded, cv2.COLOR_RGB2LAB).astype(np.uint8, copy=False)
    return lab


def _cut(
    work: ImageRGB, inner: PixelBoxXYXY, iterations: int, core: float = 0
) -> tuple[Mask, float, str | None]:
    """The mask of the padded crop, how stable the last iteration left it (IoU), and why it failed if it did.

    With `core` the ellipse of that share of the box counts as inside whatever its colours are.
    """
    x0, y0, x1, y1 = inner
    trimap: Trimap = np.full(work.shape[:2], cv2.GC_BGD, dtype=np.uint8)
    # Starting from the inscribed ellipse instead of the whole box was tried: no better on real objects.
    trimap[y0:y1, x0:x1] = cv2.GC_PR_FGD
    if core:
        trimap[y0:y1, x0:x1][_ellipse((y1 - y0, x1 - x0), core)] = cv2.GC_FGD
    background, foreground = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.setRNGSeed(0)
    try:
        cv2.grabCut(
            work,
            trimap,
            None,
            background,
            foreground,
            max(1, iterations - 1),
            cv2.GC_INIT_WITH_MASK,
        )  # type: ignore[call-overload]
        before = _inside(trimap)
        cv2.grabCut(work, trimap, None, background, foreground, 1, cv2.GC_EVAL)  # type: ignore[call-overload]
    except cv2.error:
        return (
            np.zeros(work.shape[:2], dtype=bool),
            0.0,
            "Colours alone could not tell inside from outside",
        )
    mask = _cleaned(_inside(trimap))
    if np.count_nonzero(mask) < _SMALLEST_SHARE * (x1 - x0) * (y1 - y0):
        return mask, 0.0, "Colours alone found next to nothing"
    union = np.count_nonzero(before | mask)
    return mask, np.count_nonzero(before & mask) / union, None


def _refined(work: ImageRGB, inner: PixelBoxXYXY, coarse: Mask, ratio: float) -> Mask:
    """The coarse mask of the box cut again at the finer scale, `ratio` times as large, near its outline only."""
    x0, y0, x1, y1 = inner
    size = (x1 - x0, y1 - y0)
    enlarged: Mask = (
        cv2.resize(coarse.astype(np.float32), size, interpolation=cv2.INTER_LINEAR) > 0.5
    )
    inside = np.zeros(work.shape[:2], dtype=np.uint8)
    inside[y0:y1, x0:x1] = enlarged
    radius = max(2, round(_BAND_PX * ratio))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
    trimap: Trimap = np.full(work.shape[:2], cv2.GC_BGD, dtype=np.uint8)
    in_box = (slice(y0, y1), slice(x0, x1))
    trimap[in_box][cv2.dilate(inside, disc)[in_box] > 0] = cv2.GC_PR_BGD
    trimap[inside > 0] = cv2.GC_PR_FGD
    trimap[cv2.erode(inside, disc) > 0] = cv2.GC_FGD
    cv2.setRNGSeed(0)
    try:
        cv2.grabCut(
            work, trimap, None, np.zeros((1, 65)), np.zeros((1, 65)), 1, cv2.GC_INIT_WITH_MASK
        )  # type: ignore[call-overload]
    except cv2.error:
        return enlarged  # no pixel was sure: an object thinner than the band
    mask = _within(_cleaned(_inside(trimap)), inner)
    return mask if mask.any() else enlarged


def _within(mask: Mask, inner: PixelBoxXYXY) -> Mask:
    x0, y0, x1, y1 = inner
    return mask[y0:y1, x0:x1]


def _inside(trimap: Trimap) -> Mask:
    inside: Mask = (trimap == cv2.GC_FGD) | (trimap == cv2.GC_PR_FGD)
    return inside


def _cleaned(mask: Mask) -> Mask:
    """Without specks: components, and then holes, smaller than a share of the largest component."""
    kept = _without_small_components(mask)
    return ~_without_small_components(~kept, smallest=_SPECK_SHARE * np.count_nonzero(kept))


def _without_small_components(mask: Mask, smallest: float | None = None) -> Mask:
    count, components, stats, _ = cv2.connectedComponentsWithStats(
        mask.view(np.uint8), connectivity=4
    )
    if count <= 1:
        return mask
    areas = stats[:, cv2.CC_STAT_AREA].copy()
    areas[0] = 0
    limit = _SPECK_SHARE * areas.max() if smallest is None else smallest
    keep: NDArray[np.bool_] = areas >= limit
    keep[0] = False
    kept: Mask = keep[components]
    return kept


def _resized(mask: Mask, shape: tuple[int, int]) -> Mask:
    """The mask at the shape that is answered, its border smooth instead of blocky. Never empty."""
    # A graph cut leaves stairs and hairs; smoothing them costs 0.002 of IoU and saves a third of the vertices.
    soft = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), _SMOOTHING_PX)
    full: Mask = cv2.resize(soft, shape[::-1], interpolation=cv2.INTER_LINEAR) > 0.5
    return full if full.any() else np.ones(shape, dtype=bool)


def _tightness(mask: Mask) -> float:
    """How well the mask fills its box to the sides: IoU of its tight box with the whole."""
    height, width = mask.shape
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    tight = (int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
    return box_iou(tight, (0, 0, width, height))


def _ellipse(shape: tuple[int, int], share: float = 1) -> Mask:
    """The ellipse inscribed in an (h, w) box, scaled about its middle, by pixel centres."""
    height, width = shape
    y = (np.arange(height) + 0.5 - height / 2) / (height / 2)
    x = (np.arange(width) + 0.5 - width / 2) / (width / 2)
    mask: Mask = y[:, None] ** 2 + x[None, :] ** 2 <= share**2
    return mask


ENGINE = GrabCut()
