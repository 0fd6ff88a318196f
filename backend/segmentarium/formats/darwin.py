"""Darwin JSON 2.0, the format of V7: a file for each image.

Source:
    darwin-py, `darwin/utils/utils.py` and `darwin/exporter/formats/darwin.py`.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any

import msgspec
import numpy as np

from segmentarium.core.annotation import Annotation
from segmentarium.core.raster import segmentation_area_and_bbox
from segmentarium.core.rle import RLE, rle_to_crop
from segmentarium.core.spans import IdMap
from segmentarium.formats.base import Dataset, DatasetImage, Files, Option, Options, WrittenFile
from segmentarium.formats.support import policies
from segmentarium.formats.support.changes import ChangeKind, Changes
from segmentarium.formats.support.darwin_reading import CROWD, METADATA, is_darwin, read_darwin
from segmentarium.formats.support.features import Feature
from segmentarium.formats.support.problems import Problems
from segmentarium.formats.support.rings import even_odd_rings
from segmentarium.formats.support.stems import Stems, plain_name
from segmentarium.formats.support.taken_names import renamed

_SLOT = "0"
_LAYER = "__raster_layer__"
_SCHEMAS = "https://darwin-public.s3.eu-west-1.amazonaws.com/darwin_json"
_MASKS = Option(
    "masks",
    "Masks",
    "mask",
    ("mask", "polygon"),
    "Mask: in the image's raster layer, where masks that overlap have no place and become polygons. "
    "Polygon: along the pixels' edges.",
)

_encode = msgspec.json.encode


class Darwin:
    """Darwin JSON 2.0: polygons of many paths, masks in a raster layer."""

    name = "darwin"
    title = "Darwin JSON 2.0 (V7)"
    description = "A JSON for each image, as V7 imports and exports it."
    loses = (Feature.SUPERCATEGORIES, Feature.STUFF, Feature.OTHER_SPLITS)
    options = (
        _MASKS,
        policies.PRECISION,
        policies.OVERLAPS,
        policies.HIDDEN,
        policies.IMAGES,
    )

    def write(self, dataset: Dataset, options: Options, changes: Changes) -> Iterator[WrittenFile]:
        """See `Format.write`."""
        names = {category.id: category.name for category in dataset.categories}
        stems = Stems()
        kinds: dict[int, set[str]] = {}
        properties: dict[int, set[str]] = {}
        for image in dataset.images:
            folder = f"{image.split}/" if image.split else ""
            file_name = plain_name(image.file_name)
            if options["images"] and image.read_bytes is not None:
                yield f"images/{folder}{file_name}", image.read_bytes()
            page = _Page(image, options, changes)
            for number, annotation in enumerate(policies.seen(image, options, changes)):
                entry = page.add(number, names[annotation.category_id], annotation)
                kind = "mask" if "mask" in entry else "polygon"
                kinds.setdefault(annotation.category_id, set()).add(kind)
                told = properties.setdefault(annotation.category_id, set())
                told.update(one["name"] for one in entry["properties"])
            yield f"annotations/{folder}{stems.stem(image)}.json", page.document(file_name)
        classes = [
            _class(category.name, category.color_rgb, kind, properties.get(category.id, set()))
            for category in dataset.categories
            for kind in sorted(kinds.get(category.id, {"polygon"}), reverse=True)
        ]
        yield (
            METADATA,
            _encode(
                {
                    "version": "1.0",
                    "schema_ref": f"{_SCHEMAS}/metadata/1.0/schema.json",
                    "classes": classes,
                    "properties": [],
                }
            ),
        )

    def recognizes(self, files: Files) -> bool:
        """See `Format.recognizes`."""
        return is_darwin(files)

    def read(self, files: Files, problems: Problems) -> Dataset:
        """See `Format.read`."""
        return read_darwin(files, problems)


class _Page:
    """The document of one image."""

    def __init__(self, image: DatasetImage, options: Options, changes: Changes) -> None:
        self._image, self._options, self._changes = image, options, changes
        self._entries: list[dict[str, Any]] = []
        self._has_layer = options["masks"] == "mask"
        self._layer: IdMap | None = None
        self._masks: dict[str, int] = {}

    def add(self, number: int, name: str, annotation: Annotation) -> dict[str, Any]:
        """Write an annotation; its entry."""
        image, changes = self._image, self._changes
        # An id that masks can be found by, the same each time.
        own = annotation.id or str(uuid.uuid5(uuid.NAMESPACE_URL, f"{image.file_name}#{number}"))
        entry: dict[str, Any] = {"id": own, "name": name, "slot_names": [_SLOT]}
        entry |= self._told(annotation)
        segmentation = annotation.segmentation
        if (
            isinstance(segmentation, RLE)
            and own not in self._masks
            and self._paint(own, segmentation)
        ):
            entry["mask"] = {}
            self._entries.append(entry)
            return entry
        parts = policies.parts_of(image, annotation, changes)
        exact = even_odd_rings(image, annotation, parts, changes)
        rings = [policies.rounded(ring, self._options) for ring in exact]
        policies.note_rounding(image, annotation, exact, rings, changes)
        if not rings:
            changes.note(ChangeKind.DROPPED, image.file_name, annotation.id, "it has no pixels")
            return entry
        _, (x, y, w, h) = segmentation_area_and_bbox(segmentation, image.height, image.width)
        entry["bounding_box"] = {"x": x, "y": y, "w": w, "h": h}
        entry["polygon"] = {
            "paths": [[{"x": x, "y": y} for x, y in ring.tolist()] for ring in rings]
        }
        self._entries.append(entry)
        return entry

    def document(self, file_name: str) -> bytes:
        """All of it."""
        image = self._image
        if self._layer is not None:
            flat = self._layer.ravel()
            starts = np.flatnonzero(np.diff(flat, prepend=-1))
            lengths = np.diff(starts, append=flat.size)
            layer = {
                "dense_rle": np.stack((flat[starts], lengths), axis=1).ravel().tolist(),
                "mask_annotation_ids_mapping": self._masks,
                "total_pixels": flat.size,
            }
            layer_id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{image.file_name}#{_LAYER}"))
            self._entries.append(
                {
                    "id": layer_id,
                    "name": _LAYER,
                    "properties": [],
                    "raster_layer": layer,
                    "slot_names": [_SLOT],
                }
            )
        slot = {
            "type": "image",
            "slot_name": _SLOT,
            "width": image.width,
            "height": image.height,
            # darwin-py takes the address for granted; there is none, the pictures come along.
            "source_files": [{"file_name": file_name, "url": ""}],
        }
        item = {"name": file_name, "path": f"/{image.split}", "slots": [slot]}
        return _encode(
            {
                "version": "2.0",
                "schema_ref": f"{_SCHEMAS}/2.0/schema.json",
                "item": item,
                "annotations": self._entries,
                "properties": [],
            }
        )

    def _paint(self, own: str, rle: RLE) -> bool:
        """Put a mask into the raster layer, if there is one and no other mask is there."""
        crop, (x, y, w, h) = rle_to_crop(rle)
        if not (self._has_layer and crop.size):
            return False
        if self._layer is None:
            self._layer = np.zeros((self._image.height, self._image.width), np.int32)
        place = self._layer[y : y + h, x : x + w]
        if place[crop].any():
            return False
        self._masks[own] = len(self._masks) + 1
        place[crop] = self._masks[own]
        return True

    def _told(self, annotation: Annotation) -> dict[str, Any]:
        """What is true becomes an attribute of Darwin's, a text a property."""
        told: dict[str, Any] = {}
        flags = [CROWD] if annotation.iscrowd else []
        properties: list[dict[str, Any]] = []
        for key, value in renamed(self._image, annotation, {CROWD}, self._changes).items():
            if value is True:
                flags.append(key)
                continue
            text = value
            if not isinstance(value, str):
                text = json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
                name, detail = self._image.file_name, f"{key}: as text"
                self._changes.note(ChangeKind.ATTRIBUTES_LOST, name, annotation.id, detail)
            properties.append({"frame_index": 0, "name": key, "value": text})
        told["properties"] = properties
        if flags:
            told["attributes"] = flags
        if annotation.score is not None:
            model = {"id": "", "name": "segmentarium", "type": "segmentarium"}
            told["inference"] = {"confidence": annotation.score, "model": model}
        return told


def _class(
    name: str, color_rgb: tuple[int, int, int], kind: str, properties: set[str]
) -> dict[str, Any]:
    red, green, blue = color_rgb
    return {
        "name": name,
        "type": kind,
        "description": None,
        "color": f"rgba({red},{green},{blue},1.0)",
        "sub_types": ["attributes", "inference"],
        "properties": [
            {
                "name": key,
                "type": "text",
                "description": "",
                "required": False,
                "granularity": "section",  # as the entries, which name a frame, have it
                "property_values": [],
            }
            for key in sorted(properties)
        ],
        "sub_types_settings": {"attributes": {}, "inference": {}},
    }


FORMAT = Darwin()
