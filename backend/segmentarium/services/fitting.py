"""What a dataset says of an object → an annotation that can be stored: within its image, measured, not endless."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from segmentarium.core.annotation import (
    Annotation,
    Polygons,
    Segmentation,
    polygons_to_json,
    rle_to_json,
)
from segmentarium.core.boxes import PixelBboxXYWH
from segmentarium.core.clipping import clip_polygons
from segmentarium.core.errors import InvalidSegmentation
from segmentarium.core.raster import (
    check_outline,
    segmentation_area_and_bbox,
    segmentation_to_rle,
)
from segmentarium.core.rle import RLE
from segmentarium.storage.json_text import JsonText, to_json

MAX_RING_VERTICES = 100_000  # what the API takes; a finer outline is kept as its mask
_MAX_ATTRIBUTES_BYTES = 64_000


@dataclass(frozen=True, slots=True)
class Fitted:
    """A segmentation as it is stored, its mask's pixel count and tight box, and what was done to it, or ""."""

    segmentation: JsonText
    area: int
    bbox_xywh: PixelBboxXYWH
    note: str


def fit(segmentation: Segmentation, height: int, width: int) -> Fitted:
    """A segmentation within an image, as it is stored.

    Raises:
        InvalidSegmentation: it covers no pixel, is of another size than the image, or endless.
    """
    segmentation, note = fit_segmentation(segmentation, height, width)
    area, bbox = segmentation_area_and_bbox(segmentation, height, width)
    if area == 0:
        raise InvalidSegmentation("It covers the centre of no pixel.")
    wire = (
        polygons_to_json(segmentation)
        if isinstance(segmentation, Polygons)
        else rle_to_json(segmentation)
    )
    return Fitted(JsonText(to_json(wire)), area, bbox, note)


def fit_segmentation(
    segmentation: Segmentation, height: int, width: int
) -> tuple[Segmentation, str]:
    """A segmentation within an image, and what was done to it, or "".

    Raises:
        InvalidSegmentation: nothing of it is in the image, or it is of another size.
    """
    if isinstance(segmentation, RLE):
        if segmentation.size != (height, width):
            raise InvalidSegmentation(
                f"The mask is of {segmentation.size[1]} × {segmentation.size[0]} pixels, "
                f"the image of {width} × {height}."
            )
        return segmentation, ""
    check_outline(segmentation)
    note = ""
    if _leaves(segmentation, height, width):
        note = "cut at the border of the image"
        clipped = clip_polygons(segmentation, width, height)
        if clipped is None:
            raise InvalidSegmentation("It lies outside the image.")
        segmentation = clipped
    if any(len(ring) > MAX_RING_VERTICES for part in segmentation.parts for ring in part):
        note = f"kept as a mask, as it has more than {MAX_RING_VERTICES:,} vertices"
        return segmentation_to_rle(segmentation, height, width), note
    return segmentation, note


def other_size(told: tuple[int, int], own: tuple[int, int]) -> str:
    """What is said where a dataset is wrong about the width and height of a picture; "" where it is right."""
    if told == own:
        return ""
    return (
        f"The dataset says {told[0]} × {told[1]} pixels, the picture has {own[0]} × {own[1]}: "
        "its annotations are left out."
    )


@dataclass(frozen=True, slots=True)
class FittedFacts:
    """The score and the attributes as they are stored, and in words what of them is left out."""

    score: float | None
    attributes: dict[str, Any] | None
    lost: tuple[str, ...]


def fit_facts(annotation: Annotation) -> FittedFacts:
    """What a dataset says of an object beside its segmentation, as far as it can be stored."""
    lost: list[str] = []
    score = annotation.score
    if score is not None and not 0 <= score <= 1:  # NaN is neither
        lost.append("Its score is no number from 0 to 1: the score is left out.")
        score = None
    attributes: dict[str, Any] | None = None
    if annotation.attributes:
        texts = {
            str(key): None if _json(str(key)) is None else _json(value)
            for key, value in annotation.attributes.items()
        }
        lost.extend(
            f"Its attribute {key!r} has a value that JSON cannot say: it is left out."
            for key, text in texts.items()
            if text is None
        )
        said = {key: text for key, text in texts.items() if text is not None}
        size = sum(len(key.encode()) + len(text.encode()) for key, text in said.items())
        if size > _MAX_ATTRIBUTES_BYTES:
            limit = _MAX_ATTRIBUTES_BYTES // 1000
            lost.append(f"Its attributes have over {limit} kB: all of them are left out.")
        elif said:
            attributes = {key: json.loads(text) for key, text in said.items()}
    return FittedFacts(score, attributes, tuple(lost))


def _json(value: object) -> str | None:
    """The text of a value; None for NaN, infinity, halves of characters, and what is no JSON at all."""
    try:
        text = json.dumps(value, allow_nan=False, ensure_ascii=False)
        text.encode()
    except (TypeError, ValueError, RecursionError):
        return None
    return text


def _leaves(polygons: Polygons, height: int, width: int) -> bool:
    return any(
        ring.min() < 0 or ring[:, 0].max() > width or ring[:, 1].max() > height
        for part in polygons.parts
        for ring in part
    )
