"""Polygons ↔ mask, by the pixel-centre rule.

A pixel (row i, column j) is in a part if its centre (j + 0.5, i + 0.5) is inside by even–odd over the part's rings;
parts are united. A centre exactly on an edge belongs to the polygon on its right (or below a horizontal edge):
half-open, so two polygons that share an edge never share a pixel and never leave one out.

Everything rests on spans: per row, the half-open column ranges inside. They cost memory by outline, not by area.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from segmentarium.core.annotation import FloatArray, Part, Polygons, Ring, Segmentation
from segmentarium.core.boxes import PixelBboxXYWH
from segmentarium.core.errors import InvalidSegmentation
from segmentarium.core.rle import RLE, Mask, rle_area, rle_bbox, rle_to_mask

IntArray = NDArray[np.int64]

# Along rows and columns: a thousand times through 10,000 rows. A zigzag that is longer shows no object, and
# with a megabyte of it a request could keep the server busy for minutes, or its RLE fill the memory.
MAX_OUTLINE_PX = 10_000_000
_BAND_CROSSINGS = 500_000  # of edges with rows, that are in memory at once: some hundred bytes each


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


def polygons_to_spans(polygons: Polygons, height: int, width: int) -> Spans:
    """The pixels of polygons within a (height, width) image, as spans.

    Source:
        The scanline rule of GDAL's `GDALdllImageFilledPolygon`, with crossings rounded by ceil(x - 0.5).
    """
    spans = [_part_to_spans(part, height, width) for part in polygons.parts]
    return spans[0] if len(spans) == 1 else _unite(spans, width)


def polygons_to_mask(polygons: Polygons, height: int, width: int) -> Mask:
    """The (H, W) bool mask of polygons.

    >>> square = Polygons(((np.array([[1, 1], [3, 1], [3, 3], [1, 3]], float),),))
    >>> polygons_to_mask(square, 4, 4).astype(int).tolist()
    [[0, 0, 0, 0], [0, 1, 1, 0], [0, 1, 1, 0], [0, 0, 0, 0]]
    """
    return spans_to_mask(polygons_to_spans(polygons, height, width), (0, 0, width, height))


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
    union = _unite([a, b], width).area
    return (a.area + b.area - union) / union if union else 1.0


def spans_to_rle(spans: Spans, height: int, width: int) -> RLE:
    """The runs of spans, which may be of an image of any size: nothing is painted.

    >>> square = Polygons(((np.array([[1, 1], [3, 1], [3, 3], [1, 3]], float),),))
    >>> spans_to_rle(polygons_to_spans(square, 4, 4), 4, 4).counts.tolist()
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


def segmentation_to_crop(
    segmentation: Segmentation, height: int, width: int
) -> tuple[Mask, PixelBboxXYWH]:
    """The mask of a segmentation cut to its tight box, and the box [x, y, w, h] in the image."""
    if isinstance(segmentation, RLE):
        x, y, w, h = bbox = rle_bbox(segmentation)
        return rle_to_mask(segmentation)[y : y + h, x : x + w], bbox
    spans = polygons_to_spans(segmentation, height, width)
    bbox = spans.bbox_xywh
    return spans_to_mask(spans, bbox), bbox


def segmentation_to_mask(segmentation: Segmentation, height: int, width: int) -> Mask:
    """The (H, W) bool mask of a segmentation."""
    if isinstance(segmentation, RLE):
        return rle_to_mask(segmentation)
    return polygons_to_mask(segmentation, height, width)


def segmentation_to_rle(segmentation: Segmentation, height: int, width: int) -> RLE:
    """The runs of a segmentation, without painting it."""
    if isinstance(segmentation, RLE):
        return segmentation
    return spans_to_rle(polygons_to_spans(segmentation, height, width), height, width)


def segmentation_area_and_bbox(
    segmentation: Segmentation, height: int, width: int
) -> tuple[int, PixelBboxXYWH]:
    """Pixel count and tight box of a segmentation's mask, without painting it.

    Raises:
        InvalidSegmentation: the outline is too long to be an object's.
    """
    if isinstance(segmentation, RLE):
        return rle_area(segmentation), rle_bbox(segmentation)
    length = sum(_length(ring) for part in segmentation.parts for ring in part)
    if length > MAX_OUTLINE_PX:
        raise InvalidSegmentation(
            f"The outline is {length:,.0f} pixels long; at most {MAX_OUTLINE_PX:,} are taken."
        )
    spans = polygons_to_spans(segmentation, height, width)
    return spans.area, spans.bbox_xywh


def _length(ring: Ring) -> float:
    """Along rows and columns."""
    return float(np.abs(ring - np.roll(ring, 1, axis=0)).sum())


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
    column = np.clip(np.ceil(crossing - 0.5), 0, width).astype(np.int64)
    key = np.sort(row * (width + 1) + column)
    row, column = np.divmod(key, width + 1)
    filled = column[1::2] > column[::2]
    return Spans(row[::2][filled], column[::2][filled], column[1::2][filled])


def _unite(spans: list[Spans], width: int) -> Spans:
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
