"""Exports held to JSON Schemas of what LabelMe, darwin-py and Label Studio take: those are not installed here."""

import base64
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import PIL.Image
import pytest

from segmentarium.formats import format_named
from tests.formats.dataset import dataset
from tests.formats.round_trip import write_files
from tests.formats.test_interop_shapes import folder_at

SCHEMAS = Path(__file__).parent / "schemas"
WRITTEN = [
    ("darwin", "darwin", "annotations/**/*.json", {}),
    ("darwin", "darwin", "annotations/**/*.json", {"masks": "polygon"}),
    ("darwin-metadata", "darwin", ".v7/metadata.json", {}),
    ("labelme", "labelme", "**/*.json", {}),
    ("labelme", "labelme", "**/*.json", {"holes": "mask", "masks": "polygon"}),
    ("label-studio", "label-studio", "tasks.json", {}),
    ("label-studio", "label-studio", "tasks.json", {"holes": "brush", "masks": "polygon"}),
]
# What the tools themselves wrote.
THEIRS = [
    ("darwin", "darwin_json/basic", "*/image_*.json"),
    ("labelme", "labelme_json", "**/*.json"),
    ("label-studio", "label_studio/exports/test_export_json_min", "*.json"),
]


def schema_of(name: str) -> dict[str, Any]:
    schema: dict[str, Any] = json.loads((SCHEMAS / f"{name}.json").read_text())
    return schema


def validator(name: str) -> jsonschema.Draft202012Validator:
    schema = schema_of(name)
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


@pytest.mark.parametrize(("schema", "name", "pattern", "options"), WRITTEN)
def test_what_is_written_fits_the_schema(
    schema: str, name: str, pattern: str, options: dict[str, str], tmp_path: Path
) -> None:
    write_files(format_named(name), dataset(has_splits=True), tmp_path, **options)
    paths = sorted(tmp_path.glob(pattern))
    assert paths
    for path in paths:
        validator(schema).validate(json.loads(path.read_text()))


@pytest.mark.parametrize(("schema", "folder", "pattern"), THEIRS)
def test_the_schema_fits_what_the_tool_writes(schema: str, folder: str, pattern: str) -> None:
    paths = sorted(folder_at(folder).glob(pattern))
    assert paths
    for path in paths:
        validator(schema).validate(json.loads(path.read_text()))


def without_url(document: Any) -> None:
    del document["item"]["slots"][0]["source_files"][0]["url"]


def without_mask(document: Any) -> None:
    document["shapes"][-1]["mask"] = None


def beyond_the_image(document: Any) -> None:
    document[0]["annotations"][0]["result"][0]["value"]["points"][0][0] = 100.5


@pytest.mark.parametrize(
    ("name", "pattern", "spoil"),
    [
        ("darwin", "annotations/cat 1.json", without_url),
        ("labelme", "cat 1.json", without_mask),
        ("label-studio", "tasks.json", beyond_the_image),
    ],
)
def test_the_schema_refuses_what_the_tool_would(
    name: str, pattern: str, spoil: Callable[[Any], None], tmp_path: Path
) -> None:
    write_files(format_named(name), dataset(), tmp_path)
    document = json.loads((tmp_path / pattern).read_text())
    spoil(document)
    assert not validator(name).is_valid(document)


def test_labelme_loads_the_document_and_saves_what_it_does_not_know(tmp_path: Path) -> None:
    """As its LabelFile does: the picture by `imagePath` from the document's folder, then each shape."""
    write_files(format_named("labelme"), dataset(has_splits=True), tmp_path)
    for path in tmp_path.glob("*/*.json"):
        document = json.loads(path.read_text())
        with PIL.Image.open(path.parent / document["imagePath"]) as picture:
            assert picture.size == (document["imageWidth"], document["imageHeight"])
        for shape in document["shapes"]:
            if shape["mask"] is None:
                continue
            (x0, y0), (x1, y1) = shape["points"]
            with PIL.Image.open(io.BytesIO(base64.b64decode(shape["mask"]))) as mask:
                assert mask.size == (x1 - x0 + 1, y1 - y0 + 1)
        own = set(document) - set(schema_of("labelme")["properties"])
        assert own == {"split"}


def test_darwin_py_finds_the_picture_of_a_document(tmp_path: Path) -> None:
    """As its `get_image_path_from_stream` does: the item's path and stem, the source file's suffix."""
    write_files(format_named("darwin"), dataset(has_splits=True), tmp_path)
    for path in tmp_path.glob("annotations/*/*.json"):
        item = json.loads(path.read_text())["item"]
        suffix = Path(item["slots"][0]["source_files"][0]["file_name"]).suffix
        folder = tmp_path / "images" / item["path"].lstrip("/")
        assert (folder / f"{Path(item['name']).stem}{suffix}").is_file()
