"""GrabCut on photographs, on colour that tells nothing, and how much it works."""

from typing import Any

import cv2
import numpy as np
import pytest
import skimage.data

from segmentarium.core.annotation import segmentation_from_json
from segmentarium.core.raster import segmentation_area_and_bbox, segmentation_to_mask
from segmentarium.core.rle import Mask, mask_to_rle
from segmentarium.engines import engine_named
from segmentarium.engines.base import ImageRGB, Prediction, Prompt, check_options
from segmentarium.services import samples

# The cat's left eye, by hand.
# fmt: off
EYE = [
    136, 116, 140, 98, 153, 88, 170, 85, 186, 88, 199, 98, 207, 114, 208, 128, 202, 140, 190, 145, 172, 146,
    156, 141, 143, 131,
]
# fmt: on
OUTLINES = {
    "eye": ("chelsea.png", EYE),
    **{drawn.category: (drawn.file, list(drawn.ring)) for drawn in samples._DRAWN},
}

# The cup's outside is as brown as the saucer.
FLOORS = {"eye": 0.85, "person": 0.9, "cup": 0.7}


def segment(image: ImageRGB, bbox: tuple[float, float, float, float], **options: Any) -> Prediction:
    engine = engine_named("grabcut")
    return engine.segment(image, Prompt(bbox_xywh=bbox), check_options(engine, options))


def pasted(prediction: Prediction, image: ImageRGB) -> Mask:
    """The mask at its place in the image."""
    mask = np.zeros(image.shape[:2], bool)
    height, width = prediction.mask.shape
    y, x = prediction.y, prediction.x
    mask[y : y + height, x : x + width] = prediction.mask
    return mask


def photograph(file: str) -> ImageRGB:
    image: ImageRGB = getattr(skimage.data, file.removesuffix(".png"))()
    return image


@pytest.mark.parametrize("name", OUTLINES)
def test_an_object_in_a_photograph_is_found(name: str) -> None:
    file, ring = OUTLINES[name]
    image, outline = photograph(file), segmentation_from_json([[ring]])
    _, bbox = segmentation_area_and_bbox(outline, *image.shape[:2])
    by_hand = segmentation_to_mask(outline, *image.shape[:2])
    found = pasted(segment(image, bbox), image)
    assert (found & by_hand).sum() / (found | by_hand).sum() >= FLOORS[name]


@pytest.mark.parametrize("name", OUTLINES)
@pytest.mark.parametrize("shift", [(-0.1, 0, 0.2, 0.1), (0.05, 0.05, -0.1, 0), (0, -0.1, 0, 0.2)])
def test_an_object_in_a_box_drawn_badly_is_found(
    name: str, shift: tuple[float, float, float, float]
) -> None:
    file, ring = OUTLINES[name]
    image, outline = photograph(file), segmentation_from_json([[ring]])
    _, (x, y, w, h) = segmentation_area_and_bbox(outline, *image.shape[:2])
    by_hand = segmentation_to_mask(outline, *image.shape[:2])
    moved = (x + shift[0] * w, y + shift[1] * h, w * (1 + shift[2]), h * (1 + shift[3]))
    found = pasted(segment(image, moved), image)
    assert (found & by_hand).sum() / (found | by_hand).sum() >= 0.6


def test_a_coin_is_found_whole() -> None:
    # Its relief is partly as grey as the ground.
    grey = photograph("coins.png")
    image = np.repeat(grey[:, :, None], 3, axis=2)
    y, x = np.ogrid[: image.shape[0], : image.shape[1]]
    coin = ((x - 44.8) / 21.8) ** 2 + ((y - 54) / 20) ** 2 < 1
    found = pasted(segment(image, (23, 34, 44, 40)), image)
    assert (found & coin).sum() / (found | coin).sum() >= 0.9


def test_a_proposal_is_corrected_where_a_point_says_so() -> None:
    file, ring = OUTLINES["cup"]
    image, outline = photograph(file), segmentation_from_json([[ring]])
    _, bbox = segmentation_area_and_bbox(outline, *image.shape[:2])
    first = segment(image, bbox)
    before = pasted(first, image)
    row, column = (int(value) for value in np.argwhere(before).mean(axis=0))
    prompt = Prompt(
        bbox_xywh=bbox,
        point_coords=((column + 0.5, row + 0.5),),
        point_labels=(0,),
        mask=mask_to_rle(before),
    )
    engine = engine_named("grabcut")
    after = pasted(engine.segment(image, prompt, check_options(engine, {})), image)
    assert before[row, column]
    assert not after[row, column]
    assert not (after & ~before).any()


def test_points_with_the_box_are_obeyed() -> None:
    image = photograph("coffee.png")
    points = ((250.5, 100.5), (190.5, 290.5))
    prompt = Prompt(bbox_xywh=(170, 15, 240, 300), point_coords=points, point_labels=(0, 1))
    engine = engine_named("grabcut")
    found = pasted(engine.segment(image, prompt, check_options(engine, {})), image)
    assert not found[100, 250]
    assert found[290, 190]


def test_a_mask_without_points_is_answered_as_it_is() -> None:
    image = photograph("coffee.png")
    mask = np.zeros(image.shape[:2], bool)
    mask[50:90, 60:200] = True
    engine = engine_named("grabcut")
    answer = engine.segment(image, Prompt(mask=mask_to_rle(mask)), check_options(engine, {}))
    assert np.array_equal(pasted(answer, image), mask)


def test_a_clear_object_is_rated_higher_than_noise() -> None:
    clear = np.full((80, 80, 3), 30, np.uint8)
    clear[25:55, 25:55] = (250, 60, 60)
    noise = np.random.default_rng(0).integers(0, 256, (80, 80, 3), dtype=np.uint8)
    box = (24, 24, 32, 32)
    assert segment(clear, box).score > segment(noise, box).score


def test_an_object_found_by_its_colours_has_no_fallback() -> None:
    image = np.full((80, 80, 3), 30, np.uint8)
    image[25:55, 25:55] = (250, 60, 60)
    assert segment(image, (20, 20, 40, 40)).fallback is None


@pytest.mark.parametrize("bbox", [(20, 20, 40, 30), (0, 0, 100, 80), (90, 70, 30, 30)])
def test_a_flat_image_is_answered_with_a_fallback_that_is_said(
    bbox: tuple[float, float, float, float],
) -> None:
    assert segment(np.full((80, 100, 3), 90, np.uint8), bbox).fallback


def test_a_box_too_small_to_model_is_answered_whole_and_said() -> None:
    prediction = segment(np.full((80, 100, 3), 90, np.uint8), (20, 30, 3, 9))
    assert (prediction.x, prediction.y, prediction.mask.shape) == (20, 30, (9, 3))
    assert prediction.mask.all()
    assert prediction.fallback


def test_what_is_cut_is_small_whatever_the_image(monkeypatch: pytest.MonkeyPatch) -> None:
    longest = []
    cut = cv2.grabCut

    def measured(image: ImageRGB, *others: Any) -> Any:
        longest.append(max(image.shape))
        return cut(image, *others)

    monkeypatch.setattr(cv2, "grabCut", measured)
    segment(photograph("astronaut.png"), (20, 16, 342, 496), working_size=1024)
    assert longest
    assert max(longest) <= 96
