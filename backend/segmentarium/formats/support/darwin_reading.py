"""Darwin JSON 2.0 read: polygons of many paths, boxes, ellipses, and masks out of raster layers."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

import msgspec

from segmentarium.core.annotation import Annotation, Ring, Segmentation
from segmentarium.core.errors import InvalidSegmentation, MalformedFile
from segmentarium.formats.base import Dataset, DatasetImage, Files
from segmentarium.formats.support.categories import CategoryTable, rgb_to_hex
from segmentarium.formats.support.json_outline import is_of_another
from segmentarium.formats.support.pictures import Pictures, ToldNames
from segmentarium.formats.support.problems import Problems
from segmentarium.formats.support.raster_layer import RasterLayer
from segmentarium.formats.support.reading import (
    box_polygon,
    ellipse_polygon,
    json_heads,
    read_json,
    ring_of,
    split_of,
)
from segmentarium.formats.support.rings import rings_to_polygons
from segmentarium.formats.support.stems import FileNames
from segmentarium.formats.support.taken_names import named_back
from segmentarium.formats.support.values import (
    list_of,
    number_of,
    object_of,
    said_score,
    size_of,
    text_of,
)

METADATA = ".v7/metadata.json"
CROWD = "iscrowd"
_ITEM = re.compile(rb'"item"\s*:\s*\{')
_ANNOTATIONS = re.compile(rb'"annotations"\s*:\s*\[')
_COVERING = ("polygon", "mask", "ellipse", "bounding_box")  # a polygon has a box besides
_FLAT = {
    *("tag", "keypoint", "line", "skeleton", "cuboid", "eye", "string", "table"),
    *("simple_table", "graph", "link"),
}
_COLOR = re.compile(r"rgba?\(\s*(\d{1,3})\s*,\s*(\d{1,3})\s*,\s*(\d{1,3})")


class _Document(msgspec.Struct):
    item: dict[str, Any]
    annotations: list[Any]


def is_darwin(files: Files) -> bool:
    """Whether a JSON file is an item with annotations."""
    return any(
        _ITEM.search(head) and _ANNOTATIONS.search(head) and not is_of_another(head, "darwin")
        for _, head in json_heads(files)
    )


def read_darwin(files: Files, problems: Problems) -> Dataset:
    """All documents among the files.

    Raises:
        MalformedFile: there is none that can be read.
    """
    table = CategoryTable()
    documents: list[str] = []
    paths: list[tuple[str, str]] = []
    failures: list[MalformedFile] = []
    for name in files.names:
        if name.endswith(METADATA):
            _take_metadata(files, name, table, problems)
    for name in files.names:
        if not name.lower().endswith(".json") or name.endswith(METADATA):
            continue
        try:
            document: _Document = read_json(files, name, _Document)
        except MalformedFile as error:
            failures.append(error)
            continue
        documents.append(name)
        paths.append((name, "/".join(_place(document.item))))
        for label in _labels(document):
            table.id_of(label)
    if not documents:
        raise failures[0] if failures else MalformedFile("There is no Darwin JSON.")
    for failure in failures:
        problems.add(str(failure.members.get("file", "")), "", failure.detail)
    images = _images(documents, Pictures(files, told=ToldNames(paths)), files, table, problems)
    return Dataset("darwin", table.categories, images, len(documents))


def _labels(document: _Document) -> Iterator[str]:
    """The names of what covers something."""
    for entry in document.annotations:
        is_covering = isinstance(entry, dict) and any(kind in entry for kind in _COVERING)
        if is_covering and text_of(entry.get("name")):
            yield text_of(entry.get("name"))


def _take_metadata(files: Files, name: str, table: CategoryTable, problems: Problems) -> None:
    try:
        metadata = read_json(files, name, dict[str, Any])
    except MalformedFile as error:
        problems.add(name, "", error.detail)
        return
    classes = metadata.get("classes")
    for entry in classes if isinstance(classes, list) else []:
        if not isinstance(entry, dict) or entry.get("type") not in _COVERING:
            continue
        if text_of(entry.get("name")):
            table.id_of(text_of(entry.get("name")), color=_color(text_of(entry.get("color"))))


def _color(text: str) -> str | None:
    found = _COLOR.match(text)
    channels = [int(one) for one in found.groups()] if found else []
    return rgb_to_hex(*channels) if channels and max(channels) <= 255 else None


def _place(item: Mapping[str, Any]) -> tuple[str, str]:
    """Folder and name of the image."""
    return text_of(item.get("path")).strip("/"), text_of(item.get("name"))


def _images(
    documents: list[str],
    pictures: Pictures,
    files: Files,
    table: CategoryTable,
    problems: Problems,
) -> Iterator[DatasetImage]:
    names, numbers = FileNames(), itertools.count(1)
    for name in documents:
        try:
            document: _Document = read_json(files, name, _Document)
            item = document.item
            folder, given = _place(item)
            if not given:
                raise MalformedFile("The item has no name.")
            slot = _slot(item)
            picture = pictures.find(f"{folder}/{given}", name)
            size = size_of(slot.get("width"), slot.get("height"))
            if size is None and picture is not None:
                size = pictures.size(picture)
            if size is None:
                raise MalformedFile("The image's size is not known.")
        except MalformedFile as error:
            problems.add(name, "item", error.detail)
            continue
        reader = _Reader(name, document.annotations, text_of(slot.get("slot_name")), size)
        annotations = tuple(reader.annotations(table, problems))
        yield DatasetImage(
            next(numbers),
            names.of(given, f"{folder}/{given}"),
            *size,
            annotations,
            pictures.reader(picture),
            split_of(folder) or split_of(str(PurePosixPath(name).parent)),
        )


def _slot(item: Mapping[str, Any]) -> Mapping[str, Any]:
    slots = item.get("slots")
    first = slots[0] if isinstance(slots, list) and slots else {}
    return first if isinstance(first, Mapping) else {}


class _Reader:
    """The annotations of a document."""

    def __init__(self, name: str, entries: list[Any], slot: str, size: tuple[int, int]) -> None:
        self._name, self._entries, self._slot = name, entries, slot
        width, height = size
        self._layers = [
            RasterLayer(entry["raster_layer"], height, width)
            for entry in entries
            if isinstance(entry, dict) and isinstance(entry.get("raster_layer"), dict)
        ]

    def annotations(self, table: CategoryTable, problems: Problems) -> Iterator[Annotation]:
        """Those that cover something, in the order of the list."""
        for at, given in enumerate(self._entries):
            position = f"annotations[{at}]"
            try:
                entry = object_of(given, "annotation")
                if "raster_layer" in entry:
                    continue
                kind = next((one for one in _COVERING if one in entry), "")
                flat = sorted(_FLAT & entry.keys())
                if not kind and flat:
                    problems.notice(
                        self._name, position, f"{flat[0]}: it covers nothing and is left out."
                    )
                    continue
                slots = entry.get("slot_names")
                if self._slot and isinstance(slots, list) and slots and self._slot not in slots:
                    problems.notice(self._name, position, "It is on another slot: left out.")
                    continue
                if not kind:
                    what = "a video's" if "frames" in entry else "of no known kind"
                    raise InvalidSegmentation(f"The annotation is {what}.")
                if not text_of(entry.get("name")):
                    raise InvalidSegmentation("The annotation has no name.")
                segmentation = self._segmentation(kind, entry)
                if flat:
                    problems.notice(self._name, position, f"Its {flat[0]} is not kept.")
            except InvalidSegmentation as error:
                problems.add(self._name, position, error.detail)
                continue
            yield _annotation(entry, table, segmentation, at)

    def _segmentation(self, kind: str, entry: Mapping[str, object]) -> Segmentation:
        if kind == "mask":
            return self._mask(text_of(entry.get("id")))
        shape = object_of(entry.get(kind), kind)
        if kind == "polygon":
            paths = shape.get("paths")
            if paths is None:  # as it was before the paths
                paths = [shape.get("path"), *list_of(shape.get("additional_paths", []), "paths")]
            rings = [_ring(path) for path in list_of(paths, "paths")]
            if not rings:
                raise InvalidSegmentation("The polygon has no path.")
            return rings_to_polygons(rings)
        if kind == "ellipse":
            x, y = _pair(shape.get("center"), "centre")
            radius_x, radius_y = _pair(shape.get("radius"), "radius")
            turn = number_of(shape.get("angle", 0), "angle")
            return ellipse_polygon(x, y, radius_x, radius_y, turn)
        return box_polygon(*(number_of(shape.get(key), key) for key in ("x", "y", "w", "h")))

    def _mask(self, id_: str) -> Segmentation:
        for layer in self._layers:
            if layer.has(id_):
                return layer.mask(id_)
        raise InvalidSegmentation("No raster layer has this mask.")


def _annotation(
    entry: Mapping[str, object], table: CategoryTable, segmentation: Segmentation, z_order: int
) -> Annotation:
    inference = entry.get("inference")
    confidence = inference.get("confidence") if isinstance(inference, Mapping) else None
    attributes = _attributes(entry)
    iscrowd = attributes.get(CROWD) is True
    if iscrowd:
        del attributes[CROWD]
    return Annotation(
        id=text_of(entry.get("id")),
        category_id=table.id_of(text_of(entry.get("name"))),
        segmentation=segmentation,
        iscrowd=iscrowd,
        z_order=z_order,
        score=said_score(confidence),
        attributes=named_back(attributes, {CROWD}),
    )


def _attributes(entry: Mapping[str, object]) -> dict[str, object]:
    """Darwin's attributes, which are there or not, its properties, the text and the instance id."""
    found: dict[str, object] = {}
    flags = entry.get("attributes")
    for flag in flags if isinstance(flags, list) else []:
        if isinstance(flag, str):
            found[flag] = True
    properties = entry.get("properties")
    for one in properties if isinstance(properties, list) else []:
        if not (isinstance(one, Mapping) and isinstance(one.get("name"), str)):
            continue
        key, value = one["name"], one.get("value")
        if isinstance(value, str | int | float):
            before = found.get(key)
            # Of a property that is chosen among several there is an entry for each that is.
            several = before if isinstance(before, list) else [before]
            found[key] = value if before is None else [*several, value]
    for key, member in (("text", "text"), ("instance_id", "value")):
        said = entry.get(key)
        if isinstance(said, Mapping) and isinstance(said.get(member), str | int):
            found[key] = said[member]
    return found


def _ring(path: object) -> Ring:
    return ring_of([_pair(point, "vertex") for point in list_of(path, "path")])


def _pair(value: object, what: str) -> tuple[float, float]:
    point = object_of(value, what)
    return number_of(point.get("x"), what), number_of(point.get("y"), what)
