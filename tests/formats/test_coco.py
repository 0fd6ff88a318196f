"""COCO as pycocotools reads it."""

import contextlib
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pycocotools.coco import COCO

from segmentarium.core.annotation import Annotation
from segmentarium.core.raster import segmentation_to_mask
from segmentarium.formats import format_named
from segmentarium.formats.base import check_options
from segmentarium.formats.support.changes import Changes
from tests.formats.dataset import (
    ANNOTATIONS,
    CATEGORIES,
    HEIGHT,
    IMAGES,
    WIDTH,
    dataset,
)
from tests.formats.round_trip import joined

# pycocotools 2.0 hands NumPy 2 its arrays in the old way.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

ALL = [annotation for _, annotations in IMAGES.values() for annotation in annotations]
both = pytest.mark.parametrize("segmentation", ["rle", "polygons"])


def document(segmentation: str) -> dict[str, Any]:
    format_ = format_named("coco")
    options = check_options(format_, {"segmentation": segmentation, "images": False})
    ((path, content),) = format_.write(dataset(), options, Changes())
    assert path == "annotations/instances.json"
    parsed: dict[str, Any] = json.loads(joined(content))
    return parsed


def read(segmentation: str, folder: Path) -> Any:
    path = folder / "instances.json"
    path.write_text(json.dumps(document(segmentation)))
    with contextlib.redirect_stdout(io.StringIO()):
        return COCO(str(path))


def entry_of(annotation: Annotation, segmentation: str) -> dict[str, Any]:
    """The first entry of an annotation."""
    entry: dict[str, Any] = document(segmentation)["annotations"][ALL.index(annotation)]
    return entry


def test_rle_is_read_as_our_own_masks(tmp_path: Path) -> None:
    coco = read("rle", tmp_path)
    for number, annotation in enumerate(ALL, start=1):
        (entry,) = coco.loadAnns(number)
        ours = segmentation_to_mask(annotation.segmentation, HEIGHT, WIDTH)
        assert np.array_equal(coco.annToMask(entry).astype(bool), ours)


@both
def test_areas_are_those_of_our_masks(segmentation: str) -> None:
    areas = [entry["area"] for entry in document(segmentation)["annotations"]]
    assert areas == [
        segmentation_to_mask(annotation.segmentation, HEIGHT, WIDTH).sum() for annotation in ALL
    ]


@both
def test_boxes_are_those_of_our_masks(segmentation: str) -> None:
    for entry, annotation in zip(document(segmentation)["annotations"], ALL, strict=True):
        rows, columns = np.nonzero(segmentation_to_mask(annotation.segmentation, HEIGHT, WIDTH))
        x, y, w, h = entry["bbox"]
        assert (x, x + w - 1) == (columns.min(), columns.max())
        assert (y, y + h - 1) == (rows.min(), rows.max())


def test_polygons_are_written_with_the_vertices_drawn() -> None:
    assert entry_of(ANNOTATIONS[0], "polygons")["segmentation"] == [
        [0.3, 0.7, 14.2, 3.1, 6.6, 16.9]
    ]


def test_parts_are_polygons_of_one_annotation() -> None:
    assert entry_of(ANNOTATIONS[1], "polygons")["segmentation"] == [
        [10, 10, 14, 10, 14, 14, 10, 14],
        [20, 2, 25, 2, 25, 6, 20, 6],
    ]


def test_polygons_with_a_hole_stay_rle() -> None:
    with_rle, with_polygons = (entry_of(ANNOTATIONS[2], kind) for kind in ("rle", "polygons"))
    assert with_polygons["segmentation"] == with_rle["segmentation"]


def test_a_painted_mask_stays_rle() -> None:
    assert entry_of(ANNOTATIONS[3], "polygons")["segmentation"]["size"] == [HEIGHT, WIDTH]


@both
def test_every_annotation_is_at_its_image_and_category(tmp_path: Path, segmentation: str) -> None:
    coco = read(segmentation, tmp_path)
    for number, annotations in IMAGES.values():
        entries = coco.loadAnns(coco.getAnnIds(imgIds=number))
        assert [entry["category_id"] for entry in entries] == [a.category_id for a in annotations]


def test_a_crowd_is_told() -> None:
    crowds = [entry["iscrowd"] for entry in document("rle")["annotations"]]
    assert crowds == [int(annotation.iscrowd) for annotation in ALL]


def test_images_have_their_name_and_size() -> None:
    assert document("rle")["images"] == [
        {"id": number, "file_name": name, "width": WIDTH, "height": HEIGHT}
        for name, (number, _) in IMAGES.items()
    ]


def test_categories_keep_their_ids_names_and_kinds() -> None:
    assert [
        (entry["id"], entry["name"], entry["supercategory"], entry["isthing"], entry["color"])
        for entry in document("rle")["categories"]
    ] == [(c.id, c.name, c.supercategory, int(c.isthing), list(c.color_rgb)) for c in CATEGORIES]
