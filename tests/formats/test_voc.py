"""Pascal VOC as other tools read and write it."""

import io
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import PIL.Image
import pytest
from numpy.typing import NDArray

from segmentarium.core.annotation import Annotation, Category
from segmentarium.core.rle import mask_to_rle
from segmentarium.core.segment_map import annotations_to_category_map
from segmentarium.formats import format_named
from segmentarium.formats.base import Dataset, DatasetImage, check_options
from segmentarium.formats.support.changes import Changes
from segmentarium.formats.support.voc_facts import PALETTE
from tests.formats.dataset import ANNOTATIONS, CATEGORIES, HEIGHT, WIDTH, dataset, picture
from tests.formats.round_trip import Read, joined, mask_of, read_files, write_files

FORMAT = format_named("voc")
CLASSES = np.array([[0, 8, 8, 15], [255, 8, 15, 15]], np.uint8)
OBJECTS = np.array([[0, 1, 2, 3], [255, 1, 3, 3]], np.uint8)


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    written = FORMAT.write(dataset(has_splits=True), check_options(FORMAT, {}), Changes())
    return {path: joined(content) for path, content in written}


def opened(data: bytes) -> PIL.Image.Image:
    return PIL.Image.open(io.BytesIO(data))


def test_the_palette_is_that_of_the_development_kit(files: dict[str, bytes]) -> None:
    # The first colours as the kit prints them.
    kit = [0, 0, 0, 128, 0, 0, 0, 128, 0, 128, 128, 0, 0, 0, 128, 128, 0, 128, 0, 128, 128]
    for name in ("SegmentationClass/cat 1.png", "SegmentationObject/cat 1.png"):
        palette = opened(files[name]).getpalette()
        assert palette is not None
        assert palette[: len(kit)] == kit
        assert palette[-3:] == [224, 224, 192]


def test_the_map_of_classes_is_the_category_map(files: dict[str, bytes]) -> None:
    order = [category.id for category in CATEGORIES]
    expected = annotations_to_category_map(ANNOTATIONS, order, HEIGHT, WIDTH)
    assert np.array_equal(np.asarray(opened(files["SegmentationClass/cat 1.png"])), expected)


def test_an_object_of_the_xml_is_that_of_its_place_in_the_map(files: dict[str, bytes]) -> None:
    root = ET.fromstring(files["Annotations/cat 1.xml"])
    objects = np.asarray(opened(files["SegmentationObject/cat 1.png"]))
    entries = root.findall("object")
    assert len(entries) == objects.max() == len(ANNOTATIONS)
    for number, entry in enumerate(entries, start=1):
        rows, columns = np.nonzero(objects == number)
        box = [
            int(entry.findtext(f"bndbox/{tag}") or 0) for tag in ("xmin", "ymin", "xmax", "ymax")
        ]
        assert box == [
            *(columns.min() + 1, rows.min() + 1),
            *(columns.max() + 1, rows.max() + 1),
        ]


def test_the_lists_tell_the_splits(files: dict[str, bytes]) -> None:
    lists = {path: data for path, data in files.items() if path.startswith("ImageSets")}
    assert {path: data.decode().splitlines() for path, data in lists.items()} == {
        "ImageSets/Segmentation/train.txt": ["cat 1", "Ünïcode 图"],
        "ImageSets/Segmentation/val.txt": ["cat"],
        "ImageSets/Segmentation/trainval.txt": ["cat 1", "cat", "Ünïcode 图"],
    }


def test_the_label_map_has_the_colours_of_the_maps(files: dict[str, bytes]) -> None:
    assert files["labelmap.txt"].decode().splitlines()[1:4] == [
        "background:0,0,0::",
        "cat:128,0,0::",
        "größe, „quoted“:0,128,0::",
    ]


def test_more_than_254_objects_take_16_bits_and_come_back(tmp_path: Path) -> None:
    annotations = []
    for number in range(300):
        mask = np.zeros((HEIGHT, WIDTH), bool)
        mask.ravel()[number] = True
        annotations.append(Annotation(f"n{number}", 30, mask_to_rle(mask), z_order=number))
    image = DatasetImage(1, "a.png", WIDTH, HEIGHT, tuple(annotations))
    write_files(FORMAT, Dataset("Many", CATEGORIES, iter([image])), tmp_path)
    read = read_files(FORMAT, tmp_path)
    assert {one.id for one in read.images["a.png"].annotations} == {one.id for one in annotations}


@pytest.mark.parametrize(
    "value",
    ["left", "true", "3", "", '"', "<&>", "a\r\nb", "a\0b\uffff", 'a "b"', True, 3, [1, "2"]],
)
def test_an_attribute_comes_back_as_what_it_was(value: object, tmp_path: Path) -> None:
    annotation = Annotation("x", 30, ANNOTATIONS[1].segmentation, attributes={"is": value})
    image = DatasetImage(1, "a.png", WIDTH, HEIGHT, (annotation,))
    write_files(FORMAT, Dataset("One", CATEGORIES, iter([image])), tmp_path)
    (read,) = read_files(FORMAT, tmp_path).images["a.png"].annotations
    assert dict(read.attributes) == {"is": value}


def test_categories_that_differ_by_a_colon_keep_their_annotations(tmp_path: Path) -> None:
    categories = tuple(
        Category(at, name, "#102030") for at, name in ((3, "tv: old"), (4, "tv old"))
    )
    annotations = (
        Annotation("x", 3, ANNOTATIONS[1].segmentation, z_order=0),
        Annotation("y", 4, ANNOTATIONS[0].segmentation, z_order=1),
    )
    image = DatasetImage(1, "a.png", WIDTH, HEIGHT, annotations)
    write_files(FORMAT, Dataset("Two", categories, iter([image])), tmp_path)
    read = read_files(FORMAT, tmp_path)
    found = [(one.id, read.category_name(one)) for one in read.images["a.png"].annotations]
    assert (found, read.problems) == ([("x", "tv: old"), ("y", "tv old")], [])


def test_two_images_that_differ_by_their_suffix_keep_their_names_and_pictures(
    tmp_path: Path,
) -> None:
    images = [
        DatasetImage(number, name, WIDTH, HEIGHT, (), lambda name=name: picture(name))  # type: ignore[misc]
        for number, name in enumerate(("a.jpg", "a.jpeg"), start=1)
    ]
    write_files(FORMAT, Dataset("Two", CATEGORIES, iter(images)), tmp_path)
    read = read_files(FORMAT, tmp_path).images
    for name in ("a.jpg", "a.jpeg"):
        read_bytes = read[name].read_bytes
        assert read_bytes is not None
        assert read_bytes() == picture(name)


def save(path: Path, values: NDArray[np.uint8], *, in_color: bool = False) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if in_color:
        values = np.array(PALETTE, np.uint8)[values]
    PIL.Image.fromarray(values).save(path)


def found(read: Read) -> list[tuple[str, int]]:
    """Category and pixels of each annotation."""
    image = read.images["a.jpg"]
    return [(read.category_name(one), int(mask_of(one, image).sum())) for one in image.annotations]


@pytest.mark.parametrize("in_color", [False, True])
def test_maps_without_a_table_have_the_classes_of_voc(in_color: bool, tmp_path: Path) -> None:
    save(tmp_path / "VOC2012/SegmentationClass/a.png", CLASSES, in_color=in_color)
    save(tmp_path / "VOC2012/SegmentationObject/a.png", OBJECTS, in_color=in_color)
    read = read_files(FORMAT, tmp_path)
    assert found(read) == [("cat", 2), ("cat", 1), ("person", 3)]
    assert read.problems == []


def test_classes_alone_are_an_annotation_each(tmp_path: Path) -> None:
    save(tmp_path / "SegmentationClass/a.png", CLASSES)
    assert found(read_files(FORMAT, tmp_path)) == [("cat", 3), ("person", 3)]


def test_classes_outside_the_objects_are_kept(tmp_path: Path) -> None:
    save(tmp_path / "SegmentationClass/a.png", CLASSES)
    save(tmp_path / "SegmentationObject/a.png", np.where(OBJECTS == 3, 0, OBJECTS).astype(np.uint8))
    assert found(read_files(FORMAT, tmp_path)) == [("cat", 2), ("cat", 1), ("person", 3)]


XML = """<annotation><filename>a.jpg</filename><size><width>4</width><height>2</height></size>
<object><name>cat</name><truncated>1</truncated><pose>Left</pose>
<bndbox><xmin>2</xmin><ymin>1</ymin><xmax>3</xmax><ymax>2</ymax></bndbox></object>
<object><name>dog</name><bndbox><xmin>x</xmin></bndbox></object></annotation>"""


def test_boxes_without_maps_are_rectangles_and_broken_ones_problems(tmp_path: Path) -> None:
    (tmp_path / "Annotations").mkdir()
    (tmp_path / "JPEGImages").mkdir()
    (tmp_path / "Annotations/a.xml").write_text(XML)
    read = read_files(FORMAT, tmp_path)
    assert found(read) == [("cat", 4)]
    (annotation,) = read.images["a.jpg"].annotations
    assert dict(annotation.attributes) == {"truncated": True, "pose": "Left"}
    assert [(one.position, one.is_notice) for one in read.problems] == [
        ("object[0]", True),
        ("object[1]", False),
    ]


def lists(root: Path, **names: str) -> None:
    for path, content in names.items():
        file = root / "ImageSets" / f"{path.replace('__', '/')}.txt"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)


def test_the_lists_for_detection_tell_splits_where_no_others_do(tmp_path: Path) -> None:
    xml = XML.replace("a.jpg", "cat 1.jpg")
    save(tmp_path / "SegmentationClass/a.png", CLASSES)
    (tmp_path / "Annotations").mkdir()
    (tmp_path / "Annotations/cat 1.xml").write_text(xml)
    lists(tmp_path, Main__trainval="a\ncat 1\n", Main__val="cat 1\n", Main__cat_train="a 1\nb -1\n")
    read = read_files(FORMAT, tmp_path)
    assert {name: (image.split, len(image.annotations)) for name, image in read.images.items()} == {
        "a.jpg": ("", 2),
        "cat 1.jpg": ("val", 1),
    }


def test_what_is_outside_the_lists_for_segmentation_is_counted_in_a_notice(tmp_path: Path) -> None:
    (tmp_path / "JPEGImages").mkdir()
    for name in "abcd":
        save(tmp_path / f"JPEGImages/{name}.jpg", CLASSES)
    save(tmp_path / "SegmentationClass/b.png", CLASSES)
    lists(tmp_path, Segmentation__train="a\n", Main__test="a\nb\nc\n")
    read = read_files(FORMAT, tmp_path)
    assert {name: image.split for name, image in read.images.items()} == {
        "a.jpg": "train",
        "b.jpg": "test",
    }
    assert [(one.file, one.detail[:8], one.is_notice) for one in read.problems] == [
        ("ImageSets/Segmentation", "2 images", True)
    ]


def test_pictures_without_maps_come_in_where_there_are_no_lists(tmp_path: Path) -> None:
    for name in "ab":
        save(tmp_path / f"JPEGImages/{name}.jpg", CLASSES)
    (tmp_path / "JPEGImages/Thumbs.db").write_bytes(b"")
    save(tmp_path / "SegmentationClass/a.png", CLASSES)
    read = read_files(FORMAT, tmp_path)
    counts = {name: len(image.annotations) for name, image in read.images.items()}
    assert (counts, read.problems) == ({"a.jpg": 2, "b.jpg": 0}, [])


def test_objects_alone_take_their_category_from_the_xml(tmp_path: Path) -> None:
    save(tmp_path / "SegmentationObject/a.png", np.where(OBJECTS < 3, OBJECTS, 0).astype(np.uint8))
    (tmp_path / "Annotations").mkdir()
    (tmp_path / "Annotations/a.xml").write_text(XML)
    assert found(read_files(FORMAT, tmp_path)) == [("cat", 2), ("dog", 1)]


def test_what_xml_and_maps_say_otherwise_is_noticed(tmp_path: Path) -> None:
    objects = np.where(OBJECTS < 3, OBJECTS, 0).astype(np.uint8)
    (tmp_path / "Annotations").mkdir()
    (tmp_path / "Annotations/a.xml").write_text(XML.replace("dog", "horse"))
    save(tmp_path / "SegmentationClass/a.png", CLASSES)
    read = read_files(FORMAT, tmp_path)
    assert [(one.position, one.is_notice) for one in read.problems] == [("", True)]
    save(tmp_path / "SegmentationObject/a.png", objects)
    read = read_files(FORMAT, tmp_path)
    assert found(read) == [("cat", 2), ("cat", 1), ("person", 3)]
    assert [(one.position, one.is_notice) for one in read.problems] == [("object[1]", True)]


def test_an_entity_bomb_is_refused_and_the_maps_are_still_read(tmp_path: Path) -> None:
    save(tmp_path / "SegmentationClass/a.png", CLASSES)
    (tmp_path / "Annotations").mkdir()
    bomb = (
        '<!DOCTYPE a [<!ENTITY x "xxxxxxxx"><!ENTITY y "&x;&x;&x;">]><annotation>&y;</annotation>'
    )
    (tmp_path / "Annotations/a.xml").write_text(bomb)
    read = read_files(FORMAT, tmp_path)
    assert [one.file for one in read.problems] == ["Annotations/a.xml"]
    assert found(read) == [("cat", 3), ("person", 3)]


def test_maps_of_two_sizes_are_a_problem(tmp_path: Path) -> None:
    save(tmp_path / "SegmentationClass/a.png", CLASSES)
    save(tmp_path / "SegmentationObject/a.png", OBJECTS[:, :3])
    read = read_files(FORMAT, tmp_path)
    assert (read.images, [one.file for one in read.problems]) == (
        {},
        ["SegmentationClass/a.png"],
    )


def test_hundreds_of_categories_come_back(tmp_path: Path) -> None:
    categories = tuple(Category(k, f"c{k}", f"#{k:06x}") for k in range(1, 301))
    annotation = Annotation("x", 300, ANNOTATIONS[1].segmentation)
    image = DatasetImage(1, "a.png", WIDTH, HEIGHT, (annotation,))
    write_files(FORMAT, Dataset("Many", categories, iter([image])), tmp_path)
    read = read_files(FORMAT, tmp_path)
    (one,) = read.images["a.png"].annotations
    assert read.category_name(one) == "c300"
