"""The sweep behind set operations, against counting place by place."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from segmentarium.core.coverage import changes_where
from tests.core.shapes import thorough

runs = st.tuples(st.integers(0, 20), st.integers(0, 6)).map(lambda run: (run[0], run[0] + run[1]))


@thorough
@given(st.lists(runs, max_size=8), st.sets(st.integers(1, 5)))
def test_places_are_chosen_by_how_many_runs_cover_them(
    given_runs: list[tuple[int, int]], wanted: set[int]
) -> None:
    covered = np.zeros(30, int)
    for begin, end in given_runs:
        covered[begin:end] += 1
    expected = np.isin(covered, sorted(wanted))
    begins, ends = np.array(given_runs, dtype=np.int64).reshape(-1, 2).T
    changes = changes_where(begins, ends, lambda count: np.isin(count, sorted(wanted)))
    assert (np.diff(changes) > 0).all()
    assert changes.size % 2 == 0
    found = np.zeros(30, bool)
    for begin, end in changes.reshape(-1, 2):
        found[begin:end] = True
    assert np.array_equal(found, expected)
