"""Writes tests/geometry_cases.json, which the tests of the server and of the browser both read.

`python -m tests.core.make_geometry_cases`; what it writes is the same every time and everywhere. One case a line:

polygons  polygons, and the runs, area and box of their pixels in an image of the size
masks     the bits of a mask row by row, and its runs, area, box and outline
sets      runs of one size, and their union, intersection, the first less the last, and the IoU of these two
counts    counts as they may be sent, and the runs that they mean, or null where they are refused
outlines  of all 65,536 masks of 4 × 4 pixels at once, the SHA-256 of their polygons
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any, TypeAlias

import numpy as np

from segmentarium.core.annotation import Polygons, polygons_to_json, segmentation_from_json
from segmentarium.core.errors import InvalidSegmentation
from segmentarium.core.polygons import mask_to_polygons
from segmentarium.core.raster import polygons_to_spans, segmentation_to_rle
from segmentarium.core.rle import (
    RLE,
    Mask,
    encode_counts,
    mask_to_rle,
    rle_area,
    rle_bbox,
    rle_difference,
    rle_intersection,
    rle_iou,
    rle_union,
)
from tests.core import random_masks, random_shapes
from tests.core.random_shapes import FlatPolygons, Size, one_of, whole

PATH = Path(__file__).resolve().parents[1] / "geometry_cases.json"
SEED = 4

Case: TypeAlias = dict[str, Any]

POLYGONS_OF_A_KIND = 110
MASKS_OF_A_KIND = 50
SETS = 400
SIZES = ((24, 31), (24, 31), (17, 9), (33, 40), (1, 30), (30, 1), (1, 1), (5, 7))
LARGE = (65_535, 65_535)  # its places do not fit into 32 bits

REFUSED: tuple[tuple[Any, Any], ...] = (
    ([2, 3], [5]),
    ([2, 3], [7]),
    ([2, 3], []),
    ([2, 3], ""),
    ([2, 3], [8, -2]),
    ([2, 3], [-1, 7]),
    ([0, 3], []),
    ([2, 0], []),
    ([0, 0], [0]),
    ([-2, -3], [6]),
    ([2.5, 2], [5]),
    ([2, 3], [1.5, 4.5]),
    ([2, 3], [0.5, 6]),
    ([2**20, 2**20], [2**40]),
    ([2, 3], [2**41, 6 - 2**41]),
    ([2, 3], "!"),
    ([2, 3], "p"),
    ([2, 3], "1 3"),
    ([2, 3], "\u0661"),
    ([2, 3], "\U0001d7cf3"),
    ([2, 3], "\0"),
    ([2, 3], "1P"),
    ([2, 3], "6P"),
    ([2, 3], "O"),
    ([2, 3], "11J"),
    ([2, 3], "o" * 8 + "0"),
    ([2, 3], "P" * 47 + "0"),
    ([2, 3], "V" + "P" * 8 + "0"),
    ([2, 3], "o" * 7 + "O"),
)
TAKEN: tuple[tuple[Size, Any], ...] = (
    ((2, 3), [2, 3, 0, 1]),
    ((2, 3), [0, 0, 4, 2]),
    ((2, 3), [0, 0, 0, 6]),
    ((2, 3), [2, 4, 0]),
    ((2, 3), [2, 4, 0, 0]),
    ((2, 3), [6, 0, 0, 0]),
    ((2, 3), [0, 6, 0, 0, 0]),
    ((2, 3), [1, 0, 0, 0, 2, 3]),
    ((2, 3), "P06"),
    ((2, 3), "V" + "P" * 7 + "0"),
    ((2**18, 2**18), [2**35, 5, 2**35 - 5]),
    ((2**18, 2**18), [0, 2**36]),
)


def polygons_case(kind: str, size: Size, polygons: FlatPolygons) -> Case:
    value = segmentation_from_json(polygons)
    assert isinstance(value, Polygons)
    spans = polygons_to_spans(value, *size)
    return {
        "kind": kind,
        "size": size,
        "polygons": shortest(polygons),
        "counts": encode_counts(segmentation_to_rle(value, *size).counts),
        "area": spans.area,
        "bbox": spans.bbox_xywh,
    }


def shortest(value: Any) -> Any:
    """Numbers as they are shortest in JSON: 3 for 3.0."""
    if isinstance(value, list):
        return [shortest(item) for item in value]
    return int(value) if value == int(value) and abs(value) < 2**53 else value


def polygons_cases(rng: Random) -> Iterator[Case]:
    for name, kind in random_shapes.KINDS.items():
        for number in range(POLYGONS_OF_A_KIND):
            size = one_of(rng, SIZES)
            polygons = kind(rng, size)
            yield polygons_case(name, size, polygons)
            if number % 10 == 0 and kind is not random_shapes.huge:
                yield polygons_case(name, LARGE, moved(polygons, LARGE[1] - 25, LARGE[0] - 25))


def moved(polygons: FlatPolygons, dx: int, dy: int) -> FlatPolygons:
    return [
        [[value + (dy if i % 2 else dx) for i, value in enumerate(ring)] for ring in part]
        for part in polygons
    ]


def mask_case(kind: str, mask: Mask) -> Case:
    rle = mask_to_rle(mask)
    return {
        "kind": kind,
        "size": mask.shape,
        "bits": np.packbits(mask).tobytes().hex(),
        "runs": rle.counts.tolist(),
        "counts": encode_counts(rle.counts),
        "area": rle_area(rle),
        "bbox": rle_bbox(rle),
        "polygons": outline(mask),
    }


def outline(mask: Mask) -> FlatPolygons:
    polygons = mask_to_polygons(mask)
    return [] if polygons is None else shortest(polygons_to_json(polygons))


def mask_cases(rng: Random) -> Iterator[Case]:
    for name, kind in random_masks.KINDS.items():
        for _ in range(MASKS_OF_A_KIND):
            yield mask_case(name, kind(rng, (whole(rng, 1, 12), whole(rng, 1, 12))))


def set_cases(rng: Random) -> Iterator[Case]:
    kinds = tuple(random_masks.KINDS.values())
    for number in range(SETS):
        size = whole(rng, 1, 10), whole(rng, 1, 10)
        rles = [mask_to_rle(one_of(rng, kinds)(rng, size)) for _ in range(1 + number % 4)]
        results = {
            "union": rle_union(rles),
            "intersection": rle_intersection(rles),
            "difference": rle_difference(rles[0], rles[-1]),
        }
        yield {
            "size": size,
            "given": [encode_counts(rle.counts) for rle in rles],
            **{name: encode_counts(rle.counts) for name, rle in results.items()},
            "iou": rle_iou(rles[0], rles[-1]),
        }


def counts_case(size: Any, counts: Any) -> Case:
    """What the counts mean, in the fewest runs; null where they are refused."""
    try:
        rle = segmentation_from_json({"size": list(size), "counts": counts})
    except InvalidSegmentation:
        return {"size": size, "counts": counts, "runs": None}
    assert isinstance(rle, RLE)
    # The union of one is itself, without runs of no length.
    return {"size": size, "counts": counts, "runs": rle_union([rle]).counts.tolist()}


def counts_cases(rng: Random) -> Iterator[Case]:
    for is_refused, given in ((True, REFUSED), (False, TAKEN)):
        for size, counts in given:
            case = counts_case(size, counts)
            assert (case["runs"] is None) == is_refused
            yield case
    alphabet = [chr(code) for code in range(48, 112)]
    for number in range(300):
        size = whole(rng, 1, 6), whole(rng, 1, 6)
        text = encode_counts(mask_to_rle(random_masks.noise(rng, size)).counts)
        at = whole(rng, 0, len(text) - 1)
        changed = one_of(rng, alphabet)
        # One character other, missing or more.
        yield counts_case(
            size, text[:at] + changed * (number % 3 != 1) + text[at + (number % 3 != 2) :]
        )
    for _ in range(100):
        runs = [one_of(rng, (0, 0, 1, 2, 3, 40, 1500)) for _ in range(whole(rng, 1, 12))]
        height = one_of(rng, [side for side in range(1, 9) if sum(runs) % side == 0])
        size = height, sum(runs) // height
        yield counts_case(size, runs)
        yield counts_case(size, encode_counts(np.array(runs)))


def every_4x4_mask() -> Mask:
    """All 65,536 of them, 256 × 256, a free row above and a free column before each."""
    bits = np.arange(2**16)[:, None] >> np.arange(16) & 1
    tiles = np.pad(bits.astype(bool).reshape(256, 256, 4, 4), ((0, 0), (0, 0), (1, 0), (1, 0)))
    return tiles.transpose(0, 2, 1, 3).reshape(256 * 5, 256 * 5)


def digest_of_outlines() -> str:
    text = json.dumps(outline(every_4x4_mask()), separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def geometry_cases() -> str:
    """The file's text."""
    sections: dict[str, Callable[[Random], Iterator[Case]]] = {
        "polygons": polygons_cases,
        "masks": mask_cases,
        "sets": set_cases,
        "counts": counts_cases,
    }
    lines = []
    for name, make in sections.items():
        cases = [json.dumps(case, separators=(",", ":")) for case in make(Random(SEED))]
        lines.append(f'"{name}":[\n' + ",\n".join(cases) + "\n]")
    lines.append(f'"outlines":"{digest_of_outlines()}"')
    return "{\n" + ",\n".join(lines) + "\n}\n"


if __name__ == "__main__":
    PATH.write_text(geometry_cases(), encoding="utf-8")
