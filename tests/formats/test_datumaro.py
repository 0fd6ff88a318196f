"""Datumaro JSON: what is written, and what is read of it."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from segmentarium.core.annotation import Polygons
from segmentarium.core.errors import MalformedFile
from segmentarium.formats import format_named
from tests.formats.dataset import CATEGORIES, HEIGHT, WIDTH, dataset, picture
from tests.formats.folders import folder_of, without
from tests.formats.round_trip import Read, mask_of, read_files, write_files

DATUMARO = format_named("datumaro")
POLYGON = {"id": 5, "type": "polygon", "label_id": 0, "points": [1, 1, 9, 1, 9, 9], "group": 0}
LABELS = {"label": {"labels": [{"name": "cat", "parent": "animal"}, {"name": "dog", "parent": ""}]}}
FULL = {"counts": [0, HEIGHT * WIDTH], "size": [HEIGHT, WIDTH]}


def item(*annotations: object, **more: object) -> dict[str, Any]:
    image = {"path": "a.png", "size": [HEIGHT, WIDTH]}
    return {"id": "a", "annotations": list(annotations), "image": image, **more}


def read(tmp_path: Path, *items: object, **more: object) -> Read:
    document = {"infos": {}, "items": list(items), "categories": LABELS, **more}
    files = {"annotations/train.json": document, "images/train/a.png": picture("a")}
    return read_files(DATUMARO, folder_of(tmp_path, files))


def test_the_head_has_labels_parents_and_colours(tmp_path: Path) -> None:
    write_files(DATUMARO, dataset(), tmp_path)
    head = json.loads((tmp_path / "annotations/default.json").read_text())
    assert (head["dm_format_version"], head["media_type"]) == ("1.0", 2)
    assert [(one["name"], one["parent"]) for one in head["categories"]["label"]["labels"]] == [
        (one.name, one.supercategory) for one in CATEGORIES
    ]
    assert [
        (one["label_id"], (one["r"], one["g"], one["b"]))
        for one in head["categories"]["mask"]["colormap"]
    ] == [(at, one.color_rgb) for at, one in enumerate(CATEGORIES)]


def test_subsets_are_files(tmp_path: Path) -> None:
    write_files(DATUMARO, dataset(has_splits=True), tmp_path)
    ids = {
        path.stem: [one["id"] for one in json.loads(path.read_text())["items"]]
        for path in (tmp_path / "annotations").iterdir()
    }
    assert ids == {"train": ["cat 1", "Ünïcode 图"], "val": ["cat"]}


def test_parts_are_a_group_and_masks_are_rle(tmp_path: Path) -> None:
    write_files(DATUMARO, dataset(), tmp_path)
    first = json.loads((tmp_path / "annotations/default.json").read_text())["items"][0]
    assert [(one["type"], one["group"]) for one in first["annotations"]] == [
        ("polygon", 0),
        ("polygon", 1),
        ("polygon", 1),
        ("polygon", 0),
        ("mask", 0),
    ]


def test_categories_may_stand_behind_the_items(tmp_path: Path) -> None:
    found = read(tmp_path, item(POLYGON))
    assert [(one.name, one.supercategory) for one in found.categories] == [
        ("cat", "animal"),
        ("dog", ""),
    ]
    (annotation,) = found.images["a.png"].annotations
    assert (annotation.id, found.category_name(annotation)) == ("5", "cat")
    assert found.images["a.png"].split == "train"


def test_score_and_crowd_are_no_attributes(tmp_path: Path) -> None:
    attributes = {"score": 0.5, "is_crowd": True, "occluded": False}
    (one,) = read(tmp_path, item(POLYGON | {"attributes": attributes})).images["a.png"].annotations
    assert (one.score, one.iscrowd, one.attributes) == (0.5, True, {"occluded": False})


def test_boxes_and_ellipses_are_read(tmp_path: Path) -> None:
    box = POLYGON | {"type": "bbox", "bbox": [4, 8, 8, 2]}
    ellipse = POLYGON | {"type": "ellipse", "points": [7, 8, 23, 16]}
    image = read(tmp_path, item(box, ellipse)).images["a.png"]
    assert mask_of(image.annotations[0], image).sum() == 16
    rows, columns = np.mgrid[:HEIGHT, :WIDTH] + 0.5
    inside = ((rows - 12) / 4) ** 2 + ((columns - 15) / 8) ** 2 < 1
    assert np.count_nonzero(mask_of(image.annotations[1], image) != inside) <= 2


def test_polygons_of_a_group_are_one_annotation_and_boxes_are_not(tmp_path: Path) -> None:
    grouped = POLYGON | {"group": 3}
    box = grouped | {"type": "bbox", "bbox": [4, 8, 8, 2]}
    found = read(tmp_path, item(grouped, grouped, box, grouped | {"label_id": 1}))
    parts = [one.segmentation for one in found.images["a.png"].annotations]
    assert [len(one.parts) for one in parts if isinstance(one, Polygons)] == [2, 1, 1]
    assert [one.is_notice for one in found.problems] == [True]


@pytest.mark.parametrize("kind", ["label", "caption", "points", "polyline", "skeleton"])
def test_what_covers_nothing_is_noticed(tmp_path: Path, kind: str) -> None:
    found = read(tmp_path, item({"type": kind, "label_id": 0}))
    assert [one.is_notice for one in found.problems] == [True]


@pytest.mark.parametrize(
    "bad",
    [
        17,
        without(POLYGON, "points"),
        without(POLYGON, "label_id"),
        without(POLYGON, "type"),
        POLYGON | {"label_id": 7},
        POLYGON | {"label_id": "0"},
        POLYGON | {"label_id": True},
        POLYGON | {"points": [1, 1, 9, 1]},
        POLYGON | {"points": [1, 1, 9, 1, 9, 9, 9]},
        POLYGON | {"points": ["1", 1, 9, 1, 9, 9]},
        POLYGON | {"points": [1e200, 1, 9, 1, 9, 9]},
        POLYGON | {"type": "bbox", "bbox": [1, 1, -4, 4]},
        POLYGON | {"type": "bbox", "bbox": [1, 1, 4]},
        POLYGON | {"type": "mask"},
        POLYGON | {"type": "mask", "rle": {"counts": "x", "size": [HEIGHT, WIDTH]}},
        POLYGON | {"type": "mask", "rle": {"counts": [4], "size": [2, 2]}},
        POLYGON | {"type": "ellipse", "points": [1, 1, 1, 1]},
    ],
    ids=str,
)
def test_a_bad_annotation_is_a_problem_and_the_good_ones_are_read(
    tmp_path: Path, bad: object
) -> None:
    found = read(tmp_path, item(bad, POLYGON, POLYGON | {"type": "mask", "rle": FULL}))
    assert [(one.position, one.is_notice) for one in found.problems] == [
        ("items[0].annotations[0]", False)
    ]
    assert len(found.images["a.png"].annotations) == 2


@pytest.mark.parametrize(
    "bad",
    [
        [17],
        {"annotations": []},
        {"id": "b", "image": 5},
        {"id": "b", "image": {"path": "b.png", "size": [-4, "x"]}},
    ],
    ids=str,
)
def test_a_bad_item_is_a_problem_and_the_good_ones_are_read(tmp_path: Path, bad: object) -> None:
    found = read(tmp_path, bad, item(POLYGON))
    assert [(one.position, one.is_notice) for one in found.problems] == [("items[0]", False)]
    assert list(found.images) == ["a.png"]


def test_a_label_without_a_name_is_a_problem(tmp_path: Path) -> None:
    labels = {"label": {"labels": [{"name": 3}, {"name": "dog"}, 7]}}
    found = read(tmp_path, item(POLYGON | {"label_id": 1}), categories=labels)
    assert [one.position for one in found.problems] == [
        "categories.label.labels[0]",
        "categories.label.labels[2]",
    ]
    assert len(found.images["a.png"].annotations) == 1


@pytest.mark.parametrize(
    "content",
    [
        '{"items": [' + "[" * 100_000,
        '{"items": [{"id": "a", "label_id": 3',
        '{"media_type": 2, "items": [], "categories": {"label": nan}}',
        "[1, 2]",
        "",
    ],
    ids=["nested", "cut off", "no JSON", "no object", "empty"],
)
def test_damaged_documents_are_refused(tmp_path: Path, content: str) -> None:
    with pytest.raises(MalformedFile):
        read_files(DATUMARO, folder_of(tmp_path, {"train.json": content}))
