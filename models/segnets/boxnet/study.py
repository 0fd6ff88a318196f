"""`python -m segnets.boxnet.study --data DATA --to FOLDER`: how good the network is on a domain it has never seen.

The domains are dealt out to a few groups. One network learns from all of them, and one for each group learns from
the others; all of them are measured on the same pictures, which none has learnt from. What the group's own network
loses against the first one is the price of an unseen domain. Each network can be stopped and goes on like any run.
"""

from __future__ import annotations

import argparse
import csv
import os
import sys
import zlib
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import torch

from segnets.boxnet.checkpoint import Run
from segnets.boxnet.objects import Picture, TrainingObject, read_all
from segnets.boxnet.recipe import Recipe, read_recipe
from segnets.boxnet.samples import GROUP_SHARES
from segnets.boxnet.train import ious_of, train

RECIPE = Path(__file__).with_name("study.toml")
_GROUPS = 5
_MEASURED_SHARE = 4  # one picture in so many is measured on and never learnt from
_OBJECTS_OF_DOMAIN = 60
_OBJECTS_OF_PICTURE = 4


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the data sets")
    parser.add_argument("--to", type=Path, required=True, help="where runs and figures are kept")
    parser.add_argument("--recipe", type=Path, default=RECIPE)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--workers", type=int, default=1)
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    cv2.setNumThreads(1)  # see train.main
    recipe = read_recipe(given.recipe)
    pictures = read_all(given.data, recipe.open_only)
    rows = study(pictures, recipe, given.to, given.workers)
    with (given.to / "study.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("domain", "objects", "seen", "unseen"))
        for domain, seen, unseen in rows:
            row = (domain, len(seen), f"{np.mean(seen):.3f}", f"{np.mean(unseen):.3f}")
            writer.writerow(row)
            sys.stdout.write("  ".join(map(str, row)) + "\n")


def study(
    pictures: Sequence[Picture],
    recipe: Recipe,
    folder: Path,
    workers: int = 0,
    groups: int = _GROUPS,
) -> list[tuple[str, list[float], list[float]]]:
    """Of each domain the IoUs of the same objects: by the network of all domains, and by one that never saw it."""
    learnt = [one for one in pictures if not _is_measured(one)]
    objects = _measured_objects([one for one in pictures if _is_measured(one)])
    size = recipe.stages[-1].size
    dealt = deal_domains(pictures, groups)
    everything = _trained(learnt, recipe, folder / "all", workers)
    seen = {domain: ious_of(everything.average, found, size) for domain, found in objects.items()}
    unseen: dict[str, list[float]] = {}
    for number, domains in enumerate(dealt, start=1):
        others = [one for one in learnt if one.domain not in domains]
        run = _trained(others, recipe, folder / f"without-{number}", workers)
        for domain in domains & objects.keys():
            unseen[domain] = ious_of(run.average, objects[domain], size)
    return [(domain, seen[domain], unseen[domain]) for domain in sorted(objects)]


def deal_domains(pictures: Sequence[Picture], groups: int) -> list[set[str]]:
    """The domains in so many groups, each of which makes up about the same share of what is drawn."""
    of_group: dict[str, int] = {}
    for one in pictures:
        of_group[one.group] = of_group.get(one.group, 0) + 1
    shares: dict[str, float] = {}
    for one in pictures:
        share = GROUP_SHARES.get(one.group, 0.1) / of_group[one.group]
        shares[one.domain] = shares.get(one.domain, 0.0) + share
    dealt: list[set[str]] = [set() for _ in range(groups)]
    for domain in sorted(shares, key=lambda name: (-shares[name], name)):
        least = min(dealt, key=lambda group: sum(shares[name] for name in group))
        least.add(domain)
    return dealt


def _trained(pictures: Sequence[Picture], recipe: Recipe, folder: Path, workers: int) -> Run:
    for line in train(pictures, recipe, folder, workers=workers):
        sys.stdout.write(f"{folder.name}  {line}\n")
        sys.stdout.flush()
    run = Run.open(folder, recipe)
    run.average.eval()
    return run


def _is_measured(picture: Picture) -> bool:
    # Not the hash that training holds back by: what that leaves out of these would never be measured on.
    return zlib.crc32(b"study " + picture.name.encode()) % _MEASURED_SHARE == 0


def _measured_objects(pictures: Sequence[Picture]) -> dict[str, list[TrainingObject]]:
    rng = np.random.default_rng(0)
    found: dict[str, list[TrainingObject]] = {}
    for at in rng.permutation(len(pictures)).tolist():
        picture = pictures[at]
        chosen = rng.permutation(len(picture.objects))[:_OBJECTS_OF_PICTURE]
        found.setdefault(picture.domain, []).extend(picture.objects[int(one)] for one in chosen)
    return {domain: objects[:_OBJECTS_OF_DOMAIN] for domain, objects in found.items()}


if __name__ == "__main__":
    main()
