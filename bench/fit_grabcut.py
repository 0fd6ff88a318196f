"""`python -m bench.fit_grabcut`: fit what the engine grabcut weighs its evidence by, and write its weights.py.

Fitted to ../shared/data/train_*, never to the objects that bench/quality.py measures. Cross-validated by source: no
source of pictures helps to judge itself.
"""

from __future__ import annotations

import argparse
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.training_objects import TrainingObject, read_objects, read_pixels
from segmentarium.core.metrics import mask_iou
from segmentarium.core.rle import Mask
from segmentarium.engines.grabcut import weighing
from segmentarium.engines.grabcut.colours import resized
from segmentarium.engines.grabcut.evidence import Evidence, Scene, first_look, scene_of, second_look
from segmentarium.engines.grabcut.outline import cleaned
from segmentarium.engines.grabcut.weighing import BIAS, likely, with_level
from segmentarium.engines.grabcut.work import Map, work_on

WEIGHTS = Path(weighing.__file__).with_name("weights.py")
MARGIN, ITERATIONS = 0.3, 2  # the engine's defaults
_PIXELS = 200  # of an object, drawn at random
_FOLDS = 3
# Of the standardised weights. The second look's evidence says much the same in many ways: it must not be set off.
_RIDGE = {"first": 3e-4, "second": 0.3}
Table = dict[str, float]
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


def main() -> None:
    """Fit, report, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--per-source", type=int, default=30)
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
            one.evidence = evidence
    second = _fitted(looked, _RIDGE["second"])
    print(f"second look: mean IoU {np.mean(_ious(looked)):.4f}, cross-validated by source")
    rating = _fitted_score(looked)
    if given.write:
        WEIGHTS.write_text(_written(first, second, rating, len(looked)))


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


def _fold(source: str) -> int:
    return zlib.crc32(source.encode()) % _FOLDS


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


def _masks(looked: Sequence[Looked]) -> Iterator[tuple[Looked, weighing.Weighed, Mask]]:
    for one in looked:
        if one.inside is not None:
            found = with_level(one.inside, one.evidence.get("cut", one.inside), one.alike)
            yield one, found, cleaned(found.mask)


def _ious(looked: Sequence[Looked]) -> list[float]:
    return [mask_iou(mask, one.truth > 0.5) for one, _, mask in _masks(looked)]


def _fitted_score(looked: Sequence[Looked]) -> Table:
    """Least squares from the clues to the IoU."""
    given = [weighing.clues(found, one.scene, mask) for one, found, mask in _masks(looked)]
    names, ious = list(given[0]), np.array(_ious(looked))
    rows = np.array([list(clues.values()) for clues in given])
    folds = np.array([_fold(one.source) for one in looked])
    mean, spread = rows.mean(axis=0), rows.std(axis=0) + 1e-9
    standard = np.column_stack([(rows - mean) / spread, np.ones(len(rows))])
    predicted = np.zeros(len(rows))
    for fold in range(_FOLDS):
        solved, *_ = np.linalg.lstsq(standard[folds != fold], ious[folds != fold], rcond=None)
        predicted[folds == fold] = standard[folds == fold] @ solved
    print(f"score: Pearson {np.corrcoef(predicted, ious)[0, 1]:.3f}, cross-validated by source")
    solved, *_ = np.linalg.lstsq(standard, ious, rcond=None)
    return _unscaled(names, solved, mean, spread)


def _written(first: Table, second: Table, rating: Table, count: int) -> str:
    tables = {"FIRST": first, "SECOND": second, "SCORE": rating}
    lines = [
        '"""What each kind of evidence weighs: log odds a unit, and IoU a unit for the score.',
        "",
        "Source:",
        f"    `python -m bench.fit_grabcut --write`: logistic regression on {count} objects with masks made by",
        "    hand, of many kinds of pictures; half of the boxes exact, the others jittered by 5% or 10% of the side.",
        '"""',
        "",
        "from __future__ import annotations",
    ]
    for name, table in tables.items():
        lines += ["", f"{name}: dict[str, float] = {{"]
        lines += [f'    "{key}": {value:.4g},' for key, value in table.items()] + ["}"]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
