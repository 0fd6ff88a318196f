"""Self-crossing outlines are put right without a pixel changed; holes, small parts, and moved outlines."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmentarium.core.annotation import Polygons
from segmentarium.core.mending import buffer, drop_small_parts, fill_holes, is_clean, repair
from segmentarium.core.raster import polygons_to_mask
from segmentarium.core.rle import Mask
from tests.core.shapes import (
    blob,
    outlined,
    polygon,
    polygons_in_eighths,
    rectangle,
    ring,
    thorough,
)

pytestmark = pytest.mark.usefixtures("kernels")

HEIGHT, WIDTH = 10, 12
many = settings(thorough, max_examples=120)
PENTAGRAM = [(6, 0.2), (9.4, 9.8), (0.4, 3.8), (11.6, 3.8), (2.6, 9.8)]


def mask_of(polygons: Polygons | None) -> Mask:
    if polygons is None:
        return np.zeros((HEIGHT, WIDTH), bool)
    return polygons_to_mask(polygons, HEIGHT, WIDTH)


@many
@given(polygons_in_eighths())
def test_a_repair_changes_no_pixel_and_leaves_nothing_to_repair(polygons: Polygons) -> None:
    mended = repair(polygons, HEIGHT, WIDTH)
    assert np.array_equal(mask_of(mended), mask_of(polygons))
    assert mended is None or is_clean(mended)


@many
@given(st.lists(st.tuples(st.integers(-1, 12), st.integers(-1, 12)), min_size=4, max_size=9))
def test_a_repair_is_clean_where_vertices_lie_on_centres(points: list[tuple[int, int]]) -> None:
    through_centres = Polygons(((np.array(points, float) + 0.5,),))
    mended = repair(through_centres, HEIGHT, WIDTH)
    assert np.array_equal(mask_of(mended), mask_of(through_centres))
    assert mended is None or is_clean(mended)


@pytest.mark.parametrize("seed", range(20))
def test_an_outline_far_beyond_the_image_is_repaired(seed: int) -> None:
    rng = np.random.default_rng(seed)
    ring = rng.uniform(-5, 15, (7, 2)) * np.where(rng.random((7, 2)) < 0.6, 1e12, 1)
    far = Polygons(((ring,),))
    mended = repair(far, HEIGHT, WIDTH)
    assert np.array_equal(mask_of(mended), mask_of(far))
    buffer(far, 1.5, HEIGHT, WIDTH)


def test_an_outline_that_crosses_itself_thousands_of_times_is_repaired() -> None:
    # Of GEOS's make_valid this took seventeen seconds.
    scribble = Polygons(((np.random.default_rng(0).uniform(0, 200, (300, 2)),),))
    mended = repair(scribble, 200, 200)
    assert mended is not None
    assert is_clean(mended)
    assert np.array_equal(polygons_to_mask(mended, 200, 200), polygons_to_mask(scribble, 200, 200))


def test_an_outline_along_the_pixel_edges_that_touches_itself_is_repaired() -> None:
    mask = np.random.default_rng(1).random((40, 40)) < 0.6
    mended = repair(outlined(mask), 40, 40)
    assert mended is not None
    assert is_clean(mended)
    assert np.array_equal(polygons_to_mask(mended, 40, 40), mask)


def test_a_pentagram_becomes_five_points_with_an_empty_middle() -> None:
    star = polygon(PENTAGRAM)
    assert not is_clean(star)
    mended = repair(star, HEIGHT, WIDTH)
    assert mended is not None
    assert is_clean(mended)
    assert not mask_of(mended)[5, 6]


def test_overlapping_parts_become_one() -> None:
    two = Polygons(((ring(rectangle(1, 1, 5, 5)),), (ring(rectangle(3, 3, 8, 8)),)))
    mended = repair(two, HEIGHT, WIDTH)
    assert mended is not None
    assert len(mended.parts) == 1


def test_clean_polygons_come_back_as_they_were() -> None:
    clean = polygon(rectangle(1, 1, 9, 9), rectangle(3, 3, 5, 5))
    assert repair(clean, HEIGHT, WIDTH) is clean


def test_polygons_without_a_pixel_are_none() -> None:
    sliver = Polygons(((ring([(1, 1), (5, 5), (1, 1)]),),))
    assert repair(sliver, HEIGHT, WIDTH) is None


def test_holes_are_filled() -> None:
    holed = polygon(rectangle(1, 1, 9, 9), rectangle(2, 2, 3, 3), rectangle(4, 4, 8, 8))
    assert np.array_equal(
        mask_of(fill_holes(holed, HEIGHT, WIDTH)), mask_of(polygon(rectangle(1, 1, 9, 9)))
    )


def test_only_holes_up_to_a_size_are_filled() -> None:
    holed = polygon(rectangle(1, 1, 9, 9), rectangle(2, 2, 3, 3), rectangle(4, 4, 8, 8))
    filled = fill_holes(holed, HEIGHT, WIDTH, max_area=15)
    assert mask_of(filled).sum() == 64 - 16


def test_the_empty_middle_of_a_crossing_outline_is_filled_too() -> None:
    # Wound round twice: a ring with a middle.
    twice = polygon([(1, 1), (9, 1), (9, 9), (1, 9), (1, 3), (7, 3), (7, 7), (3, 7), (3, 1)])
    filled = fill_holes(twice, HEIGHT, WIDTH)
    assert filled is not None
    assert not filled.has_holes
    assert (mask_of(filled) >= mask_of(twice)).all()


def test_parts_under_the_area_are_dropped() -> None:
    parts = Polygons(
        ((ring(rectangle(0, 0, 2, 2)),), (ring(rectangle(4, 0, 9, 2)),), (ring(rectangle(0, 5, 1, 6)),))
    )  # fmt: skip
    kept = drop_small_parts(parts, 4, HEIGHT, WIDTH)
    assert kept is not None
    assert len(kept.parts) == 2
    assert drop_small_parts(parts, 11, HEIGHT, WIDTH) is None


@pytest.mark.parametrize("distance", [3, -3])
def test_an_outline_moved_by_a_distance_takes_or_loses_the_pixels_within_it(distance: int) -> None:
    mask = blob(2)
    moved = buffer(outlined(mask), distance, *mask.shape)
    assert moved is not None
    found = polygons_to_mask(moved, *mask.shape)
    # From the outline to a pixel's centre; the transform measures from centre to centre.
    outside = mask if distance < 0 else ~mask
    # Beyond the image there is nothing, which is outside.
    padded = np.pad(outside.astype(np.uint8), 1, constant_values=int(distance > 0))
    away = cv2.distanceTransform(padded, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)[1:-1, 1:-1]
    sure = outside & ((away < abs(distance) - 0.3) | (away > abs(distance) + 1.2))
    assert (found[sure] == (away[sure] < abs(distance)) ^ (distance < 0)).all()
    assert (found[~outside] == (distance > 0)).all()


def test_an_outline_moved_out_stays_on_the_image() -> None:
    moved = buffer(polygon(rectangle(1, 1, 11, 9)), 5, HEIGHT, WIDTH)
    assert moved is not None
    assert mask_of(moved).all()
    assert moved.parts[0][0].min() == 0


def test_an_outline_moved_in_too_far_is_none() -> None:
    assert buffer(polygon(rectangle(1, 1, 5, 5)), -2.5, HEIGHT, WIDTH) is None
