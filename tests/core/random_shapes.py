"""Random polygons of many kinds, the same on every machine.

Only Python's `random()` is drawn from, whose sequence is promised to stay, and all arithmetic is IEEE 754's own: sines,
which may differ by a bit between machines, are rounded.
"""

import math
from collections.abc import Callable, Sequence
from random import Random
from typing import TypeAlias, TypeVar

T = TypeVar("T")
FlatRing: TypeAlias = list[float]
FlatPolygons: TypeAlias = list[list[FlatRing]]
Size: TypeAlias = tuple[int, int]  # height, width
Kind: TypeAlias = Callable[[Random, Size], FlatPolygons]

ANGLES = 64
FAR = (1e3, 1e5, 1e9, 1e12, 1e100)


def circle_point(angle: int) -> tuple[float, float]:
    turn = 2 * math.pi * angle / ANGLES
    return round(math.cos(turn), 3), round(math.sin(turn), 3)


def whole(rng: Random, low: int, high: int) -> int:
    """A whole number from low to high, both among them."""
    return low + int(rng.random() * (high - low + 1))


def one_of(rng: Random, choices: Sequence[T]) -> T:
    return choices[whole(rng, 0, len(choices) - 1)]


def between(rng: Random, low: float, high: float) -> float:
    return low + (high - low) * rng.random()


def snapped(rng: Random, ring: FlatRing) -> FlatRing:
    """As drawn in the browser (on a grid of 1/64 px), as in many a dataset, or with all the bits of a double."""
    grain = one_of(rng, (None, 64, 64, 100, 100))
    return [round(value * grain) / grain for value in ring] if grain else ring


def anywhere(rng: Random, size: Size, count: int, margin: float = 5) -> FlatRing:
    height, width = size
    sides = (width, height) * count
    return snapped(rng, [between(rng, -margin, side + margin) for side in sides])


def gridded(rng: Random, size: Size, steps: int, shift: float = 0) -> FlatRing:
    """Vertices on a grid of so many steps in a pixel."""
    height, width = size
    sides = (width, height) * whole(rng, 3, 8)
    return [whole(rng, -3 * steps, (side + 3) * steps) / steps + shift for side in sides]


def star_ring(rng: Random, size: Size, spikes: float = 0.4) -> FlatRing:
    height, width = size
    x, y = between(rng, 0, width), between(rng, 0, height)
    radius = between(rng, 0.5, 0.6 * max(size))
    step = whole(rng, 2, 12)
    ring = []
    for angle in range(whole(rng, 0, step - 1), ANGLES, step):
        cosine, sine = circle_point(angle)
        away = radius * between(rng, spikes, 1)
        ring += [x + away * cosine, y + away * sine]
    return snapped(rng, ring)


def shrunk(ring: FlatRing, share: float) -> FlatRing:
    """Towards the middle of the first vertex and the one opposite it."""
    half = len(ring) // 4 * 2
    middle = [(ring[i] + ring[half + i]) / 2 for i in (0, 1)]
    moved = (middle[i % 2] + share * (value - middle[i % 2]) for i, value in enumerate(ring))
    return [round(value * 64) / 64 for value in moved]


def rectangle(x0: float, y0: float, x1: float, y1: float) -> FlatRing:
    return [x0, y0, x1, y0, x1, y1, x0, y1]


def convex(rng: Random, size: Size) -> FlatPolygons:
    return [[star_ring(rng, size, spikes=1)]]


def starry(rng: Random, size: Size) -> FlatPolygons:
    return [[star_ring(rng, size)]]


def crossing(rng: Random, size: Size) -> FlatPolygons:
    return [[anywhere(rng, size, whole(rng, 4, 14))]]


def holed(rng: Random, size: Size) -> FlatPolygons:
    outer = star_ring(rng, size)
    return [[outer, *(shrunk(outer, share) for share in (0.75, 0.5, 0.25)[: whole(rng, 1, 3)])]]


def hole_beyond(rng: Random, size: Size) -> FlatPolygons:
    """A hole that leaves its outer ring: even–odd fills what it has outside."""
    return [[star_ring(rng, size), anywhere(rng, size, 4)]]


def in_parts(rng: Random, size: Size) -> FlatPolygons:
    return [[star_ring(rng, size)] for _ in range(whole(rng, 2, 4))]


def holed_parts(rng: Random, size: Size) -> FlatPolygons:
    return [part for _ in range(whole(rng, 2, 3)) for part in holed(rng, size)]


def same_twice(rng: Random, size: Size) -> FlatPolygons:
    """As two parts it is itself; as two rings of a part it is nothing."""
    ring = star_ring(rng, size)
    return [[ring], [ring]] if rng.random() < 0.5 else [[ring, ring]]


def many_parts(rng: Random, size: Size) -> FlatPolygons:
    height, width = size
    parts: FlatPolygons = []
    for _ in range(whole(rng, 10, 45)):
        x, y = whole(rng, 0, 2 * width) / 2, whole(rng, 0, 2 * height) / 2
        parts.append([rectangle(x, y, x + whole(rng, 1, 6) / 2, y + whole(rng, 1, 20) / 2)])
    return parts


def sliver(rng: Random, size: Size) -> FlatPolygons:
    x0, y0, x1, y1 = anywhere(rng, size, 2)
    thick = one_of(rng, (0.01, 0.1, 0.5))
    thin = [between(rng, -thick, thick) for _ in range(4)]
    return [
        [snapped(rng, [x0, y0, x1, y1, x1 + thin[0], y1 + thin[1], x0 + thin[2], y0 + thin[3]])]
    ]


def on_centres(rng: Random, size: Size) -> FlatPolygons:
    return [[gridded(rng, size, 1, 0.5)]]


def on_corners(rng: Random, size: Size) -> FlatPolygons:
    return [[gridded(rng, size, 1)]]


def in_halves(rng: Random, size: Size) -> FlatPolygons:
    return [[gridded(rng, size, 2) for _ in range(whole(rng, 1, 2))]]


def in_eighths(rng: Random, size: Size) -> FlatPolygons:
    return [[gridded(rng, size, 8)] for _ in range(whole(rng, 1, 2))]


def beside_centres(rng: Random, size: Size) -> FlatPolygons:
    """The next number before or after a centre's, or the centre itself."""
    ring = gridded(rng, size, 1, 0.5)
    return [[[math.nextafter(value, one_of(rng, (-9e9, value, 9e9))) for value in ring]]]


def boxes_by_halves(rng: Random, size: Size) -> FlatPolygons:
    height, width = size
    x, y = whole(rng, -2, 2 * width) / 2, whole(rng, -2, 2 * height) / 2
    return [[rectangle(x, y, x + whole(rng, 0, 20) / 2, y + whole(rng, 0, 20) / 2)]]


def on_borders(rng: Random, size: Size) -> FlatPolygons:
    height, width = size
    ring = anywhere(rng, size, whole(rng, 3, 8))
    sides = (width, height) * len(ring)
    return [[[min(max(value, 0), side) for value, side in zip(ring, sides, strict=False)]]]


def outside(rng: Random, size: Size) -> FlatPolygons:
    shift = one_of(rng, (-1, 1)) * (max(size) + 10)
    ring = anywhere(rng, size, 5)
    axis = whole(rng, 0, 1)
    return [[[value + shift * (i % 2 == axis) for i, value in enumerate(ring)]]]


def huge(rng: Random, size: Size) -> FlatPolygons:
    ring = anywhere(rng, size, whole(rng, 3, 7))
    far = one_of(rng, FAR)
    return [[[value * far if rng.random() < 0.6 else value for value in ring]]]


def doubled(rng: Random, size: Size) -> FlatPolygons:
    """Vertices several times over, the first one often once more at the end."""
    ring = anywhere(rng, size, whole(rng, 3, 6))
    points = [ring[i : i + 2] for i in range(0, len(ring), 2)]
    points = [point for point in points for _ in range(whole(rng, 1, 3))]
    return [[[value for point in [*points, points[0]] for value in point]]]


def without_area(rng: Random, size: Size) -> FlatPolygons:
    """Two points gone over again and again, or points of one line."""
    x0, y0, x1, y1 = gridded(rng, size, 2)[:4]
    if rng.random() < 0.3:
        y1 = y0
    if rng.random() < 0.5:
        return [[[x0, y0, x1, y1, x0, y0, x1, y1]]]
    steps = [whole(rng, 0, 8) / 8 for _ in range(whole(rng, 3, 6))]
    return [[[v for step in steps for v in (x0 + step * (x1 - x0), y0 + step * (y1 - y0))]]]


def collinear(rng: Random, size: Size) -> FlatPolygons:
    """A vertex in the middle of every edge, exactly."""
    ring = gridded(rng, size, 2)
    ends = ring[2:] + ring[:2]
    points = [
        [*ring[i : i + 2], (ring[i] + ends[i]) / 2, (ring[i + 1] + ends[i + 1]) / 2]
        for i in range(0, len(ring), 2)
    ]
    return [[[value for point in points for value in point]]]


def tiny(rng: Random, size: Size) -> FlatPolygons:
    height, width = size
    x, y = whole(rng, 0, width - 1), whole(rng, 0, height - 1)
    ring = [between(rng, 0, 1) for _ in range(2 * whole(rng, 3, 6))]
    return [[snapped(rng, [value + (y if i % 2 else x) for i, value in enumerate(ring)])]]


def comb(rng: Random, size: Size) -> FlatPolygons:
    """More crossings in a row than are sorted by insertion."""
    height, width = size
    teeth = whole(rng, 33, 40)
    ring: FlatRing = [width + 2, -1, -1, -1]
    for tooth in range(teeth):
        left, right = ((tooth + share) * width / teeth for share in (0.5, 1))
        ring += [round(left, 2), height + 1, round(right, 2), whole(rng, 0, 3)]
    return [[ring]]


KINDS: dict[str, Kind] = {
    kind.__name__: kind
    for kind in (
        convex,
        starry,
        crossing,
        holed,
        hole_beyond,
        in_parts,
        holed_parts,
        same_twice,
        many_parts,
        sliver,
        on_centres,
        on_corners,
        in_halves,
        in_eighths,
        beside_centres,
        boxes_by_halves,
        on_borders,
        outside,
        huge,
        doubled,
        without_area,
        collinear,
        tiny,
        comb,
    )
}
