"""YOLO read: Ultralytics' and darknet's layouts, polygons and boxes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

import numpy as np
import yaml

from segmentarium.core.annotation import Annotation, Polygons, Segmentation
from segmentarium.core.errors import InvalidSegmentation, MalformedFile
from segmentarium.formats.base import Dataset, DatasetImage, Files
from segmentarium.formats.support.categories import CategoryTable
from segmentarium.formats.support.pictures import Pictures
from segmentarium.formats.support.problems import Problems
from segmentarium.formats.support.reading import (
    box_polygon,
    named_split,
    read_text,
    ring_of,
    split_of,
)
from segmentarium.formats.support.stems import FileNames

_NAME_FILES = {"obj.names", "classes.txt", "data.names", "predefined_classes.txt"}
_MAX_YAML_BYTES = 1_000_000
_MAX_CLASS = 100_000
_TRIED = 200  # texts, to tell the format by
UNSPLIT = (
    "unsplit"  # our own key for the folder of images without a split, beside others that have one
)
_SPLIT_KEYS = {"train", "val", "valid", "test"}
_LABEL = re.compile(rb"\s*\d{1,6}(?:\.0*)?(?:[ \t]+[-+.\deE]+){4,}[ \t]*(?:\r?\n|$)")
_CLASS = re.compile(r"^\s*(\d{1,6})(?:\.0*)?\s", re.MULTILINE)
_DECIMALS = 6  # of a pixel; what is written with fewer digits is snapped to what was meant


@dataclass(slots=True)
class _Layout:
    """What the files beside the labels say: names by class, and the split of a folder or of a picture's name."""

    names: dict[int, str] = field(default_factory=dict)
    folders: list[tuple[str, str]] = field(default_factory=list)  # split, folder
    listed: dict[str, str] = field(default_factory=dict)  # picture's name → split
    others: set[str] = field(default_factory=set)  # texts that are no labels
    keypoint_numbers: int = 0  # behind the box of a line, where the labels are of poses


def is_yolo(files: Files) -> bool:
    """Whether there are names of classes, and a text that has lines of YOLO's."""
    texts = [name for name in files.names if _is_text(name)]
    has_names = any(
        PurePosixPath(name).name.lower() in _NAME_FILES
        or (_is_yaml(name) and b"names:" in _head(files, name))
        for name in files.names
    )
    return has_names and any(_is_label(files, name) for name in texts[:_TRIED])


def read_yolo(files: Files, problems: Problems) -> Dataset:
    """All pictures with the labels that lie beside them or in a folder of labels.

    Raises:
        MalformedFile: there are neither names of classes nor labels.
    """
    layout = _layout(files, problems)
    texts = [name for name in files.names if _is_text(name) and name not in layout.others]
    if not texts and not layout.names:
        raise MalformedFile("There are no labels of YOLO's, and no names of classes.")
    pictures = Pictures(files)
    found = _labels(pictures.names, texts)
    for label in sorted(set(texts) - set(found.values())):
        if _is_label(files, label):
            problems.add(label, "", "There is no picture of this name, so its size is not known.")
    table = CategoryTable()
    used = _classes(files, sorted(set(found.values())), problems)
    for number in sorted({*layout.names, *used}):
        if number not in layout.names:
            problems.notice("", f"class {number}", f"It has no name: called class {number}.")
            layout.names[number] = f"class {number}"
    ids = {number: table.id_of(layout.names[number]) for number in sorted(layout.names)}
    images = _images(files, layout, ids, pictures, found, problems)
    return Dataset("yolo", table.categories, images, len(pictures.names))


def _labels(pictures: Sequence[str], texts: Sequence[str]) -> dict[str, str]:
    """The labels of the pictures that have some: those where YOLO looks for them, else those of the same name.

    No labels are those of two pictures: one without objects, which has none, may be called as one of another split.
    """
    there = set(texts)
    found: dict[str, str] = {}
    for picture in pictures:
        label = next((name for name in _places(picture) if name in there), None)
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


def _places(picture: str) -> Iterator[str]:
    """Where YOLO looks for a picture's labels: `labels` in the place of `images`, then beside it."""
    parts = PurePosixPath(picture).with_suffix(".txt").parts
    for at in range(len(parts) - 2, -1, -1):
        if parts[at].casefold() == "images":
            yield "/".join((*parts[:at], "labels", *parts[at + 1 :]))
    yield "/".join(parts)


def _folders(name: str) -> set[str]:
    return {part.casefold() for part in PurePosixPath(name).parent.parts}


def _images(
    files: Files,
    layout: _Layout,
    ids: Mapping[int, int],
    pictures: Pictures,
    labels: Mapping[str, str],
    problems: Problems,
) -> Iterator[DatasetImage]:
    names = FileNames()
    number = 0
    for picture in pictures.names:
        try:
            width, height = pictures.size(picture)
            label = labels.get(picture)
            text = "" if label is None else read_text(files, label)
        except MalformedFile as error:
            problems.add(picture, "", error.detail)
            continue
        annotations = _annotations(label or "", text, layout, ids, width, height, problems)
        number += 1
        yield DatasetImage(
            number,
            names.of(PurePosixPath(picture).name, picture),
            width,
            height,
            tuple(annotations),
            pictures.reader(picture),
            _split(layout, picture),
        )


def _annotations(
    name: str,
    text: str,
    layout: _Layout,
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
            if layout.keypoint_numbers and len(values) - layout.keypoint_numbers in {4, 5}:
                del values[4 : 4 + layout.keypoint_numbers]
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


def _classes(files: Files, labels: list[str], problems: Problems) -> set[int]:
    """The classes that are used."""
    used: set[int] = set()
    for name in labels:
        try:
            # The lines that are read later on, not only those that end with a line feed.
            lines = "\n".join(read_text(files, name).splitlines())
            used.update(map(int, _CLASS.findall(lines)))
        except MalformedFile:
            continue  # said when its image is read
    return used


def _split(layout: _Layout, picture: str) -> str:
    listed = layout.listed.get(PurePosixPath(picture).name.casefold())
    if listed is not None:
        return listed
    path = f"/{picture.casefold()}"
    within = [(split, folder) for split, folder in layout.folders if f"/{folder}/" in path]
    nearest = max((len(folder) for _, folder in within), default=0)
    within = [(split, folder) for split, folder in within if len(folder) == nearest]
    # A folder may be named for several: for training there must be one.
    own = {split for split, folder in within if folder == f"images/{split}".rstrip("/").casefold()}
    said = own or {split for split, _ in within}
    return said.pop() if len(said) == 1 else split_of(str(PurePosixPath(picture).parent))


def _layout(files: Files, problems: Problems) -> _Layout:
    layout = _Layout()
    for name in files.names:
        try:
            _take(files, name, layout, problems)
        except MalformedFile as error:
            problems.add(name, "", error.detail)
    return layout


def _take(files: Files, name: str, layout: _Layout, problems: Problems) -> None:
    file_name = PurePosixPath(name).name.lower()
    if file_name in _NAME_FILES or file_name.endswith(".names"):
        layout.others.add(name)
        if not layout.names:
            lines = read_text(files, name).splitlines()
            layout.names = {at: one.strip() for at, one in enumerate(lines) if one.strip()}
    elif _is_yaml(name) and b"names:" in _head(files, name):
        _take_yaml(files, name, layout, problems)
    elif file_name.endswith(".data"):
        pairs = (line.partition("=") for line in read_text(files, name).splitlines())
        _take_splits(files, {key.strip(): value.strip() for key, _, value in pairs}, layout)


def _take_yaml(files: Files, name: str, layout: _Layout, problems: Problems) -> None:
    try:
        # The base loader leaves everything text: a class called `no` is not made false.
        content = yaml.load(read_text(files, name), yaml.BaseLoader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise MalformedFile(f"{name} is no YAML: {str(error)[:200]}", file=name) from error
    if not isinstance(content, dict):
        problems.add(name, "", "It is no object with names.")
        return
    names = content.get("names")
    pairs = list(enumerate(names)) if isinstance(names, list) else []
    if isinstance(names, dict):
        pairs = [(int(key), one) for key, one in names.items() if _is_number(key)]
    layout.names = {at: one for at, one in pairs if isinstance(one, str) and at < _MAX_CLASS}
    if not layout.names and names not in ([], {}):
        problems.add(name, "names", "It is no list of names, and no object of numbers and names.")
    shape = content.get("kpt_shape")  # points, and numbers of each
    if isinstance(shape, list) and len(shape) == 2 and all(map(_is_number, shape)):
        layout.keypoint_numbers = int(shape[0]) * int(shape[1])
    _take_splits(files, content, layout)


def _take_splits(files: Files, said: Mapping[object, object], layout: _Layout) -> None:
    for key, given in said.items():
        for place in given if isinstance(given, list) else [given]:
            if not (isinstance(key, str) and isinstance(place, str)):
                continue
            if place != f"images/{key}" and key not in {*_SPLIT_KEYS, UNSPLIT}:
                continue
            split = named_split(key, UNSPLIT)
            if place.lower().endswith(".txt"):
                _take_list(files, PurePosixPath(place).name, split, layout)
            else:
                parts = [part for part in place.split("/") if part not in {"", ".", ".."}]
                layout.folders.append((split, "/".join(parts).casefold()))


def _take_list(files: Files, wanted: str, split: str, layout: _Layout) -> None:
    for name in files.names:
        if PurePosixPath(name).name == wanted:
            layout.others.add(name)
            for line in read_text(files, name).splitlines():
                if line.strip():
                    picture = line.strip().replace("\\", "/").split("/")[-1]
                    layout.listed[picture.casefold()] = split


def _is_number(key: object) -> bool:
    return isinstance(key, str) and key.isascii() and key.isdecimal() and len(key) < 10


def _is_text(name: str) -> bool:
    return name.lower().endswith(".txt") and PurePosixPath(name).name.lower() not in _NAME_FILES


def _is_yaml(name: str) -> bool:
    return name.lower().endswith((".yaml", ".yml"))


def _head(files: Files, name: str) -> bytes:
    if files.size(name) > _MAX_YAML_BYTES:
        return b""
    with files.open(name) as file:
        return file.read(_MAX_YAML_BYTES)


def _is_label(files: Files, name: str) -> bool:
    """Whether it begins with a line of YOLO's, or is empty in a folder of labels: an image without objects."""
    if not files.size(name):
        return any(part.casefold() == "labels" for part in PurePosixPath(name).parent.parts)
    with files.open(name) as file:
        return _LABEL.match(file.read(1 << 16)) is not None
