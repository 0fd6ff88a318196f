"""Polygons filled by the pixel-centre rule, against a slow reference in exact arithmetic."""

import tracemalloc

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from segmentarium.core import fill_numpy
from segmentarium.core.annotation import Polygons
from segmentarium.core.errors import InvalidSegmentation
from segmentarium.core.polygons import mask_to_polygons, place_polygons
from segmentarium.core.raster import (
    polygons_to_mask,
    polygons_to_spans,
    segmentation_area_and_bbox,
    segmentation_to_crop,
    segmentation_to_mask,
    segmentation_to_rle,
)
from segmentarium.core.rle import Mask, mask_to_rle, rle_area, rle_bbox
from segmentarium.core.spans import spans_iou, spans_to_mask, spans_to_rle
from tests.core.shapes import (
    Points,
    eighths,
    filled_slowly,
    masks,
    polygon,
    polygons_in_eighths,
    rectangle,
    ring,
    thorough,
)

pytestmark = pytest.mark.usefixtures("kernels")

HEIGHT, WIDTH = 9, 11
anywhere = st.floats(-4, 15)


def filled(polygons: Polygons, height: int = HEIGHT, width: int = WIDTH) -> Mask:
    return polygons_to_mask(polygons, height, width)


@thorough
@given(polygons_in_eighths())
def test_polygons_fill_the_centres_that_are_inside(polygons: Polygons) -> None:
    assert np.array_equal(filled(polygons), filled_slowly(polygons, HEIGHT, WIDTH))


def test_a_box_on_pixel_edges_fills_its_pixels() -> None:
    mask = filled(polygon(rectangle(2, 3, 5, 4)))
    assert np.argwhere(mask).tolist() == [[3, 2], [3, 3], [3, 4]]


@pytest.mark.parametrize(
    ("x0", "x1", "columns"),
    [
        (1.5, 3.5, [2, 3]),  # centres on both borders: the right one belongs to it
        (1.51, 3.51, [2, 3]),
        (1.49, 3.49, [1, 2]),
        (1.6, 2.4, []),
    ],
)
def test_columns_are_taken_by_their_centres(x0: float, x1: float, columns: list[int]) -> None:
    mask = filled(polygon(rectangle(x0, 0, x1, HEIGHT)))
    assert np.flatnonzero(mask[4]).tolist() == columns


@pytest.mark.parametrize(
    ("y0", "y1", "rows"), [(1.5, 3.5, [1, 2]), (1.51, 3.51, [2, 3]), (1.6, 2.4, [])]
)
def test_rows_are_taken_by_their_centres(y0: float, y1: float, rows: list[int]) -> None:
    mask = filled(polygon(rectangle(0, y0, WIDTH, y1)))
    assert np.flatnonzero(mask[:, 4]).tolist() == rows


@thorough
@given(polygons_in_eighths(max_parts=1), st.integers(0, 6), st.booleans())
def test_direction_and_first_vertex_do_not_matter(
    polygons: Polygons, shift: int, reverse: bool
) -> None:
    rings = [np.roll(points, shift, axis=0) for points in polygons.parts[0]]
    turned = tuple(points[::-1] if reverse else points for points in rings)
    assert np.array_equal(filled(Polygons((turned,))), filled(polygons))


@thorough
@given(st.lists(st.tuples(anywhere, anywhere), max_size=8), anywhere, anywhere)
def test_two_polygons_with_a_common_border_share_no_pixel_and_leave_none(
    middle: list[tuple[float, float]], top: float, bottom: float
) -> None:
    border = [(top, -5.0), *middle, (bottom, HEIGHT + 7.0)]
    left = polygon([(-5.0, -5.0), *border, (-5.0, HEIGHT + 7.0)])
    right = polygon([(16.0, HEIGHT + 7.0), *border[::-1], (16.0, -5.0)])
    assert np.array_equal(filled(left), ~filled(right))


@thorough
@given(
    st.lists(st.floats(0.01, 0.99), min_size=2, max_size=7, unique=True),
    st.floats(1, 10),
    st.floats(1, 8),
)
def test_slices_around_a_common_vertex_cover_every_pixel_once(
    places: list[float], x: float, y: float
) -> None:
    perimeter = [*rectangle(0, 0, WIDTH, HEIGHT), (0.0, 0.0)]
    lengths = np.cumsum([0, WIDTH, HEIGHT, WIDTH, HEIGHT])
    corners = [(float(at), point) for at, point in zip(lengths[:-1], perimeter[:-1], strict=True)]
    cuts = [(place * lengths[-1], point_at(place, perimeter, lengths)) for place in places]
    around = [point for _, point in sorted([*corners, *cuts])]
    times = sum(
        filled(polygon([(x, y), a, b])).astype(int)
        for a, b in zip(around, [*around[1:], around[0]], strict=True)
    )
    assert np.array_equal(times, np.ones((HEIGHT, WIDTH), int))


def triangulated(points: Points) -> list[Polygons]:
    """The image cut into triangles between the points and its corners."""
    corners = rectangle(0, 0, WIDTH, HEIGHT)
    cut = shapely.delaunay_triangles(shapely.multipoints([*corners, *points]))
    return [polygon(triangle.exterior.coords[:-1]) for triangle in shapely.get_parts(cut)]


def inside(side: int) -> st.SearchStrategy[float]:
    """Within the image, in steps that GEOS can tell apart."""
    return st.integers(0, side * 2**20).map(lambda value: value / 2**20)


inside_x, inside_y = inside(WIDTH), inside(HEIGHT)
on_grid_x, on_grid_y = eighths(0, WIDTH), eighths(0, HEIGHT)


@thorough
@given(
    st.lists(st.tuples(inside_x, inside_y), max_size=12)
    | st.lists(st.tuples(on_grid_x, on_grid_y), max_size=12)
)
def test_a_partition_into_triangles_has_every_pixel_once(points: list[tuple[float, float]]) -> None:
    times = sum(filled(triangle).astype(int) for triangle in triangulated(points))
    assert np.array_equal(times, np.ones((HEIGHT, WIDTH), int))


def point_at(
    place: float, perimeter: Points, lengths: np.ndarray[tuple[int], np.dtype[np.int64]]
) -> tuple[float, float]:
    """The point at a share of the perimeter; it keeps exactly to the border."""
    along = place * float(lengths[-1])
    x = np.interp(along, lengths, [point[0] for point in perimeter])
    y = np.interp(along, lengths, [point[1] for point in perimeter])
    return float(x), float(y)


def test_a_hole_is_not_filled() -> None:
    mask = filled(polygon(rectangle(1, 1, 8, 8), rectangle(3, 3, 5, 6)))
    assert mask.sum() == 49 - 6
    assert not mask[3:6, 3:5].any()


def test_parts_that_overlap_are_united() -> None:
    a, b = rectangle(0, 0, 4, 4), rectangle(2, 2, 6, 6)
    mask = filled(Polygons(((ring(a),), (ring(b),))))
    assert np.array_equal(mask, filled(polygon(a)) | filled(polygon(b)))


def test_a_part_in_the_hole_of_another_is_filled() -> None:
    outer = (ring(rectangle(0, 0, 9, 9)), ring(rectangle(2, 2, 7, 7)))
    mask = filled(Polygons((outer, (ring(rectangle(4, 4, 5, 5)),))))
    assert mask[4, 4]
    assert not mask[3, 3]


def test_what_a_ring_winds_twice_is_outside() -> None:
    twice = [*rectangle(0, 0, 8, 8), *rectangle(0, 0, 4, 4)]
    mask = filled(polygon(twice))
    assert not mask[:4, :4].any()
    assert mask[5:8, 5:8].all()


def test_a_bow_tie_fills_both_its_wings() -> None:
    mask = filled(polygon([(0, 0), (8, 8), (8, 0), (0, 8)]))
    assert mask[3, 1]
    assert mask[3, 7]
    assert not mask[1, 4]


@pytest.mark.parametrize("offset", [(-20, 0), (20, 0), (0, -20), (0, 20)])
def test_a_polygon_off_the_image_has_no_pixel(offset: tuple[int, int]) -> None:
    dx, dy = offset
    spans = polygons_to_spans(polygon(rectangle(dx, dy, dx + 5, dy + 5)), HEIGHT, WIDTH)
    assert (spans.area, spans.bbox_xywh) == (0, (0, 0, 0, 0))


@pytest.mark.parametrize("far", [1e4, 1e9, 1e15, 1e100])
def test_a_polygon_far_larger_than_the_image_fills_it(far: float) -> None:
    assert filled(polygon(rectangle(-far, -far, far, far))).all()


@pytest.mark.parametrize("far", [1e4, 1e9, 1e12])
def test_a_border_between_far_vertices_still_passes_where_it_should(far: float) -> None:
    mask = filled(polygon([(-far, -far), (far, far), (-far, far)]))
    columns, rows = np.meshgrid(np.arange(WIDTH), np.arange(HEIGHT))
    off_the_border = columns != rows
    assert np.array_equal(mask[off_the_border], (columns < rows)[off_the_border])


@thorough
@given(st.lists(st.tuples(eighths(), st.just(3.5)), min_size=3, max_size=5))
def test_a_polygon_without_area_has_no_pixel(flat: list[tuple[float, float]]) -> None:
    assert not filled(polygon(flat)).any()


@thorough
@given(polygons_in_eighths())
def test_area_and_box_of_spans_are_those_of_their_mask(polygons: Polygons) -> None:
    spans = polygons_to_spans(polygons, HEIGHT, WIDTH)
    mask = filled(polygons)
    assert spans.area == mask.sum()
    assert spans.bbox_xywh == rle_bbox(mask_to_rle(mask))


@thorough
@given(polygons_in_eighths())
def test_spans_are_disjoint_not_empty_and_in_order(polygons: Polygons) -> None:
    spans = polygons_to_spans(polygons, HEIGHT, WIDTH)
    assert (spans.starts < spans.ends).all()
    places = spans.rows * (WIDTH + 1)
    assert (places[1:] + spans.starts[1:] >= places[:-1] + spans.ends[:-1]).all()


@thorough
@given(polygons_in_eighths(), st.integers(1, 12), st.integers(1, 12))
def test_runs_of_spans_are_those_of_their_mask(polygons: Polygons, height: int, width: int) -> None:
    spans = polygons_to_spans(polygons, height, width)
    expected = mask_to_rle(filled(polygons, height, width))
    rle = spans_to_rle(spans, height, width)
    assert (rle.size, rle.counts.tolist()) == (expected.size, expected.counts.tolist())


@thorough
@given(masks())
def test_every_mask_gets_its_runs_from_its_outline(mask: Mask) -> None:
    outline = mask_to_polygons(mask)
    if outline is not None:
        rle = segmentation_to_rle(outline, *mask.shape)
        assert rle.counts.tolist() == mask_to_rle(mask).counts.tolist()


def test_runs_join_across_columns() -> None:
    full = polygon(rectangle(1, 0, 3, 3))
    assert segmentation_to_rle(full, 3, 4).counts.tolist() == [3, 6, 3]


def test_runs_of_nothing_are_one_run_of_zeros() -> None:
    assert segmentation_to_rle(polygon(rectangle(20, 20, 30, 30)), 3, 4).counts.tolist() == [12]


def test_an_rle_is_its_own_runs() -> None:
    rle = mask_to_rle(np.eye(3, dtype=bool))
    assert segmentation_to_rle(rle, 3, 3) is rle


def test_runs_of_a_huge_polygon_are_had_without_painting_it() -> None:
    side = 1_000_000
    diamond = polygon([(side / 2, 0), (side, side / 2), (side / 2, side), (0, side / 2)])
    small = place_polygons(diamond, (side, side), (0, 0, 1000, 1000))
    assert segmentation_to_rle(small, 1000, 1000).counts.sum() == 1000**2
    strip = polygon(rectangle(0, 10, side, 20))
    rle = segmentation_to_rle(strip, 30, side)
    assert rle_area(rle) == 10 * side


@thorough
@given(polygons_in_eighths(), polygons_in_eighths())
def test_iou_of_spans_is_that_of_their_masks(a: Polygons, b: Polygons) -> None:
    spans_a, spans_b = (polygons_to_spans(polygons, HEIGHT, WIDTH) for polygons in (a, b))
    mask_a, mask_b = filled(a), filled(b)
    union = (mask_a | mask_b).sum()
    expected = (mask_a & mask_b).sum() / union if union else 1
    assert spans_iou(spans_a, spans_b, WIDTH) == pytest.approx(expected)


@thorough
@given(polygons_in_eighths())
def test_a_crop_is_the_mask_cut_to_its_box(polygons: Polygons) -> None:
    crop, (x, y, w, h) = segmentation_to_crop(polygons, HEIGHT, WIDTH)
    assert np.array_equal(crop, filled(polygons)[y : y + h, x : x + w])


@thorough
@given(masks())
def test_the_crop_of_an_rle_is_its_mask_cut_to_its_box(mask: Mask) -> None:
    crop, (x, y, w, h) = segmentation_to_crop(mask_to_rle(mask), *mask.shape)
    assert np.array_equal(np.pad(crop, paddings(mask.shape, (x, y, w, h))), mask)


def paddings(
    shape: tuple[int, ...], bbox: tuple[int, int, int, int]
) -> tuple[tuple[int, int], tuple[int, int]]:
    x, y, w, h = bbox
    return (y, shape[0] - y - h), (x, shape[1] - x - w)


@thorough
@given(polygons_in_eighths())
def test_area_and_box_of_polygons_are_those_of_their_spans(polygons: Polygons) -> None:
    spans = polygons_to_spans(polygons, HEIGHT, WIDTH)
    assert segmentation_area_and_bbox(polygons, HEIGHT, WIDTH) == (spans.area, spans.bbox_xywh)


@thorough
@given(masks())
def test_area_and_box_of_an_rle_are_those_of_its_mask(mask: Mask) -> None:
    rows, columns = np.nonzero(segmentation_to_mask(mask_to_rle(mask), *mask.shape))
    area, (x, y, w, h) = segmentation_area_and_bbox(mask_to_rle(mask), *mask.shape)
    assert area == rows.size
    if area:
        assert (x, y) == (columns.min(), rows.min())
        assert (x + w - 1, y + h - 1) == (columns.max(), rows.max())


def zigzag(teeth: int, side: int) -> Polygons:
    """A ring that goes down and up through a square as often as told."""
    x = np.linspace(0, side, 2 * teeth + 1)
    y = np.where(np.arange(x.size) % 2, 0, side - 1)
    return polygon([*zip(x.tolist(), y.tolist(), strict=True), (side, side), (0, side)])


def test_spans_had_in_bands_of_rows_are_those_of_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    teeth = zigzag(30, 200)
    whole = polygons_to_spans(teeth, 200, 200)
    monkeypatch.setattr(fill_numpy, "_BAND_CROSSINGS", 500)
    banded = polygons_to_spans(teeth, 200, 200)
    for field in ("rows", "starts", "ends"):
        assert np.array_equal(getattr(banded, field), getattr(whole, field))


def test_the_area_of_a_long_outline_takes_little_memory() -> None:
    side = 10_000
    teeth = zigzag(300, side)
    tracemalloc.start()
    area, bbox = segmentation_area_and_bbox(teeth, side, side)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert area == pytest.approx(side**2 / 2, rel=0.01)
    assert bbox[2] == side
    assert peak < 300_000_000


@pytest.mark.parametrize("turned", [False, True])
def test_an_outline_that_no_object_has_is_refused(turned: bool) -> None:
    teeth = zigzag(2_000, 10_000)
    if turned:
        teeth = polygon([(y, x) for x, y in teeth.parts[0][0].tolist()])
    with pytest.raises(InvalidSegmentation):
        segmentation_area_and_bbox(teeth, 10_000, 10_000)


def test_spans_of_a_box_are_painted_at_their_place_in_it() -> None:
    spans = polygons_to_spans(polygon(rectangle(3, 2, 5, 4)), HEIGHT, WIDTH)
    assert spans_to_mask(spans, (2, 1, 4, 4)).astype(int).tolist() == [
        [0, 0, 0, 0],
        [0, 1, 1, 0],
        [0, 1, 1, 0],
        [0, 0, 0, 0],
    ]
