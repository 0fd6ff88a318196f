"""Annotations → segment maps: instance, semantic and panoptic. No pixel has two owners; what is hidden is said.

Who is seen: higher z-order over lower; at equal z-order, the later annotation over the earlier.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from segmentarium.core.annotation import Annotation, Category
from segmentarium.core.boxes import PixelBboxXYWH
from segmentarium.core.raster import paint_segmentations, segmentation_to_crop
from segmentarium.core.rle import RLE, Mask
from segmentarium.core.spans import IdMap

ColorImage = NDArray[np.uint8]
Channels = NDArray[np.bool_]

MAX_SEGMENT_ID = 256**3 - 1  # COCO panoptic keeps an id in three bytes


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment of a map. `area` and `bbox_xywh` are of its visible pixels; area 0 means wholly hidden."""

    id: int
    category_id: int
    iscrowd: bool
    area: int
    bbox_xywh: PixelBboxXYWH
    annotation_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SegmentMap:
    """`ids` is (H, W) int32, 0 = void; `segments` tells what each id is, the hidden ones included."""

    ids: IdMap
    segments: tuple[Segment, ...]


def annotations_to_instance_map(
    annotations: Iterable[Annotation], height: int, width: int
) -> SegmentMap:
    """Every annotation its own segment; ids count from 1 in z-order."""
    ordered = sorted(annotations, key=lambda annotation: annotation.z_order)
    ids = _paint(enumerate(ordered, start=1), height, width)
    groups = {number: [annotation] for number, annotation in enumerate(ordered, start=1)}
    return SegmentMap(ids, _describe(ids, groups))


def annotations_to_panoptic_map(
    annotations: Iterable[Annotation], categories: Mapping[int, Category], height: int, width: int
) -> SegmentMap:
    """Things keep a segment each; stuff of one category is one segment, and so is the crowd of one category.

    Source:
        COCO panoptic: stuff is never a crowd, and panopticapi knows one crowd region a category.
    """
    ordered = sorted(annotations, key=lambda annotation: annotation.z_order)
    numbers: list[int] = []
    groups: dict[int, list[Annotation]] = {}
    shared: dict[int, int] = {}
    for annotation in ordered:
        number = len(groups) + 1
        if not categories[annotation.category_id].isthing:
            annotation = replace(annotation, iscrowd=False)
            number = shared.setdefault(annotation.category_id, number)
        elif annotation.iscrowd:
            number = shared.setdefault(annotation.category_id, number)
        groups.setdefault(number, []).append(annotation)
        numbers.append(number)
    ids = _paint(zip(numbers, ordered, strict=True), height, width)
    return SegmentMap(ids, _describe(ids, groups))


def annotations_to_category_map(
    annotations: Iterable[Annotation], category_order: Sequence[int], height: int, width: int
) -> IdMap:
    """(H, W) int32 of category indices: the place of the category in `category_order`, from 1; 0 = void."""
    index = {category_id: place for place, category_id in enumerate(category_order, start=1)}
    ordered = sorted(annotations, key=lambda annotation: annotation.z_order)
    return _paint(
        ((index[annotation.category_id], annotation) for annotation in ordered), height, width
    )


def instance_map_to_category_map(instance_map: SegmentMap, category_order: Sequence[int]) -> IdMap:
    """What `annotations_to_category_map` makes of the same annotations, without painting them again.

    >>> segment = Segment(1, 30, False, 1, (0, 0, 1, 1), ("a",))
    >>> instance_map_to_category_map(SegmentMap(np.array([[1, 0]], np.int32), (segment,)), [20, 30])
    array([[2, 0]], dtype=int32)
    """
    index = {category_id: place for place, category_id in enumerate(category_order, start=1)}
    places = np.zeros(1 + max((one.id for one in instance_map.segments), default=0), np.int32)
    for segment in instance_map.segments:
        places[segment.id] = index[segment.category_id]
    category_map: IdMap = places[instance_map.ids]
    return category_map


def annotations_to_one_hot(
    annotations: Iterable[Annotation], category_order: Sequence[int], height: int, width: int
) -> Channels:
    """(n, H, W) bool, a channel for each category of `category_order`: its annotations whole (amodal).

    What one category hides of another is in both channels; of the visible pixels only, see `category_map_to_one_hot`.
    """
    index = {category_id: place for place, category_id in enumerate(category_order)}
    channels = np.zeros((len(category_order), height, width), dtype=bool)
    for annotation in annotations:
        crop, (x, y, w, h) = segmentation_to_crop(annotation.segmentation, height, width)
        channels[index[annotation.category_id], y : y + h, x : x + w] |= crop
    return channels


def category_map_to_one_hot(category_map: IdMap, count: int) -> Channels:
    """(n, H, W) bool: of an (H, W) category map the pixels of each index from 1 to `count`; void is in no channel.

    >>> category_map_to_one_hot(np.array([[0, 2, 1]], np.int32), 2).astype(int).tolist()
    [[[0, 0, 1]], [[0, 1, 0]]]
    """
    places = np.arange(1, count + 1, dtype=np.int32)
    channels: Channels = category_map[None] == places[:, None, None]
    return channels


def segment_to_mask(segment_map: SegmentMap, segment_id: int) -> Mask:
    """(H, W) bool: the visible pixels of a segment."""
    mask: Mask = segment_map.ids == segment_id
    return mask


def segments_to_rles(segment_map: SegmentMap) -> dict[int, RLE]:
    """The visible pixels of every segment as runs, by segment id, in one pass over the map; wholly hidden ones too."""
    height, width = segment_map.ids.shape
    found = ids_to_rles(segment_map.ids)
    nothing = RLE((height, width), np.array([height * width], np.int64))
    return {segment.id: found.get(segment.id, nothing) for segment in segment_map.segments}


def ids_to_rles(ids: NDArray[np.integer]) -> dict[int, RLE]:
    """The pixels of every id of an (H, W) map as runs, by id, in one pass; 0 is void and left out.

    >>> ids_to_rles(np.array([[0, 5, 5]]))[5].counts.tolist()
    [1, 2]
    """
    height, width = ids.shape
    flat = ids.T.ravel()
    if not flat.size:
        return {}
    starts = np.concatenate(([0], np.flatnonzero(flat[1:] != flat[:-1]) + 1))
    ends = np.append(starts[1:], flat.size)
    owner = flat[starts]
    order = np.argsort(owner, kind="stable")
    owner, starts, ends = owner[order], starts[order], ends[order]
    numbers, firsts = np.unique(owner, return_index=True)
    found = {}
    for number, low, high in zip(
        numbers.tolist(), firsts, np.append(firsts[1:], owner.size), strict=True
    ):
        if number == 0:
            continue
        bounds = np.stack((starts[low:high], ends[low:high]), axis=1).ravel()
        counts = np.diff(bounds, prepend=0, append=height * width).astype(np.int64)
        found[number] = RLE((height, width), counts if counts[-1] > 0 else counts[:-1])
    return found


def segments_info(segment_map: SegmentMap) -> list[dict[str, object]]:
    """COCO panoptic's `segments_info`: every segment with a visible pixel."""
    return [
        {
            "id": segment.id,
            "category_id": segment.category_id,
            "area": segment.area,
            "bbox": list(segment.bbox_xywh),
            "iscrowd": int(segment.iscrowd),
        }
        for segment in segment_map.segments
        if segment.area
    ]


def ids_to_rgb(ids: IdMap) -> ColorImage:
    """COCO panoptic's coding: id = R + 256 G + 256² B, as (H, W, 3) uint8.

    >>> ids_to_rgb(np.array([[1, 258]], np.int32)).tolist()
    [[[1, 0, 0], [2, 1, 0]]]
    """
    return np.stack((ids & 255, ids >> 8 & 255, ids >> 16 & 255), axis=-1).astype(np.uint8)


def rgb_to_ids(image: ColorImage) -> IdMap:
    """The inverse of `ids_to_rgb`."""
    wide = image.astype(np.int32)
    ids: IdMap = wide[..., 0] | wide[..., 1] << 8 | wide[..., 2] << 16
    return ids


def _paint(numbered: Iterable[tuple[int, Annotation]], height: int, width: int) -> IdMap:
    ids = np.zeros((height, width), dtype=np.int32)
    pairs = list(numbered)
    segmentations = (annotation.segmentation for _, annotation in pairs)
    paint_segmentations(ids, (number for number, _ in pairs), segmentations)
    return ids


def _describe(ids: IdMap, groups: Mapping[int, list[Annotation]]) -> tuple[Segment, ...]:
    count = max(groups, default=0) + 1
    areas = np.bincount(ids.ravel(), minlength=count)
    boxes = _boxes(ids, count)
    return tuple(
        Segment(
            id=number,
            category_id=members[0].category_id,
            iscrowd=any(member.iscrowd for member in members),
            area=int(areas[number]),
            bbox_xywh=boxes[number],
            annotation_ids=tuple(member.id for member in members),
        )
        for number, members in sorted(groups.items())
    )


def _boxes(ids: IdMap, count: int) -> list[PixelBboxXYWH]:
    """Tight box of every id, from the changes along the rows: far fewer than the pixels."""
    height, width = ids.shape
    flat = ids.ravel()
    opens = np.ones(flat.size, dtype=bool)
    opens[1:] = flat[1:] != flat[:-1]
    opens[::width] = True
    starts = np.flatnonzero(opens)
    lasts = np.append(starts[1:], flat.size) - 1
    owner = flat[starts]
    x0, y0 = np.full(count, width), np.full(count, height)
    x1, y1 = np.zeros(count, np.int64), np.zeros(count, np.int64)
    np.minimum.at(x0, owner, starts % width)
    np.minimum.at(y0, owner, starts // width)
    np.maximum.at(x1, owner, lasts % width + 1)
    np.maximum.at(y1, owner, lasts // width + 1)
    boxes = np.stack((x0, y0, np.maximum(x1 - x0, 0), np.maximum(y1 - y0, 0)), axis=1)
    boxes[x1 == 0] = 0
    return [(int(x), int(y), int(w), int(h)) for x, y, w, h in boxes.tolist()]
