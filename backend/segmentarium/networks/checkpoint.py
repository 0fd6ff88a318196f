"""A checkpoint folder, about to be installed: the network in it is built once, so that what is kept can be loaded."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from segmentarium.core.errors import NetworkRefused
from segmentarium.networks.architectures import SamArchitecture, architecture_of, picture_settings

NEEDS = ("torch", "transformers", "safetensors")


def is_torch_there() -> bool:
    """Whether what runs checkpoints is installed. Imports nothing."""
    return all(importlib.util.find_spec(name) is not None for name in NEEDS)


def settled_checkpoint(folder: Path, *, allows_pickle: bool) -> SamArchitecture:
    """Check a checkpoint; weights that are pickles become safetensors, so that no pickle is ever loaded in use.

    Raises:
        NetworkRefused: its kind is unknown, it is not whole, it holds pickles only and these are not allowed, or
            PyTorch is not there to check it.
    """
    architecture = architecture_of(folder)
    picture_settings(folder)
    has_safetensors = any(folder.glob("*.safetensors"))
    if not has_safetensors and not allows_pickle:
        raise NetworkRefused(
            "There are no weights as safetensors. Weights in PyTorch's own form (.bin) can hold code; if you trust"
            " where they come from, add them with --allow-pickle."
        )
    if not is_torch_there():
        raise NetworkRefused(
            "A checkpoint is loaded once before it is kept, and that needs PyTorch: pip install 'segmentarium[models]'"
        )
    from segmentarium.networks.sam import SamNetwork

    network = SamNetwork.load(folder, lambda: None, allows_pickle=not has_safetensors)
    if not has_safetensors:
        network.save(folder)
    for pickled in [*folder.glob("*.bin"), *folder.glob("*.bin.index.json")]:
        pickled.unlink()
    return architecture
