"""Of which format a JSON document is, where attributes are called as the lists of others."""

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from segmentarium.core.errors import MalformedFile
from segmentarium.formats import format_named
from segmentarium.formats.base import Dataset
from segmentarium.formats.support.json_outline import json_outline
from segmentarium.formats.support.loose_json import decode_loosely
from segmentarium.formats.support.reading import read_json
from segmentarium.services.readers import find_reader
from segmentarium.storage.dataset_files import FolderFiles
from tests.formats.dataset import CATEGORIES, dataset
from tests.formats.folders import folder_of
from tests.formats.round_trip import write_files

WORDS: dict[str, Any] = {
    word: [{"data": {}}] for word in ("shapes", "items", "result", "shape_type", "version")
}
WORDS |= {"item": {"a": 1}, "data": {"a": 1}, "from_name": "x", "label_id": 1, "imgHeight": 2}


@pytest.mark.parametrize(
    "name", ["coco", "panoptic", "datumaro", "labelme", "label-studio", "darwin"]
)
def test_our_exports_are_known_whatever_attributes_are_called(name: str, tmp_path: Path) -> None:
    images = [
        replace(
            image, annotations=tuple(replace(one, attributes=WORDS) for one in image.annotations)
        )
        for image in dataset().images
    ]
    write_files(format_named(name), Dataset("Small", CATEGORIES, iter(images)), tmp_path)
    assert find_reader(FolderFiles(tmp_path), "")[0] == name


def test_a_text_without_an_end_takes_no_time(tmp_path: Path) -> None:
    text = b'{"shapes":"' + b'\\"' * 200_000
    started = time.process_time()
    assert json_outline(text).top == {"shapes"}
    with pytest.raises(msgspec.DecodeError):
        decode_loosely(msgspec.json.Decoder(), text)
    with pytest.raises(MalformedFile):
        read_json(FolderFiles(folder_of(tmp_path, {"a.json": text})), "a.json")
    # Quadratic, it took hours; no figure of speed is meant.
    assert time.process_time() - started < 20
