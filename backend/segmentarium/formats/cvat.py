"""CVAT XML 1.1 for images: all images in one file.

Source:
    CVAT's documentation, "XML annotation format".
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

from segmentarium.core.annotation import Annotation, Polygons
from segmentarium.core.raster import segmentation_to_rle
from segmentarium.core.rle import RLE, rle_to_crop
from segmentarium.formats.base import Dataset, DatasetImage, Files, Option, Options, WrittenFile
from segmentarium.formats.support import policies
from segmentarium.formats.support.changes import ChangeKind, Changes
from segmentarium.formats.support.cvat_reading import is_cvat, read_cvat
from segmentarium.formats.support.cvat_shapes import JSON, TAKEN
from segmentarium.formats.support.features import Feature
from segmentarium.formats.support.problems import Problems
from segmentarium.formats.support.row_runs import mask_to_row_runs
from segmentarium.formats.support.spool import Spool
from segmentarium.formats.support.stems import plain_name
from segmentarium.formats.support.taken_names import renamed
from segmentarium.formats.support.xml_text import has_place_in_xml, xml_attributes, xml_text

_MASKS = Option(
    "masks",
    "Masks",
    "mask",
    ("mask", "polygon"),
    "Mask: as CVAT's masks. Polygon: along the pixels' edges.",
)


class Cvat:
    """CVAT XML 1.1: polygons and masks; several parts of one annotation have a group id."""

    name = "cvat"
    title = "CVAT XML 1.1"
    description = "CVAT for images 1.1: one XML with polygons and masks."
    loses = (Feature.SUPERCATEGORIES, Feature.STUFF)
    options = (
        replace(
            policies.HOLES,
            choices=("bridge", "mask", "fill"),
            description=f"{policies.HOLES.description} Mask: the annotation becomes a mask.",
        ),
        _MASKS,
        policies.PRECISION,
        policies.OVERLAPS,
        policies.HIDDEN,
        policies.IMAGES,
    )

    def write(self, dataset: Dataset, options: Options, changes: Changes) -> Iterator[WrittenFile]:
        """See `Format.write`."""
        writer = _Writer(dataset, options, changes)
        # The head says which attributes there are, so the images wait for it in a spool.
        images = Spool(b"")
        for number, image in enumerate(dataset.images):
            images.add(writer.image(number, image).encode())
            if options["images"] and image.read_bytes is not None:
                folder = f"images/{image.split}" if image.split else "images"
                yield f"{folder}/{plain_name(image.file_name)}", image.read_bytes()
        yield "annotations.xml", _document(writer.head(dataset.name, images.count), images)

    def recognizes(self, files: Files) -> bool:
        """See `Format.recognizes`."""
        return is_cvat(files)

    def read(self, files: Files, problems: Problems) -> Dataset:
        """See `Format.read`."""
        return read_cvat(files, problems)


def _document(head: str, images: Spool) -> Iterator[bytes]:
    yield head.encode()
    yield from images.parts()
    yield b"</annotations>\n"


class _Writer:
    """Remembers of what it writes only what the head has to say."""

    def __init__(self, dataset: Dataset, options: Options, changes: Changes) -> None:
        self._categories = {category.id: category for category in dataset.categories}
        self._options, self._changes = options, changes
        self._types: dict[int, dict[str, str]] = {}
        # Where a value that is no text first stood, and how many there are: they are text if one of them ever is.
        self._typed: dict[tuple[int, str], tuple[str, str, int]] = {}
        self._splits: dict[str, int] = {}

    def image(self, number: int, image: DatasetImage) -> str:
        """An image with its annotations."""
        about: dict[str, object] = {"id": number, "name": plain_name(image.file_name)}
        if image.split:
            about["subset"] = image.split
            self._splits[image.split] = self._splits.get(image.split, 0) + 1
        about |= {"width": image.width, "height": image.height}
        lines = [f"  <image{xml_attributes(about)}>\n"]
        groups = 0
        for annotation in policies.seen(image, self._options, self._changes):
            shapes = self._shapes(image, annotation)
            groups += len(shapes) > 1
            told = self._told(image, annotation) if shapes else ""
            lines.extend(
                self._shape(annotation, tag, places, groups if len(shapes) > 1 else 0, told)
                for tag, places in shapes
            )
        lines.append("  </image>\n")
        return "".join(lines)

    def head(self, name: str, count: int) -> str:
        """All that stands before the images."""
        kind = "project" if self._splits else "task"
        lines = [
            '<?xml version="1.0" encoding="utf-8"?>\n<annotations>\n  <version>1.1</version>\n'
        ]
        lines.append(f"  <meta>\n    <{kind}>\n      <name>{xml_text(name)}</name>\n")
        if self._splits:
            lines.append("      <tasks>\n")
            lines.extend(
                f"        <task><id>{number}</id><name>{xml_text(split)}</name>"
                f"<size>{size}</size><subset>{xml_text(split)}</subset></task>\n"
                for number, (split, size) in enumerate(sorted(self._splits.items()), start=1)
            )
            subsets = xml_text("\n".join(sorted(self._splits)))
            lines.append(f"      </tasks>\n      <subsets>{subsets}</subsets>\n")
        else:
            lines.append(f"      <size>{count}</size>\n      <mode>annotation</mode>\n")
        lines.append("      <labels>\n")
        for category in self._categories.values():
            lines.append(
                f"        <label>\n          <name>{xml_text(category.name)}</name>\n"
                f"          <color>{category.color}</color>\n          <type>any</type>\n"
                "          <attributes>\n"
            )
            lines.extend(
                f"            <attribute><name>{xml_text(key)}</name><mutable>False</mutable>"
                f"<input_type>{type_}</input_type><default_value>{_DEFAULTS[type_]}</default_value>"
                f"<values>{_VALUES[type_]}</values></attribute>\n"
                for key, type_ in sorted(self._types.get(category.id, {}).items())
            )
            lines.append("          </attributes>\n        </label>\n")
        lines.append(f"      </labels>\n    </{kind}>\n  </meta>\n")
        return "".join(lines)

    def _shapes(
        self, image: DatasetImage, annotation: Annotation
    ) -> list[tuple[str, dict[str, object]]]:
        segmentation, options = annotation.segmentation, self._options
        if (
            isinstance(segmentation, Polygons)
            and segmentation.has_holes
            and options["holes"] == "mask"
        ):
            self._changes.note(ChangeKind.AS_RLE, image.file_name, annotation.id, "it has holes")
            return self._mask(
                image, annotation, segmentation_to_rle(segmentation, image.height, image.width)
            )
        if isinstance(segmentation, RLE) and options["masks"] == "mask":
            return self._mask(image, annotation, segmentation)
        rings = policies.rings_of(image, annotation, options, self._changes)
        if not rings:
            self._changes.note(ChangeKind.DROPPED, image.file_name, annotation.id, "no pixels")
        return [
            ("polygon", {"points": ";".join(f"{x!r},{y!r}" for x, y in ring.tolist())})
            for ring in rings
        ]

    def _mask(
        self, image: DatasetImage, annotation: Annotation, rle: RLE
    ) -> list[tuple[str, dict[str, object]]]:
        crop, (x, y, w, h) = rle_to_crop(rle)
        if not crop.size:
            self._changes.note(ChangeKind.DROPPED, image.file_name, annotation.id, "no pixels")
            return []
        runs = ", ".join(map(str, mask_to_row_runs(crop).tolist()))
        return [("mask", {"rle": runs, "left": x, "top": y, "width": w, "height": h})]

    def _shape(
        self, annotation: Annotation, tag: str, places: dict[str, object], group: int, told: str
    ) -> str:
        about: dict[str, object] = {
            "label": self._categories[annotation.category_id].name,
            "source": "manual",
            "occluded": int(annotation.attributes.get("occluded") is True),
            **places,
            "z_order": annotation.z_order,
        }
        if group:
            about["group_id"] = group
        if annotation.id:
            about["id"] = annotation.id
        return f"    <{tag}{xml_attributes(about)}>\n{told}    </{tag}>\n"

    def _told(self, image: DatasetImage, annotation: Annotation) -> str:
        """Its attributes, each in a line; their types are remembered for the head."""
        attributes = renamed(image, annotation, TAKEN, self._changes)
        if attributes.get("occluded") is True:
            del attributes["occluded"]
        if annotation.score is not None:
            attributes["score"] = annotation.score
        if annotation.iscrowd:
            attributes["is_crowd"] = True
        lines: list[str] = []
        for key, value in attributes.items():
            self._note_type(image, annotation, key, value)
            if isinstance(value, str) and has_place_in_xml(value):
                about, text = {"name": key}, value
            else:  # the head says the type, but not of each value by itself
                about, text = {"name": key, "type": JSON}, _json(value)
            if isinstance(value, str) and text != value:
                detail = f"{key}: as JSON, for a character that XML cannot hold"
                self._changes.note(
                    ChangeKind.ATTRIBUTES_LOST, image.file_name, annotation.id, detail
                )
            lines.append(f"      <attribute{xml_attributes(about)}>{xml_text(text)}</attribute>\n")
        return "".join(lines)

    def _note_type(
        self, image: DatasetImage, annotation: Annotation, key: str, value: object
    ) -> None:
        """Find the type that an attribute has in the head, and note what becomes text by that."""
        types = self._types.setdefault(annotation.category_id, {})
        own = _type(value)
        if types.setdefault(key, own) != own:
            types[key] = "text"
        place = annotation.category_id, key
        file_name, id_, count = self._typed.pop(place, (image.file_name, annotation.id, 0))
        if types[key] != "text":
            self._typed[place] = file_name, id_, count + 1
            return
        if count:
            more = f", and in {count - 1} more annotations" if count > 1 else ""
            self._changes.note(ChangeKind.ATTRIBUTES_LOST, file_name, id_, f"{key}: as text{more}")
        if not isinstance(value, str):
            self._changes.note(
                ChangeKind.ATTRIBUTES_LOST, image.file_name, annotation.id, f"{key}: as text"
            )


def _type(value: object) -> str:
    if isinstance(value, bool):
        return "checkbox"
    return "number" if isinstance(value, int | float) else "text"


def _json(value: object) -> str:
    """In ASCII where XML could not hold it otherwise."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
    return text if has_place_in_xml(text) else json.dumps(value, sort_keys=True, default=str)


_DEFAULTS = {"text": "", "checkbox": "false", "number": "0"}
_VALUES = {"text": "", "checkbox": "", "number": "-1000000000\n1000000000\n1"}

FORMAT = Cvat()
