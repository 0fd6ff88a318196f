"""Objects to train on: read from folders of images with masks, each with a domain and a weight."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels: TypeAlias = NDArray[np.uint8]
Ids: TypeAlias = NDArray[np.int16]
BoxXYXY: TypeAlias = tuple[float, float, float, float]

LEAST_AREA = 150  # pixels; below this a mask is mostly border
LEAST_SIDE = 10
LONGEST_SIDE = 640  # of an image that is kept; larger ones are shrunk
_IGNORE = {np.dtype(np.uint8): 255, np.dtype(np.uint16): 65_535}
_GUESSED = "probably web pictures"
_HASH_SIDE = 8
_SAME_IMAGE = 4  # bits of the hash that may differ


@dataclass(eq=False, slots=True)
class Picture:
    """An image with its objects: `ids` (H, W) int16, one map for each annotator; −1 is ignored."""

    name: str
    pixels: Pixels
    maps: list[Ids]
    source: str
    domain: str
    group: str
    is_open: bool
    objects: list[TrainingObject] = field(default_factory=list)


@dataclass(eq=False, slots=True)
class TrainingObject:
    """One object of a picture: its id in one of the maps, its tight box, how often to take it."""

    picture: Picture
    map_index: int
    id: int
    box: tuple[int, int, int, int]
    area: int
    weight: float


def read_all(root: Path, open_only: bool = False) -> list[Picture]:
    """The pictures of the folders under `root` that are there, without those of `box2mask_dev`.

    Args:
        root: the folder of the data sets.
        open_only: only those whose rights are known and forbid no use.
    """
    forbidden = [image_hash(path) for path in sorted((root / "box2mask_dev" / "images").glob("*"))]
    readers = (_read_natural, _read_bsds, _read_nuclei, _read_nuclei_small, _read_camvid)
    return [
        picture
        for reader in readers
        for picture in reader(root)
        if picture.objects and (picture.is_open or not open_only) and _is_new(picture, forbidden)
    ]


def image_hash(path: Path) -> int:
    """64 bits that are nearly the same for pictures that look the same (dHash)."""
    image = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    return 0 if image is None else _hash(image.astype(np.uint8, copy=False))


def _hash(gray: NDArray[np.uint8]) -> int:
    small = cv2.resize(gray, (_HASH_SIDE + 1, _HASH_SIDE), interpolation=cv2.INTER_AREA)
    bits = (small[:, 1:] > small[:, :-1]).ravel()
    return int("".join("1" if bit else "0" for bit in bits), 2)


def _is_new(picture: Picture, forbidden: list[int]) -> bool:
    own = _hash(cv2.cvtColor(picture.pixels, cv2.COLOR_RGB2GRAY).astype(np.uint8, copy=False))
    return all((own ^ other).bit_count() > _SAME_IMAGE for other in forbidden)


def _read_natural(root: Path) -> Iterator[Picture]:
    folder = root / "train_box2mask"
    for entry in _index(folder):
        ids = _ids(folder / entry["mask"])
        origin = entry["source"], entry["domain"], "natural"
        is_open = not entry["rights"].startswith(_GUESSED)
        yield _picture(folder / entry["image"], [ids], origin, is_open)


def _read_bsds(root: Path) -> Iterator[Picture]:
    folder = root / "train_bsds"
    for entry in _index(folder):
        maps = [_ids(folder / one["file"]) for one in entry["regions"]]
        origin = "bsds", "natural_regions", "bsds"
        picture = _picture(folder / entry["image"], maps, origin, is_open=False)
        _weigh_by_agreement(picture)
        yield picture


def _read_nuclei(root: Path) -> Iterator[Picture]:
    folder = root / "train_nuclei"
    for entry in _index(folder):
        ids = _ids(folder / entry["mask"])
        origin = "nuclei", "cells", "nuclei"
        yield _picture(folder / entry["image"], [ids], origin, is_open=True)


def _read_nuclei_small(root: Path) -> Iterator[Picture]:
    folder = root / "nuclei_small"
    for entry in _index(folder):
        ids = _ids(folder / entry["instances"])
        origin = "nuclei_small", "cells", "nuclei"
        yield _picture(folder / entry["image"], [ids], origin, is_open=True)


def _read_camvid(root: Path) -> Iterator[Picture]:
    folder = root / "camvid_small"
    for entry in _index(folder):
        labels = _ids(folder / entry["label"])
        ids = np.zeros_like(labels)
        count = 0
        for value in np.unique(labels).tolist():
            if value == 11:
                continue
            number, components = cv2.connectedComponents((labels == value).astype(np.uint8))
            ids[components > 0] = components[components > 0] + count
            count += number - 1
        origin = "camvid", "street", "camvid"
        yield _picture(folder / entry["image"], [ids], origin, is_open=False, least_area=400)


def _index(folder: Path) -> list[dict[str, Any]]:
    path = folder / "index.json"
    if not path.is_file():
        return []
    read = json.loads(path.read_text())
    if isinstance(read, dict):
        read = read["splits"]["train"] if "splits" in read else read["images"]
    entries: list[dict[str, Any]] = read
    return entries


def _ids(path: Path) -> Ids:
    raw = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    if raw is None:
        raise ValueError(f"{path} cannot be read")
    ids = raw.astype(np.int16)
    ids[raw == _IGNORE[raw.dtype]] = -1
    return ids


def _picture(
    path: Path,
    maps: list[Ids],
    origin: tuple[str, str, str],
    is_open: bool,
    least_area: int = LEAST_AREA,
) -> Picture:
    read = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if read is None:
        raise ValueError(f"{path} cannot be read")
    pixels = cv2.cvtColor(read, cv2.COLOR_BGR2RGB).astype(np.uint8, copy=False)
    scale = LONGEST_SIDE / max(pixels.shape[:2])
    if scale < 1:
        size = (round(pixels.shape[1] * scale), round(pixels.shape[0] * scale))
        pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
        maps = [_shrunken(ids, size) for ids in maps]
    picture = Picture(f"{origin[0]}/{path.name}", pixels, maps, *origin, is_open)
    for index, ids in enumerate(maps):
        picture.objects += _objects(picture, index, ids, least_area)
    return picture


def _shrunken(ids: Ids, size: tuple[int, int]) -> Ids:
    small = cv2.resize(ids, size, interpolation=cv2.INTER_NEAREST)
    return small.astype(np.int16, copy=False)


def _objects(picture: Picture, index: int, ids: Ids, least_area: int) -> Iterator[TrainingObject]:
    height, width = ids.shape
    rows, columns = np.nonzero(ids > 0)
    owner = ids[rows, columns]
    count = int(owner.max(initial=0)) + 1
    area = np.bincount(owner, minlength=count)
    x0, y0 = np.full(count, width), np.full(count, height)
    x1, y1 = np.zeros(count, int), np.zeros(count, int)
    np.minimum.at(x0, owner, columns)
    np.minimum.at(y0, owner, rows)
    np.maximum.at(x1, owner, columns + 1)
    np.maximum.at(y1, owner, rows + 1)
    for number in np.flatnonzero(area >= least_area).tolist():
        box = int(x0[number]), int(y0[number]), int(x1[number]), int(y1[number])
        if min(box[2] - box[0], box[3] - box[1]) < LEAST_SIDE:
            continue
        on_border = (box[0] == 0) + (box[1] == 0) + (box[2] == width) + (box[3] == height)
        yield TrainingObject(
            picture, index, number, box, int(area[number]), (1.0, 0.5, 0.25, 0.1, 0.05)[on_border]
        )


def _weigh_by_agreement(picture: Picture) -> None:
    """A region counts as much as its best match among the other annotators' regions."""
    for one in picture.objects:
        own = picture.maps[one.map_index] == one.id
        best = 0.0
        for index, ids in enumerate(picture.maps):
            if index == one.map_index:
                continue
            values, shared = np.unique(ids[own], return_counts=True)
            value = int(values[shared.argmax()])
            meet = int(shared.max())
            best = max(best, meet / (one.area + int((ids == value).sum()) - meet))
        one.weight *= max(best - 0.4, 0.02)
