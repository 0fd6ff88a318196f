"""Networks in memory: each loaded once, verified before, the ones used least lately let go."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

from segmentarium.networks.folder import InstalledNetwork

Network = TypeVar("Network")

_KEPT = 2  # two checkpoints can be compared without loading them again and again


class LoadedNetworks(Generic[Network]):
    """What `load` makes of installed networks, by their digests."""

    def __init__(self, load: Callable[[InstalledNetwork], Network]) -> None:
        self._load = load
        self._kept: OrderedDict[str, Network] = OrderedDict()
        self._loading: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()

    def has(self, installed: InstalledNetwork) -> bool:
        """Whether it is in memory."""
        with self._lock:
            return _key(installed) in self._kept

    def holds(self, network: Network) -> bool:
        """Whether it is still kept for those to come."""
        with self._lock:
            return any(kept is network for kept in self._kept.values())

    def use(self, network: Network) -> None:
        """Count it as used, where it is kept: others are then let go before."""
        with self._lock:
            for key, kept in self._kept.items():
                if kept is network:
                    self._kept.move_to_end(key)
                    return

    def get(self, installed: InstalledNetwork) -> Network:
        """The network in memory; many who ask at once wait for one loading, those who ask for another do not.

        Raises:
            NetworkRefused: a file is not what was installed, or cannot be loaded.
        """
        key = _key(installed)
        with self._lock:
            network = self._found(key)
            if network is not None:
                return network
            loading = self._loading.setdefault(key, threading.Lock())
        with loading:
            with self._lock:
                network = self._found(key)
            if network is not None:
                return network
            try:
                installed.verify()
                network = self._load(installed)
                with self._lock:
                    self._keep(key, network)
            finally:
                with self._lock:
                    self._loading.pop(key, None)
            return network

    def _found(self, key: str) -> Network | None:
        network = self._kept.get(key)
        if network is not None:
            self._kept.move_to_end(key)
        return network

    def _keep(self, key: str, network: Network) -> None:
        self._kept[key] = network
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)


def _key(installed: InstalledNetwork) -> str:
    return f"{installed.folder} {installed.digest}"
