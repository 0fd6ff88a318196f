"""Simulated corrections: the click goes to the middle of the largest error."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from segmentarium.core.corrections import Click, next_click
from segmentarium.core.rle import Mask


def blank(height: int = 20, width: int = 30) -> Mask:
    return np.zeros((height, width), bool)


def with_box(x: int, y: int, w: int, h: int) -> Mask:
    mask = blank()
    mask[y : y + h, x : x + w] = True
    return mask


def test_what_is_missing_is_clicked_inside() -> None:
    assert next_click(with_box(4, 2, 5, 7), blank()) == Click(6.5, 4.5, 1)


def test_what_is_too_much_is_clicked_outside() -> None:
    assert next_click(blank(), with_box(4, 2, 5, 5)) == Click(6.5, 4.5, 0)


def test_nothing_wrong_is_no_click() -> None:
    assert next_click(with_box(4, 2, 5, 5), with_box(4, 2, 5, 5)) is None


def test_the_larger_of_two_errors_is_clicked() -> None:
    truth = with_box(1, 1, 3, 3)
    answer = with_box(10, 10, 5, 5)
    assert next_click(truth, answer) == Click(12.5, 12.5, 0)


def test_of_equal_errors_the_upper_one_is_clicked() -> None:
    truth = with_box(20, 2, 3, 3)
    answer = with_box(2, 10, 3, 3)
    assert next_click(truth, answer) == Click(21.5, 3.5, 1)


def test_errors_that_touch_at_a_corner_are_two() -> None:
    truth = with_box(2, 2, 3, 3) | with_box(5, 5, 4, 4)
    clicked = next_click(truth, blank())
    assert clicked is not None
    assert (clicked.x > 5, clicked.y > 5) == (True, True)


def test_too_little_beside_too_much_is_two_errors() -> None:
    truth, answer = with_box(2, 2, 5, 5), with_box(7, 2, 7, 5)
    assert next_click(truth, answer) == Click(9.5, 4.5, 0)


def test_the_border_of_the_image_is_a_border() -> None:
    assert next_click(with_box(0, 0, 5, 5), blank()) == Click(2.5, 2.5, 1)


def test_a_clicked_pixel_is_not_clicked_again() -> None:
    truth = with_box(4, 2, 5, 5)
    first = next_click(truth, blank())
    assert first is not None
    second = next_click(truth, blank(), [first])
    assert second not in {None, first}


def test_when_every_wrong_pixel_was_clicked_there_is_none_left() -> None:
    truth = with_box(4, 2, 1, 1)
    assert next_click(truth, blank(), [Click(4.5, 2.5, 1)]) is None


masks = arrays(bool, st.tuples(st.integers(1, 12), st.integers(1, 12)))


@given(masks, st.integers(0, 2**32))
def test_a_click_is_on_a_wrong_pixel_and_says_the_truth(truth: Mask, seed: int) -> None:
    answer = np.random.default_rng(seed).random(truth.shape) < 0.5
    click = next_click(truth, answer)
    if click is None:
        assert np.array_equal(truth, answer)
    else:
        row, column = int(click.y), int(click.x)
        assert truth[row, column] != answer[row, column]
        assert click.label == truth[row, column]


@pytest.mark.parametrize("turns", range(4))
def test_the_middle_of_a_disc_is_clicked(turns: int) -> None:
    y, x = np.mgrid[0:61, 0:61]
    truth = np.rot90((x - 20) ** 2 + (y - 30) ** 2 <= 15**2, turns)
    click = next_click(truth, np.zeros((61, 61), bool))
    assert click is not None
    rows, columns = np.nonzero(truth)
    assert (click.x, click.y) == (columns.mean() + 0.5, rows.mean() + 0.5)
