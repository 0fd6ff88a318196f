"""Masks to polygons along the pixel edges."""

import cv2
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from segmentarium.core import compiled
from segmentarium.core.polygons import mask_to_polygons, place_polygons
from segmentarium.core.raster import polygons_to_mask
from segmentarium.core.rle import Mask
from tests.core.shapes import (
    as_shape,
    crosses_itself,
    masks,
    outlined,
    polygon,
    rectangle,
    restored,
    thorough,
)

pytestmark = pytest.mark.usefixtures("kernels")


def every_4x4_mask() -> Mask:
    """All 65,536 of them, 256 × 256, a free pixel around each."""
    bits = np.arange(2**16)[:, None] >> np.arange(16) & 1
    tiles = np.pad(bits.astype(bool).reshape(256, 256, 4, 4), ((0, 0), (0, 0), (1, 0), (1, 0)))
    return tiles.transpose(0, 2, 1, 3).reshape(256 * 5, 256 * 5)


nonempty = masks(12).filter(lambda mask: bool(mask.any()))


def test_every_mask_of_4_by_4_pixels_comes_back() -> None:
    mask = every_4x4_mask()
    step = 1 if compiled.KERNELS is not None else 4  # NumPy takes half a minute for all of them
    for rows in np.split(mask, 16)[::step]:
        assert np.array_equal(restored(outlined(rows), rows), rows)


@thorough
@given(nonempty)
def test_any_mask_comes_back(mask: Mask) -> None:
    assert np.array_equal(restored(outlined(mask), mask), mask)


@pytest.mark.parametrize("seed", range(4))
def test_a_mask_of_noise_comes_back(seed: int) -> None:
    mask = np.random.default_rng(seed).random((97, 61)) < (0.2, 0.4, 0.6, 0.8)[seed]
    assert np.array_equal(restored(outlined(mask), mask), mask)


@thorough
@given(nonempty)
def test_parts_are_the_4_connected_components(mask: Mask) -> None:
    count, _ = cv2.connectedComponents(mask.astype(np.uint8), connectivity=4)
    assert len(outlined(mask).parts) == count - 1


@thorough
@given(nonempty)
def test_holes_are_the_8_connected_components_within(mask: Mask) -> None:
    outside = np.pad(~mask, 1, constant_values=True).astype(np.uint8)
    count, _ = cv2.connectedComponents(outside, connectivity=8)
    assert sum(len(part) - 1 for part in outlined(mask).parts) == count - 2


@thorough
@given(nonempty)
def test_rings_may_touch_at_a_corner_but_never_cross(mask: Mask) -> None:
    assert not any(crosses_itself(part) for part in outlined(mask).parts)


@thorough
@given(nonempty)
def test_the_area_of_the_outline_is_the_count_of_the_pixels(mask: Mask) -> None:
    assert sum(as_shape(part).area for part in outlined(mask).parts) == mask.sum()


@thorough
@given(nonempty)
def test_edges_run_along_the_pixel_edges_and_turn_at_every_vertex(mask: Mask) -> None:
    for part in outlined(mask).parts:
        for points in part:
            steps = np.roll(points, -1, axis=0) - points
            horizontal, vertical = steps[:, 0] != 0, steps[:, 1] != 0
            assert (horizontal ^ vertical).all()
            assert (horizontal != np.roll(horizontal, 1)).all()


def test_an_empty_mask_has_no_polygons() -> None:
    assert mask_to_polygons(np.zeros((3, 4), bool)) is None


def test_a_full_mask_is_the_border_of_the_image() -> None:
    part = outlined(np.ones((3, 5), bool)).parts[0]
    assert as_shape(part).equals(shapely.box(0, 0, 5, 3))


@pytest.mark.parametrize("pixels", [[(0, 0), (1, 1)], [(0, 1), (1, 0)]])
def test_pixels_that_touch_at_a_corner_are_two_parts(pixels: list[tuple[int, int]]) -> None:
    mask = np.zeros((2, 2), bool)
    mask[tuple(np.transpose(pixels))] = True
    assert len(outlined(mask).parts) == 2


def test_holes_that_touch_at_a_corner_are_one_hole() -> None:
    mask = np.ones((4, 4), bool)
    mask[1, 1] = mask[2, 2] = False
    assert len(outlined(mask).parts[0]) == 2


def test_an_island_in_a_hole_is_a_part_of_its_own() -> None:
    mask = np.ones((7, 7), bool)
    mask[1:6, 1:6] = False
    mask[3, 3] = True
    assert sorted(len(part) for part in outlined(mask).parts) == [1, 2]


def test_a_hole_belongs_to_the_part_around_it() -> None:
    mask = np.zeros((5, 11), bool)
    mask[:, :5] = mask[:, 6:] = True
    mask[2, 8] = False
    assert [len(part) for part in outlined(mask).parts] == [1, 2]


def test_placed_polygons_are_scaled_and_then_moved() -> None:
    moved = place_polygons(polygon(rectangle(1, 0, 2, 1)), (2, 4), (3, 4, 8, 2))
    assert np.argwhere(polygons_to_mask(moved, 9, 9)).tolist() == [[4, 5], [4, 6]]


def test_placing_leaves_the_old_polygons_where_they_are() -> None:
    square = polygon(rectangle(0, 0, 2, 1))
    place_polygons(square, (1, 2), (3, 4, 2, 1))
    assert square.parts[0][0].tolist() == [list(point) for point in rectangle(0, 0, 2, 1)]


@given(st.integers(1, 1024), st.integers(1, 65_535), st.integers(0, 65_535))
def test_a_grid_ends_exactly_where_its_box_does(grid: int, size: int, corner: int) -> None:
    whole = polygon(rectangle(0, 0, grid, grid))
    placed = place_polygons(whole, (grid, grid), (corner, corner, size, size))
    assert placed.parts[0][0].max() == corner + size
