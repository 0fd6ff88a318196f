"""The numbers of Cityscapes' maps for categories of any names, and the maps themselves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from segmentarium.core.annotation import Annotation, Category
from segmentarium.core.segment_map import ColorImage, SegmentMap
from segmentarium.core.spans import IdMap
from segmentarium.formats.base import DatasetImage
from segmentarium.formats.support.changes import ChangeKind, Changes
from segmentarium.formats.support.cityscapes_facts import NO_TRAIN_ID, PER_LABEL, TABLE

_MAX_UINT16 = 65_535


def label_ids(categories: Sequence[Category]) -> dict[int, int]:
    """The label id of each category: Cityscapes' where it has the name, else from 34 on in their order."""
    free = iter(range(len(TABLE), len(TABLE) + len(categories)))
    return {
        one.id: TABLE[one.name].id if one.name in TABLE and TABLE[one.name].id else next(free)
        for one in categories
    }


def instance_ids(
    image: DatasetImage,
    made: SegmentMap,
    categories: Mapping[int, Category],
    labels: Mapping[int, int],
    changes: Changes,
) -> IdMap:
    """Of things the label's id × 1000 and their place; of stuff, crowds and what 16 bits cannot hold that id alone."""
    own = {one.id: one for one in image.annotations}
    values = np.zeros(max((one.id for one in made.segments), default=0) + 1, np.int32)
    places: Counter[int] = Counter()
    for segment in made.segments:
        annotation: Annotation = own[segment.annotation_ids[0]]
        label = labels[segment.category_id]
        values[segment.id] = label
        if segment.area and categories[segment.category_id].isthing and not annotation.iscrowd:
            number = label * PER_LABEL + places[label]
            if places[label] < PER_LABEL and number <= _MAX_UINT16:
                values[segment.id] = number
                places[label] += 1
            else:
                detail = "in instanceIds; the polygons have it whole"
                changes.note(ChangeKind.MERGED, image.file_name, annotation.id, detail)
    painted: IdMap = values[made.ids]
    return painted


def label_map(made: SegmentMap, labels: Mapping[int, int]) -> IdMap:
    """Label ids; 0 is unlabeled."""
    values = np.zeros(max((one.id for one in made.segments), default=0) + 1, np.int32)
    for segment in made.segments:
        values[segment.id] = labels[segment.category_id]
    painted: IdMap = values[made.ids]
    return painted


def train_map(label_ids_map: IdMap) -> IdMap:
    """Train ids; 255 for what is not evaluated, and for categories that are not Cityscapes'."""
    values = np.full(max(int(label_ids_map.max()), len(TABLE)) + 1, NO_TRAIN_ID, np.int32)
    for label in TABLE.values():
        values[label.id] = label.train_id
    painted: IdMap = values[label_ids_map]
    return painted


def color_map(
    label_ids_map: IdMap, categories: Sequence[Category], labels: Mapping[int, int]
) -> ColorImage:
    """Cityscapes' colours for its categories, their own for others; void is black."""
    values = np.zeros((int(label_ids_map.max()) + 1, 3), np.uint8)
    known = {label.id: label.color for label in TABLE.values()}
    for category in categories:
        label = labels[category.id]
        if label < len(values):
            values[label] = known.get(label, category.color_rgb)
    painted: ColorImage = values[label_ids_map]
    return painted
