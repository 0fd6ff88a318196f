"""The SAM family on PyTorch, as `transformers` has it: a picture is read once, prompts then cost the decoder only.

What is fed to the network and what comes out are the library's own, number for number; its processors are not used, as
they want torchvision for SAM 2 and enlarge every mask to the image's size.

Source:
    Kirillov et al.: "Segment Anything", ICCV 2023; Ravi et al.: "SAM 2", ICLR 2025; Ke et al.: "Segment Anything
    in High Quality", NeurIPS 2023; `SamProcessor`, `Sam2Processor` and their image processors in transformers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from pickle import UnpicklingError
from typing import Any, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from torch.nn.functional import interpolate, pad
from transformers import Sam2Model, SamHQModel, SamModel
from transformers.utils import logging

from segmentarium.core.errors import NetworkRefused, OutOfMemory
from segmentarium.networks.architectures import SamArchitecture, architecture_of, picture_settings

ImageRGB: TypeAlias = NDArray[np.uint8]
Logits: TypeAlias = NDArray[np.float32]

_CLASSES: dict[SamArchitecture, Any] = {
    "SamModel": SamModel,
    "Sam2Model": Sam2Model,
    "SamHQModel": SamHQModel,
}
_ON_THE_CARD = re.compile(r"CUDA error: out of memory|CU\w+_STATUS_ALLOC_FAILED")


@dataclass(frozen=True, slots=True)
class Frame:
    """How an image lies in the network's square: its (height, width), and the part of the square that it fills."""

    height: int
    width: int
    filled_height: int
    filled_width: int


@dataclass(frozen=True, slots=True)
class SamEmbedding:
    """What a network read of an image."""

    frame: Frame
    features: tuple[Any, ...]

    @property
    def nbytes(self) -> int:
        """Bytes of the features, on whatever device."""
        return sum(int(feature.nbytes) for feature in self.features)


@dataclass(frozen=True, slots=True)
class SamPrompt:
    """A prompt in image pixels: points (n, 2), labels (n,) 1 or 0, a box (4,), and the logits of an earlier mask."""

    points: Sequence[tuple[float, float]] = ()
    labels: Sequence[int] = ()
    box_xyxy: tuple[float, float, float, float] | None = None
    mask_logits: Logits | None = None


class SamNetwork:
    """A loaded network.

    Args:
        model: of one of the known architectures.
        settings: mean and standard deviation of the colours, and the side of the square.
        between_layers: called before every layer of the encoder; what it raises ends the reading.
    """

    def __init__(
        self,
        model: Any,
        settings: tuple[Sequence[float], Sequence[float], int],
        between_layers: Callable[[], None],
    ) -> None:
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.model = model.to(self.device).eval()
        mean, std, self.size = settings
        # Of 0–255, as the library's processor does it.
        self._mean = (torch.tensor(mean, device=self.device) * 255)[:, None, None]
        self._std = (torch.tensor(std, device=self.device) * 255)[:, None, None]
        self.is_stretched = isinstance(model, Sam2Model)
        prompts = model.config.prompt_encoder_config
        self.cells = 4 * prompts.image_size // prompts.patch_size
        for layer in _encoder_layers(model):
            layer.register_forward_pre_hook(lambda *_: between_layers())

    @classmethod
    def load(
        cls, folder: Path, between_layers: Callable[[], None], *, allows_pickle: bool = False
    ) -> SamNetwork:
        """Load a checkpoint.

        Args:
            folder: with config.json and the weights as safetensors.
            between_layers: see the class.
            allows_pickle: read `.bin` weights instead; with `weights_only`, so that no code of theirs is run.

        Raises:
            NetworkRefused: it is not a checkpoint of a known architecture, or not a whole one.
            OutOfMemory: it does not fit.
        """
        architecture = architecture_of(folder)
        logging.disable_progress_bar()
        verbosity = logging.get_verbosity()
        logging.set_verbosity_error()
        try:
            with _within_memory():
                model, found = _CLASSES[architecture].from_pretrained(
                    folder,
                    local_files_only=True,
                    use_safetensors=not allows_pickle,
                    weights_only=True,
                    trust_remote_code=False,
                    output_loading_info=True,
                    dtype=torch.float32,
                )
                network = cls(model, picture_settings(folder), between_layers)
        except UnpicklingError:
            raise NetworkRefused(
                "The weights hold more than tensors; they were not loaded."
            ) from None
        except (
            OSError, ValueError, TypeError, LookupError, AttributeError, RuntimeError, ArithmeticError,
            SafetensorError,
        ) as error:  # fmt: skip
            reason = (str(error).strip() or type(error).__name__).splitlines()[0][:300]
            raise NetworkRefused(f"The {architecture} cannot be loaded: {reason}") from error
        finally:
            logging.set_verbosity(verbosity)
        missing = sorted([*found["missing_keys"], *found["mismatched_keys"]])
        if missing:
            raise NetworkRefused(
                f"The weights lack {len(missing)} tensors of a {architecture}, such as {missing[0]}."
            )
        return network

    def save(self, folder: Path) -> None:
        """Write the weights as safetensors and the configuration."""
        self.model.save_pretrained(folder)

    def embed(self, image: ImageRGB) -> SamEmbedding:
        """Read an (H, W, 3) uint8 RGB image.

        Raises:
            OutOfMemory: there is not enough for it.
        """
        height, width = image.shape[:2]
        frame = self._frame(height, width)
        pixels = torch.from_numpy(_writable(image)).permute(2, 0, 1)[None]
        with _within_memory(), torch.inference_mode():
            resized = interpolate(
                pixels,
                (frame.filled_height, frame.filled_width),
                mode="bilinear",
                antialias=True,
            ).to(self.device)
            normal = (resized.to(torch.float32) - self._mean) / self._std
            square = pad(
                normal, (0, self.size - frame.filled_width, 0, self.size - frame.filled_height)
            )
            with self._precision():
                features = self.model.get_image_embeddings(square)
        if isinstance(self.model, SamHQModel):
            # Of what it kept on the way the decoder looks at the first only.
            image_features, of_layers = features
            features = [of_layers[0], image_features]
        elif not isinstance(features, list | tuple):
            features = [features]
        return SamEmbedding(frame, tuple(features))

    def decode(
        self, embedding: SamEmbedding, prompt: SamPrompt, *, is_ambiguous: bool
    ) -> tuple[Logits, NDArray[np.float32]]:
        """Masks for a prompt.

        Args:
            embedding: of this network.
            prompt: points, or a box, or both; with or without a mask.
            is_ambiguous: ask for three masks (whole, part, subpart, in no fixed order) instead of one.

        Returns:
            Logits (n, cells, cells) over the network's square, over 0 inside, and the IoU predicted for each, (n,).

        Raises:
            OutOfMemory: there is not enough for it.
        """
        given = self._tensors(embedding.frame, prompt)
        features: Any = list(embedding.features)
        if isinstance(self.model, SamHQModel):
            given["intermediate_embeddings"] = features[:-1]
        if not self.is_stretched:
            features = features[-1]
        with _within_memory(), torch.inference_mode(), self._precision():
            answer = self.model(image_embeddings=features, multimask_output=is_ambiguous, **given)
        logits: Logits = answer.pred_masks[0, 0].float().cpu().numpy()
        scores: NDArray[np.float32] = answer.iou_scores[0, 0].float().cpu().numpy()
        return logits, scores

    def _frame(self, height: int, width: int) -> Frame:
        if self.is_stretched:
            return Frame(height, width, self.size, self.size)
        scale = self.size / max(height, width)
        # A strip thousands of times as long as wide would otherwise vanish.
        filled = (max(1, int(height * scale + 0.5)), max(1, int(width * scale + 0.5)))
        return Frame(height, width, *filled)

    def _tensors(self, frame: Frame, prompt: SamPrompt) -> dict[str, Any]:
        scale = np.array(
            [frame.filled_width / frame.width, frame.filled_height / frame.height], np.float64
        )
        given: dict[str, Any] = {}
        if prompt.box_xyxy is not None:
            corners = np.array(prompt.box_xyxy).reshape(2, 2) * scale
            given["input_boxes"] = self._tensor(corners.reshape(1, 1, 4))
        if len(prompt.points):
            given["input_points"] = self._tensor((np.array(prompt.points) * scale)[None, None])
            given["input_labels"] = torch.tensor(
                np.array(prompt.labels, np.int64)[None, None], device=self.device
            )
        if prompt.mask_logits is not None:
            given["input_masks"] = self._tensor(prompt.mask_logits[None, None])
        return given

    def _tensor(self, values: NDArray[Any]) -> Any:
        return torch.tensor(np.asarray(values, np.float32), device=self.device)

    def _precision(self) -> Any:
        """Half precision on a graphics card; a CPU has nothing to gain from it."""
        return torch.autocast(
            self.device.type, dtype=torch.bfloat16, enabled=self.device.type == "cuda"
        )


@contextmanager
def _within_memory() -> Iterator[None]:
    """What PyTorch raises for want of memory → `OutOfMemory`."""
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        # Only the card's own allocator has a class for it: its libraries and the CPU's raise like for anything else.
        if isinstance(error, torch.OutOfMemoryError) or _ON_THE_CARD.search(str(error)):
            # What the failed work had is free again, but PyTorch would keep it from other programs.
            torch.cuda.empty_cache()
            raise OutOfMemory(
                "The graphics card has too little memory for this network. Choose a smaller checkpoint, end other"
                " programs that use it, or start the server with CUDA_VISIBLE_DEVICES= to run networks on the CPU."
            ) from None
        if isinstance(error, MemoryError) or "DefaultCPUAllocator" in str(error):
            raise OutOfMemory(
                "There is too little memory for this network. Choose a smaller checkpoint, or end other programs."
            ) from None
        raise


def use_threads(count: int) -> None:
    """Let PyTorch work with so many threads, in the whole process."""
    if torch.get_num_threads() != count:
        torch.set_num_threads(count)


def _encoder_layers(model: Any) -> Sequence[Any]:
    encoder = model.vision_encoder
    layers: Sequence[Any] = (
        encoder.backbone.blocks if isinstance(model, Sam2Model) else encoder.layers
    )
    return layers


def _writable(image: ImageRGB) -> ImageRGB:
    """The same pixels, not marked read-only: PyTorch warns of such arrays, though nothing here writes to them."""
    image = np.ascontiguousarray(image)
    if image.flags.writeable:
        return image
    interface = {**image.__array_interface__, "data": (image.ctypes.data, False)}

    class Pixels:
        __array_interface__ = interface
        kept = image

    return np.asarray(Pixels())
