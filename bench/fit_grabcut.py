"""`python -m bench.fit_grabcut`: fit what the engine grabcut weighs its evidence by, and write its weights.py.

Fitted to ../shared/data/train_*, never to the objects that bench/quality.py measures. Cross-validated by source: no
source of pictures helps to judge itself.
"""

from __future__ import annotations

import argparse
import zlib
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.training_objects import TrainingObject, read_objects, read_pixels
from segmentarium.core.boxes import pixels_of_box
from segmentarium.core.metrics import mask_iou
from segmentarium.engines.grabcut import weighing
from segmentarium.engines.grabcut.choice import NAMES, Clues, clues_of, hypotheses, masks_of
from segmentarium.engines.grabcut.colours import resized
from segmentarium.engines.grabcut.evidence import Evidence, Scene, first_look, scene_of, second_look
from segmentarium.engines.grabcut.outline import cleaned, outlined
from segmentarium.engines.grabcut.weighing import BIAS, Seen, likely, with_level
from segmentarium.engines.grabcut.work import Map, work_on

WEIGHTS = Path(weighing.__file__).with_name("weights.py")
MARGIN, ITERATIONS, WORKING_SIZE = 0.3, 2, 256  # the engine's defaults
_PIXELS = 200  # of an object, drawn at random
_FOLDS, _CHOICE_FOLDS = 3, 8
# Of the standardised weights. The second look's evidence says much the same in many ways: it must not be set off.
_RIDGE = {"first": 3e-4, "second": 0.3}
_CHOICE_RIDGE = 30  # of the standardised clues
Table = dict[str, float]
Choice = dict[str, tuple[float, ...]]
Values = NDArray[np.float64]


@dataclass(slots=True)
class Looked:
    """An object as both looks see it."""

    source: str
    scene: Scene
    truth: Map
    alike: float
    evidence: Evidence
    inside: Map | None = None
    first: Map | None = None


def main() -> None:
    """Fit, report, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--per-source", type=int, default=60)
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    cv2.setNumThreads(1)
    with ProcessPoolExecutor(2) as processes:
        objects = read_objects(given.per_source)
        looked = list(processes.map(_look, objects, chunksize=16))
        print(f"{len(looked)} objects of {len({one.source for one in looked})} sources")
        first = _fitted(looked, _RIDGE["first"])
        print(f"first look: mean IoU {np.mean(_ious(looked)):.4f}, cross-validated by source")
        for one, evidence in zip(
            looked, processes.map(_look_again, looked, chunksize=16), strict=True
        ):
            one.first, one.evidence = one.inside, evidence
        second = _fitted(looked, _RIDGE["second"])
        print(f"second look: mean IoU {np.mean(_ious(looked)):.4f}, cross-validated by source")
        scenes = [one.scene for one in looked]
        rated = list(processes.map(_rated, objects, map(_seen, looked), scenes, chunksize=16))
    choice = _fitted_choice([one.source for one in looked], rated)
    if given.write:
        WEIGHTS.write_text(_written(first, second, choice, len(looked)))


def _look(one: TrainingObject) -> Looked:
    work = work_on(read_pixels(one.image), one.box, MARGIN)
    x0, y0, x1, y1 = work.crop
    truth = resized(one.mask[y0:y1, x0:x1].astype(np.float32), work.rgb.shape[1::-1])
    scene = scene_of(work, ITERATIONS)
    evidence, alike = first_look(scene)
    return Looked(one.source, scene, truth, alike, evidence)


def _look_again(one: Looked) -> Evidence:
    if one.inside is None:
        raise ValueError("the first look comes first")
    return second_look(one.scene, one.inside, one.evidence)


def _fold(source: str, folds: int = _FOLDS) -> int:
    return zlib.crc32(source.encode()) % folds


def _fitted(looked: Sequence[Looked], ridge: float) -> Table:
    """Weights fitted to all; every object is given the shares that weights fitted without its fold give."""
    parts = [_drawn(one, seed) for seed, one in enumerate(looked)]
    counts = Counter(one.source for one in looked)
    folds = np.concatenate(
        [np.full(len(p[1]), _fold(one.source)) for one, p in zip(looked, parts, strict=True)]
    )
    rows = np.concatenate([p[0] for p in parts])
    truths = np.concatenate([p[1] for p in parts])
    # An error counts by its share of the object; a source of many objects counts more, but not as many times more.
    weights = np.concatenate(
        [
            np.full(
                len(p[1]),
                one.truth.size / len(p[1]) / max(200, one.truth.sum()) / counts[one.source] ** 0.5,
            )
            for one, p in zip(looked, parts, strict=True)
        ]
    )
    names = list(looked[0].evidence)
    for fold in range(_FOLDS):
        kept = folds != fold
        table = _logistic(names, rows[kept], truths[kept], weights[kept], ridge)
        for one in looked:
            if _fold(one.source) == fold:
                one.inside = likely(one.evidence, table)
    return _logistic(names, rows, truths, weights, ridge)


def _drawn(one: Looked, seed: int) -> tuple[Values, Values]:
    near = np.flatnonzero(one.scene.work.from_sides.ravel() < 1.35)
    chosen = np.random.default_rng(seed).choice(near, min(_PIXELS, near.size), replace=False)
    rows = np.stack([values.ravel()[chosen] for values in one.evidence.values()], axis=1)
    return rows.astype(np.float64), one.truth.ravel()[chosen].astype(np.float64)


def _logistic(
    names: list[str], rows: Values, truths: Values, weights: Values, penalty: float
) -> Table:
    """Ridge logistic regression by Newton's steps."""
    mean, spread = rows.mean(axis=0), rows.std(axis=0) + 1e-9
    standard = np.column_stack([(rows - mean) / spread, np.ones(len(rows))])
    weights = weights / weights.mean()
    ridge = np.append(np.full(len(names), penalty), 0) * len(rows)
    found = np.zeros(len(names) + 1)
    for _ in range(12):
        shares = 1 / (1 + np.exp(-standard @ found))
        slope = standard.T @ (weights * (truths - shares)) - ridge * found
        curvature = (standard * (weights * shares * (1 - shares))[:, None]).T @ standard
        found += np.linalg.solve(curvature + np.diag(ridge + 1e-6), slope)
    return _unscaled(names, found, mean, spread)


def _unscaled(names: list[str], found: Values, mean: Values, spread: Values) -> Table:
    raw = found[:-1] / spread
    return {BIAS: float(found[-1] - raw @ mean), **dict(zip(names, raw.tolist(), strict=True))}


def _ious(looked: Sequence[Looked]) -> list[float]:
    return [
        mask_iou(cleaned(with_level(one.inside).mask), one.truth > 0.5)
        for one in looked
        if one.inside is not None
    ]


def _seen(one: Looked) -> Seen:
    if one.first is None or one.inside is None:
        raise ValueError("both looks come first")
    return Seen(with_level(one.first), with_level(one.inside), one.evidence["cut"], one.alike)


def _rated(one: TrainingObject, seen: Seen, scene: Scene) -> tuple[Clues, list[float]]:
    """The clues of all hypotheses, and the IoU of each as it would be answered."""
    found = hypotheses(seen)
    pixels, box = read_pixels(one.image), pixels_of_box(one.box)
    x0, y0, x1, y1 = box
    ious = []
    for name in NAMES:
        mask = outlined(pixels, box, scene.work, found[name], WORKING_SIZE).astype(np.uint8)
        answer = np.zeros_like(one.mask)
        size = x1 - x0, y1 - y0
        answer[y0:y1, x0:x1] = cv2.resize(mask, size, interpolation=cv2.INTER_NEAREST) > 0
        ious.append(mask_iou(answer, one.mask))
    return clues_of(masks_of(found, scene), seen, scene), ious


def _fitted_choice(sources: Sequence[str], rated: Sequence[tuple[Clues, list[float]]]) -> Choice:
    """Ridge regression from the clues of all hypotheses to the IoU of each."""
    clues, found = zip(*rated, strict=True)
    names, ious = list(clues[0]), np.array(found)
    rows = np.array([list(told.values()) for told in clues])
    folds = np.array([_fold(source, _CHOICE_FOLDS) for source in sources])
    predicted = np.zeros(ious.shape)
    for fold in range(_CHOICE_FOLDS):
        weights = _ridge(names, rows[folds != fold], ious[folds != fold])
        predicted[folds == fold] = rows[folds == fold] @ [weights[name] for name in names]
        predicted[folds == fold] += weights[BIAS]
    for name, values in zip(NAMES, ious.T, strict=True):
        print(f"  {name}: mean IoU {values.mean():.4f}")
    every = np.arange(len(ious))
    best = predicted.argmax(axis=1)
    told, got = predicted[every, best], ious[every, best]
    print(
        f"chosen: mean IoU {got.mean():.4f}, of {ious.max(axis=1).mean():.4f} at most; "
        f"predicted {told.mean():.4f}, Pearson {np.corrcoef(told, got)[0, 1]:.3f}, "
        f"mean error {np.abs(told - got).mean():.3f}; cross-validated by source"
    )
    return {name: tuple(weights) for name, weights in _ridge(names, rows, ious).items()}


def _ridge(names: list[str], rows: Values, values: Values) -> dict[str, list[float]]:
    """Weights of each clue for each column of the values."""
    mean, spread = rows.mean(axis=0), rows.std(axis=0) + 1e-9
    standard, middle = (rows - mean) / spread, values.mean(axis=0)
    slopes = standard.T @ standard + np.diag(np.full(len(names), _CHOICE_RIDGE))
    raw = np.linalg.solve(slopes, standard.T @ (values - middle)) / spread[:, None]
    return {BIAS: (middle - mean @ raw).tolist(), **dict(zip(names, raw.tolist(), strict=True))}


def _written(first: Table, second: Table, choice: Choice, count: int) -> str:
    lines = [
        '"""What each kind of evidence weighs: log odds a unit; and IoU a unit for the choice of a mask.',
        "",
        "Source:",
        f"    `python -m bench.fit_grabcut --write`: regression on {count} objects with masks made by hand,",
        "    of many kinds of pictures; half of the boxes exact, the others jittered by 5% or 10% of the side.",
        '"""',
        "",
        "from __future__ import annotations",
    ]
    for name, table in {"FIRST": first, "SECOND": second}.items():
        lines += ["", f"{name}: dict[str, float] = {{"]
        lines += [f'    "{key}": {value:.4g},' for key, value in table.items()] + ["}"]
    lines += ["", f"# The columns: {', '.join(NAMES)}.", "CHOICE: dict[str, tuple[float, ...]] = {"]
    for key, values in choice.items():
        lines.append(f'    "{key}": ({", ".join(f"{value:.4g}" for value in values)}),')
    return "\n".join([*lines, "}"]) + "\n"


if __name__ == "__main__":
    main()
