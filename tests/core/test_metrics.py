"""Metrics against slow references written from their definitions, and against worked examples."""

import itertools
import math
from collections.abc import Collection

import numpy as np
import pytest
import skimage.metrics
import skimage.morphology
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from segmentarium.core.metrics import (
    PanopticQuality,
    boundary_f,
    boundary_iou,
    confusion_matrix,
    iou_by_index,
    mask_dice,
    mask_iou,
    mean_iou,
    panoptic_quality,
)
from segmentarium.core.rle import Mask
from segmentarium.core.segment_map import Segment, SegmentMap
from segmentarium.core.spans import IdMap
from tests.core.shapes import thorough

HEIGHT, WIDTH = 7, 9
mask_of_size = hnp.arrays(np.bool_, (HEIGHT, WIDTH))
indices = hnp.arrays(np.int32, (HEIGHT, WIDTH), elements=st.integers(0, 3))


def pixels(mask: Mask) -> set[tuple[int, int]]:
    return {(int(y), int(x)) for y, x in np.argwhere(mask)}


# ------------------------------------------------------------------------------------- masks


@thorough
@given(mask_of_size, mask_of_size)
def test_iou_and_dice_are_those_of_sets(a: Mask, b: Mask) -> None:
    one, other = pixels(a), pixels(b)
    if one | other:
        assert mask_iou(a, b) == len(one & other) / len(one | other)
        assert mask_dice(a, b) == 2 * len(one & other) / (len(one) + len(other))
    else:
        assert mask_iou(a, b) == mask_dice(a, b) == 1


@thorough
@given(mask_of_size, mask_of_size)
def test_dice_follows_from_iou(a: Mask, b: Mask) -> None:
    iou = mask_iou(a, b)
    assert mask_dice(a, b) == pytest.approx(2 * iou / (1 + iou))


# ------------------------------------------------------------------------------------- boundaries


def band_slowly(mask: Mask, depth: int) -> Mask:
    """Pixels inside that have one outside, or the image's end, within `depth` rows and columns."""
    padded = np.pad(mask, depth)
    band = np.zeros_like(mask)
    for y, x in pixels(mask):
        band[y, x] = not padded[y : y + 2 * depth + 1, x : x + 2 * depth + 1].all()
    return band


@thorough
@given(mask_of_size, mask_of_size, st.integers(1, 4))
def test_boundary_iou_compares_the_bands_along_the_boundaries(a: Mask, b: Mask, depth: int) -> None:
    expected = mask_iou(band_slowly(a, depth), band_slowly(b, depth))
    assert boundary_iou(a, b, depth) == expected


def test_boundary_iou_takes_two_percent_of_the_diagonal() -> None:
    a, b = np.zeros((300, 400), bool), np.zeros((300, 400), bool)
    a[50:250, 50:250] = b[52:252, 50:250] = True
    assert boundary_iou(a, b) == boundary_iou(a, b, 10) != boundary_iou(a, b, 9)


def test_boundary_iou_sees_what_iou_hardly_sees() -> None:
    # The paper's point: the same shift costs a large object as much along its boundary as a small one.
    a = np.zeros((200, 200), bool)
    a[20:180, 20:180] = True
    shifted = np.roll(a, 4, axis=1)
    assert mask_iou(a, shifted) > 0.95
    assert boundary_iou(a, shifted, 4) < 0.65


def boundary_f_slowly(a: Mask, b: Mask, tolerance: float) -> float:
    """Distances by pairs, between boundary pixels found by scikit-image's erosion."""
    cross = np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]])
    padded = [np.pad(mask, 1) for mask in (a, b)]
    edges = [pixels(mask & ~skimage.morphology.erosion(mask, cross)) for mask in padded]
    if not edges[0] or not edges[1]:
        return float(len(edges[0]) == len(edges[1]))

    def near(some: set[tuple[int, int]], others: set[tuple[int, int]]) -> float:
        found = [min(math.dist(point, other) for other in others) <= tolerance for point in some]
        return sum(found) / len(found)

    precision, recall = near(edges[0], edges[1]), near(edges[1], edges[0])
    return 2 * precision * recall / (precision + recall) if precision + recall else 0


@thorough
@given(mask_of_size, mask_of_size, st.sampled_from([0.0, 1.0, 1.4142136, 2.0, 3.0]))
def test_boundary_f_is_that_of_the_definition(a: Mask, b: Mask, tolerance: float) -> None:
    # At a tolerance that is a distance of the grid, single precision may fall on either side: stay off it.
    tolerance += 1e-3
    assert boundary_f(a, b, tolerance) == pytest.approx(boundary_f_slowly(a, b, tolerance))


def test_boundary_f_is_one_within_the_tolerance_and_less_beyond() -> None:
    a = np.zeros((40, 40), bool)
    a[10:30, 10:30] = True
    assert boundary_f(a, np.roll(a, 2, axis=0), 2) == 1
    assert boundary_f(a, np.roll(a, 3, axis=0), 2) < 1


# ------------------------------------------------------------------------------------- indices


@thorough
@given(indices, indices)
def test_confusion_counts_every_pixel_in_its_cell(truth: IdMap, found: IdMap) -> None:
    expected = np.zeros((4, 4), int)
    for mine, theirs in zip(truth.ravel(), found.ravel(), strict=True):
        expected[mine, theirs] += 1
    assert confusion_matrix(truth, found, 4).tolist() == expected.tolist()


@thorough
@given(indices, indices)
def test_ignored_pixels_count_nowhere(truth: IdMap, found: IdMap) -> None:
    matrix = confusion_matrix(truth, found, 4, ignore=0)
    assert matrix[0].sum() == 0
    assert matrix.sum() == np.count_nonzero(truth)


@pytest.mark.parametrize("index", [3, -1, 255])
def test_an_index_out_of_range_is_refused_but_where_it_is_ignored(index: int) -> None:
    truth, found = np.array([[0, 1, 2]], np.int32), np.array([[0, 1, index]], np.int32)
    for a, b in ((truth, found), (found, truth)):
        with pytest.raises(ValueError, match="index"):
            confusion_matrix(a, b, 3)
    assert confusion_matrix(found, found, 3, ignore=index).sum() == 2
    assert confusion_matrix(truth, found, 3, ignore=2).sum() == 2


def test_maps_of_two_sizes_are_not_compared() -> None:
    with pytest.raises(ValueError, match="sizes"):
        confusion_matrix(np.zeros((2, 3), np.int32), np.zeros((1, 3), np.int32), 1)


@thorough
@given(indices, indices)
def test_iou_of_an_index_is_that_of_its_masks(truth: IdMap, found: IdMap) -> None:
    ious = iou_by_index(confusion_matrix(truth, found, 4))
    for index in range(4):
        a, b = truth == index, found == index
        if (a | b).any():
            assert ious[index] == mask_iou(a, b)
        else:
            assert math.isnan(ious[index])


def test_confusion_agrees_with_scikit_image_on_a_normalised_table() -> None:
    rng = np.random.default_rng(3)
    truth, found = (rng.integers(0, 5, (60, 80)).astype(np.int32) for _ in range(2))
    split, merge = skimage.metrics.variation_of_information(truth, found)
    joint = confusion_matrix(truth, found, 5) / truth.size

    def given_the_other(table: np.ndarray) -> float:
        total = table.sum(axis=0, keepdims=True)
        return float(-(table * np.log2(table / total)).sum())

    assert {round(given_the_other(joint), 9), round(given_the_other(joint.T), 9)} == {
        round(float(split), 9),
        round(float(merge), 9),
    }


def test_mean_iou_leaves_out_what_is_nowhere() -> None:
    truth = np.array([[0, 0, 1, 1]], np.int32)
    found = np.array([[0, 1, 1, 1]], np.int32)
    assert mean_iou(confusion_matrix(truth, found, 3)) == pytest.approx((1 / 2 + 2 / 3) / 2)
    assert math.isnan(mean_iou(np.zeros((2, 2), np.int64)))


# ------------------------------------------------------------------------------------- panoptic


def segment_map(ids: IdMap, categories: dict[int, int], crowds: Collection[int] = ()) -> SegmentMap:
    """A map whose segments have these categories."""
    segments = tuple(
        Segment(number, category, number in crowds, 0, (0, 0, 0, 0), (str(number),))
        for number, category in categories.items()
    )
    return SegmentMap(ids, segments)


def row(*runs: tuple[int, int]) -> IdMap:
    """One row of ids, from (id, how many)."""
    return np.repeat([run[0] for run in runs], [run[1] for run in runs]).astype(np.int32)[None]


def test_two_found_one_missed_one_too_many() -> None:
    # As in the paper's toy illustration: people matched, missed and invented, worked out by hand.
    truth = segment_map(row((1, 10), (2, 10), (3, 10), (4, 20)), {1: 7, 2: 7, 3: 7, 4: 9})
    found = segment_map(row((1, 8), (2, 12), (4, 15), (3, 15)), {1: 7, 2: 7, 3: 7, 4: 9})
    people = panoptic_quality(truth, found)[7]
    assert people == PanopticQuality(2, 1, 1, 8 / 10 + 10 / 12)
    assert people.sq == pytest.approx((8 / 10 + 10 / 12) / 2)
    assert people.rq == pytest.approx(2 / (2 + 0.5 + 0.5))
    assert people.pq == pytest.approx(people.sq * people.rq)


def test_void_neither_helps_nor_harms() -> None:
    truth = segment_map(row((1, 10), (0, 10)), {1: 7})
    found = segment_map(row((1, 10), (1, 4), (2, 6)), {1: 7, 2: 7})
    assert panoptic_quality(truth, found) == {7: PanopticQuality(1, 0, 0, 1.0)}


def test_a_crowd_excuses_what_lies_in_it_and_is_never_missed() -> None:
    truth = segment_map(row((1, 10), (2, 20)), {1: 7, 2: 7}, crowds={2})
    found = segment_map(row((1, 10), (2, 5), (3, 5), (4, 10)), {1: 7, 2: 7, 3: 8, 4: 7})
    assert panoptic_quality(truth, found) == {
        7: PanopticQuality(1, 0, 0, 1.0),
        8: PanopticQuality(0, 1, 0, 0),
    }


def test_half_an_overlap_is_no_match() -> None:
    truth = segment_map(row((1, 2), (2, 1)), {1: 7, 2: 8})
    found = segment_map(row((1, 1), (2, 2)), {1: 7, 2: 8})
    assert panoptic_quality(truth, found)[7] == PanopticQuality(0, 1, 1, 0)


def test_a_hidden_segment_counts_nowhere() -> None:
    truth = segment_map(row((1, 4)), {1: 7, 2: 7})
    assert panoptic_quality(truth, truth) == {7: PanopticQuality(1, 0, 0, 1.0)}


def test_nothing_has_no_quality() -> None:
    empty = segment_map(row((0, 4)), {})
    assert panoptic_quality(empty, empty) == {}
    assert PanopticQuality(0, 0, 0, 0).pq == 0


def quality_slowly(truth: SegmentMap, found: SegmentMap) -> dict[int, tuple[int, int, int, float]]:
    """By the paper's definition, mask by mask, without crowds."""
    known = truth.ids != 0
    result: dict[int, tuple[int, int, int, float]] = {}
    for category in {segment.category_id for segment in (*truth.segments, *found.segments)}:
        mine, theirs = (
            [map_.ids == s.id for s in map_.segments if s.category_id == category]
            for map_ in (truth, found)
        )
        mine = [mask for mask in mine if mask.any()]
        theirs = [mask for mask in theirs if mask.any()]
        ious = {
            (i, j): mask_iou(a, b & known)
            for (i, a), (j, b) in itertools.product(enumerate(mine), enumerate(theirs))
        }
        matched = {pair: iou for pair, iou in ious.items() if iou > 0.5}
        spurious = [
            mask
            for j, mask in enumerate(theirs)
            if j not in {pair[1] for pair in matched} and (mask & known).sum() * 2 >= mask.sum()
        ]
        counts = (len(matched), len(spurious), len(mine) - len(matched))
        if any(counts):
            result[category] = (*counts, sum(matched.values()))
    return result


@thorough
@given(indices, indices, st.lists(st.integers(1, 2), min_size=6, max_size=6))
def test_panoptic_quality_is_that_of_the_definition(
    truth: IdMap, found: IdMap, categories: list[int]
) -> None:
    mine = segment_map(truth, dict(zip((1, 2, 3), categories, strict=False)))
    theirs = segment_map(found, dict(zip((1, 2, 3), categories[3:], strict=False)))
    expected = quality_slowly(mine, theirs)
    got = panoptic_quality(mine, theirs)
    assert set(got) == set(expected)
    for category, (tp, fp, fn, iou_sum) in expected.items():
        quality = got[category]
        assert (quality.true_positives, quality.false_positives) == (tp, fp)
        assert quality.false_negatives == fn
        assert quality.iou_sum == pytest.approx(iou_sum)
