"""The cases that frontend/src/geometry/cases.test.ts tests the browser's geometry by hold here, every one."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from segmentarium.core.annotation import Polygons, polygons_to_json, segmentation_from_json
from segmentarium.core.errors import InvalidSegmentation
from segmentarium.core.polygons import mask_to_polygons
from segmentarium.core.raster import polygons_to_mask, polygons_to_spans, segmentation_to_rle
from segmentarium.core.rle import (
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
    rle_to_mask,
    rle_union,
)
from tests.core import random_masks, random_shapes
from tests.core.make_geometry_cases import PATH, Case, geometry_cases

pytestmark = pytest.mark.usefixtures("kernels")

WRITTEN = PATH.read_text(encoding="utf-8")
CASES: dict[str, Any] = json.loads(WRITTEN)


def of_kind(section: str, kind: str) -> list[Case]:
    found = [case for case in CASES[section] if case["kind"] == kind]
    assert found
    return found


def read_polygons(value: object) -> Polygons:
    polygons = segmentation_from_json(value)
    assert isinstance(polygons, Polygons)
    return polygons


def read_rle(case: Case, counts: str) -> RLE:
    return RLE((case["size"][0], case["size"][1]), decode_counts(counts))


def mask_of(case: Case) -> Mask:
    height, width = case["size"]
    packed = np.frombuffer(bytes.fromhex(case["bits"]), dtype=np.uint8)
    return np.unpackbits(packed, count=height * width).reshape(height, width).astype(bool)


def test_the_file_is_what_the_generator_writes() -> None:
    fresh = geometry_cases()
    # Not `assert fresh == WRITTEN`: the difference of megabytes would take minutes to show.
    is_fresh = fresh == WRITTEN
    assert is_fresh, "run python -m tests.core.make_geometry_cases"


def test_there_are_thousands_of_cases_and_some_of_every_kind() -> None:
    assert sum(len(CASES[section]) for section in ("polygons", "masks", "sets", "counts")) > 4000
    assert {case["kind"] for case in CASES["polygons"]} == set(random_shapes.KINDS)
    assert {case["kind"] for case in CASES["masks"]} == set(random_masks.KINDS)
    taken = [case["runs"] is not None for case in CASES["counts"]]
    assert min(taken.count(True), taken.count(False)) > 100


@pytest.mark.parametrize("kind", random_shapes.KINDS)
def test_polygons_have_their_runs_area_and_box(kind: str) -> None:
    for case in of_kind("polygons", kind):
        polygons, (height, width) = read_polygons(case["polygons"]), case["size"]
        spans = polygons_to_spans(polygons, height, width)
        assert (spans.area, list(spans.bbox_xywh)) == (case["area"], case["bbox"])
        rle = segmentation_to_rle(polygons, height, width)
        assert encode_counts(rle.counts) == case["counts"]
        if height * width < 10_000:
            mask = polygons_to_mask(polygons, height, width)
            assert np.array_equal(mask, rle_to_mask(read_rle(case, case["counts"])))


@pytest.mark.parametrize("kind", random_masks.KINDS)
def test_masks_have_their_runs_area_box_and_outline(kind: str) -> None:
    for case in of_kind("masks", kind):
        mask, rle = mask_of(case), mask_to_rle(mask_of(case))
        assert (rle.counts.tolist(), encode_counts(rle.counts)) == (case["runs"], case["counts"])
        assert (rle_area(rle), list(rle_bbox(rle))) == (case["area"], case["bbox"])
        assert np.array_equal(rle_to_mask(read_rle(case, case["counts"])), mask)
        polygons = mask_to_polygons(mask)
        if polygons is None:
            assert case["polygons"] == []
            continue
        assert polygons_to_json(polygons) == case["polygons"]
        assert np.array_equal(polygons_to_mask(read_polygons(case["polygons"]), *mask.shape), mask)


def test_sets_are_as_written() -> None:
    make: dict[str, Callable[[list[RLE]], RLE]] = {
        "union": rle_union,
        "intersection": rle_intersection,
        "difference": lambda rles: rle_difference(rles[0], rles[-1]),
    }
    for case in CASES["sets"]:
        rles = [read_rle(case, counts) for counts in case["given"]]
        for name, combine in make.items():
            assert encode_counts(combine(rles).counts) == case[name]
        assert rle_iou(rles[0], rles[-1]) == case["iou"]


def test_counts_are_refused_or_mean_what_is_written() -> None:
    for case in CASES["counts"]:
        value = {"size": case["size"], "counts": case["counts"]}
        if case["runs"] is None:
            with pytest.raises(InvalidSegmentation):
                segmentation_from_json(value)
            continue
        rle = segmentation_from_json(value)
        assert isinstance(rle, RLE)
        assert rle_union([rle]).counts.tolist() == case["runs"]
