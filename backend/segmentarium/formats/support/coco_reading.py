"""COCO instances read: any order of its lists, any size, with what other tools make of them."""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any, BinaryIO

import msgspec
import numpy as np
from numpy.typing import NDArray

from segmentarium.core.annotation import Annotation
from segmentarium.core.errors import InvalidSegmentation, MalformedFile
from segmentarium.formats.base import Dataset, DatasetImage, Files
from segmentarium.formats.support.categories import CategoryTable, color_of
from segmentarium.formats.support.coco_entries import (
    Key,
    decode_entries,
    entry_annotation,
    has_keypoints,
)
from segmentarium.formats.support.coco_plain import plain_annotations
from segmentarium.formats.support.json_outline import json_outline
from segmentarium.formats.support.json_stream import Block, walk_json
from segmentarium.formats.support.pictures import Pictures, ToldNames
from segmentarium.formats.support.problems import Problems
from segmentarium.formats.support.reading import (
    HEAD_BYTES,
    is_number,
    is_size,
    json_ends,
    json_heads,
    key_of,
)
from segmentarium.formats.support.splits import document_split, told_split

_LISTS = re.compile(rb'"(images|annotations)"\s*:\s*\[')
_OTHERS = re.compile(rb'"(segments_info|shapes|items|imgHeight|item|result)"\s*:')
_NOT_AT_TOP = {"shapes", "items", "imgHeight", "item"}
_NOT_LISTED = {"segments_info", "result"}
_RESULTS = re.compile(rb'\s*\[\s*\{[^{}\[\]]*"image_id"')
_PANOPTIC = re.compile(rb'"segments_info"\s*:')
_SECOND = re.compile(r"(captions|image_info|labels|person_keypoints|stuff)_")


class _Reference(msgspec.Struct):
    image_id: Any = None
    category_id: Any = None


class _Image(msgspec.Struct):
    id: Any = None
    file_name: Any = None
    width: Any = None
    height: Any = None
    coco_url: Any = None


class _Category(msgspec.Struct):
    id: Any = None
    name: Any = None
    supercategory: Any = None
    isthing: Any = None
    color: Any = None


_REFERENCE, _IMAGE = msgspec.json.Decoder(_Reference), msgspec.json.Decoder(_Image)
_CATEGORY = msgspec.json.Decoder(_Category)
_NEAR_BYTES = 4_096
_TOLD = np.iinfo(np.int64).max  # the owner of a record that has been called a problem already


@dataclass(slots=True)
class _Document:
    """One JSON file, looked through once: its images, and where in it their annotations lie."""

    name: str
    split: str = ""  # as it says itself
    images: list[_Image] = field(default_factory=list)
    places: dict[Key, int] = field(default_factory=dict)  # image id → its place in `images`
    unclear: set[int] = field(default_factory=set)  # places whose id another image has, too
    categories: dict[Key, int] = field(default_factory=dict)  # its category ids → the dataset's
    starts: list[NDArray[np.int64]] = field(default_factory=list)
    sizes: list[NDArray[np.int64]] = field(default_factory=list)
    # Places in `images`, or −1: none, or _TOLD.
    owners: list[NDArray[np.int64]] = field(default_factory=list)
    wanted: list[Key] = field(default_factory=list)  # owners that were not known yet, as −2 − n
    named: set[Key] = field(default_factory=set)  # categories that annotations name
    keypoints: int = 0  # annotations that have some


def is_coco(files: Files) -> bool:
    """Whether there is a JSON file with COCO's lists, and not another format's."""
    return any(_is_document(head) for _, head in json_heads(files))


def read_coco(files: Files, problems: Problems) -> Dataset:
    """All COCO documents among the files, as one dataset.

    Raises:
        MalformedFile: none can be read.
    """
    table = CategoryTable()
    documents: list[_Document] = []
    names = _documents(files, problems)
    for name in names:
        try:
            documents.append(_look_through(files, name, table, problems))
        except MalformedFile as error:
            if len(names) == 1:
                raise
            problems.add(name, str(error.members.get("position", "")), error.detail)
    if not documents:
        raise MalformedFile("There is no COCO document with images and annotations.")
    told = ToldNames((one.name, _path(image)) for one in documents for image in one.images)
    pictures = Pictures(files, told=told)
    numbers = itertools.count(1)
    images = itertools.chain.from_iterable(
        _images(files, document, pictures, problems, numbers, len(documents) > 1)
        for document in documents
    )
    title = PurePosixPath(documents[0].name).stem
    count = sum(len(document.images) for document in documents)
    return Dataset(title, table.categories, images, count)


def _documents(files: Files, problems: Problems) -> list[str]:
    """The documents that are read; of what else is COCO's it is said that it is not."""
    found: list[str] = []
    for name in files.names:
        if not name.lower().endswith(".json"):
            continue
        head = json_ends(files, name)
        if _is_document(head):
            found.append(name)
        elif _RESULTS.match(head):
            problems.notice(name, "", "A list of results names no images; it is not read.")
        elif _PANOPTIC.search(head):
            problems.notice(name, "", "Panoptic maps are a format of their own; it is not read.")
    if any(PurePosixPath(name).name.startswith("instances") for name in found):
        for name in list(found):
            # Of the same images: the same objects once more, or what covers nothing.
            if _SECOND.match(PurePosixPath(name).name):
                found.remove(name)
                problems.notice(name, "", "It is not read beside files of instances.")
    return found


def _is_document(head: bytes) -> bool:
    if _LISTS.search(head) is None:
        return False
    if _OTHERS.search(head) is None:
        return True
    # An attribute may be called as what tells another format: where the word stands decides.
    found = json_outline(head[:HEAD_BYTES])
    late = "annotations" not in found.top and _PANOPTIC.search(head[HEAD_BYTES:]) is not None
    return (
        found.is_object
        and not late
        and found.top.isdisjoint(_NOT_AT_TOP)
        and found.listed.isdisjoint(_NOT_LISTED)
    )


def _look_through(files: Files, name: str, table: CategoryTable, problems: Problems) -> _Document:
    document = _Document(name)
    for block in walk_json(files, name):
        if block.others and block.key in {"images", "categories", "annotations"}:
            detail = f"Entries that are no objects are left out: {block.others:,}."
            problems.add(name, block.key, detail)
        if block.key == "images":
            _take_images(document, block, problems)
        elif block.key == "categories":
            document.categories |= take_categories(name, block, table, problems)
        elif block.key == "annotations":
            _take_places(document, block, problems)
        elif block.key == "info":
            document.split = told_split(block)
    if not document.images:
        raise MalformedFile(f"{name} lists no images.", file=name)
    if not document.categories:
        problems.notice(name, "categories", "There are none; they are called by their numbers.")
        for key in sorted(document.named, key=str):
            document.categories[key] = table.id_of(f"category {key}")
    for at, owners in enumerate(document.owners):
        # Annotations that stood before the images: now their owners are known.
        late = owners < -1
        found = [document.places.get(document.wanted[-2 - int(one)], -1) for one in owners[late]]
        document.owners[at][late] = found
    return document


def _take_images(document: _Document, block: Block, problems: Problems) -> None:
    for number, entry in enumerate(block.decoded(_IMAGE), start=block.first):
        position = f"images[{number}]"
        key = key_of(getattr(entry, "id", None))
        if isinstance(entry, Exception):
            problems.add(document.name, position, str(entry))
        elif key is None:
            problems.add(document.name, position, "The image has no id.")
        elif key in document.places:
            place = document.places[key]
            if entry.file_name != document.images[place].file_name:
                document.unclear.add(place)
            problems.add(document.name, position, f"The id {key!r} is another image's already.")
        elif not isinstance(entry.file_name or entry.coco_url, str):
            problems.add(document.name, position, "The image has no file name.")
        else:
            document.places[key] = len(document.images)
            document.images.append(entry)


def take_categories(
    name: str, block: Block, table: CategoryTable, problems: Problems
) -> dict[Key, int]:
    """The categories of a list of COCO's, put into the table: the file's ids → the table's."""
    found: dict[Key, int] = {}
    for number, entry in enumerate(block.decoded(_CATEGORY), start=block.first):
        position = f"categories[{number}]"
        if isinstance(entry, Exception):
            problems.add(name, position, str(entry))
            continue
        key = key_of(entry.id)
        if key is None or not isinstance(entry.name, str):
            problems.add(name, position, "A category has an id and a name.")
            continue
        id_ = table.id_of(
            entry.name,
            color=color_of(entry.color),
            isthing=entry.isthing not in {0} if is_number(entry.isthing) else True,
            supercategory=entry.supercategory if isinstance(entry.supercategory, str) else "",
        )
        if id_ in found.values():
            problems.notice(
                name, position, f"Two categories are called {entry.name!r}: they are one."
            )
        found[key] = id_
    return found


def _take_places(document: _Document, block: Block, problems: Problems) -> None:
    owners = np.empty(len(block.starts), np.int64)
    places, wanted, named = document.places, document.wanted, document.named
    for at, entry in enumerate(block.decoded(_REFERENCE)):
        key, category = getattr(entry, "image_id", None), getattr(entry, "category_id", None)
        if type(key) is not int:
            key = key_of(key)
        if type(category) is not int:
            category = key_of(category)
        if category is not None:
            named.add(category)
        if key is None:
            owners[at] = _TOLD
            detail = str(entry) if isinstance(entry, Exception) else "It names no image."
            problems.add(document.name, f"annotations[{block.first + at}]", detail)
            continue
        place = places.get(key)
        if place is None:
            place = -2 - len(wanted)
            wanted.append(key)
        owners[at] = place
    document.owners.append(owners)
    document.starts.append(block.starts + block.offset)
    document.sizes.append(block.ends - block.starts)


def _images(
    files: Files,
    document: _Document,
    pictures: Pictures,
    problems: Problems,
    numbers: Iterator[int],
    are_many: bool,
) -> Iterator[DatasetImage]:
    none = np.zeros(0, np.int64)
    owners, starts, sizes = (
        np.concatenate((none, *some)) for some in (document.owners, document.starts, document.sizes)
    )
    for at in np.flatnonzero(owners == -1).tolist():
        problems.add(document.name, f"annotations[{at}]", "Its image is not in the list of images.")
    unclear = np.isin(owners, list(document.unclear))
    for at in np.flatnonzero(unclear).tolist():
        detail = "Several images have the id that it names."
        problems.add(document.name, f"annotations[{at}]", detail)
    owners[unclear] = _TOLD
    order = np.argsort(owners, kind="stable")
    bounds = np.searchsorted(owners[order], np.arange(len(document.images) + 1))
    split = document.split or document_split(document.name, are_many)
    with files.path(document.name).open("rb") as file:
        for place, entry in enumerate(document.images):
            own = order[bounds[place] : bounds[place + 1]]
            data = list(zip(own.tolist(), _pieces(file, starts[own], sizes[own]), strict=True))
            image = _image(document, entry, place, pictures, problems, data, next(numbers), split)
            if image is not None:
                yield image
    if document.keypoints:
        detail = f"Keypoints are not kept: {document.keypoints:,} annotations have some."
        problems.notice(document.name, "annotations", detail)


def _path(entry: _Image) -> str:
    return str(entry.file_name or entry.coco_url)


def _pieces(file: BinaryIO, starts: NDArray[np.int64], sizes: NDArray[np.int64]) -> list[bytes]:
    """Pieces of a file, in rising order; in one go where they lie close together."""
    if not starts.size:
        return []
    first, last = int(starts[0]), int(starts[-1] + sizes[-1])
    if last - first <= 2 * int(sizes.sum()) + _NEAR_BYTES:
        whole = os.pread(file.fileno(), last - first, first)
        bounds = zip((starts - first).tolist(), (starts + sizes - first).tolist(), strict=True)
        return [whole[start:end] for start, end in bounds]
    return [
        os.pread(file.fileno(), size, start)
        for start, size in zip(starts.tolist(), sizes.tolist(), strict=True)
    ]


def _image(
    document: _Document,
    entry: _Image,
    place: int,
    pictures: Pictures,
    problems: Problems,
    data: list[tuple[int, bytes]],
    number: int,
    split: str,
) -> DatasetImage | None:
    file_name = _path(entry)
    picture = pictures.find(file_name, document.name)
    width, height = entry.width, entry.height
    if not (is_size(width) and is_size(height)):
        if picture is None:
            problems.add(document.name, f"images[{place}]", "Its size is not known.")
            return None
        try:
            width, height = pictures.size(picture)
        except MalformedFile as error:
            problems.add(document.name, f"images[{place}]", error.detail)
            return None
    pieces = [piece for _, piece in data]
    plain = plain_annotations(pieces, document.categories, int(height), int(width))
    found: list[Annotation] = [] if plain is None else plain
    rest = zip(data, decode_entries(pieces), strict=True) if plain is None else ()
    for (at, _), given in rest:
        if isinstance(given, Exception):
            problems.add(document.name, f"annotations[{at}]", str(given))
            continue
        try:
            annotation = entry_annotation(
                given, document.categories, int(height), int(width), len(found)
            )
        except InvalidSegmentation as error:
            problems.add(document.name, f"annotations[{at}]", str(error))
            continue
        if not given.segmentation:
            position = f"annotations[{at}]"
            problems.notice(document.name, position, "It has a box only: read as a rectangle.")
        if given.attributes and not isinstance(given.attributes, dict):
            position = f"annotations[{at}].attributes"
            problems.add(document.name, position, "They are no JSON object, and left out.")
        document.keypoints += has_keypoints(given)
        found.append(annotation)
    return DatasetImage(
        number, file_name, int(width), int(height), tuple(found), pictures.reader(picture), split
    )
