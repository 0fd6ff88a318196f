"""Our exports as Datumaro reads them: the same categories, attributes and pixels."""

from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from segmentarium.core.annotation import Annotation, Polygons, Ring
from segmentarium.core.raster import polygons_to_mask
from segmentarium.core.rle import Mask
from segmentarium.formats import format_named
from tests.formats.dataset import CATEGORIES, HEIGHT, IMAGES, SPLITS, WIDTH, dataset
from tests.formats.round_trip import mask_of, write_files

datumaro = pytest.importorskip("datumaro")

pytestmark = pytest.mark.filterwarnings("ignore")

NAMES = {category.id: category.name for category in CATEGORIES}
formats = pytest.mark.parametrize(
    ("name", "called"),
    [("coco", "coco_instances"), ("cvat", "cvat"), ("datumaro", "datumaro")],
)


def read(name: str, called: str, folder: Path) -> Any:
    write_files(format_named(name), dataset(has_splits=True), folder)
    return datumaro.Dataset.import_from(str(folder), called)


def masks_by_group(annotations: list[Any]) -> list[tuple[int, Mask]]:
    """Label and mask of each group of polygons and masks; boxes that Datumaro adds are none."""
    groups: dict[object, list[Any]] = defaultdict(list)
    for at, one in enumerate(annotations):
        if one.type.name in {"polygon", "mask"}:
            groups[one.group or -1 - at].append(one)
    found = []
    for own in groups.values():
        mask = np.zeros((HEIGHT, WIDTH), bool)
        for one in own:
            if one.type.name == "mask":
                mask |= np.asarray(one.image, bool)
            else:
                ring: Ring = np.array(one.points, np.float64).reshape(-1, 2)
                mask |= polygons_to_mask(Polygons(((ring,),)), HEIGHT, WIDTH)
        found.append((own[0].label, mask))
    return found


@formats
def test_categories_are_read_in_order(name: str, called: str, tmp_path: Path) -> None:
    labels = read(name, called, tmp_path).categories()[datumaro.AnnotationType.label]
    # Those of COCO it sorts by their ids.
    order = sorted(CATEGORIES, key=lambda one: one.id) if name == "coco" else CATEGORIES
    assert [label.name for label in labels.items] == [one.name for one in order]


@formats
def test_images_are_in_their_subsets(name: str, called: str, tmp_path: Path) -> None:
    found = {item.id: item.subset for item in read(name, called, tmp_path)}
    assert found == {Path(one).stem: split for one, split in SPLITS.items()}


@formats
def test_every_annotation_has_our_pixels(name: str, called: str, tmp_path: Path) -> None:
    found = read(name, called, tmp_path)
    labels = found.categories()[datumaro.AnnotationType.label].items
    items = {item.id: item for item in found}
    size = next(iter(dataset().images))
    for file_name, (_, annotations) in IMAGES.items():
        left = masks_by_group(items[Path(file_name).stem].annotations)
        assert len(left) == len(annotations)
        for annotation in annotations:
            ours = mask_of(annotation, size)
            same = [
                at
                for at, (label, mask) in enumerate(left)
                if labels[label].name == NAMES[annotation.category_id]
                and np.array_equal(mask, ours)
            ]
            assert same, annotation.id
            del left[same[0]]


@formats
def test_attributes_scores_and_crowds_are_read(name: str, called: str, tmp_path: Path) -> None:
    items = {item.id: item for item in read(name, called, tmp_path)}
    read_of = {
        tuple(sorted((key, value) for key, value in one.attributes.items() if value is not False))
        for one in items["cat 1"].annotations
    }
    assert read_of == {
        tuple(sorted(told(annotation).items())) for annotation in IMAGES["cat 1.jpg"][1]
    }


def told(annotation: Annotation) -> dict[str, object]:
    """What Datumaro calls what is said of an annotation."""
    said = dict(annotation.attributes)
    if annotation.iscrowd:
        said["is_crowd"] = True
    if annotation.score is not None:
        said["score"] = annotation.score
    return said
