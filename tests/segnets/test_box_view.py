"""What a box-conditioned network sees: each cell where it belongs, whatever the box and the image."""

import time

import numpy as np
import pytest
from numpy.typing import NDArray

from segnets.box_view import (
    CHANNELS,
    BoxView,
    Corrections,
    ImageRGB,
    picture_of_view,
    planes_of_view,
    values_on_pixels,
    view_of_box,
)

BOXES = {
    "in the middle": (300.0, 200.0, 500.0, 320.0),
    "fractions": (300.25, 200.75, 471.5, 333.3),
    "upper left corner": (0.0, 0.0, 90.0, 60.0),
    "lower right corner": (700.0, 520.0, 800.0, 600.0),
    "all": (0.0, 0.0, 800.0, 600.0),
    "tall and thin": (400.0, 0.0, 412.0, 600.0),
    "wide and flat": (0.0, 300.0, 800.0, 304.0),
    "small": (410.0, 311.0, 416.0, 315.0),
}
boxes = pytest.mark.parametrize("box", BOXES.values(), ids=BOXES)


def ramps(height: int, width: int) -> ImageRGB:
    """Red tells the column, green the row, in 256 steps over the image."""
    image = np.zeros((height, width, 3), np.uint8)
    image[..., 0] = ((np.arange(width) + 0.5) / width * 256).astype(np.uint8)[None, :]
    image[..., 1] = ((np.arange(height) + 0.5) / height * 256).astype(np.uint8)[:, None]
    return image


def planes(view: BoxView, image: ImageRGB, *channels: str) -> NDArray[np.float32]:
    return planes_of_view(view, image, channels, (0, 0, 0), (1, 1, 1))


@boxes
@pytest.mark.parametrize("size", [64, 160])
def test_every_cell_shows_the_colour_of_its_centre(
    box: tuple[float, float, float, float], size: int
) -> None:
    image = ramps(600, 800)
    view = view_of_box(box, 0.22, size)
    x, y = view.centers()
    picture = picture_of_view(image, view).astype(float)
    on_x, on_y = (x > 4) & (x < 796), (y > 4) & (y < 596)
    # One step of red is 3.1 pixels wide, one of green 2.3; rounding down costs half a step on average.
    assert np.abs(picture[:, on_x, 0] + 0.5 - x[on_x] / 800 * 256).max() < 1
    assert np.abs(picture[on_y, :, 1] + 0.5 - (y[on_y] / 600 * 256)[:, None]).max() < 1


@boxes
def test_edges_of_the_box_are_where_u_and_v_are_one(
    box: tuple[float, float, float, float],
) -> None:
    view = view_of_box(box, 0.22, 160)
    x, y = view.centers()
    u, v, distance, inside = planes(view, ramps(600, 800), "u", "v", "edge_distance", "inside_box")
    x0, y0, x1, y1 = box
    assert u[0] == pytest.approx((2 * x - x0 - x1) / (x1 - x0), abs=1e-5)
    assert v[:, 0] == pytest.approx((2 * y - y0 - y1) / (y1 - y0), abs=1e-5)
    assert (u == u[:1]).all()
    assert (v == v[:, :1]).all()
    within = ((y > y0) & (y < y1))[:, None] & ((x > x0) & (x < x1))[None, :]
    assert np.array_equal(inside > 0, within)
    assert np.array_equal(distance > 0, within)
    assert distance == pytest.approx(np.minimum(1 - abs(u), 1 - abs(v)), abs=1e-6)


def test_a_margin_of_22_percent_reaches_to_1_44() -> None:
    (u,) = planes(view_of_box((10, 10, 30, 20), 0.22, 100), ramps(60, 80), "u")
    assert u[0, -1] == pytest.approx(1.44 * (1 - 1 / 100), abs=1e-5)


@boxes
def test_validity_is_whether_the_cell_is_on_the_image(
    box: tuple[float, float, float, float],
) -> None:
    view = view_of_box(box, 0.22, 160)
    x, y = view.centers()
    (valid,) = planes(view, ramps(600, 800), "valid")
    on = ((y >= 0) & (y < 600))[:, None] & ((x >= 0) & (x < 800))[None, :]
    assert np.array_equal(valid > 0, on)


def test_beyond_the_image_stands_the_mean_or_its_border() -> None:
    image = np.full((20, 30, 3), 200, np.uint8)
    view = view_of_box((0, 0, 30, 20), 0.22, 50)
    mean, std = (0.4, 0.4, 0.4), (0.2, 0.2, 0.2)
    red, valid = planes_of_view(view, image, ("red", "valid"), mean, std)
    assert (red[valid == 0] == 0).all()
    assert red[valid == 1] == pytest.approx((200 / 255 - 0.4) / 0.2, abs=1e-5)
    (kept,) = planes_of_view(view, image, ("red",), mean, std, keeps_border=True)
    assert kept == pytest.approx((200 / 255 - 0.4) / 0.2, abs=1e-5)


def test_log_aspect_is_that_of_the_box() -> None:
    (aspect,) = planes(view_of_box((10, 10, 50, 20), 0.22, 32), ramps(60, 80), "log_aspect")
    assert aspect == pytest.approx(np.log(4), abs=1e-6)


def test_channels_come_in_the_order_asked_for() -> None:
    view, image = view_of_box((10, 10, 50, 20), 0.22, 32), ramps(60, 80)
    every = planes(view, image, *CHANNELS)
    for name, plane in zip(CHANNELS, every, strict=True):
        assert np.array_equal(planes(view, image, name)[0], plane)
    assert np.array_equal(planes(view, image, *reversed(CHANNELS)), every[::-1])


def test_a_mirrored_image_gives_the_mirrored_view() -> None:
    image = np.random.default_rng(2).integers(0, 256, (60, 80, 3), dtype=np.uint8)
    view, mirrored = (
        view_of_box((10, 10, 50, 40), 0.22, 64),
        view_of_box((30, 10, 70, 40), 0.22, 64),
    )
    there = picture_of_view(image, view).astype(int)
    back = picture_of_view(np.ascontiguousarray(image[:, ::-1]), mirrored)[:, ::-1]
    assert np.abs(there - back).max() <= 1


@boxes
@pytest.mark.parametrize("longest", [300, 4096])
def test_an_answer_comes_back_to_the_pixels_that_it_was_given_for(
    box: tuple[float, float, float, float], longest: int
) -> None:
    view = view_of_box(box, 0.22, 160)
    x, y = view.centers()
    region = x0, y0, x1, y1 = (
        int(np.floor(box[0])), int(np.floor(box[1])), int(np.ceil(box[2])), int(np.ceil(box[3])),
    )  # fmt: skip
    across, down = np.meshgrid(x.astype(np.float32), y.astype(np.float32))
    columns, rows = (values_on_pixels(one, view, region, longest) for one in (across, down))
    height, width = columns.shape
    assert max(height, width) <= longest
    wanted = x0 + (np.arange(width) + 0.5) * (x1 - x0) / width
    assert columns == pytest.approx(np.broadcast_to(wanted, (height, width)), abs=0.01)
    wanted = y0 + (np.arange(height) + 0.5) * (y1 - y0) / height
    assert rows == pytest.approx(np.broadcast_to(wanted[:, None], (height, width)), abs=0.01)


def test_a_box_over_a_hundred_megapixels_is_looked_at_in_bounded_time() -> None:
    tile = np.random.default_rng(0).integers(0, 256, (100, 100, 3), dtype=np.uint8)
    image = np.broadcast_to(tile[None, :, None], (100, 100, 100, 100, 3)).reshape(10_000, 10_000, 3)
    started = time.perf_counter()
    picture = picture_of_view(image, view_of_box((0, 0, 10_000, 10_000), 0.22, 160))
    assert time.perf_counter() - started < 1
    inside = picture[30:130, 30:130].astype(float)
    # Noise whose mean is the grey of the tile: cells of 90 pixels a side must show means, not single pixels.
    assert inside.std() < tile.std() / 4
    assert inside.mean() == pytest.approx(tile.mean(), abs=4)


@pytest.mark.parametrize("shape", [(1, 1), (2, 2), (1, 300), (300, 1), (5, 2000)])
def test_images_of_any_shape_are_seen(shape: tuple[int, int]) -> None:
    image = np.full((*shape, 3), 77, np.uint8)
    view = view_of_box((0, 0, shape[1], shape[0]), 0.22, 64)
    assert (picture_of_view(image, view) == 77).all()


# ------------------------------------------------------------------------- corrections


def corrections_seen(view: BoxView, known: Corrections, *channels: str) -> NDArray[np.float32]:
    image = np.zeros((600, 800, 3), np.uint8)
    return planes_of_view(view, image, channels, (0, 0, 0), (1, 1, 1), known=known)


@boxes
def test_points_are_discs_where_they_lie(box: tuple[float, float, float, float]) -> None:
    view = view_of_box(box, 0.22, 64)
    x0, y0, x1, y1 = box
    inside = np.array([[x0 + (x1 - x0) / 4, y0 + (y1 - y0) / 2]])
    outside = np.array([[x1 - (x1 - x0) / 8, y0 + (y1 - y0) / 8]])
    plane, other = corrections_seen(
        view, Corrections(inside, outside), "points_inside", "points_outside"
    )
    for drawn, ((px, py),) in ((plane, inside), (other, outside)):
        rows, columns = np.nonzero(drawn)
        assert np.unique(drawn).tolist() == [0, 1]
        assert rows.mean() + 0.5 == pytest.approx((py - view.y) / view.height * 64, abs=0.5)
        assert columns.mean() + 0.5 == pytest.approx((px - view.x) / view.width * 64, abs=0.5)
        assert 4 <= len(rows) <= 16


def test_points_beyond_the_view_are_not_seen() -> None:
    view = view_of_box((100, 100, 200, 200), 0.2, 32)
    points = np.array([[79.9, 150], [150, 220.1], [500, 500]])
    assert not corrections_seen(view, Corrections(points), "points_inside").any()


@boxes
@pytest.mark.parametrize("coarse", [1, 3])
def test_a_mask_lies_on_the_cells_that_lie_on_it(
    box: tuple[float, float, float, float], coarse: int
) -> None:
    view = view_of_box(box, 0.22, 64)
    x0, y0, x1, y1 = (round(edge) for edge in box)
    # The left half of the box's pixels, given at a scale of their own.
    shape = max(2, (y1 - y0) // coarse), 2 * max(1, (x1 - x0) // coarse // 2)
    mask = np.zeros(shape, dtype=bool)
    mask[:, : shape[1] // 2] = True
    known = Corrections(mask=mask, mask_xyxy=(x0, y0, x1, y1))
    plane, has_mask = corrections_seen(view, known, "mask", "has_mask")
    x, y = view.centers()
    # Cells farther from the mask's border than two of its pixels and two cells, which are averaged and interpolated.
    far_x = 2 * max(view.width / 64, (x1 - x0) / shape[1])
    far_y = 2 * max(view.height / 64, (y1 - y0) / shape[0])
    on_x = (x > x0 + far_x) & (x < (x0 + x1) / 2 - far_x)
    on_y = (y > y0 + far_y) & (y < y1 - far_y)
    off_x = (x < x0 - far_x) | (x > (x0 + x1) / 2 + far_x)
    assert plane[np.ix_(on_y, on_x)].min(initial=1) > 0.99
    assert plane[:, off_x].max(initial=0) < 0.01
    assert has_mask.min() == 1


def test_without_a_mask_its_planes_are_nought() -> None:
    view = view_of_box((100, 100, 200, 200), 0.2, 32)
    assert not corrections_seen(view, Corrections(), "mask", "has_mask").any()


def test_the_size_of_a_box_is_told_in_powers_of_e() -> None:
    view = view_of_box((0, 0, 128 * np.e, 10), 0.2, 32)
    assert corrections_seen(view, Corrections(), "log_size")[0] == pytest.approx(1)
