"""Polygons → spans in NumPy: what core/kernels/fill.c does, for where that could not be compiled."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from segmentarium.core.annotation import FloatArray, Part, Polygons
from segmentarium.core.coverage import IntArray
from segmentarium.core.spans import Spans, unite_spans

_BAND_CROSSINGS = 500_000  # of edges with rows, that are in memory at once: some hundred bytes each


def polygons_to_spans(polygons: Polygons, height: int, width: int) -> Spans:
    """The pixels of polygons within a (height, width) image; see `raster.polygons_to_spans`."""
    spans = [_part_to_spans(part, height, width) for part in polygons.parts]
    return spans[0] if len(spans) == 1 else unite_spans(spans, width)


def _part_to_spans(part: Part, height: int, width: int) -> Spans:
    starts = np.concatenate(part)
    ends = np.concatenate([np.roll(ring, -1, axis=0) for ring in part])
    # Each edge is taken from its upper end, so that the two owners of a shared edge compute the same crossings.
    downward = starts[:, 1] <= ends[:, 1]
    upper = np.where(downward[:, None], starts, ends)
    lower = np.where(downward[:, None], ends, starts)
    first = np.clip(np.ceil(upper[:, 1] - 0.5), 0, height).astype(np.int64)
    stop = np.clip(np.ceil(lower[:, 1] - 0.5), 0, height).astype(np.int64)
    if int((stop - first).sum()) <= _BAND_CROSSINGS:
        return _edges_to_spans(upper, lower, first, stop, width)
    begun, ended = (np.bincount(rows, minlength=height + 1) for rows in (first, stop))
    band = np.cumsum(np.cumsum(begun - ended)[:-1]) // _BAND_CROSSINGS
    borders = [0, *(np.flatnonzero(np.diff(band)) + 1).tolist(), height]
    bands = [
        _edges_to_spans(upper, lower, first.clip(top, bottom), stop.clip(top, bottom), width)
        for top, bottom in pairwise(borders)
    ]
    return Spans(
        np.concatenate([spans.rows for spans in bands]),
        np.concatenate([spans.starts for spans in bands]),
        np.concatenate([spans.ends for spans in bands]),
    )


def _edges_to_spans(
    upper: FloatArray, lower: FloatArray, first: IntArray, stop: IntArray, width: int
) -> Spans:
    """Spans between the crossings of edges, from (N, 2) `upper` to `lower`, with the rows [`first`, `stop`)."""
    counts = stop - first
    edge = np.repeat(np.arange(counts.size), counts)
    row = np.arange(edge.size) - np.repeat(np.cumsum(counts) - counts, counts) + first[edge]
    x0, y0 = upper[edge, 0], upper[edge, 1]
    x1, y1 = lower[edge, 0], lower[edge, 1]
    crossing = x0 + (row + 0.5 - y0) * (x1 - x0) / (y1 - y0)
    column = np.clip(np.floor(crossing + 0.5), 0, width).astype(np.int64)
    key = np.sort(row * (width + 1) + column)
    row, column = np.divmod(key, width + 1)
    filled = column[1::2] > column[::2]
    return Spans(row[::2][filled], column[::2][filled], column[1::2][filled])
