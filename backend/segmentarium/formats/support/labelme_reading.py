"""LabelMe read: shapes of all kinds that cover something, in groups that are one annotation."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import PurePosixPath
from typing import Any

import msgspec
import numpy as np

from segmentarium.core.annotation import Annotation, FloatArray, Polygons, Segmentation
from segmentarium.core.errors import InvalidSegmentation, MalformedFile
from segmentarium.formats.base import Dataset, DatasetImage, Files
from segmentarium.formats.support.categories import CategoryTable
from segmentarium.formats.support.embedded import picture_size, text_to_mask, text_to_picture
from segmentarium.formats.support.json_outline import is_of_another
from segmentarium.formats.support.loose_json import decode_loosely
from segmentarium.formats.support.pictures import SUFFIXES, Pictures
from segmentarium.formats.support.problems import Problems
from segmentarium.formats.support.reading import (
    MAX_TEXT_BYTES,
    MAX_TREE_BYTES,
    box_polygon,
    check_bytes,
    ellipse_polygon,
    json_heads,
    read_json,
    read_text,
    ring_of,
    split_of,
)
from segmentarium.formats.support.rings import unite
from segmentarium.formats.support.row_runs import alternating_runs_to_rle, mask_to_row_runs
from segmentarium.formats.support.stems import FileNames
from segmentarium.formats.support.values import (
    object_of,
    pairs_of,
    said_score,
    size_of,
    text_of,
)

LABELS = "labels.txt"
_HEAD = re.compile(rb'"shapes"\s*:\s*\[|"shape_type"\s*:\s*"')
_SHAPES = msgspec.json.Decoder(list[Any])
_OWN = re.compile(rb'"(imagePath|imageData|lineColor|flags|version)"\s*:')
_NOT_CATEGORIES = {"__ignore__", "_background_"}  # by convention the first two lines of labels.txt
_FLAT = {"line", "linestrip", "point", "points"}


class _Label(msgspec.Struct):
    label: Any = None


class _Labels(msgspec.Struct):
    shapes: list[_Label]


class _Document(msgspec.Struct):
    shapes: msgspec.Raw  # a picture may stand beside them, which is many bytes and no tree
    imagePath: Any = None  # noqa: N815 - as LabelMe calls them
    imageData: Any = None  # noqa: N815
    imageHeight: Any = None  # noqa: N815
    imageWidth: Any = None  # noqa: N815
    split: Any = None
    flags: Any = None


def is_labelme(files: Files) -> bool:
    """Whether a JSON file has LabelMe's shapes."""
    return any(
        _HEAD.search(head) and _OWN.search(head) and not is_of_another(head, "labelme")
        for _, head in json_heads(files)
    )


def read_labelme(files: Files, problems: Problems) -> Dataset:
    """All LabelMe documents among the files.

    Raises:
        MalformedFile: there is none that can be read.
    """
    table = CategoryTable()
    for name in files.names:
        if PurePosixPath(name).name == LABELS:
            try:
                lines = [line.strip() for line in read_text(files, name).splitlines()]
            except MalformedFile as error:
                problems.add(name, "", error.detail)
                continue
            for at, line in enumerate(lines):
                if line and (at > 1 or line not in _NOT_CATEGORIES):
                    table.id_of(line)
    documents: list[str] = []
    failures: list[MalformedFile] = []
    for name in files.names:
        if not name.lower().endswith(".json"):
            continue
        try:
            labels = _labels(files, name)
        except MalformedFile as error:
            failures.append(error)
            continue
        documents.append(name)
        for label in labels:
            table.id_of(label)
    if not documents:
        raise failures[0] if failures else MalformedFile("There is no LabelMe document.")
    for failure in failures:
        problems.add(str(failure.members.get("file", "")), "", failure.detail)
    images = _images(files, documents, table, problems)
    return Dataset("labelme", table.categories, images, len(documents))


def _labels(files: Files, name: str) -> list[str]:
    """The labels of a document; nothing else of it is decoded where all shapes are objects."""
    try:
        labels: _Labels = read_json(files, name, _Labels, MAX_TEXT_BYTES)
        given = [shape.label for shape in labels.shapes]
    except MalformedFile:
        shapes = _shapes(name, _document(files, name))
        given = [shape.get("label") for shape in shapes if isinstance(shape, dict)]
    return [label for label in given if isinstance(label, str)]


def _document(files: Files, name: str) -> _Document:
    document: _Document = read_json(files, name, _Document, MAX_TEXT_BYTES)
    return document


def _shapes(name: str, document: _Document) -> list[Any]:
    data = memoryview(document.shapes)
    check_bytes(data.nbytes, f"The list of shapes of {name}", MAX_TREE_BYTES)
    try:
        shapes: list[Any] = decode_loosely(_SHAPES, bytes(data))
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise MalformedFile(f"{name}: {error}", file=name) from error
    return shapes


def _images(
    files: Files, documents: list[str], table: CategoryTable, problems: Problems
) -> Iterator[DatasetImage]:
    pictures, names, numbers = Pictures(files), FileNames(), itertools.count(1)
    flagged = 0
    for name in documents:
        try:
            document = _document(files, name)
            shapes = _shapes(name, document)
            path = text_of(document.imagePath).replace("\\", "/")
            picture = pictures.find(path, name) or pictures.find_stem(
                PurePosixPath(name).stem, name
            )
            read_bytes = pictures.reader(picture)
            if read_bytes is None and isinstance(document.imageData, str):
                read_bytes = partial(_embedded, files, name)
            size = size_of(document.imageWidth, document.imageHeight)
            if size is None and picture is not None:
                size = pictures.size(picture)
            elif size is None and isinstance(document.imageData, str):
                size = picture_size(text_to_picture(document.imageData))
        except MalformedFile as error:
            problems.add(name, "", error.detail)
            continue
        if size is None:
            problems.add(name, "imageWidth", "The image's size is not known.")
            continue
        width, height = size
        flagged += isinstance(document.flags, dict) and any(document.flags.values())
        file_name = _file_name(path, picture, name, document.imageData)
        annotations = _annotations(name, shapes, table, height, width, problems)
        yield DatasetImage(
            next(numbers),
            names.of(file_name, (PurePosixPath(name).parent / file_name).as_posix()),
            width,
            height,
            tuple(annotations),
            read_bytes,
            text_of(document.split) or split_of(str(PurePosixPath(name).parent)),
        )
    if flagged:
        detail = f"{flagged} documents have flags of the whole image: these are left out."
        problems.notice("", "", detail)


def _file_name(path: str, picture: str | None, name: str, data: object) -> str:
    if picture is not None:
        return PurePosixPath(picture).name
    if PurePosixPath(path).suffix.lower() in SUFFIXES:
        return PurePosixPath(path).name
    # Some documents name themselves instead of their picture.
    is_jpeg = isinstance(data, str) and data.startswith("/9j/")
    return f"{PurePosixPath(name).stem}{'.jpg' if is_jpeg else '.png'}"


def _embedded(files: Files, name: str) -> bytes:
    document = _document(files, name)
    return text_to_picture(text_of(document.imageData))


def _annotations(
    name: str,
    shapes: list[Any],
    table: CategoryTable,
    height: int,
    width: int,
    problems: Problems,
) -> list[Annotation]:
    groups: dict[object, list[Segmentation]] = {}
    first: dict[object, Mapping[str, object]] = {}
    for at, given in enumerate(shapes):
        position = f"shapes[{at}]"
        try:
            shape = object_of(given, "shape")
            kind = text_of(shape.get("shape_type")) or "polygon"
            if not isinstance(shape.get("label"), str):
                raise InvalidSegmentation("The shape has no label.")
            if kind in _FLAT:
                problems.notice(name, position, f"{kind}: it covers nothing and is left out.")
                continue
            segmentation = _segmentation(kind, shape, height, width)
        except InvalidSegmentation as error:
            problems.add(name, position, error.detail)
            continue
        group = shape.get("group_id")
        is_alone = isinstance(group, bool) or not isinstance(group, int | str) or group == ""
        key: object = at if is_alone else (shape["label"], group)
        groups.setdefault(key, []).append(segmentation)
        if _said(first.setdefault(key, shape)) != _said(shape):
            detail = "It is one annotation with others of its group: what is said of the first of them holds."
            problems.notice(name, position, detail)
    found: list[Annotation] = []
    for key, own in groups.items():
        try:
            segmentation = unite(own, height, width)
        except InvalidSegmentation as error:
            problems.add(name, f"group {first[key].get('group_id')}", error.detail)
            continue
        found.append(_annotation(first[key], segmentation, table, len(found)))
    return found


def _said(shape: Mapping[str, object]) -> list[object]:
    keys = ("flags", "attributes", "description", "difficult", "score", "iscrowd")
    return [shape.get(key) or None for key in keys]


def _annotation(
    shape: Mapping[str, object], segmentation: Segmentation, table: CategoryTable, z_order: int
) -> Annotation:
    attributes: dict[str, object] = {}
    for key in ("flags", "attributes"):
        given = shape.get(key)
        if isinstance(given, Mapping):
            attributes.update(given)
    if shape.get("difficult") is True:
        attributes["difficult"] = True
    if text_of(shape.get("description")):
        attributes["description"] = text_of(shape.get("description"))
    return Annotation(
        id=text_of(shape.get("id")),
        category_id=table.id_of(text_of(shape.get("label"))),
        segmentation=segmentation,
        iscrowd=shape.get("iscrowd") is True,
        z_order=z_order,
        score=said_score(shape.get("score")),
        attributes=attributes,
    )


def _segmentation(kind: str, shape: Mapping[str, object], height: int, width: int) -> Segmentation:
    points = pairs_of(shape.get("points"), "points")
    read: Callable[[FloatArray], Segmentation] | None = {
        "polygon": _polygon,
        "rectangle": _rectangle,
        "oriented_rectangle": _polygon,
        "rotation": _polygon,  # of X-AnyLabeling
        "circle": _circle,
    }.get(kind)
    if read is not None:
        return read(points)
    if kind != "mask":
        raise InvalidSegmentation(f"There are no shapes of the kind {kind!r}.")
    mask = text_to_mask(text_of(shape.get("mask")))
    if not len(points) or np.isinf(points).any():
        raise InvalidSegmentation("The mask has no place.")
    h, w = mask.shape
    x, y = map(math.floor, points.min(axis=0).tolist())
    return alternating_runs_to_rle(mask_to_row_runs(mask), (x, y, w, h), height, width)


def _polygon(points: FloatArray) -> Polygons:
    return Polygons(((ring_of(points),),))


def _rectangle(points: FloatArray) -> Polygons:
    if len(points) > 2:
        return _polygon(points)
    if len(points) < 2:
        raise InvalidSegmentation("A rectangle has two corners.")
    (x0, y0), (x1, y1) = points.tolist()
    return box_polygon(min(x0, x1), min(y0, y1), abs(x1 - x0), abs(y1 - y0))


def _circle(points: FloatArray) -> Polygons:
    if len(points) != 2:
        raise InvalidSegmentation("A circle has a centre and a point on it.")
    (x, y), edge = points.tolist()
    radius = math.dist((x, y), edge)
    return ellipse_polygon(x, y, radius, radius)
