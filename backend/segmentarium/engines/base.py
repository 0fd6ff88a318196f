"""The protocol of engines: (image, prompt) → mask.

One engine a file, with a module-level `ENGINE`. Heavy libraries are imported inside the methods that need them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from segmentarium.core.boxes import BoxXYXY, PixelBboxXYWH, clip_box, xywh_to_xyxy
from segmentarium.core.errors import InvalidOption, InvalidPrompt
from segmentarium.core.rle import Mask

ImageRGB: TypeAlias = NDArray[np.uint8]
PromptKind: TypeAlias = Literal["bbox", "points", "mask"]
OptionValue: TypeAlias = float | int | bool | str


@dataclass(frozen=True, slots=True)
class Prompt:
    """What an engine is asked, in image pixels. Points are (x, y); labels 1 inside, 0 outside."""

    bbox_xywh: tuple[float, float, float, float] | None = None
    point_coords: tuple[tuple[float, float], ...] = ()
    point_labels: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Option:
    """One option of an engine: its type, default and range."""

    name: str
    title: str
    type: Literal["number", "integer", "boolean", "choice"]
    default: OptionValue
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Prediction:
    """A mask known by its crop: (h, w) bool whose top left corner is that of column `x`, row `y` of the image.

    `covers` is the (width, height) of the crop in image pixels where the mask is coarser than the image: an engine that
    worked on a shrunken crop has nothing finer to say, and a mask of a whole large image would cost more than the work.
    `score` is the engine's own estimate of its quality, 0–1. `fallback` says in words why the engine could not do its
    work and what it answered instead.
    """

    mask: Mask
    x: int
    y: int
    score: float
    fallback: str | None = None
    covers: tuple[int, int] | None = None

    @property
    def bbox_xywh(self) -> PixelBboxXYWH:
        """The box of the image that the mask is of."""
        height, width = self.mask.shape
        return self.x, self.y, *(self.covers or (width, height))


class Engine(Protocol):
    """Turns a prompt into a mask, deterministically, at a cost that does not grow with the image."""

    name: str
    title: str
    prompts: tuple[PromptKind, ...]
    options: tuple[Option, ...]

    def unavailable_reason(self) -> str | None:
        """Why the engine cannot run here, with the remedy; None when it can."""
        ...

    def segment(
        self, image: ImageRGB, prompt: Prompt, options: Mapping[str, OptionValue]
    ) -> Prediction:
        """Answer a prompt on an (H, W, 3) uint8 RGB image; the prompt and the options have been checked."""
        ...


def check_prompt(engine: Engine, prompt: Prompt, height: int, width: int) -> None:
    """Refuse a prompt that the engine cannot answer.

    Raises:
        InvalidPrompt: kind not taken, box not finite, of no size or off the image, points off the image.
    """
    if prompt.bbox_xywh is None and not prompt.point_coords:
        raise InvalidPrompt("A prompt needs a box or points.")
    if prompt.bbox_xywh is not None:
        if "bbox" not in engine.prompts:
            raise InvalidPrompt(f"{engine.title} takes no box.")
        check_box(prompt.bbox_xywh, height, width)
    if len(prompt.point_coords) != len(prompt.point_labels):
        raise InvalidPrompt("There must be one label for each point.")
    if prompt.point_coords and "points" not in engine.prompts:
        raise InvalidPrompt(f"{engine.title} takes no points.")
    for x, y in prompt.point_coords:
        if not (0 <= x <= width and 0 <= y <= height):
            raise InvalidPrompt(
                f"The point ({x:g}, {y:g}) is outside the image of {width} × {height} pixels."
            )


def check_box(bbox: tuple[float, float, float, float], height: int, width: int) -> BoxXYXY:
    """Corners of a prompt's box clipped to the image.

    Raises:
        InvalidPrompt: the box is not finite, has no size, or lies outside the image.
    """
    if not all(np.isfinite(bbox)):
        raise InvalidPrompt("The box is not finite.")
    if bbox[2] <= 0 or bbox[3] <= 0:
        raise InvalidPrompt(
            f"The box is {bbox[2]:g} × {bbox[3]:g} pixels; width and height must be over 0."
        )
    x0, y0, x1, y1 = clip_box(xywh_to_xyxy(bbox), width, height)
    if x1 <= x0 or y1 <= y0:
        raise InvalidPrompt(f"The box lies outside the image of {width} × {height} pixels.")
    return x0, y0, x1, y1


def check_options(engine: Engine, given: Mapping[str, OptionValue]) -> dict[str, OptionValue]:
    """The engine's options with the given ones put in.

    Raises:
        InvalidOption: unknown name, wrong type, or out of range.
    """
    known = {option.name: option for option in engine.options}
    values: dict[str, OptionValue] = {name: option.default for name, option in known.items()}
    for name, value in given.items():
        option = known.get(name)
        if option is None:
            raise InvalidOption(f"{engine.title} has no option {name!r}.")
        _check_value(option, value)
        values[name] = value
    return values


def _check_value(option: Option, value: OptionValue) -> None:
    if option.type == "choice":
        if value not in (option.choices or ()):
            raise InvalidOption(f"{option.name} must be one of {', '.join(option.choices or ())}.")
        return
    if option.type == "boolean":
        if not isinstance(value, bool):
            raise InvalidOption(f"{option.name} must be true or false.")
        return
    if isinstance(value, bool | str) or (option.type == "integer" and not isinstance(value, int)):
        raise InvalidOption(f"{option.name} must be a number.")
    low, high = option.minimum, option.maximum
    if (
        value != value  # NaN; a whole number may be too large for NumPy
        or (low is not None and value < low)
        or (high is not None and value > high)
    ):
        raise InvalidOption(f"{option.name} must lie between {low:g} and {high:g}.")
