"""COCO documents that are not as they should be: what is said of them, and how often."""

import json
import math
from pathlib import Path
from typing import Any

from segmentarium.formats import format_named
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


def test_a_bad_record_is_one_problem(tmp_path: Path) -> None:
    found = read(tmp_path, {"image_id": None}, {"image_id": 7}, {"category_id": 9}, {})
    assert [one.position for one in found.problems] == [f"annotations[{at}]" for at in range(3)]
    assert len(found.images["a.png"].annotations) == 1


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
