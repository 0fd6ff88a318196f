"""Masks as PNG: semantic (category index) and instance (id) maps, with tables that say what the numbers mean."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import count
from pathlib import PurePosixPath

from segmentarium.core.annotation import Annotation
from segmentarium.core.errors import MalformedFile
from segmentarium.core.segment_map import (
    Segment,
    annotations_to_instance_map,
    ids_to_rles,
    instance_map_to_category_map,
)
from segmentarium.formats.base import Dataset, DatasetImage, Files, Options, WrittenFile
from segmentarium.formats.support import policies
from segmentarium.formats.support.categories import CategoryTable, color_of
from segmentarium.formats.support.changes import Changes
from segmentarium.formats.support.features import Feature
from segmentarium.formats.support.instance_table import InstanceTable, table_rows, whole
from segmentarium.formats.support.pictures import Pictures
from segmentarium.formats.support.png import category_map_to_png, ids_to_png16, read_map
from segmentarium.formats.support.problems import Problems
from segmentarium.formats.support.splits import folder_split
from segmentarium.formats.support.spool import Spool

_CATEGORIES, _INSTANCES = "categories.csv", "instances.csv"
_CATEGORY_COLUMNS = ("index", "name", "supercategory", "isthing", "color")
_INSTANCE_COLUMNS = (
    *("file_name", "instance", "category_index", "annotation_id", "iscrowd", "visible_area"),
)


class Masks:
    """Semantic and instance PNG of every image."""

    name = "masks"
    title = "Masks (PNG)"
    description = (
        "A semantic and an instance map for each image, and tables of what their numbers mean."
    )
    loses = (Feature.VERTICES, Feature.OVERLAPS, Feature.SCORES, Feature.ATTRIBUTES)
    options = (policies.IMAGES,)

    def write(self, dataset: Dataset, options: Options, changes: Changes) -> Iterator[WrittenFile]:
        """See `Format.write`."""
        order = [category.id for category in dataset.categories]
        index = {category_id: place for place, category_id in enumerate(order, start=1)}
        instances = Spool(b"")
        instances.add(_lines([_INSTANCE_COLUMNS]))
        for image in dataset.images:
            folder = f"{image.split}/" if image.split else ""
            if options["images"] and image.read_bytes is not None:
                yield f"images/{folder}{image.file_name}", image.read_bytes()
            map_name = f"{folder}{_map_name(image.file_name)}"
            instance_map = annotations_to_instance_map(image.annotations, image.height, image.width)
            category_map = instance_map_to_category_map(instance_map, order)
            yield f"semantic/{map_name}", category_map_to_png(category_map, dataset.categories)
            yield f"instance/{map_name}", ids_to_png16(instance_map.ids)
            policies.note_painted(image, instance_map.segments, changes)
            instances.add(_lines(_row(image, one, index) for one in instance_map.segments))
        rows = [
            (0, "void", "", 0, "#000000"),
            *(
                (index[one.id], one.name, one.supercategory, int(one.isthing), one.color)
                for one in dataset.categories
            ),
        ]
        yield _CATEGORIES, _lines([_CATEGORY_COLUMNS, *rows])
        yield _INSTANCES, instances.parts()

    def recognizes(self, files: Files) -> bool:
        """See `Format.recognizes`."""
        return _table_path(files, _CATEGORIES) is not None and any(
            "instance" in PurePosixPath(name).parts for name in files.names
        )

    def read(self, files: Files, problems: Problems) -> Dataset:
        """See `Format.read`."""
        path = _table_path(files, _CATEGORIES)
        if path is None:
            raise MalformedFile(f"There is no {_CATEGORIES}.")
        table = CategoryTable()
        ids: dict[int, int] = {}
        for line, row in table_rows(files, path):
            number = whole(row, "index")
            if number is None or not row.get("name"):
                problems.add(path, f"line {line}", "A category has an index and a name.")
            elif number > 0:
                ids[number] = table.id_of(
                    row["name"],
                    color=color_of(row.get("color")),
                    isthing=row.get("isthing") != "0",
                    supercategory=row.get("supercategory") or "",
                )
        return Dataset("masks", table.categories, _images(files, path, ids, problems))


def _row(image: DatasetImage, segment: Segment, index: dict[int, int]) -> Sequence[object]:
    return (
        image.file_name,
        segment.id,
        index[segment.category_id],
        *segment.annotation_ids,
        int(segment.iscrowd),
        segment.area,
    )


def _images(
    files: Files, categories_path: str, categories: dict[int, int], problems: Problems
) -> Iterator[DatasetImage]:
    root = PurePosixPath(categories_path).parent
    path = str(root / _INSTANCES)
    table = InstanceTable(files, path, categories)
    if path in files.names:
        table.look_through(problems)
    maps = [name for name in files.names if PurePosixPath(name).is_relative_to(root / "instance")]
    in_maps = set(maps)
    pictures = Pictures(
        files, lambda name: name in in_maps or "semantic" in PurePosixPath(name).parts
    )
    numbers = count(1)
    for name in maps:
        file_name = PurePosixPath(name).name.removesuffix(".png")
        found = pictures.find(file_name, name)
        try:
            ids = read_map(files, name, pictures.known_size(found))
            height, width = ids.shape
        except (MalformedFile, ValueError) as error:
            problems.add(name, "", str(error))
            continue
        told = table.instances(file_name)
        annotations = []
        for number, rle in ids_to_rles(ids).items():
            one = told.get(number)
            if one is None:
                problems.add(name, f"id {number}", f"{path} does not say what it is.")
                continue
            annotations.append(
                Annotation(
                    id=one.annotation_id,
                    category_id=categories[one.category_index],
                    segmentation=rle,
                    iscrowd=one.iscrowd,
                    z_order=number,
                )
            )
        yield DatasetImage(
            next(numbers),
            file_name,
            width,
            height,
            tuple(annotations),
            pictures.reader(found),
            folder_split(name, str(root / "instance")),
        )


def _table_path(files: Files, name: str) -> str | None:
    return next((path for path in files.names if PurePosixPath(path).name == name), None)


def _map_name(file_name: str) -> str:
    # Always after the whole name: cat.jpg, cat.png and cat.jpg.png are three images.
    return f"{file_name}.png"


def _lines(rows: Iterable[Sequence[object]]) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows(rows)
    return buffer.getvalue().encode()


FORMAT = Masks()
