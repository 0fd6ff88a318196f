"""Bodies of the calls that ask an engine, and what it answers."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from segmentarium.api.schemas import Answer, Body, PolygonsAnswer, RLEBody, Segmentation


class Stroke(Body):
    """A line drawn by hand: its points in image pixels, 1 inside or 0 outside, and half its width."""

    points: Annotated[list[tuple[float, float]], Field(min_length=1, max_length=1000)]
    label: Literal[0, 1]
    radius_px: float


class Prompt(Body):
    """What an engine is asked: a box [x, y, w, h] in image pixels, points, strokes, and a mask to be corrected.

    Points and strokes are listed in the order in which they were given. The mask may come as polygons, such as a
    proposal's whose vertices were moved.
    """

    bbox_xywh: tuple[float, float, float, float] | None = None
    point_coords: Annotated[list[tuple[float, float]], Field(max_length=1000)] | None = None
    point_labels: Annotated[list[Literal[0, 1]], Field(max_length=1000)] | None = None
    strokes: Annotated[list[Stroke], Field(max_length=100)] | None = None
    mask: Segmentation | None = None


class AutoAnnotate(Body):
    """A prompt for an engine, or for the best one that can run here (`auto`); stores nothing."""

    engine: Annotated[str, StringConstraints(min_length=1, max_length=40)] = "auto"
    prompt: Prompt
    options: dict[str, float | int | bool | str] = Field(default_factory=dict)


class Simplification(Answer):
    """How the proposal's polygons differ from the engine's mask."""

    tolerance_px: float
    iou: float
    vertices: int


class Proposal(Answer):
    """What an engine answers: not yet an annotation.

    `segmentation` is polygons; `bbox_xywh` and `area` are of their mask. `rle` is the engine's own mask before
    simplification. `fallback` says in words that the engine could not do its work and what it answered instead.
    """

    segmentation: PolygonsAnswer
    bbox_xywh: tuple[int, int, int, int]
    area: int
    score: float
    engine: str
    elapsed_ms: float
    rle: RLEBody
    simplification: Simplification
    fallback: str | None
