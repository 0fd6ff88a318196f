"""Spans: per row, the half-open column ranges inside. They cost memory by outline, not by area."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segmentarium.core.boxes import PixelBboxXYWH
from segmentarium.core.coverage import Chosen, IntArray, changes_where
from segmentarium.core.rle import RLE, Mask

IdMap = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Spans:
    """Disjoint runs of pixels, by row and then column: row `rows[k]`, columns [`starts[k]`, `ends[k]`)."""

    rows: IntArray
    starts: IntArray
    ends: IntArray

    @property
    def area(self) -> int:
        """Pixels inside."""
        return int((self.ends - self.starts).sum())

    @property
    def bbox_xywh(self) -> PixelBboxXYWH:
        """Tight [x, y, w, h]; all zero when there is no pixel."""
        if not self.rows.size:
            return 0, 0, 0, 0
        x0, y0 = int(self.starts.min()), int(self.rows[0])
        return x0, y0, int(self.ends.max()) - x0, int(self.rows[-1]) + 1 - y0


def spans_to_mask(spans: Spans, bbox: PixelBboxXYWH) -> Mask:
    """The (h, w) bool mask of the spans within a pixel box that holds them all."""
    x, y, w, h = bbox
    steps = np.zeros((h, w + 1), dtype=np.int8)
    # Spans of a row are disjoint but may touch, so a column can be one span's end and the next one's start.
    np.add.at(steps, (spans.rows - y, spans.starts - x), 1)
    np.add.at(steps, (spans.rows - y, spans.ends - x), -1)
    return np.cumsum(steps[:, :-1], axis=1, dtype=np.int8).view(np.bool_)


def spans_iou(a: Spans, b: Spans, width: int) -> float:
    """Intersection over union of two sets of pixels of an image of that width; 1 when both are empty."""
    union = unite_spans([a, b], width).area
    return (a.area + b.area - union) / union if union else 1.0


def spans_to_rle(spans: Spans, height: int, width: int) -> RLE:
    """The runs of spans, which may be of an image of any size: nothing is painted.

    >>> square = Spans(np.array([1, 2]), np.array([1, 1]), np.array([3, 3]))
    >>> spans_to_rle(square, 4, 4).counts.tolist()
    [5, 2, 2, 2, 5]
    """
    if not spans.rows.size:
        return RLE((height, width), np.array([height * width]))
    stride = width + 1
    bounds = np.concatenate((spans.rows * stride + spans.starts, spans.rows * stride + spans.ends))
    # A column changes where a row differs from the one above it: even–odd over the bounds of both.
    changes = np.sort(np.concatenate((bounds, bounds + stride)))
    left, lengths = changes[::2], np.diff(changes)[::2]
    rows, columns = np.divmod(left, stride)
    before = np.cumsum(lengths) - lengths
    columns = np.repeat(columns - before, lengths) + np.arange(int(lengths.sum()))
    places = np.sort(columns * height + np.repeat(rows, lengths))
    # A run that leaves a column at its bottom and goes on at the top of the next one is one run.
    differs = places[1:] != places[:-1]
    places = places[np.append(differs, True) & np.insert(differs, 0, True)]
    counts = np.diff(places, prepend=0, append=height * width)
    return RLE((height, width), counts[:-1] if counts[-1] == 0 else counts)


def unite_spans(spans: Sequence[Spans], width: int) -> Spans:
    """The pixels of all of them, in an image of that width."""
    stride = width + 1
    starts = np.concatenate([s.rows * stride + s.starts for s in spans])
    ends = np.concatenate([s.rows * stride + s.ends for s in spans])
    order = np.argsort(starts, kind="stable")
    starts, ends = starts[order], np.maximum.accumulate(ends[order])
    if not starts.size:
        return Spans(starts, starts, starts)
    # A span opens a new run when it begins after everything before it has ended.
    opens = np.concatenate(([True], starts[1:] > ends[:-1]))
    last = np.concatenate((np.flatnonzero(opens)[1:] - 1, [starts.size - 1]))
    rows, start_columns = np.divmod(starts[opens], stride)
    return Spans(rows, start_columns, ends[last] - rows * stride)


def intersect_spans(spans: Sequence[Spans], width: int) -> Spans:
    """The pixels that all of them have, in an image of that width."""
    count = len(spans)
    return _where(spans, width, lambda covered: covered == count)


def subtract_spans(a: Spans, b: Spans, width: int) -> Spans:
    """The pixels of `a` that are not of `b`, in an image of that width."""
    # Counted double, `a` alone covers a pixel with two.
    return _where([a, a, b], width, lambda covered: covered == 2)


def _where(spans: Sequence[Spans], width: int, chosen: Chosen) -> Spans:
    """The pixels for which `chosen` says yes to how many of the spans cover them; it must say no to none at all."""
    stride = width + 1
    begins = np.concatenate([s.rows * stride + s.starts for s in spans])
    ends = np.concatenate([s.rows * stride + s.ends for s in spans])
    flips = changes_where(begins, ends, chosen)
    rows, starts = np.divmod(flips[::2], stride)
    return Spans(rows, starts, flips[1::2] - rows * stride)
