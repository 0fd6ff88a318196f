"""Box → mask on real objects: every engine, against the box, the ellipse in it, and cv2.grabCut as in its tutorial."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.peers import Box, tutorial_grabcut
from bench.tables import Skipped, Table, percentiles
from segmentarium.core.errors import EngineUnavailable
from segmentarium.core.raster import segmentation_to_mask
from segmentarium.core.rle import Mask, rle_to_mask
from segmentarium.engines import ENGINES
from segmentarium.engines.base import Engine, ImageRGB, Prompt
from segmentarium.services.proposals import propose
from segmentarium.storage.pictures import read_rgb

OBJECTS = Path(__file__).resolve().parents[2] / "shared" / "data" / "box2mask_dev"
_QUICK_STEP = 8
_GOOD_IOU = 0.8


@dataclass(frozen=True, slots=True)
class Target:
    """A real object: its image, its tight box [x, y, w, h], and its mask."""

    image: Path
    mask: Path
    box: Box
    domain: str


@dataclass(frozen=True, slots=True)
class Answer:
    """A method's mask, the mask of the polygons it is sent as, and whether it fell back."""

    mask: Mask
    polygons: Mask | None = None
    fell_back: bool = False


@dataclass(frozen=True, slots=True)
class Score:
    """How one answer did."""

    domain: str
    iou: float
    polygons_iou: float | None
    is_empty: bool
    fell_back: bool
    ms: float


Method = Callable[[ImageRGB, Box], Answer]


def run(quick: bool) -> list[Table]:
    """All methods over all objects, and by domain.

    Raises:
        Skipped: the objects are not here.
    """
    if not OBJECTS.is_dir():
        raise Skipped("the folder ../shared/data/box2mask_dev is not here")
    targets = read_targets()[:: _QUICK_STEP if quick else 1]
    methods: dict[str, Method] = {
        "the box itself": lambda image, box: Answer(_filled(image, box)),
        "the ellipse in the box": lambda image, box: Answer(_ellipse(image, box)),
        "cv2.grabCut, tutorial": lambda image, box: Answer(tutorial_grabcut(image, box)),
    }
    for engine in ENGINES.values():
        if engine.unavailable_reason() is None and "bbox" in engine.prompts:
            methods[f"engine {engine.name}"] = _asking(engine)
    scores = {
        name: [score(method, target) for target in targets] for name, method in methods.items()
    }
    return [_overall(scores), _by_domain(scores)]


def read_targets() -> list[Target]:
    """The objects, those of an image beside each other."""
    listed = json.loads((OBJECTS / "index.json").read_text())["objects"]
    found = [
        Target(OBJECTS / one["image"], OBJECTS / one["mask"], tuple(one["box"]), one["domain"])
        for one in listed
    ]
    return sorted(found, key=lambda target: target.image)


def score(method: Method, target: Target) -> Score:
    """One method on one object; reading files is not timed."""
    image, wanted = _pixels(target.image), _pixels(target.mask)[:, :, 0] > 0
    start = time.perf_counter()
    answer = method(image, target.box)
    ms = (time.perf_counter() - start) * 1000
    return Score(
        domain=target.domain,
        iou=iou(answer.mask, wanted),
        polygons_iou=None if answer.polygons is None else iou(answer.polygons, wanted),
        is_empty=not answer.mask.any(),
        fell_back=answer.fell_back,
        ms=ms,
    )


def iou(a: Mask, b: Mask) -> float:
    """Intersection over union of two (H, W) masks."""
    union = np.count_nonzero(a | b)
    return np.count_nonzero(a & b) / union if union else 1.0


def _asking(engine: Engine) -> Method:
    def ask(image: ImageRGB, box: Box) -> Answer:
        try:
            proposal = propose(engine, image, Prompt(bbox_xywh=box), {})
        except EngineUnavailable:  # here it can only be an empty mask
            return Answer(np.zeros(image.shape[:2], dtype=np.bool_))
        height, width = image.shape[:2]
        return Answer(
            rle_to_mask(proposal.rle),
            segmentation_to_mask(proposal.segmentation, height, width),
            proposal.fallback is not None,
        )

    return ask


def _filled(image: ImageRGB, box: Box) -> Mask:
    x, y, w, h = box
    mask = np.zeros(image.shape[:2], dtype=np.bool_)
    mask[y : y + h, x : x + w] = True
    return mask


def _ellipse(image: ImageRGB, box: Box) -> Mask:
    x, y, w, h = box
    rows, columns = np.ogrid[: image.shape[0], : image.shape[1]]
    across = (columns + 0.5 - x - w / 2) / (w / 2)
    down = (rows + 0.5 - y - h / 2) / (h / 2)
    mask: Mask = across**2 + down**2 <= 1
    return mask


@lru_cache(maxsize=4)
def _pixels(path: Path) -> NDArray[np.uint8]:
    return read_rgb(path)


def _overall(scores: dict[str, list[Score]]) -> Table:
    rows = []
    for name, given in scores.items():
        ious = np.array([one.iou for one in given])
        polygons = [one.polygons_iou for one in given if one.polygons_iou is not None]
        rows.append(
            (
                name,
                f"{ious.mean():.3f}",
                f"{np.mean(polygons):.3f}" if polygons else "",
                f"{(ious >= _GOOD_IOU).mean():.0%}",
                str(sum(one.is_empty for one in given)),
                str(sum(one.fell_back for one in given)),
                *percentiles(np.array([one.ms for one in given]), 50, 95),
            )
        )
    count = len(next(iter(scores.values())))
    return Table(
        f"Exact box → mask of {count} real objects",
        (
            "method",
            "mean IoU",
            "of its polygons",
            f"IoU ≥ {_GOOD_IOU}",
            "empty",
            "fell back",
            "p50 ms",
            "p95 ms",
        ),
        rows,
    )


def _by_domain(scores: dict[str, list[Score]]) -> Table:
    counts: dict[str, int] = {}
    for one in next(iter(scores.values())):
        counts[one.domain] = counts.get(one.domain, 0) + 1
    rows = []
    for domain in sorted(counts, key=lambda name: -counts[name]):
        means = [
            f"{np.mean([one.iou for one in given if one.domain == domain]):.3f}"
            for given in scores.values()
        ]
        rows.append((domain, str(counts[domain]), *means))
    return Table("Mean IoU by domain", ("domain", "objects", *scores), rows)
