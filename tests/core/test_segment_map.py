"""Segment maps: who is seen, what merges, and what is told of it, against brute force."""

from collections.abc import Sequence
from itertools import chain

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmentarium.core.annotation import Annotation, Category
from segmentarium.core.raster import segmentation_to_mask
from segmentarium.core.rle import mask_to_rle, rle_to_mask
from segmentarium.core.segment_map import (
    MAX_SEGMENT_ID,
    SegmentMap,
    annotations_to_category_map,
    annotations_to_instance_map,
    annotations_to_one_hot,
    annotations_to_panoptic_map,
    category_map_to_one_hot,
    ids_to_rgb,
    rgb_to_ids,
    segment_to_mask,
    segments_info,
    segments_to_rles,
)
from segmentarium.core.spans import IdMap
from tests.core.shapes import polygon, polygons_in_eighths, rectangle, thorough

pytestmark = pytest.mark.usefixtures("kernels")

HEIGHT, WIDTH = 8, 10
a_few = settings(thorough, max_examples=40)
CATEGORIES = {
    7: Category(7, "cat", "#ff0000"),
    3: Category(3, "cup", "#00ff00"),
    9: Category(9, "grass", "#0000ff", isthing=False),
    4: Category(4, "sky", "#00ffff", isthing=False),
}


def box(
    name: str,
    corners: tuple[float, float, float, float],
    category_id: int = 7,
    z_order: int = 0,
    *,
    iscrowd: bool = False,
) -> Annotation:
    return Annotation(name, category_id, polygon(rectangle(*corners)), iscrowd, z_order)


@st.composite
def scenes(draw: st.DrawFn) -> list[Annotation]:
    """Annotations of every category, several at the same z-order."""
    count = draw(st.integers(0, 6))
    return [
        Annotation(
            id=f"a{number}",
            category_id=draw(st.sampled_from(sorted(CATEGORIES))),
            segmentation=draw(polygons_in_eighths(max_parts=2)),
            iscrowd=draw(st.booleans()),
            z_order=draw(st.integers(-1, 1)),
        )
        for number in range(count)
    ]


def owners(annotations: Sequence[Annotation]) -> IdMap:
    """Per pixel the place of the annotation that is seen, -1 where there is none; pixel by pixel."""
    ids = np.full((HEIGHT, WIDTH), -1, np.int32)
    inside = [segmentation_to_mask(a.segmentation, HEIGHT, WIDTH) for a in annotations]
    for row, column in np.ndindex(HEIGHT, WIDTH):
        here = [(a.z_order, k) for k, a in enumerate(annotations) if inside[k][row, column]]
        ids[row, column] = max(here)[1] if here else -1
    return ids


def seen_annotations(found: SegmentMap) -> list[list[tuple[str, ...]]]:
    """Per pixel the annotations of the segment that is seen."""
    members = {segment.id: segment.annotation_ids for segment in found.segments} | {0: ()}
    return [[members[number] for number in row] for row in found.ids.tolist()]


@a_few
@given(scenes())
def test_every_pixel_belongs_to_the_topmost_annotation(scene: list[Annotation]) -> None:
    found = annotations_to_instance_map(scene, HEIGHT, WIDTH)
    names = {-1: (), **{k: (a.id,) for k, a in enumerate(scene)}}
    expected = [[names[k] for k in row] for row in owners(scene).tolist()]
    assert seen_annotations(found) == expected


@a_few
@given(scenes())
def test_a_panoptic_map_shows_the_topmost_thing_or_stuff(scene: list[Annotation]) -> None:
    found = annotations_to_panoptic_map(scene, CATEGORIES, HEIGHT, WIDTH)
    seen = chain.from_iterable(seen_annotations(found))
    for members, owner in zip(seen, owners(scene).ravel().tolist(), strict=True):
        assert (scene[owner].id in members) if owner >= 0 else members == ()


@a_few
@given(scenes())
def test_a_category_map_shows_the_category_of_the_topmost(scene: list[Annotation]) -> None:
    order = [9, 7, 4, 3]
    found = annotations_to_category_map(scene, order, HEIGHT, WIDTH)
    places = [order.index(a.category_id) + 1 for a in scene]
    expected = [[0 if k < 0 else places[k] for k in row] for row in owners(scene).tolist()]
    assert found.tolist() == expected


@a_few
@given(scenes(), st.booleans())
def test_areas_and_boxes_are_those_of_the_visible_pixels(
    scene: list[Annotation], panoptic: bool
) -> None:
    found = (
        annotations_to_panoptic_map(scene, CATEGORIES, HEIGHT, WIDTH)
        if panoptic
        else annotations_to_instance_map(scene, HEIGHT, WIDTH)
    )
    for segment in found.segments:
        rows, columns = np.nonzero(found.ids == segment.id)
        assert segment.area == rows.size
        expected = (0, 0, 0, 0)
        if rows.size:
            x, y = int(columns.min()), int(rows.min())
            expected = (x, y, int(columns.max()) + 1 - x, int(rows.max()) + 1 - y)
        assert segment.bbox_xywh == expected


@a_few
@given(scenes(), st.booleans())
def test_every_annotation_is_in_exactly_one_segment(
    scene: list[Annotation], panoptic: bool
) -> None:
    found = (
        annotations_to_panoptic_map(scene, CATEGORIES, HEIGHT, WIDTH)
        if panoptic
        else annotations_to_instance_map(scene, HEIGHT, WIDTH)
    )
    members = [name for segment in found.segments for name in segment.annotation_ids]
    assert sorted(members) == sorted(a.id for a in scene)


def test_a_higher_z_order_hides_a_lower_one() -> None:
    scene = [box("top", (0, 0, 4, 4), z_order=1), box("bottom", (2, 2, 6, 6))]
    found = annotations_to_instance_map(scene, HEIGHT, WIDTH)
    assert seen_annotations(found)[3][3] == ("top",)


def test_at_equal_z_order_the_later_one_is_seen() -> None:
    scene = [box("earlier", (0, 0, 4, 4)), box("later", (2, 2, 6, 6))]
    found = annotations_to_instance_map(scene, HEIGHT, WIDTH)
    assert seen_annotations(found)[3][3] == ("later",)


def test_ids_count_from_1_in_z_order() -> None:
    scene = [box("b", (0, 0, 2, 2), z_order=5), box("a", (4, 4, 6, 6), z_order=-5)]
    found = annotations_to_instance_map(scene, HEIGHT, WIDTH)
    assert [(s.id, s.annotation_ids) for s in found.segments] == [(1, ("a",)), (2, ("b",))]


def test_what_is_wholly_hidden_is_told_with_area_0() -> None:
    scene = [box("hidden", (2, 2, 4, 4)), box("over", (0, 0, 8, 8), z_order=1)]
    hidden = annotations_to_instance_map(scene, HEIGHT, WIDTH).segments[0]
    assert (hidden.annotation_ids, hidden.area, hidden.bbox_xywh) == (
        ("hidden",),
        0,
        (0, 0, 0, 0),
    )


def test_stuff_of_one_category_is_one_segment() -> None:
    scene = [box("g1", (0, 0, 2, 2), 9), box("c", (4, 4, 6, 6), 7), box("g2", (7, 0, 9, 2), 9)]
    found = annotations_to_panoptic_map(scene, CATEGORIES, HEIGHT, WIDTH)
    grass = next(segment for segment in found.segments if segment.category_id == 9)
    assert (grass.annotation_ids, grass.area, grass.bbox_xywh) == (("g1", "g2"), 8, (0, 0, 9, 2))
    assert len(found.segments) == 2


def test_stuff_of_two_categories_stays_apart() -> None:
    scene = [box("g", (0, 0, 2, 2), 9), box("s", (4, 4, 6, 6), 4)]
    found = annotations_to_panoptic_map(scene, CATEGORIES, HEIGHT, WIDTH)
    assert [segment.category_id for segment in found.segments] == [9, 4]


def test_things_of_one_category_stay_apart() -> None:
    scene = [box("c1", (0, 0, 2, 2)), box("c2", (4, 4, 6, 6))]
    found = annotations_to_panoptic_map(scene, CATEGORIES, HEIGHT, WIDTH)
    assert [segment.annotation_ids for segment in found.segments] == [("c1",), ("c2",)]


def test_stuff_is_seen_at_the_z_order_of_each_of_its_annotations() -> None:
    scene = [
        box("low", (0, 0, 4, 4), 9),
        box("cat", (0, 0, 4, 4), 7, 1),
        box("high", (2, 2, 6, 6), 9, 2),
    ]
    found = annotations_to_panoptic_map(scene, CATEGORIES, HEIGHT, WIDTH)
    assert seen_annotations(found)[0][0] == ("cat",)
    assert seen_annotations(found)[3][3] == ("low", "high")


def test_crowds_of_one_category_are_one_segment_beside_its_single_things() -> None:
    scene = [
        box("c1", (0, 0, 2, 2), iscrowd=True),
        box("c2", (2, 0, 4, 2)),
        box("c3", (4, 4, 6, 6), iscrowd=True),
        box("cup", (7, 0, 9, 2), 3, iscrowd=True),
    ]
    found = annotations_to_panoptic_map(scene, CATEGORIES, HEIGHT, WIDTH)
    assert [(segment.annotation_ids, segment.iscrowd) for segment in found.segments] == [
        (("c1", "c3"), True),
        (("c2",), False),
        (("cup",), True),
    ]


def test_stuff_is_never_a_crowd() -> None:
    scene = [box("g1", (0, 0, 2, 2), 9), box("g2", (4, 4, 6, 6), 9, iscrowd=True)]
    (grass,) = annotations_to_panoptic_map(scene, CATEGORIES, HEIGHT, WIDTH).segments
    assert not grass.iscrowd


@a_few
@given(scenes())
def test_the_runs_of_segments_are_their_visible_pixels(scene: list[Annotation]) -> None:
    found = annotations_to_instance_map(scene, HEIGHT, WIDTH)
    runs = segments_to_rles(found)
    assert list(runs) == [segment.id for segment in found.segments]
    for number, rle in runs.items():
        mask = segment_to_mask(found, number)
        assert np.array_equal(rle_to_mask(rle), mask)
        assert np.array_equal(rle.counts, mask_to_rle(mask).counts)


@a_few
@given(scenes())
def test_a_channel_of_the_category_map_has_the_pixels_of_its_index(scene: list[Annotation]) -> None:
    order = [9, 7, 4, 3]
    found = annotations_to_category_map(scene, order, HEIGHT, WIDTH)
    channels = category_map_to_one_hot(found, len(order))
    assert channels.shape == (4, HEIGHT, WIDTH)
    assert channels.sum(axis=0).max() <= 1
    for place in range(4):
        assert np.array_equal(channels[place], found == place + 1)


@a_few
@given(scenes())
def test_an_amodal_channel_has_all_annotations_of_its_category(scene: list[Annotation]) -> None:
    order = [9, 7, 4, 3]
    channels = annotations_to_one_hot(scene, order, HEIGHT, WIDTH)
    for category, channel in zip(order, channels, strict=True):
        expected = np.zeros((HEIGHT, WIDTH), bool)
        for annotation in scene:
            if annotation.category_id == category:
                expected |= segmentation_to_mask(annotation.segmentation, HEIGHT, WIDTH)
        assert np.array_equal(channel, expected)


def test_segments_info_is_as_coco_writes_it_without_the_hidden() -> None:
    scene = [box("hidden", (1, 1, 3, 3)), box("over", (1, 1, 4, 5), 3, z_order=1, iscrowd=True)]
    found = annotations_to_panoptic_map(scene, CATEGORIES, HEIGHT, WIDTH)
    assert segments_info(found) == [
        {"id": 2, "category_id": 3, "area": 12, "bbox": [1, 1, 3, 4], "iscrowd": 1}
    ]


def test_an_rle_is_painted_where_it_lies() -> None:
    mask = np.zeros((HEIGHT, WIDTH), bool)
    mask[2:5, 7:9] = True
    found = annotations_to_instance_map([Annotation("r", 7, mask_to_rle(mask))], HEIGHT, WIDTH)
    assert np.array_equal(found.ids == 1, mask)


def test_an_image_without_annotations_is_void() -> None:
    found = annotations_to_instance_map([], HEIGHT, WIDTH)
    assert found.segments == ()
    assert not found.ids.any()


@thorough
@given(st.lists(st.integers(0, MAX_SEGMENT_ID), min_size=1, max_size=20))
def test_colours_give_the_ids_back(numbers: list[int]) -> None:
    ids = np.array([numbers], np.int32)
    assert np.array_equal(rgb_to_ids(ids_to_rgb(ids)), ids)


@pytest.mark.parametrize(
    ("number", "color"),
    [(0, [0, 0, 0]), (255, [255, 0, 0]), (256, [0, 1, 0]), (MAX_SEGMENT_ID, [255, 255, 255])],
)
def test_an_id_is_red_first(number: int, color: list[int]) -> None:
    assert ids_to_rgb(np.array([[number]], np.int32))[0, 0].tolist() == color
