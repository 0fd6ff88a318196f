"""`python -m segnets.boxnet.train --data DATA --run FOLDER`: train the network, or go on where a run was stopped.

The folder holds `checkpoint.safetensors` (weights, their average, the optimiser's state), `log.csv` and `curves.svg`.
"""

from __future__ import annotations

import argparse
import math
import os
import sys
import time
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from segnets.box_view import CHANNELS
from segnets.boxnet.checkpoint import Run
from segnets.boxnet.corrections import correct
from segnets.boxnet.loss import Losses, losses_of
from segnets.boxnet.network import BoxNet
from segnets.boxnet.objects import Picture, TrainingObject, read_all
from segnets.boxnet.recipe import DEFAULT, Recipe, read_recipe
from segnets.boxnet.samples import Sampler, plain_sample

_REPORT_EVERY = 100  # batches
_SAVE_EVERY_S = 120
_MEASURED = 384  # objects that are never trained on
_MEASURED_AT_ONCE = 32
_HELD_BACK = 20  # one of so many pictures

_MASK = CHANNELS.index("mask")

Batch = tuple[Tensor, Tensor, Tensor, Tensor]


class Batches(Dataset[Batch]):
    """Batch n of a recipe, always the same one."""

    def __init__(self, pictures: Sequence[Picture], recipe: Recipe) -> None:
        self._sampler = Sampler(pictures)
        self._recipe = recipe

    def __len__(self) -> int:
        return self._recipe.batches

    def __getitem__(self, index: int) -> Batch:
        stage, _ = self._recipe.stage_at(index)
        rng = np.random.default_rng((self._recipe.seed, index))
        drawn = [self._sampler.sample(rng, stage.size) for _ in range(self._recipe.batch)]
        return (
            torch.from_numpy(np.stack([one.planes for one in drawn])),
            torch.from_numpy(np.stack([one.target for one in drawn])),
            torch.from_numpy(np.stack([one.counts for one in drawn])),
            torch.tensor([one.is_tile for one in drawn]),
        )


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the data sets")
    parser.add_argument("--run", type=Path, required=True, help="where the run is kept")
    parser.add_argument("--recipe", type=Path, default=DEFAULT)
    parser.add_argument(
        "--start", type=Path, help="another run, whose weights a new run starts from"
    )
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--workers", type=int, default=1)
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    # Before OpenCV makes threads: a worker that is forked from them waits for them for ever.
    cv2.setNumThreads(1)
    recipe = read_recipe(given.recipe)
    pictures = [
        one for one in read_all(given.data, recipe.open_only) if one.source not in recipe.without
    ]
    for line in train(pictures, recipe, given.run, start=given.start, workers=given.workers):
        sys.stdout.write(line + "\n")
        sys.stdout.flush()


def train(
    pictures: Sequence[Picture],
    recipe: Recipe,
    folder: Path,
    *,
    start: Path | None = None,
    workers: int = 0,
) -> Iterator[str]:
    """Train to the recipe's end; lines that tell how it goes.

    From the folder's checkpoint if there is one, else from the averaged weights of the run `start`.
    """
    seen = [one for one in pictures if not is_held_back(one)]
    measured = measured_objects([one for one in pictures if is_held_back(one)])
    yield f"{len(seen)} pictures, {sum(len(one.objects) for one in seen)} objects"
    torch.manual_seed(recipe.seed)
    run = Run.open(folder, recipe, start)
    batches = DataLoader(
        Batches(seen, recipe),
        batch_size=None,
        sampler=range(run.batch, recipe.batches),
        num_workers=workers,
        worker_init_fn=_one_thread,
        prefetch_factor=4 if workers else None,
    )
    started = saved = time.monotonic()
    first, totals = run.batch, Losses.none()
    for batch in batches:
        totals += _step(run, recipe, batch)
        if run.batch % _REPORT_EVERY == 0 or run.batch == recipe.batches:
            rate = (run.batch - first) * recipe.batch / (time.monotonic() - started)
            iou = (
                _mean_iou(run, measured, recipe) if run.batch % (10 * _REPORT_EVERY) == 0 else None
            )
            yield run.report(totals, rate, iou)
            totals = Losses.none()
        if time.monotonic() - saved > _SAVE_EVERY_S or run.batch == recipe.batches:
            run.save()
            saved = time.monotonic()


def is_held_back(picture: Picture) -> bool:
    """Whether a picture is for measuring only; by its name, so that it stays so."""
    return zlib.crc32(picture.name.encode()) % _HELD_BACK == 0


def measured_objects(pictures: Sequence[Picture]) -> list[TrainingObject]:
    """Objects to measure on, spread over the sources."""
    rng = np.random.default_rng(0)
    sources: dict[str, list[TrainingObject]] = {}
    for picture in pictures:
        chosen = rng.permutation(len(picture.objects))[:4]
        sources.setdefault(picture.source, []).extend(picture.objects[int(at)] for at in chosen)
    share = max(8, _MEASURED // max(1, len(sources)))
    return [one for found in sources.values() for one in found[:share]]


def ious_of(network: BoxNet, objects: Sequence[TrainingObject], size: int) -> list[float]:
    """IoU of each object's answer from its exact box, in a view of `size` cells a side."""
    ious: list[float] = []
    for start in range(0, len(objects), _MEASURED_AT_ONCE):
        drawn = [plain_sample(one, size) for one in objects[start : start + _MEASURED_AT_ONCE]]
        with torch.no_grad():
            logits = network(torch.from_numpy(np.stack([one.planes for one in drawn]))).logits
        for sample, found in zip(drawn, logits[:, 0].numpy() > 0, strict=True):
            union = ((found | sample.target) & sample.counts).sum()
            ious.append(float((found & sample.target & sample.counts).sum() / max(1, union)))
    return ious


def _mean_iou(run: Run, objects: Sequence[TrainingObject], recipe: Recipe) -> float:
    stage, _ = recipe.stage_at(run.batch - 1)
    ious = ious_of(run.average.eval(), objects, stage.size)
    return float(np.mean(ious)) if ious else math.nan


def _step(run: Run, recipe: Recipe, batch: Batch) -> Losses:
    planes, target, counts, is_tile = batch
    stage, share = recipe.stage_at(run.batch)
    rng = np.random.default_rng((recipe.seed, run.batch, 1))
    chosen = np.flatnonzero(rng.random(len(planes)) < recipe.corrected)
    run.network.train()
    if len(chosen):
        _correct_some(run, planes, target.numpy(), counts.numpy(), chosen, rng)
    rate = stage.last_rate + (stage.rate - stage.last_rate) * (1 + math.cos(math.pi * share)) / 2
    for group in run.optimizer.param_groups:
        group["lr"] = rate * min(1.0, (run.batch + 1) / recipe.warm_up)
    found = run.network(planes.to(memory_format=torch.channels_last))
    losses = losses_of(found, target, counts, is_tile, planes)
    run.optimizer.zero_grad(set_to_none=True)
    losses.total.backward()
    torch.nn.utils.clip_grad_norm_(run.network.parameters(), 1.0)
    run.optimizer.step()
    run.finish_step(recipe.average)
    return losses.detached()


def _correct_some(
    run: Run,
    planes: Tensor,
    target: NDArray[np.bool_],
    counts: NDArray[np.bool_],
    chosen: NDArray[np.intp],
    rng: np.random.Generator,
) -> None:
    # The averaged network's answers: those of the trained one waver from batch to batch. A part of a view comes with a
    # mask of the whole, which is what its points correct.
    with torch.no_grad():
        logits = run.average.eval()(planes[torch.from_numpy(chosen)]).logits[:, 0]
    arrays = planes.numpy()
    for at, found in zip(chosen.tolist(), logits.numpy() > 0, strict=True):
        mask = arrays[at, _MASK]
        answered = mask > 0.5 if mask.any() else found
        correct(arrays[at], answered, target[at], counts[at], rng)


def _one_thread(_: int) -> None:
    torch.set_num_threads(1)


if __name__ == "__main__":
    main()
