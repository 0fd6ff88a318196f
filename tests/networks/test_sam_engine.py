"""The engine `sam`: which network, which of the masks, and when it cannot run."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from segmentarium.core.errors import InvalidOption, NetworkRefused, NothingFound, OutOfMemory
from segmentarium.core.rle import mask_to_rle
from segmentarium.engines.base import (
    EmbeddingEngine,
    ImageRGB,
    NetworkEngine,
    Prediction,
    Prompt,
    Stroke,
    check_options,
    check_prompt,
)
from segmentarium.engines.sam import Sam
from segmentarium.networks.folder import NetworkFolder
from segmentarium.services.networks import add_network
from tests.networks import checkpoints

BOX = (20, 15, 70, 55)


@pytest.fixture
def engine(networks: NetworkFolder, sam_folder: Path) -> Sam:
    """The engine with one checkpoint installed."""
    add_network(networks, str(sam_folder))
    engine = Sam()
    engine.use_networks(networks, threads=1)
    return engine


def ask(engine: Sam, image: ImageRGB, prompt: Prompt, **options: str) -> Prediction:
    check_prompt(engine, prompt, *image.shape[:2])
    return engine.segment(image, prompt, check_options(engine, options))


def test_it_reads_images_once_for_all_prompts_and_runs_networks(engine: Sam) -> None:
    assert isinstance(engine, EmbeddingEngine)
    assert isinstance(engine, NetworkEngine)


def test_without_a_checkpoint_it_says_how_to_get_one(networks: NetworkFolder) -> None:
    engine = Sam()
    engine.use_networks(networks, threads=1)
    assert "segmentarium models add" in (engine.unavailable_reason() or "")
    assert [option.name for option in engine.options] == ["mask"]


def test_with_a_checkpoint_it_can_run_and_offers_it(engine: Sam) -> None:
    assert engine.unavailable_reason() is None
    (offered,) = [option for option in engine.options if option.name == "checkpoint"]
    assert (offered.choices, offered.default) == (("tiny-sam",), "tiny-sam")


def test_the_checkpoint_added_last_is_the_default(
    engine: Sam, networks: NetworkFolder, sam2_folder: Path, picture: ImageRGB
) -> None:
    before = ask(engine, picture, Prompt(bbox_xywh=BOX))
    add_network(networks, str(sam2_folder))
    assert check_options(engine, {})["checkpoint"] == "tiny-sam2"
    prompt = Prompt(bbox_xywh=BOX)
    named = ask(engine, picture, prompt, checkpoint="tiny-sam")
    assert (named.score, named.bbox_xywh) == (before.score, before.bbox_xywh)
    assert ask(engine, picture, prompt).score != before.score


def test_a_checkpoint_that_is_not_installed_is_refused(engine: Sam, picture: ImageRGB) -> None:
    with pytest.raises(InvalidOption):
        ask(engine, picture, Prompt(bbox_xywh=BOX), checkpoint="other")


@pytest.mark.parametrize(
    "prompt",
    [
        Prompt(bbox_xywh=BOX),
        Prompt(point_coords=((40, 30),), point_labels=(1,)),
        Prompt(point_coords=((40, 30), (5, 5)), point_labels=(1, 0)),
        Prompt(strokes=(Stroke(((20, 20), (60, 40)), 1, 4),)),
        Prompt(bbox_xywh=BOX, strokes=(Stroke(((20, 20), (60, 40)), 0, 4),)),
        Prompt(bbox_xywh=BOX, mask=mask_to_rle(np.eye(90, 120, dtype=bool))),
    ],
    ids=["box", "point", "points", "stroke", "box and stroke", "box and mask"],
)
def test_every_kind_of_prompt_is_answered_on_the_image(
    engine: Sam, picture: ImageRGB, prompt: Prompt
) -> None:
    prediction = ask(engine, picture, prompt)
    x, y, width, height = prediction.bbox_xywh
    assert prediction.mask.any()
    assert 0 <= x <= 120 - width
    assert 0 <= y <= 90 - height
    assert 0 <= prediction.score <= 1


def test_whole_part_and_subpart_go_down_in_area(engine: Sam, picture: ImageRGB) -> None:
    prompt = Prompt(point_coords=((60, 40),), point_labels=(1,))
    areas = [
        int(ask(engine, picture, prompt, mask=which).mask.sum())
        for which in ("whole", "part", "subpart")
    ]
    assert areas == sorted(areas, reverse=True)
    assert areas[0] > areas[2]


def test_a_click_is_answered_by_the_mask_of_the_best_predicted_iou(
    engine: Sam, picture: ImageRGB
) -> None:
    prompt = Prompt(point_coords=((60, 40),), point_labels=(1,))
    scores = {
        which: ask(engine, picture, prompt, mask=which).score
        for which in ("auto", "best", "whole", "part", "subpart")
    }
    assert scores["auto"] == scores["best"] == max(scores.values())


def test_the_same_question_has_the_same_answer(engine: Sam, picture: ImageRGB) -> None:
    first, second = (ask(engine, picture, Prompt(bbox_xywh=BOX)) for _ in range(2))
    assert np.array_equal(first.mask, second.mask)


def test_a_network_that_sees_nothing_answers_the_box_and_says_so(
    networks: NetworkFolder, tmp_path: Path, picture: ImageRGB
) -> None:
    model = checkpoints.sam()
    for mlp in model.mask_decoder.output_hypernetworks_mlps:
        mlp.proj_out.weight.data.zero_()
        mlp.proj_out.bias.data.zero_()
    add_network(networks, str(checkpoints.save(model, tmp_path / "blind")))
    engine = Sam()
    engine.use_networks(networks, threads=1)
    prediction = ask(engine, picture, Prompt(bbox_xywh=BOX))
    assert prediction.fallback is not None
    assert prediction.bbox_xywh == BOX
    assert prediction.mask.all()
    with pytest.raises(NothingFound, match="no object"):
        ask(engine, picture, Prompt(point_coords=((60, 40),), point_labels=(1,)))


def test_a_file_changed_since_it_was_installed_is_not_loaded(
    engine: Sam, networks: NetworkFolder, picture: ImageRGB
) -> None:
    path = networks.named("tiny-sam").folder / "model.safetensors"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(bytes(data))
    with pytest.raises(NetworkRefused, match=r"model\.safetensors .* not the file"):
        ask(engine, picture, Prompt(bbox_xywh=BOX))


def no_memory(*_: object) -> None:
    """What PyTorch does on a CPU when it asks for more than can be."""
    torch.empty(10**15)


def no_memory_on_the_card(*_: object) -> None:
    """What it does on a graphics card."""
    raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 4.00 GiB.")


def no_memory_for_a_library_of_the_card(*_: object) -> None:
    """What the libraries beside it do."""
    raise RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`")


def another_failure(*_: object) -> None:
    """What has nothing to do with memory."""
    raise RuntimeError("The shapes do not fit.")


def test_another_failure_of_a_network_is_not_taken_for_want_of_memory(
    engine: Sam, picture: ImageRGB
) -> None:
    read: Any = engine.embed(picture, check_options(engine, {}))
    read.network.model.mask_decoder.register_forward_hook(another_failure)
    with pytest.raises(RuntimeError, match="shapes"):
        ask(engine, picture, Prompt(bbox_xywh=BOX))


@pytest.mark.parametrize("part", ["vision_encoder", "mask_decoder"])
@pytest.mark.parametrize(
    ("fails", "remedy"),
    [
        (no_memory, "smaller checkpoint, or end"),
        (no_memory_on_the_card, "CUDA_VISIBLE_DEVICES= to run networks on the CPU"),
        (no_memory_for_a_library_of_the_card, "CUDA_VISIBLE_DEVICES="),
    ],
)
def test_too_little_memory_is_told_with_its_remedy_and_the_next_prompt_is_answered(
    engine: Sam, picture: ImageRGB, part: str, fails: Callable[..., None], remedy: str
) -> None:
    read: Any = engine.embed(picture, check_options(engine, {}))
    hook = getattr(read.network.model, part).register_forward_hook(fails)
    with pytest.raises(OutOfMemory, match=remedy):
        ask(engine, picture, Prompt(bbox_xywh=BOX))
    hook.remove()
    assert ask(engine, picture, Prompt(bbox_xywh=BOX)).mask.any()
