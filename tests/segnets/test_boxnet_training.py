"""BoxNet learns, goes on where it was stopped, and is the same network as ONNX."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch

from segmentarium.networks.folder import packaged_network
from segnets.box_view import CHANNELS
from segnets.boxnet.checkpoint import CHECKPOINT, Run
from segnets.boxnet.export import LICENCE, OPEN_LICENCE, export, trained_network
from segnets.boxnet.network import BoxNet
from segnets.boxnet.objects import Picture
from segnets.boxnet.recipe import DEFAULT, Recipe, Stage, read_recipe
from segnets.boxnet.train import Batches, ious_of, is_held_back, train
from tests.segnets.pictures import made_up_picture

SMALL = Recipe(
    seed=3,
    batch=8,
    warm_up=4,
    decay=0.01,
    average=0.9,
    corrected=0.25,
    open_only=False,
    without=(),
    stages=(Stage(48, 32, 3e-3, 3e-3), Stage(64, 32, 3e-3, 1e-3)),
)


@pytest.fixture(autouse=True, scope="module")
def _one_thread() -> Iterator[None]:
    """OpenMP's threads wait for each other by spinning: tests that run side by side would hinder one another."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def pictures() -> list[Picture]:
    """Four pictures with eight objects; none of them is held back."""
    made = [made_up_picture(seed) for seed in range(30)]
    return [one for one in made if not is_held_back(one)][:4]


@pytest.mark.parametrize("size", [64, 96, 160])
@pytest.mark.parametrize("count", [1, 3])
def test_shapes(size: int, count: int) -> None:
    answer = BoxNet().eval()(torch.zeros(count, len(CHANNELS), size, size))
    assert answer.logits.shape == (count, 1, size, size)
    assert answer.coarse.shape == (count, 1, size // 8, size // 8)
    assert answer.iou.shape == (count,)
    assert ((answer.iou >= 0) & (answer.iou <= 1)).all()


def test_eight_objects_are_learnt(tmp_path: Path, pictures: list[Picture]) -> None:
    recipe = replace(SMALL, stages=(Stage(64, 8 * 90, 4e-3, 2e-4),))
    for _ in train(pictures, recipe, tmp_path):
        pass
    run = Run.open(tmp_path, recipe)
    objects = [one for picture in pictures for one in picture.objects]
    assert len(objects) == 8
    assert np.mean(ious_of(run.average.eval(), objects, recipe.stages[-1].size)) > 0.9


def test_a_run_that_was_stopped_goes_on_as_if_it_had_not_been(
    tmp_path: Path, pictures: list[Picture]
) -> None:
    for _ in train(pictures, SMALL, tmp_path / "whole"):
        pass
    cut = replace(SMALL, stages=SMALL.stages[:1])
    for _ in train(pictures, cut, tmp_path / "parts"):
        pass
    assert Run.open(tmp_path / "parts", SMALL).batch == 4
    for _ in train(pictures, SMALL, tmp_path / "parts"):
        pass
    whole, parts = (Run.open(tmp_path / name, SMALL) for name in ("whole", "parts"))
    assert whole.batch == parts.batch == 8
    for name, value in whole.average.state_dict().items():
        assert torch.equal(value, parts.average.state_dict()[name]), name


def test_a_deeper_network_starts_with_the_answers_of_the_one_it_grew_from(tmp_path: Path) -> None:
    smaller = Run(tmp_path / "smaller", SMALL)
    smaller.network, smaller.average = BoxNet((2, 5, 3)), BoxNet((2, 5, 3)).eval()
    smaller.folder.mkdir()
    smaller.save()
    grown = Run.open(tmp_path / "grown", SMALL, tmp_path / "smaller")
    assert len(grown.network.stage4) > len(smaller.network.stage4)
    assert grown.batch == 0
    crops = torch.rand(2, len(CHANNELS), 64, 64)
    with torch.no_grad():
        before, after = smaller.average(crops), grown.average.eval()(crops)
    assert torch.allclose(before.logits, after.logits, atol=1e-5)
    assert torch.allclose(before.iou, after.iou, atol=1e-6)


def test_a_run_writes_its_log_and_its_curves(tmp_path: Path, pictures: list[Picture]) -> None:
    lines = list(train(pictures, SMALL, tmp_path))
    assert lines[0] == "4 pictures, 8 objects"
    assert "samples 64" in lines[-1]
    assert (tmp_path / "log.csv").read_text().startswith("samples,rate,loss,iou,")
    assert (tmp_path / "curves.svg").read_text().startswith("<svg")
    assert (tmp_path / CHECKPOINT).is_file()


def test_a_batch_is_always_the_same(pictures: list[Picture]) -> None:
    first, second = (Batches(pictures, SMALL)[5] for _ in range(2))
    assert all(torch.equal(a, b) for a, b in zip(first, second, strict=True))


@pytest.mark.parametrize("path", [DEFAULT, DEFAULT.with_name("continued.toml")])
def test_a_recipe_that_is_shipped_can_be_read(path: Path) -> None:
    recipe = read_recipe(path)
    assert [stage.size for stage in recipe.stages] == sorted(stage.size for stage in recipe.stages)
    assert recipe.stage_at(0) == (recipe.stages[0], 0.0)
    assert recipe.stage_at(recipe.batches)[1] == 1.0


def test_a_recipe_with_a_word_that_is_unknown_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "recipe.toml"
    path.write_text(
        "sead = 1\n[[stages]]\nsize = 96\nsamples = 10\nrate = 1e-3\nlast_rate = 1e-3\n"
    )
    with pytest.raises(ValueError, match="sead"):
        read_recipe(path)


def test_the_network_is_the_same_as_onnx(tmp_path: Path, pictures: list[Picture]) -> None:
    for _ in train(pictures, SMALL, tmp_path / "run"):
        pass
    network, samples = trained_network(tmp_path / "run")
    assert samples == 64
    export(network, 64, tmp_path / "onnx", "a test")
    session = onnxruntime.InferenceSession(
        tmp_path / "onnx" / "network.onnx", providers=["CPUExecutionProvider"]
    )
    crops = np.random.default_rng(0).normal(0, 1, (3, len(CHANNELS), 64, 64)).astype(np.float32)
    mask, iou = session.run(["mask", "iou"], {"crops": crops})
    with torch.no_grad():
        answer = network(torch.from_numpy(crops))
    assert np.abs(mask - answer.logits.numpy()).max() < 1e-4
    assert np.abs(iou - answer.iou.numpy()).max() < 1e-4
    assert json.loads((tmp_path / "onnx" / "network.json").read_text())["licence"] == LICENCE


def test_weights_stored_as_float16_take_half_the_room_and_answer_nearly_the_same(
    tmp_path: Path,
) -> None:
    torch.manual_seed(0)
    network = BoxNet().eval()
    export(network, 64, tmp_path, "a test", is_open=True, stored="float16")
    packaged_network(tmp_path).verify()
    assert json.loads((tmp_path / "network.json").read_text())["licence"] == OPEN_LICENCE
    onnx = tmp_path / "network.onnx"
    in_memory = sum(4 * weights.numel() for weights in network.parameters())
    assert onnx.stat().st_size < 0.55 * in_memory
    session = onnxruntime.InferenceSession(onnx, providers=["CPUExecutionProvider"])
    crops = np.random.default_rng(0).normal(0, 1, (2, len(CHANNELS), 64, 64)).astype(np.float32)
    (mask,) = session.run(["mask"], {"crops": crops})
    with torch.no_grad():
        wanted = network(torch.from_numpy(crops)).logits.numpy()
    assert 0 < np.abs(mask - wanted).max() < 0.02 * np.abs(wanted).max()


def test_a_run_on_open_data_does_not_start_from_weights_that_are_not(tmp_path: Path) -> None:
    Run.open(tmp_path / "all", SMALL)
    with pytest.raises(ValueError, match="is not open"):
        Run.open(tmp_path / "open", replace(SMALL, open_only=True), tmp_path / "all")
    assert not (tmp_path / "open").exists()
