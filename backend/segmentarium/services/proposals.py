"""A prompt on an image → a proposal: the engine's mask as polygons with a stated error, and as RLE."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

from segmentarium.core.annotation import Polygons
from segmentarium.core.boxes import PixelBboxXYWH
from segmentarium.core.errors import EngineUnavailable
from segmentarium.core.polygons import mask_to_polygons, place_polygons
from segmentarium.core.raster import polygons_to_spans
from segmentarium.core.rle import RLE
from segmentarium.core.simplify import Simplified, simplify_polygons
from segmentarium.core.spans import spans_iou, spans_to_rle
from segmentarium.engines.base import (
    EmbeddingEngine,
    Engine,
    OptionValue,
    Prediction,
    Prompt,
    check_options,
    check_prompt,
)
from segmentarium.services.embeddings import ImageEmbeddings
from segmentarium.storage.pictures import ImageRGB

# In pixels of the engine's mask: half of what a careful hand achieves; exact outlines have ten times the vertices.
TOLERANCE_PX = 1.0


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
    engine: Engine,
    image: ImageRGB,
    prompt: Prompt,
    options: Mapping[str, OptionValue],
    embeddings: ImageEmbeddings | None = None,
) -> Proposal:
    """Ask an engine.

    Args:
        engine: which one.
        image: (H, W, 3) uint8 RGB.
        prompt: what is asked.
        options: those of the engine that are not to have their defaults.
        embeddings: of this image, for an engine that reads it once for all prompts; without, it is read anew.

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
    prediction = _answer(engine, image, prompt, check_options(engine, options), embeddings)
    exact = mask_to_polygons(prediction.mask)
    if exact is None:
        raise EngineUnavailable("The engine answered an empty mask.")
    shape, box = prediction.mask.shape, prediction.bbox_xywh
    simplified = simplify_polygons(exact, TOLERANCE_PX, *shape)
    polygons = place_polygons(simplified.polygons, shape, box)
    spans = polygons_to_spans(polygons, height, width)
    engine_spans = polygons_to_spans(place_polygons(exact, shape, box), height, width)
    return Proposal(
        segmentation=polygons,
        bbox_xywh=spans.bbox_xywh,
        area=spans.area,
        score=prediction.score,
        engine=engine.name,
        elapsed_ms=(time.perf_counter() - started) * 1000,
        rle=spans_to_rle(engine_spans, height, width),
        simplification=Simplified(
            polygons,
            TOLERANCE_PX * max(box[2] / shape[1], box[3] / shape[0]),
            spans_iou(engine_spans, spans, width),
            polygons.vertex_count,
        ),
        fallback=prediction.fallback,
    )


def _answer(
    engine: Engine,
    image: ImageRGB,
    prompt: Prompt,
    options: Mapping[str, OptionValue],
    embeddings: ImageEmbeddings | None,
) -> Prediction:
    if embeddings is None or not isinstance(engine, EmbeddingEngine):
        return engine.segment(image, prompt, options)
    embedding = embeddings.get(engine, image, options)
    return engine.segment_embedded(embedding, image, prompt, options)
