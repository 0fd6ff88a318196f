"""Small engines whose answers can be worked out by hand."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from segmentarium.core.errors import EngineUnavailable
from segmentarium.core.rle import Mask
from segmentarium.engines.base import (
    Embedding,
    ImageRGB,
    Option,
    OptionValue,
    Prediction,
    Prompt,
    PromptKind,
)

CELL = 10


def box_of(image: ImageRGB, prompt: Prompt) -> Mask:
    """The pixels whose centres the prompted box covers."""
    assert prompt.bbox_xywh is not None
    x, y, w, h = prompt.bbox_xywh
    rows, columns = np.mgrid[: image.shape[0], : image.shape[1]] + 0.5
    inside: Mask = (columns > x) & (columns < x + w) & (rows > y) & (rows < y + h)
    return inside


@dataclass
class Filled:
    """Answers the box itself, and remembers what it was asked."""

    name: str = "filled"
    title: str = "Filled"
    description: str = "The box itself."
    prompts: tuple[PromptKind, ...] = ("bbox",)
    starts_from: tuple[PromptKind, ...] = ("bbox",)
    rank: int = -1
    is_slow: bool = False
    options: tuple[Option, ...] = ()
    score: float = 0.5
    asked: list[Prompt] = field(default_factory=list)

    def unavailable_reason(self) -> str | None:
        return None

    def segment(
        self, image: ImageRGB, prompt: Prompt, options: Mapping[str, OptionValue]
    ) -> Prediction:
        self.asked.append(prompt)
        return Prediction(self.mask(image, prompt), 0, 0, self.score)

    def mask(self, image: ImageRGB, prompt: Prompt) -> Mask:
        return box_of(image, prompt)


@dataclass
class Stubborn(Filled):
    """Takes points and does not care."""

    name: str = "stubborn"
    prompts: tuple[PromptKind, ...] = ("bbox", "points")


@dataclass
class Cells(Filled):
    """Answers the leftmost cell of the box, and every cell that holds a point inside; obeys points outside likewise."""

    name: str = "cells"
    prompts: tuple[PromptKind, ...] = ("bbox", "points")

    def mask(self, image: ImageRGB, prompt: Prompt) -> Mask:
        assert prompt.bbox_xywh is not None
        x, y, _, _ = (int(value) for value in prompt.bbox_xywh)
        mask = np.zeros(image.shape[:2], bool)
        mask[y : y + CELL, x : x + CELL] = True
        for (px, py), label in zip(prompt.point_coords, prompt.point_labels, strict=True):
            left, top = int(px // CELL) * CELL, int(py // CELL) * CELL
            mask[top : top + CELL, left : left + CELL] = label == 1
        return mask


@dataclass
class Remembering(Cells):
    """Adds the cell of its last point to the mask that it is given."""

    name: str = "remembering"
    prompts: tuple[PromptKind, ...] = ("bbox", "points", "mask")


@dataclass
class Failing(Filled):
    """Raises where `fails` says so; answers the box elsewhere."""

    name: str = "failing"
    prompts: tuple[PromptKind, ...] = ("bbox", "points")
    fails: Callable[[Prompt], bool] = lambda _prompt: True

    def mask(self, image: ImageRGB, prompt: Prompt) -> Mask:
        if self.fails(prompt):
            raise EngineUnavailable("The cable was pulled.")
        return box_of(image, prompt)


@dataclass(frozen=True)
class Read:
    """What `Reading` has read of an image."""

    nbytes: int = 1
    is_current: bool = True


@dataclass
class Reading(Stubborn):
    """Reads an image once, for all its prompts, and counts how often."""

    name: str = "reading"
    read: int = 0

    def embedding_key(self, options: Mapping[str, OptionValue]) -> str:
        return self.name

    def embed(self, image: ImageRGB, options: Mapping[str, OptionValue]) -> Read:
        self.read += 1
        return Read()

    def segment_embedded(
        self,
        embedding: Embedding,
        image: ImageRGB,
        prompt: Prompt,
        options: Mapping[str, OptionValue],
    ) -> Prediction:
        return super().segment(image, prompt, options)

    def segment(
        self, image: ImageRGB, prompt: Prompt, options: Mapping[str, OptionValue]
    ) -> Prediction:
        raise AssertionError("What was read is to be used.")
