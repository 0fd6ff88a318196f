"""COCO instances: one JSON file, with the images.

Source:
    https://cocodataset.org/#format-data
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from segmentarium.core.annotation import Annotation, Polygons, polygons_to_json, rle_to_json
from segmentarium.core.raster import segmentation_area_and_bbox, segmentation_to_rle
from segmentarium.formats.base import Dataset, DatasetImage, Option, OptionValue


class Coco:
    """COCO instances JSON.

    By default every segmentation is RLE: readers differ in how they fill a polygon, none in how they read RLE.
    """

    name = "coco"
    title = "COCO instances"
    description = "One JSON file that pycocotools, Detectron2, MMDetection and most trainers read."
    loses = ("z-order: annotations overlap as they were drawn, each one whole",)
    options = (
        Option("segmentation", "Segmentation as", "rle", ("rle", "polygons")),
        Option("images", "With the images", True),
    )

    def write(
        self, dataset: Dataset, options: Mapping[str, OptionValue]
    ) -> Iterator[tuple[str, bytes]]:
        """See `Format.write`."""
        as_polygons = options["segmentation"] == "polygons"
        images: list[dict[str, Any]] = []
        annotations: list[dict[str, Any]] = []
        for image in dataset.images:
            images.append(
                {
                    "id": image.id,
                    "file_name": image.file_name,
                    "width": image.width,
                    "height": image.height,
                }
            )
            for annotation in image.annotations:
                number = len(annotations) + 1
                annotations.append(_annotation(number, image, annotation, as_polygons=as_polygons))
            if options["images"]:
                yield f"images/{image.file_name}", image.read_bytes()
        document = {
            "info": {"description": dataset.name, "version": "1.0"},
            "licenses": [],
            "images": images,
            "annotations": annotations,
            "categories": [
                {
                    "id": category.id,
                    "name": category.name,
                    "supercategory": category.supercategory,
                    "isthing": int(category.isthing),
                    "color": list(category.color_rgb),
                }
                for category in dataset.categories
            ],
        }
        text = json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        yield "annotations/instances.json", text.encode()


def _annotation(
    number: int, image: DatasetImage, annotation: Annotation, *, as_polygons: bool
) -> dict[str, Any]:
    size = (image.height, image.width)
    segmentation = annotation.segmentation
    # COCO's polygons know no holes: filled, they would be another object.
    if as_polygons and isinstance(segmentation, Polygons) and not segmentation.has_holes:
        written: object = [rings[0] for rings in polygons_to_json(segmentation)]
    else:
        written = rle_to_json(segmentation_to_rle(segmentation, *size))
    area, bbox = segmentation_area_and_bbox(segmentation, *size)
    return {
        "id": number,
        "image_id": image.id,
        "category_id": annotation.category_id,
        "segmentation": written,
        "area": area,
        "bbox": list(bbox),
        "iscrowd": int(annotation.iscrowd),
    }


FORMAT = Coco()
