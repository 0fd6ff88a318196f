"""Changes of a corrected mask are taken over where they were asked for, and nowhere else."""

import numpy as np

from segmentarium.engines.base import Prediction, Prompt, Stroke
from segmentarium.engines.merging import changed_where_asked
from tests.engines.placing import placed

HEIGHT, WIDTH = 60, 80


def prediction(*boxes: tuple[int, int, int, int], x: int = 0, y: int = 0) -> Prediction:
    """A mask of boxes x0, y0, x1, y1 in image pixels, on the image without what lies left of x and above y."""
    mask = np.zeros((HEIGHT, WIDTH), dtype=bool)
    for x0, y0, x1, y1 in boxes:
        mask[y0:y1, x0:x1] = True
    return Prediction(mask[y:, x:], x, y, 0.6)


def changed(start: Prediction, answer: Prediction, prompt: Prompt) -> np.ndarray:
    found = changed_where_asked(start, answer, prompt, HEIGHT, WIDTH)
    return placed(found, HEIGHT, WIDTH)


def points(*given: tuple[float, float, int]) -> Prompt:
    return Prompt(
        point_coords=tuple((x, y) for x, y, _ in given), point_labels=tuple(p[2] for p in given)
    )


START = prediction((20, 20, 40, 40))
# Adds a piece on the left and one on the right, takes away a corner.
ANSWER = prediction((10, 20, 50, 30), (10, 30, 35, 40), x=5, y=5)
LEFT, RIGHT, CORNER = (10, 20, 20, 40), (40, 20, 50, 30), (35, 30, 40, 40)


def expected(*pieces: tuple[int, int, int, int], without: tuple[int, ...] = ()) -> np.ndarray:
    mask = placed(prediction((20, 20, 40, 40), *pieces), HEIGHT, WIDTH)
    if without:
        x0, y0, x1, y1 = without
        mask[y0:y1, x0:x1] = False
    return mask


def test_a_point_inside_takes_over_the_piece_it_lies_on() -> None:
    assert np.array_equal(changed(START, ANSWER, points((15, 30, 1))), expected(LEFT))


def test_a_point_outside_takes_away_the_piece_it_lies_on() -> None:
    assert np.array_equal(changed(START, ANSWER, points((37, 35, 0))), expected(without=CORNER))


def test_a_point_of_the_other_label_takes_over_nothing() -> None:
    assert np.array_equal(changed(START, ANSWER, points((15, 30, 0), (37, 35, 1))), expected())


def test_each_point_has_its_own_piece() -> None:
    found = changed(START, ANSWER, points((15, 30, 1), (45, 25, 1), (37, 35, 0)))
    assert np.array_equal(found, expected(LEFT, RIGHT, without=CORNER))


def test_a_stroke_takes_over_all_the_pieces_under_it() -> None:
    prompt = Prompt(strokes=(Stroke(((12, 25), (48, 25)), 1, 2),))
    assert np.array_equal(changed(START, ANSWER, prompt), expected(LEFT, RIGHT))


def test_what_the_answer_does_not_reach_stays() -> None:
    start = prediction((2, 20, 40, 40))
    answer = prediction((20, 20, 30, 40), x=10, y=10)
    found = changed(start, answer, points((12, 30, 0)))
    assert found[30, 2:10].all()
    assert not found[30, 10:20].any()


def test_a_mask_that_would_be_empty_is_the_one_before() -> None:
    answer = prediction((60, 50, 62, 52))
    assert np.array_equal(changed(START, answer, points((30, 30, 0))), expected())


def test_a_coarse_answer_lies_on_the_pixels_it_covers() -> None:
    coarse = Prediction(np.ones((4, 8), dtype=bool), 20, 20, 0.7, None, (40, 20))
    found = changed(START, coarse, points((50, 30, 1)))
    assert np.array_equal(found, expected((40, 20, 60, 40)))


def test_the_score_is_the_answers() -> None:
    better = Prediction(ANSWER.mask, ANSWER.x, ANSWER.y, 0.9)
    assert changed_where_asked(START, better, points((15, 30, 1)), HEIGHT, WIDTH).score == 0.9
