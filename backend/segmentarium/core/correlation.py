"""How well one series of numbers tells another."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def pearson(a: Sequence[float], b: Sequence[float]) -> float | None:
    """Linear correlation, −1 to 1; None where there is none: under two pairs, or a series that does not vary.

    >>> round(pearson([1, 2, 3], [2, 4, 7]), 4)
    0.9934
    """
    return _correlation(np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64))


def spearman(a: Sequence[float], b: Sequence[float]) -> float | None:
    """Correlation of the ranks, equal values sharing theirs; None as for `pearson`.

    Source:
        Spearman: "The proof and measurement of association between two things", 1904.

    >>> spearman([1, 2, 3, 4], [1, 10, 100, 1000])
    1.0
    """
    return _correlation(_ranks(a), _ranks(b))


def _correlation(a: NDArray[np.float64], b: NDArray[np.float64]) -> float | None:
    if a.size < 2 or np.ptp(a) == 0 or np.ptp(b) == 0:
        return None
    a, b = a - a.mean(), b - b.mean()
    value = float((a * b).sum() / np.sqrt((a * a).sum() * (b * b).sum()))
    return min(1.0, max(-1.0, value))


def _ranks(values: Sequence[float]) -> NDArray[np.float64]:
    """Ranks from 1; equal values have the mean of theirs."""
    _, which, counts = np.unique(np.asarray(values), return_inverse=True, return_counts=True)
    last = np.cumsum(counts).astype(np.float64)
    ranks: NDArray[np.float64] = (last - (counts - 1) / 2)[which]
    return ranks
