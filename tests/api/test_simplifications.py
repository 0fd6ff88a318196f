"""Simplifications of a segmentation by several tolerances at once."""

from typing import Any

import numpy as np
import pytest

from segmentarium.core.annotation import rle_to_json, segmentation_from_json
from segmentarium.core.raster import segmentation_to_mask
from segmentarium.core.rle import Mask, mask_to_rle
from tests.api.client import SQUARE, Api, Scene, assert_problem, one_database
from tests.api.pictures import noise_png

HEIGHT, WIDTH = 140, 160
TOLERANCES = [0, 0.5, 1, 2, 4, 8]
pytestmark = one_database


@pytest.fixture
def picture(api: Api) -> int:
    """An image of 160 × 140 pixels."""
    return api.image(api.project(), noise_png(WIDTH, HEIGHT))


def disk() -> Mask:
    """A disk of radius 40 with a hole of radius 12."""
    rows, columns = np.mgrid[:HEIGHT, :WIDTH] + 0.5
    away = np.hypot(columns - 90, rows - 70)
    inside: Mask = (away < 40) & (away > 12)
    return inside


def simplify(api: Api, image: int, segmentation: Any, tolerances_px: list[float]) -> Any:
    body = {"segmentation": segmentation, "tolerances_px": tolerances_px}
    return api.owner.post(f"/api/images/{image}/simplifications", json=body)


def test_each_tolerance_states_the_iou_and_the_vertices_of_its_polygons(
    api: Api, picture: int
) -> None:
    mask = disk()
    items = simplify(api, picture, rle_to_json(mask_to_rle(mask)), TOLERANCES).json()["items"]
    assert [item["tolerance_px"] for item in items] == TOLERANCES
    for item in items:
        drawn = segmentation_to_mask(segmentation_from_json(item["segmentation"]), HEIGHT, WIDTH)
        assert item["iou"] == pytest.approx((drawn & mask).sum() / (drawn | mask).sum(), abs=1e-9)
        rings = [ring for part in item["segmentation"] for ring in part]
        assert item["vertices"] == sum(len(ring) // 2 for ring in rings)


def test_more_tolerance_leaves_fewer_vertices_and_none_leaves_every_pixel(
    api: Api, picture: int
) -> None:
    items = simplify(api, picture, rle_to_json(mask_to_rle(disk())), TOLERANCES).json()["items"]
    vertices = [item["vertices"] for item in items]
    assert vertices == sorted(vertices, reverse=True)
    assert vertices[0] > 5 * vertices[-1]
    assert items[0]["iou"] == 1


def test_polygons_are_simplified_as_they_are(api: Api, picture: int) -> None:
    angles = np.linspace(0, 2 * np.pi, 90, endpoint=False)
    ring = np.stack((80 + 50 * np.cos(angles), 70 + 50 * np.sin(angles)), axis=1)
    (item,) = simplify(api, picture, [[ring.ravel().tolist()]], [2]).json()["items"]
    corners = {tuple(point) for point in np.round(ring, 9).tolist()}
    (answered,) = item["segmentation"][0]
    assert {tuple(point) for point in np.round(answered, 9).reshape(-1, 2).tolist()} < corners
    assert 0.9 < item["iou"] < 1


def test_viewer_may_ask_and_nothing_is_stored(api: Api, scene: Scene) -> None:
    viewer = api.member("vera", scene.project, "viewer")
    body = {"segmentation": SQUARE, "tolerances_px": [1]}
    response = viewer.post(f"/api/images/{scene.image}/simplifications", json=body)
    assert response.status_code == 200
    assert api.annotations(scene.image) == []


def test_rle_of_another_size_is_refused(api: Api, picture: int) -> None:
    rle = rle_to_json(mask_to_rle(disk().T))
    assert_problem(simplify(api, picture, rle, [1]), 422, "invalid-segmentation")


@pytest.mark.parametrize(
    "segmentation",
    [
        {"size": [HEIGHT, WIDTH], "counts": [HEIGHT * WIDTH]},
        [[[10.1, 10.1, 10.2, 10.1, 10.2, 10.2]]],
        [[[500, 500, 600, 500, 600, 600]]],
    ],
    ids=["empty RLE", "between the centres", "off the image"],
)
def test_segmentation_without_a_pixel_is_refused(
    api: Api, picture: int, segmentation: object
) -> None:
    assert_problem(simplify(api, picture, segmentation, [1]), 422, "invalid-segmentation")


@pytest.mark.parametrize("tolerances", [[], [1] * 25, [-1], [1e9], ["wide"], None])
def test_tolerances_that_cannot_be_are_refused(api: Api, picture: int, tolerances: Any) -> None:
    assert_problem(simplify(api, picture, SQUARE, tolerances), 422, "invalid")


def test_noise_of_too_many_vertices_is_refused(api: Api) -> None:
    image = api.image(api.project(), noise_png(700, 700))
    rle = rle_to_json(mask_to_rle(np.random.default_rng(0).random((700, 700)) < 0.5))
    problem = assert_problem(simplify(api, image, rle, [1]), 422, "invalid-segmentation")
    assert "too many vertices" in problem["detail"]


def test_tolerances_that_would_answer_too_much_are_refused(api: Api) -> None:
    image = api.image(api.project(), noise_png(300, 300))
    rle = rle_to_json(mask_to_rle(np.random.default_rng(0).random((300, 300)) < 0.5))
    assert simplify(api, image, rle, [0]).status_code == 200
    assert_problem(simplify(api, image, rle, [0] * 24), 422, "invalid-segmentation")
