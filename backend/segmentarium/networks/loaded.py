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
        self._lock = threading.Lock()

    def get(self, installed: InstalledNetwork) -> Network:
        """The network in memory; many who ask at once wait for one loading.

        Raises:
            NetworkRefused: a file is not what was installed, or cannot be loaded.
        """
        with self._lock:
            key = f"{installed.folder} {installed.digest}"
            network = self._kept.get(key)
            if network is None:
                installed.verify()
                network = self._kept[key] = self._load(installed)
                while len(self._kept) > _KEPT:
                    self._kept.popitem(last=False)
            self._kept.move_to_end(key)
            return network
