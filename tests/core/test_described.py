"""What a COCO export says of a segmentation, against pycocotools."""

import numpy as np
import pycocotools.mask
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from segmentarium.core import compiled
from segmentarium.core.annotation import Polygons
from segmentarium.core.errors import InvalidSegmentation
from segmentarium.core.raster import describe_segmentation, polygons_to_mask, segmentation_to_rle
from segmentarium.core.rle import RLE, encode_counts, rle_of_text

pytestmark = pytest.mark.usefixtures("kernels")

SIZE = 17, 23
halves = st.integers(0, 46).map(lambda value: value / 2)
rings = arrays(
    np.float64,
    st.tuples(st.integers(3, 9), st.just(2)),
    elements=st.one_of(st.floats(0, 17), halves.filter(lambda value: value <= 17)),
)
BOX = np.array([[2.0, 3], [9, 3], [9, 11], [2, 11]])


@given(rings)
@example(BOX)
def test_it_is_known_whether_the_reader_fills_a_polygon_with_the_same_pixels(
    ring: np.ndarray,
) -> None:
    polygons = Polygons(((ring,),))
    told = describe_segmentation(polygons, *SIZE, asks_reader=True)
    (read,) = pycocotools.mask.frPyObjects([ring.ravel().tolist()], *SIZE)
    if compiled.KERNELS is None:
        assert told.is_read_so is None
    else:
        assert told.is_read_so == (read["counts"].decode() == told.counts)


@given(st.lists(rings, min_size=1, max_size=3))
def test_counts_area_and_box_are_those_of_the_mask(parts: list[np.ndarray]) -> None:
    polygons = Polygons(tuple((ring,) for ring in parts))
    told = describe_segmentation(polygons, *SIZE)
    rle = {"size": list(SIZE), "counts": told.counts.encode()}
    mask = polygons_to_mask(polygons, *SIZE)
    assert np.array_equal(pycocotools.mask.decode(rle).astype(bool), mask)
    assert told.area == np.count_nonzero(mask)
    assert list(told.bbox_xywh) == pycocotools.mask.toBbox(rle).tolist()
    assert told == describe_segmentation(segmentation_to_rle(polygons, *SIZE), *SIZE)


def test_what_cannot_be_told_is_left_to_the_reader() -> None:
    two_parts = Polygons(((BOX,), (BOX + 4,)))
    beyond = Polygons(((BOX - 5,),))
    assert describe_segmentation(two_parts, *SIZE, asks_reader=True).is_read_so is None
    assert describe_segmentation(beyond, *SIZE, asks_reader=True).is_read_so is None


def test_nothing_is_told_that_was_not_asked() -> None:
    assert describe_segmentation(Polygons(((BOX,),)), *SIZE).is_read_so is None


@given(st.lists(st.integers(0, 90), min_size=1, max_size=12))
def test_an_rle_of_text_is_the_rle_of_its_counts(runs: list[int]) -> None:
    counts = np.array([*runs, 1], np.int64)
    size = 1, int(counts.sum())
    read = rle_of_text(size, encode_counts(counts))
    assert (read.size, read.counts.tolist()) == (size, RLE(size, counts).counts.tolist())


@pytest.mark.parametrize("size", [(1, 5), (0, 4), (-2, -2), (2**20, 2**20)])
def test_a_text_of_another_size_is_refused(size: tuple[int, int]) -> None:
    with pytest.raises(InvalidSegmentation):
        rle_of_text(size, encode_counts(np.array([1, 3])))
