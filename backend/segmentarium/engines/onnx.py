"""A network that answers a box, from an ONNX file with a manifest: see `networks/box_network.py`.

Source:
    ONNX, run by onnxruntime. The method is the network's own; its manifest names it.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from segmentarium.core.boxes import BoxXYXY, clip_box, pixels_of_box
from segmentarium.engines.base import (
    ImageRGB,
    Option,
    OptionValue,
    Prediction,
    Prompt,
    PromptKind,
    abandonment,
    check_box,
    raise_if_abandoned,
)
from segmentarium.networks.box_network import (
    Answer,
    BoxNetwork,
    BoxNetworkManifest,
    read_manifest,
)
from segmentarium.networks.folder import NOWHERE, InstalledNetwork, NetworkFolder
from segmentarium.networks.loaded import LoadedNetworks

ANSWER_PX = 1024  # longest side of the mask that is answered
NOTHING_TRUST = 0.1  # the score where the network found nothing and the box is answered
_ADD = "No network is installed: segmentarium models add NETWORK.onnx (with NETWORK.json beside it)"


class Onnx:
    """The object in a box, by an installed network."""

    name = "onnx"
    title = "Network (ONNX)"
    description = "Objects of the kind that an installed network was trained on."
    prompts: tuple[PromptKind, ...] = ("bbox",)
    starts_from: tuple[PromptKind, ...] = ("bbox",)
    rank = 20
    is_slow = False

    def __init__(self) -> None:
        self._networks = NetworkFolder(NOWHERE)
        self._threads = 1
        self._loaded = LoadedNetworks(self._load)

    def use_networks(self, networks: NetworkFolder, threads: int) -> None:
        """See `NetworkEngine.use_networks`."""
        self._networks, self._threads = networks, threads

    @property
    def options(self) -> tuple[Option, ...]:
        """Which network, when there is one."""
        names = tuple(network.name for network in self._networks.installed("onnx"))
        if not names:
            return ()
        return (Option("network", "Network", "choice", names[0], choices=names),)

    def unavailable_reason(self) -> str | None:
        """No network is installed; what runs them always is."""
        return None if self._networks.installed("onnx") else _ADD

    def is_loaded(self, options: Mapping[str, OptionValue]) -> bool:
        """See `NetworkEngine.is_loaded`."""
        return self._loaded.has(self._networks.chosen("onnx", options.get("network")))

    def segment(
        self, image: ImageRGB, prompt: Prompt, options: Mapping[str, OptionValue]
    ) -> Prediction:
        """See `Engine.segment`; the mask lies within the box, or within what is seen if the manifest says so."""
        raise_if_abandoned()
        network = self._loaded.get(self._networks.chosen("onnx", options.get("network")))
        raise_if_abandoned()
        box = check_box(prompt.bbox_xywh or (0, 0, 0, 0), *image.shape[:2])
        answer = network.ask(image, box, is_unwanted=abandonment())
        return prediction_of_answer(answer, network.manifest, image, box)

    def _load(self, installed: InstalledNetwork) -> BoxNetwork:
        manifest = read_manifest(installed.folder / "network.json")
        return BoxNetwork.load(manifest, installed.folder / "network.onnx", self._threads)


def prediction_of_answer(
    answer: Answer,
    manifest: BoxNetworkManifest,
    image: ImageRGB,
    box: BoxXYXY,
    threshold: float | None = None,
) -> Prediction:
    """The mask of what a network answers to a box on the image: the pixels over a threshold, its own if none is given.

    The score is the IoU that it predicts, else the mean probability of what is inside.
    """
    seen = box
    if manifest.answers_beyond_box:
        view = answer.view
        corners = (view.x, view.y, view.x + view.width, view.y + view.height)
        seen = clip_box(corners, image.shape[1], image.shape[0])
    region = x0, y0, x1, y1 = pixels_of_box(seen)
    probabilities = answer.on_pixels(region, ANSWER_PX)
    mask = probabilities >= (manifest.threshold if threshold is None else threshold)
    if not mask.any():
        region = x0, y0, x1, y1 = pixels_of_box(box)
        words = "The network found no object; this is the whole box."
        whole = np.ones_like(answer.on_pixels(region, ANSWER_PX), dtype=bool)
        return Prediction(whole, x0, y0, NOTHING_TRUST, words, (x1 - x0, y1 - y0))
    score = answer.predicted_iou
    if score is None:
        score = float(probabilities[mask].mean())
    return Prediction(mask, x0, y0, score, None, (x1 - x0, y1 - y0))


ENGINE = Onnx()
