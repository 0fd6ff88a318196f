"""Masks as PNG: semantic (category index) and instance (id) maps, with tables that say what the numbers mean."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence

from segmentarium.core.segment_map import annotations_to_category_map, annotations_to_instance_map
from segmentarium.formats.base import Dataset, Option, OptionValue
from segmentarium.formats.png import category_map_to_png, ids_to_png16


class Masks:
    """Semantic and instance PNG of every image."""

    name = "masks"
    title = "Masks (PNG)"
    description = (
        "A semantic and an instance map for each image, and tables of what their numbers mean."
    )
    loses = (
        "polygons: vertices become pixels",
        "the hidden part of an annotation that lies under another",
    )
    options = (Option("images", "With the images", True),)

    def write(
        self, dataset: Dataset, options: Mapping[str, OptionValue]
    ) -> Iterator[tuple[str, bytes]]:
        """See `Format.write`."""
        order = [category.id for category in dataset.categories]
        index = {category_id: place for place, category_id in enumerate(order, start=1)}
        instances: list[Sequence[object]] = []
        for image in dataset.images:
            if options["images"]:
                yield f"images/{image.file_name}", image.read_bytes()
            map_name = _map_name(image.file_name)
            category_map = annotations_to_category_map(
                image.annotations, order, image.height, image.width
            )
            yield f"semantic/{map_name}", category_map_to_png(category_map, dataset.categories)
            instance_map = annotations_to_instance_map(image.annotations, image.height, image.width)
            yield f"instance/{map_name}", ids_to_png16(instance_map.ids)
            instances.extend(
                (
                    image.file_name,
                    segment.id,
                    index[segment.category_id],
                    *segment.annotation_ids,
                    int(segment.iscrowd),
                    segment.area,
                )
                for segment in instance_map.segments
            )
        yield (
            "categories.csv",
            _table(
                ("index", "name", "supercategory", "isthing", "color"),
                [
                    (0, "void", "", 0, "#000000"),
                    *(
                        (index[c.id], c.name, c.supercategory, int(c.isthing), c.color)
                        for c in dataset.categories
                    ),
                ],
            ),
        )
        header = (
            "file_name",
            "instance",
            "category_index",
            "annotation_id",
            "iscrowd",
            "visible_area",
        )
        yield "instances.csv", _table(header, instances)


def _map_name(file_name: str) -> str:
    # Always after the whole name: cat.jpg, cat.png and cat.jpg.png are three images.
    return f"{file_name}.png"


def _table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> bytes:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return buffer.getvalue().encode()


FORMAT = Masks()
