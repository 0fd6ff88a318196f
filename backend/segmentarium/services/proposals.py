"""A prompt on an image → a proposal: the engine's mask as polygons with a stated error, and as RLE."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

from segmentarium.core.annotation import Polygons
from segmentarium.core.boxes import PixelBboxXYWH
from segmentarium.core.errors import EngineUnavailable
from segmentarium.core.polygons import (
    Simplified,
    mask_to_polygons,
    simplify_polygons,
    translate_polygons,
)
from segmentarium.core.raster import segmentation_area_and_bbox
from segmentarium.core.rle import RLE, crop_to_rle
from segmentarium.engines.base import (
    Engine,
    OptionValue,
    Prediction,
    Prompt,
    check_options,
    check_prompt,
)
from segmentarium.storage.pictures import ImageRGB

TOLERANCE_PX = (
    1.0  # half of what a careful hand achieves; exact outlines have ten times the vertices
)


@dataclass(frozen=True, slots=True)
class Proposal:
    """What an engine proposes. `segmentation`, `bbox_xywh` and `area` belong together; `rle` is the engine's mask."""

    segmentation: Polygons
    bbox_xywh: PixelBboxXYWH
    area: int
    score: float
    engine: str
    elapsed_ms: float
    rle: RLE
    simplification: Simplified
    fallback: str | None


def propose(
    engine: Engine, image: ImageRGB, prompt: Prompt, options: Mapping[str, OptionValue]
) -> Proposal:
    """Ask an engine.

    Raises:
        InvalidPrompt, InvalidOption: the prompt or an option cannot be.
        EngineUnavailable: the engine cannot run here.
    """
    started = time.perf_counter()
    reason = engine.unavailable_reason()
    if reason is not None:
        raise EngineUnavailable(reason)
    height, width = image.shape[:2]
    check_prompt(engine, prompt, height, width)
    prediction = engine.segment(image, prompt, check_options(engine, options))
    simplified = _simplified(prediction)
    polygons = translate_polygons(simplified.polygons, prediction.x, prediction.y)
    area, bbox = segmentation_area_and_bbox(polygons, height, width)
    return Proposal(
        segmentation=polygons,
        bbox_xywh=bbox,
        area=area,
        score=prediction.score,
        engine=engine.name,
        elapsed_ms=(time.perf_counter() - started) * 1000,
        rle=crop_to_rle(prediction.mask, prediction.x, prediction.y, (height, width)),
        simplification=simplified,
        fallback=prediction.fallback,
    )


def _simplified(prediction: Prediction) -> Simplified:
    height, width = prediction.mask.shape
    polygons = mask_to_polygons(prediction.mask)
    if polygons is None:
        raise EngineUnavailable("The engine answered an empty mask.")
    return simplify_polygons(polygons, TOLERANCE_PX, height, width)
