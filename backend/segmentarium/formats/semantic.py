"""Semantic maps: a PNG of category numbers for each image, with the categories' colours as its palette."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence

import numpy as np

from segmentarium.core.annotation import Category
from segmentarium.core.segment_map import annotations_to_instance_map, instance_map_to_category_map
from segmentarium.core.spans import IdMap
from segmentarium.formats.base import Dataset, Files, Option, Options, WrittenFile
from segmentarium.formats.support import policies
from segmentarium.formats.support.category_file import CATEGORY_FILE, category_file
from segmentarium.formats.support.changes import Changes
from segmentarium.formats.support.features import Feature
from segmentarium.formats.support.png import ids_to_png16, indices_to_png
from segmentarium.formats.support.problems import Problems
from segmentarium.formats.support.semantic_reading import (
    IMAGE_TABLE,
    MAPS_FOLDER,
    is_semantic,
    read_semantic,
)
from segmentarium.formats.support.spool import Spool
from segmentarium.formats.support.stems import Stems

_VOID_8, _VOID_16 = 255, 65_535


class Semantic:
    """Index PNG of every image, and what the indices mean."""

    name = "semantic"
    title = "Semantic maps (PNG)"
    description = (
        "A PNG of category numbers for each image, as MMSegmentation and COCO-Stuff's tools read."
    )
    loses = (
        Feature.INSTANCES,
        Feature.VERTICES,
        Feature.OVERLAPS,
        Feature.CROWDS,
        Feature.IDS,
        Feature.SCORES,
        Feature.ATTRIBUTES,
    )
    options = (
        Option(
            "void",
            "Number of void",
            "0",
            ("0", "255"),
            "0: categories count from 1. 255: they count from 0, as in COCO-Stuff and for most losses.",
        ),
        policies.IMAGES,
    )

    def write(self, dataset: Dataset, options: Options, changes: Changes) -> Iterator[WrittenFile]:
        """See `Format.write`."""
        order = [category.id for category in dataset.categories]
        numbers, void = _numbers(len(order), options)
        stems = Stems()
        table = Spool(b"\n")
        table.add(b"file_name,map")
        for image in dataset.images:
            folder = f"{image.split}/" if image.split else ""
            if options["images"] and image.read_bytes is not None:
                yield f"images/{folder}{image.file_name}", image.read_bytes()
            size = image.height, image.width
            name = f"{MAPS_FOLDER}/{folder}{stems.stem(image)}.png"
            painted = annotations_to_instance_map(image.annotations, *size)
            category_map = instance_map_to_category_map(painted, order)
            yield name, _png(category_map, dataset.categories, numbers, void)
            table.add(_row(image.file_name, name))
            policies.note_painted(image, painted.segments, changes)
            policies.note_merged(image, changes)
        yield CATEGORY_FILE, category_file(self.name, dataset.categories, numbers, void)
        names = {
            void: "unlabeled",
            **dict(zip(numbers, (one.name for one in dataset.categories), strict=True)),
        }
        lines = [f"{number}: {names[number]}\n" for number in sorted(names)]
        yield "labels.txt", "".join(lines).encode()
        table.add(b"")
        yield IMAGE_TABLE, table.parts()

    def recognizes(self, files: Files) -> bool:
        """See `Format.recognizes`."""
        return is_semantic(files)

    def read(self, files: Files, problems: Problems) -> Dataset:
        """See `Format.read`."""
        return read_semantic(files, problems)


def _numbers(count: int, options: Options) -> tuple[list[int], int]:
    """The number of each category, and that of void."""
    if options["void"] == "0":
        return list(range(1, count + 1)), 0
    return list(range(count)), _VOID_8 if count <= _VOID_8 else _VOID_16


def _png(
    category_map: IdMap, categories: Sequence[Category], numbers: Sequence[int], void: int
) -> bytes:
    values = np.array([void, *numbers], np.int32)
    written: IdMap = values[category_map]
    if int(values.max()) > _VOID_8:
        return ids_to_png16(written)
    colors = dict(zip(numbers, (one.color_rgb for one in categories), strict=True))
    black = (0, 0, 0)
    return indices_to_png(written, [colors.get(at, black) for at in range(int(values.max()) + 1)])


def _row(*cells: str) -> bytes:
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(cells)
    return line.getvalue().encode()


FORMAT = Semantic()
