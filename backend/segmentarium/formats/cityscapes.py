"""Cityscapes: polygons, and maps of label ids, instance ids and colours, in a folder for each split and city.

Source:
    Cordts et al., "The Cityscapes Dataset for Semantic Urban Scene Understanding", CVPR 2016; cityscapesScripts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import Any

import msgspec

from segmentarium.core.annotation import Annotation, Category
from segmentarium.core.segment_map import annotations_to_instance_map
from segmentarium.core.spans import IdMap
from segmentarium.formats.base import Dataset, DatasetImage, Files, Option, Options, WrittenFile
from segmentarium.formats.support import policies
from segmentarium.formats.support.category_file import CATEGORY_FILE, category_file
from segmentarium.formats.support.changes import ChangeKind, Changes
from segmentarium.formats.support.cityscapes_facts import (
    COLORS,
    GROUND_TRUTH,
    INSTANCES,
    LABELS,
    NO_SPLIT,
    PICTURES,
    POLYGONS,
    TRAIN,
    city_of,
)
from segmentarium.formats.support.cityscapes_maps import (
    color_map,
    instance_ids,
    label_ids,
    label_map,
    train_map,
)
from segmentarium.formats.support.cityscapes_reading import is_cityscapes, read_cityscapes
from segmentarium.formats.support.features import Feature
from segmentarium.formats.support.png import color_to_png, ids_to_png8, ids_to_png16
from segmentarium.formats.support.problems import Problems
from segmentarium.formats.support.stems import Stems


class Cityscapes:
    """Cityscapes' gtFine. The polygons are whole, in z-order; the maps show what is seen."""

    name = "cityscapes"
    title = "Cityscapes"
    description = "Polygons and maps of labels, instances and colours, as cityscapesScripts read."
    loses: tuple[Feature, ...] = ()
    options = (
        Option(
            "train_ids",
            "With train ids",
            False,
            description="Maps of the 19 categories that Cityscapes evaluates; 255 for all else.",
        ),
        policies.HOLES,
        policies.PRECISION,
        policies.IMAGES,
    )

    def write(self, dataset: Dataset, options: Options, changes: Changes) -> Iterator[WrittenFile]:
        """See `Format.write`."""
        categories = {category.id: category for category in dataset.categories}
        labels = label_ids(dataset.categories)
        stems = Stems()
        for image in dataset.images:
            base = stems.stem(image, f"_{PICTURES}")
            path = f"{image.split or NO_SPLIT}/{city_of(image.file_name)}/{base}"
            if options["images"] and image.read_bytes is not None:
                suffix = PurePosixPath(image.file_name).suffix
                yield f"{PICTURES}/{path}_{PICTURES}{suffix}", image.read_bytes()
            truth = f"{GROUND_TRUTH}/{path}_{GROUND_TRUTH}_"
            yield f"{truth}{POLYGONS}", _polygons(image, categories, options, changes)
            made = annotations_to_instance_map(image.annotations, image.height, image.width)
            instances = instance_ids(image, made, categories, labels, changes)
            yield f"{truth}{INSTANCES}", ids_to_png16(instances)
            label_ids_map = label_map(made, labels)
            yield f"{truth}{LABELS}", _grey(label_ids_map)
            colors = color_map(label_ids_map, dataset.categories, labels)
            yield f"{truth}{COLORS}", color_to_png(colors)
            if options["train_ids"]:
                yield f"{truth}{TRAIN}", _grey(train_map(label_ids_map))
        order = [labels[category.id] for category in dataset.categories]
        yield CATEGORY_FILE, category_file(self.name, dataset.categories, order, 0)

    def recognizes(self, files: Files) -> bool:
        """See `Format.recognizes`."""
        return is_cityscapes(files)

    def read(self, files: Files, problems: Problems) -> Dataset:
        """See `Format.read`."""
        return read_cityscapes(files, problems)


def _grey(ids: IdMap) -> bytes:
    return ids_to_png8(ids) if int(ids.max()) < 256 else ids_to_png16(ids)


def _polygons(
    image: DatasetImage,
    categories: dict[int, Category],
    options: Options,
    changes: Changes,
) -> bytes:
    objects: list[dict[str, Any]] = []
    for annotation in sorted(image.annotations, key=lambda one: one.z_order):
        rings = policies.rings_of(image, annotation, options, changes)
        if not rings:
            changes.note(ChangeKind.DROPPED, image.file_name, annotation.id, "it has no pixels")
        label = categories[annotation.category_id].name
        objects.extend(
            {"label": label + "group" * annotation.iscrowd, "polygon": ring.tolist(), **more}
            for ring, more in zip(rings, _more(annotation, len(rings)), strict=True)
        )
    document = {
        "imgHeight": image.height,
        "imgWidth": image.width,
        "file_name": image.file_name,
        "objects": objects,
    }
    return msgspec.json.encode(document)


def _more(annotation: Annotation, count: int) -> Sequence[dict[str, Any]]:
    """Fields of our own: polygons of one id are one annotation, and the first has what else is said of it."""
    first: dict[str, Any] = {"id": annotation.id, "iscrowd": int(annotation.iscrowd)}
    if annotation.score is not None:
        first["score"] = annotation.score
    if annotation.attributes:
        first["attributes"] = annotation.attributes
    return [first, *({"id": annotation.id} for _ in range(count - 1))][:count]


FORMAT = Cityscapes()
