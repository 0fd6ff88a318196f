"""Bilinear interpolation as matrices: exact at any size, offset and scale, one product for each axis."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def bilinear_taps(
    positions: NDArray[np.float64], count: int
) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """The sample before each position, and how far it is on the way to the next one; see `bilinear_weights`."""
    clipped = np.clip(positions, 0, count - 1)
    low = np.minimum(clipped.astype(np.intp), max(count - 2, 0))
    return low, (clipped - low).astype(np.float32)


def bilinear_weights(positions: NDArray[np.float64], count: int) -> NDArray[np.float32]:
    """Weights W such that `W @ samples` are the samples' values at `positions`.

    Args:
        positions: (n,) in samples, 0 the first one's centre; beyond the ends the end's value goes on.
        count: number of samples.

    Returns:
        (n, count) float32, at most two entries of a row not 0.

    Source:
        What PyTorch's `interpolate` and OpenCV's `resize` call bilinear, pixel centres at half.

    >>> bilinear_weights(np.array([-0.5, 0.25, 2.0]), 3).tolist()
    [[1.0, 0.0, 0.0], [0.75, 0.25, 0.0], [0.0, 0.0, 1.0]]
    """
    low, share = bilinear_taps(positions, count)
    weights = np.zeros((len(positions), count), np.float32)
    rows = np.arange(len(positions))
    weights[rows, low] = 1 - share
    if count > 1:
        weights[rows, low + 1] = share
    return weights
