"""Darwin's raster layer: one map of numbers for all masks of an image, decoded once for all of them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from segmentarium.core.errors import InvalidSegmentation
from segmentarium.core.rle import RLE
from segmentarium.formats.support.row_runs import Lengths, alternating_runs_to_rle, runs_of
from segmentarium.formats.support.values import int_of, list_of


class RasterLayer:
    """A layer of a document with images of that height and width."""

    def __init__(self, layer: Mapping[str, object], height: int, width: int) -> None:
        mapping = layer.get("mask_annotation_ids_mapping")
        self._mapping = mapping if isinstance(mapping, dict) else {}
        self._given = layer.get("dense_rle")
        self._height, self._width = height, width
        self._fault = ""
        self._values: Lengths | None = None  # of the runs, ascending
        self._starts = self._lengths = np.zeros(0, np.int64)

    def has(self, id_: str) -> bool:
        """Whether there is a mask of that annotation."""
        return int_of(self._mapping.get(id_), 0) > 0

    def mask(self, id_: str) -> RLE:
        """The mask of that annotation.

        Raises:
            InvalidSegmentation: the runs are none, or do not fill the image.
        """
        values = self._decoded()
        value = int_of(self._mapping.get(id_), 0)
        own = slice(*np.searchsorted(values, (value, value + 1)).tolist())
        starts = self._starts[own]
        bounds = np.stack((starts, starts + self._lengths[own]), axis=1).ravel()
        size = self._height * self._width
        turns = np.diff(bounds, prepend=0, append=size)
        box = (0, 0, self._width, self._height)
        return alternating_runs_to_rle(turns, box, self._height, self._width)

    def _decoded(self) -> Lengths:
        if self._fault:
            raise InvalidSegmentation(self._fault)
        if self._values is None:
            try:
                self._values = self._sorted()
            except InvalidSegmentation as error:
                self._fault = error.detail
                raise
        return self._values

    def _sorted(self) -> Lengths:
        runs = runs_of(list_of(self._given, "dense_rle"))
        self._given = None
        if runs.size % 2:
            raise InvalidSegmentation("The runs of the raster layer are no pairs.")
        values, lengths = runs[::2], runs[1::2]
        size = self._height * self._width
        if lengths.size and (lengths.min() < 0 or lengths.max() > size):
            raise InvalidSegmentation("A run of the raster layer is negative or too long.")
        if int(lengths.sum()) != size:
            raise InvalidSegmentation(
                f"The runs of the raster layer add up to {int(lengths.sum())}, "
                f"the image has {size} pixels."
            )
        # Stable: the runs of a mask stay in the order of the pixels.
        order = np.argsort(values, kind="stable")
        self._starts = (np.cumsum(lengths) - lengths)[order]
        self._lengths = lengths[order]
        return values[order]
