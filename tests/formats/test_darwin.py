"""Darwin JSON 2.0: what is written, and what V7 writes."""

import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from segmentarium.core.annotation import Annotation, Polygons
from segmentarium.core.errors import MalformedFile
from segmentarium.core.rle import RLE, mask_to_rle
from segmentarium.formats import format_named
from segmentarium.formats.base import Dataset, DatasetImage
from segmentarium.formats.support.changes import ChangeKind
from tests.formats.dataset import (
    CATEGORIES,
    HEIGHT,
    TRIANGLE,
    WIDTH,
    dataset,
    painted,
    picture,
    rectangle,
)
from tests.formats.folders import folder_of, without
from tests.formats.round_trip import Read, mask_of, read_files, write_files

DARWIN = format_named("darwin")


def path_of(*points: tuple[float, float]) -> list[dict[str, float]]:
    return [{"x": x, "y": y} for x, y in points]


SQUARE = path_of((1, 1), (9, 1), (9, 9), (1, 9))
HOLE = path_of((3, 3), (6, 3), (6, 6), (3, 6))
FAR = path_of((15, 1), (19, 1), (19, 9))
POLYGON = {"id": "p", "name": "cat", "polygon": {"paths": [SQUARE]}, "slot_names": ["0"]}
RLE_OF_A_CORNER = [0, WIDTH - 2, 1, 2, 0, WIDTH * (HEIGHT - 1)]


def layer(*, mapping: object, dense_rle: object) -> dict[str, Any]:
    content = {"mask_annotation_ids_mapping": mapping, "dense_rle": dense_rle}
    return {"id": "l", "name": "__raster_layer__", "raster_layer": content}


def document(*annotations: object, **item: object) -> dict[str, Any]:
    slot = {"slot_name": "0", "width": WIDTH, "height": HEIGHT, "type": "image"}
    about = {"name": "a.png", "path": "/", "slots": [slot]}
    return {"version": "2.0", "item": about | item, "annotations": list(annotations)}


def read(tmp_path: Path, *annotations: object, **item: object) -> Read:
    files = {"a.json": document(*annotations, **item), "a.png": picture("a")}
    return read_files(DARWIN, folder_of(tmp_path, files))


def written(folder: Path, name: str = "cat 1") -> dict[str, Any]:
    content: dict[str, Any] = json.loads((folder / f"annotations/{name}.json").read_text())
    return content


def test_the_metadata_has_a_class_for_each_kind(tmp_path: Path) -> None:
    write_files(DARWIN, dataset(), tmp_path)
    classes = json.loads((tmp_path / ".v7/metadata.json").read_text())["classes"]
    assert [(one["name"], one["type"]) for one in classes] == [
        ("cat", "polygon"),
        ("cat", "mask"),
        *((one.name, "polygon") for one in CATEGORIES[1:]),
    ]
    assert classes[0]["color"] == "rgba(255,128,0,1.0)"
    assert [one["name"] for one in classes[0]["properties"]] == ["view"]


def test_parts_and_holes_are_paths_of_one_polygon(tmp_path: Path) -> None:
    write_files(DARWIN, dataset(), tmp_path)
    polygons = [one["polygon"]["paths"] for one in written(tmp_path)["annotations"][:3]]
    assert [len(paths) for paths in polygons] == [1, 2, 2]


def test_a_mask_lies_in_the_raster_layer(tmp_path: Path) -> None:
    write_files(DARWIN, dataset(), tmp_path)
    *_, mask, raster = written(tmp_path)["annotations"]
    assert (mask["id"], mask["mask"]) == ("painted", {})
    content = raster["raster_layer"]
    assert content["total_pixels"] == WIDTH * HEIGHT
    values, lengths = np.array(content["dense_rle"]).reshape(-1, 2).T
    found = np.repeat(values, lengths).reshape(HEIGHT, WIDTH)
    number = content["mask_annotation_ids_mapping"]["painted"]
    assert np.array_equal(found == number, painted())


def test_a_mask_over_another_one_becomes_a_polygon(tmp_path: Path) -> None:
    rle = mask_to_rle(painted())
    masks = (Annotation("one", 30, rle), Annotation("two", 30, rle, z_order=1))
    image = DatasetImage(1, "a.png", WIDTH, HEIGHT, masks)
    changed = write_files(DARWIN, Dataset("Over", CATEGORIES, iter([image])), tmp_path)
    assert [(one.kind, one.annotation_id) for one in changed] == [(ChangeKind.TRACED, "two")]
    again = read_files(DARWIN, tmp_path).images["a.png"]
    assert [one.id for one in again.annotations] == ["one", "two"]
    assert all(np.array_equal(mask_of(one, again), painted()) for one in again.annotations)


def test_parts_that_overlap_keep_their_pixels(tmp_path: Path) -> None:
    parts = Polygons(((rectangle(1, 1, 8, 8),), (rectangle(5, 5, 12, 12),)))
    image = DatasetImage(1, "a.png", WIDTH, HEIGHT, (Annotation("one", 30, parts),))
    write_files(DARWIN, Dataset("Overlap", CATEGORIES, iter([image])), tmp_path)
    (again,) = read_files(DARWIN, tmp_path).images["a.png"].annotations
    assert np.array_equal(mask_of(again, image), mask_of(image.annotations[0], image))


def test_a_value_that_is_no_text_is_said_to_be_one(tmp_path: Path) -> None:
    odd = Annotation("odd", 30, TRIANGLE, attributes={"count": 3})
    image = DatasetImage(1, "a.png", WIDTH, HEIGHT, (odd,))
    changed = write_files(DARWIN, Dataset("Odd", CATEGORIES, iter([image])), tmp_path)
    assert [(one.kind, one.detail) for one in changed] == [
        (ChangeKind.ATTRIBUTES_LOST, "count: as text")
    ]


def test_paths_are_parts_and_holes_by_where_they_lie(tmp_path: Path) -> None:
    polygon = {"paths": [HOLE, FAR, SQUARE]}
    image = read(tmp_path, POLYGON | {"polygon": polygon}).images["a.png"]
    segmentation = image.annotations[0].segmentation
    assert isinstance(segmentation, Polygons)
    assert sorted(len(part) for part in segmentation.parts) == [1, 2]
    assert not mask_of(image.annotations[0], image)[3:6, 3:6].any()


def test_a_polygon_of_one_path_is_read_too(tmp_path: Path) -> None:
    polygon = {"path": SQUARE, "additional_paths": [HOLE]}
    image = read(tmp_path, POLYGON | {"polygon": polygon}).images["a.png"]
    assert mask_of(image.annotations[0], image).sum() == 64 - 9


def test_boxes_ellipses_and_masks_are_read(tmp_path: Path) -> None:
    about = without(POLYGON, "polygon")
    ellipse = {"center": {"x": 15, "y": 12}, "radius": {"x": 8, "y": 4}, "angle": np.pi / 2}
    image = read(
        tmp_path,
        about | {"bounding_box": {"x": 4, "y": 8, "w": 8, "h": 2}},
        about | {"ellipse": ellipse},
        about | {"id": "m", "mask": {}},
        layer(mapping={"m": 1}, dense_rle=RLE_OF_A_CORNER),
    ).images["a.png"]
    box, oval, corner = (mask_of(one, image) for one in image.annotations)
    rows, columns = np.mgrid[:HEIGHT, :WIDTH] + 0.5
    inside = ((rows - 12) / 8) ** 2 + ((columns - 15) / 4) ** 2 < 1
    assert box.sum() == 16
    assert np.count_nonzero(oval != inside) <= 2
    assert np.argwhere(corner).tolist() == [[0, WIDTH - 2], [0, WIDTH - 1]]


def test_what_is_said_of_an_annotation_is_kept(tmp_path: Path) -> None:
    told = {
        "attributes": ["occluded"],
        "properties": [
            {"name": "colour", "value": "red", "frame_index": 0},
            {"name": "sides", "value": "left", "frame_index": 0},
            {"name": "sides", "value": "right", "frame_index": 0},
        ],
        "text": {"text": "note"},
        "instance_id": {"value": 4},
        "inference": {"confidence": 0.5},
    }
    (one,) = read(tmp_path, POLYGON | told).images["a.png"].annotations
    assert one.attributes == {
        "occluded": True,
        "colour": "red",
        "sides": ["left", "right"],
        "text": "note",
        "instance_id": 4,
    }
    assert (one.id, one.score) == ("p", 0.5)


@pytest.mark.parametrize("kind", ["tag", "keypoint", "line", "skeleton", "cuboid"])
def test_what_covers_nothing_is_noticed(tmp_path: Path, kind: str) -> None:
    found = read(tmp_path, {"id": "x", "name": "dog", kind: {}})
    assert [one.is_notice for one in found.problems] == [True]
    assert found.categories == ()


@pytest.mark.parametrize(
    "bad",
    [
        17,
        without(POLYGON, "name"),
        without(POLYGON, "polygon"),
        without(POLYGON, "polygon") | {"frames": {}},
        POLYGON | {"polygon": {"paths": []}},
        POLYGON | {"polygon": {"paths": [SQUARE[:2]]}},
        POLYGON | {"polygon": {"paths": [[{"x": 1}] * 3]}},
        POLYGON | {"polygon": {"paths": [[*path_of((1, 1), (9, 1)), {"x": "9", "y": 9}]]}},
        POLYGON | {"polygon": {"path": None}},
        POLYGON | {"polygon": 3},
        without(POLYGON, "polygon") | {"bounding_box": {"x": 1, "y": 1, "w": -1, "h": 4}},
        without(POLYGON, "polygon") | {"ellipse": {"center": {"x": 1, "y": 1}}},
        without(POLYGON, "polygon") | {"mask": {}},
    ],
    ids=str,
)
def test_a_bad_annotation_is_a_problem_and_the_good_ones_are_read(
    tmp_path: Path, bad: object
) -> None:
    found = read(tmp_path, bad, POLYGON)
    assert [(one.position, one.is_notice) for one in found.problems] == [("annotations[0]", False)]
    assert len(found.images["a.png"].annotations) == 1


@pytest.mark.parametrize(
    ("mapping", "dense_rle"),
    [
        (None, RLE_OF_A_CORNER),
        ({"m": "1"}, RLE_OF_A_CORNER),
        ({"m": 0}, RLE_OF_A_CORNER),
        ({"m": 1}, RLE_OF_A_CORNER[:-1]),
        ({"m": 1}, RLE_OF_A_CORNER[:-2]),
        ({"m": 1}, [1, -5, 1, WIDTH * HEIGHT + 5]),
        ({"m": 1}, [1, 10**30]),
        ({"m": 1}, [1, 2.5]),
        ({"m": 1}, "12"),
    ],
)
def test_a_damaged_raster_layer_is_a_problem(
    tmp_path: Path, mapping: object, dense_rle: object
) -> None:
    mask = {"id": "m", "name": "cat", "mask": {}}
    found = read(tmp_path, mask, layer(mapping=mapping, dense_rle=dense_rle))
    assert [(one.position, one.is_notice) for one in found.problems] == [("annotations[0]", False)]


def test_a_layer_of_many_masks_is_decoded_once(tmp_path: Path) -> None:
    count, side = 600, 600
    masks = [{"id": f"m{n}", "name": "cat", "mask": {}} for n in range(1, count + 1)]
    # A column for each mask: a run for each of its pixels.
    runs = [value for _ in range(side) for n in range(1, count + 1) for value in (n, 1)]
    mapping = {f"m{n}": n for n in range(1, count + 1)}
    slot = {"slot_name": "0", "width": count, "height": side}
    started = time.process_time()
    found = read(tmp_path, *masks, layer(mapping=mapping, dense_rle=runs), slots=[slot])
    assert time.process_time() - started < 5  # 600 times 360,000 runs took fifty seconds
    (image,) = found.images.values()
    for at, one in enumerate(image.annotations):
        assert isinstance(one.segmentation, RLE)
        counts = [at * side, side, (count - 1 - at) * side]
        assert one.segmentation.counts.tolist() == (counts if counts[-1] else counts[:-1])


@pytest.mark.parametrize("slots", [None, [], [3], [{"width": "x", "height": -4}]])
def test_an_image_without_a_size_takes_that_of_its_picture(tmp_path: Path, slots: object) -> None:
    image = read(tmp_path, POLYGON, slots=slots).images["a.png"]
    assert (image.width, image.height) == (WIDTH, HEIGHT)


@pytest.mark.parametrize("content", ['{"item": {}, "annotations": [', '{"item": 3}', "[]", "\xff"])
def test_a_damaged_document_is_a_problem_and_the_others_are_read(
    tmp_path: Path, content: str
) -> None:
    files = {"a.json": document(POLYGON), "b.json": content.encode("latin-1")}
    found = read_files(DARWIN, folder_of(tmp_path, files))
    assert [one.file for one in found.problems] == ["b.json"]
    assert list(found.images) == ["a.png"]


def test_no_document_at_all_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MalformedFile):
        read_files(DARWIN, folder_of(tmp_path, {"a.json": '{"item":' * 100_000}))
