"""Every option of every engine at its extremes, on images and prompts that are hard."""

from collections.abc import Iterator

import numpy as np
import pytest

from segmentarium.engines import ENGINES
from segmentarium.engines.base import Engine, Option, OptionValue, Prompt, check_options
from tests.engines.hard_cases import HARD

CASES = (
    "a disc",
    "one pixel",
    "a thin column",
    "the whole image",
    "a flat image",
    "noise",
    "an image of one pixel",
    "an image of five by five",
    "a long strip",
    "a large image",
)


def extremes(option: Option) -> tuple[OptionValue, ...]:
    """The values of an option at which its range ends; all of those that can be counted."""
    if option.type == "choice":
        return option.choices or ()
    if option.type == "boolean":
        return (False, True)
    return tuple(end for end in (option.minimum, option.maximum) if end is not None)


def all_extremes() -> Iterator[object]:
    for engine in ENGINES.values():
        for option in engine.options:
            for value in extremes(option):
                yield pytest.param(
                    engine, option.name, value, id=f"{engine.name}-{option.name}-{value}"
                )


@pytest.mark.parametrize(("engine", "name", "value"), list(all_extremes()))
def test_an_option_at_its_extreme_is_answered(
    engine: Engine, name: str, value: OptionValue
) -> None:
    if engine.unavailable_reason() is not None:
        pytest.skip(f"{engine.name} NOT TESTED: {engine.unavailable_reason()}")
    for case in CASES:
        image, bbox = HARD[case]
        x, y = bbox[0] + bbox[2] / 3, bbox[1] + bbox[3] / 2
        if "bbox" in engine.starts_from:
            prompt = Prompt(bbox_xywh=bbox)
        else:
            prompt = Prompt(None, ((x, y), (x + bbox[2] / 3, y), (x, bbox[1])), (1, 1, 1))
        prediction = engine.segment(image, prompt, check_options(engine, {name: value}))
        left, top, width, height = prediction.bbox_xywh
        assert prediction.mask.any(), case
        assert prediction.mask.size <= 2048**2, case
        assert 0 <= left <= image.shape[1] - width, case
        assert 0 <= top <= image.shape[0] - height, case
        assert 0 <= prediction.score <= 1, case
        assert np.isfinite(prediction.score), case
