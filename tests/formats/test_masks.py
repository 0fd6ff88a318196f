"""The masks format: maps as PNG and the tables that explain them."""

import csv
import io
from pathlib import Path

import numpy as np
import pytest

from segmentarium.core.errors import MalformedFile
from segmentarium.core.segment_map import annotations_to_category_map, annotations_to_instance_map
from segmentarium.formats import format_named
from segmentarium.formats.base import Dataset, check_options
from segmentarium.formats.support.changes import Changes
from segmentarium.formats.support.png import png_to_array
from tests.formats.dataset import ANNOTATIONS, CATEGORIES, HEIGHT, IMAGES, WIDTH, dataset
from tests.formats.round_trip import joined_files, read_files, write_files

MAP_NAMES = {
    "cat 1.jpg": "cat 1.jpg.png",
    "cat.png": "cat.png.png",
    "Ünïcode 图.webp": "Ünïcode 图.webp.png",
}
images = pytest.mark.parametrize("name", IMAGES)


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    format_ = format_named("masks")
    return joined_files(format_.write(dataset(), check_options(format_, {}), Changes()))


def table(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode(), newline="")))


@images
def test_the_semantic_png_is_the_category_map(files: dict[str, bytes], name: str) -> None:
    order = [category.id for category in CATEGORIES]
    expected = annotations_to_category_map(IMAGES[name][1], order, HEIGHT, WIDTH)
    assert np.array_equal(png_to_array(files[f"semantic/{MAP_NAMES[name]}"]), expected)


@images
def test_the_instance_png_is_the_instance_map(files: dict[str, bytes], name: str) -> None:
    expected = annotations_to_instance_map(IMAGES[name][1], HEIGHT, WIDTH).ids
    assert np.array_equal(png_to_array(files[f"instance/{MAP_NAMES[name]}"]), expected)


def test_the_table_of_categories_explains_the_indices(files: dict[str, bytes]) -> None:
    assert [
        (row["index"], row["name"], row["supercategory"], row["isthing"], row["color"])
        for row in table(files["categories.csv"])
    ] == [
        ("0", "void", "", "0", "#000000"),
        ("1", "cat", "animal", "1", "#ff8000"),
        ("2", "größe, „quoted“", "", "1", "#00ff80"),
        ("3", "grass", "", "0", "#102030"),
        ("4", "never seen", "", "1", "#405060"),
    ]


def test_the_table_of_instances_counts_the_visible_pixels(files: dict[str, bytes]) -> None:
    for row in table(files["instances.csv"]):
        ids = png_to_array(files[f"instance/{MAP_NAMES[row['file_name']]}"])
        assert int(row["visible_area"]) == np.count_nonzero(ids == int(row["instance"]))


def test_the_table_of_instances_has_every_annotation(files: dict[str, bytes]) -> None:
    rows = table(files["instances.csv"])
    assert [(row["file_name"], row["annotation_id"], row["iscrowd"]) for row in rows] == [
        (name, annotation.id, str(int(annotation.iscrowd)))
        for name, (_, annotations) in IMAGES.items()
        for annotation in annotations
    ]


def test_the_table_of_instances_names_the_category_of_the_pixels(files: dict[str, bytes]) -> None:
    rows = [row for row in table(files["instances.csv"]) if row["file_name"] == "cat 1.jpg"]
    places = {category.id: place for place, category in enumerate(CATEGORIES, start=1)}
    assert [int(row["category_index"]) for row in rows] == [
        places[annotation.category_id] for annotation in ANNOTATIONS
    ]


def test_a_dataset_without_annotations_has_tables_of_headers_alone() -> None:
    format_ = format_named("masks")
    empty = Dataset("Empty", (), iter(()))
    files = joined_files(format_.write(empty, check_options(format_, {}), Changes()))
    assert table(files["instances.csv"]) == []


def test_rows_of_one_image_may_stand_anywhere_in_the_table(tmp_path: Path) -> None:
    write_files(format_named("masks"), dataset(), tmp_path)
    path = tmp_path / "instances.csv"
    header, *rows = path.read_text().splitlines(keepends=True)
    first = [row for row in rows if row.startswith("cat 1.jpg")]
    rest = [row for row in rows if row not in first]
    bad = 'cat 1.jpg,1,99,"of no\ncategory",0,1\n'
    path.write_text("\ufeff" + header + "".join([*first[2:], bad, "\n", *rest, *first[:2]]))
    found = read_files(format_named("masks"), tmp_path)
    ids = {name: [one.id for one in image.annotations] for name, image in found.images.items()}
    assert ids == {
        name: [one.id for one in annotations] for name, (_, annotations) in IMAGES.items()
    }
    assert [(one.file, one.position) for one in found.problems] == [("instances.csv", "line 4")]


def test_a_table_that_is_no_text_is_refused(tmp_path: Path) -> None:
    write_files(format_named("masks"), dataset(), tmp_path)
    (tmp_path / "instances.csv").write_bytes(b"file_name,instance\n\xff,1\n")
    with pytest.raises(MalformedFile, match="UTF-8"):
        read_files(format_named("masks"), tmp_path)
