"""Cityscapes as cityscapesScripts would read it, and its own files."""

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest
from numpy.typing import NDArray

from segmentarium.core.annotation import Annotation, Category, Polygons
from segmentarium.core.segment_map import annotations_to_category_map
from segmentarium.formats import format_named
from segmentarium.formats.base import Dataset, DatasetImage, check_options
from segmentarium.formats.support.changes import ChangeKind, Changes
from tests.formats.dataset import ANNOTATIONS, HEIGHT, WIDTH, picture, rectangle
from tests.formats.round_trip import joined, mask_of, read_files, write_files

FORMAT = format_named("cityscapes")
NAME = "aachen_000000_000019_leftImg8bit.png"
TRUTH = "gtFine/val/aachen/aachen_000000_000019_gtFine_"
CATEGORIES = (
    Category(30, "car", "#010203"),
    Category(7, "my own", "#00ff80"),
    Category(12, "road", "#102030", isthing=False),
)
LABELS = {30: 26, 7: 34, 12: 7}


def street() -> Dataset:
    image = DatasetImage(1, NAME, WIDTH, HEIGHT, ANNOTATIONS, lambda: picture(NAME), split="val")
    return Dataset("Street", CATEGORIES, iter([image]))


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    written = FORMAT.write(street(), check_options(FORMAT, {"train_ids": True}), Changes())
    return {path: joined(content) for path, content in written}


def numbers(data: bytes) -> NDArray[np.integer]:
    with PIL.Image.open(io.BytesIO(data)) as image:
        return np.asarray(image)


def expected(values: dict[int, int], void: int) -> NDArray[np.int32]:
    """The map with a value for each category."""
    own = annotations_to_category_map(ANNOTATIONS, [30, 7, 12], HEIGHT, WIDTH)
    return np.array([void, values[30], values[7], values[12]], np.int32)[own]


def test_files_lie_where_cityscapes_has_them(files: dict[str, bytes]) -> None:
    kinds = ("polygons.json", "instanceIds.png", "labelIds.png", "color.png", "labelTrainIds.png")
    assert set(files) == {
        f"leftImg8bit/val/aachen/{NAME}",
        *(f"{TRUTH}{kind}" for kind in kinds),
        "categories.json",
    }


def test_label_ids_are_those_of_cityscapes_and_go_on_after_them(files: dict[str, bytes]) -> None:
    assert np.array_equal(numbers(files[f"{TRUTH}labelIds.png"]), expected(LABELS, 0))


def test_train_ids_are_those_of_cityscapes(files: dict[str, bytes]) -> None:
    train = expected({30: 13, 7: 255, 12: 0}, 255)
    assert np.array_equal(numbers(files[f"{TRUTH}labelTrainIds.png"]), train)


def test_colours_are_those_of_cityscapes_and_ours_for_others(files: dict[str, bytes]) -> None:
    colors = np.array([[0, 0, 0], [0, 0, 142], [0, 255, 128], [128, 64, 128]])
    own = annotations_to_category_map(ANNOTATIONS, [30, 7, 12], HEIGHT, WIDTH)
    assert np.array_equal(numbers(files[f"{TRUTH}color.png"]), colors[own])


def test_instance_ids_tell_things_apart_and_neither_stuff_nor_crowds(
    files: dict[str, bytes],
) -> None:
    ids = numbers(files[f"{TRUTH}instanceIds.png"])
    assert set(np.unique(ids).tolist()) == {0, 7, 26, 26_000, 34_000}
    labels = np.where(ids >= 1000, ids // 1000, ids)
    assert np.array_equal(labels, numbers(files[f"{TRUTH}labelIds.png"]))


def test_a_crowd_is_a_group_and_polygons_are_in_z_order(files: dict[str, bytes]) -> None:
    document = json.loads(files[f"{TRUTH}polygons.json"])
    assert (document["imgWidth"], document["imgHeight"]) == (WIDTH, HEIGHT)
    labels = [entry["label"] for entry in document["objects"]]
    assert labels == ["car", "my own", "my own", "road", "cargroup"]


def test_more_than_a_thousand_things_are_one_in_the_map_alone(tmp_path: Path) -> None:
    many = [
        Annotation(
            f"n{number}",
            30,
            Polygons(((rectangle(number % 40, number // 40, number % 40 + 1, number // 40 + 1),),)),
            z_order=number,
        )
        for number in range(1003)
    ]
    image = DatasetImage(1, "a.png", 40, 30, tuple(many))
    changes = write_files(FORMAT, Dataset("Many", CATEGORIES, iter([image])), tmp_path)
    merged = [one.annotation_id for one in changes if one.kind is ChangeKind.MERGED]
    assert merged == ["n1000", "n1001", "n1002"]
    read = read_files(FORMAT, tmp_path)
    assert [one.id for one in read.images["a.png"].annotations] == [one.id for one in many]


def place(folder: Path, document: Any) -> None:
    path = folder / f"{TRUTH}polygons.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document))


def entry(label: str, **more: Any) -> dict[str, Any]:
    return {"label": label, "polygon": [[0, 0], [4, 0], [4, 4], [0, 4]], **more}


def test_files_of_cityscapes_have_its_categories_and_groups(tmp_path: Path) -> None:
    objects = [
        *(entry("road"), entry("cargroup"), entry("polegroup"), entry("tram")),
        entry("sky", deleted=1),
    ]
    place(tmp_path, {"imgHeight": 8, "imgWidth": 9, "objects": objects})
    read = read_files(FORMAT, tmp_path)
    image = read.images[NAME]
    assert (image.width, image.height, image.split) == (9, 8, "val")
    assert [(read.category_name(one), one.iscrowd) for one in image.annotations] == [
        ("road", False),
        ("car", True),
        ("polegroup", False),
        ("tram", False),
    ]
    kinds = {one.name: (one.color, one.isthing, one.supercategory) for one in read.categories}
    assert kinds["road"] == ("#804080", False, "flat")
    assert kinds["car"] == ("#00008e", True, "vehicle")


def test_a_coarse_ground_truth_is_read_where_there_is_no_fine_one(tmp_path: Path) -> None:
    for label, fineness in (("road", "gtFine"), ("sky", "gtCoarse")):
        path = tmp_path / f"{TRUTH}polygons.json".replace("gtFine", fineness)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"imgHeight": 8, "imgWidth": 9, "objects": [entry(label)]}))
    only_coarse = path.with_name(path.name.replace("aachen_000000", "aachen_000001"))
    only_coarse.write_bytes(path.read_bytes())
    read = read_files(FORMAT, tmp_path)
    found = {
        name: [read.category_name(one) for one in image.annotations]
        for name, image in read.images.items()
    }
    assert found == {NAME: ["road"], NAME.replace("aachen_000000", "aachen_000001"): ["sky"]}
    assert read.count == 2
    assert [(one.is_notice, one.detail[:8]) for one in read.problems] == [(True, "1 images")]


@pytest.mark.parametrize(
    "bad",
    [
        7,
        {},
        {"label": 3, "polygon": []},
        {"label": "car"},
        {"label": "car", "polygon": [[0, 0], [1, 1]]},
        {"label": "car", "polygon": [[0, 0], [1, "x"], [2, 2]]},
        {"label": "car", "polygon": [[0, 0], [1e300, 0], [2, 2]]},
    ],
)
def test_a_broken_object_is_a_problem_and_the_others_are_read(bad: Any, tmp_path: Path) -> None:
    place(tmp_path, {"imgHeight": 8, "imgWidth": 9, "objects": [entry("car"), bad]})
    read = read_files(FORMAT, tmp_path)
    assert [one.position for one in read.problems] == ["objects[1]"]
    assert len(read.images[NAME].annotations) == 1


@pytest.mark.parametrize("document", [[], {"objects": []}, {"imgHeight": -1, "imgWidth": 9}])
def test_a_document_without_a_size_is_a_problem(document: Any, tmp_path: Path) -> None:
    place(tmp_path, document)
    read = read_files(FORMAT, tmp_path)
    assert read.images == {}
    assert len(read.problems) == 1


@pytest.mark.parametrize("kind", ["instanceIds.png", "labelIds.png"])
def test_without_polygons_the_maps_are_read(kind: str, tmp_path: Path) -> None:
    write_files(FORMAT, street(), tmp_path)
    (tmp_path / f"{TRUTH}polygons.json").unlink()
    if kind == "labelIds.png":
        (tmp_path / f"{TRUTH}instanceIds.png").unlink()
    read = read_files(FORMAT, tmp_path)
    image = read.images[NAME]
    order = [one.id for one in read.categories]
    found = annotations_to_category_map(image.annotations, order, HEIGHT, WIDTH)
    assert np.array_equal(
        found, annotations_to_category_map(ANNOTATIONS, [30, 7, 12], HEIGHT, WIDTH)
    )
    assert len(image.annotations) == (4 if kind == "instanceIds.png" else 3)


@pytest.mark.parametrize(
    ("folder", "split"),
    [
        ("gtFine/val/aachen", "val"),
        ("mydata/gtFine", ""),
        ("gtFine_extra/gtCoarse/train_extra/ulm", "train_extra"),
        ("my/train/ulm", "train"),
    ],
)
def test_a_map_of_instances_tells_groups_and_its_folder_the_split(
    folder: str, split: str, tmp_path: Path
) -> None:
    path = tmp_path / folder / "a_gtCoarse_instanceIds.png"
    path.parent.mkdir(parents=True)
    PIL.Image.fromarray(np.array([[26, 26_000, 7, 0]], np.uint16)).save(path)
    read = read_files(FORMAT, tmp_path)
    (image,) = read.images.values()
    assert image.split == split
    found = [(read.category_name(one), one.iscrowd) for one in image.annotations]
    assert found == [("road", False), ("car", True), ("car", False)]


def test_a_number_that_no_category_has_is_a_problem(tmp_path: Path) -> None:
    path = tmp_path / f"{TRUTH}labelIds.png"
    path.parent.mkdir(parents=True)
    PIL.Image.fromarray(np.array([[7, 7, 99]], np.uint8)).save(path)
    read = read_files(FORMAT, tmp_path)
    (annotation,) = read.images[NAME].annotations
    assert mask_of(annotation, read.images[NAME]).tolist() == [[True, True, False]]
    assert [one.position for one in read.problems] == ["id 99"]
