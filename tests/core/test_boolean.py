"""Operations on segmentations have the pixels of the same operations on masks, whatever the polygons."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmentarium.core.annotation import Polygons, Segmentation
from segmentarium.core.boolean import intersect, split, subtract, unite
from segmentarium.core.errors import InvalidSegmentation
from segmentarium.core.mending import is_clean
from segmentarium.core.raster import polygons_to_mask, segmentation_to_mask, segmentation_to_rle
from segmentarium.core.rle import RLE, Mask
from tests.core.shapes import eighths, polygon, polygons_in_eighths, rectangle, ring, thorough

pytestmark = pytest.mark.usefixtures("kernels")

HEIGHT, WIDTH = 10, 12
many = settings(thorough, max_examples=120)


def mask_of(segmentation: Segmentation | None) -> Mask:
    if segmentation is None:
        return np.zeros((HEIGHT, WIDTH), bool)
    return segmentation_to_mask(segmentation, HEIGHT, WIDTH)


Operation = Callable[[Polygons, Polygons], Segmentation | None]
OPERATIONS: dict[str, tuple[Operation, Callable[[Mask, Mask], Mask]]] = {
    "unite": (lambda a, b: unite([a, b], HEIGHT, WIDTH), lambda a, b: a | b),
    "intersect": (lambda a, b: intersect([a, b], HEIGHT, WIDTH), lambda a, b: a & b),
    "subtract": (lambda a, b: subtract(a, b, HEIGHT, WIDTH), lambda a, b: a & ~b),
}
operations = pytest.mark.parametrize("name", OPERATIONS)


@operations
@many
@given(a=polygons_in_eighths(max_parts=2), b=polygons_in_eighths(max_parts=2))
def test_the_pixels_are_those_of_the_masks(name: str, a: Polygons, b: Polygons) -> None:
    on_polygons, on_masks = OPERATIONS[name]
    found = on_polygons(a, b)
    assert np.array_equal(mask_of(found), on_masks(mask_of(a), mask_of(b)))
    assert found is None or (isinstance(found, Polygons) and is_clean(found))


anywhere = st.floats(-3, 14, allow_nan=False)
free_rings = st.lists(st.tuples(anywhere, anywhere), min_size=3, max_size=8)


@operations
@many
@given(a=free_rings, b=free_rings)
def test_the_pixels_are_those_of_the_masks_at_any_coordinates(
    name: str, a: list[tuple[float, float]], b: list[tuple[float, float]]
) -> None:
    on_polygons, on_masks = OPERATIONS[name]
    first, second = polygon(a), polygon(b)
    found = on_polygons(first, second)
    assert np.array_equal(mask_of(found), on_masks(mask_of(first), mask_of(second)))


def test_outlines_stay_as_fine_as_they_were_drawn() -> None:
    a, b = polygon(rectangle(1.25, 1.25, 5.75, 5.75)), polygon(rectangle(3.5, 0.5, 8.5, 4.25))
    united = unite([a, b], HEIGHT, WIDTH)
    assert isinstance(united, Polygons)
    assert {tuple(point) for point in united.parts[0][0].tolist()} == {
        (1.25, 1.25), (3.5, 1.25), (3.5, 0.5), (8.5, 0.5), (8.5, 4.25), (5.75, 4.25), (5.75, 5.75), (1.25, 5.75),
    }  # fmt: skip


def test_what_is_cut_out_of_the_middle_is_a_hole() -> None:
    ring_shaped = subtract(
        polygon(rectangle(1, 1, 9, 9)), polygon(rectangle(3, 3, 5, 5)), HEIGHT, WIDTH
    )
    assert isinstance(ring_shaped, Polygons)
    assert [len(part) for part in ring_shaped.parts] == [2]


def test_nothing_left_is_none() -> None:
    a, b = polygon(rectangle(1, 1, 3, 3)), polygon(rectangle(0, 0, 9, 9))
    assert subtract(a, b, HEIGHT, WIDTH) is None
    assert intersect([a, polygon(rectangle(5, 5, 8, 8))], HEIGHT, WIDTH) is None


def test_what_only_touches_on_the_way_makes_the_outline_no_coarser() -> None:
    # The first two share an area and a stretch of border, which the third would not be intersected with.
    a = Polygons(((ring(rectangle(1, 1, 4, 4)),), (ring(rectangle(6, 1, 9, 4)),)))
    b = Polygons(((ring(rectangle(2, 2, 4, 4)),), (ring(rectangle(6, 4, 9, 6)),)))
    c = polygon([(2.25, 1), (9, 1.25), (6, 9)])
    found = intersect([a, b, c], HEIGHT, WIDTH)
    assert isinstance(found, Polygons)
    assert (found.parts[0][0] % 1 == 0).all(axis=1).sum() < len(found.parts[0][0])


def test_with_an_rle_the_answer_is_an_rle() -> None:
    a, b = polygon(rectangle(1, 1, 6, 6)), polygon(rectangle(3, 3, 9, 9))
    runs = segmentation_to_rle(b, HEIGHT, WIDTH)
    for found, on_polygons in (
        (unite([a, runs], HEIGHT, WIDTH), unite([a, b], HEIGHT, WIDTH)),
        (intersect([a, runs], HEIGHT, WIDTH), intersect([a, b], HEIGHT, WIDTH)),
        (subtract(a, runs, HEIGHT, WIDTH), subtract(a, b, HEIGHT, WIDTH)),
    ):
        assert isinstance(found, RLE)
        assert np.array_equal(mask_of(found), mask_of(on_polygons))


def test_an_rle_of_another_size_is_refused() -> None:
    with pytest.raises(InvalidSegmentation):
        unite([polygon(rectangle(1, 1, 6, 6)), RLE((3, 3), np.array([9]))], HEIGHT, WIDTH)
    with pytest.raises(InvalidSegmentation):
        unite([RLE((3, 3), np.array([9]))], HEIGHT, WIDTH)


def test_uniting_nothing_is_refused() -> None:
    with pytest.raises(InvalidSegmentation):
        unite([], HEIGHT, WIDTH)


lines = st.lists(st.tuples(eighths(), eighths()), min_size=2, max_size=5, unique=True)


@many
@given(polygons_in_eighths(max_parts=2), lines)
def test_every_pixel_goes_to_exactly_one_piece(
    polygons: Polygons, line: list[tuple[float, float]]
) -> None:
    pieces = split(polygons, ring(line), HEIGHT, WIDTH)
    counts = np.sum([mask_of(piece) for piece in pieces], axis=0)
    assert np.array_equal(counts, mask_of(polygons).astype(int))


def test_a_line_across_makes_two_pieces_of_which_the_larger_comes_first() -> None:
    pieces = split(polygon(rectangle(1, 1, 9, 9)), ring([(4, 0), (4, 10)]), HEIGHT, WIDTH)
    assert [int(mask_of(piece).sum()) for piece in pieces] == [40, 24]
    assert all(is_clean(piece) for piece in pieces)


def test_a_line_that_ends_inside_cuts_nothing() -> None:
    square = polygon(rectangle(1, 1, 9, 9))
    assert split(square, ring([(4, 0), (4, 5)]), HEIGHT, WIDTH) == [square]


def test_a_part_that_is_not_cut_stays_with_the_nearest_piece() -> None:
    left, right = rectangle(0, 0, 4, 4), rectangle(5, 0, 10, 4)
    polygons = Polygons(((ring(left),), (ring(right),)))
    pieces = split(polygons, ring([(8, -1), (8, 5)]), HEIGHT, WIDTH)
    assert [int(mask_of(piece).sum()) for piece in pieces] == [12 + 16, 8]


def test_a_line_across_a_hole_opens_it() -> None:
    ring_shaped = polygon(rectangle(1, 1, 9, 9), rectangle(4, 4, 6, 6))
    pieces = split(ring_shaped, ring([(5, 0), (5, 10)]), HEIGHT, WIDTH)
    assert [int(mask_of(piece).sum()) for piece in pieces] == [30, 30]
    assert not any(piece.has_holes for piece in pieces)


def test_a_point_is_no_line() -> None:
    with pytest.raises(InvalidSegmentation):
        split(polygon(rectangle(1, 1, 9, 9)), np.array([[4.0, 0.0]]), HEIGHT, WIDTH)


@pytest.mark.parametrize("size", [1e9, 1e150])
def test_coordinates_far_beyond_the_image_change_no_pixel(size: float) -> None:
    far = polygon([(-size, -size), (size, -size / 3), (3.3, 7.7), (-size, size)])
    square = polygon(rectangle(1, 1, 9, 9))
    found = subtract(square, far, HEIGHT, WIDTH)
    assert np.array_equal(mask_of(found), mask_of(square) & ~polygons_to_mask(far, HEIGHT, WIDTH))
