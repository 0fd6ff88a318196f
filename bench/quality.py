"""Box → mask on real objects: every engine, against the box, the ellipse in it, and cv2.grabCut as in its tutorial.

Engines that `auto` may choose are also corrected by clicks, beside cv2.grabCut, and asked with unsteady boxes.
`BENCH_ENGINES=watershed,snake` asks those alone, for all of it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench.peers import Box, tutorial_grabcut
from bench.tables import Skipped, Table
from segmentarium.core.boxes import xywh_to_xyxy
from segmentarium.core.corrections import Click
from segmentarium.core.rle import Mask
from segmentarium.engines import ENGINES
from segmentarium.engines.base import ImageRGB, Option, OptionValue, Prediction, Prompt, PromptKind
from segmentarium.engines.regions import ellipse
from segmentarium.services.evaluation.contenders import Contender, contender, contenders_named
from segmentarium.services.evaluation.figures import by_contender, figures
from segmentarium.services.evaluation.index import read_index
from segmentarium.services.evaluation.run import REACHED_IOU, Outcome, evaluate
from segmentarium.services.evaluation.tables import (
    calibration_table,
    domain_iou_table,
    overall_table,
)
from segmentarium.services.evaluation.targets import Target, jittered, spread

OBJECTS = Path(__file__).resolve().parents[2] / "shared" / "data" / "box2mask_dev"
_QUICK_COUNT = 30
_JITTERS = (0.05, 0.1)
_CLICKS = 20
_CLICKED_COUNT = 60


@dataclass
class Peer:
    """A way from a box to a mask, to be asked as engines are."""

    name: str
    answer: Callable[[ImageRGB, Box, Sequence[Click]], Mask]
    prompts: tuple[PromptKind, ...] = ("bbox",)
    title: str = "Peer"
    description: str = "What engines are compared with."
    starts_from: tuple[PromptKind, ...] = ("bbox",)
    options: tuple[Option, ...] = ()
    rank: int = -1
    is_slow: bool = False

    def unavailable_reason(self) -> str | None:
        return None

    def segment(
        self, image: ImageRGB, prompt: Prompt, options: Mapping[str, OptionValue]
    ) -> Prediction:
        x, y, w, h = (round(value) for value in prompt.bbox_xywh or (0, 0, 0, 0))
        clicks = [
            Click(*point, label)
            for point, label in zip(prompt.point_coords, prompt.point_labels, strict=True)
        ]
        return Prediction(self.answer(image, (x, y, w, h), clicks), 0, 0, score=0.5)


def run(quick: bool) -> list[Table]:
    """All methods over all objects, by domain, and the engines with unsteady boxes.

    Raises:
        Skipped: the objects are not here.
    """
    if not OBJECTS.is_dir():
        raise Skipped("the folder ../shared/data/box2mask_dev is not here")
    targets: Sequence[Target] = read_index(OBJECTS / "index.json").targets
    targets = spread(targets, _QUICK_COUNT) if quick else targets
    tutorial = contender(Peer("cv2.grabCut, tutorial", tutorial_grabcut, ("bbox", "points")))
    peers = [
        contender(Peer("the box itself", _filled)),
        contender(Peer("the ellipse in the box", _ellipse)),
        tutorial,
    ]
    named = [name for name in os.environ.get("BENCH_ENGINES", "").split(",") if name]
    asked = contenders_named(named, {})
    engines = [one for one in asked if named or ENGINES[one.name].rank >= 0]
    others = [one for one in asked if one not in engines]
    of_engines = evaluate(engines, targets, _CLICKS)
    outcomes = evaluate([*peers, *others], targets, clicks=0) + of_engines
    return [
        overall_table(outcomes),
        domain_iou_table(outcomes),
        calibration_table(of_engines),
        _by_clicks(tutorial, targets, of_engines),
        _by_jitter(engines, targets, of_engines),
    ]


def _by_clicks(peer: Contender, targets: Sequence[Target], of_engines: Sequence[Outcome]) -> Table:
    """Corrections of the engines beside those of a peer, which takes too long for all the targets."""
    few = spread(targets, _CLICKED_COUNT)
    asked = {target.id for target in few}
    given = [one for one in of_engines if one.target.id in asked]
    rows = []
    for name, outcomes in by_contender([*evaluate([peer], few, _CLICKS), *given]).items():
        found = figures(outcomes)
        if found.clicks is not None and found.share_reached is not None:
            reached = f"{found.share_reached:.0%}"
            rows.append(
                (name, str(found.objects), f"{found.iou:.3f}", f"{found.clicks:.1f}", reached)
            )
    return Table(
        f"Clicks to an IoU of {REACHED_IOU} after the box, at most {_CLICKS}",
        ("engine", "objects", "IoU before", "clicks", "reached"),
        rows,
    )


def _by_jitter(
    engines: Sequence[Contender], targets: Sequence[Target], exact: Sequence[Outcome]
) -> Table:
    runs = {"exact": by_contender(exact)}
    for sigma in _JITTERS:
        unsteady = [jittered(target, sigma) for target in targets]
        runs[f"σ = {sigma:.0%}"] = by_contender(evaluate(engines, unsteady, clicks=0))
    rows = [
        (one.name, *(f"{figures(given[one.name]).iou:.3f}" for given in runs.values()))
        for one in engines
    ]
    return Table("Mean IoU by how well the box is drawn", ("engine", *runs), rows)


def _filled(image: ImageRGB, box: Box, _clicks: Sequence[Click]) -> Mask:
    x, y, w, h = box
    mask = np.zeros(image.shape[:2], dtype=np.bool_)
    mask[y : y + h, x : x + w] = True
    return mask


def _ellipse(image: ImageRGB, box: Box, _clicks: Sequence[Click]) -> Mask:
    height, width = image.shape[:2]
    return ellipse((height, width), xywh_to_xyxy(box))
