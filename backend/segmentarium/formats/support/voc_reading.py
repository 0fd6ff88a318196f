"""Pascal VOC read: its own files, and those that labelme, CVAT and Datumaro write in its layout."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import count
from pathlib import PurePosixPath

import numpy as np

from segmentarium.core.annotation import Annotation
from segmentarium.core.errors import MalformedFile
from segmentarium.core.rle import RLE
from segmentarium.formats.base import Dataset, DatasetImage, Files
from segmentarium.formats.support.category_file import (
    CategoryNumbers,
)
from segmentarium.formats.support.maps import RGB, IntegerMap, colors_to_numbers, map_to_rles
from segmentarium.formats.support.pictures import Pictures
from segmentarium.formats.support.png import read_map
from segmentarium.formats.support.problems import Problems
from segmentarium.formats.support.reading import read_xml
from segmentarium.formats.support.stems import FileNames
from segmentarium.formats.support.voc_facts import (
    CLASSES,
    LISTS,
    OBJECTS,
    PALETTE,
    PICTURES,
    VOID,
    XML,
)
from segmentarium.formats.support.voc_layout import VocMeaning, VocRoot, voc_meaning, voc_roots
from segmentarium.formats.support.voc_xml import VocObject, VocRecord, record_of

_OBJECT_COLORS = {color: index for index, color in enumerate(PALETTE)}


def read_voc(files: Files, problems: Problems) -> Dataset:
    """All VOC datasets among the files, as one.

    Raises:
        MalformedFile: there is none, or its table of categories cannot be read.
    """
    roots = voc_roots(files, problems)
    if not roots:
        raise MalformedFile(f"There is no folder {CLASSES}, {OBJECTS} or {XML}.")
    meaning = voc_meaning(files, roots, problems)
    images = _images(files, roots, meaning, problems)
    total = sum(len(root.images()) for root in roots)
    return Dataset("voc", meaning.table.categories, images, total)


def _images(
    files: Files, roots: list[VocRoot], meaning: VocMeaning, problems: Problems
) -> Iterator[DatasetImage]:
    maps = {
        name for root in roots for found in (root.classes, root.objects) for name in found.values()
    }
    pictures = Pictures(files, maps.__contains__)
    numbers = count(1)
    names = FileNames()
    for root in roots:
        if root.left_out():
            problems.notice(
                f"{root.path}/{LISTS}".lstrip("/"),
                "",
                f"{root.left_out()} images are neither in these lists nor have they maps: they are left out.",
            )
        for stem in root.images():
            record = _record(files, root.xml.get(stem), problems)
            wanted = (record.file_name if record else "") or root.pictures.get(stem, "")
            folder = f"{root.path}/{PICTURES}"
            picture = pictures.find(f"{folder}/{wanted}", f"{folder}/x") or pictures.find_stem(
                f"{folder}/{stem}", f"{folder}/x"
            )
            try:
                expected = pictures.known_size(picture)
                found = _annotations(files, root, stem, record, expected, meaning, problems)
                if found is None:
                    size = _size(record, pictures, picture, stem)
                    found = _boxes(root, stem, record, meaning, problems), size
            except MalformedFile as error:
                problems.add(str(error.members.get("file", stem)), "", error.detail)
                continue
            annotations, (height, width) = found
            original = record.original_name if record else ""
            file_name = original or PurePosixPath(picture or wanted or f"{stem}.jpg").name
            yield DatasetImage(
                next(numbers),
                names.of(file_name, f"{root.split(stem)}/{file_name}"),
                width,
                height,
                annotations,
                pictures.reader(picture),
                root.split(stem),
            )


def _record(files: Files, name: str | None, problems: Problems) -> VocRecord | None:
    if name is None:
        return None
    try:
        return record_of(read_xml(files, name))
    except MalformedFile as error:
        problems.add(name, "", error.detail)
        return None


def _size(
    record: VocRecord | None, pictures: Pictures, picture: str | None, stem: str
) -> tuple[int, int]:
    if picture is not None:
        width, height = pictures.size(picture)
        return height, width
    if record is None or not record.width or not record.height:
        raise MalformedFile(f"The size of {stem} is told by nothing.", file=stem)
    return record.height, record.width


def _annotations(
    files: Files,
    root: VocRoot,
    stem: str,
    record: VocRecord | None,
    expected: tuple[int, int] | None,
    meaning: VocMeaning,
    problems: Problems,
) -> tuple[tuple[Annotation, ...], tuple[int, int]] | None:
    """From the maps of an image, and their size; None where there are no maps."""
    name, objects_name = root.classes.get(stem), root.objects.get(stem)
    if name is None and objects_name is None:
        return None
    classes = objects = None
    if name is not None:
        classes = _numbers(files, name, meaning.colors, expected)
    if objects_name is not None:
        objects = _numbers(files, objects_name, _OBJECT_COLORS, expected).copy()
    if classes is not None and objects is not None and classes.shape != objects.shape:
        raise MalformedFile(f"{name} and {objects_name} are not of one size.", file=name)
    listed = record.objects if record else ()
    told = root.xml.get(stem, "")
    annotations: list[Annotation] = []
    used: set[int] = set()
    seen: set[int] = set()
    if objects is not None and objects_name is not None:
        if objects.dtype != np.uint16:  # one of 16 bits has so many objects that 255 is one
            objects[objects == VOID] = 0
        majority = {} if classes is None else _majority(objects, classes, meaning.numbers)
        for number, rle in map_to_rles(objects, objects_name).items():
            seen.add(number)
            place = number - 1
            entry = listed[place] if place < len(listed) else None
            category_id = majority.get(number)
            if category_id is None and classes is None and entry is not None:
                category_id = next(iter(meaning.called(entry.label)), None)
            if category_id is None:
                problems.add(objects_name, f"number {number}", "Nothing says what category it is.")
                continue
            if entry is not None and category_id in meaning.called(entry.label):
                used.add(place)
            else:
                entry = None
            annotations.append(_annotation(entry, category_id, rle, len(annotations)))
    if classes is not None and name is not None:
        # What belongs to no object: an annotation for each category.
        rest = classes if objects is None else np.where(objects == 0, classes, 0)
        for number, rle in map_to_rles(rest, name).items():
            if number in meaning.numbers.ids:
                id_ = meaning.numbers.ids[number]
                annotations.append(_annotation(None, id_, rle, len(annotations)))
            elif number not in meaning.numbers.voids:
                problems.add(name, f"number {number}", "No table says what category it is.")
    if objects is None and listed:
        detail = f"Without a map of objects nothing says which pixels are those of the {len(listed)} objects."
        problems.notice(told, "", detail)
    for place, entry in enumerate(listed):
        position = f"object[{place}]"
        if place + 1 in seen and place not in used:
            detail = f"{entry.label} is of another category in the maps: that one is read."
            problems.notice(told, position, detail)
        elif place not in used and objects is not None:
            problems.add(told, position, f"{entry.label} has no pixels in the maps.")
    shape = classes.shape if classes is not None else objects.shape  # type: ignore[union-attr]
    return tuple(annotations), (shape[0], shape[1])


def _numbers(
    files: Files, name: str, colors: Mapping[RGB, int], expected: tuple[int, int] | None
) -> IntegerMap:
    array = read_map(files, name, expected)
    if array.ndim == 2:
        return array
    numbers, unknown = colors_to_numbers(array, colors, name)
    if unknown:
        raise MalformedFile(f"{name} has the colour {unknown[0]}, which means nothing.", file=name)
    return numbers


def _majority(objects: IntegerMap, classes: IntegerMap, numbers: CategoryNumbers) -> dict[int, int]:
    """The category that most pixels of each object have, by the object's number."""
    inside = objects != 0
    pairs, counts = np.unique(
        objects[inside].astype(np.int64) << 32 | classes[inside].astype(np.int64),
        return_counts=True,
    )
    best: dict[int, tuple[int, int]] = {}
    for pair, size in zip(pairs.tolist(), counts.tolist(), strict=True):
        category_id = numbers.ids.get(pair & 0xFFFF_FFFF)
        if category_id is not None and size > best.get(pair >> 32, (0, 0))[0]:
            best[pair >> 32] = size, category_id
    return {number: category_id for number, (_, category_id) in best.items()}


def _annotation(entry: VocObject | None, category_id: int, rle: RLE, z_order: int) -> Annotation:
    if entry is None:
        return Annotation("", category_id, rle, z_order=z_order)
    return Annotation(
        entry.id, category_id, rle, entry.iscrowd, z_order, entry.score, entry.attributes
    )


def _boxes(
    root: VocRoot,
    stem: str,
    record: VocRecord | None,
    meaning: VocMeaning,
    problems: Problems,
) -> tuple[Annotation, ...]:
    """The objects of the XML of an image without maps, as rectangles."""
    found: list[Annotation] = []
    for place, entry in enumerate(record.objects if record else ()):
        position = f"object[{place}]"
        category_id = next(iter(meaning.called(entry.label)), None)
        if category_id is None or entry.box is None:
            detail = f"It has no box, or there is no category {entry.label!r}."
            problems.add(root.xml[stem], position, detail)
            continue
        problems.notice(root.xml[stem], position, "It has a box only: read as a rectangle.")
        more = entry.id, entry.iscrowd, entry.score, entry.attributes
        found.append(Annotation(more[0], category_id, entry.box, more[1], place, more[2], more[3]))
    return tuple(found)
