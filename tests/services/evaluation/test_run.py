"""Engines are asked, measured and corrected as an annotator would."""

from itertools import pairwise

import numpy as np
import pytest

from segmentarium.core.metrics import boundary_iou
from segmentarium.core.rle import rle_area
from segmentarium.engines import ENGINES, best_engine
from segmentarium.engines.base import EmbeddingEngine, Engine, Prompt
from segmentarium.services.evaluation.contenders import Contender, contender
from segmentarium.services.evaluation.index import read_index
from segmentarium.services.evaluation.run import Corrections, Outcome, evaluate
from tests.services.evaluation.engines import (
    Cells,
    Failing,
    Filled,
    Reading,
    Remembering,
    Stubborn,
)
from tests.services.evaluation.indices import IndexFile, rectangle


def outcomes_of(
    index: IndexFile, *engines: Engine, clicks: int = 0
) -> dict[tuple[str, str], Outcome]:
    """Outcomes by contender and target."""
    contenders = [contender(engine) for engine in engines]
    found = evaluate(contenders, read_index(index.path).targets, clicks)
    return {(one.contender, one.target.id): one for one in found}


@pytest.fixture
def cells(index: IndexFile) -> IndexFile:
    """One object alone: four cells in a row. `Cells` answers the first of them to its box."""
    index.objects.clear()
    index.add("row", "plain.png", rectangle(30, 60, 10, 10, 40, 10))
    index.write()
    return index


def test_iou_is_that_of_the_masks(index: IndexFile) -> None:
    found = outcomes_of(index, Filled())
    for one in index.objects:
        area = int(index.masks[one["id"]].sum())
        width, height = one["box"][2:]
        assert found["filled", one["id"]].iou == pytest.approx(area / (width * height))


def test_boundary_iou_is_that_of_the_masks(index: IndexFile) -> None:
    box = rectangle(30, 60, 10, 5, 40, 10)
    expected = boundary_iou(box, index.masks["half"])
    assert outcomes_of(index, Filled())["filled", "half"].boundary_iou == expected
    assert expected < 1


def test_polygons_of_a_rectangle_are_as_good_as_its_mask(index: IndexFile) -> None:
    one = outcomes_of(index, Filled())["filled", "half"]
    assert one.polygons_iou == one.iou == 0.5


def test_each_contender_is_asked_for_each_object_once_after_a_warm_up(index: IndexFile) -> None:
    engine = Filled()
    outcomes_of(index, engine)
    boxes = [tuple(target.bbox_xywh) for target in read_index(index.path).targets]
    assert [prompt.bbox_xywh for prompt in engine.asked] == [boxes[0], *boxes]


def test_two_runs_are_the_same_but_for_the_times(index: IndexFile) -> None:
    def figures() -> list[tuple[object, ...]]:
        found = outcomes_of(index, ENGINES["grabcut"], Cells(), clicks=3).values()
        return [(o.iou, o.boundary_iou, o.score, o.corrections, o.fallback) for o in found]

    assert figures() == figures()


def test_progress_is_told_to_the_end(index: IndexFile) -> None:
    heard: list[tuple[int, int]] = []
    targets = read_index(index.path).targets
    evaluate(
        [contender(Filled()), contender(Stubborn())],
        targets,
        0,
        lambda done, every: heard.append((done, every)),
    )
    # While the files are looked at, and then with each outcome.
    assert heard == [(0, 10)] * 5 + [(done, 10) for done in range(1, 11)]


def test_clicks_are_counted_until_the_answer_is_good(cells: IndexFile) -> None:
    engine = Cells()
    one = outcomes_of(cells, engine, clicks=20)["cells", "row"]
    assert one.iou == 0.25
    # One click to each of the three cells that are missing.
    assert one.corrections == Corrections(3, is_reached=True)
    assert {point[0] // 10 for point in engine.asked[-1].point_coords} == {2, 3, 4}


def test_each_prompt_has_the_box_and_all_points_so_far(cells: IndexFile) -> None:
    engine = Cells()
    outcomes_of(cells, engine, clicks=20)
    asked = engine.asked[1:]
    assert {prompt.bbox_xywh for prompt in asked} == {(10, 10, 40, 10)}
    assert [len(prompt.point_coords) for prompt in asked] == [0, 1, 2, 3]
    for before, after in pairwise(asked):
        assert after.point_coords[:-1] == before.point_coords


def test_too_much_is_corrected_by_points_outside(index: IndexFile) -> None:
    index.objects.clear()
    index.add("beside", "plain.png", rectangle(30, 60, 30, 0, 20, 10), box=[20, 0, 30, 10])
    index.write()
    engine = Cells()
    one = outcomes_of(index, engine, clicks=20)["cells", "beside"]
    # Both cells of the object, and the cell too many.
    assert one.corrections == Corrections(3, is_reached=True)
    assert sorted(engine.asked[-1].point_labels) == [0, 1, 1]


def test_after_a_click_that_failed_the_next_one_is_made(index: IndexFile) -> None:
    index.objects.clear()
    index.add("apart", "plain.png", rectangle(30, 60, 40, 0, 10, 10), box=[20, 0, 30, 10])
    index.write()
    engine = Cells()
    one = outcomes_of(index, engine, clicks=20)["cells", "apart"]
    # The first click takes away all that there was: an empty mask is no proposal.
    assert [prompt.point_labels for prompt in engine.asked[2:]] == [(0,), (0, 1)]
    assert one.corrections is not None
    assert (one.corrections.clicks, one.corrections.is_reached) == (2, True)
    assert "found nothing" in (one.corrections.failure or "")


def test_clicks_end_at_their_number(cells: IndexFile) -> None:
    one = outcomes_of(cells, Cells(), clicks=2)["cells", "row"]
    assert one.corrections == Corrections(2, is_reached=False)


def test_an_engine_that_does_not_obey_gets_new_points_to_the_end(cells: IndexFile) -> None:
    engine = Stubborn()
    cells.objects[0]["box"] = [10, 0, 50, 30]
    cells.write()
    one = outcomes_of(cells, engine, clicks=7)["stubborn", "row"]
    assert one.corrections == Corrections(7, is_reached=False)
    assert len(set(engine.asked[-1].point_coords)) == 7


def test_a_good_box_needs_no_click(index: IndexFile) -> None:
    one = outcomes_of(index, Stubborn(), clicks=20)["stubborn", "exact"]
    assert one.corrections == Corrections(0, is_reached=True)


def test_an_engine_without_points_has_no_figure_for_clicks(index: IndexFile) -> None:
    found = outcomes_of(index, Filled(), clicks=20)
    assert {one.corrections for one in found.values()} == {None}


def test_without_clicks_nobody_has_a_figure_for_them(cells: IndexFile) -> None:
    assert outcomes_of(cells, Cells(), clicks=0)["cells", "row"].corrections is None


def test_the_present_mask_is_given_to_those_who_take_it(cells: IndexFile) -> None:
    engine, other = Remembering(), Cells()
    outcomes_of(cells, engine, other, clicks=20)
    present = [prompt.mask for prompt in engine.asked[1:]]
    assert [None if rle is None else rle_area(rle) for rle in present] == [None, 100, 200, 300]
    assert {prompt.mask for prompt in other.asked} == {None}


def test_a_failure_is_an_outcome_of_iou_0_and_ends_nothing(index: IndexFile) -> None:
    fails_for_rectangles = Failing(fails=lambda prompt: prompt.bbox_xywh == (10, 5, 20, 10))
    found = outcomes_of(index, fails_for_rectangles)
    failed = found["failing", "exact"]
    assert (failed.iou, failed.failure, failed.ms) == (0, "The cable was pulled.", None)
    assert found["failing", "half"].iou == 0.5


def test_after_a_failed_box_corrections_start_from_nothing(cells: IndexFile) -> None:
    engine = Failing(fails=lambda prompt: not prompt.point_coords)
    one = outcomes_of(cells, engine, clicks=20)["failing", "row"]
    assert one.corrections == Corrections(1, is_reached=True)
    assert engine.asked[-1].point_labels == (1,)


def test_a_failed_correction_does_not_reach_the_aim(index: IndexFile) -> None:
    engine = Failing(fails=lambda prompt: bool(prompt.point_coords))
    one = outcomes_of(index, engine, clicks=20)["failing", "half"]
    assert one.corrections == Corrections(20, is_reached=False, failure="The cable was pulled.")
    assert one.trouble == "when corrected: The cable was pulled."


def test_an_image_is_read_once_by_an_engine_that_keeps_what_it_read(index: IndexFile) -> None:
    engine = Reading()
    assert isinstance(engine, EmbeddingEngine)
    found = outcomes_of(index, engine, clicks=3)
    # Two images, and the warm-up before.
    assert engine.read == 3
    opened = [key for key, one in found.items() if one.opening_ms is not None]
    assert len(opened) == 2


def test_auto_is_the_engine_that_it_chooses(index: IndexFile) -> None:
    targets = read_index(index.path).targets
    best = best_engine(Prompt(bbox_xywh=(0, 0, 5, 5)))
    found = evaluate([Contender("auto", best_engine), contender(best)], targets, clicks=0)
    assert {one.answered_by for one in found} == {best.name}
    ious = {
        name: [one.iou for one in found if one.contender == name] for name in ("auto", best.name)
    }
    assert ious["auto"] == ious[best.name]


def test_a_real_engine_finds_the_coins(index: IndexFile) -> None:
    found = outcomes_of(index, ENGINES["grabcut"], Filled())
    coins = [id_ for id_ in index.masks if id_.startswith("coin")]
    grabcut, filled = (
        np.mean([found[name, id_].iou for id_ in coins]) for name in ("grabcut", "filled")
    )
    assert grabcut > filled


def test_an_engine_that_answers_an_empty_mask_has_failed(index: IndexFile) -> None:
    class Empty(Filled):
        def mask(
            self, image: object, prompt: Prompt
        ) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
            return np.zeros((30, 60), np.bool_)

    targets = [one for one in read_index(index.path).targets if one.domain == "rectangles"]
    found = evaluate([contender(Empty())], targets, clicks=0)
    assert [one.iou for one in found] == [0, 0]
    assert all("found nothing" in (one.failure or "") for one in found)
