"""RLE against pycocotools, and malformed RLE refused."""

import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from pycocotools import mask as coco

from segmentarium.core.annotation import segmentation_from_json
from segmentarium.core.errors import InvalidSegmentation
from segmentarium.core.rle import (
    MAX_PIXELS,
    MAX_RUNS,
    RLE,
    Mask,
    decode_counts,
    encode_counts,
    mask_to_rle,
    rle_area,
    rle_bbox,
    rle_difference,
    rle_intersection,
    rle_iou,
    rle_samples,
    rle_to_crop,
    rle_to_mask,
    rle_union,
)
from tests.core.shapes import masks, thorough

# pycocotools 2.0 hands NumPy 2 its arrays in the old way.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


def coco_encoded(mask: Mask) -> dict[str, Any]:
    """What pycocotools makes of a mask."""
    encoded: dict[str, Any] = coco.encode(np.asfortranarray(mask, dtype=np.uint8))
    return encoded


def large_mask(seed: int) -> Mask:
    """Blobs on 300 × 211 pixels: runs long enough for counts of two characters."""
    coarse = np.random.default_rng(seed).random((12, 9)) < 0.5
    return np.kron(coarse, np.ones((25, 25), bool))[:300, :211].astype(bool)


@thorough
@given(masks())
def test_decode_inverts_encode(mask: Mask) -> None:
    assert np.array_equal(rle_to_mask(mask_to_rle(mask)), mask)


@thorough
@given(masks())
def test_runs_are_those_of_pycocotools(mask: Mask) -> None:
    assert encode_counts(mask_to_rle(mask).counts) == coco_encoded(mask)["counts"].decode()


@thorough
@given(masks())
def test_pycocotools_decodes_our_string_to_the_mask(mask: Mask) -> None:
    rle = mask_to_rle(mask)
    decoded = coco.decode({"size": list(rle.size), "counts": encode_counts(rle.counts)})
    assert np.array_equal(decoded.astype(bool), mask)


@thorough
@given(masks())
def test_area_is_that_of_pycocotools(mask: Mask) -> None:
    assert rle_area(mask_to_rle(mask)) == int(coco.area(coco_encoded(mask)))


@thorough
@given(masks())
def test_bbox_is_that_of_pycocotools(mask: Mask) -> None:
    assert list(rle_bbox(mask_to_rle(mask))) == coco.toBbox(coco_encoded(mask)).tolist()


@pytest.mark.parametrize("seed", range(4))
def test_a_large_mask_is_encoded_as_pycocotools_does(seed: int) -> None:
    mask = large_mask(seed)
    assert encode_counts(mask_to_rle(mask).counts) == coco_encoded(mask)["counts"].decode()


@pytest.mark.parametrize("shape", [(1, 7), (7, 1), (1, 1), (3, 5)])
@pytest.mark.parametrize("value", [False, True])
def test_a_mask_of_one_value_survives(shape: tuple[int, int], value: bool) -> None:
    mask = np.full(shape, value)
    rle = mask_to_rle(mask)
    assert np.array_equal(rle_to_mask(rle), mask)
    assert rle_area(rle) == mask.sum()


def test_a_full_mask_begins_with_a_run_of_no_zeros() -> None:
    assert mask_to_rle(np.ones((2, 3), bool)).counts.tolist() == [0, 6]


def test_an_empty_mask_is_one_run() -> None:
    assert mask_to_rle(np.zeros((2, 3), bool)).counts.tolist() == [6]


@pytest.mark.parametrize("shape", [(0, 4), (4, 0)])
def test_a_mask_without_a_pixel_has_no_runs(shape: tuple[int, int]) -> None:
    with pytest.raises(InvalidSegmentation):
        mask_to_rle(np.zeros(shape, bool))


def test_an_empty_mask_has_a_box_of_zeros() -> None:
    assert rle_bbox(mask_to_rle(np.zeros((5, 4), bool))) == (0, 0, 0, 0)


def test_a_crop_of_a_wide_image_takes_the_memory_of_its_columns() -> None:
    height, width = 10_000, 40_000
    start = 20_000 * height + 4_000
    rle = RLE((height, width), np.array([start, 5, height * width - start - 5]))
    tracemalloc.start()
    crop, bbox = rle_to_crop(rle)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (crop.tolist(), bbox) == ([[True]] * 5, (20_000, 4_000, 1, 5))
    assert peak < 1_000_000


def test_runs_of_no_length_change_nothing() -> None:
    rle = RLE((2, 3), np.array([1, 0, 2, 0, 0, 2, 1]))
    assert rle_area(rle) == 2
    assert rle_bbox(rle) == rle_bbox(mask_to_rle(rle_to_mask(rle)))


@thorough
@given(st.lists(st.integers(0, 5000), min_size=1, max_size=12).filter(any))
def test_counts_survive_their_string(counts: list[int]) -> None:
    assert decode_counts(encode_counts(np.array(counts))).tolist() == counts


@thorough
@given(masks())
def test_the_string_of_pycocotools_decodes_to_our_runs(mask: Mask) -> None:
    theirs = decode_counts(coco_encoded(mask)["counts"].decode())
    assert theirs.tolist() == mask_to_rle(mask).counts.tolist()


@pytest.mark.parametrize("run", [1, 15, 16, 31, 32, 1023, 1024, 2**20, 2**31, MAX_PIXELS])
def test_a_run_of_any_length_survives_its_string(run: int) -> None:
    assert decode_counts(encode_counts(np.array([run]))).tolist() == [run]


def test_encoding_leaves_the_counts_as_they_were() -> None:
    counts = np.array([5, 4, 3, 2, 1, 9])
    encode_counts(counts)
    assert counts.tolist() == [5, 4, 3, 2, 1, 9]


@pytest.mark.parametrize(
    ("size", "counts"),
    [
        ((2, 3), [5]),
        ((2, 3), [7]),
        ((2, 3), []),
        ((2, 3), [8, -2]),
        ((2, 3), [-1, 7]),
        ((0, 3), []),
        ((2, 0), []),
        ((-2, -3), [6]),
        ((2**20, 2**20), [2**40]),
        pytest.param(
            (2, 3),
            [2**62, 2**62, 2**62, 2**62, 6],
        ),
    ],
)
def test_runs_that_do_not_make_the_image_are_refused(
    size: tuple[int, int], counts: list[int]
) -> None:
    with pytest.raises(InvalidSegmentation):
        RLE(size, np.array(counts, dtype=np.int64))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("!", id="a character below the alphabet"),
        pytest.param("p", id="a character above the alphabet"),
        pytest.param("1 3", id="a space"),
        pytest.param("\u0661", id="a digit of another script"),
        pytest.param("\0", id="a zero byte"),
        pytest.param("1P", id="cut in the middle of a run"),
        pytest.param("O", id="a negative run"),
        pytest.param("11J", id="a negative run by its last bit"),
        pytest.param("o" * 8 + "0", id="a run without end"),
        pytest.param("P" * 7 + "P" * 40 + "0", id="a run of thousands of bits"),
        pytest.param("o" * 7 + "O", id="a run of minus one written long"),
    ],
)
def test_garbled_counts_are_refused(text: str) -> None:
    with pytest.raises(InvalidSegmentation):
        RLE((2, 3), decode_counts(text))


def decoded_slowly(text: str) -> list[int] | None:
    """One character after another, as pycocotools' `rleFrString` does; None where there is nothing to be read."""
    runs: list[int] = []
    value = shift = 0
    for character in text:
        group = ord(character) - 48
        if not 0 <= group < 64 or shift > 40:
            return None
        value |= (group & 31) << shift
        shift += 5
        if group < 32:
            value -= (group >> 4) << shift
            runs.append(value + (runs[-2] if len(runs) > 2 else 0))
            value = shift = 0
    return runs if shift == 0 and all(0 <= run <= MAX_PIXELS for run in runs) else None


alphabet = st.text(st.characters(min_codepoint=48, max_codepoint=111), max_size=30)
lengths = st.lists(st.integers(0, 36).flatmap(lambda bits: st.integers(0, 2**bits)), max_size=20)
texts = (
    st.text(max_size=12) | alphabet | lengths.map(lambda runs: encode_counts(np.array(runs, int)))
)


@settings(thorough, max_examples=500)
@given(texts)
def test_a_string_is_read_as_one_character_after_another_says(text: str) -> None:
    expected = decoded_slowly(text)
    if expected is None:
        with pytest.raises(InvalidSegmentation):
            decode_counts(text)
    else:
        assert decode_counts(text).tolist() == expected


def test_differences_that_add_up_beyond_any_image_are_refused() -> None:
    largest = encode_counts(np.array([MAX_PIXELS]))
    with pytest.raises(InvalidSegmentation):
        decode_counts(largest * 5)


@pytest.mark.parametrize("text", ["\u0661", "é", "\ud800", "1é"])
def test_a_character_of_another_script_is_no_run(text: str) -> None:
    with pytest.raises(InvalidSegmentation, match="compressed string"):
        decode_counts(text)


def test_more_runs_than_any_object_has_are_refused() -> None:
    assert decode_counts("1" * 1000).size == 1000
    with pytest.raises(InvalidSegmentation, match="runs"):
        decode_counts("1" * (MAX_RUNS + 1))
    with pytest.raises(InvalidSegmentation, match="runs"):
        segmentation_from_json({"size": [1, MAX_RUNS + 1], "counts": [1] * (MAX_RUNS + 1)})


@thorough
@given(st.text(max_size=12), st.integers(1, 6), st.integers(1, 6))
def test_any_text_is_an_rle_of_the_size_or_refused(text: str, height: int, width: int) -> None:
    try:
        rle = RLE((height, width), decode_counts(text))
    except InvalidSegmentation:
        return
    assert rle_to_mask(rle).shape == (height, width)


@thorough
@given(masks().filter(lambda mask: mask.size > 1), st.data())
def test_a_cut_string_never_passes_for_the_whole(mask: Mask, data: st.DataObject) -> None:
    text = encode_counts(mask_to_rle(mask).counts)
    cut = text[: data.draw(st.integers(0, len(text) - 1))]
    with pytest.raises(InvalidSegmentation):
        RLE((mask.shape[0], mask.shape[1]), decode_counts(cut))


# ------------------------------------------------------------------------------------- sets


def as_coco(rle: RLE) -> dict[str, object]:
    """As pycocotools takes it."""
    return {"size": list(rle.size), "counts": encode_counts(rle.counts).encode()}


@st.composite
def several_masks(draw: st.DrawFn) -> list[Mask]:
    """Masks of one size."""
    shape = draw(st.tuples(st.integers(1, 6), st.integers(1, 6)))
    one = st.one_of(
        hnp.arrays(np.bool_, shape), st.just(np.zeros(shape, bool)), st.just(np.ones(shape, bool))
    )
    return draw(st.lists(one, min_size=1, max_size=4))


@thorough
@given(several_masks())
def test_union_and_intersection_are_those_of_the_masks_and_of_pycocotools(
    given_masks: list[Mask],
) -> None:
    rles = [mask_to_rle(mask) for mask in given_masks]
    for merged, mask, intersect in (
        (rle_union(rles), np.logical_or.reduce(given_masks), False),
        (rle_intersection(rles), np.logical_and.reduce(given_masks), True),
    ):
        assert merged.counts.tolist() == mask_to_rle(mask).counts.tolist()
        theirs = coco.merge([as_coco(rle) for rle in rles], intersect)
        assert np.array_equal(coco.decode(theirs).astype(bool), rle_to_mask(merged))


@thorough
@given(several_masks())
def test_difference_takes_away_what_is_in_the_other(given_masks: list[Mask]) -> None:
    a, b = given_masks[0], given_masks[-1]
    rest = rle_difference(mask_to_rle(a), mask_to_rle(b))
    assert rest.counts.tolist() == mask_to_rle(a & ~b).counts.tolist()


@thorough
@given(several_masks(), st.booleans())
def test_iou_of_runs_is_that_of_pycocotools(given_masks: list[Mask], is_crowd: bool) -> None:
    a, b = mask_to_rle(given_masks[0]), mask_to_rle(given_masks[-1])
    if rle_area(a) == rle_area(b) == 0:
        assert rle_iou(a, b) == 0
        return
    theirs = coco.iou([as_coco(a)], [as_coco(b)], [int(is_crowd)])[0, 0]
    if is_crowd and rle_area(a) == 0:
        theirs = 0  # pycocotools divides by zero here
    assert rle_iou(a, b, is_crowd=is_crowd) == pytest.approx(float(theirs))


@thorough
@given(masks())
def test_runs_of_no_length_change_no_set(mask: Mask) -> None:
    rle = mask_to_rle(mask)
    padded = RLE(rle.size, np.concatenate(([0, 0], rle.counts, [0, 0])))
    assert rle_union([padded]).counts.tolist() == rle.counts.tolist()
    assert rle_iou(padded, rle) == (1.0 if mask.any() else 0.0)


@pytest.mark.parametrize("make", [rle_union, rle_intersection])
def test_rles_of_different_sizes_make_no_set(make: Callable[[list[RLE]], RLE]) -> None:
    rles = [mask_to_rle(np.ones((2, 3), bool)), mask_to_rle(np.ones((3, 2), bool))]
    with pytest.raises(InvalidSegmentation):
        make(rles)
    with pytest.raises(InvalidSegmentation):
        make([])
    with pytest.raises(InvalidSegmentation):
        rle_difference(*rles)


@thorough
@given(masks(), st.data())
def test_samples_are_the_pixels_of_the_mask(mask: Mask, data: st.DataObject) -> None:
    height, width = mask.shape
    rows = data.draw(st.lists(st.integers(0, height - 1), min_size=1, unique=True).map(sorted))
    columns = data.draw(st.lists(st.integers(0, width - 1), min_size=1, unique=True).map(sorted))
    sampled = rle_samples(mask_to_rle(mask), np.array(rows), np.array(columns))
    assert np.array_equal(sampled, mask[np.ix_(rows, columns)])
