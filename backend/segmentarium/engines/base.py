"""The protocol of engines: (image, prompt) → mask.

One engine a file, with a module-level `ENGINE`. Heavy libraries are imported inside the methods that need them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from segmentarium.core.boxes import BoxXYXY, PixelBboxXYWH, clip_box, xywh_to_xyxy
from segmentarium.core.errors import InvalidOption, InvalidPrompt, PromptAbandoned
from segmentarium.core.rle import RLE, Mask
from segmentarium.networks.folder import NetworkFolder

ImageRGB: TypeAlias = NDArray[np.uint8]
PromptKind: TypeAlias = Literal["bbox", "points", "strokes", "mask"]
OptionValue: TypeAlias = float | int | bool | str

_NAMES: dict[PromptKind, str] = {
    "bbox": "box",
    "points": "points",
    "strokes": "strokes",
    "mask": "mask",
}
MAX_STROKE_RADIUS_PX = 500


@dataclass(frozen=True, slots=True)
class Stroke:
    """A line drawn by hand: (x, y) points in image pixels, label 1 inside or 0 outside, and half its width."""

    points: tuple[tuple[float, float], ...]
    label: int
    radius_px: float


@dataclass(frozen=True, slots=True)
class Prompt:
    """What an engine is asked, in image pixels. Points are (x, y); labels 1 inside, 0 outside.

    Points and strokes come in the order in which they were given. `mask` is what is to be corrected: an RLE of the
    image's size, such as an earlier proposal's.
    """

    bbox_xywh: tuple[float, float, float, float] | None = None
    point_coords: tuple[tuple[float, float], ...] = ()
    point_labels: tuple[int, ...] = ()
    strokes: tuple[Stroke, ...] = ()
    mask: RLE | None = None

    @property
    def kinds(self) -> tuple[PromptKind, ...]:
        """What is given."""
        given: dict[PromptKind, bool] = {
            "bbox": self.bbox_xywh is not None,
            "points": bool(self.point_coords),
            "strokes": bool(self.strokes),
            "mask": self.mask is not None,
        }
        return tuple(kind for kind, is_given in given.items() if is_given)


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
    """Turns a prompt into a mask, deterministically, at a cost that does not grow with the image.

    Attributes:
        name: in the API and on the command line.
        title: in the interface.
        description: one sentence: when to use it.
        prompts: the kinds it takes.
        starts_from: the kinds any one of which is enough; the others can only be added to these.
        options: what can be set; it may depend on which networks are installed.
        rank: `auto` asks the engine of the highest rank that can run here and takes the prompt; below 0 never.
        is_slow: it may take seconds.
    """

    name: str
    title: str
    description: str
    prompts: tuple[PromptKind, ...]
    starts_from: tuple[PromptKind, ...]
    rank: int
    is_slow: bool

    @property
    def options(self) -> tuple[Option, ...]:
        """See the class."""
        ...

    def unavailable_reason(self) -> str | None:
        """Why the engine cannot run here, with the remedy; None when it can."""
        ...

    def segment(
        self, image: ImageRGB, prompt: Prompt, options: Mapping[str, OptionValue]
    ) -> Prediction:
        """Answer a prompt on an (H, W, 3) uint8 RGB image; the prompt and the options have been checked."""
        ...


@runtime_checkable
class NetworkEngine(Engine, Protocol):
    """An engine that runs installed networks."""

    def use_networks(self, networks: NetworkFolder, threads: int) -> None:
        """Take the networks from this folder from now on, and run them on so many threads."""
        ...

    def is_loaded(self, options: Mapping[str, OptionValue]) -> bool:
        """Whether the network that checked options choose is in memory: a prompt need not wait for that."""
        ...


class Embedding(Protocol):
    """What an engine has read of an image, kept for the prompts to come."""

    @property
    def nbytes(self) -> int:
        """Bytes it holds."""
        ...

    @property
    def is_current(self) -> bool:
        """Whether the network that made it is still kept in memory for other images."""
        ...


@runtime_checkable
class EmbeddingEngine(Engine, Protocol):
    """An engine whose cost lies in reading the image, not in the prompt: what it read serves every prompt on it."""

    def embedding_key(self, options: Mapping[str, OptionValue]) -> str:
        """Tells embeddings apart that differ for the same image: the weights, and the options that matter."""
        ...

    def embed(self, image: ImageRGB, options: Mapping[str, OptionValue]) -> Embedding:
        """Read an (H, W, 3) uint8 RGB image."""
        ...

    def segment_embedded(
        self,
        embedding: Embedding,
        image: ImageRGB,
        prompt: Prompt,
        options: Mapping[str, OptionValue],
    ) -> Prediction:
        """As `segment`, on what was read."""
        ...


def takes(engine: Engine, prompt: Prompt) -> bool:
    """Whether an engine takes all that a prompt gives, and finds in it what it needs."""
    kinds = prompt.kinds
    return all(kind in engine.prompts for kind in kinds) and any(
        kind in engine.starts_from for kind in kinds
    )


def check_prompt(engine: Engine, prompt: Prompt, height: int, width: int) -> None:
    """Refuse a prompt that the engine cannot answer.

    Raises:
        InvalidPrompt: kind not taken or not enough, box not finite, of no size or off the image, points off the image,
            a mask of another size or without a pixel.
    """
    kinds = prompt.kinds
    for kind in kinds:
        if kind not in engine.prompts:
            raise InvalidPrompt(f"{engine.title} takes no {_NAMES[kind]}.")
    if not any(kind in engine.starts_from for kind in kinds):
        needed = " or ".join(f"a {_NAMES[kind]}" for kind in engine.starts_from)
        raise InvalidPrompt(f"{engine.title} needs {needed.replace('a points', 'points')}.")
    if prompt.bbox_xywh is not None:
        check_box(prompt.bbox_xywh, height, width)
    if len(prompt.point_coords) != len(prompt.point_labels):
        raise InvalidPrompt("There must be one label for each point.")
    on_strokes = (point for stroke in prompt.strokes for point in stroke.points)
    for x, y in (*prompt.point_coords, *on_strokes):
        if not (0 <= x <= width and 0 <= y <= height):
            raise InvalidPrompt(
                f"The point ({x:g}, {y:g}) is outside the image of {width} × {height} pixels."
            )
    for stroke in prompt.strokes:
        if not stroke.points or not 0 < stroke.radius_px <= MAX_STROKE_RADIUS_PX:
            raise InvalidPrompt(
                f"A stroke needs points and a radius of at most {MAX_STROKE_RADIUS_PX} pixels."
            )
    if prompt.mask is not None and prompt.mask.size != (height, width):
        h, w = prompt.mask.size
        raise InvalidPrompt(
            f"The mask is of {w} × {h} pixels, the image of {width} × {height} pixels."
        )
    if prompt.mask is not None and not prompt.mask.counts[1::2].any():
        raise InvalidPrompt("The mask is empty: there is nothing to correct.")


_is_abandoned: ContextVar[Callable[[], bool]] = ContextVar("_is_abandoned", default=lambda: False)


@contextmanager
def abandoned_when(is_abandoned: Callable[[], bool]) -> Iterator[None]:
    """While this lasts, `raise_if_abandoned` asks `is_abandoned` whether anybody still waits for the answer."""
    token = _is_abandoned.set(is_abandoned)
    try:
        yield
    finally:
        _is_abandoned.reset(token)


def abandonment() -> Callable[[], bool]:
    """What says whether nobody waits for the answer any more: for engines whose work another thread must stop."""
    return _is_abandoned.get()


def raise_if_abandoned() -> None:
    """For engines to call between their steps, every tenth of a second or so.

    Raises:
        PromptAbandoned: nobody waits for the answer any more.
    """
    if _is_abandoned.get()():
        raise PromptAbandoned("Nobody waits for the answer any more.")


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
