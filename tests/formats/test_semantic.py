"""Semantic maps as other tools read and write them."""

import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import PIL.Image
import pytest
from numpy.typing import NDArray

from segmentarium.core.annotation import Category
from segmentarium.core.errors import MalformedFile
from segmentarium.core.segment_map import annotations_to_category_map
from segmentarium.formats import format_named
from segmentarium.formats.base import Dataset, DatasetImage, check_options
from segmentarium.formats.support.changes import ChangeKind, Changes
from segmentarium.formats.support.problems import Problems
from segmentarium.storage.dataset_files import FolderFiles
from tests.formats.dataset import ANNOTATIONS, CATEGORIES, HEIGHT, WIDTH, dataset
from tests.formats.round_trip import Read, joined, mask_of, read_files, write_files

FORMAT = format_named("semantic")
NUMBERS = np.array([[0, 1, 1, 2], [0, 0, 2, 255]], np.uint8)


def written(void: str) -> dict[str, bytes]:
    files = FORMAT.write(dataset(), check_options(FORMAT, {"void": void}), Changes())
    return {path: joined(content) for path, content in files}


def category_map() -> NDArray[np.int32]:
    order = [category.id for category in CATEGORIES]
    return annotations_to_category_map(ANNOTATIONS, order, HEIGHT, WIDTH)


@pytest.mark.parametrize("void", ["0", "255"])
def test_a_map_is_read_by_pillow_with_the_numbers_of_the_table(void: str) -> None:
    files = written(void)
    table = json.loads(files["categories.json"])
    assert table["void"] == int(void)
    meaning = {table["void"]: 0}
    names = [category.name for category in CATEGORIES]
    meaning |= {one["index"]: names.index(one["name"]) + 1 for one in table["categories"]}
    with PIL.Image.open(io.BytesIO(files["masks/cat 1.png"])) as image:
        assert image.mode == "P"
        numbers = np.asarray(image)
        shown = np.asarray(image.convert("RGB"))
    assert np.array_equal(np.vectorize(meaning.get)(numbers), category_map())
    colors = np.array([(0, 0, 0), *(category.color_rgb for category in CATEGORIES)])
    assert np.array_equal(shown, colors[category_map()])


def test_the_labels_are_those_of_coco_stuff() -> None:
    assert written("255")["labels.txt"].decode().splitlines() == [
        "0: cat",
        "1: größe, „quoted“",
        "2: grass",
        "3: never seen",
        "255: unlabeled",
    ]


@pytest.mark.parametrize(("void", "count"), [("0", 255), ("0", 256), ("255", 255), ("255", 256)])
def test_hundreds_of_categories_come_back(void: str, count: int, tmp_path: Path) -> None:
    categories = tuple(Category(k, f"c{k}", f"#{k:06x}") for k in range(1, count + 1))
    last = ANNOTATIONS[1]
    image = DatasetImage(1, "a.png", WIDTH, HEIGHT, (replace(last, category_id=count),))
    write_files(FORMAT, Dataset("Many", categories, iter([image])), tmp_path, void=void)
    read = read_files(FORMAT, tmp_path)
    (annotation,) = read.images["a.png"].annotations
    assert read.problems == []
    assert read.category_name(annotation) == f"c{count}"
    assert np.array_equal(mask_of(annotation, image), mask_of(last, image))


def test_names_of_images_come_back_without_the_pictures(tmp_path: Path) -> None:
    write_files(FORMAT, dataset(), tmp_path, images=False)
    assert set(read_files(FORMAT, tmp_path).images) == {"cat 1.jpg", "cat.png", "Ünïcode 图.webp"}


def test_annotations_that_become_one_are_reported(tmp_path: Path) -> None:
    changes = write_files(FORMAT, dataset(), tmp_path)
    merged = [one.annotation_id for one in changes if one.kind is ChangeKind.MERGED]
    assert merged == ["triangle", "painted"]
    crowds = [one.annotation_id for one in changes if one.kind is ChangeKind.CROWD_LOST]
    assert crowds == ["painted"]


def save(path: Path, values: NDArray[np.integer], mode: str | None = None) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    image = PIL.Image.fromarray(values)
    (image if mode is None else image.convert(mode)).save(path)


def found(read: Read, name: str = "a.png") -> dict[str, int]:
    """Pixels by category."""
    image = read.images[name]
    return {read.category_name(one): int(mask_of(one, image).sum()) for one in image.annotations}


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("config.yaml", "classes:\n  0: unlabeled\n  1: no\n  2: dog\n", {"no": 2, "dog": 2}),
        ("data.yaml", "names: [sky, cat, dog]", {"sky": 3, "cat": 2, "dog": 2}),
        ("labels.txt", "0: unlabeled\n1: cat\n2: hot dog\n", {"cat": 2, "hot dog": 2}),
        ("classes.txt", "_background_\ncat\ndog\n", {"cat": 2, "dog": 2}),
        ("class_names.txt", "sky\ncat\ndog", {"sky": 3, "cat": 2, "dog": 2}),
        (
            "labelmap.txt",
            "# label:color_rgb:parts:actions\nbackground:0,0,0::\ncat:128,0,0::\ndog:0,128,0::\n",
            {"cat": 2, "dog": 2},
        ),
        ("label_colors.txt", "0 0 0\tvoid\n128 0 0\tcat\n0 128 0\tdog\n", {"cat": 2, "dog": 2}),
    ],
)
def test_a_table_of_another_tool_names_the_numbers(
    name: str, text: str, expected: dict[str, int], tmp_path: Path
) -> None:
    save(tmp_path / "masks/a.png", NUMBERS)
    (tmp_path / name).write_text(text)
    assert FORMAT.recognizes(FolderFiles(tmp_path))
    read = read_files(FORMAT, tmp_path)
    assert (found(read), read.problems) == (expected, [])


def test_without_a_table_numbers_are_names_and_a_notice_says_so(tmp_path: Path) -> None:
    save(tmp_path / "masks/a.png", NUMBERS)
    read = read_files(FORMAT, tmp_path)
    assert found(read) == {"category 1": 2, "category 2": 2}
    assert [one.is_notice for one in read.problems] == [True]


def test_black_and_white_is_one_category(tmp_path: Path) -> None:
    save(tmp_path / "masks/a.png", np.where(NUMBERS == 1, 255, 0).astype(np.uint8))
    assert found(read_files(FORMAT, tmp_path)) == {"category 255": 2}


def test_grey_saved_as_colour_is_read_as_grey(tmp_path: Path) -> None:
    save(tmp_path / "masks/a.png", NUMBERS, "RGB")
    assert found(read_files(FORMAT, tmp_path)) == {"category 1": 2, "category 2": 2}


def test_colours_are_read_by_the_table_that_names_them(tmp_path: Path) -> None:
    palette = np.array([[0, 0, 0], [128, 0, 0], [0, 128, 0]], np.uint8)
    save(tmp_path / "masks/a.png", palette[np.where(NUMBERS == 255, 0, NUMBERS)])
    (tmp_path / "labelmap.txt").write_text("background:0,0,0::\ncat:128,0,0::\ndog:0,128,0::\n")
    read = read_files(FORMAT, tmp_path)
    assert found(read) == {"cat": 2, "dog": 2}
    assert [category.color for category in read.categories] == ["#800000", "#008000"]


def test_a_number_that_the_table_lacks_is_a_problem(tmp_path: Path) -> None:
    save(tmp_path / "masks/a.png", NUMBERS)
    (tmp_path / "labels.txt").write_text("0: unlabeled\n1: cat\n")
    read = read_files(FORMAT, tmp_path)
    assert [(one.file, one.position) for one in read.problems] == [("masks/a.png", "number 2")]
    assert found(read) == {"cat": 2}


@pytest.mark.parametrize("map_name", ["a.png", "a_mask.png", "a-labels.png", "a_L.png"])
def test_a_map_finds_the_picture_of_its_split(map_name: str, tmp_path: Path) -> None:
    for split, value in (("train", 10), ("val", 20)):
        save(tmp_path / f"masks/{split}/{map_name}", NUMBERS)
        save(tmp_path / f"images/{split}/a.bmp", np.full((2, 4), value, np.uint8))
    problems: list[object] = []
    images = list(FORMAT.read(FolderFiles(tmp_path), Problems(problems.append)).images)
    read = {}
    for image in images:
        assert image.read_bytes is not None
        with PIL.Image.open(io.BytesIO(image.read_bytes())) as picture:
            read[image.split] = (image.file_name, picture.getpixel((0, 0)))
    assert read == {"train": ("a.bmp", 10), "val": ("val/a.bmp", 20)}


def test_pictures_alone_are_not_recognized(tmp_path: Path) -> None:
    save(tmp_path / "images/a.png", NUMBERS)
    save(tmp_path / "labels/b.png", NUMBERS, "RGB")
    assert not FORMAT.recognizes(FolderFiles(tmp_path))


def test_a_table_that_is_no_yaml_cannot_be_read(tmp_path: Path) -> None:
    save(tmp_path / "masks/a.png", NUMBERS)
    (tmp_path / "config.yaml").write_text("classes: [[[}")
    with pytest.raises(MalformedFile, match=r"config\.yaml"):
        read_files(FORMAT, tmp_path)
