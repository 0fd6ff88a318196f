"""Our maps as Datumaro reads them, in a process of its own."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from segmentarium.formats import format_named
from segmentarium.formats.support.changes import Changes
from segmentarium.formats.support.policies import seen
from tests.formats.dataset import CATEGORIES, HEIGHT, WIDTH, dataset
from tests.formats.round_trip import mask_of, write_files
from tests.formats.test_cityscapes import street

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("datumaro") is None, reason="Datumaro is not installed: NOT TESTED"
)

# For each image and mask: the image's name, its subset, the label, and the pixels as a text of 0 and 1.
PROGRAM = """
import json, sys
import datumaro, numpy
data = datumaro.Dataset.import_from(sys.argv[1], sys.argv[2])
labels = data.categories()[datumaro.AnnotationType.label]
found = []
for item in data:
    found.append([item.id, item.subset, None, None])
    for one in item.annotations:
        if one.type == datumaro.AnnotationType.mask:
            pixels = "".join(map(str, numpy.asarray(one.image).astype(int).ravel().tolist()))
            found.append([item.id, item.subset, labels[one.label].name, pixels])
print(json.dumps(found))
"""


def read_by_datumaro(folder: Path, format_name: str) -> list[tuple[Any, ...]]:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, folder, format_name],
        capture_output=True,
        text=True,
        check=True,
    )
    return sorted(tuple(one) for one in json.loads(done.stdout.splitlines()[-1]) if one[2])


def expected(subsets: dict[str, str]) -> list[tuple[Any, ...]]:
    """The visible masks of all images."""
    names = {category.id: category.name for category in CATEGORIES}
    return sorted(
        (
            Path(image.file_name).stem,
            subsets[image.split],
            names[annotation.category_id],
            "".join(map(str, mask_of(annotation, image).astype(int).ravel().tolist())),
        )
        for image in dataset(has_splits=True).images
        for annotation in seen(image, {"overlaps": "z-order", "hidden": "drop"}, Changes())
    )


SPLITS = {"train": "train", "val": "val"}


@pytest.mark.parametrize(
    ("name", "theirs", "subsets"),
    [
        ("panoptic", "coco_panoptic", SPLITS),
        ("voc", "voc_segmentation", SPLITS),
        ("voc", "voc_instance_segmentation", SPLITS),
        ("vistas", "mapillary_vistas_instances", {"train": "training", "val": "validation"}),
    ],
)
def test_datumaro_reads_every_mask_pixel_for_pixel(
    name: str, theirs: str, subsets: dict[str, str], tmp_path: Path
) -> None:
    write_files(format_named(name), dataset(has_splits=True), tmp_path)
    found = read_by_datumaro(tmp_path, theirs)
    # The list trainval names the images again; void is a label like others to it.
    found = [one for one in found if one[1] != "trainval" and one[2] != "void--unlabeled"]
    assert found == expected(subsets)


def test_datumaro_reads_the_train_ids_of_cityscapes(tmp_path: Path) -> None:
    """It takes train id 0, road, for background, and of instanceIds it reads no instances: so cars are what is left."""
    write_files(format_named("cityscapes"), street(), tmp_path, train_ids=True)
    (image,) = street().images
    shown = seen(image, {"overlaps": "z-order", "hidden": "drop"}, Changes())
    cars = np.zeros((HEIGHT, WIDTH), bool)
    for annotation in shown:
        if annotation.category_id == 30:
            cars |= mask_of(annotation, image)
    pixels = "".join(map(str, cars.astype(int).ravel().tolist()))
    assert read_by_datumaro(tmp_path, "cityscapes") == [
        ("aachen/aachen_000000_000019", "val", "car", pixels)
    ]
