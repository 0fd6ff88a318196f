"""YOLO read: Ultralytics' and darknet's layouts, polygons and boxes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath

import numpy as np

from segmentarium.core.annotation import Annotation, Polygons, Segmentation
from segmentarium.core.errors import InvalidSegmentation, MalformedFile
from segmentarium.formats.base import Dataset, DatasetImage, Files
from segmentarium.formats.support.categories import CategoryTable
from segmentarium.formats.support.pictures import Pictures
from segmentarium.formats.support.problems import Problems
from segmentarium.formats.support.reading import box_polygon, read_text, ring_of, split_of
from segmentarium.formats.support.stems import FileNames
from segmentarium.formats.support.yolo_layout import (
    Layout,
    has_names,
    is_label,
    is_list_of_names,
    is_text,
    places,
    read_layout,
)

_TRIED = 200  # texts, to tell the format by
_CLASS = re.compile(r"^\s*(\d{1,6})(?:\.0*)?\s", re.MULTILINE)
_DECIMALS = 6  # of a pixel; what is written with fewer digits is snapped to what was meant


def is_yolo(files: Files) -> bool:
    """Whether there are names of classes, and a text that has lines of YOLO's."""
    texts = [name for name in files.names if is_text(name)]
    are_named = any(is_list_of_names(name) or has_names(files, name) for name in files.names)
    return are_named and any(is_label(files, name) for name in texts[:_TRIED])


def read_yolo(files: Files, problems: Problems) -> Dataset:
    """All pictures with the labels that lie beside them or in a folder of labels.

    Raises:
        MalformedFile: there are neither names of classes nor labels.
    """
    pictures = Pictures(files)
    layout = read_layout(files, pictures.names, problems)
    texts = [name for name in files.names if is_text(name) and name not in layout.others]
    if not texts and not any(one.by_class for one in layout.names.values()):
        raise MalformedFile("There are no labels of YOLO's, and no names of classes.")
    found = _labels(pictures.names, texts)
    for label in sorted(set(texts) - set(found.values())):
        if is_label(files, label):
            problems.add(label, "", "There is no picture of this name, so its size is not known.")
    table = CategoryTable()
    used: dict[str, set[int]] = {}
    for label in sorted(set(found.values())):
        used.setdefault(layout.names_of(label), set()).update(_classes(files, label))
    ids: dict[str, dict[int, int]] = {}
    for folder, told in layout.names.items():
        ids[folder] = {}
        for number in sorted({*told.by_class, *used.get(folder, ())}):
            name = told.by_class.get(number, f"class {number}")
            if number not in told.by_class:
                detail = f"It has no name: called {name}."
                problems.notice(told.file, f"class {number}", detail)
            ids[folder][number] = table.id_of(name)
    images = _images(files, layout, ids, pictures, found, problems)
    return Dataset("yolo", table.categories, images, len(pictures.names))


def _labels(pictures: Sequence[str], texts: Sequence[str]) -> dict[str, str]:
    """The labels of the pictures that have some: those where YOLO looks for them, else those of the same name.

    No labels are those of two pictures: one without objects, which has none, may be called as one of another split.
    """
    there = set(texts)
    found: dict[str, str] = {}
    for picture in pictures:
        label = next((name for name in places(picture) if name in there), None)
        if label is not None:
            found[picture] = label
    taken = set(found.values())
    left: dict[str, list[str]] = {}
    for name in texts:
        if name not in taken:
            left.setdefault(PurePosixPath(name).stem.casefold(), []).append(name)
    for picture in pictures:
        free = left.get(PurePosixPath(picture).stem.casefold(), [])
        if picture not in found and free:
            folders = _folders(picture)
            best = max(free, key=lambda name: len(folders & _folders(name)))
            splits = {split_of(best), split_of(picture)} - {""}
            if len(splits) < 2:
                found[picture] = best
                free.remove(best)
    return found


def _folders(name: str) -> set[str]:
    return {part.casefold() for part in PurePosixPath(name).parent.parts}


def _images(
    files: Files,
    layout: Layout,
    ids: Mapping[str, Mapping[int, int]],
    pictures: Pictures,
    labels: Mapping[str, str],
    problems: Problems,
) -> Iterator[DatasetImage]:
    names = FileNames()
    number = 0
    for picture in pictures.names:
        try:
            width, height = pictures.size(picture)
            label = labels.get(picture, "")
            text = read_text(files, label) if label else ""
        except MalformedFile as error:
            problems.add(picture, "", error.detail)
            continue
        own = layout.names_of(label)
        poses = layout.names[own].keypoint_numbers
        annotations = _annotations(label, text, poses, ids[own], width, height, problems)
        number += 1
        yield DatasetImage(
            number,
            names.of(PurePosixPath(picture).name, picture),
            width,
            height,
            tuple(annotations),
            pictures.reader(picture),
            layout.split(picture),
        )


def _annotations(
    name: str,
    text: str,
    keypoint_numbers: int,
    ids: Mapping[int, int],
    width: int,
    height: int,
    problems: Problems,
) -> list[Annotation]:
    found: list[Annotation] = []
    boxes = poses = 0
    for line, content in enumerate(text.splitlines(), start=1):
        words = content.split()
        if not words:
            continue
        try:
            number, values = _class(words[0]), [float(word) for word in words[1:]]
            if keypoint_numbers and len(values) - keypoint_numbers in {4, 5}:
                del values[4 : 4 + keypoint_numbers]
                poses += 1
            segmentation, score = _segmentation(values, width, height)
        except (ValueError, InvalidSegmentation) as error:
            problems.add(name, f"line {line}", str(error))
            continue
        boxes += len(values) in {4, 5}
        found.append(Annotation("", ids[number], segmentation, z_order=len(found), score=score))
    if boxes:
        problems.notice(name, "", f"Boxes only: {boxes} lines are read as rectangles.")
    if poses:
        problems.notice(name, "", f"Keypoints are not kept: {poses} lines have some.")
    return found


def _segmentation(
    values: list[float], width: int, height: int
) -> tuple[Segmentation, float | None]:
    score = values.pop() if len(values) % 2 else None
    if score is not None and not 0 <= score <= 1:
        raise InvalidSegmentation("A line has a class and pairs of numbers.")
    if len(values) == 4:
        x, y, w, h = values
        box = box_polygon((x - w / 2) * width, (y - h / 2) * height, w * width, h * height)
        return box, score
    ring = ring_of(np.array(values).reshape(-1, 2)) * (width, height)
    return Polygons(((ring_of(ring.round(_DECIMALS)),),)), score


def _class(word: str) -> int:
    whole, _, rest = word.partition(".")
    if not (whole.isascii() and whole.isdecimal() and len(whole) <= 6) or rest.strip("0"):
        raise ValueError(f"{word[:60]!r} is no number of a class.")
    return int(whole)


def _classes(files: Files, label: str) -> set[int]:
    """The classes that are used."""
    try:
        # The lines that are read later on, not only those that end with a line feed.
        lines = "\n".join(read_text(files, label).splitlines())
    except MalformedFile:
        return set()  # said when its image is read
    return set(map(int, _CLASS.findall(lines)))
