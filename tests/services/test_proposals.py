"""Proposals: the polygons, the numbers stated of them and the engine's mask belong together."""

import tracemalloc
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import cv2
import numpy as np
import pytest
import skimage.data

from segmentarium.core.boxes import BboxXYWH
from segmentarium.core.errors import (
    EngineUnavailable,
    InvalidOption,
    InvalidPrompt,
    NothingFound,
    OutOfMemory,
)
from segmentarium.core.raster import polygons_to_mask
from segmentarium.core.rle import Mask, mask_to_rle, rle_area, rle_bbox, rle_to_mask
from segmentarium.engines import engine_named
from segmentarium.engines.base import ImageRGB, Option, OptionValue, Prediction, Prompt, PromptKind
from segmentarium.services.proposals import TOLERANCE_PX, Proposal, propose


def photograph(name: str) -> ImageRGB:
    image: ImageRGB = getattr(skimage.data, name)()
    return image


CASES: dict[str, tuple[ImageRGB, BboxXYWH]] = {
    "a cup": (photograph("coffee"), (173, 18, 234, 290)),
    "a person": (photograph("astronaut"), (20, 16, 342, 496)),
    "an eye": (photograph("chelsea"), (136, 85, 72, 61)),
    "a box over the border": (photograph("chelsea"), (-20.5, 200, 300, 400)),
    "one pixel": (photograph("chelsea"), (450, 299, 1, 1)),
    "a box over 1,024 pixels": (
        np.tile(photograph("chelsea"), (2, 3, 1))[:531, :1025],
        (0, 0, 1025, 531),
    ),
    "a flat image": (np.full((50, 70, 3), 200, np.uint8), (10, 10, 40, 30)),
}
cases = pytest.mark.parametrize("case", CASES)


def proposed(case: str) -> tuple[Proposal, Mask]:
    """A proposal, and the mask of its polygons."""
    image, bbox = CASES[case]
    proposal = propose(engine_named("grabcut"), image, Prompt(bbox_xywh=bbox), {})
    return proposal, polygons_to_mask(proposal.segmentation, *image.shape[:2])


@cases
def test_polygons_cover_the_mask_of_the_engine_as_stated(case: str) -> None:
    proposal, mask = proposed(case)
    engine_mask = rle_to_mask(proposal.rle)
    iou = (mask & engine_mask).sum() / (mask | engine_mask).sum()
    assert proposal.simplification.iou == pytest.approx(iou)


@cases
def test_area_and_box_are_those_of_the_polygons(case: str) -> None:
    proposal, mask = proposed(case)
    assert proposal.area == mask.sum()
    assert proposal.bbox_xywh == rle_bbox(mask_to_rle(mask))


@cases
def test_vertices_and_tolerance_are_stated(case: str) -> None:
    proposal, _ = proposed(case)
    assert proposal.simplification.vertices == proposal.segmentation.vertex_count
    coarseness = max(1, proposal.rle.size[1] / 1024)
    assert proposal.simplification.tolerance_px == pytest.approx(
        TOLERANCE_PX * coarseness, rel=0.01
    )


@cases
def test_every_vertex_lies_on_the_image(case: str) -> None:
    proposal, _ = proposed(case)
    height, width = proposal.rle.size
    for vertices in (ring for part in proposal.segmentation.parts for ring in part):
        assert (vertices >= 0).all()
        assert (vertices <= (width, height)).all()


@pytest.mark.parametrize("case", ["a cup", "a person", "an eye"])
def test_simplification_costs_little_on_real_objects(case: str) -> None:
    proposal, _ = proposed(case)
    assert proposal.simplification.iou > 0.97
    assert proposal.simplification.vertices < 300


def test_a_fallback_is_passed_on() -> None:
    assert proposed("a flat image")[0].fallback


def test_the_size_of_the_rle_is_that_of_the_image() -> None:
    assert proposed("a flat image")[0].rle.size == (50, 70)


def test_a_box_off_the_image_is_refused() -> None:
    image = CASES["a flat image"][0]
    with pytest.raises(InvalidPrompt):
        propose(engine_named("grabcut"), image, Prompt(bbox_xywh=(70, 0, 5, 5)), {})


def test_an_option_out_of_range_is_refused() -> None:
    image, bbox = CASES["a flat image"]
    with pytest.raises(InvalidOption):
        propose(engine_named("grabcut"), image, Prompt(bbox_xywh=bbox), {"iterations": 0})


@dataclass
class Fixed:
    """A small real engine that always answers the same mask."""

    answer: Mask
    missing: str | None = None
    name: str = "fixed"
    title: str = "Fixed"
    prompts: tuple[PromptKind, ...] = ("bbox",)
    starts_from: tuple[PromptKind, ...] = ("bbox",)
    description: str = "What is in the box."
    rank: int = -1
    is_slow: bool = False
    options: tuple[Option, ...] = field(default=())

    def unavailable_reason(self) -> str | None:
        return self.missing

    def segment(
        self, image: ImageRGB, prompt: Prompt, options: Mapping[str, OptionValue]
    ) -> Prediction:
        return Prediction(self.answer, 3, 2, 0.75)


@dataclass
class Coarse(Fixed):
    """One that worked on a shrunken crop."""

    covers: tuple[int, int] = (0, 0)

    def segment(
        self, image: ImageRGB, prompt: Prompt, options: Mapping[str, OptionValue]
    ) -> Prediction:
        return Prediction(self.answer, 3, 2, 0.75, covers=self.covers)


def ask(engine: Fixed) -> Proposal:
    return propose(engine, np.zeros((20, 30, 3), np.uint8), Prompt(bbox_xywh=(0, 0, 30, 20)), {})


def test_an_engine_that_cannot_run_says_why() -> None:
    with pytest.raises(EngineUnavailable, match="pip install"):
        ask(Fixed(np.ones((4, 4), bool), missing="Run `pip install segmentarium[models]`."))


@dataclass
class Greedy(Fixed):
    """One that wants more memory than any machine has."""

    wants: Callable[[], object] = int

    def segment(
        self, image: ImageRGB, prompt: Prompt, options: Mapping[str, OptionValue]
    ) -> Prediction:
        self.wants()
        return super().segment(image, prompt, options)


@pytest.mark.parametrize(
    "wants",
    [
        lambda: np.ones((10**8, 10**8), bool),
        lambda: cv2.resize(np.zeros((2, 2), np.uint8), (2**30, 2**20)),
    ],
    ids=["NumPy", "OpenCV"],
)
def test_an_engine_that_has_too_little_memory_says_so(wants: Callable[[], object]) -> None:
    with pytest.raises(OutOfMemory, match="too little memory for Fixed"):
        ask(Greedy(np.ones((4, 4), bool), wants=wants))


def test_another_failure_of_opencv_is_not_taken_for_want_of_memory() -> None:
    with pytest.raises(cv2.error, match="empty"):
        ask(Greedy(np.ones((4, 4), bool), wants=lambda: cv2.resize(np.zeros((0, 0)), (2, 2))))


def test_a_coarse_mask_is_answered_at_the_size_of_the_image() -> None:
    answer = np.zeros((4, 4), bool)
    answer[1:3, 1:3] = True
    proposal = ask(Coarse(answer, covers=(20, 12)))
    assert proposal.bbox_xywh == (8, 5, 10, 6)
    assert proposal.area == 60
    assert rle_bbox(proposal.rle) == proposal.bbox_xywh
    assert proposal.simplification.tolerance_px == 5 * TOLERANCE_PX


def test_a_box_over_a_large_image_costs_no_more_than_its_crop() -> None:
    side = 6000
    image = np.full((side, side, 3), 40, np.uint8)
    y, x = np.ogrid[:side, :side]
    image[(y - 3000) ** 2 + (x - 3000) ** 2 < 2000**2] = (200, 60, 30)
    prompt = Prompt(bbox_xywh=(500, 500, 5000, 5000))
    tracemalloc.start()
    proposal = propose(engine_named("grabcut"), image, prompt, {})
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < image.nbytes / 2
    assert proposal.area == pytest.approx(np.pi * 2000**2, rel=0.01)
    assert proposal.rle.size == (side, side)
    assert rle_area(proposal.rle) == pytest.approx(proposal.area, rel=0.01)
    assert proposal.simplification.iou > 0.99


def test_an_empty_mask_is_no_proposal() -> None:
    with pytest.raises(NothingFound, match="Fixed found nothing"):
        ask(Fixed(np.zeros((4, 4), bool)))


def test_polygons_lie_where_the_crop_lies() -> None:
    proposal = ask(Fixed(np.ones((5, 6), bool)))
    assert proposal.bbox_xywh == (3, 2, 6, 5)
    assert rle_bbox(proposal.rle) == (3, 2, 6, 5)


def test_a_hole_in_the_mask_is_a_hole_in_the_polygons() -> None:
    ring = np.ones((14, 14), bool)
    ring[4:10, 4:10] = False
    proposal = ask(Fixed(ring))
    assert proposal.segmentation.has_holes
    assert proposal.area == 14 * 14 - 36


def test_engine_and_score_are_told() -> None:
    proposal = ask(Fixed(np.ones((5, 6), bool)))
    assert (proposal.engine, proposal.score) == ("fixed", 0.75)


@pytest.mark.parametrize(("point", "label"), [((20.5, 15.5), 1), ((5.5, 4.5), 0)])
def test_a_point_is_obeyed_though_the_engine_did_not(
    point: tuple[float, float], label: int
) -> None:
    engine = Fixed(
        np.ones((5, 6), bool), prompts=("bbox", "points"), starts_from=("bbox", "points")
    )
    prompt = Prompt((0, 0, 30, 20), point_coords=(point,), point_labels=(label,))
    proposal = propose(engine, np.zeros((20, 30, 3), np.uint8), prompt, {})
    x, y = int(point[0]), int(point[1])
    for found in (rle_to_mask(proposal.rle), polygons_to_mask(proposal.segmentation, 20, 30)):
        assert found[y, x] == (label == 1)


@pytest.mark.parametrize("pixel", [(0, 0), (2, 3), (4, 5)])
def test_an_object_of_one_pixel_has_polygons_that_cover_it(pixel: tuple[int, int]) -> None:
    mask = np.zeros((5, 6), bool)
    mask[pixel] = True
    proposal = ask(Fixed(mask))
    assert proposal.area == 1
    assert rle_area(proposal.rle) == 1
    assert proposal.simplification.iou == 1
