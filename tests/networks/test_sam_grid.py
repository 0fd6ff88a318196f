"""Between image and grid: masks placed where they belong, strokes as points, all at bounded cost."""

import time

import numpy as np
import pytest

from segmentarium.core.rle import RLE, mask_to_rle
from segmentarium.networks.sam_grid import Grid, logits_of_mask, mask_of_logits, points_of_strokes

# 4000 × 3000 pixels in a square of 1024.
PHOTOGRAPH = Grid(3000, 4000, 768, 1024, 1024, 256, is_stretched=False)
STRETCHED = Grid(3000, 4000, 1024, 1024, 1024, 256, is_stretched=True)
grids = pytest.mark.parametrize("grid", [PHOTOGRAPH, STRETCHED], ids=["padded", "stretched"])


def disc(
    grid: Grid, x: float, y: float, radius: float
) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """Logits that are over 0 in a disc given in image pixels."""
    cells = (np.arange(grid.cells) + 0.5) * grid.size / grid.cells
    across = cells * grid.width / grid.filled_width
    down = cells * grid.height / grid.filled_height
    return (radius - np.hypot(across[None, :] - x, down[:, None] - y)).astype(np.float32)


@grids
@pytest.mark.parametrize("longest", [512, 4096])
def test_a_disc_lies_on_the_image_where_it_lies_on_the_grid(grid: Grid, longest: int) -> None:
    placed = mask_of_logits(disc(grid, 1500, 1200, 700), grid, longest)
    assert placed is not None
    height, width = placed.mask.shape
    assert max(height, width) <= longest
    x = placed.x + (np.arange(width) + 0.5) * placed.covers[0] / width
    y = placed.y + (np.arange(height) + 0.5) * placed.covers[1] / height
    true = np.hypot(x[None, :] - 1500, y[:, None] - 1200) < 700
    assert (placed.mask & true).sum() / (placed.mask | true).sum() > 0.995
    pixel = placed.covers[0] / width
    assert true.sum() * pixel * placed.covers[1] / height == pytest.approx(np.pi * 700**2, rel=0.01)


@grids
def test_nothing_inside_is_no_mask(grid: Grid) -> None:
    assert mask_of_logits(disc(grid, 1500, 1200, -1), grid, 1024) is None


def test_what_lies_in_the_padding_only_is_no_mask() -> None:
    logits = np.full((256, 256), -5, np.float32)
    logits[230:250, 20:40] = 5  # below the 768 filled rows of the square
    assert mask_of_logits(logits, PHOTOGRAPH, 1024) is None


@grids
def test_a_mask_goes_to_the_grid_and_back(grid: Grid) -> None:
    y, x = np.mgrid[0:3000, 0:4000]
    mask = np.hypot(x + 0.5 - 2600, y + 0.5 - 900) < 600
    placed = mask_of_logits(logits_of_mask(mask_to_rle(mask), grid), grid, 4096)
    assert placed is not None
    back = np.zeros_like(mask)
    height, width = placed.mask.shape
    back[placed.y : placed.y + height, placed.x : placed.x + width] = placed.mask
    assert (back & mask).sum() / (back | mask).sum() > 0.98


def test_outside_the_image_a_mask_has_no_inside() -> None:
    whole = RLE((3000, 4000), np.array([0, 12_000_000]))
    logits = logits_of_mask(whole, PHOTOGRAPH)
    assert (logits[:192] == 10).all()
    assert (logits[192:] == -10).all()


def test_a_mask_of_a_hundred_megapixels_costs_no_more_than_that_of_a_photograph() -> None:
    side = 10_000
    counts = np.full(side * 4, side // 4, np.int64)  # stripes: forty thousand runs
    huge = Grid(side, side, 1024, 1024, 1024, 256, is_stretched=False)
    started = time.perf_counter()
    logits = logits_of_mask(RLE((side, side), counts), huge)
    assert time.perf_counter() - started < 1
    assert logits.nbytes == 256 * 256 * 4


def test_a_stroke_gives_points_along_it_not_closer_than_its_width() -> None:
    line = [(float(x), 2.0) for x in range(0, 101, 5)]
    found = points_of_strokes([(line, 0, 20.0)])
    assert [label for _, label in found] == [0] * len(found)
    assert [point for point, _ in found] == [(0.0, 2.0), (50.0, 2.0), (100.0, 2.0)]


def test_a_dot_is_one_point() -> None:
    assert points_of_strokes([([(3.0, 4.0)], 1, 5.0)]) == [((3.0, 4.0), 1)]


def test_many_long_strokes_give_a_bounded_number_of_points_the_latest_kept() -> None:
    strokes = [([(0.0, float(y)), (1000.0, float(y))], 1, 1.0) for y in range(100)]
    found = points_of_strokes(strokes)
    assert len(found) <= 32
    assert found[-1][0][1] == 99
