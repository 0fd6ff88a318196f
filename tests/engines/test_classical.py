"""The classical engines on photographs, with floors a little under what they reach; and what is particular to each."""

from typing import Any

import numpy as np
import pytest
import skimage.data

from segmentarium.core.boxes import BboxXYWH
from segmentarium.core.rle import Mask
from segmentarium.engines import engine_named
from segmentarium.engines.base import (
    ImageRGB,
    Prediction,
    Prompt,
    Stroke,
    check_options,
    check_prompt,
)
from tests.engines.hard_cases import disc, flat, noise
from tests.engines.placing import iou, placed

# Coins and a cell that are as good as ellipses: the box around one, by hand.
ROUND: dict[str, tuple[str, BboxXYWH]] = {
    "a coin with a profile": ("coins", (80.5, 174.5, 43.5, 42.5)),
    "a worn coin": ("coins", (84, 107, 38, 38)),
    "a large coin": ("coins", (18.5, 232.5, 56, 55)),
    "a cell": ("cell", (363, 309, 131, 130)),
}
FLOORS = {
    "chan_vese": 0.89,
    "edges": 0.90,
    "geodesic": 0.68,
    "kmeans": 0.93,
    "random_walker": 0.89,
    "snake": 0.88,
    "superpixels": 0.89,
    "threshold": 0.88,
    "watershed": 0.91,
}
COLOUR_FLOORS = {
    "chan_vese": 0.64,
    "edges": 0.79,
    "geodesic": 0.57,
    "kmeans": 0.77,
    "random_walker": 0.78,
    "snake": 0.80,
    "superpixels": 0.63,
    "threshold": 0.65,
    "watershed": 0.79,
}
CUP: BboxXYWH = (173, 18, 234, 290)
EYE: BboxXYWH = (136, 85, 72, 61)


def picture(name: str) -> ImageRGB:
    pixels = getattr(skimage.data, name)()
    return pixels if pixels.ndim == 3 else np.repeat(pixels[..., None], 3, axis=2)


def ellipse(shape: tuple[int, ...], bbox: BboxXYWH) -> Mask:
    x, y, w, h = bbox
    rows, columns = np.mgrid[: shape[0], : shape[1]] + 0.5
    mask: Mask = ((columns - x - w / 2) / (w / 2)) ** 2 + ((rows - y - h / 2) / (h / 2)) ** 2 <= 1
    return mask


def ask(name: str, image: ImageRGB, prompt: Prompt, **options: Any) -> Prediction:
    engine = engine_named(name)
    check_prompt(engine, prompt, *image.shape[:2])
    return engine.segment(image, prompt, check_options(engine, options))


def answer(name: str, image: ImageRGB, prompt: Prompt, **options: Any) -> Mask:
    return placed(ask(name, image, prompt, **options), *image.shape[:2])


def clicks(*points: tuple[float, float, int], bbox: BboxXYWH | None = None) -> Prompt:
    return Prompt(bbox, tuple((x, y) for x, y, _ in points), tuple(label for *_, label in points))


@pytest.mark.parametrize("name", FLOORS)
@pytest.mark.parametrize("thing", ROUND)
def test_a_round_thing_in_a_photograph_is_found(name: str, thing: str) -> None:
    file, bbox = ROUND[thing]
    image = picture(file)
    prediction = ask(name, image, Prompt(bbox_xywh=bbox))
    assert iou(placed(prediction, *image.shape[:2]), ellipse(image.shape, bbox)) > FLOORS[name]
    assert prediction.fallback is None


@pytest.mark.parametrize("name", FLOORS)
def test_the_eye_of_a_cat_is_found(name: str) -> None:
    image = picture("chelsea")
    assert iou(answer(name, image, Prompt(bbox_xywh=EYE)), ellipse(image.shape, EYE)) > 0.7


@pytest.mark.parametrize("name", FLOORS)
def test_a_large_image_gives_the_same_object(name: str) -> None:
    image, (_, (x, y, w, h)) = picture("coins"), ROUND["a large coin"]
    larger = image.repeat(6, axis=0).repeat(6, axis=1)
    small = answer(name, image, Prompt(bbox_xywh=(x, y, w, h)))
    large = answer(name, larger, Prompt(bbox_xywh=(6 * x, 6 * y, 6 * w, 6 * h)))
    assert iou(large, small.repeat(6, axis=0).repeat(6, axis=1)) > 0.7


@pytest.mark.parametrize("name", FLOORS)
def test_a_picture_that_tells_nothing_is_answered_and_scored_low(name: str) -> None:
    assert ask(name, flat(60, 80), Prompt(bbox_xywh=(20, 20, 30, 30))).score <= 0.2


@pytest.mark.parametrize("name", ["watershed", "random_walker"])
def test_strokes_tell_two_touching_coins_apart(name: str) -> None:
    image = flat(80, 120)
    left, right = ellipse(image.shape, (10, 15, 52, 50)), ellipse(image.shape, (58, 15, 52, 50))
    image[left | right] = (200, 180, 90)
    strokes = (Stroke(((36, 25), (36, 55)), 1, 2), Stroke(((84, 25), (84, 55)), 0, 2))
    found = answer(name, image, Prompt(bbox_xywh=(10, 15, 52, 50), strokes=strokes))
    assert iou(found, left) > 0.9


def test_a_fixed_level_is_exact() -> None:
    image = disc(90, 120)
    options = {"method": "fixed", "channel": "R", "side": "bright", "level": 239, "smoothing": 0}
    found = answer("threshold", image, Prompt(bbox_xywh=(0, 0, 120, 90)), **options)
    assert np.array_equal(found, image[..., 0] == 240)


@pytest.mark.parametrize(("side", "wanted"), [("bright", True), ("dark", False)])
def test_the_side_of_the_level_can_be_chosen(side: str, wanted: bool) -> None:
    image = disc(90, 120)
    found = answer(
        "threshold",
        image,
        Prompt(bbox_xywh=(25, 10, 70, 70)),
        channel="gray",
        side=side,
        fill_holes=False,
    )
    assert found[45, 60] == wanted


def test_the_level_adapts_to_a_light_that_changes_across_the_picture() -> None:
    light = np.linspace(0, 180, 200).astype(np.uint8)
    image = np.repeat(np.tile(light, (60, 1))[..., None], 3, axis=2)
    spots = np.zeros((60, 200), bool)
    spots[20:40, 20:180:40] = spots[20:40, 25:180:40] = spots[20:40, 30:180:40] = True
    image[spots] += 40
    options = {"channel": "gray", "side": "bright", "smoothing": 0, "neighbourhood": 0.1}
    box = Prompt(bbox_xywh=(5, 5, 190, 50))
    adapted = answer("threshold", image, box, method="adaptive", **options)
    assert iou(adapted, spots) > 0.9
    assert iou(answer("threshold", image, box, method="otsu", **options), spots) < 0.5


def test_small_parts_are_left_out_when_asked() -> None:
    image = flat(60, 120)
    image[10:50, 10:50], image[25:35, 80:90] = 220, 220
    box = Prompt(bbox_xywh=(5, 5, 110, 50))
    assert answer("threshold", image, box, smallest=0.01)[30, 85]
    assert not answer("threshold", image, box, smallest=0.1)[30, 85]


def test_points_choose_among_the_parts_of_the_whole_picture() -> None:
    image = picture("coins")
    found = answer("threshold", image, clicks((102, 195, 1), (102, 126, 1)))
    assert found[195, 102]
    assert found[126, 102]
    assert not found[260, 46]


def two_squares() -> tuple[ImageRGB, Mask, Mask]:
    image = flat(100, 200)
    left, right = np.zeros((2, 100, 200), bool)
    left[30:70, 20:60], right[30:70, 120:160] = True, True
    image[left | right] = (200, 40, 40)
    return image, left, right


def test_the_wand_takes_what_is_connected() -> None:
    image, left, _ = two_squares()
    assert np.array_equal(answer("wand", image, clicks((40, 50, 1)), smoothing=0), left)


def test_the_wand_takes_all_of_the_colour_when_asked() -> None:
    image, left, right = two_squares()
    found = answer("wand", image, clicks((40, 50, 1)), smoothing=0, contiguous=False)
    assert np.array_equal(found, left | right)


def test_several_points_of_the_wand_add_up() -> None:
    image, left, right = two_squares()
    found = answer("wand", image, clicks((40, 50, 1), (140, 50, 1)), smoothing=0)
    assert np.array_equal(found, left | right)


def test_a_point_outside_takes_away_what_has_its_colour() -> None:
    image, left, right = two_squares()
    points = clicks((10, 10, 1), (140, 50, 1), (40, 50, 0))
    found = answer("wand", image, points, smoothing=0)
    assert not (found & left).any()
    assert (found & right).sum() == right.sum()


def test_two_points_on_one_colour_share_it() -> None:
    image, left, _ = two_squares()
    found = answer("wand", image, clicks((25, 50, 1), (55, 50, 0)), smoothing=0)
    assert found[30:70, 20:38].all()
    assert not found[30:70, 43:60].any()
    assert not (found & ~left).any()


def test_the_wand_stays_in_the_box() -> None:
    image = flat(100, 200)
    found = answer("wand", image, clicks((60, 50, 1), bbox=(50, 40, 30, 20)))
    assert found.sum() == 30 * 20


def test_a_large_region_is_grown_on_a_coarse_grid_which_is_said() -> None:
    image = np.broadcast_to(np.uint8(90), (3000, 4000, 3))
    prediction = ask("wand", image, clicks((2000, 1500, 1)))
    assert "3.91 pixels" in (prediction.fallback or "")
    assert prediction.mask.all()
    assert prediction.bbox_xywh == (0, 0, 4000, 3000)


def test_a_small_region_of_a_large_image_is_exact() -> None:
    image = np.zeros((3000, 4000, 3), np.uint8)
    image[1400:1600, 1900:2200] = 200
    prediction = ask("wand", image, clicks((2000, 1500, 1)), smoothing=0)
    assert prediction.fallback is None
    assert np.array_equal(placed(prediction, 3000, 4000), image[..., 0] == 200)


def test_a_point_takes_a_patch_or_the_whole_cluster() -> None:
    image = flat(100, 100)
    image[20:80, 20:80] = (60, 120, 200)
    image[30:40, 30:40], image[60:70, 60:70], image[:15] = 240, 240, 240
    points = clicks((35, 35, 1), bbox=(20, 20, 60, 60))
    options = {"clusters": 3, "fill_holes": False, "smallest": 0, "balance": 3}
    patch = answer("kmeans", image, points, points_take="patch", **options)
    assert (patch[35, 35], patch[65, 65]) == (True, False)
    whole = answer("kmeans", image, points, points_take="cluster", **options)
    assert (whole[35, 35], whole[65, 65]) == (True, True)


def test_edges_that_close_nothing_are_answered_with_the_ellipse_which_is_said() -> None:
    prediction = ask("edges", flat(60, 80), Prompt(bbox_xywh=(20, 20, 30, 30)))
    assert "ellipse" in (prediction.fallback or "")
    assert np.array_equal(placed(prediction, 60, 80), ellipse((60, 80), (20, 20, 30, 30)))


@pytest.mark.parametrize("name", ["chan_vese", "geodesic"])
def test_an_area_is_held_by_points_at_every_step(name: str) -> None:
    image, (_, (x, y, w, h)) = picture("coins"), ROUND["a large coin"]
    strokes = (Stroke(((x + w / 2, y + 5), (x + w / 2, y + h - 5)), 0, 4),)
    cut = answer(name, image, Prompt(bbox_xywh=(x, y, w, h), strokes=strokes))
    whole = answer(name, image, Prompt(bbox_xywh=(x, y, w, h)))
    assert not cut[int(y + h / 2), int(x + w / 2)]
    assert cut.sum() < 0.9 * whole.sum()


def test_one_more_superpixel_leaves_those_gathered_before() -> None:
    image = picture("coffee")
    first = answer("superpixels", image, clicks((290, 100, 1)))
    second = answer("superpixels", image, clicks((290, 100, 1), (320, 150, 1)))
    assert (first & ~second).sum() == 0
    assert second.sum() > first.sum()


def test_a_stroke_gathers_all_the_superpixels_that_it_passes() -> None:
    image = picture("coffee")
    stroke = Prompt(None, ((230, 80),), (1,), (Stroke(((230, 80), (350, 80)), 1, 3),))
    points = clicks(*((x, 80.0, 1) for x in range(230, 351, 4)))
    found = answer("superpixels", image, stroke)
    assert (answer("superpixels", image, points) & ~found).sum() == 0


def test_a_point_outside_takes_a_superpixel_away() -> None:
    image = picture("coffee")
    box = answer("superpixels", image, Prompt(bbox_xywh=CUP))
    row, column = np.argwhere(box)[len(np.argwhere(box)) // 2]
    less = answer("superpixels", image, clicks((column + 0.5, row + 0.5, 0), bbox=CUP))
    assert not less[row, column]
    assert 0 < (box & ~less).sum() < 0.1 * box.sum()
    assert not (less & ~box).any()


def test_noise_is_no_obstacle_to_a_snake() -> None:
    image = disc(120, 160)
    noisy = np.clip(image.astype(int) + noise(120, 160) // 3 - 42, 0, 255).astype(np.uint8)
    found = answer("snake", noisy, Prompt(bbox_xywh=(38, 18, 84, 84)))
    assert iou(found, image[..., 0] == 240) > 0.9
