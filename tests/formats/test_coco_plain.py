"""COCO annotations read together are those read one by one."""

import json
from pathlib import Path
from typing import Any

import pytest

from segmentarium.core.annotation import Polygons
from segmentarium.formats.support import coco_reading
from segmentarium.formats.support.coco_plain import plain_annotations
from segmentarium.formats.support.problems import Problems
from segmentarium.storage.dataset_files import FolderFiles
from tests.formats.dataset import HEIGHT, IMAGES, WIDTH
from tests.formats.folders import folder_of
from tests.formats.test_coco import document

RING = [1, 1, 8, 1.5, 4, 9]
USUAL: dict[str, Any] = {"id": 7, "image_id": 1, "category_id": 3, "segmentation": [RING]}
CATEGORIES: dict[int | str, int] = {3: 1}


def pieces(*entries: dict[str, Any]) -> list[bytes]:
    return [json.dumps(entry).encode() for entry in entries]


def shown(value: Any) -> str:
    """Arrays are compared by what they hold."""
    if isinstance(value, Polygons):
        return str([[ring.tolist() for ring in part] for part in value.parts])
    return str(value if not hasattr(value, "counts") else (value.size, value.counts.tolist()))


@pytest.mark.parametrize("segmentation", ["exact", "rle", "polygons"])
def test_our_own_files_are_read_together_and_as_one_by_one(
    segmentation: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    files = FolderFiles(folder_of(tmp_path, {"instances.json": document(segmentation)}))

    def read() -> list[list[tuple[Any, ...]]]:
        images = coco_reading.read_coco(files, Problems()).images
        return [
            [
                (
                    *(one.id, one.category_id, shown(one.segmentation), one.iscrowd),
                    *(one.z_order, one.score, one.attributes),
                )
                for one in image.annotations
            ]
            for image in images
        ]

    with monkeypatch.context() as patched:
        patched.setattr(coco_reading, "decode_entries", lambda _: pytest.fail("read one by one"))
        together = read()
    monkeypatch.setattr(coco_reading, "plain_annotations", lambda *_: None)
    assert together == read()
    assert len(together) == len(IMAGES)


@pytest.mark.parametrize(
    "odd",
    [
        {"segmentation": [[1, 1, 8, 1]]},
        {"segmentation": [[*RING, 5]]},
        {"segmentation": RING},
        {"segmentation": [[1, 1, 8, 1, 4, 1e200]]},
        {"segmentation": [[1, 1, 8, 1, 4, "9"]]},
        {"segmentation": []},
        {"segmentation": {"size": [HEIGHT + 1, WIDTH], "counts": "0"}},
        {"segmentation": {"size": [HEIGHT, WIDTH], "counts": [HEIGHT * WIDTH]}},
        {"category_id": 4},
        {"category_id": "3"},
        {"score": 1.5},
        {"z_order": 2**31},
        {"iscrowd": None},
        {"keypoints": [1, 1, 2]},
    ],
    ids=str,
)
def test_what_is_not_as_usual_is_left_to_the_reader_that_tells_why(odd: dict[str, Any]) -> None:
    assert plain_annotations(pieces(USUAL), CATEGORIES, HEIGHT, WIDTH)
    assert plain_annotations(pieces(USUAL, {**USUAL, **odd}), CATEGORIES, HEIGHT, WIDTH) is None


def test_one_that_is_no_json_leaves_all_to_the_reader() -> None:
    assert plain_annotations([*pieces(USUAL), b'{"id":'], CATEGORIES, HEIGHT, WIDTH) is None


def test_an_image_without_annotations_has_none() -> None:
    assert plain_annotations([], CATEGORIES, HEIGHT, WIDTH) == []
