"""COCO annotations as nearly all tools write them, an image's at once: half the time that one by one takes.

Whatever is out of the ordinary is left to `coco_entries`, which says what it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import msgspec
import numpy as np

from segmentarium.core.annotation import MAX_COORDINATE, Annotation, Polygons, Ring, Segmentation
from segmentarium.core.errors import InvalidSegmentation
from segmentarium.core.rle import rle_of_text

Rings: TypeAlias = list[list[float]]
_MAX_Z_ORDER = 2**31


class _RLE(msgspec.Struct, gc=False):
    size: tuple[int, int]
    counts: str


class _Plain(msgspec.Struct, gc=False):
    category_id: int
    segmentation: Rings | _RLE
    id: int | str | None = None
    iscrowd: int = 0
    score: float | None = None
    attributes: dict[str, Any] | None = None
    uuid: str | None = None
    z_order: int | None = None
    keypoints: None = None


_PLAIN = msgspec.json.Decoder(list[_Plain])


def plain_annotations(
    pieces: Sequence[bytes], categories: Mapping[int | str, int], height: int, width: int
) -> list[Annotation] | None:
    """The annotations of an image of (height, width), or None where any of them is not as usual.

    Args:
        pieces: the JSON object of each.
        categories: the file's category ids → the dataset's.
        height: of the image in pixels.
        width: likewise.
    """
    try:
        entries = _PLAIN.decode(b"[" + b",".join(pieces) + b"]")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    if any(map(_is_odd, entries)):
        return None
    try:
        segmentations = _segmentations([one.segmentation for one in entries], height, width)
        return [
            Annotation(
                id=one.uuid if one.uuid is not None else str("" if one.id is None else one.id),
                category_id=categories[one.category_id],
                segmentation=segmentation,
                iscrowd=one.iscrowd != 0,
                z_order=place if one.z_order is None else one.z_order,
                score=one.score,
                attributes=one.attributes or {},
            )
            for place, (one, segmentation) in enumerate(zip(entries, segmentations, strict=True))
        ]
    except (InvalidSegmentation, KeyError):
        return None


def _is_odd(entry: _Plain) -> bool:
    score, z_order = entry.score, entry.z_order
    return (score is not None and not 0 <= score <= 1) or (
        z_order is not None and abs(z_order) >= _MAX_Z_ORDER
    )


def _segmentations(given: Sequence[Rings | _RLE], height: int, width: int) -> list[Segmentation]:
    flat: list[float] = []
    for one in given:
        if isinstance(one, list):
            for numbers in one:
                if len(numbers) < 6 or len(numbers) % 2:
                    raise InvalidSegmentation("A ring has three vertices or more.")
                flat += numbers
    points = np.asarray(flat, np.float64).reshape(-1, 2)
    if points.size and not np.abs(points).max() <= MAX_COORDINATE:
        raise InvalidSegmentation("A vertex is farther away than in any image.")
    found: list[Segmentation] = []
    at = 0
    for one in given:
        if isinstance(one, list):
            parts: list[tuple[Ring]] = []
            for numbers in one:
                end = at + len(numbers) // 2
                parts.append((points[at:end],))
                at = end
            found.append(Polygons(tuple(parts)))
        elif one.size == (height, width):
            found.append(rle_of_text(one.size, one.counts))
        else:
            raise InvalidSegmentation("The RLE is of another size than the image.")
    return found
