"""Small ONNX networks whose answers are known, with their manifests."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from segnets.box_view import BOX_CHANNELS

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
    channels: tuple[str, ...] = BOX_CHANNELS,
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
    channels = manifest.get("channels", BOX_CHANNELS)
    picked = [node("Gather", ["planes", "index"], "mask", axis=1)]
    index = np.array([channels.index(name)], np.int64)
    return write(path, picked, {"index": index}, **manifest)


def brightness(path: Path, **manifest: Any) -> Path:
    """Answers how bright green is, of 0 to 1."""
    said = {"channels": ("green",), "mean": [0, 0, 0], "std": [1, 1, 1], **manifest}
    return write(path, [node("Identity", ["planes"], "mask")], **said)


def endless(path: Path, **manifest: Any) -> Path:
    """Answers how bright green is, after more rounds than anybody has seen the end of."""
    values = [
        helper.make_tensor_value_info("round", TensorProto.INT64, []),
        helper.make_tensor_value_info("goes_on", TensorProto.BOOL, []),
        helper.make_tensor_value_info("before", TensorProto.FLOAT, None),
    ]
    results = [
        helper.make_tensor_value_info("went_on", TensorProto.BOOL, []),
        helper.make_tensor_value_info("after", TensorProto.FLOAT, None),
    ]
    steps = [node("Identity", ["goes_on"], "went_on"), node("Mul", ["before", "one"], "after")]
    body = helper.make_graph(steps, "round", values, results)
    said = {"channels": ("green",), "mean": [0, 0, 0], "std": [1, 1, 1], **manifest}
    constants = {
        "rounds": np.array(2**62),
        "always": np.array(True),
        "one": np.array(1, np.float32),
    }
    return write(
        path, [node("Loop", ["rounds", "always", "planes"], "mask", body=body)], constants, **said
    )


def heavy_constants(path: Path) -> Path:
    """Answers how bright green is, and a number that takes long to compute and depends on nothing."""
    side, products = 800, 400
    names = ["matrix", *(f"product{index}" for index in range(products))]
    nodes = [node("MatMul", [before, "matrix"], after) for before, after in pairwise(names)]
    nodes += [
        node("ReduceMin", [names[-1]], "nothing", keepdims=0),
        node("Add", ["planes", "nothing"], "mask"),
    ]
    constants = {"matrix": np.zeros((side, side), np.float32)}
    return write(path, nodes, constants, channels=("green",), mean=[0, 0, 0], std=[1, 1, 1])


def vast(path: Path, side: int) -> Path:
    """Answers how bright green is, plus the least of side × side zeros."""
    nodes = [
        node("ReduceMax", ["planes"], "brightest", keepdims=0),
        node("Expand", ["brightest", "shape"], "much"),
        node("ReduceMin", ["much"], "one", keepdims=0),
        node("Add", ["planes", "one"], "sum"),
        node("Sub", ["sum", "one"], "mask"),
    ]
    constants = {"shape": np.array([side, side])}
    return write(path, nodes, constants, channels=("green",), mean=[0, 0, 0], std=[1, 1, 1])
