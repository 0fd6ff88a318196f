"""What readers share: documents with limits, splits told by paths, outlines from what other tools write."""

from __future__ import annotations

import io
import os
import re
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import Any, BinaryIO, TypeGuard
from xml.etree.ElementTree import Element, ParseError

import defusedxml
import msgspec
import numpy as np
from defusedxml import ElementTree

from segmentarium.core.annotation import MAX_COORDINATE, FloatArray, Polygons, Ring
from segmentarium.core.errors import InvalidSegmentation, MalformedFile
from segmentarium.formats.base import Files
from segmentarium.formats.support.loose_json import decode_loosely
from segmentarium.formats.support.trees import (
    MAX_DEPTH,
    MAX_TREE_MEMORY,
    MAX_XML_MARKS,
    json_memory,
    xml_marks,
)

MAX_TREE_BYTES = (
    64_000_000  # of JSON or XML that is read whole: the tree of it has ten times as many
)
MAX_TEXT_BYTES = 256_000_000  # of what is read whole and becomes no tree
HEAD_BYTES = 1 << 20  # of a JSON file, to tell its format by
_TAIL_BYTES = 1 << 16
_HEADS = 12
_PIECE_BYTES = 1 << 20
_SPLITS = {
    "train": "train",
    "training": "train",
    "val": "val",
    "valid": "val",
    "validation": "val",
    "test": "test",
    "testing": "test",
}
_WORDS = re.compile(r"[a-z]+")


def read_json(files: Files, name: str, type_: Any = Any, max_bytes: int = MAX_TREE_BYTES) -> Any:
    """A JSON document, decoded whole; it may be larger where the type makes no tree of most of it.

    Raises:
        MalformedFile: it is too large, no JSON, or not of the type.
    """
    data = _read(files, name, max_bytes)
    if json_memory(data) > MAX_TREE_MEMORY:
        raise _too_many(name)
    try:
        return decode_loosely(msgspec.json.Decoder(type_), data.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise MalformedFile(f"{name}: {error}", file=name) from error
    except RecursionError as error:
        raise MalformedFile(f"{name} is nested too deep.", file=name) from error


def read_text(files: Files, name: str) -> str:
    """A text in UTF-8, with or without its mark.

    Raises:
        MalformedFile: it is too large, or no UTF-8.
    """
    try:
        return _read(files, name, MAX_TEXT_BYTES).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise MalformedFile(f"{name} is not text in UTF-8.", file=name) from error


def read_xml(files: Files, name: str) -> Element:
    """An XML document; one that declares entities is refused.

    Raises:
        MalformedFile: it is too large, nested too deep, no XML, or has a document type.
    """
    data = _read(files, name, MAX_TREE_BYTES)
    if xml_marks(data) > MAX_XML_MARKS:
        raise _too_many(name)
    # The last event is the end of the outermost element.
    ((_, root, _),) = deque(_xml_events(_Pieces(io.BytesIO(data), name), name), maxlen=1)
    return root


def walk_xml(files: Files, name: str, *tags: str) -> Iterator[Element]:
    """The elements with these tags, each whole and then let go, of a document of any size.

    Raises:
        MalformedFile: it is no XML, has a document type, or an element that is too large.
    """
    root: Element | None = None
    with files.open(name) as file:
        pieces = _Pieces(file, name)
        for event, element, depth in _xml_events(pieces, name):
            root = element if root is None else root
            if event == "end" and element.tag in tags:
                yield element
            # What is done with is let go, or the tree would grow with the file.
            if event == "end" and depth == 1:
                root.clear()
                pieces.begin()


def _xml_events(pieces: _Pieces, name: str) -> Iterator[tuple[str, Element, int]]:
    """The start and the end of each element, and how many are open behind that."""
    depth = 0
    events = ElementTree.iterparse(pieces, events=("start", "end"), forbid_dtd=True)
    try:
        for event, element in events:
            depth += 1 if event == "start" else -1
            if depth > MAX_DEPTH:
                raise MalformedFile(f"{name} is nested deeper than {MAX_DEPTH}.", file=name)
            yield event, element, depth
    except (ParseError, ValueError, LookupError) as error:
        raise _bad_xml(name, error) from error


class _Pieces:
    """A file that is read in pieces, none of them larger than what becomes a tree."""

    def __init__(self, file: BinaryIO, name: str) -> None:
        self._file, self._name = file, name
        self._bytes = self._marks = 0

    def begin(self) -> None:
        """A piece is done with."""
        self._bytes = self._marks = 0

    def read(self, count: int = -1) -> bytes:
        """See `BinaryIO.read`; more than is asked, since the parser looks through an open text again each time."""
        data = self._file.read(max(count, _PIECE_BYTES))
        self._bytes += len(data)
        if self._bytes > MAX_TREE_BYTES:
            most = f"{MAX_TREE_BYTES / 1e6:,.0f} MB"
            raise MalformedFile(f"{self._name} has an element of over {most}.", file=self._name)
        self._marks += xml_marks(data)
        if self._marks > MAX_XML_MARKS:
            raise _too_many(self._name)
        return data


def json_ends(files: Files, name: str) -> bytes:
    """The first and the last bytes of a JSON file: a long list of one thing can hide the others in between."""
    with files.open(name) as file:
        head = file.read(HEAD_BYTES)
        left = files.size(name) - len(head)
        if left > 0:
            file.seek(-min(left, _TAIL_BYTES), os.SEEK_END)
            head += b" " + file.read(_TAIL_BYTES)
    return head


def json_heads(files: Files) -> Iterator[tuple[str, bytes]]:
    """Names and first and last bytes of some JSON files, to tell the format by: the largest of each folder."""
    largest: dict[str, str] = {}
    for name in files.names:
        if name.lower().endswith(".json"):
            folder = str(PurePosixPath(name).parent)
            if folder not in largest or files.size(name) > files.size(largest[folder]):
                largest[folder] = name
    for name in list(largest.values())[:_HEADS]:
        yield name, json_ends(files, name)


def key_of(value: object) -> int | str | None:
    """An id to look up by; some tools write numbers as texts in one list and as numbers in another.

    >>> key_of("17"), key_of(17.0), key_of("a17"), key_of(None)
    (17, 17, 'a17', None)
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 20:
        return int(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, int | str) else None


def is_number(value: object) -> TypeGuard[int | float]:
    """Whether it is a number, and none that is too large to be a float."""
    return isinstance(value, float) or (isinstance(value, int) and abs(value) < 2**63)


def is_size(value: object) -> TypeGuard[int | float]:
    """Whether it can be the width or height of an image."""
    return is_number(value) and 1 <= value < 1_000_000


def named_split(name: str, no_split: str = "") -> str:
    """A split that a dataset calls by its name: the usual ones under one name, others as they are.

    >>> named_split("validation"), named_split("test-dev"), named_split("default", "default")
    ('val', 'test-dev', '')
    """
    return "" if name.casefold() == no_split else _SPLITS.get(name.casefold(), name)


def split_of(path: str) -> str:
    """train, val or test where a path tells it, else "".

    >>> split_of("annotations/instances_val2017.json"), split_of("images/training/a.jpg")
    ('val', 'train')
    """
    for part in reversed(PurePosixPath(path).parts):
        for word in _WORDS.findall(part.lower()):
            if word in _SPLITS:
                return _SPLITS[word]
    return ""


def ring_of(points: Sequence[Sequence[float]] | FloatArray) -> Ring:
    """A ring of [x, y] pairs; a last vertex that repeats the first is left out.

    Raises:
        InvalidSegmentation: fewer than three vertices, or one that is no pair of numbers.
    """
    try:
        ring = np.asarray(points, dtype=np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise InvalidSegmentation("An outline is a list of [x, y] pairs.") from error
    if ring.ndim != 2 or ring.shape[1] != 2:
        raise InvalidSegmentation("An outline is a list of [x, y] pairs.")
    if len(ring) > 3 and (ring[0] == ring[-1]).all():
        ring = ring[:-1]
    if len(ring) < 3:
        raise InvalidSegmentation(f"An outline of {len(ring)} vertices encloses nothing.")
    if not (np.abs(ring) <= MAX_COORDINATE).all():
        raise InvalidSegmentation("A vertex is not finite, or farther away than in any image.")
    return ring


def box_polygon(x: float, y: float, width: float, height: float) -> Polygons:
    """A box as polygons.

    Raises:
        InvalidSegmentation: it has no extent.
    """
    if not (width > 0 and height > 0):
        raise InvalidSegmentation("The box has no extent.")
    corners = [[x, y], [x + width, y], [x + width, y + height], [x, y + height]]
    return Polygons(((ring_of(corners),),))


def ellipse_polygon(
    x: float, y: float, radius_x: float, radius_y: float, turn: float = 0.0
) -> Polygons:
    """An ellipse around (x, y), turned by radians, as a polygon that is off by a twentieth of a pixel at most.

    Raises:
        InvalidSegmentation: it has no extent.
    """
    largest = max(radius_x, radius_y)
    if not (min(radius_x, radius_y) > 0 and largest < MAX_COORDINATE):
        raise InvalidSegmentation("The ellipse has no extent.")
    # A chord that spans the angle a is off by r (1 - cos(a / 2)).
    count = int(np.clip(np.pi / np.arccos(max(0.0, 1 - 0.05 / largest)), 12, 720))
    angles = np.arange(count) * 2 * np.pi / count
    along, across = radius_x * np.cos(angles), radius_y * np.sin(angles)
    xs = x + along * np.cos(turn) - across * np.sin(turn)
    ys = y + along * np.sin(turn) + across * np.cos(turn)
    return Polygons(((ring_of(np.stack((xs, ys), axis=1)),),))


def check_bytes(size: int, name: str, max_bytes: int) -> None:
    """Raises MalformedFile where it is too large to be read whole."""
    if size > max_bytes:
        raise MalformedFile(
            f"{name} has {size / 1e6:,.0f} MB; at most {max_bytes / 1e6:,.0f} are read.", file=name
        )


def _read(files: Files, name: str, max_bytes: int) -> bytes:
    check_bytes(files.size(name), name, max_bytes)
    with files.open(name) as file:
        return file.read()


def _too_many(name: str) -> MalformedFile:
    return MalformedFile(f"{name} has too many values to be read whole.", file=name)


def _bad_xml(name: str, error: Exception) -> MalformedFile:
    if isinstance(error, defusedxml.DefusedXmlException):
        return MalformedFile(f"{name} declares a document type or entities.", file=name)
    return MalformedFile(f"{name} is no XML: {error}", file=name)
