"""Segment Anything and its successors, from any installed checkpoint.

Source:
    Kirillov et al.: "Segment Anything", ICCV 2023; Ravi et al.: "SAM 2: Segment Anything in Images and Videos",
    ICLR 2025; Ke et al.: "Segment Anything in High Quality", NeurIPS 2023; run by `transformers`.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from segmentarium.core.boxes import pixels_of_box
from segmentarium.core.errors import NothingFound
from segmentarium.engines.base import (
    Embedding,
    ImageRGB,
    Option,
    OptionValue,
    Prediction,
    Prompt,
    PromptKind,
    check_box,
    raise_if_abandoned,
)
from segmentarium.networks.checkpoint import is_torch_there
from segmentarium.networks.folder import NOWHERE, InstalledNetwork, NetworkFolder
from segmentarium.networks.loaded import LoadedNetworks
from segmentarium.networks.sam_grid import (
    Grid,
    Logits,
    logits_of_mask,
    mask_of_logits,
    points_of_strokes,
)

if TYPE_CHECKING:
    from segmentarium.networks.sam import SamEmbedding, SamNetwork

_INSTALL = "SAM needs PyTorch and transformers: pip install 'segmentarium[models]'"
_ADD = "No checkpoint is installed: segmentarium models add facebook/sam2.1-hiera-tiny"
_ANSWER_PX = 1024  # longest side of the mask that is answered: that of the network's own square


@dataclass(frozen=True, slots=True)
class _Read:
    """An embedding, and the network that can use it."""

    network: SamNetwork
    embedding: SamEmbedding
    loaded: LoadedNetworks[SamNetwork]

    @property
    def is_current(self) -> bool:
        return self.loaded.holds(self.network)

    @property
    def nbytes(self) -> int:
        return self.embedding.nbytes


class Sam:
    """The object that a box, points or strokes mean, by a promptable network."""

    name = "sam"
    title = "Segment Anything"
    description = "Anything that a box or a few clicks point at; the first prompt on an image waits for it to be read."
    prompts: tuple[PromptKind, ...] = ("bbox", "points", "strokes", "mask")
    starts_from: tuple[PromptKind, ...] = ("bbox", "points", "strokes")
    rank = 30
    is_slow = True

    def __init__(self) -> None:
        self._networks = NetworkFolder(NOWHERE)
        self._threads = 1
        self._loaded: LoadedNetworks[SamNetwork] = LoadedNetworks(_load)
        # More than one prompt at a time would only take the cores from each other.
        self._decoding = threading.Lock()

    def use_networks(self, networks: NetworkFolder, threads: int) -> None:
        """See `NetworkEngine.use_networks`."""
        self._networks, self._threads = networks, threads

    @property
    def options(self) -> tuple[Option, ...]:
        """Which mask, and which checkpoint when there is one."""
        which = Option(
            "mask",
            "Which of the masks that the prompt could mean",
            "choice",
            "auto",
            choices=("auto", "best", "whole", "part", "subpart"),
        )
        names = tuple(network.name for network in self._networks.installed("sam"))
        if not names:
            return (which,)
        return which, Option("checkpoint", "Checkpoint", "choice", names[0], choices=names)

    def unavailable_reason(self) -> str | None:
        """PyTorch is missing, or a checkpoint. Imports nothing."""
        if not is_torch_there():
            return _INSTALL
        return None if self._networks.installed("sam") else _ADD

    def is_loaded(self, options: Mapping[str, OptionValue]) -> bool:
        """See `NetworkEngine.is_loaded`."""
        return self._loaded.has(self._networks.chosen("sam", options.get("checkpoint")))

    def segment(
        self, image: ImageRGB, prompt: Prompt, options: Mapping[str, OptionValue]
    ) -> Prediction:
        """See `Engine.segment`."""
        return self.segment_embedded(self.embed(image, options), image, prompt, options)

    def embedding_key(self, options: Mapping[str, OptionValue]) -> str:
        """See `EmbeddingEngine.embedding_key`."""
        return self._networks.chosen("sam", options.get("checkpoint")).digest

    def embed(self, image: ImageRGB, options: Mapping[str, OptionValue]) -> Embedding:
        """See `EmbeddingEngine.embed`; given up between two layers when nobody waits any more."""
        from segmentarium.networks.sam import use_threads

        raise_if_abandoned()
        network = self._loaded.get(self._networks.chosen("sam", options.get("checkpoint")))
        use_threads(self._threads)
        return _Read(network, network.embed(image), self._loaded)

    def segment_embedded(
        self,
        embedding: Embedding,
        image: ImageRGB,
        prompt: Prompt,
        options: Mapping[str, OptionValue],
    ) -> Prediction:
        """See `EmbeddingEngine.segment_embedded`; outside points are followed as the network sees fit."""
        if not isinstance(embedding, _Read):
            raise TypeError(f"{type(embedding).__name__} is no embedding of this engine")
        raise_if_abandoned()
        self._loaded.use(embedding.network)
        frame = embedding.embedding.frame
        grid = Grid(
            frame.height,
            frame.width,
            frame.filled_height,
            frame.filled_width,
            embedding.network.size,
            embedding.network.cells,
            embedding.network.is_stretched,
        )
        candidates, scores = self._decode(embedding, grid, prompt, str(options["mask"]))
        for index in _order(candidates, scores, str(options["mask"])):
            placed = mask_of_logits(candidates[index], grid, _ANSWER_PX)
            if placed is not None:
                score = float(np.clip(scores[index], 0, 1))
                return Prediction(placed.mask, placed.x, placed.y, score, None, placed.covers)
        return _nothing(prompt, *image.shape[:2])

    def _decode(self, read: _Read, grid: Grid, prompt: Prompt, which: str) -> tuple[Logits, Logits]:
        from segmentarium.networks.sam import SamPrompt, use_threads

        strokes = points_of_strokes(
            [(stroke.points, stroke.label, stroke.radius_px) for stroke in prompt.strokes]
        )
        labelled = [*zip(prompt.point_coords, prompt.point_labels, strict=True), *strokes]
        box = prompt.bbox_xywh
        asked = SamPrompt(
            points=[point for point, _ in labelled],
            labels=[label for _, label in labelled],
            box_xyxy=None if box is None else check_box(box, grid.height, grid.width),
            mask_logits=None if prompt.mask is None else logits_of_mask(prompt.mask, grid),
        )
        # One click may mean a shirt or who wears it; whoever says more means one thing (Kirillov et al., section 3).
        is_one_click = len(labelled) == 1 and box is None and prompt.mask is None
        use_threads(self._threads)
        with self._decoding:
            return read.network.decode(
                read.embedding, asked, is_ambiguous=is_one_click if which == "auto" else True
            )


def _load(installed: InstalledNetwork) -> SamNetwork:
    from segmentarium.networks.sam import SamNetwork

    return SamNetwork.load(installed.folder, raise_if_abandoned)


def _order(candidates: Logits, scores: Logits, which: str) -> list[int]:
    """Candidates, the wanted one first: by predicted IoU, or by area."""
    by_score = [int(index) for index in np.argsort(-scores, kind="stable")]
    if which in ("auto", "best"):
        return by_score
    areas = (candidates > 0).sum(axis=(1, 2))
    by_area = [int(index) for index in np.argsort(areas, kind="stable")]
    place = {"subpart": 0, "part": len(by_area) // 2, "whole": -1}[which]
    return [by_area[place], *by_score]


def _nothing(prompt: Prompt, height: int, width: int) -> Prediction:
    """What is answered where the network sees nothing at all."""
    if prompt.bbox_xywh is None:
        raise NothingFound("The network found no object there; a box says more than points.")
    x0, y0, x1, y1 = pixels_of_box(check_box(prompt.bbox_xywh, height, width))
    scale = min(1.0, _ANSWER_PX / max(x1 - x0, y1 - y0))
    shape = (max(1, round((y1 - y0) * scale)), max(1, round((x1 - x0) * scale)))
    words = "The network found no object; this is the whole box."
    return Prediction(np.ones(shape, dtype=bool), x0, y0, 0.1, words, (x1 - x0, y1 - y0))


ENGINE = Sam()
