"""YOLO: what is written, and the layouts and mistakes that are read."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import yaml

from segmentarium.core.annotation import Annotation, Polygons
from segmentarium.core.errors import MalformedFile
from segmentarium.core.rle import RLE
from segmentarium.formats import format_named
from segmentarium.formats.base import Dataset, DatasetImage
from segmentarium.formats.support.changes import ChangeKind
from segmentarium.formats.support.problems import Problem, Problems
from segmentarium.storage.dataset_files import FolderFiles
from tests.formats.dataset import CATEGORIES, HEIGHT, WIDTH, dataset, picture, rectangle
from tests.formats.folders import folder_of
from tests.formats.round_trip import Read, mask_of, read_files, write_files

YOLO = format_named("yolo")
NAMES = "names: [cat, dog]\n"


def read_label(tmp_path: Path, label: str, names: str = NAMES) -> Read:
    files = {"data.yaml": names, "images/a.png": picture("a"), "labels/a.txt": label}
    return read_files(YOLO, folder_of(tmp_path, files))


def test_the_yaml_names_folders_and_categories(tmp_path: Path) -> None:
    write_files(YOLO, dataset(has_splits=True), tmp_path)
    content = yaml.safe_load((tmp_path / "data.yaml").read_text())
    assert content["names"] == {at: one.name for at, one in enumerate(CATEGORIES)}
    assert content["nc"] == len(CATEGORIES)
    assert (content["train"], content["val"]) == ("images/train", "images/val")


def test_a_line_is_a_class_and_pairs_between_0_and_1(tmp_path: Path) -> None:
    write_files(YOLO, dataset(), tmp_path)
    first = (tmp_path / "labels/cat 1.txt").read_text().splitlines()[0].split()
    assert first[0] == "0"
    xy = np.array(first[1:], float).reshape(-1, 2) * (WIDTH, HEIGHT)
    assert np.allclose(xy, [[0.3, 0.7], [14.2, 3.1], [6.6, 16.9]], atol=1e-6)


def test_an_image_without_annotations_has_an_empty_label(tmp_path: Path) -> None:
    write_files(YOLO, dataset(), tmp_path)
    assert (tmp_path / "labels/cat.txt").read_bytes() == b""


def test_two_images_of_one_stem_keep_their_own_labels(tmp_path: Path) -> None:
    one = Annotation("one", 30, Polygons(((rectangle(1, 1, 4, 4),),)))
    images = (
        DatasetImage(number, name, WIDTH, HEIGHT, annotations, lambda: picture("a"))
        for number, (name, annotations) in enumerate({"a.jpg": (one,), "A.png": ()}.items())
    )
    write_files(YOLO, Dataset("Twins", CATEGORIES, images), tmp_path)
    read = read_files(YOLO, tmp_path)
    assert {name: len(image.annotations) for name, image in read.images.items()} == {
        "a.jpg": 1,
        "A_1.png": 0,
    }


def test_parts_that_overlap_are_united_before_they_are_joined(tmp_path: Path) -> None:
    parts = Polygons(((rectangle(1, 1, 8, 8),), (rectangle(5, 5, 12, 12),)))
    image = DatasetImage(1, "a.png", WIDTH, HEIGHT, (Annotation("one", 30, parts),), lambda: b"")
    written = Dataset("Overlap", CATEGORIES, iter([image]))
    changed = write_files(YOLO, written, tmp_path, images=False)
    assert [one.kind for one in changed] == [ChangeKind.TRACED]
    (tmp_path / "images").mkdir()
    (tmp_path / "images/a.png").write_bytes(picture("a"))
    (again,) = read_files(YOLO, tmp_path).images["a.png"].annotations
    assert np.array_equal(mask_of(again, image), mask_of(image.annotations[0], image))


def test_an_annotation_without_pixels_is_said_to_be_dropped(tmp_path: Path) -> None:
    empty = Annotation("empty", 30, RLE((HEIGHT, WIDTH), np.array([HEIGHT * WIDTH])))
    image = DatasetImage(1, "a.png", WIDTH, HEIGHT, (empty,))
    changed = write_files(YOLO, Dataset("Empty", CATEGORIES, iter([image])), tmp_path)
    assert ChangeKind.DROPPED in [one.kind for one in changed]


def test_holes_can_be_filled(tmp_path: Path) -> None:
    changed = write_files(YOLO, dataset(), tmp_path, holes="fill")
    assert ChangeKind.HOLES_FILLED in [one.kind for one in changed]


def test_a_box_is_read_as_a_rectangle_with_a_notice(tmp_path: Path) -> None:
    read = read_label(tmp_path, "1 0.5 0.5 0.2 0.5\n")
    (box,) = read.images["a.png"].annotations
    assert read.category_name(box) == "dog"
    assert isinstance(box.segmentation, Polygons)
    (ring,) = box.segmentation.parts[0]
    assert np.allclose([*ring.min(axis=0), *ring.max(axis=0)], [12.4, 6, 18.6, 18])
    assert [one.is_notice for one in read.problems] == [True]


def test_a_number_behind_the_polygon_is_its_score(tmp_path: Path) -> None:
    read = read_label(tmp_path, "0 0.1 0.1 0.5 0.1 0.5 0.5 0.75\n")
    assert [one.score for one in read.images["a.png"].annotations] == [0.75]


def test_a_pose_gives_its_box_and_its_keypoints_are_told(tmp_path: Path) -> None:
    pose = "0 0.5 0.5 0.2 0.5 0.4 0.4 2 0.6 0.6 1\n"
    read = read_label(tmp_path, pose * 2, "names: [cat]\nkpt_shape: [2, 3]\n")
    boxes = [one.segmentation for one in read.images["a.png"].annotations]
    assert [box.vertex_count for box in boxes if isinstance(box, Polygons)] == [4, 4]
    assert "Keypoints are not kept: 2 lines have some." in [one.detail for one in read.problems]


def test_a_class_beyond_the_names_is_called_by_its_number(tmp_path: Path) -> None:
    read = read_label(tmp_path, "7 0.1 0.1 0.5 0.1 0.5 0.5\n")
    assert [one.name for one in read.categories] == ["cat", "dog", "class 7"]
    assert [one.is_notice for one in read.problems] == [True]


def test_names_that_other_yaml_readers_take_for_truth_stay_names(tmp_path: Path) -> None:
    read = read_label(tmp_path, "", "names: {0: no, 1: 12, 2: on}\n")
    assert [one.name for one in read.categories] == ["no", "12", "on"]


@pytest.mark.parametrize(
    "line",
    [
        "cat 0.1 0.1 0.5 0.1 0.5 0.5",
        "0 0.1 0.1 0.5",
        "0 nan nan 0.5 0.1 0.5 0.5",
        "0 0.1 inf 0.5 0.1 0.5 0.5",
        "0 0.5 0.5 -0.2 0.5",
        "0 0.1 0.1 half 0.1 0.5 0.5",
        "-1 0.1 0.1 0.5 0.1 0.5 0.5",
        "0",
        "9" * 5000 + " 0.1 0.1 0.5 0.1 0.5 0.5",
        "0 0.1 0.1 0.1 0.1 0.1 0.1 17",
    ],
)
def test_a_bad_line_is_a_problem_and_the_good_ones_are_read(tmp_path: Path, line: str) -> None:
    read = read_label(tmp_path, f"{line}\n0 0.1 0.1 0.5 0.1 0.5 0.5\n")
    found = [(one.file, one.position) for one in read.problems if not one.is_notice]
    assert found == [("labels/a.txt", "line 1")]
    assert len(read.images["a.png"].annotations) == 1


@pytest.mark.parametrize("end", ["\r", "\x0b", "\x85", "\u2028"])
def test_lines_may_end_as_they_like(tmp_path: Path, end: str) -> None:
    write_files(YOLO, dataset(), tmp_path)
    line = "77 0.1 0.1 0.5 0.1 0.5 0.5"
    (tmp_path / "labels/cat.txt").write_text(f"0{line[2:]}{end}{line}", newline="")
    assert len(read_files(YOLO, tmp_path).images["cat.png"].annotations) == 2


def test_a_label_without_its_picture_is_a_problem(tmp_path: Path) -> None:
    files = {"data.yaml": NAMES, "labels/b.txt": "0 0.1 0.1 0.5 0.1 0.5 0.5\n"}
    read = read_files(YOLO, folder_of(tmp_path, files))
    assert [(one.file, one.is_notice) for one in read.problems] == [("labels/b.txt", False)]


def test_a_damaged_picture_is_a_problem(tmp_path: Path) -> None:
    files = {"data.yaml": NAMES, "images/a.png": b"no picture", "labels/a.txt": ""}
    read = read_files(YOLO, folder_of(tmp_path, files))
    assert [one.file for one in read.problems] == ["images/a.png"]


@pytest.mark.parametrize("content", ["names: [", "names: " + "[" * 100_000, "names: 3", "- names:"])
def test_a_damaged_yaml_is_a_problem(tmp_path: Path, content: str) -> None:
    read = read_label(tmp_path, "0 0.1 0.1 0.5 0.1 0.5 0.5\n", content)
    assert "data.yaml" in [one.file for one in read.problems]
    assert [one.name for one in read.categories] == ["class 0"]


def test_darknet_tells_names_and_splits_by_lists(tmp_path: Path) -> None:
    files = {
        "obj.data": "classes = 1\ntrain = data/train.txt\nvalid = data/valid.txt\nnames = data/obj.names",
        "obj.names": "cat\n",
        "train.txt": "data/obj_train_data/a.png\n",
        "valid.txt": "data\\obj_valid_data\\b.png\n",
        "obj_train_data/a.png": picture("a"),
        "obj_train_data/a.txt": "0 0.5 0.5 0.2 0.5\n",
        "obj_valid_data/b.png": picture("b"),
        "obj_valid_data/b.txt": "0 0.5 0.5 0.2 0.5\n",
    }
    read = read_files(YOLO, folder_of(tmp_path, files))
    assert {name: image.split for name, image in read.images.items()} == {
        "a.png": "train",
        "b.png": "val",
    }
    assert all(one.is_notice for one in read.problems)


def test_what_is_no_yolo_at_all_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MalformedFile):
        read_files(YOLO, folder_of(tmp_path, {"a.png": picture("a")}))


def test_a_picture_without_labels_takes_none_of_another_split(tmp_path: Path) -> None:
    files = {
        "data.yaml": NAMES + "train: images/train\nval: images/val\n",
        "images/train/0001.png": picture("a"),
        "images/train/0002.png": picture("b"),
        "images/val/0001.png": picture("c"),
        "labels/val/0001.txt": "0 .1 .1 .9 .1 .9 .9\n",
        "labels/val/0002.txt": "0 .1 .1 .9 .1 .9 .9\n",
    }
    told: list[Problem] = []
    found = YOLO.read(FolderFiles(folder_of(tmp_path, files)), Problems(told.append))
    counts = sorted((one.split, len(one.annotations)) for one in found.images)
    assert counts == [("train", 0), ("train", 0), ("val", 1)]
    assert [one.file for one in told] == ["labels/val/0002.txt"]


def test_labels_in_a_folder_of_any_name_are_found_by_their_names(tmp_path: Path) -> None:
    files = {
        "classes.txt": "cat\n",
        "photos/a.png": picture("a"),
        "texts/a.txt": "0 .1 .1 .9 .1 .9 .9\n",
    }
    found = read_files(YOLO, folder_of(tmp_path, files))
    assert len(found.images["a.png"].annotations) == 1


@pytest.mark.parametrize(
    "splits",
    [("", "val", "val"), ("", "train", "holdout"), ("holdout",) * 3, ("test-dev", "", "test")],
)
def test_splits_of_any_names_come_back(tmp_path: Path, splits: tuple[str, ...]) -> None:
    images = [
        replace(image, split=split) for image, split in zip(dataset().images, splits, strict=True)
    ]
    write_files(YOLO, Dataset("Small", CATEGORIES, iter(images)), tmp_path)
    found = read_files(YOLO, tmp_path).images
    assert {name: one.split for name, one in found.items()} == {
        one.file_name: one.split for one in images
    }


def test_labels_have_the_names_of_the_nearest_yaml(tmp_path: Path) -> None:
    files: dict[str, object] = {}
    for folder, name in {"a": "cat", "b/c": "dog"}.items():
        files[f"{folder}/data.yaml"] = f"names: [{name}]\n"
        files[f"{folder}/images/{name}.png"] = picture(name)
        files[f"{folder}/labels/{name}.txt"] = "0 .1 .1 .9 .1 .9 .9\n"
    files["b/c/other.yaml"] = "names: [horse]\n"
    read = read_files(YOLO, folder_of(tmp_path, files))
    said = {name: read.category_name(one.annotations[0]) for name, one in read.images.items()}
    assert said == {"cat.png": "cat", "dog.png": "dog"}
    assert [(one.file, one.position) for one in read.problems] == [("b/c/other.yaml", "names")]


def test_a_list_tells_pictures_of_one_name_by_their_folders(tmp_path: Path) -> None:
    files = {
        "data.yaml": NAMES + "train: train.txt\nval: val.txt\n",
        "train.txt": "./images/a/1.png\nD:\\elsewhere\\2.png\n",
        "val.txt": "/home/ada/set/images/b/1.png\n",
        **{f"images/{one}.png": picture(one) for one in ("a/1", "b/1", "c/1", "c/2")},
        "labels/a/1.txt": "0 .1 .1 .9 .1 .9 .9\n",
    }
    found = YOLO.read(FolderFiles(folder_of(tmp_path, files)), Problems()).images
    assert [one.split for one in found] == ["train", "val", "", "train"]


def test_a_picture_may_be_called_as_lists_of_names_are(tmp_path: Path) -> None:
    image = next(iter(dataset().images))
    images = iter([replace(image, file_name="classes.png")])
    write_files(YOLO, Dataset("Small", CATEGORIES, images), tmp_path)
    assert YOLO.recognizes(FolderFiles(tmp_path))
    read = read_files(YOLO, tmp_path)
    assert len(read.images["classes.png"].annotations) == len(image.annotations)
    assert [one.name for one in read.categories] == [one.name for one in CATEGORIES]
