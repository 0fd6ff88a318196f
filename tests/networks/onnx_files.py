"""Small ONNX networks whose answers are known, with their manifests."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from segnets.box_view import CHANNELS

OPSET = 17


def node(kind: str, inputs: list[str], output: str, **attributes: Any) -> Any:
    """One operation."""
    return helper.make_node(kind, inputs, [output], **attributes)


def write(
    path: Path,
    nodes: list[Any],
    constants: dict[str, Any] | None = None,
    *,
    size: int = 64,
    channels: tuple[str, ...] = CHANNELS,
    outputs: tuple[str, ...] = ("mask",),
    **manifest: Any,
) -> Path:
    """An ONNX file of these operations from `planes` to `mask`, and the manifest beside it."""
    initializers = [
        numpy_helper.from_array(np.asarray(value), name)
        for name, value in (constants or {}).items()
    ]
    shape = [1, len(channels), size, size]
    graph = helper.make_graph(
        nodes,
        "network",
        [helper.make_tensor_value_info("planes", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs],
        initializers,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=9)
    onnx.save(model, path)
    said = {
        "title": "A test",
        "licence": "CC0-1.0",
        "input": "planes",
        "input_size": size,
        "channels": list(channels),
        "output": {"name": "mask", "values": "probabilities"},
        **manifest,
    }
    path.with_suffix(".json").write_text(json.dumps(said))
    return path


def channel(path: Path, name: str, **manifest: Any) -> Path:
    """Answers one of its own channels."""
    channels = manifest.get("channels", CHANNELS)
    picked = [node("Gather", ["planes", "index"], "mask", axis=1)]
    index = np.array([channels.index(name)], np.int64)
    return write(path, picked, {"index": index}, **manifest)


def brightness(path: Path, **manifest: Any) -> Path:
    """Answers how bright green is, of 0 to 1."""
    said = {"channels": ("green",), "mean": [0, 0, 0], "std": [1, 1, 1], **manifest}
    return write(path, [node("Identity", ["planes"], "mask")], **said)
