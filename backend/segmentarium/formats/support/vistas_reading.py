"""Mapillary Vistas read: the maps of instances of the newest version there is, and the config that names labels."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import PurePosixPath
from typing import Any

import msgspec

from segmentarium.core.annotation import Annotation
from segmentarium.core.errors import MalformedFile
from segmentarium.formats.base import Dataset, DatasetImage, Files
from segmentarium.formats.support.categories import CategoryTable, color_of
from segmentarium.formats.support.maps import map_to_rles
from segmentarium.formats.support.number_tables import is_void
from segmentarium.formats.support.pictures import Pictures
from segmentarium.formats.support.png import read_map
from segmentarium.formats.support.problems import Problems
from segmentarium.formats.support.reading import json_ends, read_json, split_of
from segmentarium.formats.support.stems import FileNames

NO_SPLIT = "all"
PER_LABEL = 256  # a pixel is its label's place times this, and the place of its instance
INSTANCES, LABELS, PICTURES = "instances", "labels", "images"
_CONFIG = re.compile(r"config(_v(\d+(?:\.\d+)*))?\.json")


class _Label(msgspec.Struct):
    name: str
    color: Any = None
    evaluate: Any = None
    instances: Any = True
    supercategory: Any = None


class _Config(msgspec.Struct):
    labels: list[Any]


@dataclass(frozen=True, slots=True)
class _Version:
    """One config, its maps, and its name in their paths ("" where the maps lie in no folder of a version)."""

    config: str
    name: str
    maps: tuple[str, ...]


def is_vistas(files: Files) -> bool:
    """Whether there is a config with labels, and maps of instances."""
    return any(b'"labels"' in json_ends(files, one.config) for one in _versions(files))


def read_vistas(files: Files, problems: Problems) -> Dataset:
    """The images that have a map of instances in the newest version.

    Raises:
        MalformedFile: there is none, or its config cannot be read.
    """
    versions = _versions(files)
    if not versions:
        raise MalformedFile("There is no config.json beside maps of instances.")
    newest = versions[-1]
    table = CategoryTable()
    config: _Config = read_json(files, newest.config, _Config)
    ids: dict[int, int] = {}
    voids: set[int] = set()
    for place, given in enumerate(config.labels):
        try:
            label = msgspec.convert(given, _Label)
        except msgspec.ValidationError as error:
            problems.add(newest.config, f"labels[{place}]", str(error))
            continue
        # What is evaluated is a category, whatever it is called.
        if is_void(label.name) and label.evaluate is not True:
            voids.add(place)
            continue
        family = label.name.split("--")[0] if "--" in label.name else ""
        ids[place] = table.id_of(
            label.name,
            color=color_of(label.color),
            isthing=label.instances is not False,
            supercategory=label.supercategory if isinstance(label.supercategory, str) else family,
        )
    images = _images(files, newest, ids, voids, problems)
    return Dataset("vistas", table.categories, images, len(newest.maps))


def _versions(files: Files) -> list[_Version]:
    """Those that have maps, the oldest first."""
    maps = [
        name
        for name in files.names
        if name.lower().endswith(".png") and PurePosixPath(name).parent.name == INSTANCES
    ]
    found: list[tuple[tuple[int, ...], _Version]] = []
    for config in files.names:
        match = _CONFIG.fullmatch(PurePosixPath(config).name)
        if match is None:
            continue
        name = f"v{match[2]}" if match[2] else ""
        own = [one for one in maps if name in PurePosixPath(one).parts] if name else maps
        if own:
            number = tuple(int(part) for part in (match[2] or "0").split("."))
            found.append((number, _Version(config, name, tuple(own))))
    return [version for _, version in sorted(found, key=lambda one: one[0])]


def _images(
    files: Files, version: _Version, ids: dict[int, int], voids: set[int], problems: Problems
) -> Iterator[DatasetImage]:
    pictures = Pictures(files, lambda name: PICTURES not in PurePosixPath(name).parts[:-1])
    numbers = count(1)
    names = FileNames()
    for name in version.maps:
        path = PurePosixPath(name)
        root = [part for part in path.parts[:-2] if part != version.name]
        picture = pictures.find_stem("/".join([*root, PICTURES, path.stem]), name)
        try:
            # One more than in the file: the first instance of the first label is 0.
            array = read_map(files, name, pictures.known_size(picture)).astype("int32") + 1
            rles = map_to_rles(array, name)
        except MalformedFile as error:
            problems.add(name, "", error.detail)
            continue
        annotations: list[Annotation] = []
        for number, rle in rles.items():
            label = (number - 1) // PER_LABEL
            if label in ids:
                key = f"{number - 1}"
                annotations.append(Annotation(key, ids[label], rle, z_order=len(annotations)))
            elif label not in voids:
                detail = f"{version.config} has no label {label}."
                problems.add(name, f"number {number - 1}", detail)
        file_name = PurePosixPath(picture or f"{path.stem}.jpg").name
        height, width = array.shape
        yield DatasetImage(
            next(numbers),
            names.of(file_name, "/".join([*root, file_name])),
            width,
            height,
            tuple(annotations),
            pictures.reader(picture),
            _split(root, version),
        )


def _split(root: list[str], version: _Version) -> str:
    """By the config's own `folder_structure` a split's folder lies beside it, and in that the version's."""
    told = split_of("/".join(root))
    is_beside = version.name and tuple(root[:-1]) == PurePosixPath(version.config).parent.parts
    return told or (root[-1] if root and is_beside and root[-1] != NO_SPLIT else "")
