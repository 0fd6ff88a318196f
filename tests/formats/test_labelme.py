"""LabelMe: what is written, and the shapes that are read."""

import base64
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest

from segmentarium.core.annotation import Polygons
from segmentarium.core.errors import MalformedFile
from segmentarium.core.rle import RLE
from segmentarium.formats import format_named
from segmentarium.formats.support.changes import ChangeKind
from tests.formats.dataset import CATEGORIES, HEIGHT, WIDTH, dataset, painted, picture
from tests.formats.folders import folder_of, without
from tests.formats.round_trip import Read, mask_of, read_files, write_files

LABELME = format_named("labelme")
TRIANGLE = [[1.0, 1.0], [9.0, 1.0], [9.0, 9.0]]


def shape(kind: str = "polygon", points: object = TRIANGLE, **more: object) -> dict[str, Any]:
    return {"label": "cat", "shape_type": kind, "points": points, "group_id": None, **more}


def document(*shapes: object, **more: object) -> dict[str, Any]:
    return {
        "version": "4.0.0",
        "flags": {},
        "shapes": list(shapes),
        "imagePath": "a.png",
        "imageData": None,
        "imageHeight": HEIGHT,
        "imageWidth": WIDTH,
        **more,
    }


def read(tmp_path: Path, *shapes: object, **more: object) -> Read:
    files = {"a.json": document(*shapes, **more), "a.png": picture("a")}
    return read_files(LABELME, folder_of(tmp_path, files))


def test_a_document_stands_beside_its_image(tmp_path: Path) -> None:
    write_files(LABELME, dataset(has_splits=True), tmp_path)
    content = json.loads((tmp_path / "train/cat 1.json").read_text())
    assert (tmp_path / "train" / content["imagePath"]).read_bytes() == picture("cat 1.jpg")
    assert (content["imageWidth"], content["imageHeight"]) == (WIDTH, HEIGHT)


def test_the_shapes_are_what_labelme_takes(tmp_path: Path) -> None:
    write_files(LABELME, dataset(), tmp_path)
    shapes = json.loads((tmp_path / "cat 1.json").read_text())["shapes"]
    for one in shapes:
        assert isinstance(one["label"], str)
        assert isinstance(one["description"], str)
        assert all(isinstance(flag, bool) for flag in one["flags"].values())
    assert [one["shape_type"] for one in shapes] == ["polygon"] * 4 + ["mask"]
    assert [one["group_id"] for one in shapes] == [None, 0, 0, None, None]


def test_a_mask_fills_the_box_of_its_two_points(tmp_path: Path) -> None:
    write_files(LABELME, dataset(), tmp_path)
    mask = json.loads((tmp_path / "cat 1.json").read_text())["shapes"][-1]
    (x0, y0), (x1, y1) = np.array(mask["points"], int)
    found = np.zeros((HEIGHT, WIDTH), bool)
    with PIL.Image.open(io.BytesIO(base64.b64decode(mask["mask"]))) as image:
        found[y0 : y1 + 1, x0 : x1 + 1] = np.asarray(image)
    assert np.array_equal(found, painted())


def test_labels_are_listed_behind_the_two_that_mean_nothing(tmp_path: Path) -> None:
    write_files(LABELME, dataset(), tmp_path)
    lines = (tmp_path / "labels.txt").read_text().splitlines()
    assert lines == ["__ignore__", "_background_", *(one.name for one in CATEGORIES)]


def test_an_annotation_with_holes_can_be_a_mask(tmp_path: Path) -> None:
    changed = write_files(LABELME, dataset(), tmp_path, holes="mask")
    assert (ChangeKind.AS_RLE, "with-a-hole") in [(one.kind, one.annotation_id) for one in changed]


def test_masks_can_be_polygons(tmp_path: Path) -> None:
    changed = write_files(LABELME, dataset(), tmp_path, masks="polygon")
    assert ChangeKind.TRACED in [one.kind for one in changed]
    image = read_files(LABELME, tmp_path).images["cat 1.jpg"]
    assert np.array_equal(mask_of(image.annotations[-1], image), painted())


def test_labels_of_one_group_are_one_annotation(tmp_path: Path) -> None:
    far = [[20.0, 1.0], [25.0, 1.0], [25.0, 9.0]]
    found = read(tmp_path, shape(group_id=3), shape(), shape(points=far, group_id=3)).images[
        "a.png"
    ]
    assert [len(one.segmentation.parts) for one in found.annotations] == [2, 1]  # type: ignore[union-attr]


def test_one_group_with_two_labels_is_two_annotations(tmp_path: Path) -> None:
    found = read(tmp_path, shape(group_id=3), shape(group_id=3) | {"label": "dog"})
    assert len(found.images["a.png"].annotations) == 2


def test_a_circle_is_read_as_wide_as_it_is(tmp_path: Path) -> None:
    image = read(tmp_path, shape("circle", [[15.0, 12.0], [15.0, 4.0]])).images["a.png"]
    rows, columns = np.mgrid[:HEIGHT, :WIDTH] + 0.5
    disc = np.hypot(rows - 12, columns - 15) < 8
    assert np.count_nonzero(mask_of(image.annotations[0], image) != disc) <= 2


def test_a_rectangle_may_be_drawn_from_any_corner(tmp_path: Path) -> None:
    image = read(tmp_path, shape("rectangle", [[9.0, 8.0], [2.0, 3.0]])).images["a.png"]
    assert mask_of(image.annotations[0], image)[3:8, 2:9].all()


def test_flags_and_the_description_are_attributes(tmp_path: Path) -> None:
    found = read(tmp_path, shape(flags={"occluded": True}, description="behind"))
    (annotation,) = found.images["a.png"].annotations
    assert annotation.attributes == {"occluded": True, "description": "behind"}


def test_labels_stay_as_they_are(tmp_path: Path) -> None:
    found = read(tmp_path, shape() | {"label": "person-1"})
    assert [one.name for one in found.categories] == ["person-1"]


@pytest.mark.parametrize("kind", ["line", "linestrip", "point", "points"])
def test_what_covers_nothing_is_noticed(tmp_path: Path, kind: str) -> None:
    found = read(tmp_path, shape(kind))
    assert [(one.position, one.is_notice) for one in found.problems] == [("shapes[0]", True)]


def test_a_picture_is_found_behind_backslashes(tmp_path: Path) -> None:
    files = {
        "labels/a.json": document(shape(), imagePath="..\\pictures\\a.png"),
        "pictures/a.png": picture("a"),
    }
    (image,) = read_files(LABELME, folder_of(tmp_path, files)).images.values()
    assert image.read_bytes is not None


def test_a_picture_within_the_document_is_at_hand(tmp_path: Path) -> None:
    data = base64.b64encode(picture("a")).decode()
    files = {"a.json": document(shape(), imagePath="a.json", imageData=data, imageWidth=None)}
    (image,) = read_files(LABELME, folder_of(tmp_path, files)).images.values()
    assert image.read_bytes is not None
    assert image.read_bytes() == picture("a")
    assert (image.file_name, image.width) == ("a.png", WIDTH)


MASK = shape("mask", [[0, 0], [1, 1]], mask=base64.b64encode(picture("a")).decode())


@pytest.mark.parametrize(
    "bad",
    [
        17,
        without(shape(), "label"),
        without(shape(), "points"),
        shape(points=[["1", 2], [3, 4], [5, 6]]),
        shape(points=[[1, 2], [3, 4]]),
        shape(points=[[1, 2, 3]] * 3),
        shape(points=[[1e200, 2], [3, 4], [5, 6]]),
        shape("circle", [[1, 2]]),
        shape("circle", [[1, 2], [1, 2]]),
        shape("rectangle", [[1, 2]]),
        shape("rectangle", [[1, 2], [1, 9]]),
        shape("spline"),
        shape("mask", [[0, 0], [1, 1]]),
        shape("mask", [[0, 0], [1, 1]], mask="no base64"),
        MASK,
        MASK | {"points": []},
    ],
    ids=str,
)
def test_a_bad_shape_is_a_problem_and_the_good_ones_are_read(tmp_path: Path, bad: object) -> None:
    found = read(tmp_path, bad, shape())
    assert [(one.file, one.position, one.is_notice) for one in found.problems] == [
        ("a.json", "shapes[0]", False)
    ]
    assert [type(one.segmentation) for one in found.images["a.png"].annotations] == [Polygons]


def test_a_mask_beyond_the_image_is_a_problem(tmp_path: Path) -> None:
    write_files(LABELME, dataset(), tmp_path, images=False)
    content = json.loads((tmp_path / "cat 1.json").read_text())
    content["imageHeight"] = 20
    found = read_files(LABELME, folder_of(tmp_path, {"cat 1.json": content}))
    assert [one.position for one in found.problems] == ["shapes[4]"]
    masks = [
        one for one in found.images["cat 1.jpg"].annotations if isinstance(one.segmentation, RLE)
    ]
    assert masks == []


def test_what_is_said_of_a_group_or_of_the_whole_image_is_noticed(tmp_path: Path) -> None:
    shapes = [shape(group_id=1, flags={"a": True}, difficult=True), shape(group_id=1)]
    found = read(tmp_path, *shapes, flags={"night": True, "rain": False})
    (one,) = found.images["a.png"].annotations
    assert one.attributes == {"a": True, "difficult": True}
    assert [(one.position, one.is_notice) for one in found.problems] == [
        ("shapes[1]", True),
        ("", True),
    ]


@pytest.mark.parametrize("content", ['{"shapes": [', '{"shapes": [NaN]}', '{"shapes": 3}', "\xff"])
def test_a_damaged_document_is_a_problem_and_the_others_are_read(
    tmp_path: Path, content: str
) -> None:
    files = {"a.json": document(shape()), "b.json": content.encode("latin-1")}
    found = read_files(LABELME, folder_of(tmp_path, files))
    assert [one.file for one in found.problems] == ["b.json"]
    assert list(found.images) == ["a.png"]


def test_no_document_at_all_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MalformedFile):
        read_files(LABELME, folder_of(tmp_path, {"a.json": "[" * 100_000}))


def test_a_number_that_is_none_does_not_take_its_document_with_it(tmp_path: Path) -> None:
    text = json.dumps(document(shape(score=float("nan")), shape(points=[[2, 2], [8, 2], [8, 8]])))
    found = read_files(LABELME, folder_of(tmp_path, {"a.json": text, "a.png": picture("a")}))
    assert len(found.images["a.png"].annotations) == 2
