"""Points and strokes: obeyed, local, and bounded."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmentarium.core.errors import PromptAbandoned
from segmentarium.core.rle import Mask, mask_to_rle
from segmentarium.engines.base import ImageRGB, Prediction, Prompt, Stroke, abandoned_when
from segmentarium.engines.correction import corrected, prediction_of

HEIGHT, WIDTH = 90, 120


def scene() -> ImageRGB:
    """A red and a blue square side by side on grey."""
    image = np.full((HEIGHT, WIDTH, 3), 120, np.uint8)
    image[30:60, 20:50] = (200, 40, 40)
    image[30:60, 50:80] = (40, 40, 200)
    return image


def square(left: int, right: int) -> Mask:
    mask = np.zeros((HEIGHT, WIDTH), bool)
    mask[30:60, left:right] = True
    return mask


def pasted(prediction: Prediction) -> Mask:
    mask = np.zeros((HEIGHT, WIDTH), bool)
    x, y, width, height = prediction.bbox_xywh
    assert prediction.mask.shape == (height, width)
    mask[y : y + height, x : x + width] = prediction.mask
    return mask


def ask(mask: Mask, *points: tuple[float, float, int], strokes: tuple[Stroke, ...] = ()) -> Mask:
    prompt = Prompt(
        point_coords=tuple((x, y) for x, y, _ in points),
        point_labels=tuple(label for *_, label in points),
        strokes=strokes,
    )
    return pasted(corrected(scene(), prediction_of(mask_to_rle(mask)), prompt))


def overlap(a: Mask, b: Mask) -> float:
    return float((a & b).sum() / (a | b).sum())


def test_a_mask_without_corrections_is_answered_as_it_is() -> None:
    mask = square(20, 50)
    mask[35:40, 60:70] = True
    assert np.array_equal(ask(mask), mask)


def test_a_point_inside_adds_what_looks_like_it() -> None:
    assert overlap(ask(square(20, 50), (65, 45, 1)), square(20, 80)) > 0.9


def test_a_point_outside_takes_away_what_looks_like_it() -> None:
    assert overlap(ask(square(20, 80), (65, 45, 0)), square(20, 50)) > 0.9


def test_a_point_that_is_obeyed_already_changes_nothing() -> None:
    mask = square(20, 50)
    assert np.array_equal(ask(mask, (30, 40, 1), (90, 80, 0)), mask)


def test_a_stroke_covers_all_of_its_width() -> None:
    stroke = Stroke(((10, 10), (100, 20)), 1, 4)
    answer = ask(square(20, 50), strokes=(stroke,))
    for x in range(10, 101, 5):
        y = 10 + (x - 10) / 9
        assert answer[int(y) - 3 : int(y) + 3, x - 1].all()


@pytest.mark.parametrize("label", [0, 1])
def test_a_correction_changes_only_to_its_label(label: int) -> None:
    before = square(35, 65)
    after = ask(before, (60, 45, 0) if label == 0 else (72, 45, 1))
    assert ((after != before) <= (after == bool(label))).all()


def test_what_lies_far_from_a_correction_stays_as_it_is() -> None:
    before = square(20, 50)
    before[5:15, 100:115] = True
    after = ask(before, (52, 45, 1))
    # It lies two pixels from the mask: what it reaches is three times that, and a dozen pixels at least.
    changed = np.argwhere(after != before)
    assert changed.size
    assert np.abs(changed - (45, 52)).max() <= 13


points = st.lists(
    st.tuples(
        st.integers(0, WIDTH - 1).map(lambda x: x + 0.5),
        st.integers(0, HEIGHT - 1).map(lambda y: y + 0.5),
        st.integers(0, 1),
    ),
    max_size=6,
    unique_by=lambda point: point[:2],
)


@settings(max_examples=60, deadline=None)
@given(points)
def test_every_point_is_obeyed_the_earlier_ones_too(
    given_points: list[tuple[float, float, int]],
) -> None:
    answer = ask(square(20, 65), *given_points)
    assert [int(answer[int(y), int(x)]) for x, y, _ in given_points] == [
        label for *_, label in given_points
    ]


@settings(max_examples=30, deadline=None)
@given(points)
def test_points_given_one_by_one_are_all_obeyed(
    given_points: list[tuple[float, float, int]],
) -> None:
    mask = square(20, 65)
    for count in range(1, len(given_points) + 1):
        mask = ask(mask, *given_points[:count])
        for x, y, label in given_points[:count]:
            assert mask[int(y), int(x)] == bool(label)


def test_the_later_of_two_labels_of_one_pixel_counts() -> None:
    assert not ask(square(20, 50), (65.5, 45.5, 1), (65.5, 45.5, 0))[45, 65]


@pytest.mark.parametrize("label", [0, 1])
def test_a_point_on_a_stroke_of_the_other_label_is_obeyed(label: int) -> None:
    stroke = Stroke(((30.5, 45.5), (70.5, 45.5)), 1 - label, 3)
    answer = ask(square(20, 50), (50.5, 45.5, label), strokes=(stroke,))
    assert answer[45, 50] == (label == 1)
    assert answer[45, 45] == (label == 0)


def test_corrections_that_leave_nothing_are_refused_in_words() -> None:
    start = prediction_of(mask_to_rle(square(49, 50)))
    whole = Stroke(((49, 20), (49, 70)), 0, 20)
    answer = corrected(scene(), start, Prompt(strokes=(whole,)))
    assert answer.mask.any()
    assert answer.fallback


def test_the_same_corrections_have_the_same_answer() -> None:
    assert np.array_equal(
        ask(square(20, 50), (65, 45, 1), (40, 45, 0)), ask(square(20, 50), (65, 45, 1), (40, 45, 0))
    )


def test_a_correction_of_a_huge_image_decodes_and_reads_only_what_is_near() -> None:
    # 10,000 megapixels: 30 GB of pixels and 10 GB of mask if anything looked at all of it.
    from segmentarium.core.rle import RLE

    side, left, top, size = 100_000, 50_000, 60_000, 30
    column = [size, side - size]
    counts = [left * side + top, *(column * size)]
    counts[-1] += side * side - sum(counts)
    mask = RLE((side, side), np.array(counts))
    image = np.broadcast_to(np.uint8(9), (side, side, 3))
    prompt = Prompt(point_coords=((left + 40.5, top + 10.5),), point_labels=(1,))
    answer = corrected(image, prediction_of(mask), prompt)
    assert answer.mask.size < 200 * 200
    assert answer.mask[top + 10 - answer.y, left + 40 - answer.x]


def test_a_mask_larger_than_what_is_answered_is_decoded_coarsely() -> None:
    from segmentarium.core.rle import RLE

    side = 60_000
    start = prediction_of(RLE((side, side), np.array([0, side * side])))
    assert max(start.mask.shape) <= 2048
    assert start.bbox_xywh == (0, 0, side, side)
    assert start.mask.all()


def prompt_of(*points: tuple[float, float, int], strokes: tuple[Stroke, ...] = ()) -> Prompt:
    return Prompt(
        point_coords=tuple((x, y) for x, y, _ in points),
        point_labels=tuple(label for *_, label in points),
        strokes=strokes,
    )


CROSSING = (Stroke(((10, 20), (100, 80)), 1, 6), Stroke(((10, 80), (100, 20)), 0, 3))


@pytest.mark.parametrize(
    "prompt",
    [
        prompt_of((30, 40, 1), (90, 80, 0)),
        prompt_of((65, 45, 1), (25.25, 35.5, 0), (75.5, 45, 1)),
        prompt_of(strokes=CROSSING),
        prompt_of((55, 50, 1), (0, 0, 1), (120, 90, 0), (119.5, 90, 1), strokes=CROSSING),
    ],
    ids=["nothing to do", "points", "strokes that cross", "all at once, to the corners"],
)
def test_what_was_corrected_once_is_obeyed_and_answered_untouched(prompt: Prompt) -> None:
    once = corrected(scene(), prediction_of(mask_to_rle(square(20, 50))), prompt)
    assert corrected(scene(), once, prompt) is once


def test_a_point_outside_on_the_edge_of_the_mask_takes_nothing_away() -> None:
    start = prediction_of(mask_to_rle(square(20, 50)))
    # Column 50 is the first that the mask has not.
    assert corrected(scene(), start, prompt_of((50, 45, 0), (35, 60, 0))) is start
    assert corrected(scene(), start, prompt_of((49.99, 45, 0))) is not start


def test_a_stroke_inside_that_leaves_the_mask_is_not_obeyed_yet() -> None:
    start = prediction_of(mask_to_rle(square(20, 50)))
    stroke = Stroke(((30, 45), (60, 45)), 1, 2)
    assert pasted(corrected(scene(), start, prompt_of(strokes=(stroke,))))[45, 55]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(21, 59.9), st.floats(25, 79.9), st.integers(0, 1)),
        min_size=1,
        max_size=3,
    )
)
def test_the_pixel_under_a_point_has_its_label_on_a_mask_coarser_than_the_image(
    given_points: list[tuple[float, float, int]],
) -> None:
    start = Prediction(np.ones((23, 17), bool), 20, 24, 0.5, None, (41, 57))
    answer = corrected(scene(), start, prompt_of(*given_points))
    x0, y0, width, height = answer.bbox_xywh
    rows, columns = answer.mask.shape
    last = {(int(x), int(y)): label for x, y, label in given_points}
    cells: dict[tuple[int, int], int] = {}
    for (x, y), label in last.items():
        cell = int((y + 0.5 - y0) * rows / height), int((x + 0.5 - x0) * columns / width)
        cells[cell] = label if cells.get(cell, label) == label else -1
    for cell, label in cells.items():
        assert label < 0 or answer.mask[cell] == bool(label)


def test_the_work_grows_with_the_number_of_strokes_not_with_its_square() -> None:
    def looks(count: int) -> int:
        """How often it looks whether anybody waits: once for each segment painted, at least."""
        seen: list[int] = []
        rng = np.random.default_rng(3)
        strokes = tuple(
            Stroke(tuple((float(x), float(y)) for x, y in rng.uniform(10, 80, (20, 2))), one % 2, 2)
            for one in range(count)
        )

        def is_abandoned() -> bool:
            seen.append(1)
            return False

        with abandoned_when(is_abandoned):
            ask(square(20, 50), strokes=strokes)
        return len(seen)

    assert looks(5) > 5 * 20
    assert looks(40) < 1.5 * 8 * looks(5)


def test_it_stops_in_the_middle_when_nobody_waits() -> None:
    strokes = tuple(
        Stroke(((20, 20 + one), (90, 20 + one), (90, 25 + one)), one % 2, 3) for one in range(30)
    )
    looks = iter(range(1000))
    with abandoned_when(lambda: next(looks) >= 25), pytest.raises(PromptAbandoned):
        ask(square(20, 50), strokes=strokes)
    assert next(looks) == 26
