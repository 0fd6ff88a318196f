"""Polygons cut at the border of the image keep the pixels inside it."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from segmentarium.core.annotation import Polygons
from segmentarium.core.clipping import clip_polygons
from segmentarium.core.raster import polygons_to_mask

HEIGHT, WIDTH = 9, 13
vertices = arrays(
    np.float64,
    st.tuples(st.integers(3, 9), st.just(2)),
    elements=st.one_of(
        st.floats(-30, 30, width=32), st.integers(-4, 16).map(float), st.just(float(WIDTH))
    ),
)


@given(st.lists(st.lists(vertices, min_size=1, max_size=3), min_size=1, max_size=3))
def test_the_pixels_inside_stay_the_same(parts: list[list[np.ndarray]]) -> None:
    polygons = Polygons(tuple(tuple(part) for part in parts))
    expected = polygons_to_mask(polygons, HEIGHT, WIDTH)
    clipped = clip_polygons(polygons, WIDTH, HEIGHT)
    found = np.zeros_like(expected) if clipped is None else polygons_to_mask(clipped, HEIGHT, WIDTH)
    # A vertex that is made on the border is rounded: a centre that lies on the edge to it may change sides.
    assert np.count_nonzero(found != expected) <= (0 if are_whole(parts) else 2)


def are_whole(parts: list[list[np.ndarray]]) -> bool:
    """Rectangles and the like, whose cuts are exact."""
    return all(
        (np.diff(np.vstack((ring, ring[:1])), axis=0) == 0).any(axis=1).all()
        for part in parts
        for ring in part
    )


@given(vertices)
def test_no_vertex_is_left_outside(ring: np.ndarray) -> None:
    clipped = clip_polygons(Polygons(((ring,),)), WIDTH, HEIGHT)
    for part in clipped.parts if clipped else ():
        for one in part:
            assert one.min() >= 0
            assert one[:, 0].max() <= WIDTH
            assert one[:, 1].max() <= HEIGHT


def test_what_lies_inside_is_left_as_it_is() -> None:
    ring = np.array([[1.5, 2.5], [7.25, 3], [4, 8]])
    clipped = clip_polygons(Polygons(((ring,),)), WIDTH, HEIGHT)
    assert clipped is not None
    assert clipped.parts[0][0] is ring


def test_what_lies_outside_is_gone() -> None:
    ring = np.array([[20.0, 2], [27, 3], [24, 8]])
    assert clip_polygons(Polygons(((ring,),)), WIDTH, HEIGHT) is None
