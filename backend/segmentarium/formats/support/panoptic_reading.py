"""COCO panoptic read: documents of any size, a record at a time, and the maps they name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import PurePosixPath
from typing import Any

import msgspec
import numpy as np

from segmentarium.core.annotation import Annotation
from segmentarium.core.errors import MalformedFile
from segmentarium.core.rle import RLE
from segmentarium.core.segment_map import rgb_to_ids
from segmentarium.formats.base import Dataset, DatasetImage, Files
from segmentarium.formats.support.categories import CategoryTable
from segmentarium.formats.support.coco_entries import Key
from segmentarium.formats.support.coco_reading import take_categories
from segmentarium.formats.support.json_stream import Block, walk_json
from segmentarium.formats.support.maps import map_to_rles
from segmentarium.formats.support.pictures import Pictures
from segmentarium.formats.support.png import read_map
from segmentarium.formats.support.problems import Problems
from segmentarium.formats.support.reading import is_size, json_ends, key_of
from segmentarium.formats.support.splits import document_split, told_split
from segmentarium.formats.support.values import said_score

_SEGMENTS = b'"segments_info"'


class _Image(msgspec.Struct):
    id: Any = None
    file_name: Any = None
    width: Any = None
    height: Any = None


class _Record(msgspec.Struct):
    image_id: Any = None
    file_name: Any = None
    segments_info: Any = None


_IMAGE, _RECORD = msgspec.json.Decoder(_Image), msgspec.json.Decoder(_Record)


@dataclass(slots=True)
class _Document:
    """One JSON file: its images and categories, and the folders where its maps may lie."""

    name: str
    folders: tuple[str, ...]
    split: str = ""
    images: dict[Key, _Image] = field(default_factory=dict)
    unclear: set[Key] = field(default_factory=set)  # ids of several images
    categories: dict[Key, int] = field(default_factory=dict)


def panoptic_documents(files: Files) -> list[str]:
    """JSON files that have COCO panoptic's records, among those that have a folder of their name or are called so."""
    folders = {PurePosixPath(name).parent.name for name in files.names if _is_png(name)}
    return [
        name
        for name in files.names
        if name.lower().endswith(".json")
        and (PurePosixPath(name).stem in folders or "panoptic" in PurePosixPath(name).name.lower())
        and _SEGMENTS in json_ends(files, name)
    ]


def read_panoptic(files: Files, problems: Problems) -> Dataset:
    """All panoptic documents among the files, as one dataset.

    Raises:
        MalformedFile: none can be read.
    """
    table = CategoryTable()
    names = panoptic_documents(files)
    documents: list[_Document] = []
    for name in names:
        try:
            document = _look_through(files, name, table, problems)
            document.split = document.split or document_split(name, len(names) > 1)
            documents.append(document)
        except MalformedFile as error:
            if len(names) == 1:
                raise
            problems.add(name, str(error.members.get("position", "")), error.detail)
    if not documents:
        raise MalformedFile("There is no COCO panoptic document that can be read.")
    return Dataset(
        PurePosixPath(documents[0].name).stem,
        table.categories,
        _images(files, documents, problems),
        sum(len(document.images) for document in documents),
    )


def _look_through(files: Files, name: str, table: CategoryTable, problems: Problems) -> _Document:
    document = _Document(name, _folders(files, name))
    for block in walk_json(files, name):
        if block.key == "images":
            _take_images(document, block, problems)
        elif block.key == "categories":
            document.categories |= take_categories(name, block, table, problems)
        elif block.key == "info":
            document.split = told_split(block)
    if not document.images or not document.categories:
        raise MalformedFile(f"{name} lists no images or no categories.", file=name)
    return document


def _folders(files: Files, name: str) -> tuple[str, ...]:
    """Where the maps of a document are: in the folder that panopticapi takes, others of its name, or beside it."""
    stem = PurePosixPath(name).stem
    parents = {str(PurePosixPath(one).parent) for one in files.names if _is_png(one)}
    own = str(PurePosixPath(name).with_suffix(""))
    if own in parents:
        return (own,)
    named = sorted(one for one in parents if PurePosixPath(one).name == stem)
    return tuple(named) or (str(PurePosixPath(name).parent),)


def _take_images(document: _Document, block: Block, problems: Problems) -> None:
    for number, entry in enumerate(block.decoded(_IMAGE), start=block.first):
        position = f"images[{number}]"
        key = key_of(getattr(entry, "id", None))
        if isinstance(entry, Exception):
            problems.add(document.name, position, str(entry))
        elif key is None or not isinstance(entry.file_name, str):
            problems.add(document.name, position, "An image has an id and a file name.")
        elif key in document.images:
            if entry.file_name != document.images[key].file_name:
                document.unclear.add(key)
            problems.add(document.name, position, f"The id {key!r} is another image's already.")
        else:
            document.images[key] = entry


def _images(files: Files, documents: list[_Document], problems: Problems) -> Iterator[DatasetImage]:
    folders = {folder for document in documents for folder in document.folders}

    def is_map(name: str) -> bool:
        return _is_png(name) and str(PurePosixPath(name).parent) in folders

    maps = Pictures(files, lambda name: not is_map(name))
    pictures = Pictures(files, is_map)
    numbers = count(1)
    for document in documents:
        left = dict(document.images)
        for block in walk_json(files, document.name):
            if block.key != "annotations":
                continue
            for place, record in enumerate(block.decoded(_RECORD), start=block.first):
                position = f"annotations[{place}]"
                key = key_of(getattr(record, "image_id", None))
                is_unclear = key in document.unclear
                image = None if key is None or is_unclear else left.pop(key, None)
                if isinstance(record, Exception):
                    problems.add(document.name, position, str(record))
                elif is_unclear:
                    detail = "Several images have the id that it names."
                    problems.add(document.name, position, detail)
                elif image is None:
                    detail = "Its image is not in the list of images, or had its record already."
                    problems.add(document.name, position, detail)
                else:
                    expected = pictures.known_size(_picture(document, pictures, image))
                    try:
                        found = _annotations(
                            files, document, maps, image, record, place, expected, problems
                        )
                    except MalformedFile as error:
                        problems.add(document.name, position, error.detail)
                        continue
                    yield _dataset_image(document, pictures, image, next(numbers), *found)
        for image in left.values():
            if is_size(image.width) and is_size(image.height):
                size = int(image.height), int(image.width)
                yield _dataset_image(document, pictures, image, next(numbers), (), size)
            else:
                problems.add(document.name, str(image.file_name), "Its size is not known.")


def _dataset_image(
    document: _Document,
    pictures: Pictures,
    image: _Image,
    number: int,
    annotations: tuple[Annotation, ...],
    size: tuple[int, int],
) -> DatasetImage:
    read_bytes = pictures.reader(_picture(document, pictures, image))
    height, width = size
    return DatasetImage(
        number, str(image.file_name), width, height, annotations, read_bytes, document.split
    )


def _picture(document: _Document, pictures: Pictures, image: _Image) -> str | None:
    file_name = str(image.file_name)
    wanted = f"{document.split}/{file_name}" if document.split else file_name
    return pictures.find(wanted, document.name)


def _annotations(
    files: Files,
    document: _Document,
    maps: Pictures,
    image: _Image,
    record: _Record,
    place: int,
    expected: tuple[int, int] | None,
    problems: Problems,
) -> tuple[tuple[Annotation, ...], tuple[int, int]]:
    """The annotations of a record and the size of its map."""
    if not isinstance(record.file_name, str) or not isinstance(record.segments_info, list):
        raise MalformedFile("A record names its map and has a list of segments.")
    name = maps.find(f"{document.folders[0]}/{record.file_name}", document.name)
    if name is None:
        raise MalformedFile(f"There is no map {record.file_name!r}.")
    array = read_map(files, name, expected)
    ids = rgb_to_ids(array[..., :3].astype(np.uint8)) if array.ndim == 3 else array
    height, width = ids.shape
    if is_size(image.width) and (image.height, image.width) != (height, width):
        raise MalformedFile(
            f"{name} is {width} × {height} pixels large, not {image.width} × {image.height}."
        )
    rles = map_to_rles(ids, name)
    annotations: list[Annotation] = []
    for at, segment in enumerate(record.segments_info):
        position = f"annotations[{place}].segments_info[{at}]"
        number = key_of(segment.get("id")) if isinstance(segment, Mapping) else None
        if not isinstance(number, int):
            problems.add(document.name, position, "A segment has a number as its id.")
            continue
        key = key_of(segment.get("category_id"))
        category_id = None if key is None else document.categories.get(key)
        rle = rles.pop(number, None)
        if category_id is None:
            detail = f"There is no category {segment.get('category_id')!r}."
            problems.add(document.name, position, detail)
        elif rle is None:
            problems.add(document.name, position, f"{name} has no pixel of the id {number}.")
        else:
            annotations.append(_annotation(segment, number, category_id, rle, len(annotations)))
    for number in rles:
        problems.add(name, f"id {number}", f"{document.name} does not say what it is.")
    return tuple(annotations), (height, width)


def _annotation(
    segment: Mapping[str, Any], number: int, category_id: int, rle: RLE, z_order: int
) -> Annotation:
    uuid, score, attributes = (segment.get(key) for key in ("uuid", "score", "attributes"))
    return Annotation(
        id=uuid if isinstance(uuid, str) else str(number),
        category_id=category_id,
        segmentation=rle,
        iscrowd=segment.get("iscrowd") == 1,
        z_order=z_order,
        score=said_score(score),
        attributes=attributes if isinstance(attributes, Mapping) else {},
    )


def _is_png(name: str) -> bool:
    return name.lower().endswith(".png")
