"""Label Studio JSON read: tasks of any number, with what annotators or, failing them, networks made."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote
from xml.etree.ElementTree import Element

import msgspec
import PIL.ImageColor

from segmentarium.core.annotation import Annotation
from segmentarium.core.errors import InvalidSegmentation, MalformedFile
from segmentarium.formats.base import Dataset, DatasetImage, Files
from segmentarium.formats.support.categories import CategoryTable, rgb_to_hex
from segmentarium.formats.support.json_outline import is_of_another
from segmentarium.formats.support.json_stream import walk_json
from segmentarium.formats.support.label_studio_results import Results, Tally, labels_of
from segmentarium.formats.support.pictures import SUFFIXES, Pictures, ToldNames
from segmentarium.formats.support.problems import Problems
from segmentarium.formats.support.reading import json_heads, read_json, read_xml
from segmentarium.formats.support.stems import FileNames
from segmentarium.formats.support.values import object_of, size_of, text_of

_RESULT = re.compile(rb'"result"\s*:\s*\[')
_OWN = re.compile(rb'"(from_name|to_name|original_width|model_version)"\s*:')
_DATA = re.compile(rb'"data"\s*:\s*\{')
_LISTS = re.compile(rb'"(annotations|predictions|completions)"\s*:\s*\[')
_UPLOADED = re.compile(r"(^|/)upload/\d+/[^/]+$")
# What an upload gets before its name; a UUID begins like that, too.
_PREFIX = re.compile(r"^[0-9a-f]{8}-(?=.)(?!(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b)")
_SCHEME = re.compile(r"^\w+:/+")
_COVERING_TAGS = {
    *("PolygonLabels", "BrushLabels", "RectangleLabels", "EllipseLabels"),
    *("Labels", "MagicWandLabels"),
}
_ANY = msgspec.json.Decoder(Any)


def is_label_studio(files: Files) -> bool:
    """Whether a JSON file has tasks with results."""
    return any(
        _is_document(head) and not is_of_another(head, "label-studio")
        for _, head in json_heads(files)
    )


def read_label_studio(files: Files, problems: Problems) -> Dataset:
    """All tasks among the files.

    Raises:
        MalformedFile: none can be read.
    """
    table = CategoryTable()
    for name in files.names:
        if name.lower().endswith(".xml"):
            _take_config(files, name, table, problems)
    names = [name for name in files.names if name.lower().endswith(".json")]
    names = [name for name in names if _is_document(_head(files, name))]
    documents: list[str] = []
    told = ToldNames(_look_through(files, names, documents, table, problems))
    if not documents:
        raise MalformedFile("There are no tasks of Label Studio's.")
    images = _images(files, documents, Pictures(files, told=told), table, problems)
    return Dataset("label-studio", table.categories, images)


def _look_through(
    files: Files, names: list[str], documents: list[str], table: CategoryTable, problems: Problems
) -> Iterator[tuple[str, str]]:
    """Document and path of each image; on the way labels go into the table, and what can be read into `documents`."""
    for name in names:
        try:
            for _, task in _tasks(files, name):
                for label in labels_of(task):
                    table.id_of(label)
                told = _told(task) if isinstance(task, Mapping) else []
                if told:
                    yield name, _own_path(*told[-1])
        except MalformedFile as error:
            if len(names) == 1:
                raise
            problems.add(name, str(error.members.get("position", "")), error.detail)
            continue
        documents.append(name)


def _is_document(head: bytes) -> bool:
    if _RESULT.search(head) and _OWN.search(head):
        return True
    return _DATA.search(head) is not None and _LISTS.search(head) is not None


def _head(files: Files, name: str) -> bytes:
    with files.open(name) as file:
        return file.read(1 << 20)


def _tasks(files: Files, name: str) -> Iterator[tuple[int, object]]:
    """Number and content of each task, or the error that it is."""
    if not _head(files, name).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"["):
        yield 0, read_json(files, name)
        return
    for block in walk_json(files, name):
        yield from enumerate(block.decoded(_ANY), start=block.first)


def _take_config(files: Files, name: str, table: CategoryTable, problems: Problems) -> None:
    """The labels of a labelling configuration; of other XML nothing."""
    if b"<View" not in _head(files, name):
        return
    try:
        root: Element = read_xml(files, name)
    except MalformedFile as error:
        problems.add(name, "", error.detail)
        return
    for element in root.iter():
        if element.tag in _COVERING_TAGS:
            for label in element.iter("Label"):
                if label.get("value"):
                    table.id_of(label.get("value", ""), color=_color(label.get("background", "")))


def _color(text: str) -> str | None:
    try:
        red, green, blue, *_ = PIL.ImageColor.getrgb(text)
    except ValueError:
        return None
    return rgb_to_hex(red, green, blue)


def _images(
    files: Files,
    documents: list[str],
    pictures: Pictures,
    table: CategoryTable,
    problems: Problems,
) -> Iterator[DatasetImage]:
    names, numbers = FileNames(), itertools.count(1)
    paths: set[str] = set()
    for name in documents:
        tally = Tally()
        for at, task in _tasks(files, name):
            position = f"[{at}]"
            try:
                if isinstance(task, Exception):
                    raise InvalidSegmentation(str(task))
                task = object_of(task, "task")
                data = task.get("data")
                data = data if isinstance(data, Mapping) else {}
                where = name, position
                file_name, path, picture = _picture(task, where, pictures, problems)
                results = Results(name, position, task, problems, tally)
                size = results.size or size_of(data.get("width"), data.get("height"))
                if size is None and picture is not None:
                    size = pictures.size(picture)
                if size is None:
                    raise InvalidSegmentation("The image's size is not known.")
            except (InvalidSegmentation, MalformedFile) as error:
                problems.add(name, position, error.detail)
                continue
            annotations: tuple[Annotation, ...] = tuple(results.annotations(table, size))
            # Of a second image of the name the folders are kept; of the same image again there is nothing to tell.
            other = file_name if path in paths else path
            paths.add(path)
            yield DatasetImage(
                next(numbers),
                names.of(file_name, other),
                *size,
                annotations,
                pictures.reader(picture),
                text_of(data.get("split")),
            )
        tally.tell(name, problems)


def _picture(
    task: Mapping[str, object],
    where: tuple[str, str],
    pictures: Pictures,
    problems: Problems,
) -> tuple[str, str, str | None]:
    """The image's name, the path that it has, and its picture if it is at hand."""
    told = _told(task)
    for path, name in told:
        found = pictures.find(_SCHEME.sub("", path), where[0])
        if found is not None:
            is_upload = name != PurePosixPath(path).name
            return _plain(found, is_upload=is_upload), found, found
    for path, name in told:
        found = None
        if name != PurePosixPath(path).name:
            found = pictures.find(_own_path(path, name), where[0])
        if found is not None:
            return PurePosixPath(found).name, found, found
    if told:
        return told[0][1], _own_path(*told[0]), None
    if len(pictures.names) == 1:
        only = pictures.names[0]
        problems.notice(*where, f"The task names no image; {only} is the only one.")
        return PurePosixPath(only).name, only, only
    raise InvalidSegmentation("The task names no image.")


def _told(task: Mapping[str, object]) -> list[tuple[str, str]]:
    """The paths that a task gives its image, each with the name that the image has by it."""
    data = task.get("data")
    data = data if isinstance(data, Mapping) else {}
    said = [_path(text_of(one)) for one in (data.get("image"), *data.values())]
    paths = [path for path in said if _is_picture(path)] or said[:1]
    # What was uploaded is the image, or else the list that the task came in.
    uploaded = [path for path in [text_of(task.get("file_upload"))] if _is_picture(path)]
    exact = [path for path in (*uploaded, *paths[:1]) if path]
    return [(path, _plain(path, is_upload=path in uploaded)) for path in exact]


def _own_path(path: str, name: str) -> str:
    """A path by which images of one name keep apart: of uploads by what was put before it."""
    before = PurePosixPath(path).name.removesuffix(name).strip("-")
    return f"{before}/{name}" if before else _SCHEME.sub("", path)


def _path(address: str) -> str:
    """The path within an address: what local storage says after `?d=`, else all before the question mark."""
    return unquote(address.partition("?d=")[2] or address.partition("?")[0])


def _is_picture(path: str) -> bool:
    return PurePosixPath(path).suffix.lower() in SUFFIXES


def _plain(path: str, *, is_upload: bool = False) -> str:
    """A file's name, of an upload without what Label Studio puts before it."""
    name = PurePosixPath(path).name
    return _PREFIX.sub("", name) if is_upload or _UPLOADED.search(path) else name
