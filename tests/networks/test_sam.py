"""Networks of the SAM family: the library's own numbers, and each picture read once."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import Sam2Model, SamModel
from transformers.image_processing_backends import PilBackend

from segmentarium.core.errors import NetworkRefused, PromptAbandoned
from segmentarium.core.rle import Mask, mask_to_rle
from segmentarium.engines.base import ImageRGB, abandoned_when, raise_if_abandoned
from segmentarium.networks.sam import SamNetwork, SamPrompt
from segmentarium.networks.sam_grid import Grid, Logits, logits_of_mask, mask_of_logits
from tests.networks import checkpoints
from tests.networks.checkpoints import SIDE

BOX = (20.0, 15.0, 90.0, 70.0)
POINTS = [(40.0, 30.0), (100.0, 80.0), (55.5, 62.25)]
LABELS = [1, 0, 1]
CELLS = SIDE // 4

prompts = pytest.mark.parametrize(
    "prompt",
    [
        pytest.param(SamPrompt(box_xyxy=BOX), id="a box"),
        pytest.param(SamPrompt(points=POINTS[:1], labels=[1]), id="a point"),
        pytest.param(SamPrompt(points=POINTS, labels=LABELS), id="points in and out"),
        pytest.param(SamPrompt(POINTS, LABELS, BOX), id="a box and points"),
    ],
)


def load(folder: Path) -> SamNetwork:
    return SamNetwork.load(folder, raise_if_abandoned)


def grid_of(network: SamNetwork, image: ImageRGB) -> Grid:
    frame = network.embed(image).frame
    return Grid(
        frame.height,
        frame.width,
        frame.filled_height,
        frame.filled_width,
        network.size,
        CELLS,
        network.is_stretched,
    )


def ours(
    network: SamNetwork, image: ImageRGB, prompt: SamPrompt, is_ambiguous: bool
) -> tuple[list[Mask], Logits]:
    """All masks on the whole image, and their scores."""
    logits, scores = network.decode(network.embed(image), prompt, is_ambiguous=is_ambiguous)
    masks = []
    for one in logits:
        whole: Mask = np.zeros(image.shape[:2], dtype=bool)
        placed = mask_of_logits(one, grid_of(network, image), 4096)
        if placed is not None:
            height, width = placed.mask.shape
            assert placed.covers == (width, height)
            whole[placed.y : placed.y + height, placed.x : placed.x + width] = placed.mask
        masks.append(whole)
    return masks, scores


def given(prompt: SamPrompt) -> dict[str, Any]:
    """A prompt as the library's processors take it."""
    values: dict[str, Any] = {}
    if prompt.points:
        values["input_points"] = [[[list(point) for point in prompt.points]]]
        values["input_labels"] = [[list(prompt.labels)]]
    if prompt.box_xyxy is not None:
        values["input_boxes"] = [[list(prompt.box_xyxy)]]
    return values


def theirs_sam(
    folder: Path, image: ImageRGB, prompt: SamPrompt, is_ambiguous: bool
) -> tuple[Any, Any]:
    """Processor, network, post-processing: as the documentation of transformers shows it."""
    processor, model = checkpoints.processor(), SamModel.from_pretrained(folder).eval()
    values = given(prompt)
    if "input_points" in values:
        values["input_points"], values["input_labels"] = (
            values["input_points"][0],
            values["input_labels"][0],
        )
    inputs = processor(image, return_tensors="pt", **values)
    tensors = {
        name: tensor.to(torch.float32) if tensor.is_floating_point() else tensor
        for name, tensor in inputs.items()
        if name not in {"original_sizes", "reshaped_input_sizes"}
    }
    if prompt.mask_logits is not None:
        tensors["input_masks"] = torch.tensor(prompt.mask_logits)[None, None]
    with torch.inference_mode():
        found = model(**tensors, multimask_output=is_ambiguous)
    (masks,) = processor.post_process_masks(
        found.pred_masks, inputs["original_sizes"], inputs["reshaped_input_sizes"], binarize=False
    )
    return masks[0].numpy(), found.iou_scores[0, 0].numpy()


def theirs_sam2(
    folder: Path, image: ImageRGB, prompt: SamPrompt, is_ambiguous: bool
) -> tuple[Any, Any]:
    """The same for SAM 2; its image processor wants torchvision, so the one on Pillow with its settings stands in."""
    side = {"height": SIDE, "width": SIDE}
    pictures = PilBackend(
        size=side,
        do_resize=True,
        resample=2,
        do_rescale=True,
        rescale_factor=1 / 255,
        do_normalize=True,
        image_mean=[0.485, 0.456, 0.406],
        image_std=[0.229, 0.224, 0.225],
    )
    model = Sam2Model.from_pretrained(folder).eval()
    tensors = {"pixel_values": pictures(image, return_tensors="pt").pixel_values}
    scale = torch.tensor([SIDE / image.shape[1], SIDE / image.shape[0]])
    for name, value in given(prompt).items():
        tensor = torch.tensor(value, dtype=None if name == "input_labels" else torch.float32)
        tensors[name] = {
            "input_points": lambda tensor=tensor: tensor * scale,
            "input_boxes": lambda tensor=tensor: tensor * scale.repeat(2),
            "input_labels": lambda tensor=tensor: tensor,
        }[name]()
    if prompt.mask_logits is not None:
        tensors["input_masks"] = torch.tensor(prompt.mask_logits)[None, None]
    with torch.inference_mode():
        found = model(**tensors, multimask_output=is_ambiguous)
        # As in `Sam2ImageProcessor.post_process_masks`.
        masks = torch.nn.functional.interpolate(
            found.pred_masks[0], image.shape[:2], mode="bilinear", align_corners=False
        )
    return masks[0].numpy(), found.iou_scores[0, 0].numpy()


def assert_same(
    found: tuple[list[Mask], Logits], expected: tuple[Any, Any], *, least_inside: int = 20
) -> None:
    masks, scores = found
    values, their_scores = expected
    assert len(masks) == len(values) == len(scores)
    assert scores == pytest.approx(their_scores, abs=1e-5)
    for mask, value in zip(masks, values, strict=True):
        differs = mask != (value > 0)
        # Only where the library itself is as good as undecided.
        assert not differs.any() or np.abs(value[differs]).max() < 1e-4
    assert max(mask.sum() for mask in masks) > least_inside


@prompts
@pytest.mark.parametrize("is_ambiguous", [True, False])
def test_sam_answers_as_the_library_does(
    sam_folder: Path, picture: ImageRGB, prompt: SamPrompt, is_ambiguous: bool
) -> None:
    found = ours(load(sam_folder), picture, prompt, is_ambiguous)
    assert_same(found, theirs_sam(sam_folder, picture, prompt, is_ambiguous))


@prompts
@pytest.mark.parametrize("is_ambiguous", [True, False])
def test_sam2_answers_as_the_library_does(
    sam2_folder: Path, picture: ImageRGB, prompt: SamPrompt, is_ambiguous: bool
) -> None:
    found = ours(load(sam2_folder), picture, prompt, is_ambiguous)
    assert_same(found, theirs_sam2(sam2_folder, picture, prompt, is_ambiguous))


@pytest.mark.parametrize("shape", [(100, 40), (40, 100), (128, 128), (60, 128)])
def test_a_picture_of_any_shape_lies_in_the_square_as_the_library_lays_it(
    sam_folder: Path, shape: tuple[int, int]
) -> None:
    image = np.random.default_rng(3).integers(0, 256, (*shape, 3), dtype=np.uint8)
    prompt = SamPrompt(box_xyxy=(5, 5, 30, 30))
    found = ours(load(sam_folder), image, prompt, True)
    assert_same(found, theirs_sam(sam_folder, image, prompt, True))


def test_a_mask_is_given_to_the_network_as_the_library_takes_it(
    sam_folder: Path, sam2_folder: Path, picture: ImageRGB
) -> None:
    before = np.zeros(picture.shape[:2], dtype=bool)
    before[20:60, 30:80] = True
    for folder, theirs in ((sam_folder, theirs_sam), (sam2_folder, theirs_sam2)):
        network = load(folder)
        logits = logits_of_mask(mask_to_rle(before), grid_of(network, picture))
        prompt = SamPrompt(box_xyxy=BOX, mask_logits=logits)
        found = ours(network, picture, prompt, False)
        assert_same(found, theirs(folder, picture, prompt, False))
        without, _ = ours(network, picture, SamPrompt(box_xyxy=BOX), False)
        assert (found[0][0] != without[0]).any()


def test_hq_sam_answers_as_the_library_does(tmp_path: Path, picture: ImageRGB) -> None:
    model = checkpoints.sam_hq()
    folder = checkpoints.save(model, tmp_path / "hq")
    network = load(folder)
    inputs = checkpoints.processor()(picture, input_boxes=[[list(BOX)]], return_tensors="pt")
    with torch.inference_mode():
        expected = model(
            pixel_values=inputs["pixel_values"],
            input_boxes=inputs["input_boxes"].to(torch.float32),
            multimask_output=False,
        )
    logits, scores = network.decode(
        network.embed(picture), SamPrompt(box_xyxy=BOX), is_ambiguous=False
    )
    assert logits == pytest.approx(expected.pred_masks[0, 0].numpy(), abs=1e-4)
    assert scores == pytest.approx(expected.iou_scores[0, 0].numpy(), abs=1e-5)


def test_a_published_sam2_for_video_is_taken_for_images(tmp_path: Path, picture: ImageRGB) -> None:
    folder = checkpoints.save(checkpoints.sam2_video(), tmp_path / "video")
    prompt = SamPrompt(box_xyxy=BOX)
    found = ours(load(folder), picture, prompt, True)
    assert_same(found, theirs_sam2(folder, picture, prompt, True))


def test_reading_a_read_only_picture_changes_nothing(sam_folder: Path, picture: ImageRGB) -> None:
    frozen = picture.copy()
    frozen.flags.writeable = False
    network = load(sam_folder)
    for one, other in zip(
        network.embed(frozen).features, network.embed(picture).features, strict=True
    ):
        assert torch.equal(one, other)
    assert np.array_equal(frozen, picture)


def test_reading_ends_between_two_layers_when_nobody_waits(
    sam_folder: Path, picture: ImageRGB
) -> None:
    network = load(sam_folder)
    layers_run: list[int] = []
    for index, layer in enumerate(network.model.vision_encoder.layers):
        layer.register_forward_hook(lambda *_, index=index: layers_run.append(index))
    with abandoned_when(lambda: len(layers_run) >= 1), pytest.raises(PromptAbandoned):
        network.embed(picture)
    assert layers_run == [0]


def test_weights_that_lack_tensors_are_refused(tmp_path: Path, sam_folder: Path) -> None:
    model = SamModel.from_pretrained(sam_folder)
    weights = {
        name: tensor for name, tensor in model.state_dict().items() if "iou_prediction" not in name
    }
    model.save_pretrained(tmp_path, state_dict=weights)
    with pytest.raises(NetworkRefused, match="lack"):
        load(tmp_path)
