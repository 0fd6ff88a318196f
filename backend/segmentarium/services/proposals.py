"""A prompt on an image → a proposal: the engine's mask as polygons with a stated error, and as RLE."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np

from segmentarium.core.annotation import Polygons
from segmentarium.core.boxes import PixelBboxXYWH
from segmentarium.core.errors import EngineUnavailable, NothingFound, OutOfMemory
from segmentarium.core.polygons import mask_to_polygons, place_polygons
from segmentarium.core.raster import polygons_to_spans
from segmentarium.core.rle import RLE
from segmentarium.core.simplify import Simplified, simplify_polygons
from segmentarium.core.spans import Spans, spans_iou, spans_to_rle
from segmentarium.engines.base import (
    EmbeddingEngine,
    Engine,
    OptionValue,
    Prediction,
    Prompt,
    check_options,
    check_prompt,
)
from segmentarium.engines.correction import corrected
from segmentarium.services.embeddings import ImageEmbeddings
from segmentarium.storage.pictures import ImageRGB

# In pixels of the engine's mask: half of what a careful hand achieves; exact outlines have ten times the vertices.
TOLERANCE_PX = 1.0
_TOLERANCES_PX = (TOLERANCE_PX, 0.5, 0.0)  # finer ones where a pixel that was clicked would be lost


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
        OutOfMemory: it needs more memory than there is.
        NothingFound: it sees no object where the prompt points.
    """
    started = time.perf_counter()
    reason = engine.unavailable_reason()
    if reason is not None:
        raise EngineUnavailable(reason)
    height, width = image.shape[:2]
    check_prompt(engine, prompt, height, width)
    checked = check_options(engine, options)
    try:
        answer = _answer(engine, image, prompt, checked, embeddings)
    except (MemoryError, cv2.error) as error:
        if isinstance(error, cv2.error) and error.code != cv2.Error.StsNoMem:
            raise
        raise OutOfMemory(
            f"There is too little memory for {engine.title}. Choose another engine, or end other programs."
        ) from None
    # Networks weigh points as they see fit; who clicked wants that pixel so. What obeys already stays as it is.
    prediction = corrected(image, answer, prompt)
    exact = mask_to_polygons(prediction.mask)
    if exact is None:
        raise NothingFound(
            f"{engine.title} found nothing for this prompt; another box or more points inside may help."
        )
    shape, box = prediction.mask.shape, prediction.bbox_xywh
    engine_spans = polygons_to_spans(place_polygons(exact, shape, box), height, width)
    for tolerance_px in _TOLERANCES_PX:
        simplified = simplify_polygons(exact, tolerance_px, *shape)
        polygons = place_polygons(simplified.polygons, shape, box)
        spans = polygons_to_spans(polygons, height, width)
        # A pixel of a coarse grid may be cut so that it holds no centre of the image's.
        if spans.area and _agree_at_points(spans, engine_spans, prompt):
            break
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
            tolerance_px * max(box[2] / shape[1], box[3] / shape[0]),
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


def _agree_at_points(a: Spans, b: Spans, prompt: Prompt) -> bool:
    """Whether both have, or both lack, the pixel under each point and under the ends of each stroke's lines."""
    on_strokes = (point for stroke in prompt.strokes for point in stroke.points)
    return all(
        _has_pixel(a, int(x), int(y)) == _has_pixel(b, int(x), int(y))
        for x, y in (*prompt.point_coords, *on_strokes)
    )


def _has_pixel(spans: Spans, column: int, row: int) -> bool:
    low, high = np.searchsorted(spans.rows, (row, row + 1))
    return bool(((spans.starts[low:high] <= column) & (column < spans.ends[low:high])).any())
