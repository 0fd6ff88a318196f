"""The network that comes with the tool: how good, how many corrections, how fast, how soon after a start."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence

import numpy as np

from bench.quality import OBJECTS
from bench.tables import Skipped, Table, percentiles
from segmentarium.engines.base import Prompt
from segmentarium.engines.boxnet import ENGINE as BOXNET
from segmentarium.engines.boxnet_open import ENGINE as OPEN
from segmentarium.engines.grabcut import ENGINE as GRABCUT
from segmentarium.networks.folder import NOWHERE, NetworkFolder
from segmentarium.services.evaluation.contenders import contender
from segmentarium.services.evaluation.figures import by_contender
from segmentarium.services.evaluation.index import read_index
from segmentarium.services.evaluation.run import Outcome, evaluate
from segmentarium.services.evaluation.targets import Target, jittered, spread
from segmentarium.services.proposals import propose
from segmentarium.storage.pictures import read_rgb

_QUICK_COUNT = 30
_CLICKS = 20
_FEW_CLICKS = 5
_CLEAN = "clean"
# In a process of its own: what a server does for its first box after a start.
_FIRST = """
import time
import numpy as np
started = time.perf_counter()
from segmentarium.engines.base import Prompt
from segmentarium.engines.boxnet import ENGINE
ready = time.perf_counter()
image = np.random.default_rng(0).integers(0, 255, (480, 640, 3)).astype(np.uint8)
ENGINE.use_networks(None, 2)
options = {one.name: one.default for one in ENGINE.options}
ENGINE.segment(image, Prompt((100, 100, 200, 200)), {**options, "asks_grabcut": False})
print(ready - started, time.perf_counter() - ready)
"""


def run(quick: bool) -> list[Table]:
    """Quality on the development set, corrections, times.

    Raises:
        Skipped: the objects are not here.
    """
    if not OBJECTS.is_dir():
        raise Skipped("the folder ../shared/data/box2mask_dev is not here")
    targets: Sequence[Target] = read_index(OBJECTS / "index.json").targets
    targets = spread(targets, _QUICK_COUNT) if quick else targets
    for engine in (BOXNET, OPEN):
        engine.use_networks(NetworkFolder(NOWHERE), 2)
    asked = [contender(BOXNET), contender(OPEN), contender(GRABCUT)]
    exact = evaluate(asked, targets, _CLICKS)
    runs = {"exact": exact} | {
        f"σ = {sigma:.0%}": evaluate(asked, [jittered(one, sigma) for one in targets], clicks=0)
        for sigma in (0.05, 0.1)
    }
    return [
        _quality(runs),
        _corrections(exact),
        _times(targets[:: max(1, len(targets) // 60)], quick),
    ]


def _clean_ids() -> set[str]:
    """Objects in one piece that the picture's border does not cut."""
    objects = json.loads((OBJECTS / "index.json").read_text())["objects"]
    return {str(one["id"]) for one in objects if one[_CLEAN]}


def _quality(runs: dict[str, list[Outcome]]) -> Table:
    clean = _clean_ids()
    rows = []
    for boxes, outcomes in runs.items():
        for name, found in by_contender(outcomes).items():
            for kind in ("all", _CLEAN):
                ious = np.array(
                    [one.iou for one in found if kind == "all" or one.target.id in clean]
                )
                rows.append(
                    (
                        name,
                        boxes,
                        kind,
                        str(len(ious)),
                        f"{ious.mean():.3f}",
                        f"{(ious >= 0.8).mean():.0%}",
                        f"{(ious >= 0.9).mean():.0%}",
                    )
                )
    heads = ("engine", "boxes", "objects", "number", "mean IoU", "IoU ≥ 0.8", "IoU ≥ 0.9")
    return Table("Quality by how the box is drawn", heads, rows)


def _corrections(outcomes: list[Outcome]) -> Table:
    rows = []
    for name, found in by_contender(outcomes).items():
        given = [one.corrections for one in found if one.corrections is not None]
        clicks = [one.clicks if one.is_reached else _CLICKS for one in given]
        few = [one.is_reached and one.clicks <= _FEW_CLICKS for one in given]
        rows.append(
            (
                name,
                f"{statistics.median(clicks):g}",
                f"{statistics.mean(clicks):.1f}",
                f"{statistics.mean(few):.0%}",
                f"{statistics.mean(one.is_reached for one in given):.0%}",
            )
        )
    heads = ("engine", "median", "mean", f"reached within {_FEW_CLICKS}", "reached")
    return Table(f"Corrections to an IoU of 0.9, of at most {_CLICKS}", heads, rows)


def _times(targets: Sequence[Target], quick: bool) -> Table:
    rows = []
    options = {"asks_grabcut": False}
    images = [(read_rgb(target.image_path), target) for target in targets]
    for threads in (2, 1):
        # Another engine object: the network of the other number of threads is kept by the first.
        engine = type(BOXNET)()
        engine.use_networks(NetworkFolder(NOWHERE), threads)
        prompts = [(image, Prompt(target.bbox_xywh)) for image, target in images]
        propose(engine, *prompts[0], options)
        times = []
        for image, prompt in prompts:
            started = time.perf_counter()
            propose(engine, image, prompt, options)
            times.append((time.perf_counter() - started) * 1000)
        rows.append(
            (f"prompt to proposal, {threads} threads", *percentiles(np.array(times), 50, 95))
        )
    starts = [
        [
            float(value) * 1000
            for value in subprocess.run(
                [sys.executable, "-c", _FIRST], check=True, capture_output=True, text=True
            ).stdout.split()
        ]
        for _ in range(1 if quick else 5)
    ]
    for index, name in enumerate(("start: importing the engine", "start: the first proposal")):
        rows.append((name, *percentiles(np.array([one[index] for one in starts]), 50, 95)))
    return Table("Times in milliseconds", ("what", "p50", "p95"), rows)
