"""Points and strokes that correct a mask: obeyed to the pixel, and changing it near them only. For every engine.

Each correction that the mask does not obey yet is worked off in the order given, on a small copy of the mask's
surroundings: a graph cut between what is like the correction and what is like the rest of the label that it takes
pixels from. Only pixels that change to the label asked for, and hang together with the correction, are taken over.

Source:
    Seeds and the colours learnt from them: Boykov, Jolly, ICCV 2001; Rother, Kolmogorov, Blake, SIGGRAPH 2004. That a
    seed matters by its geodesic distance: Bai, Sapiro, ICCV 2007; Gulshan et al., CVPR 2010.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from segmentarium.core.boxes import PixelBoxXYXY
from segmentarium.core.rle import RLE, Mask, rle_bbox, rle_samples
from segmentarium.engines.base import ImageRGB, Prediction, Prompt, Stroke, raise_if_abandoned

_WINDOW_PX = 96  # longest side of the small copy that is cut
_REACH = 3.0  # how far a correction reaches, in shares of its depth
_LEAST_REACH_PX = 12
_ROOM = (
    0.5  # for what is added, around the point that asks for it, in shares of the mask's longer side
)
_DEPTH_PX = 512  # longest side of the canvas that a depth is measured on
_LARGEST_PX = 2048  # longest side of a mask kept pixel by pixel; larger ones are kept at this size
_SEED = 1.0  # radius of what surely follows a correction, in shares of its depth
_LEARNT = 1.2  # radius of what is taken to follow it before the colours are learnt, likewise
_SMOOTHING_PX = 1.0
_GIVEN_SCORE = 0.8  # of a mask that was given to be corrected: people correct what is nearly right


@dataclass(frozen=True, slots=True)
class Correction:
    """Pixels that have a label: 1 inside, 0 outside. A point has no radius: it is the pixel under it."""

    points: tuple[tuple[float, float], ...]
    label: int
    radius_px: float


@dataclass(frozen=True, slots=True)
class _Canvas:
    """A mask on the box that it is changed in; `across` and `down` are image pixels a pixel of the mask."""

    mask: Mask
    x: int
    y: int
    across: float
    down: float

    def painted(self, correction: Correction) -> Mask:
        """Where on the mask a correction lies."""
        return _painted(self.mask.shape, correction, self.x, self.y, self.across, self.down)


def corrections_of(prompt: Prompt) -> tuple[Correction, ...]:
    """The strokes and then the points of a prompt, each in the order given: a point is always obeyed."""
    points = (
        Correction((point,), label, 0)
        for point, label in zip(prompt.point_coords, prompt.point_labels, strict=True)
    )
    return *(_of_stroke(stroke) for stroke in prompt.strokes), *points


def prediction_of(rle: RLE) -> Prediction:
    """The mask of an RLE that is not empty, as a crop: decoded no finer than it is answered."""
    x, y, width, height = rle_bbox(rle)
    scale = min(1.0, _LARGEST_PX / max(width, height))
    shape = max(1, round(height * scale)), max(1, round(width * scale))
    mask = rle_samples(rle, _centres(y, height, shape[0]), _centres(x, width, shape[1]))
    if not mask.any():  # what there is lies between the samples
        mask = np.ones(shape, dtype=bool)
    return Prediction(mask, x, y, _GIVEN_SCORE, None, (width, height))


def corrected(image: ImageRGB, start: Prediction, prompt: Prompt) -> Prediction:
    """The start with every point and stroke of the prompt obeyed.

    Args:
        image: (H, W, 3) uint8; only what lies near the mask and the corrections is read.
        start: what is corrected.
        prompt: its points and strokes; where two ask for different labels of a pixel, the later one has it, and
            a point before any stroke.

    Returns:
        The start itself where it obeys already.
    """
    corrections = corrections_of(prompt)
    if not corrections:
        return start
    canvas = _canvas_of(start, corrections, *image.shape[:2])
    for count in range(1, len(corrections) + 1):
        raise_if_abandoned()
        canvas = _obeying(image, canvas, corrections[:count])
    # Where corrections cross, an earlier one may have lost a pixel that nobody asked for any more.
    mask = _stamped(canvas, corrections)
    if not mask.any():
        return replace(
            start, fallback="The corrections leave nothing; this is what there was before."
        )
    return _prediction(canvas, mask, start)


def _of_stroke(stroke: Stroke) -> Correction:
    return Correction(stroke.points, stroke.label, stroke.radius_px)


def _centres(start: int, length: int, count: int) -> NDArray[np.int64]:
    """Pixels whose middles are nearest to those of `count` equal parts of [start, start + length)."""
    return (start + (np.arange(count) + 0.5) * length / count).astype(np.int64)


def _canvas_of(
    start: Prediction, corrections: Sequence[Correction], height: int, width: int
) -> _Canvas:
    """The start on a canvas with room for what may be added."""
    x, y, wide, high = start.bbox_xywh
    rows, columns = start.mask.shape
    reach = max(_LEAST_REACH_PX, round(_ROOM * max(wide, high)))
    x0, y0, x1, y1 = x, y, x + wide, y + high
    for correction in corrections:
        if correction.label:
            for px, py in correction.points:
                far = reach + correction.radius_px
                x0, y0 = min(x0, int(px - far)), min(y0, int(py - far))
                x1, y1 = max(x1, int(px + far) + 1), max(y1, int(py + far) + 1)
    x0, y0, x1, y1 = max(x0, 0), max(y0, 0), min(x1, width), min(y1, height)
    longest = max(x1 - x0, y1 - y0)
    across, down = wide / columns, high / rows
    if longest / min(across, down) > _LARGEST_PX:
        across = down = longest / _LARGEST_PX
    shape = max(1, round((y1 - y0) / down)), max(1, round((x1 - x0) / across))
    across, down = (x1 - x0) / shape[1], (y1 - y0) / shape[0]
    at_x = np.floor((x0 + (np.arange(shape[1]) + 0.5) * across - x) / wide * columns).astype(int)
    at_y = np.floor((y0 + (np.arange(shape[0]) + 0.5) * down - y) / high * rows).astype(int)
    known_x, known_y = (at_x >= 0) & (at_x < columns), (at_y >= 0) & (at_y < rows)
    mask = np.zeros(shape, dtype=bool)
    mask[np.ix_(known_y, known_x)] = start.mask[np.ix_(at_y[known_y], at_x[known_x])]
    return _Canvas(mask, x0, y0, across, down)


def _painted(
    shape: tuple[int, ...], correction: Correction, x: int, y: int, across: float, down: float
) -> Mask:
    """A correction on a grid whose corner lies at (x, y), at so many image pixels a pixel."""
    height, width = shape
    painted = np.zeros((height, width), dtype=bool)
    points = correction.points
    radius = correction.radius_px
    for (ax, ay), (bx, by) in zip(points, points[1:] or points, strict=False):
        raise_if_abandoned()
        # Only what the segment may touch is looked at: a stroke has many segments.
        left = max(0, int((min(ax, bx) - radius - x) / across))
        right = min(width, int((max(ax, bx) + radius - x) / across) + 1)
        top = max(0, int((min(ay, by) - radius - y) / down))
        bottom = min(height, int((max(ay, by) + radius - y) / down) + 1)
        if radius and left < right and top < bottom:
            painted[top:bottom, left:right] |= _near_segment(
                x + (np.arange(left, right) + 0.5) * across,
                y + (np.arange(top, bottom) + 0.5) * down,
                (ax, ay),
                (bx, by),
                radius,
            )
    for px, py in points:  # the pixel under each point, however thin the stroke
        column, row = int((px - x) / across), int((py - y) / down)
        if 0 <= px - x <= width * across and 0 <= py - y <= height * down:
            painted[min(row, height - 1), min(column, width - 1)] = True
    return painted


def _near_segment(
    xs: NDArray[np.floating],
    ys: NDArray[np.floating],
    a: tuple[float, float],
    b: tuple[float, float],
    radius: float,
) -> Mask:
    """(h, w): the pixels of these middles within the radius of a segment."""
    along = np.array(b) - np.array(a)
    length = float(along @ along)
    px, py = xs[None, :] - a[0], ys[:, None] - a[1]
    share = np.clip((px * along[0] + py * along[1]) / length, 0, 1) if length else 0.0
    near: Mask = (px - share * along[0]) ** 2 + (py - share * along[1]) ** 2 < radius**2
    return near


def _stamped(canvas: _Canvas, corrections: Sequence[Correction]) -> Mask:
    mask = canvas.mask.copy()
    for correction in corrections:
        mask[canvas.painted(correction)] = bool(correction.label)
    return mask


def _obeying(image: ImageRGB, canvas: _Canvas, corrections: Sequence[Correction]) -> _Canvas:
    """The canvas with the last correction obeyed; those before it are obeyed already."""
    last = corrections[-1]
    label = bool(last.label)
    painted = canvas.painted(last)
    if (canvas.mask[painted] == label).all():  # or it lies where there is nothing to take away
        return canvas
    depth = _depth(canvas, painted, label)
    window = _window(canvas, painted, depth)
    rows, columns = slice(window[1], window[3]), slice(window[0], window[2])
    grown = _grown(image, canvas, corrections, window, depth)
    mask = canvas.mask.copy()
    mask[rows, columns][grown] = label
    changed = _Canvas(mask, canvas.x, canvas.y, canvas.across, canvas.down)
    if not _stamped(
        changed, corrections
    ).any():  # nobody means all of it: the correction alone then
        changed = canvas
    return replace(changed, mask=_stamped(changed, corrections))


def _depth(canvas: _Canvas, painted: Mask, label: bool) -> float:
    """How far, in pixels of the canvas, a correction lies from what has its label: the size of what it corrects.

    People (and the simulated ones of the benchmarks) point at the middle of what is wrong, so about this far around
    the correction all is wrong; the true border is about as far on the other side.
    """
    step = -(-max(painted.shape) // _DEPTH_PX)
    # Beyond the canvas all is outside.
    wrong = (canvas.mask[::step, ::step] != label).astype(np.uint8)
    far = cv2.distanceTransform(
        np.pad(wrong, 1, constant_values=label), cv2.DIST_L2, cv2.DIST_MASK_5
    )[1:-1, 1:-1]
    rows, columns = np.nonzero(painted)
    depth = float(far[rows // step, columns // step].max()) * step
    return float(min(max(depth, 1.0), max(painted.shape)))


def _window(canvas: _Canvas, painted: Mask, depth: float) -> PixelBoxXYXY:
    """The box, in pixels of the canvas, that a correction may change."""
    reach = round(max(_LEAST_REACH_PX / min(canvas.across, canvas.down), _REACH * depth))
    x0, y0, x1, y1 = _tight(painted)
    height, width = canvas.mask.shape
    return max(x0 - reach, 0), max(y0 - reach, 0), min(x1 + reach, width), min(y1 + reach, height)


def _tight(mask: Mask) -> PixelBoxXYXY:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not rows.size:
        return 0, 0, mask.shape[1], mask.shape[0]
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def _grown(
    image: ImageRGB,
    canvas: _Canvas,
    corrections: Sequence[Correction],
    window: PixelBoxXYXY,
    depth: float,
) -> Mask:
    """Of the window's pixels, those that follow the last correction to its label."""
    x0, y0, x1, y1 = window
    label = bool(corrections[-1].label)
    scale = min(1.0, _WINDOW_PX / max(x1 - x0, y1 - y0))
    width, height = max(2, round((x1 - x0) * scale)), max(2, round((y1 - y0) * scale))
    left, top = canvas.x + x0 * canvas.across, canvas.y + y0 * canvas.down
    across, down = (x1 - x0) * canvas.across / width, (y1 - y0) * canvas.down / height
    lab = _lab(image, left, top, width, height, across, down)
    whole = canvas.mask[y0:y1, x0:x1]
    before = cv2.resize(whole.astype(np.uint8), (width, height), interpolation=cv2.INTER_AREA) > 0
    before = before == label  # what has the label already
    seeds = [
        _painted((height, width), one, int(left), int(top), across, down) for one in corrections
    ]
    seed = seeds[-1]
    against = np.zeros((height, width), dtype=bool)
    for painted, one in zip(seeds, corrections, strict=True):
        if bool(one.label) != label:
            against |= painted
    near = _within(seed, max(1.0, _SEED * depth * scale)) & ~before
    if against.any():  # an earlier correction to the other label keeps its half of the way
        near &= _distance(seed) < _distance(against)
    learnt = _within(seed, max(2.0, _LEARNT * depth * scale))
    trimap = np.where(before, _code(label, sure=True), _code(not label, sure=False))
    trimap[learnt & ~before] = _code(label, sure=False)
    trimap[near] = _code(label, sure=True)
    # Beyond its reach a correction says nothing; beyond the canvas there is nothing.
    limits = np.zeros((height, width), dtype=bool)
    limits[0] |= y0 > 0
    limits[-1] |= y1 < canvas.mask.shape[0]
    limits[:, 0] |= x0 > 0
    limits[:, -1] |= x1 < canvas.mask.shape[1]
    trimap[limits & ~before] = _code(not label, sure=True)
    for painted, one in zip(seeds, corrections, strict=True):
        trimap[painted] = _code(bool(one.label), sure=True)
    result = _cut(lab, trimap.astype(np.uint8), label)
    follows = (result & ~before) | near
    _, parts = cv2.connectedComponents((follows | seed).astype(np.uint8), connectivity=4)
    follows = np.isin(parts, np.unique(parts[seed])) & (parts > 0) & ~(before & ~near)
    soft = cv2.GaussianBlur((follows | before).astype(np.float32), (0, 0), _SMOOTHING_PX)
    large = cv2.resize(soft, (x1 - x0, y1 - y0), interpolation=cv2.INTER_LINEAR) > 0.5
    allowed = cv2.resize(
        cv2.dilate(follows.astype(np.uint8), np.ones((3, 3), np.uint8)),
        (x1 - x0, y1 - y0),
        interpolation=cv2.INTER_NEAREST,
    )
    grown: Mask = large & (allowed > 0)
    return grown


def _code(label: bool, *, sure: bool) -> int:
    if sure:
        return cv2.GC_FGD if label else cv2.GC_BGD
    return cv2.GC_PR_FGD if label else cv2.GC_PR_BGD


def _within(mask: Mask, radius: float) -> Mask:
    """Pixels within a distance of the mask's."""
    near: Mask = _distance(mask) <= radius
    return near


def _distance(mask: Mask) -> NDArray[np.float32]:
    """Of every pixel from the mask's nearest."""
    far = cv2.distanceTransform((~mask).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5)
    return far.astype(np.float32, copy=False)


def _cut(lab: ImageRGB, trimap: NDArray[np.uint8], label: bool) -> Mask:
    cv2.setRNGSeed(0)
    try:
        cv2.grabCut(  # type: ignore[call-overload]
            lab, trimap, None, np.zeros((1, 65)), np.zeros((1, 65)), 2, cv2.GC_INIT_WITH_MASK
        )
    except cv2.error:  # all pixels are of one label
        return np.zeros(trimap.shape, dtype=bool)
    inside: Mask = (trimap == cv2.GC_FGD) | (trimap == cv2.GC_PR_FGD)
    follows: Mask = inside == label
    return follows


def _lab(
    image: ImageRGB, left: float, top: float, width: int, height: int, across: float, down: float
) -> ImageRGB:
    """A part of the image at the size of the small copy, from at most four pixels a side for each of its own."""
    rows = _centres(round(top), round(height * down), height * min(4, max(1, int(down))))
    columns = _centres(round(left), round(width * across), width * min(4, max(1, int(across))))
    rows, columns = rows.clip(0, image.shape[0] - 1), columns.clip(0, image.shape[1] - 1)
    pixels = image[rows[:, None], columns]
    small = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA)
    return cv2.cvtColor(small, cv2.COLOR_RGB2LAB).astype(np.uint8, copy=False)


def _prediction(canvas: _Canvas, mask: Mask, start: Prediction) -> Prediction:
    """The mask without the empty room around it, where its pixels are the image's."""
    left, top, right, bottom = 0, 0, mask.shape[1], mask.shape[0]
    if canvas.across == canvas.down == 1:
        left, top, right, bottom = _tight(mask)
    covers = round((right - left) * canvas.across), round((bottom - top) * canvas.down)
    crop = mask[top:bottom, left:right]
    return Prediction(crop, canvas.x + left, canvas.y + top, start.score, start.fallback, covers)
