"""Networks given as ONNX: asked on the right crop, answering in the right place, refused when hostile."""

import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import external_data_helper, numpy_helper

from segmentarium.core.boxes import BboxXYWH, clip_box, pixels_of_box, xywh_to_xyxy
from segmentarium.core.errors import InvalidOption, NetworkRefused
from segmentarium.engines.base import (
    EmbeddingEngine,
    ImageRGB,
    NetworkEngine,
    Prediction,
    Prompt,
    check_options,
)
from segmentarium.engines.onnx import Onnx
from segmentarium.networks.folder import NetworkFolder
from segmentarium.services.networks import add_network
from segmentarium.services.proposals import propose
from segnets.box_view import BOX_CHANNELS
from tests.engines.hard_cases import HARD
from tests.networks import onnx_files
from tests.networks.onnx_files import node


def engine_with(networks: NetworkFolder, *files: Path) -> Onnx:
    for file in files:
        add_network(networks, str(file))
    engine = Onnx()
    engine.use_networks(networks, threads=1)
    return engine


def ask(engine: Onnx, image: ImageRGB, bbox: BboxXYWH, **options: str) -> Prediction:
    return engine.segment(image, Prompt(bbox_xywh=bbox), check_options(engine, options))


def test_without_a_network_it_says_how_to_get_one(networks: NetworkFolder) -> None:
    engine = engine_with(networks)
    assert "segmentarium models add" in (engine.unavailable_reason() or "")
    assert engine.options == ()


def test_it_runs_networks_and_needs_no_embedding(networks: NetworkFolder, tmp_path: Path) -> None:
    engine = engine_with(networks, onnx_files.channel(tmp_path / "box.onnx", "inside_box"))
    assert engine.unavailable_reason() is None
    assert isinstance(engine, NetworkEngine)
    assert not isinstance(engine, EmbeddingEngine)


@pytest.mark.parametrize("case", HARD)
def test_a_network_that_answers_its_inside_box_channel_answers_the_box(
    networks: NetworkFolder, tmp_path: Path, case: str
) -> None:
    image, bbox = HARD[case]
    engine = engine_with(networks, onnx_files.channel(tmp_path / "box.onnx", "inside_box"))
    prediction = ask(engine, image, bbox)
    x0, y0, x1, y1 = clip_box(xywh_to_xyxy(bbox), image.shape[1], image.shape[0])
    px0, py0, px1, py1 = pixels_of_box((x0, y0, x1, y1))
    assert prediction.bbox_xywh == (px0, py0, px1 - px0, py1 - py0)
    # Pixels that the box covers by half and more; a cell of the network may be wider than a pixel.
    height, width = prediction.mask.shape
    cell_x = (x1 - x0) * 1.44 / 64 + (px1 - px0) / width
    cell_y = (y1 - y0) * 1.44 / 64 + (py1 - py0) / height
    x = px0 + (np.arange(width) + 0.5) * (px1 - px0) / width
    y = py0 + (np.arange(height) + 0.5) * (py1 - py0) / height
    surely = ((y > y0 + cell_y) & (y < y1 - cell_y))[:, None] & (
        (x > x0 + cell_x) & (x < x1 - cell_x)
    )[None, :]
    assert prediction.mask[surely].all()
    assert 0 <= prediction.score <= 1


@pytest.mark.parametrize("size", [64, 160])
@pytest.mark.parametrize(
    ("bbox", "bright"),
    [
        ((40, 30, 60, 50), (55, 42, 25, 21)),
        ((0, 0, 60, 50), (0, 0, 25, 21)),
        ((140, 110, 60, 40), (171, 130, 29, 20)),
        ((0, 0, 200, 150), (61, 37, 80, 70)),
    ],
    ids=["middle", "upper left", "lower right", "whole image"],
)
def test_a_network_that_looks_for_light_finds_it_to_within_a_pixel_or_cell(
    networks: NetworkFolder,
    tmp_path: Path,
    size: int,
    bbox: BboxXYWH,
    bright: tuple[int, int, int, int],
) -> None:
    image = np.zeros((150, 200, 3), np.uint8)
    x, y, width, height = bright
    image[y : y + height, x : x + width] = 255
    engine = engine_with(networks, onnx_files.brightness(tmp_path / "light.onnx", size=size))
    prediction = ask(engine, image, bbox)
    rows, columns = np.nonzero(prediction.mask)
    slack_x, slack_y = (max(1.0, side * 1.44 / size) for side in bbox[2:])
    assert prediction.x + columns.min() == pytest.approx(x, abs=slack_x)
    assert prediction.x + columns.max() + 1 == pytest.approx(x + width, abs=slack_x)
    assert prediction.y + rows.min() == pytest.approx(y, abs=slack_y)
    assert prediction.y + rows.max() + 1 == pytest.approx(y + height, abs=slack_y)


def test_a_huge_image_is_answered_in_bounded_time_and_size(
    networks: NetworkFolder, tmp_path: Path
) -> None:
    engine = engine_with(networks, onnx_files.brightness(tmp_path / "light.onnx", size=160))
    image = np.zeros((10_000, 10_000, 3), np.uint8)
    image[2000:7000, 3000:8000] = 255
    ask(engine, image, (0, 0, 10, 10))
    started = time.perf_counter()
    prediction = ask(engine, image, (0, 0, 10_000, 10_000))
    assert time.perf_counter() - started < 2
    assert prediction.covers == (10_000, 10_000)
    assert max(prediction.mask.shape) <= 1024
    pixel = 10_000 / prediction.mask.shape[0]
    rows, columns = np.nonzero(prediction.mask)
    cell = 10_000 * 1.44 / 160
    assert columns.min() * pixel == pytest.approx(3000, abs=cell)
    assert (rows.max() + 1) * pixel == pytest.approx(7000, abs=cell)
    assert propose(engine, image, Prompt(bbox_xywh=(0, 0, 10_000, 10_000)), {}).area == (
        pytest.approx(25e6, rel=0.05)
    )


def test_it_may_answer_beyond_the_box_when_its_manifest_says_so(
    networks: NetworkFolder, tmp_path: Path
) -> None:
    image = np.full((100, 100, 3), 255, np.uint8)
    light = onnx_files.brightness(tmp_path / "light.onnx", answers_beyond_box=True)
    prediction = ask(engine_with(networks, light), image, (20, 0, 50, 50))
    assert prediction.bbox_xywh == (9, 0, 72, 61)
    assert prediction.mask.all()


def test_logits_and_probabilities_are_told_apart_by_the_manifest(
    networks: NetworkFolder, tmp_path: Path
) -> None:
    image = np.zeros((60, 80, 3), np.uint8)
    logits = onnx_files.channel(
        tmp_path / "logits.onnx", "edge_distance", output={"name": "mask", "values": "logits"}
    )
    high = onnx_files.channel(
        tmp_path / "high.onnx",
        "edge_distance",
        output={"name": "mask", "values": "logits"},
        threshold=float(1 / (1 + np.exp(-0.5))),
    )
    engine = engine_with(networks, logits, high)
    assert ask(engine, image, (20, 10, 40, 40), network="logits").mask.mean() > 0.95
    assert ask(engine, image, (20, 10, 40, 40), network="high").mask.mean() == pytest.approx(
        0.25, abs=0.03
    )


def test_the_predicted_iou_is_the_score(networks: NetworkFolder, tmp_path: Path) -> None:
    nodes = [
        node("Gather", ["planes", "index"], "mask", axis=1),
        node("Identity", ["said"], "iou"),
    ]
    constants = {"index": np.array([7], np.int64), "said": np.array([[0.625]], np.float32)}
    path = onnx_files.write(
        tmp_path / "sure.onnx",
        nodes,
        constants,
        outputs=("mask", "iou"),
        iou_output={"name": "iou", "values": "probabilities"},
    )
    prediction = ask(engine_with(networks, path), np.zeros((60, 80, 3), np.uint8), (20, 10, 40, 40))
    assert prediction.score == 0.625


@pytest.mark.parametrize("averages", [False, True])
def test_flip_averaging_makes_the_answer_the_same_for_the_mirrored_image(
    networks: NetworkFolder, tmp_path: Path, averages: bool
) -> None:
    # A network that shifts what it sees by four cells to the right.
    nodes = [
        node("Pad", ["planes", "pads"], "wide"),
        node("Slice", ["wide", "starts", "ends", "axes"], "mask"),
    ]
    constants = {
        "pads": np.array([0, 0, 0, 4, 0, 0, 0, 0], np.int64),
        "starts": np.array([0], np.int64),
        "ends": np.array([64], np.int64),
        "axes": np.array([3], np.int64),
    }
    path = onnx_files.write(
        tmp_path / "shift.onnx",
        nodes,
        constants,
        channels=("green",),
        mean=[0, 0, 0],
        std=[1, 1, 1],
        averages_flip=averages,
    )
    engine = engine_with(networks, path)
    image = np.random.default_rng(5).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    image = np.repeat(np.repeat(image[:8, :8], 8, 0), 8, 1)
    there = ask(engine, image, (0, 0, 64, 64)).mask
    back = ask(engine, np.ascontiguousarray(image[:, ::-1]), (0, 0, 64, 64)).mask[:, ::-1]
    agreement = (there & back).sum() / (there | back).sum()
    assert (agreement > 0.99) == averages


def test_u_changes_its_sign_in_the_mirrored_look(networks: NetworkFolder, tmp_path: Path) -> None:
    logits = {"name": "mask", "values": "logits"}
    low = onnx_files.channel(
        tmp_path / "low.onnx", "u", output=logits, averages_flip=True, threshold=0.49
    )
    high = onnx_files.channel(
        tmp_path / "high.onnx", "u", output=logits, averages_flip=True, threshold=0.51
    )
    engine, image = engine_with(networks, low, high), np.zeros((60, 80, 3), np.uint8)
    # It sees u grow from left to right both times, so its right half and the mirrored one cancel out.
    assert ask(engine, image, (20, 10, 40, 40), network="low").fallback is None
    assert ask(engine, image, (20, 10, 40, 40), network="low").mask.all()
    assert ask(engine, image, (20, 10, 40, 40), network="high").fallback is not None


def test_a_network_that_finds_nothing_answers_the_box_and_says_so(
    networks: NetworkFolder, tmp_path: Path
) -> None:
    engine = engine_with(networks, onnx_files.brightness(tmp_path / "light.onnx"))
    prediction = ask(engine, np.zeros((60, 80, 3), np.uint8), (20, 10, 40, 40))
    assert prediction.fallback is not None
    assert prediction.mask.all()
    assert prediction.bbox_xywh == (20, 10, 40, 40)


def test_the_network_is_chosen_by_its_name(networks: NetworkFolder, tmp_path: Path) -> None:
    box = onnx_files.channel(tmp_path / "box.onnx", "inside_box")
    light = onnx_files.brightness(tmp_path / "light.onnx")
    engine = engine_with(networks, box, light)
    (option,) = engine.options
    assert set(option.choices or ()) == {"box", "light"}
    assert option.default == "light"
    dark = np.zeros((60, 80, 3), np.uint8)
    assert ask(engine, dark, (20, 10, 40, 40), network="box").fallback is None
    with pytest.raises(InvalidOption):
        ask(engine, dark, (20, 10, 40, 40), network="other")


def test_a_folder_with_one_onnx_file_is_added_and_listed(
    networks: NetworkFolder, tmp_path: Path
) -> None:
    folder = tmp_path / "Light finder"
    folder.mkdir()
    onnx_files.brightness(folder / "weights.onnx", source="by hand", title="Light")
    added = add_network(networks, str(folder))
    about = added.manifest
    assert (added.name, about.kind, about.title) == ("light-finder", "onnx", "Light")
    assert (about.licence, about.source) == ("CC0-1.0", "by hand")
    onnx_files.brightness(folder / "other.onnx")
    with pytest.raises(NetworkRefused, match="2 ONNX files"):
        add_network(networks, str(folder), name="both")


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"title": ""}, "title"),
        ({"licence": ""}, "licence"),
        ({"input": "picture"}, "takes planes"),
        ({"input_size": 32}, "shape"),
        ({"input_size": 10**9}, "input_size"),
        ({"input_size": "64"}, "shape"),
        ({"margin": -1}, "margin"),
        ({"margin": 1e9}, "margin"),
        ({"channels": ["red", "infrared"]}, "channels"),
        ({"channels": ["red", "red"]}, "channels"),
        ({"channels": []}, "channels"),
        ({"channels": ["red"]}, "shape"),
        ({"std": [1, 0, 1]}, "std"),
        ({"mean": [1, 2]}, "mean"),
        ({"threshold": 0}, "threshold"),
        ({"output": {"name": "other"}}, "gives mask"),
        ({"iou_output": {"name": "iou"}}, "gives mask"),
        ({"output": {"name": "mask", "values": "votes"}}, r"output\.values"),
        ({"execute": "rm"}, "execute"),
        ({"output": {"name": "mask", "values": "probabilities"}}, "no probability"),
    ],
)
def test_a_manifest_that_cannot_be_is_refused_in_one_line(
    networks: NetworkFolder, tmp_path: Path, values: dict[str, Any], reason: str
) -> None:
    path = onnx_files.channel(tmp_path / "net.onnx", "u")
    beside = path.with_suffix(".json")
    said = json.loads(beside.read_text()) | {"output": {"name": "mask", "values": "logits"}}
    beside.write_text(json.dumps(said | values))
    if values == {"input_size": "64"}:
        add_network(networks, str(path))  # a number in quotes is still that number
        return
    with pytest.raises(NetworkRefused, match=reason) as caught:
        add_network(networks, str(path))
    assert "\n" not in caught.value.detail
    assert not list(networks.path.iterdir())


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe", b"x" * 200_000])
def test_a_manifest_that_is_no_manifest_is_refused(
    networks: NetworkFolder, tmp_path: Path, content: bytes
) -> None:
    path = onnx_files.channel(tmp_path / "net.onnx", "u")
    path.with_suffix(".json").write_bytes(content)
    with pytest.raises(NetworkRefused, match=r"net\.json"):
        add_network(networks, str(path))


def test_a_missing_manifest_is_named(networks: NetworkFolder, tmp_path: Path) -> None:
    path = onnx_files.channel(tmp_path / "net.onnx", "u")
    path.with_suffix(".json").unlink()
    with pytest.raises(NetworkRefused, match=r"net\.json cannot be read"):
        add_network(networks, str(path))


@pytest.mark.parametrize("content", [b"", b"not a network", b"\x08" * 1000])
def test_a_file_that_is_no_onnx_is_refused(
    networks: NetworkFolder, tmp_path: Path, content: bytes
) -> None:
    path = onnx_files.channel(tmp_path / "net.onnx", "u")
    path.write_bytes(content)
    with pytest.raises(NetworkRefused, match="cannot be loaded") as caught:
        add_network(networks, str(path))
    assert "\n" not in caught.value.detail


@pytest.mark.parametrize("values", [np.nan, np.inf])
def test_an_answer_that_is_not_finite_is_refused(
    networks: NetworkFolder, tmp_path: Path, values: float
) -> None:
    nodes = [node("Mul", ["planes", "broken"], "mask")]
    broken = {"broken": np.array(values, np.float32)}
    path = onnx_files.write(tmp_path / "net.onnx", nodes, broken, channels=("valid",))
    with pytest.raises(NetworkRefused, match="not finite"):
        add_network(networks, str(path))


def test_an_answer_of_many_planes_is_refused(networks: NetworkFolder, tmp_path: Path) -> None:
    nodes = [node("Sigmoid", ["planes"], "mask")]
    path = onnx_files.write(tmp_path / "net.onnx", nodes)
    with pytest.raises(NetworkRefused, match=r"mask of shape \(1, 9, 64, 64\)"):
        add_network(networks, str(path))


def test_an_operation_of_somebody_elses_is_refused(networks: NetworkFolder, tmp_path: Path) -> None:
    nodes = [node("Anything", ["planes"], "mask", domain="elsewhere")]
    path = onnx_files.write(tmp_path / "net.onnx", nodes)
    with pytest.raises(NetworkRefused, match="cannot be loaded"):
        add_network(networks, str(path))


@pytest.mark.parametrize("place", ["../secret.bin", "secret.bin", "{absolute}"])
def test_weights_in_another_file_are_not_read(
    networks: NetworkFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    folder = tmp_path / "given"
    folder.mkdir()
    scale = np.ones((1, len(BOX_CHANNELS), 64, 64), np.float32)
    for secret in (tmp_path / "secret.bin", folder / "secret.bin"):
        secret.write_bytes(scale.tobytes())
    nodes = [
        node("Mul", ["planes", "scale"], "scaled"),
        node("Gather", ["scaled", "index"], "mask", axis=1),
    ]
    path = onnx_files.write(
        folder / "net.onnx", nodes, {"scale": scale, "index": np.array([7], np.int64)}
    )
    add_network(networks, str(path), name="whole")
    model = onnx.load(path)
    (tensor,) = (one for one in model.graph.initializer if one.name == "scale")
    where = place.format(absolute=tmp_path / "secret.bin")
    external_data_helper.set_external_data(tensor, where, offset=0, length=scale.nbytes)
    tensor.ClearField("raw_data")
    path.write_bytes(model.SerializeToString())
    assert numpy_helper.to_array(model.graph.initializer[1]).tolist() == [7]
    monkeypatch.chdir(folder)
    with pytest.raises(NetworkRefused, match="cannot be loaded"):
        add_network(networks, str(path), name="hollow")


def test_a_network_changed_since_it_was_installed_is_not_loaded(
    networks: NetworkFolder, tmp_path: Path
) -> None:
    engine = engine_with(networks, onnx_files.brightness(tmp_path / "light.onnx"))
    (networks.named("light").folder / "network.json").write_text("{}")
    with pytest.raises(NetworkRefused, match=r"network\.json .* not the file"):
        ask(engine, np.zeros((60, 80, 3), np.uint8), (20, 10, 40, 40))
