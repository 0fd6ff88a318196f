"""Random masks of many kinds, the same on every machine: see random_shapes.py."""

from collections.abc import Callable
from random import Random

import numpy as np

from segmentarium.core.rle import Mask
from tests.core.random_shapes import Size, between, one_of, whole


def noise(rng: Random, size: Size) -> Mask:
    density = one_of(rng, (0.1, 0.3, 0.5, 0.6, 0.7, 0.9))
    return drawn(size, lambda y, x: rng.random() < density)


def drawn(size: Size, is_inside: Callable[[int, int], bool]) -> Mask:
    height, width = size
    return np.array([[is_inside(y, x) for x in range(width)] for y in range(height)], dtype=bool)


def empty(rng: Random, size: Size) -> Mask:
    return np.zeros(size, dtype=bool)


def full(rng: Random, size: Size) -> Mask:
    return np.ones(size, dtype=bool)


def one_pixel(rng: Random, size: Size) -> Mask:
    mask = empty(rng, size)
    mask[whole(rng, 0, size[0] - 1), whole(rng, 0, size[1] - 1)] = True
    return mask


def boxes(rng: Random, size: Size) -> Mask:
    """Painted one over the other, inside and outside in turn: holes with islands with holes."""
    mask = empty(rng, size)
    for number in range(whole(rng, 1, 6)):
        y, x = whole(rng, 0, size[0] - 1), whole(rng, 0, size[1] - 1)
        mask[y : y + whole(rng, 1, size[0]), x : x + whole(rng, 1, size[1])] = number % 2 == 0
    return mask


def rings(rng: Random, size: Size) -> Mask:
    """One in the other, around the middle, a pixel or two wide."""
    wide, first = whole(rng, 1, 2), whole(rng, 0, 1)
    height, width = size
    return drawn(
        size,
        lambda y, x: min(y, x, height - 1 - y, width - 1 - x) // wide % 2 == first,
    )


def chessboard(rng: Random, size: Size) -> Mask:
    """Squares that touch at their corners only, some of them missing."""
    side, missing = whole(rng, 1, 3), one_of(rng, (0, 0.1, 0.3))
    return drawn(size, lambda y, x: (y // side + x // side) % 2 == 0 and rng.random() >= missing)


def diagonals(rng: Random, size: Size) -> Mask:
    step, slope = whole(rng, 2, 5), one_of(rng, (-1, 1))
    kept = one_of(rng, (0.8, 1))
    return drawn(size, lambda y, x: (x + slope * y) % step == 0 and rng.random() < kept)


def stripes(rng: Random, size: Size) -> Mask:
    """Along the columns runs go on from one to the next."""
    step, axis = whole(rng, 1, 3), whole(rng, 0, 1)
    return drawn(size, lambda y, x: ((y, x)[axis] // step) % 2 == 0)


def holed(rng: Random, size: Size) -> Mask:
    """Holes, many of which touch at their corners."""
    density = one_of(rng, (0.05, 0.2, 0.35))
    mask = drawn(size, lambda y, x: rng.random() >= density)
    if rng.random() < 0.7:
        mask[[0, -1]] = mask[:, [0, -1]] = True
    return mask


def discs(rng: Random, size: Size) -> Mask:
    mask = empty(rng, size)
    for _ in range(whole(rng, 1, 3)):
        cy, cx = between(rng, 0, size[0]), between(rng, 0, size[1])
        outer = between(rng, 1, max(size) / 2)
        inner = outer * one_of(rng, (0, 0.5, 0.8))
        mask |= drawn(
            size,
            lambda y, x: inner**2 <= (y - cy) ** 2 + (x - cx) ** 2 <= outer**2,  # noqa: B023
        )
    return mask


KINDS: dict[str, Callable[[Random, Size], Mask]] = {
    kind.__name__: kind
    for kind in (
        noise,
        empty,
        full,
        one_pixel,
        boxes,
        rings,
        chessboard,
        diagonals,
        stripes,
        holed,
        discs,
    )
}
