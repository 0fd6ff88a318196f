"""A training run's settings: see recipe.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

DEFAULT = Path(__file__).with_name("recipe.toml")


@dataclass(frozen=True, slots=True)
class Stage:
    """So many samples of a size, with a learning rate that falls from `rate` to `last_rate` as a cosine."""

    size: int
    samples: int
    rate: float
    last_rate: float


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a run does; the same recipe and data give the same network on the same machine."""

    seed: int
    batch: int
    warm_up: int
    decay: float
    average: float
    corrected: float
    open_only: bool
    without: tuple[str, ...]
    stages: tuple[Stage, ...]

    @property
    def batches(self) -> int:
        """Of the whole run."""
        return sum(stage.samples // self.batch for stage in self.stages)

    def stage_at(self, batch: int) -> tuple[Stage, float]:
        """The stage that a batch belongs to, and the share of it that is done."""
        for stage in self.stages:
            length = stage.samples // self.batch
            if batch < length:
                return stage, batch / length
            batch -= length
        return self.stages[-1], 1.0


def read_recipe(path: Path = DEFAULT) -> Recipe:
    """Read a recipe's file.

    Raises:
        ValueError: something is missing in it, or unknown.
    """
    given = tomllib.loads(path.read_text())
    stages = tuple(_made(Stage, one, path) for one in given.pop("stages", []))
    if not stages:
        raise ValueError(f"{path}: stages are missing")
    return _made(
        Recipe, {**given, "without": tuple(given.get("without", ())), "stages": stages}, path
    )


def _made(kind: Callable[..., T], given: dict[str, object], path: Path) -> T:
    try:
        return kind(**given)
    except TypeError as error:
        raise ValueError(f"{path}: {error}") from None
