"""LabelMe: a JSON beside each image.

Source:
    labelme, `labelme/_label_file.py`; what it does not know of a shape it keeps as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import msgspec

from segmentarium.core.annotation import Annotation, Polygons
from segmentarium.core.raster import segmentation_to_rle
from segmentarium.core.rle import RLE, rle_to_crop
from segmentarium.formats.base import Dataset, DatasetImage, Files, Option, Options, WrittenFile
from segmentarium.formats.support import policies
from segmentarium.formats.support.changes import ChangeKind, Changes
from segmentarium.formats.support.embedded import mask_to_text
from segmentarium.formats.support.features import Feature
from segmentarium.formats.support.labelme_reading import LABELS, is_labelme, read_labelme
from segmentarium.formats.support.problems import Problems
from segmentarium.formats.support.stems import Stems, plain_name

VERSION = "5.5.0"  # of LabelMe, as whose documents these are written
_MASKS = Option(
    "masks",
    "Masks",
    "mask",
    ("mask", "polygon"),
    "Mask: as LabelMe's mask shapes, since its version 5.3. Polygon: along the pixels' edges.",
)


class LabelMe:
    """LabelMe JSON: polygons and masks; several parts of one annotation have a group id."""

    name = "labelme"
    title = "LabelMe JSON"
    description = "A JSON beside each image, as LabelMe and X-AnyLabeling open it."
    loses = (Feature.COLORS, Feature.SUPERCATEGORIES, Feature.STUFF)
    options = (
        replace(
            policies.HOLES,
            choices=("bridge", "mask", "fill"),
            description=f"{policies.HOLES.description} Mask: the annotation becomes a mask shape.",
        ),
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
        for image in dataset.images:
            folder = f"{image.split}/" if image.split else ""
            file_name = plain_name(image.file_name)
            if options["images"] and image.read_bytes is not None:
                yield f"{folder}{file_name}", image.read_bytes()
            shapes: list[dict[str, Any]] = []
            groups = 0
            for annotation in policies.seen(image, options, changes):
                own = _shapes(image, annotation, options, changes)
                if len(own) > 1:
                    for shape in own:
                        shape["group_id"] = groups
                    groups += 1
                told = _told(names[annotation.category_id], annotation)
                shapes.extend(shape | told for shape in own)
            stem = stems.stem(image)
            document: dict[str, Any] = {
                "version": VERSION,
                "flags": {},
                "shapes": shapes,
                "imagePath": file_name.rpartition("/")[2],
                "imageData": None,
                "imageHeight": image.height,
                "imageWidth": image.width,
            }
            if image.split:
                document["split"] = image.split  # a key of our own, which LabelMe keeps
            yield f"{folder}{stem}.json", msgspec.json.encode(document)
        labels = ["__ignore__", "_background_", *names.values()]
        yield LABELS, "".join(f"{name}\n" for name in labels).encode()

    def recognizes(self, files: Files) -> bool:
        """See `Format.recognizes`."""
        return is_labelme(files)

    def read(self, files: Files, problems: Problems) -> Dataset:
        """See `Format.read`."""
        return read_labelme(files, problems)


def _shapes(
    image: DatasetImage, annotation: Annotation, options: Options, changes: Changes
) -> Sequence[dict[str, Any]]:
    """What an annotation covers, as one or more shapes without what is said of it."""
    segmentation = annotation.segmentation
    if isinstance(segmentation, Polygons) and segmentation.has_holes and options["holes"] == "mask":
        changes.note(ChangeKind.AS_RLE, image.file_name, annotation.id, "it has holes")
        segmentation = segmentation_to_rle(segmentation, image.height, image.width)
        return _mask(image, annotation, segmentation, changes)
    if isinstance(segmentation, RLE) and options["masks"] == "mask":
        return _mask(image, annotation, segmentation, changes)
    rings = policies.rings_of(image, annotation, options, changes)
    if not rings:
        changes.note(ChangeKind.DROPPED, image.file_name, annotation.id, "it has no pixels")
    return [_shape("polygon", ring.tolist()) for ring in rings]


def _mask(
    image: DatasetImage, annotation: Annotation, rle: RLE, changes: Changes
) -> Sequence[dict[str, Any]]:
    crop, (x, y, w, h) = rle_to_crop(rle)
    if not crop.size:
        changes.note(ChangeKind.DROPPED, image.file_name, annotation.id, "it has no pixels")
        return []
    corners = [[float(x), float(y)], [float(x + w - 1), float(y + h - 1)]]
    return [_shape("mask", corners, mask_to_text(crop))]


def _shape(kind: str, points: list[list[float]], mask: str | None = None) -> dict[str, Any]:
    return {"shape_type": kind, "points": points, "mask": mask, "group_id": None}


def _told(label: str, annotation: Annotation) -> dict[str, Any]:
    """What is said of an annotation: true and false are LabelMe's flags, the rest stands beside them."""
    attributes = dict(annotation.attributes)
    description = attributes.get("description")
    if isinstance(description, str) and description:
        del attributes["description"]
    else:
        description = ""
    flags = {
        key: attributes.pop(key)
        for key, one in [*attributes.items()]
        if one is True or one is False
    }
    told: dict[str, Any] = {"label": label, "description": description, "flags": flags}
    told["id"] = annotation.id
    if annotation.score is not None:
        told["score"] = annotation.score
    if annotation.iscrowd:
        told["iscrowd"] = True
    if attributes:
        told["attributes"] = attributes
    return told


FORMAT = LabelMe()
