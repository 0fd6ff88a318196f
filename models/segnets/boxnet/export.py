"""`python -m segnets.boxnet.export --run FOLDER [--to FOLDER]`: a trained network as ONNX, with its manifests."""

from __future__ import annotations

import argparse
import hashlib
import json
import tempfile
import warnings
from datetime import UTC, datetime
from pathlib import Path

import torch
from safetensors import safe_open
from torch import Tensor, nn

from segnets.box_view import CHANNELS
from segnets.boxnet import WEIGHTS
from segnets.boxnet.checkpoint import CHECKPOINT
from segnets.boxnet.network import BoxNet
from segnets.boxnet.samples import MARGIN, MEAN, STD

TITLE = "BoxNet"
LICENCE = (
    "Apache-2.0; trained on pictures of which some may be used for research only, see its card"
)
_AVERAGE = "average/"


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
    given = parser.parse_args()
    network, samples = trained_network(given.run)
    export(network, given.size, given.to, f"segnets.boxnet, {samples:,} samples")


def trained_network(run: Path) -> tuple[BoxNet, int]:
    """The averaged network of a run's checkpoint, and how many samples it has seen."""
    network = BoxNet()
    with safe_open(run / CHECKPOINT, "pt") as file:
        names = [name for name in file.keys() if name.startswith(_AVERAGE)]  # noqa: SIM118 - no mapping
        network.load_state_dict({name[len(_AVERAGE) :]: file.get_tensor(name) for name in names})
        batches = int(file.get_tensor("batch"))
    recipe = json.loads((run / "recipe.json").read_text())
    return network.eval(), batches * int(recipe["batch"])


def export(network: BoxNet, size: int, folder: Path, source: str) -> None:
    """Write `network.onnx`, `network.json` and `segmentarium.json` into a folder.

    Args:
        network: with the weights that are to be written.
        size: cells a side.
        folder: made if it is not there.
        source: where the weights come from, in words.
    """
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
        onnx.write_bytes(written.read_bytes())
    manifest = {
        "title": TITLE,
        "licence": LICENCE,
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
        "title": TITLE,
        "architecture": "BoxNet",
        "source": source,
        "licence": LICENCE,
        "added_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "files": [_file(folder / name) for name in ("network.json", "network.onnx")],
    }
    (folder / "segmentarium.json").write_text(json.dumps(installed, indent=2) + "\n")


def _file(path: Path) -> dict[str, str | int]:
    content = path.read_bytes()
    return {
        "name": path.name,
        "bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }


if __name__ == "__main__":
    main()
