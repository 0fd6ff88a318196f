"""Filled polygons are GDAL's, pixel for pixel, on tens of thousands of random ones of every kind."""

from collections.abc import Callable

import numpy as np
import pytest
import rasterio.features

from segmentarium.core.annotation import Polygons, Ring
from segmentarium.core.raster import polygons_to_mask
from segmentarium.core.rle import Mask

pytestmark = pytest.mark.usefixtures("kernels")

HEIGHT, WIDTH = 24, 31
COUNT = 2500  # of each kind

Rng = np.random.Generator


def gdal(polygons: Polygons) -> Mask:
    """Every part burned by GDAL's scanline rule (a pixel by its centre)."""
    shapes = [
        {
            "type": "Polygon",
            "coordinates": [np.vstack((ring, ring[:1])).tolist() for ring in part],
        }
        for part in polygons.parts
    ]
    burned = rasterio.features.rasterize(shapes, out_shape=(HEIGHT, WIDTH), dtype="uint8")
    mask: Mask = burned.astype(bool)
    return mask


def anywhere(rng: Rng, count: int) -> Ring:
    return rng.uniform((-6, -6), (WIDTH + 6, HEIGHT + 6), (count, 2))


def star(rng: Rng, spikes: float = 0.5) -> Ring:
    count = int(rng.integers(5, 40))
    angle = np.sort(rng.uniform(0, 2 * np.pi, count))
    radius = rng.uniform(1, 14) * rng.uniform(spikes, 1, count)
    center = rng.uniform((0, 0), (WIDTH, HEIGHT))
    ring: Ring = center + np.stack((radius * np.cos(angle), radius * np.sin(angle)), axis=1)
    return ring


def one(ring: Ring) -> Polygons:
    return Polygons(((ring,),))


def convex(rng: Rng) -> Polygons:
    return one(star(rng, spikes=1))


def starry(rng: Rng) -> Polygons:
    return one(star(rng))


def crossing(rng: Rng) -> Polygons:
    return one(anywhere(rng, int(rng.integers(4, 20))))


def holed(rng: Rng) -> Polygons:
    outer = star(rng)
    center = outer.mean(axis=0)
    return Polygons(((outer, center + 0.5 * (outer - center), center + 0.2 * (outer - center)),))


def in_parts(rng: Rng) -> Polygons:
    return Polygons(tuple((star(rng),) for _ in range(int(rng.integers(2, 5)))))


def sliver(rng: Rng) -> Polygons:
    a, b = anywhere(rng, 2)
    return one(np.stack((a, b, b + rng.normal(0, 0.05, 2), a + rng.normal(0, 0.05, 2))))


def on_centres(rng: Rng) -> Polygons:
    return one(rng.integers(-3, 34, (int(rng.integers(3, 9)), 2)).astype(np.float64) + 0.5)


def on_corners(rng: Rng) -> Polygons:
    return one(rng.integers(-3, 34, (int(rng.integers(3, 9)), 2)).astype(float))


def in_halves(rng: Rng) -> Polygons:
    return one(rng.integers(-6, 68, (int(rng.integers(3, 9)), 2)).astype(np.float64) / 2)


def on_borders(rng: Rng) -> Polygons:
    ring = anywhere(rng, int(rng.integers(3, 9))).clip((0, 0), (WIDTH, HEIGHT))
    return one(ring)


def outside(rng: Rng) -> Polygons:
    return one(anywhere(rng, 5) + rng.choice([-60, 60], 2))


def huge(rng: Rng) -> Polygons:
    return one(anywhere(rng, int(rng.integers(3, 9))) * 10 ** rng.uniform(0, 7, (1, 1)))


def doubled(rng: Rng) -> Polygons:
    return one(np.repeat(anywhere(rng, int(rng.integers(3, 7))), rng.integers(1, 4), axis=0))


def two_points(rng: Rng) -> Polygons:
    return one(anywhere(rng, 2)[rng.integers(0, 2, 6)])


KINDS: dict[str, Callable[[Rng], Polygons]] = {
    kind.__name__: kind
    for kind in (
        convex,
        starry,
        crossing,
        holed,
        in_parts,
        sliver,
        on_centres,
        on_corners,
        in_halves,
        on_borders,
        outside,
        huge,
        doubled,
        two_points,
    )
}


def level_rows(polygons: Polygons) -> list[tuple[int, float, float]]:
    """Row and ends of the horizontal edges that lie on a row of pixel centres."""
    found = []
    for ring in (ring for part in polygons.parts for ring in part):
        for (x0, y0), (x1, y1) in zip(ring, np.roll(ring, -1, axis=0), strict=True):
            if y0 == y1 and y0 % 1 == 0.5:
                found.append((int(y0), min(x0, x1), max(x0, x1)))
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_every_pixel_is_as_gdal_has_it(kind: str) -> None:
    rng = np.random.default_rng([*kind.encode()])
    compared = 0
    for _ in range(COUNT):
        polygons = KINDS[kind](rng)
        ours, theirs = polygons_to_mask(polygons, HEIGHT, WIDTH), gdal(polygons)
        level = level_rows(polygons)
        # GDAL fills some of these edges once more, and both neighbours own their pixels: there we do not follow it.
        for row, left, right in level:
            if 0 <= row < HEIGHT:
                spared = slice(max(0, int(left)), max(0, int(right) + 1))
                theirs[row, spared] = ours[row, spared]
        assert np.array_equal(ours, theirs), polygons
        compared += not level
    assert compared > COUNT / 4


def test_a_level_edge_on_centres_has_one_owner_whichever_way_it_runs() -> None:
    upper = np.array([[3, 1], [8, 1], [9, 5.5], [2, 5.5]], dtype=float)
    lower = np.array([[2, 5.5], [9, 5.5], [8, 9], [3, 9]], dtype=float)
    for flip in (1, -1):
        a, b = (polygons_to_mask(one(ring[::flip]), HEIGHT, WIDTH) for ring in (upper, lower))
        assert not (a & b).any()
        assert (a | b)[1:9, 3:8].all()


def test_neighbours_along_a_level_edge_share_a_pixel_in_gdal_and_none_here() -> None:
    above = one(np.array([[0.5, 8.5], [1.5, 6.5], [-1.5, 3.5], [1.5, 8.5]]))
    below = one(np.array([[0.5, 8.5], [1.5, 8.5], [1, 12]]))
    assert (gdal(above) & gdal(below)).any()
    ours = [polygons_to_mask(polygons, HEIGHT, WIDTH) for polygons in (above, below)]
    assert not (ours[0] & ours[1]).any()
