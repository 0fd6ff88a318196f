"""Objects with masks made by hand, to fit an engine's constants to: another set than the one that is measured."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from segmentarium.core.boxes import BboxXYWH, BoxXYXY, xywh_to_xyxy
from segmentarium.core.rle import Mask
from segmentarium.engines.base import ImageRGB
from segmentarium.storage.pictures import read_rgb

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
SIGMAS = (
    0.0,
    0.05,
    0.0,
    0.1,
)  # of the jitter, in shares of a box's sides; half of the boxes are exact
Ids = NDArray[np.int64]
_LEAST_AREA = 150
_LEAST_LARGEST = 0.75  # of the area, in one component
_AGREED = 0.85  # IoU of a region with its like in two other people's maps


@dataclass(frozen=True, slots=True)
class TrainingObject:
    """An image, a mask of its size, and a box around it, exact or jittered."""

    source: str
    image: Path
    mask: Mask
    box: BoxXYXY


def read_objects(per_source: int) -> list[TrainingObject]:
    """At most so many objects of each source, half of the boxes exact, the others jittered by 5% or 10%."""
    rng = np.random.default_rng(0)
    found = []
    for source, listed in _sources(rng).items():
        taken = 0
        for image, masks in listed:
            wanted = -(-per_source // len(listed))
            for mask in masks[:wanted]:
                if taken < per_source and _is_fit(mask):
                    box = jittered(tight_box(mask), SIGMAS[taken % len(SIGMAS)], mask.shape, rng)
                    found.append(TrainingObject(source, image, mask, box))
                    taken += 1
    return found


def tight_box(mask: Mask) -> BboxXYWH:
    """The box around a mask that is not empty."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    left, top = int(columns[0]), int(rows[0])
    return left, top, int(columns[-1]) + 1 - left, int(rows[-1]) + 1 - top


def jittered(
    bbox: BboxXYWH, sigma: float, shape: tuple[int, ...], rng: np.random.Generator
) -> BoxXYXY:
    """The box with each side moved by a normal share of the box's size, within the image, at least 2 pixels wide."""
    height, width = shape[:2]
    x0, y0, x1, y1 = np.array(xywh_to_xyxy(bbox)) + rng.normal(0, 1, 4) * sigma * np.array(
        [bbox[2], bbox[3], bbox[2], bbox[3]]
    )
    (x0, x1), (y0, y1) = sorted((x0, x1)), sorted((y0, y1))
    x0, y0 = np.clip(x0, 0, width - 2), np.clip(y0, 0, height - 2)
    return (
        float(x0),
        float(y0),
        float(np.clip(x1, x0 + 2, width)),
        float(np.clip(y1, y0 + 2, height)),
    )


def read_pixels(path: Path) -> ImageRGB:
    """(H, W, 3) uint8."""
    return read_rgb(path)


class _Masks:
    """The masks of an id map, drawn one by one in random order."""

    def __init__(self, path: Path, rng: np.random.Generator) -> None:
        self._path, self._seed = path, int(rng.integers(2**31))

    def __getitem__(self, wanted: slice) -> list[Mask]:
        ids = _ids(self._path)
        found = np.unique(ids)
        # An image of more than 250 objects has 16 bits, and then 255 is an object.
        ignored = 65535 if found[-1] > 255 else 255
        present = [one for one in found if one not in (0, ignored)]
        order = np.random.default_rng(self._seed).permutation(len(present))
        return [ids == present[index] for index in order[wanted]]


class _AgreedRegions:
    """Regions of a photograph on which three people agree, by chance one of them."""

    def __init__(self, paths: list[Path], rng: np.random.Generator) -> None:
        self._paths, self._seed = paths, int(rng.integers(2**31))

    def __getitem__(self, wanted: slice) -> list[Mask]:
        rng = np.random.default_rng(self._seed)
        maps = [_ids(path) for path in self._paths]
        mine = maps.pop(int(rng.integers(len(maps))))
        agreed = []
        for region in np.unique(mine):
            mask = mine == region
            if 0.005 < mask.mean() < 0.5 and sorted(_agreements(mask, maps))[-2] >= _AGREED:
                agreed.append(mask)
        return [agreed[index] for index in rng.permutation(len(agreed))[wanted]]


def _sources(rng: np.random.Generator) -> dict[str, list[tuple[Path, _Masks | _AgreedRegions]]]:
    found: dict[str, list[tuple[Path, _Masks | _AgreedRegions]]] = defaultdict(list)
    folder = DATA / "train_box2mask"
    for one in json.loads((folder / "index.json").read_text()):
        found[one["source"]].append((folder / one["image"], _Masks(folder / one["mask"], rng)))
    folder = DATA / "train_nuclei"
    for one in json.loads((folder / "index.json").read_text())["images"]:
        name = f"nuclei, {one['kind']}"
        found[name].append((folder / one["image"], _Masks(folder / one["mask"], rng)))
    folder = DATA / "train_bsds"
    for one in json.loads((folder / "index.json").read_text())["images"]:
        paths = [folder / region["file"] for region in one["regions"]]
        if len(paths) > 2:
            # By halves, as it stands for many kinds of pictures.
            name = f"photographs {len(found['photographs 0']) > 120:d}"
            found[name].append((folder / one["image"], _AgreedRegions(paths, rng)))
    return {
        name: [listed[i] for i in rng.permutation(len(listed))] for name, listed in found.items()
    }


def _ids(path: Path) -> Ids:
    ids = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    if ids is None:
        raise FileNotFoundError(path)
    return ids.astype(np.int64) if ids.ndim == 2 else ids[..., 0].astype(np.int64)


def _agreements(mask: Mask, maps: list[Ids]) -> Iterator[float]:
    for other in maps:
        like = other == np.bincount(other[mask]).argmax()
        yield np.count_nonzero(like & mask) / np.count_nonzero(like | mask)


def _is_fit(mask: Mask) -> bool:
    area = np.count_nonzero(mask)
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    largest = int(stats[1:, cv2.CC_STAT_AREA].max())
    return bool(area >= _LEAST_AREA and largest >= _LEAST_LARGEST * area)
