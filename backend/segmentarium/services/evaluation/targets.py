"""The objects that engines are asked for: where their pixels are, their boxes and their true masks."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from segmentarium.core.boxes import BboxXYWH
from segmentarium.core.rle import Mask

_SEED = 1


@dataclass(frozen=True, slots=True)
class Target:
    """An object: its image's name and file, its domain, the box that is prompted, and how its true mask is read.

    `read_truth` gives (H, W) bool of the upright image's size, with at least one pixel.
    """

    id: str
    image: str
    image_path: Path
    domain: str
    bbox_xywh: BboxXYWH
    width: int
    height: int
    read_truth: Callable[[], Mask]


@dataclass(frozen=True, slots=True)
class Source:
    """Where targets come from, in words for the report, and what was left out of it or is to be known about it."""

    title: str
    targets: tuple[Target, ...]
    notes: tuple[str, ...] = ()


def spread(targets: Sequence[Target], limit: int) -> list[Target]:
    """At most `limit` targets, as many of one domain as of another where there are so many, evenly out of each.

    They keep their order.
    """
    by_domain: dict[str, list[int]] = {}
    for index, target in enumerate(targets):
        by_domain.setdefault(target.domain, []).append(index)
    shares = dict.fromkeys(sorted(by_domain), 0)
    left = min(limit, len(targets))
    while left:
        for domain in shares:
            if left and shares[domain] < len(by_domain[domain]):
                shares[domain] += 1
                left -= 1
    chosen = [
        by_domain[domain][(2 * step + 1) * len(by_domain[domain]) // (2 * share)]
        for domain, share in shares.items()
        for step in range(share)
    ]
    return [targets[index] for index in sorted(chosen)]


def jittered(target: Target, sigma: float) -> Target:
    """The target with its box drawn as by an unsteady hand.

    Every side is moved by a normal deviation of `sigma` times the box's width or height, within the image; at least a
    pixel of each remains. The deviations depend on the target's id alone, so that every engine is asked the same, in
    every run.
    """
    x, y, w, h = target.bbox_xywh
    random = np.random.default_rng([_SEED, zlib.crc32(target.id.encode())])
    left, top, right, bottom = random.normal(0, sigma, 4) * (w, h, w, h) + (x, y, x + w, y + h)
    x, w = _within(left, right, target.width)
    y, h = _within(top, bottom, target.height)
    return replace(target, bbox_xywh=(x, y, w, h))


def _within(low: float, high: float, size: int) -> tuple[float, float]:
    """Start and length of a span of at least 1 within 0 … size."""
    low, high = sorted((float(low), float(high)))
    low = min(max(low, 0.0), size - 1.0)
    return low, max(min(high, float(size)) - low, 1.0)
