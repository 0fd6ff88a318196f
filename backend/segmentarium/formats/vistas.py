"""Mapillary Vistas: 16-bit maps of label × 256 + instance, maps of labels, and a config that names the labels.

Source:
    Neuhold et al., "The Mapillary Vistas Dataset for Semantic Understanding of Street Scenes", ICCV 2017.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath

import msgspec
import numpy as np

from segmentarium.core.annotation import Category
from segmentarium.core.errors import Invalid
from segmentarium.core.segment_map import SegmentMap, annotations_to_instance_map
from segmentarium.core.spans import IdMap
from segmentarium.formats.base import Dataset, DatasetImage, Files, Options, WrittenFile
from segmentarium.formats.support import policies
from segmentarium.formats.support.changes import ChangeKind, Changes
from segmentarium.formats.support.features import Feature
from segmentarium.formats.support.png import ids_to_png16, indices_to_png
from segmentarium.formats.support.problems import Problems
from segmentarium.formats.support.stems import Stems
from segmentarium.formats.support.vistas_reading import (
    INSTANCES,
    LABELS,
    NO_SPLIT,
    PER_LABEL,
    PICTURES,
    is_vistas,
    read_vistas,
)

_VERSION = "v2.0"
_FOLDERS = {"train": "training", "val": "validation", "test": "testing"}
_VOID = "void--unlabeled"


class Vistas:
    """Mapillary Vistas 2.0, without its polygons and panoptic maps."""

    name = "vistas"
    title = "Mapillary Vistas"
    description = "Maps of instances and of labels with a config, for networks of street scenes."
    loses = (
        Feature.VERTICES,
        Feature.OVERLAPS,
        Feature.Z_ORDER,
        Feature.CROWDS,
        Feature.IDS,
        Feature.SCORES,
        Feature.ATTRIBUTES,
    )
    options = (policies.IMAGES,)

    def write(self, dataset: Dataset, options: Options, changes: Changes) -> Iterator[WrittenFile]:
        """See `Format.write`.

        Raises:
            Invalid: there are more than 255 categories.
        """
        if len(dataset.categories) >= PER_LABEL:
            raise Invalid("Mapillary Vistas has room for 255 categories.")
        labels = {category.id: place for place, category in enumerate(dataset.categories)}
        palette = [*(category.color_rgb for category in dataset.categories), (0, 0, 0)]
        stems = Stems()
        for image in dataset.images:
            split = _FOLDERS.get(image.split, image.split or NO_SPLIT)
            stem = stems.stem(image)
            if options["images"] and image.read_bytes is not None:
                suffix = PurePosixPath(image.file_name).suffix
                yield f"{split}/{PICTURES}/{stem}{suffix}", image.read_bytes()
            made = annotations_to_instance_map(image.annotations, image.height, image.width)
            policies.note_painted(image, made.segments, changes)
            ids = _instances(image, made, labels, changes)
            folder = f"{split}/{_VERSION}"
            yield f"{folder}/{INSTANCES}/{stem}.png", ids_to_png16(ids)
            yield f"{folder}/{LABELS}/{stem}.png", indices_to_png(ids // PER_LABEL, palette)
        yield f"config_{_VERSION}.json", _config(dataset.categories)

    def recognizes(self, files: Files) -> bool:
        """See `Format.recognizes`."""
        return is_vistas(files)

    def read(self, files: Files, problems: Problems) -> Dataset:
        """See `Format.read`."""
        return read_vistas(files, problems)


def _instances(
    image: DatasetImage, made: SegmentMap, labels: Mapping[int, int], changes: Changes
) -> IdMap:
    """The map; what is beyond the 256th instance of a label is one with it."""
    values = np.full(len(made.segments) + 1, len(labels) * PER_LABEL, np.int32)
    places: Counter[int] = Counter()
    for segment, annotation in zip(
        made.segments, sorted(image.annotations, key=lambda one: one.z_order), strict=True
    ):
        policies.note_crowd(image, annotation, changes)
        label = labels[segment.category_id]
        if segment.area:
            place = min(places[label], PER_LABEL - 1)
            values[segment.id] = label * PER_LABEL + place
            if places[label] >= PER_LABEL:
                changes.note(ChangeKind.MERGED, image.file_name, annotation.id)
            places[label] += 1
    painted: IdMap = values[made.ids]
    return painted


def _config(categories: Sequence[Category]) -> bytes:
    labels = [
        {
            "color": list(one.color_rgb),
            "evaluate": True,
            "instances": one.isthing,
            "name": one.name,
            "readable": one.name,
            "supercategory": one.supercategory,
        }
        for one in categories
    ]
    void = {"color": [0, 0, 0], "evaluate": False, "instances": False, "name": _VOID}
    config = {
        "labels": [*labels, {**void, "readable": "Unlabeled", "supercategory": "void"}],
        "version": _VERSION.removeprefix("v"),
        "mapping": "public",
        "folder_structure": "{split}/" + _VERSION + "/{content}/{image_id:s}.{extension:s}",
    }
    return msgspec.json.format(msgspec.json.encode(config), indent=1) + b"\n"


FORMAT = Vistas()
