"""Datumaro JSON: one file for each subset.

Source:
    Datumaro, `plugins/data_formats/datumaro`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import msgspec

from segmentarium.core.annotation import Annotation, Polygons
from segmentarium.core.raster import segmentation_to_rle
from segmentarium.core.rle import RLE, encode_counts
from segmentarium.formats.base import Dataset, DatasetImage, Files, Option, Options, WrittenFile
from segmentarium.formats.support import policies
from segmentarium.formats.support.changes import ChangeKind, Changes
from segmentarium.formats.support.datumaro_reading import (
    DEFAULT,
    TAKEN,
    is_datumaro,
    read_datumaro,
)
from segmentarium.formats.support.features import Feature
from segmentarium.formats.support.problems import Problems
from segmentarium.formats.support.spool import Spool
from segmentarium.formats.support.stems import Stems, plain_name
from segmentarium.formats.support.taken_names import renamed

_IMAGE = 2  # the number of this kind of media
_MASKS = Option(
    "masks",
    "Masks",
    "rle",
    ("rle", "polygon"),
    "RLE: the same pixels. Polygon: along the pixels' edges.",
)

_encode = msgspec.json.encode


class Datumaro:
    """Datumaro JSON: polygons and RLE masks; several parts of one annotation are a group."""

    name = "datumaro"
    title = "Datumaro JSON"
    description = "Datumaro's own format, from which it converts into all the others it knows."
    loses = (Feature.STUFF,)
    options = (
        replace(
            policies.HOLES,
            choices=("bridge", "rle", "fill"),
            description=f"{policies.HOLES.description} RLE: the annotation becomes a mask.",
        ),
        _MASKS,
        policies.PRECISION,
        policies.OVERLAPS,
        policies.HIDDEN,
        policies.IMAGES,
    )

    def write(self, dataset: Dataset, options: Options, changes: Changes) -> Iterator[WrittenFile]:
        """See `Format.write`."""
        labels = {category.id: at for at, category in enumerate(dataset.categories)}
        stems = Stems()
        spools: dict[str, Spool] = {}
        for image in dataset.images:
            subset = image.split.replace("/", "_") or DEFAULT
            file_name = plain_name(image.file_name)
            size = [image.height, image.width]
            item = {
                "id": stems.stem(image),
                "annotations": list(_annotations(image, labels, options, changes)),
                "image": {"path": file_name, "size": size},
            }
            spools.setdefault(subset, Spool()).add(_encode(item))
            if options["images"] and image.read_bytes is not None:
                yield f"images/{subset}/{file_name}", image.read_bytes()
        for subset, items in sorted((spools or {DEFAULT: Spool()}).items()):
            yield f"annotations/{subset}.json", _document(dataset, items)

    def recognizes(self, files: Files) -> bool:
        """See `Format.recognizes`."""
        return is_datumaro(files)

    def read(self, files: Files, problems: Problems) -> Dataset:
        """See `Format.read`."""
        return read_datumaro(files, problems)


def _document(dataset: Dataset, items: Spool) -> Iterator[bytes]:
    labels = [
        {"name": category.name, "parent": category.supercategory, "attributes": []}
        for category in dataset.categories
    ]
    colormap = [
        dict(zip(("label_id", "r", "g", "b"), (at, *category.color_rgb), strict=True))
        for at, category in enumerate(dataset.categories)
    ]
    head = {
        "dm_format_version": "1.0",
        "media_type": _IMAGE,
        "infos": {"name": dataset.name},
        "categories": {
            "label": {"label_groups": [], "labels": labels, "attributes": []},
            "mask": {"colormap": colormap},
        },
    }
    yield _encode(head).removesuffix(b"}") + b',"items":['
    yield from items.parts()
    yield b"]}"


def _annotations(
    image: DatasetImage, labels: dict[int, int], options: Options, changes: Changes
) -> Iterator[dict[str, Any]]:
    number = groups = 0
    for annotation in policies.seen(image, options, changes):
        shapes = _shapes(image, annotation, options, changes)
        groups += len(shapes) > 1
        attributes = _attributes(image, annotation, changes) if shapes else {}
        for shape in shapes:
            number += 1
            yield {
                "id": number,
                "attributes": attributes,
                "group": groups if len(shapes) > 1 else 0,
                "label_id": labels[annotation.category_id],
                "z_order": annotation.z_order,
                "uuid": annotation.id,
                **shape,
            }


def _attributes(image: DatasetImage, annotation: Annotation, changes: Changes) -> dict[str, object]:
    attributes = renamed(image, annotation, TAKEN, changes)
    if annotation.iscrowd:
        attributes["is_crowd"] = True
    if annotation.score is not None:
        attributes["score"] = annotation.score
    return attributes


def _shapes(
    image: DatasetImage, annotation: Annotation, options: Options, changes: Changes
) -> list[dict[str, Any]]:
    segmentation = annotation.segmentation
    if isinstance(segmentation, Polygons) and segmentation.has_holes and options["holes"] == "rle":
        changes.note(ChangeKind.AS_RLE, image.file_name, annotation.id, "it has holes")
        return [_mask(segmentation_to_rle(segmentation, image.height, image.width))]
    if isinstance(segmentation, RLE) and options["masks"] == "rle":
        return [_mask(segmentation)]
    rings = policies.rings_of(image, annotation, options, changes)
    if not rings:
        changes.note(ChangeKind.DROPPED, image.file_name, annotation.id, "it has no pixels")
    return [{"type": "polygon", "points": ring.ravel().tolist()} for ring in rings]


def _mask(rle: RLE) -> dict[str, Any]:
    return {"type": "mask", "rle": {"counts": encode_counts(rle.counts), "size": list(rle.size)}}


FORMAT = Datumaro()
