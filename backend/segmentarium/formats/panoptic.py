"""COCO panoptic: for each split one JSON file and a folder of maps, id = R + 256 G + 256² B.

Source:
    https://cocodataset.org/#format-data, section 4.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from segmentarium.core.annotation import Annotation, Category
from segmentarium.core.segment_map import (
    Segment,
    SegmentMap,
    annotations_to_instance_map,
    annotations_to_panoptic_map,
    ids_to_rgb,
)
from segmentarium.core.segment_map import segments_info as describe
from segmentarium.formats.base import Dataset, DatasetImage, Files, Options, WrittenFile
from segmentarium.formats.support import policies
from segmentarium.formats.support.changes import ChangeKind, Changes
from segmentarium.formats.support.features import Feature
from segmentarium.formats.support.panoptic_reading import panoptic_documents, read_panoptic
from segmentarium.formats.support.png import color_to_png
from segmentarium.formats.support.problems import Problems
from segmentarium.formats.support.splits import info_of
from segmentarium.formats.support.spool import Spool
from segmentarium.formats.support.stems import Stems
from segmentarium.formats.support.vistas_reading import is_vistas

_encode = msgspec.json.encode


class Panoptic:
    """COCO panoptic PNG and JSON. No pixel has two owners."""

    name = "panoptic"
    title = "COCO panoptic"
    description = "Maps of segment ids and JSON, as panopticapi, Detectron2 and MMDetection read."
    loses = (Feature.VERTICES, Feature.OVERLAPS, Feature.STUFF_PIECES)
    options = (policies.IMAGES,)

    def write(self, dataset: Dataset, options: Options, changes: Changes) -> Iterator[WrittenFile]:
        """See `Format.write`."""
        categories = {category.id: category for category in dataset.categories}
        spools: dict[str, tuple[Spool, Spool]] = {}
        stems = Stems()
        for image in dataset.images:
            if image.split not in spools:
                spools[image.split] = Spool(), Spool()
            images, records = spools[image.split]
            if options["images"] and image.read_bytes is not None:
                folder = f"images/{image.split}" if image.split else "images"
                yield f"{folder}/{image.file_name}", image.read_bytes()
            made = annotations_to_panoptic_map(
                image.annotations, categories, image.height, image.width
            )
            map_name = f"{stems.stem(image)}.png"
            folder = _document_name(image.split)
            yield f"annotations/{folder}/{map_name}", color_to_png(ids_to_rgb(made.ids))
            images.add(_encode(_image(image)))
            segments = _segments(image, made, changes)
            records.add(
                _encode({"image_id": image.id, "file_name": map_name, "segments_info": segments})
            )
        for split, parts in sorted((spools or {"": (Spool(), Spool())}).items()):
            yield f"annotations/{_document_name(split)}.json", _document(dataset, split, *parts)

    def recognizes(self, files: Files) -> bool:
        """See `Format.recognizes`."""
        return bool(panoptic_documents(files)) and not is_vistas(files)

    def read(self, files: Files, problems: Problems) -> Dataset:
        """See `Format.read`."""
        return read_panoptic(files, problems)


def _document_name(split: str) -> str:
    return f"panoptic_{split}" if split else "panoptic"


def _document(dataset: Dataset, split: str, images: Spool, records: Spool) -> Iterator[bytes]:
    yield b'{"info":' + _encode(info_of(dataset.name, split)) + b',"licenses":[],"images":['
    yield from images.parts()
    yield b'],"annotations":['
    yield from records.parts()
    yield b'],"categories":' + _encode(list(map(_category, dataset.categories))) + b"}"


def _category(category: Category) -> dict[str, Any]:
    return {
        "id": category.id,
        "name": category.name,
        "supercategory": category.supercategory,
        "isthing": int(category.isthing),
        "color": list(category.color_rgb),
    }


def _image(image: DatasetImage) -> dict[str, Any]:
    return {
        "id": image.id,
        "file_name": image.file_name,
        "width": image.width,
        "height": image.height,
    }


def _segments(image: DatasetImage, made: SegmentMap, changes: Changes) -> list[dict[str, Any]]:
    """COCO's segments_info; what it has no field for stands in fields of our own."""
    own = {annotation.id: annotation for annotation in image.annotations}
    merged = [segment for segment in made.segments if len(segment.annotation_ids) > 1]
    for annotation in (own[one] for segment in merged for one in segment.annotation_ids):
        changes.note(ChangeKind.MERGED, image.file_name, annotation.id)
        policies.note_attributes(image, annotation, changes)
    alone = made
    if merged:
        alone = annotations_to_instance_map(image.annotations, image.height, image.width)
    policies.note_hidden(image, alone.segments, changes)
    visible = [segment for segment in made.segments if segment.area]
    return [
        {**entry, "uuid": segment.annotation_ids[0], **_more(segment, own)}
        for entry, segment in zip(describe(made), visible, strict=True)
    ]


def _more(segment: Segment, own: Mapping[str, Annotation]) -> dict[str, object]:
    """What is said of one annotation cannot be said of several that are one segment."""
    first, *others = segment.annotation_ids
    annotation = own[first]
    more: dict[str, object] = {}
    if not others and annotation.score is not None:
        more["score"] = annotation.score
    if not others and annotation.attributes:
        more["attributes"] = annotation.attributes
    return more


FORMAT = Panoptic()
