"""What every engine that takes points promises, on points and images that are hard."""

import threading
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from segmentarium.core.errors import PromptAbandoned
from segmentarium.engines import ENGINES, best_engine, engine_named
from segmentarium.engines.base import (
    Engine,
    ImageRGB,
    Prediction,
    Prompt,
    Stroke,
    abandoned_when,
    check_options,
    check_prompt,
)
from tests.engines.hard_cases import HARD, disc
from tests.engines.placing import iou, placed

Points = tuple[tuple[float, float, int], ...]  # x, y, label

HARD_POINTS: dict[str, tuple[str, Points]] = {
    "one inside": ("a disc", ((60, 45, 1),)),
    "one outside": ("a disc", ((60, 45, 0),)),
    "inside and outside": ("a disc", ((60, 45, 1), (15, 15, 0))),
    "side by side": ("a disc", ((60, 45, 1), (61, 45, 0), (60, 46, 0), (59.5, 45.5, 1))),
    "the same pixel, twice": ("a disc", ((60, 45, 1), (60, 45, 0))),
    "the corners": ("the whole image", ((0, 0, 1), (80, 60, 1), (80, 0, 0), (0, 60, 0))),
    "on flat colour": ("a flat image", ((40, 30, 1), (10, 10, 0))),
    "in noise": ("noise", ((30, 30, 1), (45, 40, 0), (25.5, 25.5, 1))),
    "in blackness": ("a black image", ((20, 20, 1), (21, 20, 0))),
    "in a strip": ("a long strip", ((700, 2, 1), (1200, 5, 0), (1999.9, 0, 1))),
    "in a line": ("an image one pixel high", ((100, 0, 1), (300, 1, 0), (50, 1, 1))),
    "in one pixel": ("an image of one pixel", ((0.5, 0.5, 1),)),
    "outside in one pixel": ("an image of one pixel", ((1, 1, 0),)),
    "in two by two": ("an image of two by two", ((0, 0, 1), (1.5, 1.5, 0), (2, 0, 1))),
    "far apart": ("a large image", ((0, 0, 1), (1499, 999, 1), (700.2, 500.9, 0))),
    "of a read-only image": ("a read-only image", ((20, 20, 1), (38, 39.5, 0))),
    "many": (
        "a disc",
        tuple((60 + 25 * np.cos(t), 45 + 25 * np.sin(t), 1) for t in np.arange(12) * np.pi / 6),
    ),
}
with_points = [engine for engine in ENGINES.values() if "points" in engine.prompts]
from_points = [engine for engine in with_points if "points" in engine.starts_from]
CLASSICAL_SLOW = ("chan_vese", "geodesic", "random_walker", "snake")
engines = pytest.mark.parametrize("engine", with_points, ids=lambda engine: engine.name)
starting = pytest.mark.parametrize("engine", from_points, ids=lambda engine: engine.name)
hard_cases = pytest.mark.parametrize("case", HARD_POINTS)


def ask(engine: Engine, image: ImageRGB, prompt: Prompt) -> Prediction:
    reason = engine.unavailable_reason()
    if reason is not None:
        pytest.skip(f"{engine.name} NOT TESTED: {reason}")
    check_prompt(engine, prompt, *image.shape[:2])
    return engine.segment(image, prompt, check_options(engine, {}))


def prompts_of(engine: Engine, case: str) -> Iterable[tuple[ImageRGB, Prompt]]:
    """The points alone where that is enough for the engine, and in a box where it takes one."""
    (image, bbox), points = HARD[HARD_POINTS[case][0]], HARD_POINTS[case][1]
    coords, labels = tuple((x, y) for x, y, _ in points), tuple(label for *_, label in points)
    if "points" in engine.starts_from:
        yield image, Prompt(point_coords=coords, point_labels=labels)
    if "bbox" in engine.prompts:
        yield image, Prompt(bbox, coords, labels)


@engines
@hard_cases
def test_the_answer_is_sound_and_not_empty(engine: Engine, case: str) -> None:
    for image, prompt in prompts_of(engine, case):
        prediction = ask(engine, image, prompt)
        x, y, width, height = prediction.bbox_xywh
        assert prediction.mask.dtype == np.bool_
        assert prediction.mask.any()
        assert prediction.mask.size <= 2048**2
        assert 0 <= x <= image.shape[1] - width
        assert 0 <= y <= image.shape[0] - height
        assert 0 <= prediction.score <= 1


@engines
@hard_cases
def test_the_pixel_under_a_point_has_its_label(engine: Engine, case: str) -> None:
    for image, prompt in prompts_of(engine, case):
        height, width = image.shape[:2]
        mask = placed(ask(engine, image, prompt), height, width)
        # Where points of one pixel contradict each other, the last one counts.
        wanted = {
            (min(int(y), height - 1), min(int(x), width - 1)): label == 1
            for (x, y), label in zip(prompt.point_coords, prompt.point_labels, strict=True)
        }
        if mask.size > len(wanted) or any(wanted.values()):
            assert {pixel: bool(mask[pixel]) for pixel in wanted} == wanted


@engines
@hard_cases
def test_the_same_points_have_the_same_answer(engine: Engine, case: str) -> None:
    for image, prompt in prompts_of(engine, case):
        first, second = ask(engine, image, prompt), ask(engine, image, prompt)
        assert np.array_equal(first.mask, second.mask)
        assert (first.x, first.y, first.score) == (second.x, second.y, second.score)


@engines
def test_strokes_are_obeyed_along_their_middle(engine: Engine) -> None:
    if "strokes" not in engine.prompts:
        pytest.skip(f"{engine.name} takes no strokes")
    image, strokes = (
        disc(90, 120),
        (Stroke(((10, 20), (50, 20)), 1, 2), Stroke(((70, 60), (70, 44)), 0, 3)),
    )
    prompts = (
        [Prompt(bbox_xywh=(25, 10, 70, 70), strokes=strokes)] if "bbox" in engine.prompts else []
    )
    if "points" in engine.starts_from:
        prompts.append(Prompt(None, ((55, 45), (75, 30), (50, 60)), (1, 1, 1), strokes))
    for prompt in prompts:
        mask = placed(ask(engine, image, prompt), 90, 120)
        assert mask[20, 12:49].all()
        assert not mask[46:58, 70].any()


@starting
def test_points_in_a_large_image_cost_no_more_than_in_a_small_one(engine: Engine) -> None:
    # 30 GB if anything made a copy of it, or even looked at all of it.
    image = np.broadcast_to(np.uint8(9), (100_000, 100_000, 3))
    prompt = Prompt(point_coords=((50_000, 50_000), (50_300, 50_020)), point_labels=(1, 1))
    assert ask(engine, image, prompt).mask.size <= 2048**2


# Superpixels are gathered one by one: a few points are a few pieces.
@pytest.mark.parametrize(
    "engine",
    [engine for engine in from_points if engine.name != "superpixels"],
    ids=lambda engine: engine.name,
)
def test_a_clear_disc_is_found_by_points(engine: Engine) -> None:
    image = disc(90, 120)
    around = [
        (60 + r * np.cos(t), 45 + r * np.sin(t)) for r in (27, 36) for t in np.arange(8) * np.pi / 4
    ]
    prompt = Prompt(point_coords=tuple(around), point_labels=(1,) * 8 + (0,) * 8)
    mask = placed(ask(engine, image, prompt), 90, 120)
    assert iou(mask, image[..., 0] == 240) > 0.75


@pytest.mark.parametrize("name", CLASSICAL_SLOW)
def test_a_slow_engine_stops_when_nobody_waits(name: str) -> None:
    prompt = Prompt(bbox_xywh=(25, 10, 70, 70))
    with abandoned_when(lambda: True), pytest.raises(PromptAbandoned):
        ask(engine_named(name), disc(90, 120), prompt)


@pytest.mark.parametrize("name", ["chan_vese", "geodesic", "snake"])
def test_an_engine_that_goes_in_steps_stops_between_two_of_them(name: str) -> None:
    prompt = Prompt(bbox_xywh=(25, 10, 70, 70))
    looks: list[bool] = []
    is_on_its_way, has_left = threading.Event(), threading.Event()

    def is_abandoned() -> bool:
        looks.append(has_left.is_set())
        if len(looks) == 2:
            is_on_its_way.set()
            has_left.wait(20)
        return looks[-1]

    def work() -> None:
        with abandoned_when(is_abandoned):
            ask(engine_named(name), disc(90, 120), prompt)

    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(work)
        assert is_on_its_way.wait(20)
        has_left.set()
        with pytest.raises(PromptAbandoned):
            answer.result(20)
    assert looks == [False, False, True]


@pytest.mark.parametrize(
    "prompt",
    [
        Prompt(bbox_xywh=(0, 0, 512, 512)),
        Prompt(point_coords=((256, 256), (10, 10)), point_labels=(1, 0)),
    ],
    ids=["a box", "points"],
)
@pytest.mark.parametrize("beta", [1.0, 100_000.0])
def test_the_random_walker_solves_its_largest_grid_in_bounded_time(
    prompt: Prompt, beta: float
) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (512, 512, 3), dtype=np.uint8)
    engine = engine_named("random_walker")
    options = check_options(engine, {"working_size": 256, "reach": 1.0, "beta": beta})
    started = time.perf_counter()
    assert engine.segment(noise, prompt, options).mask.any()
    assert time.perf_counter() - started < 5


def test_points_alone_need_no_network() -> None:
    prompt = Prompt(point_coords=((60, 45),), point_labels=(1,))
    assert best_engine(prompt).unavailable_reason() is None
    assert engine_named("watershed").rank >= 0
