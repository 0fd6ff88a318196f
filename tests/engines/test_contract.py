"""What every engine promises, on boxes and images that are hard."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from segmentarium.core.boxes import BboxXYWH, clip_box, pixels_of_box, xywh_to_xyxy
from segmentarium.core.errors import (
    InvalidOption,
    InvalidPrompt,
    NotFound,
    PromptAbandoned,
)
from segmentarium.core.rle import RLE
from segmentarium.engines import ENGINES, best_engine, engine_named
from segmentarium.engines.base import (
    Engine,
    ImageRGB,
    NetworkEngine,
    Option,
    OptionValue,
    Prediction,
    Prompt,
    PromptKind,
    Stroke,
    abandoned_when,
    check_box,
    check_options,
    check_prompt,
    raise_if_abandoned,
    takes,
)
from tests.engines.hard_cases import HARD, disc

# What a network answers is its own matter; tests/networks holds those engines to what they promise.
with_a_box = [
    engine
    for engine in ENGINES.values()
    if "bbox" in engine.starts_from and not isinstance(engine, NetworkEngine)
]
engines = pytest.mark.parametrize("engine", with_a_box, ids=lambda engine: engine.name)
hard_cases = pytest.mark.parametrize("case", HARD)


def answer(engine: Engine, image: ImageRGB, bbox: BboxXYWH) -> Prediction:
    """What an engine answers to a box, with its default options."""
    reason = engine.unavailable_reason()
    if reason is not None:
        pytest.skip(f"{engine.name} NOT TESTED: {reason}")
    return engine.segment(image, Prompt(bbox_xywh=bbox), check_options(engine, {}))


@engines
@hard_cases
def test_the_mask_is_boolean_and_not_empty(engine: Engine, case: str) -> None:
    prediction = answer(engine, *HARD[case])
    assert prediction.mask.dtype == np.bool_
    assert prediction.mask.any()


@engines
@hard_cases
def test_the_mask_lies_within_the_image(engine: Engine, case: str) -> None:
    image, bbox = HARD[case]
    prediction = answer(engine, image, bbox)
    x, y, width, height = prediction.bbox_xywh
    assert 0 <= x <= image.shape[1] - width
    assert 0 <= y <= image.shape[0] - height


@engines
@hard_cases
def test_the_mask_lies_within_the_box(engine: Engine, case: str) -> None:
    image, bbox = HARD[case]
    prediction = answer(engine, image, bbox)
    clipped = clip_box(xywh_to_xyxy(bbox), image.shape[1], image.shape[0])
    x0, y0, x1, y1 = pixels_of_box(clipped)
    rows, columns = np.nonzero(prediction.mask)
    x, y, width, height = prediction.bbox_xywh
    across, down = width / prediction.mask.shape[1], height / prediction.mask.shape[0]
    assert x0 <= x + columns.min() * across
    assert x + columns.max() * across < x1
    assert y0 <= y + rows.min() * down
    assert y + rows.max() * down < y1


@engines
def test_the_mask_of_a_large_image_is_not_larger_for_it(engine: Engine) -> None:
    side = 5000
    image = np.broadcast_to(disc(50, 50)[:, None, :, None], (50, side // 50, 50, side // 50, 3))
    prediction = answer(engine, image.reshape(side, side, 3), (0, 0, side, side))
    assert prediction.mask.size <= 2048**2
    assert prediction.bbox_xywh[2:] <= (side, side)


@engines
@hard_cases
def test_the_score_is_a_share(engine: Engine, case: str) -> None:
    assert 0 <= answer(engine, *HARD[case]).score <= 1


@engines
@hard_cases
def test_the_same_question_has_the_same_answer(engine: Engine, case: str) -> None:
    first, second = answer(engine, *HARD[case]), answer(engine, *HARD[case])
    assert np.array_equal(first.mask, second.mask)
    assert (first.x, first.y, first.score) == (second.x, second.y, second.score)


@engines
def test_an_answer_leaves_the_image_as_it_was(engine: Engine) -> None:
    image = disc(90, 120)
    answer(engine, image, (25, 10, 70, 70))
    assert np.array_equal(image, disc(90, 120))


@engines
def test_a_question_in_between_changes_no_answer(engine: Engine) -> None:
    image, bbox = HARD["a disc"]
    before = answer(engine, image, bbox)
    answer(engine, *HARD["noise"])
    assert np.array_equal(answer(engine, image, bbox).mask, before.mask)


@engines
def test_a_clear_disc_is_found(engine: Engine) -> None:
    image, bbox = HARD["a disc"]
    prediction = answer(engine, image, bbox)
    found: NDArray[np.bool_] = np.zeros(image.shape[:2], bool)
    height, width = prediction.mask.shape
    found[prediction.y : prediction.y + height, prediction.x : prediction.x + width] = (
        prediction.mask
    )
    inside = image[..., 0] == 240
    assert (found & inside).sum() / (found | inside).sum() > 0.9


@engines
def test_a_question_costs_nothing_for_pixels_far_from_the_box(engine: Engine) -> None:
    # 30 GB if anything made a copy of it, or even looked at all of it.
    image = np.broadcast_to(np.uint8(9), (100_000, 100_000, 3))
    prediction = answer(engine, image, (50_000, 50_000, 40, 30))
    assert prediction.mask.size <= 1000 * 1000


@pytest.mark.parametrize("engine", ENGINES.values(), ids=lambda engine: engine.name)
def test_every_default_is_an_allowed_value(engine: Engine) -> None:
    defaults = {option.name: option.default for option in engine.options}
    assert check_options(engine, defaults) == defaults


@pytest.mark.parametrize("name", ENGINES)
def test_an_engine_is_found_by_its_name(name: str) -> None:
    assert engine_named(name).name == name


def test_an_unknown_engine_is_not_found() -> None:
    with pytest.raises(NotFound, match="grabcut"):
        engine_named("no-such-engine")


@dataclass
class Whole:
    """A small real engine with every kind of option, for the checks that all engines share."""

    name: str = "whole"
    title: str = "Whole box"
    prompts: tuple[PromptKind, ...] = ("bbox", "points", "strokes", "mask")
    starts_from: tuple[PromptKind, ...] = ("bbox", "points")
    description: str = "What is in the box."
    rank: int = -1
    is_slow: bool = False
    options: tuple[Option, ...] = (
        Option("share", "Share", "number", 0.5, 0.0, 1.0),
        Option("rounds", "Rounds", "integer", 3, 1, 5),
        Option("smooth", "Smooth", "boolean", True),
        Option("model", "Model", "choice", "small", choices=("small", "large")),
    )

    def unavailable_reason(self) -> str | None:
        return None

    def segment(
        self, image: ImageRGB, prompt: Prompt, options: Mapping[str, OptionValue]
    ) -> Prediction:
        return Prediction(np.ones(image.shape[:2], bool), 0, 0, 1.0)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("unknown", 1),
        ("share", 1.01),
        ("share", -0.01),
        ("share", float("nan")),
        ("share", float("inf")),
        ("share", "0.5"),
        ("share", True),
        ("rounds", 0),
        ("rounds", 6),
        ("rounds", 2.5),
        ("rounds", True),
        ("smooth", 1),
        ("smooth", "true"),
        ("model", "medium"),
        ("model", 1),
    ],
)
def test_an_option_that_cannot_be_is_refused(name: str, value: OptionValue) -> None:
    with pytest.raises(InvalidOption):
        check_options(Whole(), {name: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("share", 0),
        ("share", 1.0),
        ("rounds", 1),
        ("rounds", 5),
        ("smooth", False),
        ("model", "large"),
    ],
)
def test_an_option_at_its_bounds_is_taken(name: str, value: OptionValue) -> None:
    assert check_options(Whole(), {name: value})[name] == value


def test_options_not_given_have_their_defaults() -> None:
    assert check_options(Whole(), {"rounds": 5}) == {
        "share": 0.5,
        "rounds": 5,
        "smooth": True,
        "model": "small",
    }


NAN, INFINITE = float("nan"), float("inf")
BOX: BboxXYWH = (1, 1, 5, 5)


def rle(height: int, width: int, counts: tuple[int, ...] = (0, 50, 150)) -> RLE:
    return RLE((height, width), np.array(counts))


@pytest.mark.parametrize(
    "prompt",
    [
        pytest.param(Prompt(), id="nothing"),
        pytest.param(Prompt(bbox_xywh=(5, 5, 0, 5)), id="no width"),
        pytest.param(Prompt(bbox_xywh=(5, 5, 5, 0)), id="no height"),
        pytest.param(Prompt(bbox_xywh=(5, 5, -2, 5)), id="a negative width"),
        pytest.param(Prompt(bbox_xywh=(NAN, 5, 5, 5)), id="not a number"),
        pytest.param(Prompt(bbox_xywh=(5, 5, INFINITE, 5)), id="infinite"),
        pytest.param(Prompt(bbox_xywh=(20, 5, 5, 5)), id="right of the image"),
        pytest.param(Prompt(bbox_xywh=(-9, 5, 9, 5)), id="left of the image"),
        pytest.param(Prompt(bbox_xywh=(5, 10, 5, 5)), id="below the image"),
        pytest.param(Prompt(bbox_xywh=(5, -5, 5, 5)), id="above the image"),
        pytest.param(Prompt(point_coords=((5, 5),)), id="a point without a label"),
        pytest.param(Prompt(point_coords=((5, 5),), point_labels=(1, 0)), id="a label too many"),
        pytest.param(Prompt(point_coords=((21, 5),), point_labels=(1,)), id="a point off it"),
        pytest.param(Prompt(point_coords=((5, NAN),), point_labels=(1,)), id="a point nowhere"),
        pytest.param(Prompt(bbox_xywh=(1, 1, 5, 5), point_labels=(1,)), id="a label alone"),
        pytest.param(Prompt(strokes=(Stroke(((5, 5),), 1, 2),)), id="a stroke alone"),
        pytest.param(Prompt(bbox_xywh=BOX, strokes=(Stroke((), 1, 2),)), id="a stroke of no point"),
        pytest.param(
            Prompt(bbox_xywh=BOX, strokes=(Stroke(((5, 5),), 1, 0),)), id="a stroke of no width"
        ),
        pytest.param(
            Prompt(bbox_xywh=BOX, strokes=(Stroke(((5, 5),), 1, NAN),)), id="a stroke of NaN"
        ),
        pytest.param(
            Prompt(bbox_xywh=BOX, strokes=(Stroke(((5, 11),), 0, 2),)), id="a stroke off it"
        ),
        pytest.param(Prompt(bbox_xywh=BOX, mask=rle(20, 10)), id="a mask of another size"),
        pytest.param(Prompt(bbox_xywh=BOX, mask=rle(10, 20, counts=(200,))), id="an empty mask"),
    ],
)
def test_a_prompt_that_cannot_be_is_refused(prompt: Prompt) -> None:
    with pytest.raises(InvalidPrompt):
        check_prompt(Whole(), prompt, height=10, width=20)


def test_a_box_is_refused_by_an_engine_that_takes_none() -> None:
    with pytest.raises(InvalidPrompt):
        check_prompt(Whole(prompts=("points",)), Prompt(bbox_xywh=(1, 1, 5, 5)), 10, 20)


def test_points_are_refused_by_an_engine_that_takes_none() -> None:
    prompt = Prompt(bbox_xywh=(1, 1, 5, 5), point_coords=((2, 2),), point_labels=(1,))
    with pytest.raises(InvalidPrompt):
        check_prompt(Whole(prompts=("bbox",)), prompt, 10, 20)


def test_a_box_with_points_strokes_and_a_mask_is_taken() -> None:
    check_prompt(
        Whole(),
        Prompt(
            bbox_xywh=BOX,
            point_coords=((2, 2),),
            point_labels=(0,),
            strokes=(Stroke(((0, 0), (20, 10)), 1, 2.5),),
            mask=rle(10, 20),
        ),
        10,
        20,
    )


@pytest.mark.parametrize("engine", ENGINES.values(), ids=lambda engine: engine.name)
def test_what_an_engine_starts_from_it_takes(engine: Engine) -> None:
    assert engine.starts_from
    assert set(engine.starts_from) <= set(engine.prompts)


def test_auto_is_the_best_engine_for_the_prompt_that_can_run_here() -> None:
    prompt = Prompt(bbox_xywh=BOX)
    better = [
        engine
        for engine in ENGINES.values()
        if takes(engine, prompt)
        and engine.unavailable_reason() is None
        and engine.rank > best_engine(prompt).rank
    ]
    assert better == []


def test_auto_refuses_a_prompt_that_no_engine_takes() -> None:
    with pytest.raises(InvalidPrompt, match="nothing"):
        best_engine(Prompt())


def test_work_is_given_up_only_when_nobody_waits() -> None:
    raise_if_abandoned()
    with abandoned_when(lambda: False):
        raise_if_abandoned()
    with abandoned_when(lambda: True), pytest.raises(PromptAbandoned):
        raise_if_abandoned()
    raise_if_abandoned()


def test_a_box_partly_outside_is_clipped() -> None:
    assert check_box((-5, 8, 10, 10), height=10, width=20) == (0, 8, 5, 10)
