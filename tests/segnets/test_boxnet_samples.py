"""What BoxNet is trained on: samples show what they say, and the same as the server will show."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from segnets.box_view import CHANNELS, planes_of_view, view_of_box
from segnets.boxnet.corrections import correct, largest_error
from segnets.boxnet.cuts import cut_view, turned_box
from segnets.boxnet.objects import read_all
from segnets.boxnet.samples import MARGIN, MEAN, STD, Sampler, plain_sample
from tests.segnets.pictures import made_up_picture, write_data_sets

INSIDE, OUTSIDE = CHANNELS.index("points_inside"), CHANNELS.index("points_outside")
MASK, HAS_MASK = CHANNELS.index("mask"), CHANNELS.index("has_mask")


def test_a_sample_is_what_the_server_shows_the_network() -> None:
    one = made_up_picture(1).objects[0]
    sample = plain_sample(one, 64)
    view = view_of_box(turned_box(one, 0.0), MARGIN, 64)
    served = planes_of_view(view, one.picture.pixels, CHANNELS, MEAN, STD)
    # Colours are resampled in another way where the crop is shrunk; at about one pixel a cell hardly.
    assert np.abs(sample.planes[3:] - served[3:]).max() < 1e-6
    assert np.abs(sample.planes[:3] - served[:3]).mean() < 0.05


def test_a_target_covers_its_box() -> None:
    for one in made_up_picture(2).objects:
        sample = plain_sample(one, 96)
        seen = sample.planes[CHANNELS.index("inside_box")] > 0
        rows, columns = np.nonzero(sample.target)
        box_rows, box_columns = np.nonzero(seen)
        assert abs(rows.min() - box_rows.min()) <= 1
        assert abs(rows.max() - box_rows.max()) <= 1
        assert abs(columns.min() - box_columns.min()) <= 1
        assert abs(columns.max() - box_columns.max()) <= 1


@pytest.mark.parametrize("turn", [0.3, -2.0, np.pi])
def test_a_turned_object_fills_its_box_as_well(turn: float) -> None:
    for one in made_up_picture(3).objects:
        view = view_of_box(turned_box(one, turn), MARGIN, 96)
        seen = cut_view(one, view, turn)
        rows, columns = np.nonzero(seen.inside)
        low, high = 96 * MARGIN / (1 + 2 * MARGIN), 96 * (1 + MARGIN) / (1 + 2 * MARGIN)
        assert (rows.min(), columns.min()) == pytest.approx((low, low), abs=1.6)
        assert (rows.max() + 1, columns.max() + 1) == pytest.approx((high, high), abs=1.6)
        # Turning changes no colour of it.
        own = one.picture.pixels[one.picture.maps[0] == one.id].mean(axis=0)
        inner = cv2.erode(seen.inside.astype(np.uint8), np.ones((5, 5))) > 0
        assert np.abs(seen.colors[inner].mean(axis=0) - own).max() < 4


def test_the_same_numbers_draw_the_same_samples() -> None:
    sampler = Sampler([made_up_picture(seed) for seed in range(4)])
    first, second = (
        [sampler.sample(np.random.default_rng((7, n)), 48) for n in range(24)] for _ in range(2)
    )
    for one, other in zip(first, second, strict=True):
        assert np.array_equal(one.planes, other.planes)
        assert np.array_equal(one.target, other.target)
    assert not np.array_equal(first[0].planes, first[1].planes)


def test_samples_are_finite_and_show_the_object_and_what_is_around_it() -> None:
    sampler = Sampler([made_up_picture(seed) for seed in range(4)])
    rng = np.random.default_rng(0)
    drawn = [sampler.sample(rng, 64) for _ in range(100)]
    assert all(np.isfinite(one.planes).all() for one in drawn)
    assert all(one.target.any() and not one.target.all() for one in drawn)
    tiles = [one for one in drawn if one.is_tile]
    assert 3 <= len(tiles) <= 30
    for tile in tiles:
        assert tile.planes[HAS_MASK].min() == 1
        guessed = tile.planes[MASK] > 0.5
        # The coarse mask lies about where the true one does.
        both = (guessed & tile.target).sum() / max(1, (guessed | tile.target).sum())
        assert both > 0.5 or tile.target.mean() < 0.15
    assert not any(one.planes[HAS_MASK].any() for one in drawn if not one.is_tile)


def test_a_correction_points_into_the_largest_error_and_carries_what_it_corrects() -> None:
    target = np.zeros((48, 48), dtype=bool)
    target[10:40, 10:40] = True
    answered = target.copy()
    answered[12:20, 12:38] = False  # the largest error
    answered[42:44, 42:44] = True
    with_mask = 0
    for seed in range(30):
        planes = np.zeros((len(CHANNELS), 48, 48), np.float32)
        correct(planes, answered, target, np.ones_like(target), np.random.default_rng(seed))
        assert planes[INSIDE][14:18, 14:36].any()
        assert not (planes[INSIDE].astype(bool) & planes[OUTSIDE].astype(bool)).all()
        if planes[HAS_MASK].any():
            with_mask += 1
            assert np.array_equal(planes[MASK] > 0, answered)
    assert 15 <= with_mask < 30


def test_points_of_a_part_of_a_view_leave_the_mask_that_came_with_it() -> None:
    target = np.zeros((48, 48), dtype=bool)
    target[:, 20:] = True
    planes = np.zeros((len(CHANNELS), 48, 48), np.float32)
    planes[MASK], planes[HAS_MASK] = np.linspace(0, 1, 48, dtype=np.float32), 1
    coarse = planes[MASK].copy()
    correct(planes, coarse > 0.5, target, np.ones_like(target), np.random.default_rng(1))
    assert planes[INSIDE][:, 20:24].any()
    assert np.array_equal(planes[MASK], coarse)


def test_nothing_is_the_largest_error_of_a_right_answer() -> None:
    mask = np.eye(9, dtype=bool)
    assert largest_error(mask, mask) is None
    assert largest_error(np.zeros((9, 9), dtype=bool), np.ones((9, 9), dtype=bool)) == (4, 4)


def test_data_sets_are_read_from_their_folders(tmp_path: Path) -> None:
    write_data_sets(tmp_path)
    pictures = read_all(tmp_path)
    assert sorted(one.source for one in pictures) == ["made", "nuclei"]
    assert all(len(one.objects) == 2 for one in pictures)
    assert {one.box for one in pictures[0].objects} == {
        one.box for one in made_up_picture(0).objects
    }


def test_pictures_whose_rights_are_guessed_are_not_open(tmp_path: Path) -> None:
    write_data_sets(tmp_path)
    assert [one.source for one in read_all(tmp_path, open_only=True)] == ["nuclei"]


def test_no_picture_of_the_development_set_is_trained_on(tmp_path: Path) -> None:
    write_data_sets(tmp_path)
    images = tmp_path / "box2mask_dev" / "images"
    images.mkdir(parents=True)
    # The same picture in another format and size.
    image = cv2.imread(str(tmp_path / "train_nuclei" / "a.png"))
    assert image is not None
    cv2.imwrite(str(images / "again.jpg"), cv2.resize(image, (90, 90)))
    assert "nuclei" not in {one.source for one in read_all(tmp_path)}
