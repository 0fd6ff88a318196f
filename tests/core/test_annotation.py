"""Segmentations to JSON and back, and what is refused on the way."""

import json

import numpy as np
import pytest
from hypothesis import given

from segmentarium.core.annotation import (
    Category,
    Polygons,
    polygons_to_json,
    rle_to_json,
    segmentation_from_json,
)
from segmentarium.core.errors import InvalidSegmentation
from segmentarium.core.rle import RLE, Mask, mask_to_rle
from tests.core.shapes import masks, polygon, polygons_in_eighths, rectangle, ring, thorough


@thorough
@given(polygons_in_eighths())
def test_polygons_come_back_from_json(polygons: Polygons) -> None:
    back = segmentation_from_json(json.loads(json.dumps(polygons_to_json(polygons))))
    assert isinstance(back, Polygons)
    assert [[points.tolist() for points in part] for part in back.parts] == [
        [points.tolist() for points in part] for part in polygons.parts
    ]


@thorough
@given(masks())
def test_an_rle_comes_back_from_json(mask: Mask) -> None:
    rle = mask_to_rle(mask)
    back = segmentation_from_json(json.loads(json.dumps(rle_to_json(rle))))
    assert isinstance(back, RLE)
    assert (back.size, back.counts.tolist()) == (rle.size, rle.counts.tolist())


def test_coordinates_keep_every_bit_in_json() -> None:
    third = polygon([(1 / 3, 1e-17), (2 / 3, 1e17), (0.1, 0.2)])
    back = segmentation_from_json(json.loads(json.dumps(polygons_to_json(third))))
    assert isinstance(back, Polygons)
    assert np.array_equal(back.parts[0][0], third.parts[0][0])


def test_an_rle_may_come_as_a_list_of_runs() -> None:
    rle = segmentation_from_json({"size": [2, 3], "counts": [1, 2, 3]})
    assert isinstance(rle, RLE)
    assert rle.counts.tolist() == [1, 2, 3]


def test_a_flat_ring_is_x_before_y() -> None:
    polygons = segmentation_from_json([[[0, 1, 2, 3, 4, 5]]])
    assert isinstance(polygons, Polygons)
    assert polygons.parts[0][0].tolist() == [[0, 1], [2, 3], [4, 5]]


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(None, id="nothing"),
        pytest.param(3, id="a number"),
        pytest.param("polygon", id="a word"),
        pytest.param([], id="no part"),
        pytest.param([[]], id="a part without a ring"),
        pytest.param([[[]]], id="a ring without a vertex"),
        pytest.param([[[0, 0, 4, 4]]], id="two vertices"),
        pytest.param([[[0, 0, 4, 0, 4, 4, 2]]], id="half a vertex"),
        pytest.param([[[0, 0, 4, 0, 4, 4], [1, 1]]], id="a hole of one vertex"),
        pytest.param([[[0, 0, 4, 0, 4, float("nan")]]], id="not a number"),
        pytest.param([[[0, 0, 4, 0, 4, float("-inf")]]], id="infinite"),
        pytest.param([[[0, 0, 4, 0, 4, None]]], id="a missing coordinate"),
        pytest.param([[[0, 0, 4, 0, 4, 1e151]]], id="a vertex beyond any image"),
        pytest.param([[["0", "0", "4", "0", "4", "4"]]], id="numbers in quotes"),
        pytest.param([[[[0, 0], [4, 0], [4, 4]] * 2]], id="a list of points"),
        pytest.param({}, id="an empty object"),
        pytest.param({"counts": [6]}, id="no size"),
        pytest.param({"size": [2, 3]}, id="no counts"),
        pytest.param({"size": [6], "counts": [6]}, id="one side only"),
        pytest.param({"size": [2, 3, 1], "counts": [6]}, id="three sides"),
        pytest.param({"size": [2, 3], "counts": [5]}, id="too few pixels"),
        pytest.param({"size": [2, 3], "counts": [8, -2]}, id="a negative run"),
        pytest.param({"size": [2, 3], "counts": [2**70]}, id="a run beyond 64 bits"),
        pytest.param({"size": [2, 3], "counts": [-(2**70), 6]}, id="a run below 64 bits"),
        pytest.param({"size": [2, 3], "counts": [0.5, 6]}, id="half a pixel in a run"),
        pytest.param({"size": [2, 3], "counts": [float("nan"), 6]}, id="a run that is no number"),
        pytest.param({"size": [2, 3], "counts": [float("inf")]}, id="a run without end"),
        pytest.param({"size": [2, 3], "counts": [[1, 5]]}, id="runs in a list in the list"),
        pytest.param({"size": [2, 3], "counts": ""}, id="an empty string"),
        pytest.param({"size": [2, 3], "counts": "!"}, id="a garbled string"),
        pytest.param({"size": [2, 3], "counts": None}, id="counts that are null"),
        pytest.param({"size": [10**30, 1], "counts": [6]}, id="a size beyond 64 bits"),
    ],
)
def test_malformed_segmentations_are_refused(value: object) -> None:
    with pytest.raises(InvalidSegmentation):
        segmentation_from_json(value)


@pytest.mark.parametrize(
    "value",
    [
        pytest.param([1, 2, 3], id="numbers for parts"),
        pytest.param([["abcdef"]], id="a word for a ring"),
        pytest.param([[[0, 0, 4, 0, 4, 10**400]]], id="a coordinate beyond floats"),
        pytest.param({"size": ["a", 3], "counts": [6]}, id="a word for a side"),
        pytest.param({"size": [2, 3.5], "counts": [6]}, id="half a pixel"),
        pytest.param({"size": [2, 3], "counts": ["a"]}, id="a word for a run"),
        pytest.param({"size": [2, 3], "counts": b"6"}, id="bytes for runs"),
    ],
)
def test_values_of_a_wrong_type_are_refused(value: object) -> None:
    with pytest.raises(InvalidSegmentation):
        segmentation_from_json(value)


@pytest.mark.parametrize(
    "parts",
    [
        (),
        ((),),
        ((np.zeros((2, 2)),),),
        ((np.zeros((3, 3)),),),
        ((np.zeros(6),),),
    ],
)
def test_polygons_that_cannot_be_are_not_made(parts: tuple[()]) -> None:
    with pytest.raises(InvalidSegmentation):
        Polygons(parts)


def test_vertices_of_holes_and_parts_are_counted() -> None:
    square, triangle = ring(rectangle(0, 0, 9, 9)), ring([(1, 1), (2, 1), (2, 2)])
    assert Polygons(((square, triangle), (triangle,))).vertex_count == 10


def test_a_hole_in_any_part_is_told() -> None:
    square, hole = ring(rectangle(0, 0, 9, 9)), ring(rectangle(1, 1, 2, 2))
    assert Polygons(((square,), (square, hole))).has_holes
    assert not Polygons(((square,), (hole,))).has_holes


@pytest.mark.parametrize(
    ("color", "rgb"), [("#000000", (0, 0, 0)), ("#0a0B0c", (10, 11, 12)), ("#ffffff", (255,) * 3)]
)
def test_a_colour_is_three_numbers(color: str, rgb: tuple[int, int, int]) -> None:
    assert Category(1, "cat", color).color_rgb == rgb
