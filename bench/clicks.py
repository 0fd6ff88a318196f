"""Clicks until a mask is good, after the box: simulated corrections, against cv2.grabCut with the like seeds."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.peers import Box
from bench.tables import Table, percentiles
from segmentarium.core.rle import Mask, mask_to_rle
from segmentarium.engines import engine_named
from segmentarium.engines.base import ImageRGB, Prediction, Prompt, check_options

MOST_CLICKS = 20
WANTED_IOU = 0.9
_SEED_PX = 3  # radius of the peer's seeds: single pixels move its cut by next to nothing


@dataclass(frozen=True, slots=True)
class Click:
    """A pixel (x, y) and its true label."""

    x: int
    y: int
    label: int


@dataclass(frozen=True, slots=True)
class Session:
    """IoU after the box and after each click, how long each click took, and the pixels changed far from clicks."""

    ious: tuple[float, ...]
    ms: tuple[float, ...]

    @property
    def clicks(self) -> int:
        """Until the wanted IoU; one more than the most where it was not reached."""
        reached = [count for count, iou in enumerate(self.ious) if iou >= WANTED_IOU]
        return reached[0] if reached else MOST_CLICKS + 1


Corrector = Callable[[ImageRGB, Box, Mask | None, list[Click]], Mask]


def next_click(mask: Mask, truth: Mask) -> Click:
    """In the largest region of error, the pixel farthest from the region's border."""
    wrong = (mask != truth).astype(np.uint8)
    _, parts, stats, _ = cv2.connectedComponentsWithStats(wrong, connectivity=4)
    largest = 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())
    region = np.pad((parts == largest).astype(np.uint8), 1)
    depth = cv2.distanceTransform(region, cv2.DIST_L2, 5)[1:-1, 1:-1]
    row, column = np.unravel_index(int(depth.argmax()), depth.shape)
    return Click(int(column), int(row), int(truth[row, column]))


def simulated(correct: Corrector, image: ImageRGB, truth: Mask, box: Box) -> Session:
    """Click until the mask is good."""
    clicks: list[Click] = []
    ious, times = [], []
    mask: Mask | None = None
    while True:
        start = time.perf_counter()
        mask = correct(image, box, mask, clicks)
        times.append((time.perf_counter() - start) * 1000)
        union = np.count_nonzero(mask | truth)
        ious.append(np.count_nonzero(mask & truth) / union)
        if ious[-1] >= WANTED_IOU or len(clicks) == MOST_CLICKS:
            return Session(tuple(ious), tuple(times[1:]))
        clicks = [*clicks, next_click(mask, truth)]


def by_engine(image: ImageRGB, box: Box, mask: Mask | None, clicks: list[Click]) -> Mask:
    """Our engine, given its own answer back with the clicks so far."""
    engine = engine_named("grabcut")
    prompt = Prompt(
        bbox_xywh=box,
        point_coords=tuple((click.x + 0.5, click.y + 0.5) for click in clicks),
        point_labels=tuple(click.label for click in clicks),
        mask=None if mask is None or not mask.any() else mask_to_rle(mask),
    )
    return pasted(engine.segment(image, prompt, check_options(engine, {})), image.shape[:2])


def by_plain_grabcut(image: ImageRGB, box: Box, mask: Mask | None, clicks: list[Click]) -> Mask:
    """The tutorial's settings on the whole image, the clicks as sure pixels; empty where OpenCV raises."""
    x, y, w, h = box
    trimap: NDArray[np.uint8] = np.full(image.shape[:2], cv2.GC_BGD, dtype=np.uint8)
    trimap[y : y + h, x : x + w] = cv2.GC_PR_FGD
    for click in clicks:
        sure = cv2.GC_FGD if click.label else cv2.GC_BGD
        cv2.circle(trimap, (click.x, click.y), _SEED_PX, sure, -1)
    models = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.setRNGSeed(0)
    try:
        cv2.grabCut(image[:, :, ::-1].copy(), trimap, None, *models, 5, cv2.GC_INIT_WITH_MASK)  # type: ignore[call-overload]
    except cv2.error:
        return np.zeros(image.shape[:2], dtype=np.bool_)
    inside: Mask = (trimap == cv2.GC_FGD) | (trimap == cv2.GC_PR_FGD)
    return inside


def pasted(prediction: Prediction, shape: tuple[int, ...]) -> Mask:
    """A prediction's mask at its place in an image."""
    x, y, width, height = prediction.bbox_xywh
    mask = np.zeros(shape[:2], dtype=np.bool_)
    crop = prediction.mask.astype(np.uint8)
    mask[y : y + height, x : x + width] = (
        cv2.resize(crop, (width, height), interpolation=cv2.INTER_NEAREST) > 0
    )
    return mask


def click_table(title: str, sessions: dict[str, list[Session]]) -> Table:
    """One row a method."""
    rows = []
    for name, given in sessions.items():
        clicks = np.array([one.clicks for one in given])
        after = [
            np.mean([one.ious[min(count, len(one.ious) - 1)] for one in given])
            for count in (0, 1, 3, 5, 10)
        ]
        times = np.array([ms for one in given for ms in one.ms] or [0.0])
        rows.append(
            (
                name,
                f"{np.minimum(clicks, MOST_CLICKS).mean():.1f}",
                f"{np.median(clicks):.0f}",
                f"{(clicks <= MOST_CLICKS).mean():.0%}",
                *(f"{iou:.3f}" for iou in after),
                *percentiles(times, 50, 95),
            )
        )
    return Table(
        title,
        (
            "method",
            f"mean clicks to IoU {WANTED_IOU}",
            "median",
            f"reached within {MOST_CLICKS}",
            *(f"IoU after {count}" for count in (0, 1, 3, 5, 10)),
            "p50 ms a click",
            "p95 ms a click",
        ),
        rows,
    )
