"""Category, Annotation and the two kinds of segmentation: frozen values with their invariants.

Wire form (JSON): polygons are parts → rings → flat [x0, y0, x1, y1, ...]; RLE is COCO's object.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from numbers import Integral, Real
from typing import TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from segmentarium.core.errors import InvalidSegmentation
from segmentarium.core.rle import RLE, check_run_count, encode_counts, rle_of_text

FloatArray: TypeAlias = NDArray[np.float64]
Ring: TypeAlias = FloatArray
Part: TypeAlias = tuple[Ring, ...]

# Beyond any image, and so far that the products of two lengths, which filling needs, stay finite.
MAX_COORDINATE = 1e150


@dataclass(frozen=True, slots=True)
class Polygons:
    """Parts; a part is an outer ring and its holes; a ring is (N, 2) float64 (x, y), N >= 3, not closed."""

    parts: tuple[Part, ...]

    def __post_init__(self) -> None:
        if not self.parts:
            raise InvalidSegmentation("Polygons need at least one part.")
        for part in self.parts:
            if not part:
                raise InvalidSegmentation("A part needs its outer ring.")
            for ring in part:
                if ring.ndim != 2 or ring.shape[1] != 2 or len(ring) < 3:
                    raise InvalidSegmentation("A ring needs at least three vertices.")

    @property
    def vertex_count(self) -> int:
        """Vertices of all rings."""
        return sum(len(ring) for part in self.parts for ring in part)

    @property
    def has_holes(self) -> bool:
        """Whether any part has more than its outer ring."""
        return any(len(part) > 1 for part in self.parts)


Segmentation: TypeAlias = Polygons | RLE


@dataclass(frozen=True, slots=True)
class Category:
    """What an object is. `color` is #rrggbb; `isthing` False means stuff."""

    id: int
    name: str
    color: str
    isthing: bool = True
    supercategory: str = ""

    @property
    def color_rgb(self) -> tuple[int, int, int]:
        """The colour as three numbers 0–255.

        >>> Category(1, "cat", "#ff8000").color_rgb
        (255, 128, 0)
        """
        value = int(self.color[1:], 16)
        return value >> 16, value >> 8 & 255, value & 255


@dataclass(frozen=True, slots=True)
class Annotation:
    """One object: category and segmentation. Stored whole (amodal); `z_order` decides who is seen.

    `attributes` are what a dataset says of the object beside that; `score` 0–1 is how sure a proposal was.
    """

    id: str
    category_id: int
    segmentation: Segmentation
    iscrowd: bool = False
    z_order: int = 0
    score: float | None = None
    attributes: Mapping[str, object] = field(default_factory=dict)


def segmentation_from_json(value: object) -> Segmentation:
    """The value of a segmentation in its wire form.

    Raises:
        InvalidSegmentation: it is neither polygons nor RLE, or is malformed.

    >>> segmentation_from_json([[[0, 0, 4, 0, 4, 4]]]).vertex_count
    3
    """
    try:
        if isinstance(value, Mapping):
            return _rle_from_json(value)
        parts = cast("Sequence[Sequence[Sequence[float]]]", value)
        return Polygons(tuple(tuple(_ring_from_json(ring) for ring in part) for part in parts))
    except (TypeError, ValueError, OverflowError) as error:
        raise InvalidSegmentation(
            "A segmentation is a list of parts, each a list of rings of numbers, or an RLE object."
        ) from error


def polygons_to_json(polygons: Polygons) -> list[list[list[float]]]:
    """The wire form of polygons: parts → rings → flat coordinates."""
    return [[ring.ravel().tolist() for ring in part] for part in polygons.parts]


def rle_to_json(rle: RLE) -> dict[str, object]:
    """The wire form of an RLE: COCO's object, with compressed counts."""
    return {"size": list(rle.size), "counts": encode_counts(rle.counts)}


def _ring_from_json(flat: Sequence[float]) -> Ring:
    if len(flat) < 6 or len(flat) % 2:
        raise InvalidSegmentation(
            f"A ring is [x0, y0, x1, y1, ...] with at least three vertices; this one has {len(flat)} numbers."
        )
    if not _all_are(Real, flat):
        raise InvalidSegmentation("A ring is a flat list of numbers.")
    ring = np.asarray(flat, dtype=np.float64).reshape(-1, 2)
    if not np.abs(ring).max() <= MAX_COORDINATE:  # so that no NaN passes
        raise InvalidSegmentation("A vertex is not finite, or farther away than in any image.")
    return ring


def _all_are(kind: type, values: Sequence[object]) -> bool:
    """Whether all are of that kind; NumPy would read numbers in quotes, and take a list of points for a flat one."""
    kinds = set(map(type, values))
    if kind is Real and kinds <= {int, float}:  # nearly always, and known at once
        return True
    return all(issubclass(one, kind) for one in kinds)


def _rle_from_json(value: Mapping[str, object]) -> RLE:
    size, counts = value.get("size"), value.get("counts")
    if not isinstance(size, Sequence) or len(size) != 2:
        raise InvalidSegmentation("An RLE needs `size`: [height, width].")
    height, width = size
    if not (isinstance(height, int) and isinstance(width, int)):
        raise InvalidSegmentation("The size of an RLE is two whole numbers.")
    if isinstance(counts, str):
        return rle_of_text((height, width), counts)
    if isinstance(counts, list | tuple):
        check_run_count(len(counts))
        if not _all_are(Integral, counts):
            raise InvalidSegmentation("The runs of an RLE are whole numbers.")
        if any(abs(count) > 2**40 for count in counts):
            raise InvalidSegmentation("A run of the RLE is longer than any image.")
        return RLE((height, width), np.asarray(counts, dtype=np.int64))
    raise InvalidSegmentation("An RLE needs `counts`: a string or a list of run lengths.")
