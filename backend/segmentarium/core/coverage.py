"""Where sets of runs along a line cover it as often as wanted: the sweep behind the set operations of RLE and spans."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

IntArray: TypeAlias = NDArray[np.int64]
Chosen: TypeAlias = Callable[[IntArray], NDArray[np.bool_]]


def changes_where(begins: IntArray, ends: IntArray, chosen: Chosen) -> IntArray:
    """The places at which chosen stretches of a line begin and end in turn.

    Args:
        begins: (N,) first places of half-open runs; quickest where they come set by set, each in order.
        ends: (N,) places after their last ones, in any order.
        chosen: says of how many runs cover a place whether it is wanted; no to none at all.

    >>> changes_where(np.array([0, 2]), np.array([4, 6]), lambda covered: covered == 2).tolist()
    [2, 4]
    """
    places = np.concatenate((begins, ends))
    # The stable sort merges what is in order already; np.unique would sort from scratch.
    order = np.argsort(places, kind="stable")
    places = places[order]
    covered = np.cumsum(np.where(order < begins.size, 1, -1))
    is_last = np.ones(places.size, dtype=bool)
    np.not_equal(places[1:], places[:-1], out=is_last[:-1])
    places = places[is_last]
    inside = chosen(covered[is_last])
    changes = inside.copy()
    np.not_equal(inside[1:], inside[:-1], out=changes[1:])
    return places[changes]
