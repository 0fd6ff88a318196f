"""Boxes: corners, clipping, rounding outward, overlap."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmentarium.core.boxes import (
    BoxXYXY,
    box_iou,
    clip_box,
    expand_box,
    pixels_of_box,
    xywh_to_xyxy,
)
from tests.core.shapes import thorough

coordinates = st.floats(-50, 50)


@st.composite
def boxes(draw: st.DrawFn) -> BoxXYXY:
    x0, y0 = draw(coordinates), draw(coordinates)
    return x0, y0, x0 + draw(st.floats(0.25, 40)), y0 + draw(st.floats(0.25, 40))


def test_corners_are_half_open() -> None:
    assert xywh_to_xyxy((2, 3, 1, 1)) == (2, 3, 3, 4)


def test_a_fractional_box_keeps_its_fractions() -> None:
    assert xywh_to_xyxy((0.5, 1.25, 2.25, 0.5)) == (0.5, 1.25, 2.75, 1.75)


@thorough
@given(boxes())
def test_a_clipped_box_lies_within_the_image_or_is_empty(box: BoxXYXY) -> None:
    x0, y0, x1, y1 = clip_box(box, 20, 10)
    assert x1 <= x0 or y1 <= y0 or (x0 >= 0 and y0 >= 0 and x1 <= 20 and y1 <= 10)


def test_a_box_that_ends_at_the_border_keeps_its_last_pixel() -> None:
    assert clip_box((7, 3, 8, 4), 8, 4) == (7, 3, 8, 4)


def test_a_box_off_the_image_is_clipped_to_nothing() -> None:
    x0, _, x1, _ = clip_box((30, 2, 40, 5), 8, 4)
    assert x1 <= x0


@thorough
@given(boxes())
def test_pixels_of_a_box_hold_it_with_at_most_a_pixel_to_spare(box: BoxXYXY) -> None:
    x0, y0, x1, y1 = pixels_of_box(box)
    assert 0 <= box[0] - x0 <= 1
    assert 0 <= box[1] - y0 <= 1
    assert 0 <= x1 - box[2] <= 1
    assert 0 <= y1 - box[3] <= 1


def test_pixels_of_a_negative_box_round_away_from_its_middle() -> None:
    assert pixels_of_box((-1.5, -0.25, -0.5, 0.25)) == (-2, -1, 0, 1)


@pytest.mark.parametrize(
    ("margin", "expected"), [(0, (3, 2, 5, 4)), (2, (1, 0, 7, 6)), (100, (0, 0, 10, 7))]
)
def test_an_expanded_box_stays_within_the_image(
    margin: int, expected: tuple[int, int, int, int]
) -> None:
    assert expand_box((3, 2, 5, 4), margin, 10, 7) == expected


def test_expanding_swaps_neither_width_and_height_nor_the_axes() -> None:
    assert expand_box((0, 0, 1, 1), 50, 3, 9) == (0, 0, 3, 9)


@thorough
@given(boxes())
def test_a_box_overlaps_itself_wholly(box: BoxXYXY) -> None:
    assert box_iou(box, box) == pytest.approx(1)


@thorough
@given(boxes(), boxes())
def test_overlap_is_symmetric_and_a_share(a: BoxXYXY, b: BoxXYXY) -> None:
    assert box_iou(a, b) == pytest.approx(box_iou(b, a))
    assert 0 <= box_iou(a, b) <= 1 + 1e-12


def test_boxes_that_share_a_border_do_not_overlap() -> None:
    assert box_iou((0, 0, 2, 2), (2, 0, 4, 2)) == 0


def test_boxes_apart_in_both_directions_do_not_overlap() -> None:
    assert box_iou((0, 0, 1, 1), (5, 5, 6, 6)) == 0


def test_a_box_within_another_overlaps_by_the_ratio_of_their_areas() -> None:
    assert box_iou((0, 0, 4, 4), (1, 1, 3, 3)) == 0.25


def test_two_empty_boxes_do_not_overlap() -> None:
    assert box_iou((1, 1, 1, 1), (1, 1, 1, 1)) == 0
