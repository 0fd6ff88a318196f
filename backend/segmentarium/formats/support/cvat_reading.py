"""CVAT XML 1.1 read: images and what is drawn on them, and tracks as the frames they are on."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from xml.etree.ElementTree import Element

import msgspec

from segmentarium.core.annotation import Annotation
from segmentarium.core.errors import InvalidSegmentation, MalformedFile
from segmentarium.formats.base import Dataset, DatasetImage, Files
from segmentarium.formats.support.categories import CategoryTable, color_of
from segmentarium.formats.support.cvat_images import image_paths
from segmentarium.formats.support.cvat_shapes import (
    FLAT,
    GROUPED,
    JSON,
    TAKEN,
    Drawn,
    segmentation_of,
)
from segmentarium.formats.support.pictures import Pictures, ToldNames
from segmentarium.formats.support.problems import Problems
from segmentarium.formats.support.reading import named_split, split_of, walk_xml
from segmentarium.formats.support.rings import unite
from segmentarium.formats.support.stems import FileNames
from segmentarium.formats.support.taken_names import named_back
from segmentarium.formats.support.values import int_of, size_of

_ROOT = re.compile(rb"<annotations[\s>]")
_PARTS = re.compile(rb"<(meta|image|track|version)[\s>]")
_FRAME = re.compile(r"(\d+)$")
_INTEGER = re.compile(r"\s*-?[0-9]{1,400}\s*")
_MAX_TRACK_SHAPES = 300_000  # they are sorted by frame in memory


@dataclass(slots=True)
class _Document:
    """One XML file: what its head says."""

    name: str
    types: dict[str, dict[str, str]] = field(default_factory=dict)  # label → attribute → its type
    size: tuple[int, int] | None = None  # of a video


def is_cvat(files: Files) -> bool:
    """Whether an XML file is CVAT's."""
    return any(_is_document(files, name) for name in files.names if name.lower().endswith(".xml"))


def read_cvat(files: Files, problems: Problems) -> Dataset:
    """All CVAT documents among the files.

    Raises:
        MalformedFile: none can be read.
    """
    table = CategoryTable()
    documents: list[_Document] = []
    names = [name for name in files.names if name.lower().endswith(".xml")]
    names = [name for name in names if _is_document(files, name)]
    for name in names:
        try:
            documents.append(_look_through(files, name, table))
        except MalformedFile as error:
            if len(names) == 1:
                raise
            problems.add(name, "", error.detail)
    if not documents:
        raise MalformedFile("There is no CVAT XML among the files.")
    told = ToldNames((one.name, path) for one in documents for path in image_paths(files, one.name))
    pictures, numbers, taken = Pictures(files, told=told), itertools.count(1), FileNames()
    images = itertools.chain.from_iterable(
        _images(files, document, table, pictures, numbers, taken, problems)
        for document in documents
    )
    return Dataset(PurePosixPath(documents[0].name).stem, table.categories, images)


def _is_document(files: Files, name: str) -> bool:
    with files.open(name) as file:
        head = file.read(1 << 16)
    return _ROOT.search(head) is not None and _PARTS.search(head) is not None


def _look_through(files: Files, name: str, table: CategoryTable) -> _Document:
    """The head; where it has no labels, the names that the shapes have."""
    document = _Document(name)
    used: list[str] = []
    for element in walk_xml(files, name, "meta", "image", "track"):
        if element.tag == "meta":
            _take_head(document, element, table)
            if document.types:
                return document
        elif element.tag == "track":
            used.append(element.get("label", ""))
        else:
            used.extend(shape.get("label", "") for shape in element if shape.tag not in FLAT)
    for label in used:
        if label:
            table.id_of(label)
            document.types.setdefault(label, {})
    return document


def _take_head(document: _Document, meta: Element, table: CategoryTable) -> None:
    for label in meta.iter("label"):
        name = (label.findtext("name") or "").strip()
        if not name or (label.findtext("parent") or "").strip():
            continue  # a joint of a skeleton
        table.id_of(name, color=color_of((label.findtext("color") or "").strip()))
        document.types[name] = {
            (one.findtext("name") or "").strip(): (one.findtext("input_type") or "").strip()
            for one in label.iter("attribute")
        }
    size = meta.find(".//original_size")
    if size is not None:
        sides = [_whole(size.findtext(side) or "") for side in ("width", "height")]
        document.size = size_of(*sides)


def _images(
    files: Files,
    document: _Document,
    table: CategoryTable,
    pictures: Pictures,
    numbers: Iterator[int],
    names: FileNames,
    problems: Problems,
) -> Iterator[DatasetImage]:
    drawn = _Reader(document, table, problems)
    frames: dict[int, list[Drawn]] = {}
    try:
        for at, element in enumerate(walk_xml(files, document.name, "image", "track")):
            if element.tag == "track":
                drawn.take_track(element, at, frames)
                continue
            given = element.get("name", "")
            subset = element.get("subset", "")
            position = f"image {element.get('id', at)}"
            picture = pictures.find(f"{subset}/{given}", document.name)
            size = _size(element.get("width"), element.get("height"), picture, pictures)
            if not given or size is None:
                detail = "Its size is not known." if given else "The image has no name."
                problems.add(document.name, position, detail)
                continue
            shapes = list(drawn.shapes(element, position, size))
            split = named_split(subset, "default")
            yield DatasetImage(
                next(numbers),
                names.of(given, f"{subset}/{given}"),
                *size,
                drawn.annotations(shapes, position, size),
                pictures.reader(picture),
                split or split_of(PurePosixPath(document.name).name),
            )
    except MalformedFile as error:
        problems.add(document.name, "", error.detail)
    yield from _frames(document, drawn, frames, pictures, numbers, names, problems)


def _frames(
    document: _Document,
    drawn: _Reader,
    frames: dict[int, list[Drawn]],
    pictures: Pictures,
    numbers: Iterator[int],
    names: FileNames,
    problems: Problems,
) -> Iterator[DatasetImage]:
    if not frames:
        return
    by_frame: dict[int, str] = {}
    for name in pictures.names:
        found = _FRAME.search(PurePosixPath(name).stem)
        if found is None or len(found[1]) > 9:
            continue
        taken = by_frame.setdefault(int(found[1]), name)
        if taken != name:
            detail = f"{taken} and {name} end in its number: the first of them is taken."
            problems.notice(document.name, f"frame {int(found[1])}", detail)
    for frame in sorted({*frames, *by_frame}):
        picture = by_frame.get(frame)
        size = document.size or _size(None, None, picture, pictures)
        if size is None:
            problems.add(document.name, f"frame {frame}", "Its size is not known.")
            continue
        name = f"frame_{frame:06d}.png" if picture is None else PurePosixPath(picture).name
        yield DatasetImage(
            next(numbers),
            names.of(name, picture or name),
            *size,
            drawn.annotations(frames.get(frame, []), f"frame {frame}", size),
            pictures.reader(picture),
        )


class _Reader:
    """What is drawn, by the labels and types of a document's head."""

    def __init__(self, document: _Document, table: CategoryTable, problems: Problems) -> None:
        self._document, self._table, self._problems = document, table, problems
        self._count = 0

    def shapes(self, element: Element, position: str, size: tuple[int, int]) -> Iterator[Drawn]:
        """The shapes of an image that can be read."""
        for at, shape in enumerate(element):
            where = f"{position}, {shape.tag} {at}"
            found = self._shape(shape, shape.get("label", ""), where, size)
            if found is not None:
                yield found

    def take_track(self, track: Element, at: int, frames: dict[int, list[Drawn]]) -> None:
        """The shapes of a track, to the frames they are on.

        Raises:
            MalformedFile: there are too many of them to be sorted.
        """
        number = track.get("id", str(at))
        told: set[str] = set()
        for shape in track:
            where = f"track {number}, frame {shape.get('frame', '')}"
            frame = _whole(shape.get("frame", ""))
            if frame is None or frame < 0:
                self._problems.add(self._document.name, where, "The shape has no frame.")
                continue
            frames.setdefault(frame, [])
            if shape.get("outside") == "1":
                continue
            if shape.tag in FLAT and shape.tag in told:
                continue  # said once of a track
            told.add(shape.tag)
            size = self._document.size or (0, 0)
            found = self._shape(shape, track.get("label", ""), where, size)
            self._count += 1
            if self._count > _MAX_TRACK_SHAPES:
                raise MalformedFile(
                    f"{self._document.name} has more than {_MAX_TRACK_SHAPES:,} shapes in tracks.",
                    file=self._document.name,
                )
            if found is not None:
                found.attributes["track_id"] = number
                found.id = f"{number}:{frame}"
                frames[frame].append(found)

    def annotations(
        self, shapes: Iterable[Drawn], position: str, size: tuple[int, int]
    ) -> tuple[Annotation, ...]:
        """Annotations by z-order; polygons and masks of one group and category are one."""
        width, height = size
        groups: dict[object, list[Drawn]] = {}
        for at, shape in enumerate(shapes):
            is_grouped = shape.group > 0 and shape.tag in GROUPED
            groups.setdefault((shape.category_id, shape.group) if is_grouped else at, []).append(
                shape
            )
        found: list[Annotation] = []
        for own in groups.values():
            first = own[0]
            try:
                segmentation = unite([one.segmentation for one in own], height, width)
            except InvalidSegmentation as error:
                self._problems.add(self._document.name, position, error.detail)
                continue
            if len(own) > 1 and (not first.id or {one.id for one in own} != {first.id}):
                self._problems.notice(
                    self._document.name,
                    position,
                    f"The {len(own)} shapes of group {first.group} are read as one annotation.",
                )
            found.append(
                Annotation(
                    id=first.id,
                    category_id=first.category_id,
                    segmentation=segmentation,
                    iscrowd=first.take_crowd(),
                    z_order=first.z_order,
                    score=first.take_score(),
                    attributes=named_back(first.attributes, TAKEN),
                )
            )
        return tuple(sorted(found, key=lambda one: one.z_order))

    def _shape(
        self, shape: Element, label: str, position: str, size: tuple[int, int]
    ) -> Drawn | None:
        name = self._document.name
        if shape.tag in FLAT:
            self._problems.notice(
                name, position, f"{shape.tag}: it covers nothing and is left out."
            )
            return None
        try:
            if label not in self._document.types:
                raise InvalidSegmentation(f"There is no label {label!r}.")
            segmentation = segmentation_of(shape, size)
        except InvalidSegmentation as error:
            self._problems.add(name, position, error.detail)
            return None
        types = self._document.types[label]
        attributes: dict[str, object] = {"occluded": True} if shape.get("occluded") == "1" else {}
        for one in shape.iter("attribute"):
            key = one.get("name", "")
            type_ = JSON if one.get("type") == JSON else types.get(key, "")
            attributes[key] = _value(one.text or "", type_)
        return Drawn(
            shape.tag,
            self._table.id_of(label),
            segmentation,
            _whole(shape.get("group_id", "")) or 0,
            int_of(_whole(shape.get("z_order", "")), 0),
            shape.get("id", ""),
            attributes,
        )


def _value(text: str, type_: str) -> object:
    """A text by what is said of it; one that is no such thing, or no number that can be kept, stays a text."""
    if type_ == "checkbox" and text.lower() in {"true", "false"}:
        return text.lower() == "true"
    try:
        if type_ == JSON:
            found: object = msgspec.json.decode(text)
            return found
        if type_ == "number" and _INTEGER.fullmatch(text):
            return int(text) if abs(int(text)) < 2**63 else text
        number = float(text) if type_ == "number" else math.nan
    except (ValueError, RecursionError):
        return text
    return number if math.isfinite(number) else text


def _size(
    width: str | None, height: str | None, picture: str | None, pictures: Pictures
) -> tuple[int, int] | None:
    said = size_of(_whole(width or ""), _whole(height or ""))
    if said is not None or picture is None:
        return said
    try:
        return pictures.size(picture)
    except MalformedFile:
        return None


def _whole(text: str) -> int | None:
    digits = text.strip().removeprefix("-")
    is_whole = digits.isascii() and digits.isdecimal() and len(digits) < 16
    return int(text) if is_whole else None
