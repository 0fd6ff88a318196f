"""Overlaps and hidden annotations, against brute force."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmentarium.core import overlaps
from segmentarium.core.annotation import Annotation
from segmentarium.core.overlaps import report_overlaps
from segmentarium.core.raster import segmentation_to_mask, segmentation_to_rle
from segmentarium.core.rle import RLE
from segmentarium.core.spans import Spans, intersect_spans
from tests.core.shapes import polygon, polygons_in_eighths, rectangle, thorough

pytestmark = pytest.mark.usefixtures("kernels")

HEIGHT, WIDTH = 8, 10


@st.composite
def scenes(draw: st.DrawFn) -> list[Annotation]:
    """Polygons and RLEs at several z-orders."""
    scene = []
    for number in range(draw(st.integers(0, 5))):
        polygons = draw(polygons_in_eighths(max_parts=2))
        is_rle = draw(st.booleans())
        segmentation = segmentation_to_rle(polygons, HEIGHT, WIDTH) if is_rle else polygons
        z_order = draw(st.integers(-1, 1))
        scene.append(Annotation(f"a{number}", 1, segmentation, z_order=z_order))
    return scene


@settings(thorough, max_examples=80)
@given(scenes())
def test_overlaps_and_hidden_pixels_are_those_of_the_masks(scene: list[Annotation]) -> None:
    ordered = sorted(scene, key=lambda annotation: annotation.z_order)
    masks = [segmentation_to_mask(a.segmentation, HEIGHT, WIDTH) for a in ordered]
    report = report_overlaps(scene, HEIGHT, WIDTH)
    expected = {
        (ordered[over].id, ordered[under].id): int((masks[over] & masks[under]).sum())
        for under, over in combinations(range(len(ordered)), 2)
        if (masks[over] & masks[under]).any()
    }
    assert {(o.over_id, o.under_id): o.area for o in report.overlaps} == expected
    assert [o.area for o in report.overlaps] == sorted(expected.values(), reverse=True)
    hidden = {}
    for place, annotation in enumerate(ordered):
        over = np.zeros((HEIGHT, WIDTH), bool)
        for above in masks[place + 1 :]:
            over |= above
        if (masks[place] & over).any():
            hidden[annotation.id] = (
                int(masks[place].sum()),
                int((masks[place] & ~over).sum()),
            )
    assert {h.annotation_id: (h.area, h.visible_area) for h in report.hidden} == hidden


def test_the_box_of_an_overlap_is_tight() -> None:
    scene = [
        Annotation("a", 1, polygon(rectangle(0, 0, 5, 5))),
        Annotation("b", 1, polygon(rectangle(3, 2, 9, 7)), z_order=1),
    ]
    (overlap,) = report_overlaps(scene, HEIGHT, WIDTH).overlaps
    assert (overlap.over_id, overlap.under_id, overlap.area) == ("b", "a", 6)
    assert overlap.bbox_xywh == (3, 2, 2, 3)


def test_of_what_lies_on_everything_only_its_own_rows_are_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looked_at: list[int] = []

    def intersect(spans: Sequence[Spans], width: int) -> Spans:
        looked_at.append(sum(one.rows.size for one in spans))
        return intersect_spans(spans, width)

    monkeypatch.setattr(overlaps, "intersect_spans", intersect)
    scene = [
        Annotation("everything", 1, polygon(rectangle(0, 0, 50, 3000))),
        Annotation("small", 1, polygon(rectangle(9, 1000, 12, 1004)), z_order=1),
    ]
    (overlap,) = report_overlaps(scene, 3000, 50).overlaps
    assert (overlap.area, looked_at) == (12, [8])


def test_what_is_wholly_hidden_is_told() -> None:
    scene = [
        Annotation("over", 1, polygon(rectangle(0, 0, 9, 7)), z_order=2),
        Annotation("under", 1, polygon(rectangle(3, 2, 5, 4))),
    ]
    (hidden,) = report_overlaps(scene, HEIGHT, WIDTH).hidden
    assert (hidden.annotation_id, hidden.is_wholly_hidden) == ("under", True)


def test_neighbours_with_a_common_border_do_not_overlap() -> None:
    scene = [
        Annotation("a", 1, polygon(rectangle(0, 0, 4.5, 8))),
        Annotation("b", 1, polygon(rectangle(4.5, 0, 10, 8))),
    ]
    report = report_overlaps(scene, HEIGHT, WIDTH)
    assert (report.overlaps, report.hidden) == ((), ())


def test_an_annotation_without_a_pixel_overlaps_nothing_and_is_not_hidden() -> None:
    empty = RLE((HEIGHT, WIDTH), np.array([HEIGHT * WIDTH]))
    scene = [Annotation("a", 1, polygon(rectangle(0, 0, 9, 8))), Annotation("none", 1, empty)]
    report = report_overlaps(scene, HEIGHT, WIDTH)
    assert (report.overlaps, report.hidden) == ((), ())
