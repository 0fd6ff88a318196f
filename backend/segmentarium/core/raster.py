"""Polygons ↔ mask, by the pixel-centre rule.

A pixel (row i, column j) is in a part if its centre (j + 0.5, i + 0.5) is inside by even–odd over the part's rings;
parts are united. A centre exactly on an edge belongs to the polygon on its left, or below a horizontal edge: half-open,
so two polygons that share an edge never share a pixel and never leave one out.

The inner loops are compiled where a compiler was found (core/kernels), else NumPy does their work, bit for bit.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import accumulate, pairwise
from typing import NamedTuple

import numpy as np

from segmentarium.core import compiled, fill_numpy
from segmentarium.core.annotation import FloatArray, Polygons, Ring, Segmentation
from segmentarium.core.boxes import PixelBboxXYWH
from segmentarium.core.coverage import IntArray
from segmentarium.core.errors import InvalidSegmentation
from segmentarium.core.rle import (
    RLE,
    Mask,
    encode_counts,
    rle_area_and_bbox,
    rle_to_crop,
    rle_to_mask,
)
from segmentarium.core.spans import IdMap, Spans, spans_to_mask, spans_to_rle

# Along rows and columns: a thousand times through 10,000 rows. A zigzag that is longer shows no object, and
# with a megabyte of it a request could keep the server busy for minutes, or its RLE fill the memory.
MAX_OUTLINE_PX = 10_000_000
_ONE = np.ones(1, dtype=np.int64)
_THREADS = min(4, os.cpu_count() or 1)
_PIXELS_PER_THREAD = 1_000_000  # a smaller map is painted sooner than a thread is started


def has_kernels() -> bool:
    """Whether the compiled inner loops are there."""
    return compiled.KERNELS is not None


def polygons_to_spans(polygons: Polygons, height: int, width: int) -> Spans:
    """The pixels of polygons within a (height, width) image, as spans.

    Source:
        The scanline rule of GDAL's `GDALdllImageFilledPolygon`, crossings rounded by floor(x + 0.5), but for one thing:
        GDAL fills some horizontal edges that lie on a row of centres once more, which gives a pixel to both of its
        neighbours.
    """
    if compiled.KERNELS is None:
        return fill_numpy.polygons_to_spans(polygons, height, width)
    found = np.frombuffer(compiled.KERNELS.spans(*_packed(polygons), height, width), dtype=np.int64)
    return Spans(found[::3], found[1::3], found[2::3])


def polygons_to_mask(polygons: Polygons, height: int, width: int) -> Mask:
    """The (H, W) bool mask of polygons.

    >>> square = Polygons(((np.array([[1, 1], [3, 1], [3, 3], [1, 3]], float),),))
    >>> polygons_to_mask(square, 4, 4).astype(int).tolist()
    [[0, 0, 0, 0], [0, 1, 1, 0], [0, 1, 1, 0], [0, 0, 0, 0]]
    """
    return spans_to_mask(polygons_to_spans(polygons, height, width), (0, 0, width, height))


def paint_segmentations(
    ids: IdMap, values: Iterable[int], segmentations: Iterable[Segmentation]
) -> None:
    """Paint segmentations into a map, one over the other.

    Args:
        ids: (H, W) int32, C-contiguous; changed in place.
        values: one for each segmentation.
        segmentations: the lowest first.
    """
    batch: list[tuple[int, Polygons]] = []
    for value, segmentation in zip(values, segmentations, strict=True):
        if isinstance(segmentation, Polygons) and has_kernels():
            batch.append((value, segmentation))
            continue
        _paint_polygons(ids, batch)
        batch = []
        crop, (x, y, w, h) = segmentation_to_crop(segmentation, *ids.shape)
        ids[y : y + h, x : x + w][crop] = value
    _paint_polygons(ids, batch)


def _paint_polygons(ids: IdMap, batch: Sequence[tuple[int, Polygons]]) -> None:
    kernels = compiled.KERNELS
    if not batch or kernels is None:
        return
    height, width = ids.shape
    values = np.array([value for value, _ in batch], dtype=np.int32)
    object_ends = np.cumsum([len(polygons.parts) for _, polygons in batch])
    packed = _packed(*(polygons for _, polygons in batch))

    def paint(band: tuple[int, int]) -> None:
        kernels.paint(ids, height, width, *band, values, *packed, object_ends)

    threads = max(1, min(_THREADS, ids.size // _PIXELS_PER_THREAD))
    borders = [height * number // threads for number in range(threads + 1)]
    if threads == 1:
        paint((0, height))
        return
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(paint, pairwise(borders)))


def _packed(*several: Polygons) -> tuple[FloatArray, IntArray, IntArray]:
    """All points in one array, where the rings end among them, and where the parts end among the rings."""
    if len(several) == 1 and len(several[0].parts) == 1 and len(several[0].parts[0]) == 1:
        ring = several[0].parts[0][0]
        return (
            np.ascontiguousarray(ring, dtype=np.float64),
            np.array([len(ring)], dtype=np.int64),
            _ONE,
        )
    parts = [part for polygons in several for part in polygons.parts]
    rings = [ring for part in parts for ring in part]
    points = np.ascontiguousarray(np.concatenate(rings), dtype=np.float64)
    ring_ends = np.array(list(accumulate(map(len, rings))), dtype=np.int64)
    part_ends = np.array(list(accumulate(map(len, parts))), dtype=np.int64)
    return points, ring_ends, part_ends


def segmentation_to_crop(
    segmentation: Segmentation, height: int, width: int
) -> tuple[Mask, PixelBboxXYWH]:
    """The mask of a segmentation cut to its tight box, and the box [x, y, w, h] in the image."""
    if isinstance(segmentation, RLE):
        return rle_to_crop(segmentation)
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
    if compiled.KERNELS is None:
        return spans_to_rle(polygons_to_spans(segmentation, height, width), height, width)
    counts = np.frombuffer(
        compiled.KERNELS.runs(*_packed(segmentation), height, width), dtype=np.int64
    )
    return RLE((height, width), counts)


class Described(NamedTuple):
    """A segmentation as COCO writes it: compressed counts, pixel count, tight box.

    `is_read_so`: whether COCO's own reader fills the polygon with the same pixels; None where that is not known.
    """

    counts: str
    area: int
    bbox_xywh: PixelBboxXYWH
    is_read_so: bool | None


def describe_segmentation(
    segmentation: Segmentation, height: int, width: int, *, asks_reader: bool = False
) -> Described:
    """All that an export of COCO says of a segmentation, in one pass where the kernels are compiled.

    Source:
        pycocotools `rleFrPoly`, for how its reader fills a polygon.
    """
    if isinstance(segmentation, Polygons) and compiled.KERNELS is not None:
        counts, area, x, y, w, h, same = compiled.KERNELS.describe(
            *_packed(segmentation), height, width, asks_reader
        )
        return Described(counts, area, (x, y, w, h), None if same < 0 else bool(same))
    rle = segmentation_to_rle(segmentation, height, width)
    return Described(encode_counts(rle.counts), *rle_area_and_bbox(rle), None)


def segmentation_area_and_bbox(
    segmentation: Segmentation, height: int, width: int
) -> tuple[int, PixelBboxXYWH]:
    """Pixel count and tight box of a segmentation's mask, without painting it.

    Raises:
        InvalidSegmentation: the outline is too long to be an object's.
    """
    if isinstance(segmentation, RLE):
        return rle_area_and_bbox(segmentation)
    check_outline(segmentation)
    if compiled.KERNELS is not None:
        area, x, y, w, h = compiled.KERNELS.measure(*_packed(segmentation), height, width)
        return area, (x, y, w, h)
    spans = polygons_to_spans(segmentation, height, width)
    return spans.area, spans.bbox_xywh


def check_outline(polygons: Polygons) -> None:
    """Refuse what is too long to be the outline of an object, before it is filled.

    Raises:
        InvalidSegmentation: it is longer than MAX_OUTLINE_PX.
    """
    length = sum(_length(ring) for part in polygons.parts for ring in part)
    if length > MAX_OUTLINE_PX:
        raise InvalidSegmentation(
            f"The outline is {length:,.0f} pixels long; at most {MAX_OUTLINE_PX:,} are taken."
        )


def _length(ring: Ring) -> float:
    """Along rows and columns."""
    return float(np.abs(ring[1:] - ring[:-1]).sum() + np.abs(ring[0] - ring[-1]).sum())
