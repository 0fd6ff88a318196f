"""Fewer vertices: what it costs is stated truly, and neighbours go on sharing their borders."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from segmentarium.core.annotation import Polygons
from segmentarium.core.polygons import mask_to_polygons
from segmentarium.core.raster import polygons_to_mask
from segmentarium.core.rle import Mask
from segmentarium.core.simplify import (
    Simplified,
    simplify_polygons,
    simplify_to_iou,
    simplify_together,
)
from tests.core.shapes import (
    as_shape,
    blob,
    crosses_itself,
    masks,
    outlined,
    polygon,
    rectangle,
    restored,
    ring,
    thorough,
)

pytestmark = pytest.mark.usefixtures("kernels")
nonempty = masks(12).filter(lambda mask: bool(mask.any()))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("tolerance", [0.5, 1.0, 3.0])
def test_simplification_states_its_true_iou(seed: int, tolerance: float) -> None:
    mask = blob(seed)
    simplified = simplify_polygons(outlined(mask), tolerance, *mask.shape)
    after = restored(simplified.polygons, mask)
    assert simplified.iou == pytest.approx((mask & after).sum() / (mask | after).sum())


def farthest(mask: Mask, tolerance: float) -> float:
    """How far the simplified outlines of a mask are from the outlines, in pixels."""
    before = outlined(mask)
    after = simplify_polygons(before, tolerance, *mask.shape).polygons
    return max(
        shapely.hausdorff_distance(as_shape(old).boundary, as_shape(new).boundary)
        for old, new in zip(before.parts, after.parts, strict=True)
    )


@thorough
@given(nonempty, st.sampled_from([0.6, 1.0, 2.0]))
def test_simplification_stays_within_twice_its_tolerance(mask: Mask, tolerance: float) -> None:
    assert farthest(mask, tolerance) <= 2 * tolerance + 1e-9


@pytest.mark.parametrize("seed", range(3))
def test_simplification_states_the_vertices_that_are_left(seed: int) -> None:
    mask = blob(seed)
    before = outlined(mask)
    simplified = simplify_polygons(before, 1.0, *mask.shape)
    assert simplified.vertices == sum(
        len(points) for part in simplified.polygons.parts for points in part
    )
    assert simplified.vertices < before.vertex_count / 3


@thorough
@given(nonempty)
def test_simplified_rings_never_cross(mask: Mask) -> None:
    simplified = simplify_polygons(outlined(mask), 1.5, *mask.shape)
    assert not any(crosses_itself(part) for part in simplified.polygons.parts)


def test_simplification_with_no_tolerance_changes_no_pixel() -> None:
    mask = blob(5)
    simplified = simplify_polygons(outlined(mask), 0, *mask.shape)
    assert np.array_equal(restored(simplified.polygons, mask), mask)
    assert simplified.iou == 1


def test_a_single_pixel_survives_a_coarse_simplification() -> None:
    mask = np.zeros((5, 5), bool)
    mask[2, 2] = True
    simplified = simplify_polygons(outlined(mask), 50, 5, 5)
    assert simplified.vertices >= 3


@thorough
@given(nonempty, st.sampled_from([0.6, 1.0, 2.0, 50.0]))
def test_every_part_keeps_pixels_through_a_simplification(mask: Mask, tolerance: float) -> None:
    simplified = simplify_polygons(outlined(mask), tolerance, *mask.shape)
    assert all(restored(Polygons((part,)), mask).any() for part in simplified.polygons.parts)


def true_iou(polygons: Polygons, mask: Mask) -> float:
    found = restored(polygons, mask)
    return float((mask & found).sum() / (mask | found).sum())


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("wanted", [0.999, 0.98, 0.9])
def test_a_search_keeps_the_iou_asked_for_and_states_it(seed: int, wanted: float) -> None:
    mask = blob(seed)
    found = simplify_to_iou(outlined(mask), wanted, *mask.shape)
    assert found.iou == pytest.approx(true_iou(found.polygons, mask))
    assert found.iou >= wanted
    assert found.vertices == found.polygons.vertex_count


@pytest.mark.parametrize("wanted", [0.98, 0.9])
def test_a_search_needs_fewer_vertices_than_any_tolerance_of_a_fine_scale(wanted: float) -> None:
    mask = blob(3)
    polygons = outlined(mask)
    by_hand = [
        found.vertices
        for tolerance in np.arange(0.25, 12, 0.25)
        if (found := simplify_polygons(polygons, tolerance, *mask.shape)).iou >= wanted
    ]
    assert simplify_to_iou(polygons, wanted, *mask.shape).vertices <= min(by_hand)


def test_a_lower_iou_needs_no_more_vertices() -> None:
    mask = blob(1)
    counts = [
        simplify_to_iou(outlined(mask), wanted, *mask.shape).vertices
        for wanted in (1, 0.99, 0.95, 0.8)
    ]
    assert counts == sorted(counts, reverse=True)
    assert counts[-1] < counts[0] / 4


@thorough
@given(nonempty)
def test_a_search_for_the_very_mask_finds_it(mask: Mask) -> None:
    found = simplify_to_iou(outlined(mask), 1, *mask.shape)
    assert found.iou == 1
    assert np.array_equal(restored(found.polygons, mask), mask)


HEIGHT, WIDTH = 60, 80


def owners(several: list[Simplified]) -> NDArray[np.int64]:
    """How many of them have each pixel."""
    counts = np.zeros((HEIGHT, WIDTH), np.int64)
    for one in several:
        counts += polygons_to_mask(one.polygons, HEIGHT, WIDTH)
    return counts


def cells(seed: int, count: int) -> list[Polygons]:
    """A partition of the image into cells whose corners lie anywhere."""
    seeds = np.random.default_rng(seed).uniform((0, 0), (WIDTH, HEIGHT), (count, 2))
    image = shapely.box(0, 0, WIDTH, HEIGHT)
    found = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(seeds), extend_to=image))
    cut = shapely.intersection(shapely.coverage_union_all(found) & image, found)
    return [polygon(cell.exterior.coords[:-1]) for cell in cut]


def regions(seed: int, count: int, roughness_px: float = 2) -> list[Polygons]:
    """A segment map, outlined segment by segment along the pixel edges: ragged, with islands and touching corners."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    seeds = rng.uniform((0, 0), (WIDTH, HEIGHT), (count, 2))
    away = np.hypot(x[..., None] - seeds[:, 0], y[..., None] - seeds[:, 1])
    nearest = np.argmin(away + rng.normal(0, roughness_px, away.shape), axis=-1)
    return [found for i in range(count) if (found := mask_to_polygons(nearest == i)) is not None]


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("tolerance", [0.5, 1, 3, 10, 100])
def test_neighbours_with_smooth_borders_leave_no_gap_and_no_overlap(
    seed: int, tolerance: float
) -> None:
    assert (owners(simplify_together(cells(seed, 12), tolerance, HEIGHT, WIDTH)) == 1).all()


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("tolerance", [0.5, 1, 3, 10, 100])
def test_neighbours_with_ragged_borders_leave_no_gap_and_no_overlap(
    seed: int, tolerance: float
) -> None:
    simple = simplify_together(regions(seed, 8), tolerance, HEIGHT, WIDTH)
    assert (owners(simple) == 1).all()


def test_neighbours_together_have_far_fewer_vertices() -> None:
    before = regions(1, 8, roughness_px=0.2)
    after = simplify_together(before, 3, HEIGHT, WIDTH)
    assert sum(one.vertices for one in after) < sum(one.vertex_count for one in before) / 3


def test_neighbours_together_state_their_true_iou() -> None:
    before = cells(2, 9)
    for old, new in zip(before, simplify_together(before, 6, HEIGHT, WIDTH), strict=True):
        mask = polygons_to_mask(old, HEIGHT, WIDTH)
        assert new.iou == pytest.approx(true_iou(new.polygons, mask))


def test_a_border_is_shared_though_only_one_neighbour_has_the_vertex() -> None:
    left = polygon([(0, 0), (30, 0), (30, 60), (0, 60)])
    zigzag = [(30.0, y + (0.4 if y % 2 else 0)) for y in range(1, 60)]
    right = polygon([(30, 0), (80, 0), (80, 60), (30, 60), *reversed(zigzag)])
    found = simplify_together([left, right], 2, HEIGHT, WIDTH)
    assert (owners(found) == 1).all()
    assert found[1].vertices == 4


def test_overlapping_annotations_are_simplified_each_for_itself() -> None:
    a, b = polygon(rectangle(0, 0, 30.5, 20)), polygon(rectangle(20, 10.5, 60, 40))
    found = simplify_together([a, b], 1, HEIGHT, WIDTH)
    assert [one.iou for one in found] == [1, 1]


def test_a_neighbour_that_loses_its_last_pixel_states_an_iou_of_zero() -> None:
    before = regions(4, 400)
    found = simplify_together(before, 5, HEIGHT, WIDTH)
    assert (owners(found) == 1).all()
    pixels = [int(polygons_to_mask(one.polygons, HEIGHT, WIDTH).sum()) for one in found]
    assert 0 in pixels
    assert [one.iou == 0 for one in found] == [count == 0 for count in pixels]


def test_an_outline_far_beyond_the_image_is_simplified() -> None:
    far = polygon([(0, 0), (1e12, 3), (5, 9)])
    assert simplify_polygons(far, 1, HEIGHT, WIDTH).iou == 1


def test_nothing_together_is_nothing() -> None:
    assert simplify_together([], 1, HEIGHT, WIDTH) == []


def test_a_self_crossing_outline_keeps_its_even_odd_pixels() -> None:
    bow = Polygons(((ring([(5, 5), (25, 25), (25, 5), (5, 25)]),),))
    (found,) = simplify_together([bow], 0, HEIGHT, WIDTH)
    assert found.iou == 1
