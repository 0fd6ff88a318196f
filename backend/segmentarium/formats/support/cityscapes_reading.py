"""Cityscapes read: the polygons where there are any, else the map of instances, else that of labels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import count
from pathlib import PurePosixPath
from typing import Any

import msgspec

from segmentarium.core.annotation import Annotation, Part, Polygons
from segmentarium.core.errors import InvalidSegmentation, MalformedFile
from segmentarium.formats.base import Dataset, DatasetImage, Files
from segmentarium.formats.support.categories import CategoryTable, clean_name, rgb_to_hex
from segmentarium.formats.support.category_file import find_category_file, read_category_file
from segmentarium.formats.support.cityscapes_facts import (
    GROUND_TRUTH,
    INSTANCES,
    LABELS,
    NO_SPLIT,
    PER_LABEL,
    PICTURES,
    POLYGONS,
    TABLE,
)
from segmentarium.formats.support.maps import map_to_rles
from segmentarium.formats.support.pictures import Pictures
from segmentarium.formats.support.png import read_map
from segmentarium.formats.support.problems import Problems
from segmentarium.formats.support.reading import read_json, ring_of, split_of
from segmentarium.formats.support.stems import FileNames
from segmentarium.formats.support.values import said_score, size_of

_KINDS = (POLYGONS, INSTANCES, LABELS)
_FINE = f"_{GROUND_TRUTH}_"
_GROUP = "group"  # after a label: several of it that were not told apart


class _Document(msgspec.Struct):
    imgHeight: Any = None  # noqa: N815 - the file's own names
    imgWidth: Any = None  # noqa: N815
    objects: list[Any] = msgspec.field(default_factory=list)
    file_name: Any = None


@dataclass(slots=True)
class _Meaning:
    table: CategoryTable
    ids: dict[int, int]  # label ids → the table's
    names: dict[str, int]
    things: set[int]  # label ids


def is_cityscapes(files: Files) -> bool:
    """Whether there is a file of its ground truth, by its name."""
    return any(_kind(name) for name in files.names)


def read_cityscapes(files: Files, problems: Problems) -> Dataset:
    """The images that have a ground truth.

    Raises:
        MalformedFile: there is no ground truth.
    """
    truths: dict[str, dict[str, str]] = {}
    for name in files.names:
        kind = _kind(name)
        if kind:
            truths.setdefault(name[: -len(kind)], {})[kind] = name
    if not truths:
        raise MalformedFile(
            "There is no file *_polygons.json, *_instanceIds.png or *_labelIds.png."
        )
    _drop_coarse(truths, problems)
    meaning = _meaning(files, truths, problems)
    images = _images(files, truths, meaning, problems)
    return Dataset("cityscapes", meaning.table.categories, images, len(truths))


def _drop_coarse(truths: dict[str, dict[str, str]], problems: Problems) -> None:
    """Leave out the coarse ground truth of images that have a fine one: nothing is to be annotated twice."""
    fine = {_image(prefix) for prefix in truths if prefix.endswith(_FINE)}
    coarse = [one for one in truths if not one.endswith(_FINE) and _image(one) in fine]
    for prefix in coarse:
        del truths[prefix]
    if coarse:
        detail = (
            f"{len(coarse)} images have a fine ground truth, too: their coarse one is not read."
        )
        problems.notice("gtCoarse", "", detail)


def _image(prefix: str) -> tuple[str, str]:
    """The folders of the split and the city that an image lies in, and its name without what is put behind it."""
    path = PurePosixPath(prefix)
    base = path.name.rstrip("_").removesuffix("_gtFine").removesuffix("_gtCoarse")
    return "/".join(path.parts[-3:-1]), base


def _kind(name: str) -> str:
    """Which of its files one is; "" for none."""
    for kind in _KINDS:
        before = name.removesuffix(f"_{kind}")
        if before != name and before.endswith(("_gtFine", "_gtCoarse")):
            return kind
    return ""


def _meaning(files: Files, truths: Mapping[str, Mapping[str, str]], problems: Problems) -> _Meaning:
    table = CategoryTable()
    ours = find_category_file(files, "cityscapes")
    if ours is not None:
        told = read_category_file(files, ours, table, problems)
        own = {one.name: one.id for one in table.categories}
        kinds = {one.id: one.isthing for one in table.categories}
        return _Meaning(table, told.ids, own, {at for at, id_ in told.ids.items() if kinds[id_]})
    used = _labels(files, truths)
    is_all = any(POLYGONS not in kinds for kinds in truths.values())
    ids: dict[int, int] = {}
    names: dict[str, int] = {}
    for label in TABLE.values():
        if label.id and (is_all or label.name in used):
            ids[label.id] = names[label.name] = table.id_of(
                label.name,
                color=rgb_to_hex(*label.color),
                isthing=label.isthing,
                supercategory=label.supercategory,
            )
    for name in sorted(used - {"unlabeled"}):
        is_group = _single(name) != name and _single(name) in used
        if name not in names and not is_group:
            names[name] = table.id_of(name)
    things = {label.id for label in TABLE.values() if label.isthing}
    return _Meaning(table, ids, names, things)


def _labels(files: Files, truths: Mapping[str, Mapping[str, str]]) -> set[str]:
    """All labels in the polygons; of a group of a known category that category's."""
    used: set[str] = set()
    for kinds in truths.values():
        try:
            document = read_json(files, kinds[POLYGONS], _Document) if POLYGONS in kinds else None
        except MalformedFile:
            continue  # said when the images are read
        for entry in document.objects if document else ():
            label = entry.get("label") if isinstance(entry, Mapping) else None
            if isinstance(label, str) and label.strip():
                label = clean_name(label)
                is_group = label not in TABLE and _single(label) in TABLE
                used.add(_single(label) if is_group else label)
    return used


def _single(label: str) -> str:
    return label.removesuffix(_GROUP)


def _images(
    files: Files,
    truths: Mapping[str, Mapping[str, str]],
    meaning: _Meaning,
    problems: Problems,
) -> Iterator[DatasetImage]:
    pictures = Pictures(files, lambda name: f"_{GROUND_TRUTH}_" in name or "_gtCoarse_" in name)
    numbers = count(1)
    names = FileNames()
    for prefix, kinds in sorted(truths.items()):
        path = PurePosixPath(prefix)
        folders, base = _image(prefix)
        picture = pictures.find_stem(f"{folders}/{base}_{PICTURES}", prefix)
        picture = picture or pictures.find_stem(f"{folders}/{base}", prefix)
        kind = next(one for one in _KINDS if one in kinds)
        try:
            expected = pictures.known_size(picture)
            found = _from(files, kind, kinds[kind], expected, meaning, problems)
        except MalformedFile as error:
            problems.add(kinds[kind], "", error.detail)
            continue
        annotations, (width, height), told = found
        file_name = told or PurePosixPath(picture or f"{base}_{PICTURES}.png").name
        yield DatasetImage(
            next(numbers),
            names.of(file_name, f"{folders}/{file_name}"),
            width,
            height,
            annotations,
            pictures.reader(picture),
            _split(path),
        )


def _split(path: PurePosixPath) -> str:
    """The folder in that of the ground truth, where a city's lies in it; else what a folder's name tells."""
    folders = path.parts[:-1]
    roots = [at for at, one in enumerate(folders) if one.startswith(("gtFine", "gtCoarse"))]
    inside = folders[roots[-1] + 1 :] if roots else folders[-2:]
    if roots and len(inside) > 1:
        return "" if inside[0] == NO_SPLIT else inside[0]
    return split_of("/".join(inside))


def _from(
    files: Files,
    kind: str,
    name: str,
    expected: tuple[int, int] | None,
    meaning: _Meaning,
    problems: Problems,
) -> tuple[tuple[Annotation, ...], tuple[int, int], str]:
    """Annotations, width and height, and the image's name where it is told."""
    if kind == POLYGONS:
        document: _Document = read_json(files, name, _Document)
        size = size_of(document.imgWidth, document.imgHeight)
        if size is None:
            raise MalformedFile(f"{name} does not say how large its image is.", file=name)
        told = document.file_name if isinstance(document.file_name, str) else ""
        return _from_polygons(document, name, meaning, problems), size, told
    ids = read_map(files, name, expected)
    annotations: list[Annotation] = []
    for number, rle in map_to_rles(ids, name).items():
        label = number // PER_LABEL if kind == INSTANCES and number >= PER_LABEL else number
        if label in meaning.ids:
            # Of things the label alone means a group.
            is_group = kind == INSTANCES and label == number and label in meaning.things
            id_, z_order = meaning.ids[label], len(annotations)
            annotations.append(Annotation("", id_, rle, is_group, z_order))
        else:
            problems.add(name, f"id {number}", f"There is no category with the id {label}.")
    height, width = ids.shape
    return tuple(annotations), (width, height), ""


def _from_polygons(
    document: _Document, name: str, meaning: _Meaning, problems: Problems
) -> tuple[Annotation, ...]:
    found: dict[str, Annotation] = {}
    for place, entry in enumerate(document.objects):
        position = f"objects[{place}]"
        if isinstance(entry, Mapping) and entry.get("deleted") == 1:
            continue
        try:
            annotation = _annotation(entry, len(found), meaning)
        except InvalidSegmentation as error:
            problems.add(name, position, str(error))
            continue
        before = found.get(annotation.id)
        if before is None:
            found[annotation.id or position] = annotation
        else:
            joined = _parts(before) + _parts(annotation)
            found[annotation.id] = replace(before, segmentation=Polygons(joined))
    return tuple(found.values())


def _parts(annotation: Annotation) -> tuple[Part, ...]:
    return annotation.segmentation.parts if isinstance(annotation.segmentation, Polygons) else ()


def _annotation(entry: object, z_order: int, meaning: _Meaning) -> Annotation:
    if not isinstance(entry, Mapping):
        raise InvalidSegmentation("An object has a label and a polygon.")
    label, id_, attributes = (entry.get(key) for key in ("label", "id", "attributes"))
    if not isinstance(label, str):
        raise InvalidSegmentation("The object has no label.")
    label = clean_name(label)
    is_group = label not in meaning.names or entry.get("iscrowd") == 1
    category_id = meaning.names.get(_single(label) if is_group else label)
    if category_id is None:
        raise InvalidSegmentation(f"There is no category {label!r}.")
    polygon = entry.get("polygon")
    return Annotation(
        # Cityscapes' own ids are numbers that begin again in each file and mean nothing.
        id_ if isinstance(id_, str) else "",
        category_id,
        Polygons(((ring_of(polygon if isinstance(polygon, list) else []),),)),
        is_group,
        z_order,
        said_score(entry.get("score")),
        attributes if isinstance(attributes, Mapping) else {},
    )
