"""Maps that are read: ids → runs, within limits; colours → ids."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from segmentarium.core.errors import MalformedFile
from segmentarium.core.rle import RLE
from segmentarium.core.segment_map import ids_to_rles, rgb_to_ids
from segmentarium.core.spans import IdMap

IntegerMap: TypeAlias = NDArray[np.integer]
RGB: TypeAlias = tuple[int, int, int]

# A small file can be a chequerboard of any size, or have a colour of its own for each pixel; no map is like that.
MAX_IDS = 100_000
MAX_RUNS = 40_000_000


def map_to_rles(ids: IntegerMap, name: str) -> dict[int, RLE]:
    """The pixels of every id of a map but 0, as runs.

    Args:
        ids: (H, W).
        name: what messages call it.

    Raises:
        MalformedFile: it is not of one channel, or is noise.
    """
    if ids.ndim != 2 or not ids.size:
        raise MalformedFile(f"{name} is in colour; a map of numbers has one channel.", file=name)
    changed = ids[1:] != ids[:-1]
    if np.count_nonzero(changed) + ids.shape[1] > MAX_RUNS:
        raise MalformedFile(f"{name} is noise: it has over {MAX_RUNS:,} runs.", file=name)
    if np.union1d(ids[0], ids[1:][changed]).size > MAX_IDS:
        raise MalformedFile(f"{name} is noise: it has over {MAX_IDS:,} numbers.", file=name)
    return ids_to_rles(ids)


def colors_to_numbers(
    image: IntegerMap, numbers: Mapping[RGB, int], name: str
) -> tuple[IdMap, list[RGB]]:
    """The numbers that colours stand for, and the colours that stand for none: 0 in the map.

    Args:
        image: (H, W, 3) or (H, W, 4) uint8; the fourth channel is left out.
        numbers: by colour.
        name: what messages call it.

    Raises:
        MalformedFile: it has no colours, or more than any map.
    """
    if image.ndim != 3 or image.shape[2] < 3 or not image.size:
        raise MalformedFile(f"{name} is not in colour.", file=name)
    found, inverse = np.unique(rgb_to_ids(image[..., :3].astype(np.uint8)), return_inverse=True)
    if found.size > MAX_IDS:
        raise MalformedFile(f"{name} has {found.size:,} colours; it is a picture.", file=name)
    colors = [(key & 255, key >> 8 & 255, key >> 16) for key in found.tolist()]
    values = np.array([numbers.get(color, 0) for color in colors], np.int32)
    ids: IdMap = values[inverse].reshape(image.shape[:2])
    return ids, [color for color in colors if color not in numbers]
