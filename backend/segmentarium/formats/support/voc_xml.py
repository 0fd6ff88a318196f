"""The XML of a Pascal VOC image: written with what VOC has no element for as attributes, and read."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element, SubElement, indent, tostring

import msgspec

from segmentarium.core.annotation import Annotation, Polygons
from segmentarium.core.boxes import PixelBboxXYWH
from segmentarium.core.errors import InvalidSegmentation
from segmentarium.formats.base import DatasetImage
from segmentarium.formats.support.reading import box_polygon
from segmentarium.formats.support.values import said_score

_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_OURS = "segmentarium."  # before the names of attributes that are not the annotator's
_FLAGS = ("difficult", "truncated", "occluded")
_NO_POSE = "Unspecified"


@dataclass(frozen=True, slots=True)
class VocObject:
    """An object of the XML; its id is "" where it has none, its box None where that cannot be read."""

    label: str
    box: Polygons | None
    id: str = ""
    iscrowd: bool = False
    score: float | None = None
    attributes: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class VocRecord:
    """What the XML of an image says; width and height are 0 where it does not."""

    file_name: str
    original_name: str
    width: int
    height: int
    objects: tuple[VocObject, ...]


def xml_of(
    image: DatasetImage,
    picture: str,
    objects: Sequence[tuple[str, PixelBboxXYWH, Annotation]],
) -> bytes:
    """The document of an image; boxes in VOC's counting, from 1 and both ends within."""
    root = Element("annotation")
    _add(root, "folder", "VOC")
    _add(root, "filename", picture)
    if picture != image.file_name:
        root[-1].set("original", _clean(image.file_name))
    size = SubElement(root, "size")
    for tag, number in (("width", image.width), ("height", image.height), ("depth", 3)):
        _add(size, tag, str(number))
    _add(root, "segmented", str(int(bool(objects))))
    for label, (x, y, w, h), annotation in objects:
        entry = SubElement(root, "object")
        _add(entry, "name", label)
        _add(entry, "pose", _NO_POSE)
        _add(entry, "truncated", "0")
        _add(entry, "difficult", "0")
        box = SubElement(entry, "bndbox")
        corners = {"xmin": x + 1, "ymin": y + 1, "xmax": x + w, "ymax": y + h}
        for tag, number in corners.items():
            _add(box, tag, str(number))
        _add_attributes(SubElement(entry, "attributes"), annotation)
    indent(root)
    document: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return document + b"\n"


def record_of(root: Element) -> VocRecord:
    """What a document says; an object without a name is one without a label."""
    filename = root.find("filename")
    return VocRecord(
        _text(root, "filename"),
        "" if filename is None else filename.get("original", ""),
        _whole(_text(root, "size/width")),
        _whole(_text(root, "size/height")),
        tuple(_object(entry) for entry in root.iterfind("object")),
    )


def _add(parent: Element, tag: str, text: str) -> None:
    SubElement(parent, tag).text = _clean(text)


def _clean(text: str) -> str:
    return _NOT_IN_XML.sub("\ufffd", text)


def _add_attributes(parent: Element, annotation: Annotation) -> None:
    ours: dict[str, object] = {"id": annotation.id}
    if annotation.iscrowd:
        ours["iscrowd"] = True
    if annotation.score is not None:
        ours["score"] = annotation.score
    named = {f"{_OURS}{key}": value for key, value in ours.items()}
    for key, value in {**named, **annotation.attributes}.items():
        entry = SubElement(parent, "attribute")
        _add(entry, "name", str(key))
        _add(entry, "value", _value_text(value))


def _value_text(value: object) -> str:
    """A text as it is, unless it would be read as something else; all else as JSON."""
    if isinstance(value, str):
        is_plain = "\r" not in value and _clean(value) == value and _value(value) == value
        return value if is_plain else json.dumps(value)  # in ASCII, which XML can hold
    return msgspec.json.encode(value).decode()


def _value(text: str) -> object:
    try:
        found: object = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return text
    return found


def _object(entry: Element) -> VocObject:
    attributes: dict[str, object] = {}
    for flag in _FLAGS:
        if _text(entry, flag) == "1":
            attributes[flag] = True
    if _text(entry, "pose") not in {"", _NO_POSE}:
        attributes["pose"] = _text(entry, "pose")
    for one in entry.iterfind("attributes/attribute"):
        name = one.findtext("name")
        if name is not None:
            attributes[name] = _value(one.findtext("value") or "")
    ours = {key: attributes.pop(f"{_OURS}{key}", None) for key in ("id", "iscrowd", "score")}
    return VocObject(
        _text(entry, "name"),
        _box(entry),
        "" if ours["id"] is None else str(ours["id"]),
        ours["iscrowd"] is True,
        said_score(ours["score"]),
        attributes,
    )


def _box(entry: Element) -> Polygons | None:
    try:
        x0, y0, x1, y1 = (
            float(_text(entry, f"bndbox/{tag}")) for tag in ("xmin", "ymin", "xmax", "ymax")
        )
        return box_polygon(x0 - 1, y0 - 1, x1 - x0 + 1, y1 - y0 + 1)
    except (ValueError, InvalidSegmentation):
        return None


def _text(entry: Element, path: str) -> str:
    return (entry.findtext(path) or "").strip()


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 7 else 0
