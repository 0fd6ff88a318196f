"""CVAT XML 1.1: what is written, and what is read of images and tracks."""

from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from segmentarium.core.annotation import Annotation, Polygons
from segmentarium.core.errors import MalformedFile
from segmentarium.formats import format_named
from segmentarium.formats.base import Dataset, DatasetImage
from segmentarium.formats.support import reading
from segmentarium.formats.support.changes import ChangeKind
from segmentarium.formats.support.problems import Problems
from segmentarium.storage.dataset_files import FolderFiles
from tests.formats.dataset import CATEGORIES, HEIGHT, TRIANGLE, WIDTH, dataset, painted, picture
from tests.formats.folders import folder_of
from tests.formats.round_trip import Read, mask_of, read_files, write_files

CVAT = format_named("cvat")
POLYGON = '<polygon label="cat" points="1,1;9,1;9,9"/>'
HEAD = (
    "<meta><task><labels><label><name>cat</name><color>#102030</color><attributes>"
    "<attribute><name>good</name><input_type>checkbox</input_type></attribute>"
    "<attribute><name>count</name><input_type>number</input_type></attribute>"
    "</attributes></label><label><name>dog</name></label></labels></task></meta>"
)


def read(tmp_path: Path, shapes: str, head: str = HEAD, about: str = "") -> Read:
    image = f'<image id="0" name="a.png" width="{WIDTH}" height="{HEIGHT}" {about}>{shapes}</image>'
    return read_document(tmp_path, f"{head}{image}")


def read_document(tmp_path: Path, content: str) -> Read:
    xml = f"<annotations><version>1.1</version>{content}</annotations>"
    return read_files(CVAT, folder_of(tmp_path, {"annotations.xml": xml, "a.png": picture("a")}))


def root_of(folder: Path) -> ET.Element:
    return ET.parse(folder / "annotations.xml").getroot()


def test_labels_have_their_colours_in_order(tmp_path: Path) -> None:
    write_files(CVAT, dataset(), tmp_path)
    labels = root_of(tmp_path).findall("meta/task/labels/label")
    assert [(one.findtext("name"), one.findtext("color")) for one in labels] == [
        (one.name, one.color) for one in CATEGORIES
    ]


def test_the_head_declares_the_attributes_with_their_types(tmp_path: Path) -> None:
    write_files(CVAT, dataset(), tmp_path)
    declared = {
        (label.findtext("name"), one.findtext("name")): one.findtext("input_type")
        for label in root_of(tmp_path).iter("label")
        for one in label.iter("attribute")
    }
    assert declared == {
        ("cat", "view"): "text",
        ("cat", "is_crowd"): "checkbox",
        ("größe, „quoted“", "score"): "number",
    }


def test_splits_are_subsets_of_a_project(tmp_path: Path) -> None:
    write_files(CVAT, dataset(has_splits=True), tmp_path)
    root = root_of(tmp_path)
    assert root.findtext("meta/project/subsets") == "train\nval"
    assert [one.get("subset") for one in root.iter("image")] == ["train", "val", "train"]


def test_a_mask_is_rows_of_runs_within_its_box(tmp_path: Path) -> None:
    write_files(CVAT, dataset(), tmp_path)
    mask = next(root_of(tmp_path).iter("mask"))
    left, top, width, height = (
        int(mask.get(key, "")) for key in ("left", "top", "width", "height")
    )
    runs = [int(run) for run in mask.get("rle", "").split(",")]
    values = np.repeat(np.arange(len(runs)) % 2 == 1, runs).reshape(height, width)
    found = np.zeros((HEIGHT, WIDTH), bool)
    found[top : top + height, left : left + width] = values
    assert np.array_equal(found, painted())


def test_what_xml_cannot_hold_comes_back_or_is_replaced(tmp_path: Path) -> None:
    odd = Annotation(
        "<&\"'>\n", 30, TRIANGLE, attributes={"note": "a\x00b\uffff", "text": "b < c\r\n"}
    )
    image = DatasetImage(1, "a & b.png", WIDTH, HEIGHT, (odd,))
    write_files(CVAT, Dataset("Odd <", CATEGORIES, iter([image])), tmp_path)
    (again,) = read_files(CVAT, tmp_path).images["a & b.png"].annotations
    assert (again.id, again.attributes) == (odd.id, odd.attributes)


def test_a_value_of_another_type_is_said_to_be_text(tmp_path: Path) -> None:
    odd = Annotation("odd", 30, TRIANGLE, attributes={"list": [1, 2]})
    image = DatasetImage(1, "a.png", WIDTH, HEIGHT, (odd,))
    changed = write_files(CVAT, Dataset("Odd", CATEGORIES, iter([image])), tmp_path)
    assert [(one.kind, one.detail) for one in changed] == [
        (ChangeKind.ATTRIBUTES_LOST, "list: as text")
    ]


def test_values_of_a_type_that_changes_later_are_noted_and_come_back(tmp_path: Path) -> None:
    values: list[object] = [3, 4.5, "four", True, [1, {"a": None}], "5", 2**62 + 1]
    annotations = tuple(
        Annotation(f"n{at}", 30, TRIANGLE, z_order=at, attributes={"count": value})
        for at, value in enumerate(values)
    )
    image = DatasetImage(1, "a.png", WIDTH, HEIGHT, annotations)
    changed = write_files(CVAT, Dataset("Odd", CATEGORIES, iter([image])), tmp_path)
    assert [(one.annotation_id, one.detail) for one in changed] == [
        ("n0", "count: as text, and in 1 more annotations"),
        *((f"n{at}", "count: as text") for at in (3, 4, 6)),
    ]
    found = read_files(CVAT, tmp_path).images["a.png"].annotations
    assert [one.attributes["count"] for one in found] == values


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1234567890123456789", 1_234_567_890_123_456_789),
        ("-9007199254740993", -9_007_199_254_740_993),
        ("12345678901234567890123", "12345678901234567890123"),
        ("0.5", 0.5),
        *((one, one) for one in ("1e999", "nan", "three")),
    ],
)
def test_a_number_is_as_large_and_as_exact_as_it_says(
    tmp_path: Path, text: str, value: object
) -> None:
    shape = POLYGON.replace("/>", f'><attribute name="count">{text}</attribute></polygon>')
    (annotation,) = read(tmp_path, shape).images["a.png"].annotations
    assert annotation.attributes == {"count": value}
    assert type(annotation.attributes["count"]) is type(value)


@pytest.mark.parametrize("damage", ["[1,", "[" * 100_000, "é"])
def test_a_value_that_is_not_what_its_mark_says_stays_a_text(tmp_path: Path, damage: str) -> None:
    value = f'<attribute name="x" type="json">{damage}</attribute>'
    (one,) = (
        read(tmp_path, POLYGON.replace("/>", f">{value}</polygon>")).images["a.png"].annotations
    )
    assert one.attributes == {"x": damage}


def test_attributes_have_the_types_of_the_head(tmp_path: Path) -> None:
    polygon = (
        '<polygon label="cat" occluded="1" z_order="3" points="1,1;9,1;9,9"><attribute name="good">true'
        '</attribute><attribute name="count">3</attribute><attribute name="x">07</attribute></polygon>'
    )
    (annotation,) = read(tmp_path, polygon).images["a.png"].annotations
    assert annotation.attributes == {"occluded": True, "good": True, "count": 3, "x": "07"}
    assert annotation.z_order == 3


def test_a_box_and_its_rotation_are_read(tmp_path: Path) -> None:
    boxes = (
        '<box label="cat" xtl="4" ytl="8" xbr="12" ybr="10"/>'
        '<box label="cat" xtl="4" ytl="8" xbr="12" ybr="10" rotation="90"/>'
    )
    image = read(tmp_path, boxes).images["a.png"]
    flat, upright = (np.nonzero(mask_of(one, image)) for one in image.annotations)
    assert (flat[0].min(), flat[0].max(), flat[1].min(), flat[1].max()) == (8, 9, 4, 11)
    assert (upright[0].min(), upright[0].max(), upright[1].min(), upright[1].max()) == (5, 12, 7, 8)


def test_an_ellipse_is_read_as_a_polygon(tmp_path: Path) -> None:
    ellipse = '<ellipse label="cat" cx="15" cy="12" rx="8" ry="4" rotation="90"/>'
    image = read(tmp_path, ellipse).images["a.png"]
    rows, columns = np.mgrid[:HEIGHT, :WIDTH] + 0.5
    inside = ((rows - 12) / 8) ** 2 + ((columns - 15) / 4) ** 2 < 1
    assert np.count_nonzero(mask_of(image.annotations[0], image) != inside) <= 2


def test_polygons_of_one_group_are_one_annotation_and_boxes_are_not(tmp_path: Path) -> None:
    shapes = (
        '<polygon label="cat" group_id="1" points="1,1;9,1;9,9"/>'
        '<polygon label="cat" group_id="1" points="11,1;19,1;19,9"/>'
        '<polygon label="dog" group_id="1" points="11,1;19,1;19,9"/>'
        '<box label="cat" group_id="1" xtl="4" ytl="8" xbr="12" ybr="10"/>'
    )
    found = read(tmp_path, shapes)
    parts = [one.segmentation for one in found.images["a.png"].annotations]
    assert [len(one.parts) for one in parts if isinstance(one, Polygons)] == [2, 1, 1]
    assert [one.is_notice for one in found.problems] == [True]


@pytest.mark.parametrize("tag", ["polyline", "points", "skeleton", "tag", "cuboid"])
def test_what_covers_nothing_is_noticed(tmp_path: Path, tag: str) -> None:
    found = read(tmp_path, f'<{tag} label="cat" points="1,1;2,2"/>')
    assert [(one.position, one.is_notice) for one in found.problems] == [
        (f"image 0, {tag} 0", True)
    ]


def test_without_a_head_the_shapes_tell_the_labels(tmp_path: Path) -> None:
    found = read(tmp_path, POLYGON, head="")
    assert [one.name for one in found.categories] == ["cat"]
    assert found.problems == []


@pytest.mark.parametrize(
    "bad",
    [
        '<polygon label="cat"/>',
        '<polygon label="cat" points="1,1;9,1"/>',
        '<polygon label="cat" points="1,1;9;9,9"/>',
        '<polygon label="cat" points="1,1;nine,1;9,9"/>',
        '<polygon label="cat" points="1,1;nan,1;9,9"/>',
        '<polygon label="cat" points="1,1;1e999,1;9,9"/>',
        '<polygon label="horse" points="1,1;9,1;9,9"/>',
        '<box label="cat" xtl="4" ytl="8" xbr="2" ybr="10"/>',
        '<box label="cat" xtl="4" ytl="8" xbr="12"/>',
        '<ellipse label="cat" cx="4" cy="8" rx="-1" ry="2"/>',
        '<spline label="cat"/>',
        '<mask label="cat" rle="1,2,3" left="0" top="0" width="2" height="2"/>',
        '<mask label="cat" rle="" left="0" top="0" width="2" height="2"/>',
        '<mask label="cat" rle="-1,5" left="0" top="0" width="2" height="2"/>',
        '<mask label="cat" rle="0,4" left="30" top="0" width="2" height="2"/>',
        '<mask label="cat" rle="0,4" left="0" top="0" width="-2" height="-2"/>',
        '<mask label="cat" rle="99999999999999999999" left="0" top="0" width="2" height="2"/>',
    ],
)
def test_a_bad_shape_is_a_problem_and_the_good_ones_are_read(tmp_path: Path, bad: str) -> None:
    found = read(tmp_path, f"{bad}{POLYGON}")
    assert [one.is_notice for one in found.problems] == [False]
    assert found.problems[0].position.startswith("image 0, ")
    assert len(found.images["a.png"].annotations) == 1


@pytest.mark.parametrize("size", ['width="x" height="2"', 'width="-4" height="2"', ""])
def test_an_image_without_a_size_takes_that_of_its_picture(tmp_path: Path, size: str) -> None:
    found = read_document(tmp_path, f'{HEAD}<image name="a.png" {size}>{POLYGON}</image>')
    assert (found.images["a.png"].width, found.images["a.png"].height) == (WIDTH, HEIGHT)


def test_an_image_whose_size_nobody_knows_is_a_problem(tmp_path: Path) -> None:
    found = read_document(tmp_path, f'{HEAD}<image name="b.png">{POLYGON}</image>')
    assert [one.detail for one in found.problems] == ["Its size is not known."]


def test_tracks_are_read_frame_by_frame(tmp_path: Path) -> None:
    tracks = (
        HEAD
        + '<track id="4" label="cat">'
        + '<box frame="10" outside="0" xtl="4" ytl="8" xbr="12" ybr="10"/>'
        + '<box frame="13" outside="1" xtl="4" ytl="8" xbr="12" ybr="10"/></track>'
    )
    files = {
        "annotations.xml": f"<annotations><version>1.1</version>{tracks}</annotations>",
        "frame_000010.png": picture("a"),
        "frame_000013.png": picture("a"),
    }
    found = read_files(CVAT, folder_of(tmp_path, files))
    assert {
        name: [one.id for one in image.annotations] for name, image in found.images.items()
    } == {
        "frame_000010.png": ["4:10"],
        "frame_000013.png": [],
    }


def test_two_pictures_of_one_frame_are_noticed(tmp_path: Path) -> None:
    track = '<track id="4" label="cat"><box frame="1" xtl="4" ytl="8" xbr="12" ybr="10"/></track>'
    files = {
        "annotations.xml": f"<annotations><version>1.1</version>{HEAD}{track}</annotations>",
        "cam_1.png": picture("a"),
        "img_1.png": picture("a"),
    }
    found = read_files(CVAT, folder_of(tmp_path, files))
    assert list(found.images) == ["cam_1.png"]
    assert [(one.position, one.is_notice) for one in found.problems] == [("frame 1", True)]


def test_two_images_of_one_name_keep_two_names(tmp_path: Path) -> None:
    image = f'width="{WIDTH}" height="{HEIGHT}">{POLYGON}</image>'
    content = (
        f'{HEAD}<image name="a.png" subset="Train" {image}<image name="a.png" subset="Test" {image}'
    )
    xml = f"<annotations><version>1.1</version>{content}</annotations>"
    files = FolderFiles(folder_of(tmp_path, {"annotations.xml": xml}))
    found = CVAT.read(files, Problems())
    assert [(one.file_name, one.split) for one in found.images] == [
        ("a.png", "train"),
        ("Test/a.png", "test"),
    ]


def test_a_document_that_ends_too_soon_gives_what_stands_before(tmp_path: Path) -> None:
    image = f'<image name="a.png" width="{WIDTH}" height="{HEIGHT}">{POLYGON}</image>'
    xml = f"<annotations><version>1.1</version>{HEAD}{image}<image name="
    found = read_files(CVAT, folder_of(tmp_path, {"annotations.xml": xml}))
    assert list(found.images) == ["a.png"]
    assert [one.is_notice for one in found.problems] == [False]


BOMB = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><annotations><version>&b;</version></annotations>'


@pytest.mark.parametrize(
    "xml",
    [
        BOMB,
        f"<annotations><version/>{'<meta>' * 100_000}",
        "<annotations><version/>",
        '<?xml version="1.0" encoding="no-such"?><annotations><version/></annotations>',
    ],
    ids=["entities", "nested", "cut off", "encoding"],
)
def test_hostile_documents_are_refused(tmp_path: Path, xml: str) -> None:
    with pytest.raises(MalformedFile):
        read_files(CVAT, folder_of(tmp_path, {"annotations.xml": xml}))


def test_a_document_may_be_large_but_no_element_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MAX_TREE_BYTES", 40_000)
    monkeypatch.setattr(reading, "_PIECE_BYTES", 1)
    image = f'<image id="0" name="a.png" width="{WIDTH}" height="{HEIGHT}">{POLYGON}</image>'
    many = read_document(tmp_path / "many", HEAD + image * 1_000)
    assert many.problems == []
    endless = read_document(tmp_path / "endless", f"{HEAD}{image}<x>{'<y/>' * 20_000}</x>{image}")
    assert len(endless.images) == 1
    assert ["has an element of over" in one.detail for one in endless.problems] == [True]


def test_a_group_of_a_mask_and_an_endless_outline_is_a_problem(tmp_path: Path) -> None:
    zigzag = ";".join(f"{x % 2 * 900_000},{x}" for x in range(20))
    shapes = (
        f'<polygon label="cat" points="{zigzag}" group_id="1"/>'
        '<mask label="cat" rle="0,4" left="0" top="0" width="2" height="2" group_id="1"/>'
        f"{POLYGON}"
    )
    found = read(tmp_path, shapes)
    assert len(found.images["a.png"].annotations) == 1
    assert ["pixels long" in one.detail for one in found.problems] == [True]
