"""Limits are spread over the domains; jittered boxes are the same in every run."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmentarium.core.boxes import BboxXYWH
from segmentarium.core.rle import Mask
from segmentarium.services.evaluation.targets import Target, jittered, spread


def nothing() -> Mask:
    return np.ones((100, 200), np.bool_)


def target(id_: str, domain: str = "a", bbox: BboxXYWH = (50, 20, 40, 30)) -> Target:
    return Target(id_, "picture.png", Path("picture.png"), domain, bbox, 200, 100, nothing)


MANY = [target(f"a{n}", "a") for n in range(20)] + [target(f"b{n}", "b") for n in range(3)]


def test_domains_have_as_many_each_as_they_can() -> None:
    chosen = Counter(one.domain for one in spread(MANY, 10))
    assert chosen == {"a": 7, "b": 3}


def test_those_of_a_domain_are_taken_evenly() -> None:
    chosen = [one.id for one in spread(MANY[:20], 4)]
    assert chosen == ["a2", "a7", "a12", "a17"]


@pytest.mark.parametrize("limit", [23, 24, 1000])
def test_a_limit_over_all_takes_all(limit: int) -> None:
    assert spread(MANY, limit) == MANY


@given(st.lists(st.sampled_from("abc"), max_size=30), st.integers(1, 40))
def test_as_many_as_asked_for_are_taken_in_their_order(domains: list[str], limit: int) -> None:
    targets = [target(str(number), domain) for number, domain in enumerate(domains)]
    chosen = spread(targets, limit)
    assert len(chosen) == min(limit, len(targets))
    assert [one.id for one in chosen] == sorted({one.id for one in chosen}, key=int)


def test_a_box_is_jittered_the_same_each_time() -> None:
    assert jittered(target("a"), 0.1).bbox_xywh == jittered(target("a"), 0.1).bbox_xywh
    assert jittered(target("a"), 0.1).bbox_xywh != jittered(target("b"), 0.1).bbox_xywh


def test_no_jitter_leaves_the_box() -> None:
    assert jittered(target("a"), 0).bbox_xywh == pytest.approx((50, 20, 40, 30))


def test_sides_are_moved_by_the_share_that_was_asked_for() -> None:
    boxes = np.array([jittered(target(str(n)), 0.05).bbox_xywh for n in range(2000)])
    corners = np.column_stack((boxes[:, :2], boxes[:, :2] + boxes[:, 2:]))
    assert corners.mean(axis=0) == pytest.approx((50, 20, 90, 50), abs=0.2)
    assert corners.std(axis=0) == pytest.approx((2, 1.5, 2, 1.5), rel=0.1)


boxes = st.tuples(
    st.integers(0, 199), st.integers(0, 99), st.integers(1, 200), st.integers(1, 100)
).map(
    lambda b: (float(b[0]), float(b[1]), float(min(b[2], 200 - b[0])), float(min(b[3], 100 - b[1])))
)


@given(boxes, st.text(min_size=1), st.floats(0, 0.5))
def test_a_jittered_box_is_within_the_image_and_has_a_size(
    bbox: BboxXYWH, id_: str, sigma: float
) -> None:
    x, y, w, h = jittered(target(id_, bbox=bbox), sigma).bbox_xywh
    assert min(w, h) >= 1
    assert 0 <= x <= x + w <= 200
    assert 0 <= y <= y + h <= 100
