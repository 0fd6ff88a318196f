"""Networks in memory: one loading holds up nobody who asks for another."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from segmentarium.core.errors import NetworkRefused
from segmentarium.networks.folder import InstalledNetwork, NetworkFolder
from segmentarium.networks.loaded import LoadedNetworks
from segmentarium.services.networks import add_network
from tests.networks import onnx_files


@pytest.fixture
def installed(networks: NetworkFolder, tmp_path: Path) -> list[InstalledNetwork]:
    """Three networks."""
    files = [
        onnx_files.channel(tmp_path / "inside.onnx", "inside_box"),
        onnx_files.channel(tmp_path / "valid.onnx", "valid"),
        onnx_files.brightness(tmp_path / "light.onnx"),
    ]
    return [add_network(networks, str(file)) for file in files]


class Loading:
    """Loads a network's name; one of the name `held` only when it may."""

    def __init__(self, held: str = "") -> None:
        self.held = held
        self.may, self.begun = threading.Event(), threading.Event()
        self.names: list[str] = []

    def __call__(self, network: InstalledNetwork) -> str:
        self.names.append(network.name)
        if network.name == self.held:
            self.begun.set()
            assert self.may.wait(20)
        return network.name


def test_a_loaded_network_is_had_while_another_is_loading(
    installed: list[InstalledNetwork],
) -> None:
    first, second, third = installed
    loading = Loading(held=second.name)
    loaded = LoadedNetworks(loading)
    assert loaded.get(first) == first.name
    with ThreadPoolExecutor(2) as pool:
        waiting = pool.submit(loaded.get, second)
        assert loading.begun.wait(20)
        assert pool.submit(loaded.get, first).result(20) == first.name
        assert pool.submit(loaded.get, third).result(20) == third.name
        assert not loaded.has(second)
        loading.may.set()
        assert waiting.result(20) == second.name
    assert loaded.has(second)


def test_many_who_ask_at_once_wait_for_one_loading(installed: list[InstalledNetwork]) -> None:
    loading = Loading(held=installed[0].name)
    loaded = LoadedNetworks(loading)
    with ThreadPoolExecutor(4) as pool:
        asking = [pool.submit(loaded.get, installed[0]) for _ in range(4)]
        assert loading.begun.wait(20)
        loading.may.set()
        assert {one.result(20) for one in asking} == {installed[0].name}
    assert loading.names == [installed[0].name]


def test_the_network_used_least_lately_is_let_go(installed: list[InstalledNetwork]) -> None:
    loaded = LoadedNetworks(Loading())
    first, second, third = installed
    for network in (first, second, first, third):
        loaded.get(network)
    assert [loaded.has(network) for network in installed] == [True, False, True]


def test_what_cannot_be_loaded_is_tried_again_by_the_next(
    installed: list[InstalledNetwork],
) -> None:
    loaded = LoadedNetworks(Loading())
    path = installed[0].folder / "network.json"
    content = path.read_bytes()
    path.write_bytes(b"{}")
    with pytest.raises(NetworkRefused):
        loaded.get(installed[0])
    path.write_bytes(content)
    assert loaded.get(installed[0]) == installed[0].name
