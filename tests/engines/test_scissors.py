"""Intelligent scissors: a path that follows edges."""

import numpy as np
import pytest
import skimage.data

from segmentarium.engines import engine_named
from segmentarium.engines.base import ImageRGB, Prompt, check_options
from segmentarium.engines.scissors import livewire_path
from tests.engines.hard_cases import flat, noise
from tests.engines.placing import iou, placed


def bright_disc(side: int, radius: float) -> ImageRGB:
    image = np.full((side, side, 3), 40, np.uint8)
    rows, columns = np.mgrid[:side, :side] + 0.5 - side / 2
    image[rows**2 + columns**2 < radius**2] = 200
    return image


def around(side: int, radius: float, count: int) -> tuple[tuple[float, float], ...]:
    angles = np.arange(count) * 2 * np.pi / count
    return tuple(
        (side / 2 + radius * float(np.cos(t)), side / 2 + radius * float(np.sin(t))) for t in angles
    )


@pytest.mark.parametrize(("side", "radius"), [(120, 40), (400, 150), (1400, 500)])
def test_the_path_follows_an_edge(side: int, radius: float) -> None:
    start, end, *_ = around(side, radius, 4)
    path = livewire_path(bright_disc(side, radius), start, end)
    away = np.hypot(path[:, 0] - side / 2, path[:, 1] - side / 2) - radius
    assert np.abs(away).mean() < 0.8
    assert np.abs(away).max() < 2.5


@pytest.mark.parametrize(
    ("start", "end"),
    [((5.3, 6.7), (70.1, 50.9)), ((0, 0), (80, 60)), ((30, 30), (30, 30)), ((80, 0), (79.9, 0.1))],
)
def test_the_path_begins_and_ends_where_it_was_asked_to(
    start: tuple[float, float], end: tuple[float, float]
) -> None:
    path = livewire_path(noise(60, 80), start, end)
    assert (*path[0], *path[-1]) == (*start, *end)
    assert (path >= 0).all()
    assert (path <= (80, 60)).all()


@pytest.mark.parametrize("shape", [(1, 1), (1, 200), (200, 1), (3, 3), (5, 2000)])
def test_the_path_is_found_in_any_picture(shape: tuple[int, int]) -> None:
    height, width = shape
    path = livewire_path(noise(height, width), (0, 0), (width, height))
    assert path.shape[0] >= 2
    assert path.shape[1] == 2


def test_the_path_of_a_large_image_has_steps_of_few_pixels() -> None:
    path = livewire_path(bright_disc(1400, 500), (1200, 700), (700, 1200))
    assert np.hypot(*np.diff(path, axis=0).T).max() < 6


@pytest.mark.parametrize(("side", "radius"), [(120, 40), (1400, 500)])
def test_clicks_around_an_object_find_it(side: int, radius: float) -> None:
    image, points = bright_disc(side, radius), around(side, radius, 5)
    engine = engine_named("scissors")
    prediction = engine.segment(image, Prompt(None, points, (1,) * 5), check_options(engine, {}))
    assert iou(placed(prediction, side, side), image[..., 0] == 200) > 0.95
    assert prediction.fallback is None


def test_clicks_around_a_coin_follow_it_better_than_straight_lines() -> None:
    gray = skimage.data.coins()
    image = np.repeat(gray[..., None], 3, axis=2)
    x, y, w, h = 18.5, 232.5, 56, 55
    angles = np.arange(4) * np.pi / 2
    points = tuple(
        (x + w / 2 * (1 + float(np.cos(t))), y + h / 2 * (1 + float(np.sin(t)))) for t in angles
    )
    engine = engine_named("scissors")
    found = placed(
        engine.segment(image, Prompt(None, points, (1,) * 4), check_options(engine, {})),
        *gray.shape,
    )
    rows, columns = np.mgrid[: gray.shape[0], : gray.shape[1]] + 0.5
    coin = ((columns - x - w / 2) / (w / 2)) ** 2 + ((rows - y - h / 2) / (h / 2)) ** 2 <= 1
    assert iou(found, coin) > 0.85 > 2 / np.pi  # the diamond between the four clicks


@pytest.mark.parametrize("count", [1, 2])
def test_too_few_clicks_are_answered_with_discs_which_is_said(count: int) -> None:
    engine = engine_named("scissors")
    prompt = Prompt(None, ((30, 30), (60, 40))[:count], (1,) * count)
    prediction = engine.segment(flat(80, 100), prompt, check_options(engine, {}))
    assert "three clicks" in (prediction.fallback or "")
