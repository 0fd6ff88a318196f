"""COCO documents that are not as they should be: what is said of them, and how often."""

import json
import math
from pathlib import Path
from typing import Any

import pytest

from segmentarium.formats import format_named
from segmentarium.formats.base import DatasetImage
from segmentarium.formats.support.problems import Problems
from segmentarium.storage.dataset_files import FolderFiles
from tests.formats.dataset import picture
from tests.formats.folders import folder_of
from tests.formats.round_trip import Read, read_files

RING = [[1.0, 1.0, 9.0, 1.0, 9.0, 9.0, 1.0, 9.0]]


def read(folder: Path, *entries: dict[str, Any], **files: object) -> Read:
    """What is read of a document with one image and these annotations."""
    document = {
        "images": [{"id": 1, "file_name": "a.png", "width": 20, "height": 20}],
        "categories": [{"id": 1, "name": "cat"}],
        "annotations": [
            {"id": number, "image_id": 1, "category_id": 1, "segmentation": RING, **entry}
            for number, entry in enumerate(entries, start=1)
        ],
    }
    folder_of(folder, {"instances.json": document, **files})
    return read_files(format_named("coco"), folder)


def test_keypoints_are_told_once_with_their_number(tmp_path: Path) -> None:
    marked, none = {"keypoints": [4, 4, 2] * 17}, {"keypoints": [0, 0, 0] * 17}
    found = read(tmp_path, marked, none, marked, {})
    assert len(found.images["a.png"].annotations) == 4
    (note,) = found.problems
    assert (note.is_notice, note.file) == (True, "instances.json")
    assert note.detail == "Keypoints are not kept: 2 annotations have some."


def test_attributes_that_are_no_object_are_told(tmp_path: Path) -> None:
    found = read(tmp_path, {"attributes": ["blurred"]}, {"attributes": []}, {"attributes": None})
    assert len(found.images["a.png"].annotations) == 3
    assert [one.position for one in found.problems] == ["annotations[0].attributes"]


@pytest.mark.parametrize(
    "word", ["items", "shapes", "segments_info", "imgHeight", "item", "result"]
)
def test_attributes_may_be_called_as_other_formats_lists(tmp_path: Path, word: str) -> None:
    found = read(tmp_path, {"attributes": {word: [{"a": 1}]}})
    (one,) = found.images["a.png"].annotations
    assert (one.attributes, found.problems) == ({word: [{"a": 1}]}, [])


@pytest.mark.parametrize(
    "other",
    [
        {"version": "5", "shapes": [], "images": []},
        {"items": [{"annotations": []}]},
        {"images": [{"id": 1}], "annotations": [{"image_id": 1, "segments_info": []}]},
        [{"data": {}, "annotations": [{"result": []}]}],
    ],
)
def test_what_is_another_formats_is_still_told(tmp_path: Path, other: object) -> None:
    read(tmp_path, {})
    found = read_files(format_named("coco"), folder_of(tmp_path, {"other.json": other}))
    assert list(found.images) == ["a.png"]


def test_the_folder_tells_pictures_of_one_name_apart(tmp_path: Path) -> None:
    def document(*names: str) -> dict[str, Any]:
        return {
            "images": [
                {"id": at, "file_name": name, "width": 31, "height": 24}
                for at, name in enumerate(names, start=1)
            ],
            "categories": [{"id": 1, "name": "cat"}],
            "annotations": [],
        }

    files = {"cams.json": document("cam1/1.png", "cam2/1.png"), "cam2/1.png": picture("two")}
    folder = folder_of(tmp_path / "cams", files)
    has = [one.read_bytes is not None for one in images_of(folder)]
    assert has == [False, True]
    files = {
        "annotations/instances_train.json": document("1.png"),
        "annotations/instances_val.json": document("1.png"),
        "train/1.png": picture("one"),
        "val/1.png": picture("two"),
    }
    folder = folder_of(tmp_path / "splits", files)
    read_ = [one.read_bytes() for one in images_of(folder) if one.read_bytes]
    assert read_ == [picture("one"), picture("two")]
    # The last folder alone does not tell; nor does a document know what another one's pictures are called.
    files = {
        "annotations/train.json": document("a/cam1/1.png", "cam1/2.png", "/home/x/3.png"),
        "annotations/val.json": document("b/cam1/1.png", "b/cam1/2.png", "/home/y/3.png"),
        **{f"set/b/cam1/{at}.png": picture("two") for at in (1, 2)},
        **{f"{split}/3.png": picture(split) for split in ("train", "val")},
    }
    found = [one.read_bytes for one in images_of(folder_of(tmp_path / "deep", files))]
    assert [None if one is None else one() for one in found] == [
        *(None, None, picture("train")),
        *(picture("two"), picture("two"), picture("val")),
    ]
    # Folders of another machine before those that are here do not matter.
    files = {
        "all.json": document("/home/ada/cam1/1.png", "/home/ada/cam2/1.png"),
        **{f"images/{cam}/1.png": picture(cam) for cam in ("cam1", "cam2")},
    }
    found = [one.read_bytes for one in images_of(folder_of(tmp_path / "moved", files))]
    assert [one and one() for one in found] == [picture("cam1"), picture("cam2")]
    # A path of another machine, whose folders nobody has here, names its picture all the same.
    files = {"one.json": document("/home/ada/1.png"), "images/1.png": picture("one")}
    assert images_of(folder_of(tmp_path / "path", files))[0].read_bytes is not None


def images_of(folder: Path) -> list[DatasetImage]:
    return list(format_named("coco").read(FolderFiles(folder), Problems()).images)


def test_a_bad_record_is_one_problem(tmp_path: Path) -> None:
    found = read(tmp_path, {"image_id": None}, {"image_id": 7}, {"category_id": 9}, {})
    assert [one.position for one in found.problems] == [f"annotations[{at}]" for at in range(3)]
    assert len(found.images["a.png"].annotations) == 1


def test_entries_that_are_no_objects_are_counted(tmp_path: Path) -> None:
    read(tmp_path, {}, {})
    path = tmp_path / "instances.json"
    text = path.read_text().replace('"annotations": [', '"annotations": [null, 5, "a, b", 5, ')
    path.write_text(text.replace('"images": [', '"images": [7, '))
    found = read_files(format_named("coco"), tmp_path)
    assert len(found.images["a.png"].annotations) == 2
    assert [(one.position, one.detail[-3:]) for one in found.problems] == [
        ("images", " 1."),
        ("annotations", " 4."),
    ]


@pytest.mark.parametrize(
    ("flag", "is_crowd"), [("1", True), ("0", False), (True, True), (0.0, False)]
)
def test_a_crowd_may_be_a_text_and_sizes_may_have_decimals(
    tmp_path: Path, flag: object, is_crowd: bool
) -> None:
    rles = [{"size": [20.0, 20], "counts": counts} for counts in ([20, 5, 375], "d0:b;")]
    entries = [{"iscrowd": flag, "segmentation": rle} for rle in rles]
    found = read(tmp_path, *entries)
    assert found.problems == []
    annotations = found.images["a.png"].annotations
    assert [(one.iscrowd, one.segmentation.size) for one in annotations] == [  # type: ignore[union-attr]
        (is_crowd, (20, 20))
    ] * 2


def test_a_record_that_is_no_json_is_one_problem(tmp_path: Path) -> None:
    read(tmp_path, {}, {})
    path = tmp_path / "instances.json"
    path.write_text(path.read_text().replace('"id": 1, "image_id"', '"id": 1x, "image_id"'))
    found = read_files(format_named("coco"), tmp_path)
    assert [one.position for one in found.problems] == ["annotations[0]"]


def test_numbers_that_are_none_do_not_take_their_annotation_with_them(tmp_path: Path) -> None:
    found = read(tmp_path, {"attributes": {"iou": math.nan, "NaN": "NaN"}}, {"score": math.inf})
    one, other = found.images["a.png"].annotations
    assert math.isnan(float(str(one.attributes["iou"])))
    assert (one.attributes["NaN"], found.problems) == ("NaN", [])
    assert other.score is not None
    assert math.isnan(other.score)


def test_a_damaged_picture_takes_no_other_image_with_it(tmp_path: Path) -> None:
    document = {
        "images": [
            {"id": 1, "file_name": "a.png"},
            {"id": 2, "file_name": "b.png", "width": 20, "height": 20},
        ],
        "categories": [{"id": 1, "name": "cat"}],
        "annotations": [{"id": 1, "image_id": 2, "category_id": 1, "segmentation": RING}],
    }
    folder_of(tmp_path, {"instances.json": json.dumps(document), "a.png": b"nothing"})
    found = read_files(format_named("coco"), tmp_path)
    assert [one.position for one in found.problems] == ["images[0]"]
    assert list(found.images) == ["b.png"]


@pytest.mark.parametrize("ids", [("001", "1"), (1, 1), (1, "1")])
def test_annotations_of_two_images_of_one_id_are_neithers(
    tmp_path: Path, ids: tuple[object, object]
) -> None:
    read(tmp_path, {"image_id": ids[0]}, {"image_id": ids[1]}, {"image_id": "17"})
    path = tmp_path / "instances.json"
    document = json.loads(path.read_text())
    names = ("a.png", "b.png", "c.png")
    document["images"] = [
        {"id": id_, "file_name": name, "width": 20, "height": 20}
        for id_, name in zip((*ids, 17), names, strict=True)
    ]
    path.write_text(json.dumps(document))
    found = read_files(format_named("coco"), tmp_path)
    places = [one.position for one in found.problems]
    assert places == ["images[1]", "annotations[0]", "annotations[1]"]
    counts = {name: len(image.annotations) for name, image in found.images.items()}
    assert counts == {"a.png": 0, "c.png": 1}


def test_two_categories_of_one_name_are_said_to_be_one(tmp_path: Path) -> None:
    read(tmp_path, {}, {"category_id": 2})
    path = tmp_path / "instances.json"
    document = json.loads(path.read_text())
    document["categories"].append({"id": 2, "name": " cat"})
    path.write_text(json.dumps(document))
    found = read_files(format_named("coco"), tmp_path)
    assert [(one.is_notice, one.position) for one in found.problems] == [(True, "categories[1]")]
    assert len({one.category_id for one in found.images["a.png"].annotations}) == 1
