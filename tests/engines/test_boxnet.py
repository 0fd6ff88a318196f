"""The network that comes with the tool: on real photographs, mirrored, corrected, unsure, and loaded once."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import skimage.data

from segmentarium.core.rle import mask_to_rle
from segmentarium.engines import best_engine
from segmentarium.engines.base import ImageRGB, Prediction, Prompt, Stroke, check_options
from segmentarium.engines.boxnet import ENGINE
from segmentarium.engines.boxnet_open import ENGINE as OPEN
from segmentarium.engines.grabcut import ENGINE as GRABCUT
from segmentarium.networks.box_network import read_manifest
from segmentarium.networks.folder import NOWHERE, NetworkFolder, packaged_network
from segnets.boxnet import OPEN_WEIGHTS, WEIGHTS
from tests.engines.hard_cases import disc
from tests.engines.placing import iou, placed

Bbox = tuple[float, float, float, float]


def photograph(name: str) -> ImageRGB:
    image: ImageRGB = getattr(skimage.data, name)()
    return image if image.ndim == 3 else np.repeat(image[..., None], 3, axis=2)


PHOTOGRAPHS: dict[str, tuple[str, Bbox]] = {
    "a cup": ("coffee", (173, 18, 234, 290)),
    "a coin": ("coins", (18, 232, 57, 56)),
    "an eye": ("chelsea", (136, 85, 72, 61)),
    "a cell": ("cell", (363, 309, 131, 130)),
    "a rocket": ("rocket", (306, 86, 40, 236)),
}
photographs = pytest.mark.parametrize("case", PHOTOGRAPHS)


def ask(image: ImageRGB, prompt: Prompt, **options: float | bool) -> Prediction:
    return ENGINE.segment(image, prompt, check_options(ENGINE, options))


def mask_of(image: ImageRGB, prompt: Prompt, **options: float | bool) -> np.ndarray:
    return placed(ask(image, prompt, **options), *image.shape[:2])


# ------------------------------------------------------------------------- the weights


@pytest.mark.parametrize("weights", [WEIGHTS, OPEN_WEIGHTS], ids=lambda path: path.name)
def test_the_weights_are_the_ones_that_their_digests_name(weights: Path) -> None:
    packaged_network(weights).verify()


def test_the_weights_are_small_enough_to_come_with_the_tool() -> None:
    both = [*WEIGHTS.iterdir(), *OPEN_WEIGHTS.iterdir()]
    assert sum(path.stat().st_size for path in both) < 10_000_000


def test_the_manifest_says_what_it_was_trained_on_may_be_used_for() -> None:
    assert "research only" in read_manifest(WEIGHTS / "network.json").licence
    assert "research only" in ENGINE.description


def test_the_open_network_says_so() -> None:
    assert "may be used for anything" in read_manifest(OPEN_WEIGHTS / "network.json").licence
    assert "may be used for anything" in OPEN.description


@photographs
def test_the_open_network_finds_nearly_the_same(case: str) -> None:
    name, bbox = PHOTOGRAPHS[case]
    image = photograph(name)
    own = mask_of(image, Prompt(bbox))
    found = OPEN.segment(image, Prompt(bbox), check_options(OPEN, {}))
    assert iou(placed(found, *image.shape[:2]), own) > 0.85


def test_neither_the_package_nor_a_prompt_loads_pytorch() -> None:
    script = """
import sys
from pathlib import Path
import numpy as np
import segnets.boxnet
from segmentarium.engines.base import Prompt
from segmentarium.engines.boxnet import ENGINE
from segmentarium.engines.boxnet_open import ENGINE as OPEN
image = np.zeros((60, 80, 3), np.uint8)
ENGINE.segment(image, Prompt((10, 10, 30, 30)), {o.name: o.default for o in ENGINE.options})
print("torch" in sys.modules)
"""
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (found.stdout, found.stderr) == ("False\n", "")


# ------------------------------------------------------------------------- answers


def test_it_is_what_auto_asks_for_a_box() -> None:
    assert best_engine(Prompt((0, 0, 5, 5))) is ENGINE
    corrected = Prompt((0, 0, 5, 5), ((2, 2),), (1,), (Stroke(((1, 1),), 0, 1),))
    assert best_engine(corrected) is ENGINE


def test_a_clear_disc_is_found() -> None:
    image = disc(90, 120)
    y, x = np.mgrid[:90, :120]
    truth = (x + 0.5 - 60) ** 2 + (y + 0.5 - 45) ** 2 < 30**2
    assert iou(mask_of(image, Prompt((30, 15, 60, 60))), truth) > 0.85


@photographs
def test_a_mirrored_photograph_has_the_mirrored_mask(case: str) -> None:
    name, (x, y, w, h) = PHOTOGRAPHS[case]
    image = photograph(name)
    mirrored = np.ascontiguousarray(image[:, ::-1])
    mask = mask_of(image, Prompt((x, y, w, h)), asks_grabcut=False)
    other = mask_of(mirrored, Prompt((image.shape[1] - x - w, y, w, h)), asks_grabcut=False)
    # Where it is hard to say what belongs to the object (the rocket and its flame), the two answers differ most.
    assert iou(mask, other[:, ::-1]) > 0.8


@photographs
def test_a_box_a_little_off_has_nearly_the_same_mask(case: str) -> None:
    name, (x, y, w, h) = PHOTOGRAPHS[case]
    image = photograph(name)
    mask = mask_of(image, Prompt((x, y, w, h)), asks_grabcut=False)
    other = mask_of(image, Prompt((x + 0.02 * w, y - 0.02 * h, w, 1.03 * h)), asks_grabcut=False)
    assert iou(mask, other) > 0.85


@photographs
@pytest.mark.parametrize("label", [0, 1])
def test_a_point_changes_its_surroundings_more_than_the_rest(case: str, label: int) -> None:
    name, (x, y, w, h) = PHOTOGRAPHS[case]
    image = photograph(name)
    before = mask_of(image, Prompt((x, y, w, h)))
    rows, columns = np.nonzero(before[int(y) : int(y + h), int(x) : int(x + w)] != bool(label))
    if not len(rows):
        pytest.skip("the mask fills its box")
    at = len(rows) // 2
    point = (int(x) + int(columns[at]) + 0.5, int(y) + int(rows[at]) + 0.5)
    prompt = Prompt((x, y, w, h), (point,), (label,), mask=mask_to_rle(before))
    after = mask_of(image, prompt)
    assert after[int(point[1]), int(point[0])] == bool(label)
    changed_y, changed_x = np.nonzero(after != before)
    far = np.hypot(changed_x + 0.5 - point[0], changed_y + 0.5 - point[1]) > 0.7 * max(w, h)
    assert far.mean() < 0.5
    assert iou(after, before) > 0.3


def test_a_mask_alone_is_taken_and_answered_near_it() -> None:
    image, (x, y, w, h) = photograph("coffee"), PHOTOGRAPHS["a cup"][1]
    before = mask_of(image, Prompt((x, y, w, h)))
    again = mask_of(image, Prompt(mask=mask_to_rle(before)))
    assert iou(before, again) > 0.8


def test_the_border_of_a_large_object_is_finer_at_the_second_look() -> None:
    image, bbox = photograph("coffee"), PHOTOGRAPHS["a cup"][1]
    large = image.repeat(3, axis=0).repeat(3, axis=1)
    prompt = Prompt(tuple(3 * value for value in bbox))  # type: ignore[arg-type]
    once = mask_of(large, prompt, looks_again=False, asks_grabcut=False)
    twice = mask_of(large, prompt, asks_grabcut=False)
    assert not np.array_equal(once, twice)
    assert iou(once, twice) > 0.85
    small = ask(image, Prompt((18, 232, 57, 56)), asks_grabcut=False)
    same = ask(image, Prompt((18, 232, 57, 56)), looks_again=False, asks_grabcut=False)
    assert np.array_equal(small.mask, same.mask)


def test_a_lower_threshold_takes_more() -> None:
    image, bbox = photograph("coffee"), PHOTOGRAPHS["a cup"][1]
    less, more = (mask_of(image, Prompt(bbox), threshold=t, asks_grabcut=False) for t in (0.8, 0.2))
    assert (less & ~more).sum() == 0
    assert more.sum() > less.sum()


def test_grabcut_answers_where_the_network_trusts_itself_less() -> None:
    noise = np.random.default_rng(1).integers(0, 255, (80, 80, 3)).astype(np.uint8)
    image = noise.copy()
    image[20:60:2, 20:60] = 0  # stripes: no object is like them
    prompt = Prompt((15, 15, 50, 50))
    own = ask(image, prompt, asks_grabcut=False)
    other = GRABCUT.segment(image, prompt, check_options(GRABCUT, {}))
    both = ask(image, prompt)
    better = other if own.score < 0.5 and other.score > own.score + 0.05 else own
    assert both.score == better.score
    assert np.array_equal(both.mask, better.mask)


def test_the_same_number_of_threads_or_another_gives_the_same_mask() -> None:
    image, bbox = photograph("coffee"), PHOTOGRAPHS["a cup"][1]
    masks = []
    for threads in (1, 2):
        engine = type(ENGINE)()
        engine.use_networks(NetworkFolder(NOWHERE), threads)
        masks.append(engine.segment(image, Prompt(bbox), check_options(engine, {})).mask)
    assert (masks[0] != masks[1]).mean() < 1e-3


def test_a_package_without_weights_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(ENGINE, "weights", tmp_path)
    assert "Install the package again" in (ENGINE.unavailable_reason() or "")
    assert best_engine(Prompt((0, 0, 5, 5))) is OPEN
    monkeypatch.setattr(OPEN, "weights", tmp_path)
    assert best_engine(Prompt((0, 0, 5, 5))).name == "grabcut"


def test_the_first_prompt_waits_for_the_loading_and_the_second_does_not() -> None:
    engine = type(ENGINE)()
    engine.use_networks(NetworkFolder(NOWHERE), 1)
    options = check_options(engine, {})
    assert not engine.is_loaded(options)
    engine.segment(disc(90, 120), Prompt((20, 10, 70, 70)), options)
    assert engine.is_loaded(options)
