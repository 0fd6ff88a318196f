"""Correlations, against values worked out by hand."""

from collections.abc import Callable

import pytest

from segmentarium.core.correlation import pearson, spearman


def test_pearson_of_a_line_is_one_or_minus_one() -> None:
    assert pearson([1, 2, 4], [3, 5, 9]) == 1
    assert pearson([1, 2, 4], [-3, -5, -9]) == -1


def test_pearson_is_that_of_the_definition() -> None:
    # Deviations (−1, 0, 1) and (−1, 1, 0): 1 over √(2 · 2).
    assert pearson([1, 2, 3], [1, 3, 2]) == pytest.approx(0.5)


def test_spearman_sees_the_order_alone() -> None:
    assert spearman([0.1, 0.2, 0.9], [5, 6, 7000]) == pytest.approx(1)


def test_equal_values_share_their_ranks() -> None:
    # Ranks (1.5, 1.5, 3) and (1, 2, 3): deviations (−½, −½, 1) and (−1, 0, 1), 1.5 over √(1.5 · 2).
    assert spearman([7, 7, 8], [1, 2, 3]) == pytest.approx(1.5 / 3**0.5)


@pytest.mark.parametrize("measure", [pearson, spearman])
@pytest.mark.parametrize(
    ("a", "b"), [([], []), ([1.0], [2.0]), ([1.0, 1.0], [1.0, 2.0]), ([1.0, 2.0], [1.0, 1.0])]
)
def test_without_variation_there_is_no_correlation(
    measure: Callable[[list[float], list[float]], float | None], a: list[float], b: list[float]
) -> None:
    assert measure(a, b) is None
