"""Label Studio JSON: all tasks in one file, with the labelling configuration beside it.

Source:
    Label Studio's documentation, "Export annotations"; places are percents of the image.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import msgspec
import numpy as np

from segmentarium.core.annotation import Annotation, Polygons
from segmentarium.core.raster import segmentation_to_mask
from segmentarium.core.rle import RLE, rle_area
from segmentarium.formats.base import Dataset, DatasetImage, Files, Option, Options, WrittenFile
from segmentarium.formats.support import policies
from segmentarium.formats.support.brush_rle import encode_brush
from segmentarium.formats.support.changes import ChangeKind, Changes
from segmentarium.formats.support.features import Feature
from segmentarium.formats.support.label_studio_reading import is_label_studio, read_label_studio
from segmentarium.formats.support.problems import Problems
from segmentarium.formats.support.rings import outline_of
from segmentarium.formats.support.spool import Spool
from segmentarium.formats.support.stems import plain_name
from segmentarium.formats.support.xml_text import xml_attributes

_KEPT_DIGITS = 5  # of a percent beyond those of the image's size: a millionth of a pixel comes back
_MASKS = Option(
    "masks",
    "Masks",
    "brush",
    ("brush", "polygon"),
    "Brush: as Label Studio's brush. Polygon: along the pixels' edges.",
)

_encode = msgspec.json.encode


class LabelStudio:
    """Label Studio JSON: polygons in percent, masks as brush labels."""

    name = "label-studio"
    title = "Label Studio JSON"
    description = "Tasks with annotations, as Label Studio imports and exports them."
    loses = (Feature.SUPERCATEGORIES, Feature.STUFF)
    options = (
        replace(
            policies.HOLES,
            choices=("bridge", "brush", "fill"),
            description=f"{policies.HOLES.description} Brush: the annotation becomes a mask.",
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
        tasks = Spool(b",\n")
        for number, image in enumerate(dataset.images, start=1):
            folder = f"images/{image.split}" if image.split else "images"
            path = f"{folder}/{plain_name(image.file_name)}"
            results = [
                result
                for annotation in policies.seen(image, options, changes)
                for result in _results(image, annotation, names, options, changes)
            ]
            tasks.add(_encode(_task(number, image, path, results)))
            if options["images"] and image.read_bytes is not None:
                yield path, image.read_bytes()
        yield "tasks.json", _document(tasks)
        yield "label_config.xml", _config(dataset).encode()

    def recognizes(self, files: Files) -> bool:
        """See `Format.recognizes`."""
        return is_label_studio(files)

    def read(self, files: Files, problems: Problems) -> Dataset:
        """See `Format.read`."""
        return read_label_studio(files, problems)


def _document(tasks: Spool) -> Iterator[bytes]:
    yield b"[\n"
    yield from tasks.parts()
    yield b"\n]\n"


def _task(
    number: int, image: DatasetImage, path: str, results: list[dict[str, Any]]
) -> dict[str, Any]:
    data: dict[str, Any] = {
        "image": f"/data/local-files/?d={quote(path)}",
        "width": image.width,
        "height": image.height,
    }
    if image.split:
        data["split"] = image.split
    annotation = {"id": number, "was_cancelled": False, "ground_truth": False, "result": results}
    return {"id": number, "data": data, "annotations": [annotation], "predictions": []}


def _config(dataset: Dataset) -> str:
    labels = "".join(
        f"    <Label{xml_attributes({'value': category.name, 'background': category.color})}/>\n"
        for category in dataset.categories
    )
    return (
        '<View>\n  <Image name="image" value="$image"/>\n'
        f'  <PolygonLabels name="polygon" toName="image">\n{labels}  </PolygonLabels>\n'
        f'  <BrushLabels name="brush" toName="image">\n{labels}  </BrushLabels>\n</View>\n'
    )


def _results(
    image: DatasetImage,
    annotation: Annotation,
    names: dict[int, str],
    options: Options,
    changes: Changes,
) -> Iterator[dict[str, Any]]:
    label = names[annotation.category_id]
    value, kind = _value(image, annotation, options, changes), "brush"
    if value is None:
        changes.note(ChangeKind.DROPPED, image.file_name, annotation.id, "it has no pixels")
        return
    if "points" in value:
        kind = "polygon"
    meta: dict[str, Any] = {}
    if annotation.iscrowd:
        meta["iscrowd"] = True
    if annotation.attributes:
        meta["attributes"] = annotation.attributes
    result: dict[str, Any] = {
        "id": annotation.id,
        "type": f"{kind}labels",
        "from_name": kind,
        "to_name": "image",
        "original_width": image.width,
        "original_height": image.height,
        "image_rotation": 0,
        "value": value | {f"{kind}labels": [label]},
    }
    if annotation.score is not None:
        result["score"] = annotation.score
    if meta:
        result["meta"] = meta
    yield result


def _value(
    image: DatasetImage, annotation: Annotation, options: Options, changes: Changes
) -> dict[str, Any] | None:
    """What an annotation covers, in Label Studio's terms; None for one without pixels."""
    segmentation = annotation.segmentation
    is_brush = isinstance(segmentation, RLE) and options["masks"] == "brush"
    if (
        isinstance(segmentation, Polygons)
        and segmentation.has_holes
        and options["holes"] == "brush"
    ):
        changes.note(ChangeKind.AS_RLE, image.file_name, annotation.id, "it has holes")
        is_brush = True
    if is_brush:
        if isinstance(segmentation, RLE) and not rle_area(segmentation):
            return None
        mask = segmentation_to_mask(segmentation, image.height, image.width)
        return {"format": "rle", "rle": encode_brush(mask)}
    outline = outline_of(image, annotation, options, changes)
    if outline is None:
        return None
    digits = len(str(max(image.width, image.height))) + _KEPT_DIGITS
    percents = np.round(outline * 100 / (image.width, image.height), digits)
    return {"points": percents.tolist(), "closed": True}


FORMAT = LabelStudio()
