"""What a network computes is nobody's promise: runs end in time, within memory, and when nobody waits."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from segmentarium.core.errors import NetworkRefused, OutOfMemory, PromptAbandoned
from segmentarium.engines.base import abandoned_when, abandonment
from segmentarium.networks.box_network import BoxNetwork, read_manifest
from segmentarium.networks.folder import NetworkFolder
from segmentarium.networks.onnx_session import OnnxSession
from segmentarium.services.networks import add_network
from tests.networks import onnx_files
from tests.networks.onnx_files import node

IMAGE = np.full((60, 80, 3), 255, np.uint8)
BOX = (20.0, 10.0, 60.0, 50.0)


def load(onnx: Path, longest_s: float, *, folds: bool = True) -> BoxNetwork:
    manifest = read_manifest(onnx.with_suffix(".json"))
    return BoxNetwork.load(manifest, onnx, 1, longest_s=longest_s, folds=folds)


def took(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def test_a_run_is_stopped_in_its_middle_when_nobody_waits(tmp_path: Path) -> None:
    path = onnx_files.endless(tmp_path / "endless.onnx")
    network = BoxNetwork(read_manifest(path.with_suffix(".json")), OnnxSession.load(path, 1))
    has_left, asked = threading.Event(), threading.Event()

    def is_gone() -> bool:
        asked.set()  # by the thread that looks, while the network runs
        return has_left.is_set()

    def ask() -> None:
        with abandoned_when(is_gone):
            network.ask(IMAGE, BOX, is_unwanted=abandonment())

    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(ask)
        # Again and again, and the run goes on.
        assert asked.wait(20)
        asked.clear()
        assert asked.wait(20)
        assert not answer.done()
        has_left.set()
        with pytest.raises(PromptAbandoned):
            answer.result(20)
    asked.clear()
    assert not asked.wait(0.3)  # nobody is asked any more


def test_a_network_that_takes_too_long_is_refused_in_time(tmp_path: Path) -> None:
    path = onnx_files.endless(tmp_path / "endless.onnx")

    def refused() -> None:
        with pytest.raises(NetworkRefused, match=r"more than 0\.3 s"):
            load(path, 0.3)

    assert 0.3 <= took(refused) < 5


def test_what_would_be_computed_at_loading_is_within_the_limit_when_a_network_is_tried(
    tmp_path: Path,
) -> None:
    path = onnx_files.heavy_constants(tmp_path / "heavy.onnx")
    folding = took(lambda: OnnxSession.load(path, 1))

    def refused() -> None:
        with pytest.raises(NetworkRefused, match="takes more than"):
            load(path, folding / 20, folds=False)

    assert took(refused) < folding / 2


def test_more_memory_than_there_is_for_networks_is_refused(
    networks: NetworkFolder, tmp_path: Path
) -> None:
    add_network(networks, str(onnx_files.vast(tmp_path / "small.onnx", side=1000)))
    with pytest.raises(OutOfMemory, match=r"more than the 4 GiB .* smaller"):
        add_network(networks, str(onnx_files.vast(tmp_path / "vast.onnx", side=100_000)))
    assert [network.name for network in networks.installed()] == ["small"]


def test_an_answer_whose_size_is_known_to_be_too_large_is_refused_before_it_is_computed(
    networks: NetworkFolder, tmp_path: Path
) -> None:
    nodes = [node("Resize", ["planes", "", "scales"], "mask")]
    scales = {"scales": np.array([1, 1, 200, 200], np.float32)}
    path = onnx_files.write(tmp_path / "large.onnx", nodes, scales, channels=("valid",))
    with pytest.raises(NetworkRefused, match="more than 2048 cells a side"):
        add_network(networks, str(path))
