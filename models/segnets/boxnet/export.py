"""`python -m segnets.boxnet.export --run FOLDER [--to FOLDER]`: a trained network as ONNX, with its manifests.

`--stored float16` halves the file: the weights are cast to float32 when it is loaded, and what is computed is the same.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import tempfile
import warnings
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import torch
from onnx import NodeProto, TensorProto, load_model_from_string
from onnx.helper import make_node
from onnx.numpy_helper import from_array, to_array
from safetensors import safe_open
from torch import Tensor, nn

from segnets.box_view import CHANNELS
from segnets.boxnet import WEIGHTS
from segnets.boxnet.checkpoint import CHECKPOINT, RECIPE, learnt_from_open_data
from segnets.boxnet.network import BoxNet
from segnets.boxnet.samples import MARGIN, MEAN, STD

TITLE, OPEN_TITLE = "BoxNet", "BoxNet open"
LICENCE = (
    "Apache-2.0; trained on pictures of which some may be used for research only, see its card"
)
OPEN_LICENCE = "Apache-2.0; trained on pictures that may be used for anything, see its card"
_AVERAGE = "average/"
_LEAST_STORED = 256  # numbers; what has fewer takes no room


class _Exported(nn.Module):
    """What is of use: the mask's logits and the IoU that is predicted."""

    def __init__(self, network: BoxNet) -> None:
        super().__init__()
        self.network = network

    def forward(self, crops: Tensor) -> tuple[Tensor, Tensor]:
        """(N, channels, S, S) to (N, 1, S, S) and (N,)."""
        answer = self.network(crops)
        return answer.logits, answer.iou


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", type=Path, required=True, help="folder of the training run")
    parser.add_argument("--to", type=Path, default=WEIGHTS)
    parser.add_argument("--size", type=int, default=160, help="cells a side of what it is given")
    parser.add_argument("--stored", choices=("float32", "float16"), default="float32")
    given = parser.parse_args()
    network, samples = trained_network(given.run)
    source = f"segnets.boxnet, {samples:,} samples"
    is_open = learnt_from_open_data(given.run)
    export(network, given.size, given.to, source, is_open=is_open, stored=given.stored)


def trained_network(run: Path) -> tuple[BoxNet, int]:
    """The averaged network of a run's checkpoint, and how many samples it has seen."""
    network = BoxNet()
    with safe_open(run / CHECKPOINT, "pt") as file:
        names = [name for name in file.keys() if name.startswith(_AVERAGE)]  # noqa: SIM118 - no mapping
        network.load_state_dict({name[len(_AVERAGE) :]: file.get_tensor(name) for name in names})
        batches = int(file.get_tensor("batch"))
    recipe = json.loads((run / RECIPE).read_text())
    return network.eval(), batches * int(recipe["batch"])


def export(
    network: BoxNet,
    size: int,
    folder: Path,
    source: str,
    *,
    is_open: bool = False,
    stored: str = "float32",
) -> None:
    """Write `network.onnx`, `network.json` and `segmentarium.json` into a folder.

    Args:
        network: with the weights that are to be written.
        size: cells a side.
        folder: made if it is not there.
        source: where the weights come from, in words.
        is_open: whether all that it learnt from may be used for anything.
        stored: "float32", or "float16".
    """
    title, licence = (OPEN_TITLE, OPEN_LICENCE) if is_open else (TITLE, LICENCE)
    folder.mkdir(parents=True, exist_ok=True)
    onnx = folder / "network.onnx"
    crops = torch.zeros(2, len(CHANNELS), size, size)
    with tempfile.TemporaryDirectory() as place, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter's own, of what it will do otherwise one day
        written = Path(place) / onnx.name
        torch.onnx.export(
            _Exported(network).eval(),
            (crops,),
            written,
            input_names=["crops"],
            output_names=["mask", "iou"],
            dynamic_shapes={"crops": {0: torch.export.Dim("crops", min=1, max=64)}},
            dynamo=True,
            external_data=False,
            optimize=True,
            verbose=False,
        )
        content = written.read_bytes()
    onnx.write_bytes(stored_as_float16(content) if stored == "float16" else content)
    manifest = {
        "title": title,
        "licence": licence,
        "source": source,
        "input": "crops",
        "input_size": size,
        "margin": MARGIN,
        "channels": CHANNELS,
        "mean": MEAN,
        "std": STD,
        "output": {"name": "mask"},
        "iou_output": {"name": "iou", "values": "probabilities"},
        "answers_beyond_box": True,
    }
    (folder / "network.json").write_text(json.dumps(manifest, indent=2) + "\n")
    installed = {
        "kind": "onnx",
        "title": title,
        "architecture": "BoxNet",
        "source": source,
        "licence": licence,
        "added_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "files": [_file(folder / name) for name in ("network.json", "network.onnx")],
    }
    (folder / "segmentarium.json").write_text(json.dumps(installed, indent=2) + "\n")


def stored_as_float16(onnx: bytes) -> bytes:
    """An ONNX file whose large weights are float16, and cast to float32 where they are used.

    The runtime casts them once, when it loads the file.
    """
    model = load_model_from_string(onnx)
    graph = model.graph
    casts: list[NodeProto] = []
    for weight in graph.initializer:
        values = to_array(weight)
        if values.dtype != np.float32 or values.size < _LEAST_STORED:
            continue
        name = f"{weight.name}/float16"
        casts.append(make_node("Cast", [name], [weight.name], to=TensorProto.FLOAT))
        weight.CopyFrom(from_array(values.astype(np.float16), name))
    for node in reversed(casts):
        graph.node.insert(0, node)
    return bytes(model.SerializeToString())


def _file(path: Path) -> dict[str, str | int]:
    content = path.read_bytes()
    return {
        "name": path.name,
        "bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }


if __name__ == "__main__":
    main()
