"""COCO instances: one JSON file for each split, with the images.

Source:
    https://cocodataset.org/#format-data
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import msgspec
import pycocotools.mask

from segmentarium.core.annotation import Annotation, Polygons
from segmentarium.core.raster import describe_segmentation
from segmentarium.formats.base import Dataset, DatasetImage, Files, Option, Options, WrittenFile
from segmentarium.formats.support import policies
from segmentarium.formats.support.changes import ChangeKind, Changes
from segmentarium.formats.support.coco_reading import is_coco, read_coco
from segmentarium.formats.support.features import Feature
from segmentarium.formats.support.problems import Problems
from segmentarium.formats.support.splits import info_of
from segmentarium.formats.support.spool import Spool

_encode = msgspec.json.encode


class Coco:
    """COCO instances JSON.

    Every segmentation is exact: polygons where pycocotools fills them with the same pixels as we do, else RLE.
    """

    name = "coco"
    title = "COCO instances"
    description = "JSON that pycocotools, Detectron2, MMDetection and most trainers read."
    loses = (Feature.SOME_VERTICES,)
    options = (
        Option(
            "segmentation",
            "Segmentation as",
            "exact",
            ("exact", "rle", "polygons"),
            "Exact: polygons where pycocotools reads the same pixels, RLE where it would not. "
            "Polygons: always, and the report says which are read otherwise.",
        ),
        replace(policies.HOLES, default="rle", choices=("rle", "bridge", "fill")),
        policies.PRECISION,
        policies.OVERLAPS,
        policies.HIDDEN,
        policies.IMAGES,
    )

    def write(self, dataset: Dataset, options: Options, changes: Changes) -> Iterator[WrittenFile]:
        """See `Format.write`."""
        spools: dict[str, tuple[Spool, Spool]] = {}
        count = 0
        for image in dataset.images:
            if image.split not in spools:
                spools[image.split] = Spool(), Spool()
            images, annotations = spools[image.split]
            images.add(_encode(_image(image)))
            entries: list[dict[str, Any]] = []
            for annotation in policies.seen(image, options, changes):
                count += 1
                entries.append(_annotation(count, image, annotation, options, changes))
            if entries:
                annotations.add(_encode(entries)[1:-1])
            if options["images"] and image.read_bytes is not None:
                folder = f"images/{image.split}" if image.split else "images"
                yield f"{folder}/{image.file_name}", image.read_bytes()
        for split, (images, annotations) in sorted((spools or {"": (Spool(), Spool())}).items()):
            name = f"instances_{split}" if split else "instances"
            yield f"annotations/{name}.json", _document(dataset, split, images, annotations)

    def recognizes(self, files: Files) -> bool:
        """See `Format.recognizes`."""
        return is_coco(files)

    def read(self, files: Files, problems: Problems) -> Dataset:
        """See `Format.read`."""
        return read_coco(files, problems)


def _document(dataset: Dataset, split: str, images: Spool, annotations: Spool) -> Iterator[bytes]:
    categories = [
        {
            "id": category.id,
            "name": category.name,
            "supercategory": category.supercategory,
            "isthing": int(category.isthing),
            "color": list(category.color_rgb),
        }
        for category in dataset.categories
    ]
    yield b'{"info":' + _encode(info_of(dataset.name, split)) + b',"licenses":[],"images":['
    yield from images.parts()
    yield b'],"annotations":['
    yield from annotations.parts()
    yield b'],"categories":' + _encode(categories) + b"}"


def _image(image: DatasetImage) -> dict[str, Any]:
    return {
        "id": image.id,
        "file_name": image.file_name,
        "width": image.width,
        "height": image.height,
    }


def _annotation(
    number: int, image: DatasetImage, annotation: Annotation, options: Options, changes: Changes
) -> dict[str, Any]:
    height, width = image.height, image.width
    segmentation, kind = annotation.segmentation, options["segmentation"]
    is_asked = kind == "exact" and isinstance(segmentation, Polygons)
    told = describe_segmentation(segmentation, height, width, asks_reader=is_asked)
    written: Any = {"size": (height, width), "counts": told.counts}
    if kind == "polygons" or (is_asked and told.is_read_so is not False):
        written = _polygons(image, annotation, told.counts, options, changes) or written
    elif is_asked:
        changes.note(ChangeKind.AS_RLE, image.file_name, annotation.id)
    entry = {
        "id": number,
        "image_id": image.id,
        "category_id": annotation.category_id,
        "segmentation": written,
        "area": told.area,
        "bbox": told.bbox_xywh,
        "iscrowd": int(annotation.iscrowd),
        "uuid": annotation.id,
        "z_order": annotation.z_order,
    }
    if annotation.score is not None:
        entry["score"] = annotation.score
    if annotation.attributes:
        entry["attributes"] = annotation.attributes
    return entry


def _polygons(
    image: DatasetImage, annotation: Annotation, counts: str, options: Options, changes: Changes
) -> list[list[float]] | None:
    """COCO's polygons as they are written, asked of its own reader; None where RLE is to be written."""
    is_forced = options["segmentation"] == "polygons"
    if is_forced and annotation.iscrowd:
        return None  # a crowd is RLE: pycocotools takes its polygons for an object's
    segmentation = annotation.segmentation
    has_holes = isinstance(segmentation, Polygons) and segmentation.has_holes
    if has_holes and options["holes"] == "rle":
        changes.note(ChangeKind.AS_RLE, image.file_name, annotation.id, "it has holes")
        return None
    rings = policies.rings_of(image, annotation, options, changes)
    flat = [ring.ravel().tolist() for ring in rings]
    size = (image.height, image.width)
    read = pycocotools.mask.frPyObjects(flat, *size)
    (merged,) = read if len(read) == 1 else [pycocotools.mask.merge(read)]
    if merged["counts"].decode() == counts:
        return flat
    if is_forced:
        iou = _iou(merged, {"size": list(size), "counts": counts.encode()})
        changes.note(ChangeKind.READ_DIFFERENTLY, image.file_name, annotation.id, f"IoU {iou:.4f}")
        return flat
    changes.note(ChangeKind.AS_RLE, image.file_name, annotation.id)
    return None


def _iou(a: dict[str, Any], b: dict[str, Any]) -> float:
    return float(pycocotools.mask.iou([a], [b], [0])[0, 0])


FORMAT = Coco()
