"""A box-conditioned network as an ONNX file with a manifest, run on the crop around a box.

What the network sees is `segnets.box_view`'s matter, so that it is the same in training.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from segmentarium.core.errors import NetworkRefused
from segmentarium.networks.folder import first_fault
from segmentarium.networks.onnx_session import LONGEST_S, OnnxSession
from segnets.box_view import (
    BOX_CHANNELS,
    CHANNELS,
    NOTHING_KNOWN,
    BoxView,
    Corrections,
    planes_of_view,
    values_on_pixels,
    view_of_box,
)

ImageRGB: TypeAlias = NDArray[np.uint8]
Probabilities: TypeAlias = NDArray[np.float32]

_MAX_JSON_BYTES = 100_000
_LARGEST_OUTPUT = 2048  # cells a side
_Colour: TypeAlias = tuple[float, float, float]


class Output(BaseModel):
    """An output of the network: its name in the ONNX file, and whether it still wants the sigmoid."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=200)
    values: Literal["logits", "probabilities"] = "logits"


class BoxNetworkManifest(BaseModel):
    """What an ONNX file takes and gives; docs/engines.md tells the members one by one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str = Field(min_length=1, max_length=200)
    licence: str = Field(min_length=1, max_length=200)
    source: str = Field(default="", max_length=1000)
    input: str = Field(min_length=1, max_length=200)
    input_size: int = Field(ge=16, le=1024, description="cells a side")
    margin: float = Field(
        default=0.22, ge=0, le=2, description="on each side, in shares of the box"
    )
    channels: tuple[str, ...] = Field(default=BOX_CHANNELS, min_length=1, max_length=len(CHANNELS))
    mean: _Colour = (0.485, 0.456, 0.406)
    std: _Colour = (0.229, 0.224, 0.225)
    beyond_image: Literal["mean", "border"] = "mean"
    output: Output
    iou_output: Output | None = None
    threshold: float = Field(default=0.5, gt=0, lt=1)
    averages_flip: bool = False
    answers_beyond_box: bool = False

    @field_validator("channels")
    @classmethod
    def _known(cls, channels: tuple[str, ...]) -> tuple[str, ...]:
        unknown = [name for name in channels if name not in CHANNELS]
        if unknown or len(set(channels)) != len(channels):
            raise ValueError(f"each of them once at most: {', '.join(CHANNELS)}")
        return channels

    @model_validator(mode="after")
    def _colours(self) -> BoxNetworkManifest:
        if min(self.std) <= 0 or not all(np.isfinite([*self.mean, *self.std])):
            raise ValueError("mean and std must be finite, std over 0")
        return self


@dataclass(frozen=True, slots=True)
class Answer:
    """Probabilities (h, w) on the view's own cells, and the IoU that the network predicts, if it does."""

    probabilities: Probabilities
    view: BoxView
    predicted_iou: float | None

    def on_pixels(self, region_xyxy: tuple[int, int, int, int], longest: int) -> Probabilities:
        """See `values_on_pixels`."""
        return values_on_pixels(self.probabilities, self.view, region_xyxy, longest)


class BoxNetwork:
    """A loaded network; many threads may ask it at once."""

    def __init__(self, manifest: BoxNetworkManifest, session: OnnxSession) -> None:
        self.manifest = manifest
        self._session = session

    @classmethod
    def load(
        cls,
        manifest: BoxNetworkManifest,
        onnx: Path,
        threads: int,
        *,
        longest_s: float = LONGEST_S,
        folds: bool = True,
    ) -> BoxNetwork:
        """Load a network onto the CPU and try it once; for the arguments see `OnnxSession.load`.

        Raises:
            NetworkRefused: it is no ONNX file that can be run, or not what the manifest says.
        """
        session = OnnxSession.load(onnx, threads, longest_s=longest_s, folds=folds)
        network = cls(manifest, session)
        network._check()
        return network

    def ask(
        self,
        image: ImageRGB,
        box_xyxy: tuple[float, float, float, float],
        known: Corrections = NOTHING_KNOWN,
        is_unwanted: Callable[[], bool] = lambda: False,
    ) -> Answer:
        """The object in a box of an (H, W, 3) uint8 RGB image; the box lies on the image and has a size.

        Args:
            image: what is looked at.
            box_xyxy: corners, in pixels.
            known: points and a mask; a network that does not take them does not see them.
            is_unwanted: asked while the network runs; it is stopped then.

        Raises:
            NetworkRefused: the network fails, takes too long, or answers nothing that could be probabilities.
            PromptAbandoned: it is unwanted.
        """
        view = view_of_box(box_xyxy, self.manifest.margin, self.manifest.input_size)
        return self.look(image, view, known, is_unwanted)

    def look(
        self,
        image: ImageRGB,
        view: BoxView,
        known: Corrections = NOTHING_KNOWN,
        is_unwanted: Callable[[], bool] = lambda: False,
    ) -> Answer:
        """As `ask`, at a view of the box, which may be a part of it."""
        given = self.manifest
        planes = planes_of_view(
            view,
            image,
            given.channels,
            given.mean,
            given.std,
            known=known,
            keeps_border=given.beyond_image == "border",
        )
        probabilities, iou = self._run(planes, is_unwanted)
        if given.averages_flip:
            mirrored = planes[:, :, ::-1].copy()
            if "u" in given.channels:
                mirrored[given.channels.index("u")] *= -1
            flipped, flipped_iou = self._run(mirrored, is_unwanted)
            probabilities = np.float32(0.5) * (probabilities + flipped[:, ::-1])
            iou = None if iou is None or flipped_iou is None else (iou + flipped_iou) / 2
        return Answer(probabilities, view, iou)

    def _run(
        self, planes: NDArray[np.float32], is_unwanted: Callable[[], bool]
    ) -> tuple[Probabilities, float | None]:
        outputs = [self.manifest.output]
        if self.manifest.iou_output is not None:
            outputs.append(self.manifest.iou_output)
        found = self._session.run(
            [output.name for output in outputs],
            {self.manifest.input: planes[None]},
            is_unwanted,
        )
        values = [_shares(array, output) for array, output in zip(found, outputs, strict=True)]
        mask = values[0]
        sides = mask.shape[-2:]
        if mask.ndim < 2 or mask.size != sides[0] * sides[1] or max(sides) > _LARGEST_OUTPUT:
            raise NetworkRefused(
                f"The network answers a mask of shape {mask.shape}, not (1, 1, h, w)."
            )
        if len(values) == 2 and values[1].size != 1:
            raise NetworkRefused(f"The network predicts an IoU of shape {values[1].shape}.")
        iou = float(values[1].reshape(-1)[0]) if len(values) == 2 else None
        return mask.reshape(sides), iou

    def _check(self) -> None:
        """Compare the manifest with the file, and run it on a grey picture."""
        given = self.manifest
        inputs, outputs = self._session.inputs, self._session.outputs
        if set(inputs) != {given.input}:
            raise NetworkRefused(
                f"The file takes {_listed(inputs)}; the manifest says {given.input}."
            )
        for output in (given.output, given.iou_output):
            if output is not None and output.name not in outputs:
                raise NetworkRefused(
                    f"The file gives {_listed(outputs)}; the manifest says {output.name}."
                )
        sides = outputs[given.output.name].shape[-2:]
        if any(isinstance(side, int) and side > _LARGEST_OUTPUT for side in sides):
            raise NetworkRefused(
                f"The file gives a mask of more than {_LARGEST_OUTPUT} cells a side."
            )
        wanted = (1, len(given.channels), given.input_size, given.input_size)
        shape = inputs[given.input].shape
        fits = len(shape) == 4 and all(
            not isinstance(side, int) or side == needed
            for side, needed in zip(shape, wanted, strict=True)
        )
        if not fits or inputs[given.input].type != "tensor(float)":
            raise NetworkRefused(
                f"The file takes {inputs[given.input].type} of shape {shape}, the manifest says float {list(wanted)}."
            )
        self.ask(np.full((8, 8, 3), 128, np.uint8), (2.0, 2.0, 6.0, 6.0))


def read_manifest(path: Path) -> BoxNetworkManifest:
    """The manifest of an ONNX file.

    Raises:
        NetworkRefused: it is not there, or something in it cannot be.
    """
    try:
        if path.stat().st_size > _MAX_JSON_BYTES:
            raise NetworkRefused(f"{path.name} is too large.")
        return BoxNetworkManifest.model_validate_json(path.read_bytes())
    except ValidationError as error:
        raise NetworkRefused(f"{path.name}: {first_fault(error)}") from None
    except OSError as error:
        raise NetworkRefused(f"{path.name} cannot be read ({error.strerror}).") from None


def _shares(values: Any, output: Output) -> Probabilities:
    """An output as shares of 1."""
    if not isinstance(values, np.ndarray) or values.dtype.kind != "f" or not values.size:
        raise NetworkRefused(f"The output {output.name} is no array of numbers.")
    numbers = values.astype(np.float32)
    if not np.isfinite(numbers).all():
        raise NetworkRefused(f"The output {output.name} is not finite.")
    if output.values == "logits":
        shares = 1 / (1 + np.exp(-np.clip(numbers, -60, 60)))
        return shares.astype(np.float32, copy=False)
    if numbers.min() < -1e-3 or numbers.max() > 1 + 1e-3:
        raise NetworkRefused(
            f"The output {output.name} is no probability: it holds {numbers.min():g} to {numbers.max():g}."
        )
    return np.clip(numbers, 0, 1).astype(np.float32, copy=False)


def _listed(names: Any) -> str:
    return ", ".join(sorted(names)) or "nothing"
