"""The hypotheses of grabcut, what is told about them, and which of them is answered."""

import numpy as np
import pytest

from segmentarium.core.boxes import BboxXYWH, pixels_of_box
from segmentarium.core.rle import Mask
from segmentarium.engines import engine_named
from segmentarium.engines.base import ImageRGB, Prompt, check_box, check_options
from segmentarium.engines.grabcut.choice import (
    NAMES,
    Clues,
    best_of,
    clues_of,
    hypotheses,
    masks_of,
)
from segmentarium.engines.grabcut.evidence import Scene, scene_of
from segmentarium.engines.grabcut.weighing import BIAS, Seen, seen_in
from segmentarium.engines.grabcut.weights import CHOICE
from segmentarium.engines.grabcut.work import work_on
from tests.engines.hard_cases import HARD


def scene_in(image: ImageRGB, bbox: BboxXYWH) -> Scene:
    return scene_of(work_on(image, check_box(bbox, *image.shape[:2]), margin=0.3), iterations=2)


def is_looked_at(image: ImageRGB, bbox: BboxXYWH) -> bool:
    """Of boxes under 4 pixels the engine makes no scene."""
    x0, y0, x1, y1 = pixels_of_box(check_box(bbox, *image.shape[:2]))
    return min(x1 - x0, y1 - y0) >= 4


hard_cases = pytest.mark.parametrize(
    "case", [c for c, given in HARD.items() if is_looked_at(*given)]
)


def looked_at(scene: Scene) -> tuple[Seen, list[Mask], Clues]:
    seen = seen_in(scene)
    masks = masks_of(hypotheses(seen), scene)
    return seen, masks, clues_of(masks, seen, scene)


def test_every_clue_weighs_something_for_every_hypothesis() -> None:
    _, masks, clues = looked_at(scene_in(*HARD["a disc"]))
    assert len(masks) == len(NAMES)
    assert [BIAS, *clues] == list(CHOICE)
    assert {len(weights) for weights in CHOICE.values()} == {len(NAMES)}


@hard_cases
def test_masks_are_not_empty_and_lie_in_the_box(case: str) -> None:
    scene = scene_in(*HARD[case])
    _, masks, _ = looked_at(scene)
    assert all(mask.any() for mask in masks)
    assert not any((mask & ~scene.work.in_box).any() for mask in masks)


@hard_cases
def test_clues_are_finite(case: str) -> None:
    _, _, clues = looked_at(scene_in(*HARD[case]))
    assert np.isfinite(list(clues.values())).all()


def test_the_ellipse_stands_in_for_a_mask_of_next_to_nothing() -> None:
    scene = scene_in(*HARD["a flat image"])
    nothing = {name: np.zeros(scene.lab.shape[:2], np.float32) for name in NAMES}
    assert all(np.array_equal(mask, scene.work.ellipse) for mask in masks_of(nothing, scene))


def test_the_hypothesis_with_the_highest_prediction_is_chosen() -> None:
    weights = {BIAS: (0.5,) * len(NAMES), "clue": tuple(range(len(NAMES)))}
    assert best_of({"clue": 2}, weights) == (NAMES[-1], 0.5 + 2 * (len(NAMES) - 1))
    assert best_of({"clue": -2}, weights) == (NAMES[0], 0.5)


def test_the_prediction_is_the_score() -> None:
    image, bbox = HARD["a disc"]
    _, _, clues = looked_at(scene_in(image, bbox))
    engine = engine_named("grabcut")
    answer = engine.segment(image, Prompt(bbox_xywh=bbox), check_options(engine, {}))
    assert answer.score == pytest.approx(min(best_of(clues, CHOICE)[1], 1))


def test_what_stands_out_is_predicted_to_be_better_than_noise() -> None:
    clear, noise = (looked_at(scene_in(*HARD[case]))[2] for case in ("a disc", "noise"))
    assert best_of(clear, CHOICE)[1] > best_of(noise, CHOICE)[1]
