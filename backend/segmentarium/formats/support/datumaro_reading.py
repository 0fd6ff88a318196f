"""Datumaro JSON read: subsets of any size, item by item."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

import msgspec
import numpy as np

from segmentarium.core.annotation import (
    Annotation,
    Polygons,
    Segmentation,
    segmentation_from_json,
)
from segmentarium.core.errors import InvalidSegmentation, MalformedFile
from segmentarium.core.rle import RLE
from segmentarium.formats.base import Dataset, DatasetImage, Files
from segmentarium.formats.support.categories import CategoryTable, color_of
from segmentarium.formats.support.json_outline import is_of_another
from segmentarium.formats.support.json_stream import walk_json
from segmentarium.formats.support.pictures import Pictures
from segmentarium.formats.support.problems import Problems
from segmentarium.formats.support.reading import (
    box_polygon,
    ellipse_polygon,
    json_heads,
    named_split,
    ring_of,
)
from segmentarium.formats.support.rings import check_size, unite
from segmentarium.formats.support.stems import FileNames
from segmentarium.formats.support.taken_names import named_back
from segmentarium.formats.support.values import (
    int_of,
    numbers_of,
    object_of,
    score_of,
    size_of,
    text_of,
)

DEFAULT = "default"
TAKEN = {"score", "is_crowd"}  # attributes that are none of the annotator's
_ITEMS = re.compile(rb'"items"\s*:\s*\[')
_OWN = re.compile(rb'"(dm_format_version|label_groups|label_id|media_type)"\s*:')
_FLAT = {"label", "caption", "points", "polyline", "cuboid_3d", "cuboid_2d", "skeleton", "hash_key"}
_GROUPED = {"polygon", "mask"}
_ANY = msgspec.json.Decoder(Any)


@dataclass(slots=True)
class _Subset:
    """One JSON file, and its labels by number."""

    name: str
    labels: dict[int, int] = field(default_factory=dict)

    @property
    def split(self) -> str:
        return named_split(PurePosixPath(self.name).stem, DEFAULT)


def is_datumaro(files: Files) -> bool:
    """Whether a JSON file has Datumaro's items."""
    return any(
        _is_document(head) and not is_of_another(head, "datumaro") for _, head in json_heads(files)
    )


def read_datumaro(files: Files, problems: Problems) -> Dataset:
    """All subsets among the files, as one dataset.

    Raises:
        MalformedFile: none can be read.
    """
    table = CategoryTable()
    subsets: list[_Subset] = []
    names = [name for name in files.names if name.lower().endswith(".json")]
    names = [name for name in names if _is_document(_head(files, name))]
    for name in names:
        try:
            subsets.append(_look_through(files, name, table, problems))
        except MalformedFile as error:
            if len(names) == 1:
                raise
            problems.add(name, str(error.members.get("position", "")), error.detail)
    if not subsets:
        raise MalformedFile("There is no Datumaro JSON among the files.")
    pictures, numbers, taken = Pictures(files), itertools.count(1), FileNames()
    images = itertools.chain.from_iterable(
        _images(files, subset, pictures, numbers, taken, problems) for subset in subsets
    )
    return Dataset("datumaro", table.categories, images)


def _is_document(head: bytes) -> bool:
    return _ITEMS.search(head) is not None and _OWN.search(head) is not None


def _head(files: Files, name: str) -> bytes:
    with files.open(name) as file:
        return file.read(1 << 20)


def _look_through(files: Files, name: str, table: CategoryTable, problems: Problems) -> _Subset:
    subset = _Subset(name)
    for block in walk_json(files, name):
        if block.key == "categories" and block.is_value:
            (value,) = block.decoded(_ANY)
            try:
                _take_categories(subset, value, table, problems)
            except InvalidSegmentation as error:
                raise MalformedFile(f"{name}: {error.detail}", file=name) from error
            break
    return subset


def _take_categories(
    subset: _Subset, value: object, table: CategoryTable, problems: Problems
) -> None:
    if isinstance(value, Exception):
        raise InvalidSegmentation(str(value))
    categories = object_of(value, "categories")
    colors: dict[object, str | None] = {}
    mask = categories.get("mask")
    colormap = mask.get("colormap") if isinstance(mask, Mapping) else None
    for entry in colormap if isinstance(colormap, list) else []:
        if isinstance(entry, Mapping) and isinstance(entry.get("label_id"), int):
            channels = [entry.get(channel) for channel in ("r", "g", "b")]
            colors[entry["label_id"]] = color_of(channels)
    label = categories.get("label")
    labels = label.get("labels") if isinstance(label, Mapping) else None
    for at, entry in enumerate(labels if isinstance(labels, list) else []):
        name = entry.get("name") if isinstance(entry, Mapping) else None
        if not isinstance(name, str):
            problems.add(subset.name, f"categories.label.labels[{at}]", "The label has no name.")
            continue
        subset.labels[at] = table.id_of(
            name, color=colors.get(at), supercategory=text_of(entry.get("parent"))
        )


def _images(
    files: Files,
    subset: _Subset,
    pictures: Pictures,
    numbers: Iterator[int],
    names: FileNames,
    problems: Problems,
) -> Iterator[DatasetImage]:
    try:
        for block in walk_json(files, subset.name):
            if block.key != "items" or block.is_value:
                continue
            for at, item in enumerate(block.decoded(_ANY), start=block.first):
                position = f"items[{at}]"
                try:
                    if isinstance(item, Exception):
                        raise InvalidSegmentation(str(item))
                    image = _image(subset, item, position, pictures, next(numbers), names, problems)
                except (InvalidSegmentation, MalformedFile) as error:
                    problems.add(subset.name, position, error.detail)
                    continue
                yield image
    except MalformedFile as error:
        problems.add(subset.name, str(error.members.get("position", "")), error.detail)


def _image(
    subset: _Subset,
    item: object,
    position: str,
    pictures: Pictures,
    number: int,
    names: FileNames,
    problems: Problems,
) -> DatasetImage:
    item = object_of(item, "item")
    image = item.get("image") or item.get("media") or {}
    image = object_of(image, "image")
    stem = PurePosixPath(subset.name).stem
    path = text_of(image.get("path"))
    given = path or text_of(item.get("id"))
    if not given:
        raise InvalidSegmentation("The item has neither an id nor a path.")
    find = pictures.find if path else pictures.find_stem
    picture = find(f"{stem}/{given}", subset.name)
    said = image.get("size")
    size = size_of(said[1], said[0]) if isinstance(said, list) and len(said) == 2 else None
    if size is None and picture is not None:
        size = pictures.size(picture)
    if size is None:
        raise InvalidSegmentation("The image's size is not known.")
    if picture is not None and not path:
        given = PurePosixPath(picture).name
    is_absolute = given.startswith("/") or given[1:2] == ":"
    given = given.replace("\\", "/")
    name = given.rpartition("/")[2] if is_absolute else given.removeprefix(f"{stem}/")
    annotations = _annotations(subset, item.get("annotations"), position, size, problems)
    return DatasetImage(
        number,
        names.of(name, f"{stem}/{name}"),
        *size,
        tuple(sorted(annotations, key=lambda one: one.z_order)),
        pictures.reader(picture),
        subset.split,
    )


def _annotations(
    subset: _Subset, given: object, position: str, size: tuple[int, int], problems: Problems
) -> Iterator[Annotation]:
    width, height = size
    groups: dict[object, list[Segmentation]] = {}
    first: dict[object, Mapping[str, object]] = {}
    uuids: dict[object, set[str]] = {}
    for at, entry in enumerate(given if isinstance(given, list) else []):
        where = f"{position}.annotations[{at}]"
        try:
            entry = object_of(entry, "annotation")
            kind = text_of(entry.get("type"))
            if kind in _FLAT:
                problems.notice(subset.name, where, f"{kind}: it covers nothing and is left out.")
                continue
            label = entry.get("label_id")
            if isinstance(label, bool) or not isinstance(label, int) or label not in subset.labels:
                raise InvalidSegmentation(f"There is no label {label!r}.")
            segmentation = _segmentation(kind, entry, height, width)
        except InvalidSegmentation as error:
            problems.add(subset.name, where, error.detail)
            continue
        group = int_of(entry.get("group"), 0)
        key: object = (label, group) if group and kind in _GROUPED else at
        groups.setdefault(key, []).append(segmentation)
        first.setdefault(key, entry)
        uuids.setdefault(key, set()).add(text_of(entry.get("uuid")))
    for key, own in groups.items():
        if len(own) > 1 and (len(uuids[key]) > 1 or "" in uuids[key]):
            detail = f"The {len(own)} shapes of a group are read as one annotation."
            problems.notice(subset.name, position, detail)
        try:
            segmentation = unite(own, height, width)
        except InvalidSegmentation as error:
            problems.add(subset.name, position, error.detail)
            continue
        yield _annotation(subset, first[key], segmentation)


def _annotation(
    subset: _Subset, entry: Mapping[str, object], segmentation: Segmentation
) -> Annotation:
    said = entry.get("attributes")
    attributes = dict(said) if isinstance(said, Mapping) else {}
    score = score_of(attributes.get("score"))
    if score is not None:
        del attributes["score"]
    iscrowd = attributes.get("is_crowd")
    if isinstance(iscrowd, bool):
        del attributes["is_crowd"]
    return Annotation(
        id=text_of(entry.get("uuid")) or text_of(entry.get("id") or ""),  # 0 is Datumaro's for none
        category_id=subset.labels[int_of(entry.get("label_id"), 0)],
        segmentation=segmentation,
        iscrowd=iscrowd is True,
        z_order=int_of(entry.get("z_order"), 0),
        score=score,
        attributes=named_back(attributes, TAKEN),
    )


def _segmentation(kind: str, entry: Mapping[str, object], height: int, width: int) -> Segmentation:
    if kind == "mask":
        rle = segmentation_from_json(object_of(entry.get("rle"), "rle"))
        if isinstance(rle, RLE):
            check_size(rle.size, height, width)
        return rle
    if kind == "bbox":
        box = numbers_of(entry.get("bbox"), "box")
        if len(box) != 4:
            raise InvalidSegmentation("A box is [x, y, width, height].")
        return box_polygon(*box)
    points = numbers_of(entry.get("points"), "points")
    if kind == "polygon" and len(points) % 2 == 0:
        return Polygons(((ring_of(np.array(points).reshape(-1, 2)),),))
    if kind == "ellipse" and len(points) == 4:
        x0, y0, x1, y1 = points
        return ellipse_polygon((x0 + x1) / 2, (y0 + y1) / 2, (x1 - x0) / 2, (y1 - y0) / 2)
    raise InvalidSegmentation(f"There are no annotations of the kind {kind!r} with such points.")
