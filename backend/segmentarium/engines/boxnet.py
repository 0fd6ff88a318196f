"""The network that comes with the tool: a box, and points that correct its answer, in milliseconds.

Source:
    Trained with the tool itself: see `models/segnets/boxnet/README.md`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from segmentarium.core.boxes import BoxXYXY
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
from segmentarium.engines.correction import LEAVE_NOTHING, corrected, prediction_of
from segmentarium.engines.grabcut import ENGINE as GRABCUT
from segmentarium.engines.grabcut.outline import cleaned
from segmentarium.engines.merging import changed_where_asked
from segmentarium.engines.onnx import prediction_of_answer
from segmentarium.networks.box_network import BoxNetwork, read_manifest
from segmentarium.networks.folder import InstalledNetwork, NetworkFolder, packaged_network
from segmentarium.networks.loaded import LoadedNetworks
from segmentarium.networks.second_look import look_again
from segnets.box_view import Corrections
from segnets.boxnet import WEIGHTS

_COARSE_PX = 2.0  # of a cell, from which on the border is looked at again
_UNSURE = 0.5  # a predicted IoU below which GrabCut is asked too
_AHEAD = 0.05  # how much more IoU GrabCut must predict of its own mask
_STROKE_STEP = (
    0.05  # of the box's longer side: how far apart the points are that stand for a stroke
)
_ASKED = "The network was unsure; this is GrabCut's answer."


class BoxNet:
    """The object in a box, by a network that comes with the tool."""

    name = "boxnet"
    title = "BoxNet"
    description = (
        "Any object, in milliseconds: the network that comes with the tool. "
        "Some of the pictures it was trained on may be used for research only."
    )
    weights = WEIGHTS
    prompts: tuple[PromptKind, ...] = ("bbox", "points", "strokes", "mask")
    starts_from: tuple[PromptKind, ...] = ("bbox", "mask")
    rank = 15
    is_slow = False
    options: tuple[Option, ...] = (
        Option("threshold", "How likely a pixel must be inside", "number", 0.5, 0.05, 0.95),
        Option("looks_again", "Look again at the border of large objects", "boolean", True),
        Option("asks_grabcut", "Ask GrabCut where the network is unsure", "boolean", True),
    )

    def __init__(self) -> None:
        self._threads = 1
        self._loaded = LoadedNetworks(self._load)

    def use_networks(self, networks: NetworkFolder, threads: int) -> None:
        """See `NetworkEngine.use_networks`; its own network lies in the package."""
        self._threads = threads

    def unavailable_reason(self) -> str | None:
        """None, unless the package was installed without its weights."""
        if (self.weights / "network.onnx").is_file():
            return None
        return "The network's weights are missing. Install the package again."

    def segment(
        self, image: ImageRGB, prompt: Prompt, options: Mapping[str, OptionValue]
    ) -> Prediction:
        """See `Engine.segment`; the mask lies within what the network sees: the box and 22% around it."""
        raise_if_abandoned()
        network = self._loaded.get(packaged_network(self.weights))
        raise_if_abandoned()
        start = prediction_of(prompt.mask) if prompt.mask is not None else None
        box = _box_of(prompt, start, *image.shape[:2])
        known = _known(prompt, start, box)
        seen = network.ask(image, box, known, abandonment())
        cell_px = max(seen.view.width, seen.view.height) / seen.view.size
        if options["looks_again"] and cell_px > _COARSE_PX:
            seen = look_again(network, image, seen, known, abandonment())
        threshold = float(options["threshold"])
        answer = prediction_of_answer(seen, network.manifest, image, box, threshold)
        if prompt.kinds == ("bbox",):
            answer = replace(answer, mask=cleaned(answer.mask))
        if start is not None and answer.fallback is not None:
            answer = start
        elif start is not None and (prompt.point_coords or prompt.strokes):
            answer = changed_where_asked(start, answer, prompt, *image.shape[:2])
        if prompt.kinds == ("bbox",) and answer.score < _UNSURE and options["asks_grabcut"]:
            other = GRABCUT.segment(image, prompt, {o.name: o.default for o in GRABCUT.options})
            if other.score > answer.score + _AHEAD:
                return replace(other, fallback=other.fallback or _ASKED)
        found = corrected(image, answer, prompt)
        if start is not None and found.fallback == LEAVE_NOTHING:
            return replace(start, fallback=LEAVE_NOTHING)  # and nothing of the network's either
        return found

    def is_loaded(self, options: Mapping[str, OptionValue]) -> bool:
        """See `NetworkEngine.is_loaded`."""
        return self._loaded.has(packaged_network(self.weights))

    def _load(self, installed: InstalledNetwork) -> BoxNetwork:
        manifest = read_manifest(installed.folder / "network.json")
        return BoxNetwork.load(manifest, installed.folder / "network.onnx", self._threads)


def _box_of(prompt: Prompt, start: Prediction | None, height: int, width: int) -> BoxXYXY:
    """The prompt's box, or that of the mask to be corrected and of what is to be added to it."""
    if prompt.bbox_xywh is not None:
        return check_box(prompt.bbox_xywh, height, width)
    x, y, w, h = start.bbox_xywh if start is not None else (0, 0, width, height)
    inside = _points(prompt, 1, max(w, h))
    xs, ys = [x, x + w, *inside[:, 0]], [y, y + h, *inside[:, 1]]
    return float(min(xs)), float(min(ys)), float(max(xs)), float(max(ys))


def _known(prompt: Prompt, start: Prediction | None, box: BoxXYXY) -> Corrections:
    longest = max(box[2] - box[0], box[3] - box[1])
    inside, outside = _points(prompt, 1, longest), _points(prompt, 0, longest)
    if start is None:
        return Corrections(inside, outside)
    x, y, w, h = start.bbox_xywh
    return Corrections(inside, outside, start.mask, (x, y, x + w, y + h))


def _points(
    prompt: Prompt, label: int, longest: float
) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """(n, 2): the points of a label, and points along its strokes."""
    found = [
        point
        for point, given in zip(prompt.point_coords, prompt.point_labels, strict=True)
        if given == label
    ]
    for stroke in prompt.strokes:
        if stroke.label != label:
            continue
        found += stroke.points[:1]
        for a, b in zip(stroke.points, stroke.points[1:], strict=False):
            length = float(np.hypot(b[0] - a[0], b[1] - a[1]))
            count = max(1, min(100, round(length / max(1.0, _STROKE_STEP * longest))))
            found += [
                (a[0] + (b[0] - a[0]) * n / count, a[1] + (b[1] - a[1]) * n / count)
                for n in range(1, count + 1)
            ]
    return np.array(found, np.float64).reshape(-1, 2)


ENGINE = BoxNet()
