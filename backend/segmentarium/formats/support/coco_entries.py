"""One annotation of COCO's list, with what other tools make of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import msgspec

from segmentarium.core.annotation import (
    Annotation,
    Segmentation,
    segmentation_from_json,
)
from segmentarium.core.errors import InvalidSegmentation
from segmentarium.core.rle import rle_of_text
from segmentarium.formats.support.loose_json import decode_loosely
from segmentarium.formats.support.reading import box_polygon, is_number, key_of
from segmentarium.formats.support.values import int_of, said_score

Key: TypeAlias = int | str
_NOTHING: tuple[object, ...] = (None, [], {})  # what stands where there is no segmentation


class Entry(msgspec.Struct):
    """What is read of it."""

    id: Any = None
    category_id: Any = None
    segmentation: Any = None
    bbox: Any = None
    iscrowd: Any = None
    score: Any = None
    attributes: Any = None
    uuid: Any = None
    z_order: Any = None
    keypoints: Any = None


_ENTRY, _ENTRIES = msgspec.json.Decoder(Entry), msgspec.json.Decoder(list[Entry])


def decode_entries(pieces: Sequence[bytes]) -> list[Entry | Exception]:
    """All at once, or one by one where one of them is wrong."""
    try:
        return list(_ENTRIES.decode(b"[" + b",".join(pieces) + b"]"))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        found: list[Entry | Exception] = []
        for piece in pieces:
            try:
                found.append(decode_loosely(_ENTRY, piece))
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
                found.append(error)
        return found


def has_keypoints(entry: Entry) -> bool:
    """Whether any point is marked; all of them are zeros where none is."""
    return isinstance(entry.keypoints, list) and any(entry.keypoints)


def entry_annotation(
    entry: Entry, categories: Mapping[Key, int], height: int, width: int, z_order: int
) -> Annotation:
    """An entry as an annotation on an image of that size.

    Args:
        entry: what the list has.
        categories: the document's ids of categories → the dataset's.
        height: of the image.
        width: of the image.
        z_order: where the entry names none.

    Raises:
        InvalidSegmentation: its category is not known, or it covers nothing that could be read.
    """
    key = entry.category_id if type(entry.category_id) is int else key_of(entry.category_id)
    category_id = None if key is None else categories.get(key)
    if category_id is None:
        raise InvalidSegmentation(f"There is no category {entry.category_id!r}.")
    attributes = entry.attributes if isinstance(entry.attributes, dict) else {}
    return Annotation(
        id=entry.uuid
        if isinstance(entry.uuid, str)
        else str(entry.id if entry.id is not None else ""),
        category_id=category_id,
        segmentation=_segmentation(entry, height, width),
        iscrowd=_is_set(entry.iscrowd),
        z_order=int_of(entry.z_order, z_order),
        score=said_score(entry.score),
        attributes=attributes,
    )


def _is_set(flag: object) -> bool:
    if isinstance(flag, str):
        return flag.strip().lower() in {"1", "true"}
    return is_number(flag) and flag != 0


def _segmentation(entry: Entry, height: int, width: int) -> Segmentation:
    given = entry.segmentation
    if isinstance(given, dict):
        counts = given.get("counts")
        if given.get("size") == [height, width]:
            given = {**given, "size": [height, width]}  # 20.0 is as good as 20
            if isinstance(counts, str):
                return rle_of_text((height, width), counts)
        segmentation = segmentation_from_json(given)
        size = getattr(segmentation, "size", None)
        if size != (height, width):
            raise InvalidSegmentation(
                f"The RLE is of size {size}, the image of ({height}, {width})."
            )
        return segmentation
    if isinstance(given, list) and given:
        if not isinstance(given[0], list):
            given = [given]  # one polygon, not in a list of its own
        # Polygons of a line or a point are written by some tools; they cover nothing.
        rings = [ring for ring in given if not isinstance(ring, list) or len(ring) >= 6]
        if not rings:
            raise InvalidSegmentation("No polygon has three vertices.")
        return segmentation_from_json([[ring] for ring in rings])
    if given not in _NOTHING:
        raise InvalidSegmentation("The segmentation is neither polygons nor RLE.")
    if isinstance(entry.bbox, list) and len(entry.bbox) == 4 and all(map(is_number, entry.bbox)):
        return box_polygon(*entry.bbox)
    raise InvalidSegmentation("It has neither a segmentation nor a box.")
