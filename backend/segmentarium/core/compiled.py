"""The compiled inner loops (core/kernels), or None where they could not be compiled and NumPy does their work."""

from __future__ import annotations

from typing import Any, Protocol, TypeAlias, cast

from numpy.typing import NDArray

try:
    from segmentarium.core import _kernels  # type: ignore[attr-defined]
except ImportError:
    _kernels = None

Array: TypeAlias = NDArray[Any]


class Kernels(Protocol):
    """What core/kernels/module.c offers. Arrays are C-contiguous buffers; ends are int64 and cumulative."""

    def paint(
        self,
        ids: Array,
        height: int,
        width: int,
        low: int,
        high: int,
        values: Array,
        xy: Array,
        ring_ends: Array,
        part_ends: Array,
        object_ends: Array,
        /,
    ) -> None:
        """Paint polygons into the rows [low, high) of an int32 map, one over the other, each with its int32 value."""

    def spans(
        self, xy: Array, ring_ends: Array, part_ends: Array, height: int, width: int, /
    ) -> bytes:
        """Disjoint spans of the union of parts: int64 (row, start, end), by row and then column."""
        ...

    def measure(
        self, xy: Array, ring_ends: Array, part_ends: Array, height: int, width: int, /
    ) -> tuple[int, int, int, int, int]:
        """Pixel count of the union of parts, and its tight box x, y, w, h."""
        ...

    def runs(
        self, xy: Array, ring_ends: Array, part_ends: Array, height: int, width: int, /
    ) -> bytes:
        """COCO's run lengths of the union of parts: int64, down the columns, zeros first."""
        ...

    def outlines(
        self, mask: Array, height: int, width: int, /
    ) -> tuple[bytes, bytes, bytes, bytes]:
        """Of rings along the pixel edges, int64 each: (x, y); ends; whether a hole's; its component's number."""
        ...

    def encode(self, counts: Array, /) -> str:
        """COCO's compressed string of int64 run lengths."""
        ...

    def decode(self, text: str, most_runs: int, most: int, total: int, /) -> bytes | None:
        """The int64 run lengths of COCO's compressed string.

        None where anything is wrong with it, over a limit, or where they do not add up to `total`, if that is not −1.
        """
        ...

    def describe(
        self, xy: Array, ring_ends: Array, part_ends: Array, height: int, width: int, asks: bool, /
    ) -> tuple[str, int, int, int, int, int, int]:
        """Of the union of parts: COCO's compressed string, pixel count, tight box x, y, w, h.

        Last, if `asks` and there is one ring: whether COCO's own reader fills it so, 1 or 0; −1 where it is not known.
        """
        ...

    def measure_runs(self, counts: Array, height: int, /) -> tuple[int, int, int, int, int]:
        """Pixel count of int64 run lengths, and their tight box x, y, w, h."""
        ...


KERNELS = cast("Kernels | None", _kernels)
