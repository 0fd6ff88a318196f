"""What a checkpoint folder says of itself, read without any heavy library."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from segmentarium.core.errors import NetworkRefused

SamArchitecture = Literal["SamModel", "Sam2Model", "SamHQModel"]

# A checkpoint of SAM 2 for video holds the network for images whole, under the same names.
_ARCHITECTURES: dict[str, SamArchitecture] = {
    "sam": "SamModel",
    "sam2": "Sam2Model",
    "sam2_video": "Sam2Model",
    "sam_hq": "SamHQModel",
}
_MAX_JSON_BYTES = 1_000_000
LONGEST_INPUT = 2048  # pixels a side; the published networks have 1024
_IMAGENET_MEAN = (0.485, 0.456, 0.406)
_IMAGENET_STD = (0.229, 0.224, 0.225)
_BILINEAR = 2  # Pillow's number, as checkpoints write it


def architecture_of(folder: Path) -> SamArchitecture:
    """Which network the checkpoint is of.

    Raises:
        NetworkRefused: there is no readable config.json, or it is of something else.
    """
    kind = _json(folder / "config.json").get("model_type")
    architecture = _ARCHITECTURES.get(str(kind))
    if architecture is None:
        known = ", ".join(_ARCHITECTURES)
        raise NetworkRefused(f"config.json is of a network {kind!r}; known are: {known}.")
    return architecture


def picture_settings(folder: Path) -> tuple[Sequence[float], Sequence[float], int]:
    """Mean and standard deviation of red, green, blue in shares of full brightness; the input's side in pixels.

    Raises:
        NetworkRefused: the files are damaged, contradict each other, or ask for what is not done here.
    """
    config = _json(folder / "config.json")
    prompts = config.get("prompt_encoder_config")
    size = prompts.get("image_size", 1024) if isinstance(prompts, dict) else 1024
    if not isinstance(size, int) or not 16 <= size <= LONGEST_INPUT:
        raise NetworkRefused(f"The network's input must be 16 to {LONGEST_INPUT} pixels a side.")
    found = _processor(folder)
    mean, std = found.get("image_mean", _IMAGENET_MEAN), found.get("image_std", _IMAGENET_STD)
    for values in (mean, std):
        if not _is_colour(values):
            raise NetworkRefused("image_mean and image_std must be three numbers each.")
    if min(std) <= 0:
        raise NetworkRefused("image_std must be over 0.")
    sides = found.get("size", {})
    if isinstance(sides, dict) and any(side != size for side in sides.values()):
        raise NetworkRefused(f"The pictures are prepared at {sides}, the network takes {size}.")
    if found.get("resample", _BILINEAR) != _BILINEAR:
        raise NetworkRefused("Only pictures that are resized bilinearly are supported.")
    return mean, std, size


def _processor(folder: Path) -> dict[str, Any]:
    """How pictures are prepared; both the file's old and its new name and form are in use."""
    for name in ("preprocessor_config.json", "processor_config.json"):
        if (folder / name).is_file():
            found = _json(folder / name)
            inner = found.get("image_processor", found)
            return inner if isinstance(inner, dict) else {}
    return {}


def _is_colour(values: object) -> bool:
    return (
        isinstance(values, list | tuple)
        and len(values) == 3
        and all(isinstance(value, int | float) for value in values)
    )


def _json(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > _MAX_JSON_BYTES:
            raise NetworkRefused(f"{path.name} is too large.")
        found = json.loads(path.read_bytes())
    except OSError:
        raise NetworkRefused(
            f"There is no {path.name}: not a checkpoint in the form of transformers."
        ) from None
    except (ValueError, RecursionError):
        raise NetworkRefused(f"{path.name} is not JSON.") from None
    if not isinstance(found, dict):
        raise NetworkRefused(f"{path.name} is not a JSON object.")
    return found
