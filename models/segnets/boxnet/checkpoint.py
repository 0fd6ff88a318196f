"""A training run and its folder: what is kept between two starts."""

from __future__ import annotations

import csv
import json
from copy import deepcopy
from dataclasses import asdict
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor

from segnets.boxnet.curves import draw_curves
from segnets.boxnet.loss import Losses
from segnets.boxnet.network import LAST_SCALE, BoxNet
from segnets.boxnet.recipe import Recipe

CHECKPOINT = "checkpoint.safetensors"
RECIPE = "recipe.json"
_COLUMNS = ("samples", "rate", "loss", "iou", "quality_error", "measured_iou", "samples_per_s")


class Run:
    """The network, its average, its optimiser, and the number of the batch that comes next."""

    def __init__(self, folder: Path, recipe: Recipe) -> None:
        self.folder, self.batch, self._size = folder, 0, recipe.batch
        self.network = BoxNet().to(memory_format=torch.channels_last)
        self.average = deepcopy(self.network)
        self.optimizer = torch.optim.AdamW(
            self.network.parameters(), lr=0.0, weight_decay=recipe.decay
        )

    @classmethod
    def open(cls, folder: Path, recipe: Recipe, start: Path | None = None) -> Run:
        """The folder's run as it was saved last, or a new one, with the averaged weights of the run `start`.

        Blocks that the other run's network has not, at a stage's end, change nothing at first.

        Raises:
            ValueError: the recipe asks for open data only, and the other run learnt from more.
        """
        if start is not None and recipe.open_only and not learnt_from_open_data(start):
            raise ValueError(
                f"{start} learnt from data that is not open; its weights are not, either."
            )
        folder.mkdir(parents=True, exist_ok=True)
        (folder / RECIPE).write_text(json.dumps(asdict(recipe), indent=1) + "\n")
        run = cls(folder, recipe)
        path = folder / CHECKPOINT
        if path.is_file():
            run._restore(_tensors(path))
        elif start is not None:
            run._start_from(_tensors(start / CHECKPOINT))
        return run

    def save(self) -> None:
        """Keep the state; what was kept before stays whole until then."""
        tensors: dict[str, Tensor] = {"batch": torch.tensor(self.batch)}
        for name, value in self.network.state_dict().items():
            tensors[f"network/{name}"] = value
        for name, value in self.average.state_dict().items():
            tensors[f"average/{name}"] = value
        for index, state in self.optimizer.state_dict()["state"].items():
            for name, value in state.items():
                tensors[f"optimizer/{index}/{name}"] = value
        half_written = self.folder / (CHECKPOINT + ".part")
        save_file({name: value.contiguous() for name, value in tensors.items()}, half_written)
        half_written.replace(self.folder / CHECKPOINT)

    def finish_step(self, average: float) -> None:
        """Count a batch, and move the average towards the network."""
        self.batch += 1
        # The first batches' weights are worth nothing: the average forgets them faster.
        share = min(average, (1 + self.batch) / (10 + self.batch))
        with torch.no_grad():
            own = self.network.state_dict()
            for name, value in self.average.state_dict().items():
                if value.is_floating_point():
                    value.lerp_(own[name], 1 - share)
                else:
                    value.copy_(own[name])

    def report(self, totals: Losses, samples_per_s: float, measured: float | None) -> str:
        """Write a line into the log, draw the curves, and say the same in words."""
        count = max(1, totals.batches)
        values = (
            self.batch * self._size,
            f"{self.optimizer.param_groups[0]['lr']:.6f}",
            f"{float(totals.total) / count:.4f}",
            f"{totals.iou / count:.4f}",
            f"{totals.quality / count:.4f}",
            "" if measured is None else f"{measured:.4f}",
            f"{samples_per_s:.1f}",
        )
        log = self.folder / "log.csv"
        is_new = not log.is_file()
        with log.open("a", newline="") as file:
            writer = csv.writer(file)
            if is_new:
                writer.writerow(_COLUMNS)
            writer.writerow(values)
        draw_curves(log, self.folder / "curves.svg")
        return "  ".join(f"{name} {value}" for name, value in zip(_COLUMNS, values, strict=True))

    def _start_from(self, tensors: dict[str, Tensor]) -> None:
        weights = {
            name.removeprefix("average/"): value
            for name, value in tensors.items()
            if name.startswith("average/")
        }
        missing = self.network.load_state_dict(weights, strict=False).missing_keys
        for name, weight in self.network.named_parameters():
            if name in missing and name.endswith(LAST_SCALE):
                torch.nn.init.zeros_(weight)
        self.average.load_state_dict(self.network.state_dict())

    def _restore(self, tensors: dict[str, Tensor]) -> None:
        self.batch = int(tensors.pop("batch"))
        parts: dict[str, dict[str, Tensor]] = {"network": {}, "average": {}, "optimizer": {}}
        for name, value in tensors.items():
            part, rest = name.split("/", 1)
            parts[part][rest] = value
        self.network.load_state_dict(parts["network"])
        self.average.load_state_dict(parts["average"])
        state: dict[int, dict[str, Tensor]] = {}
        for name, value in parts["optimizer"].items():
            index, rest = name.split("/", 1)
            state.setdefault(int(index), {})[rest] = value
        groups = self.optimizer.state_dict()["param_groups"]
        self.optimizer.load_state_dict({"state": state, "param_groups": groups})


def learnt_from_open_data(run: Path) -> bool:
    """Whether the recipe of the run in a folder left out all that is not known to be open."""
    return bool(json.loads((run / RECIPE).read_text())["open_only"])


def _tensors(path: Path) -> dict[str, Tensor]:
    with safe_open(path, "pt") as file:
        return {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no mapping
