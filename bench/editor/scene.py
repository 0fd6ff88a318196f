"""The scene of the editor's benchmark: one picture of 8192 × 8192 pixels and polygons of 100 vertices on it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import numpy as np
import pyvips

SIDE = 8192
VERTICES = 100
# Objects of 50 to 150 pixels, as of people in an aerial photograph; 5,000 of them overlap here and there.
_RADII = (24.0, 72.0)
_WOBBLE = 0.18
_EDITS_PER_REQUEST = 200
COLORS = ("#ff6b6b", "#4c8dff", "#38c793", "#ffb020", "#b07cff")

Ring = list[float]


def rings(count: int) -> list[Ring]:
    """Outlines as [x0, y0, x1, y1, …] in pixels, the same ones at each call; fewer of them are the first of more."""
    numbers = np.random.default_rng(20260)
    turn = np.linspace(0, 2 * np.pi, VERTICES, endpoint=False)
    made = []
    for _ in range(count):
        radius = numbers.uniform(*_RADII)
        x, y = numbers.uniform(_RADII[1] * 1.5, SIDE - _RADII[1] * 1.5, 2)
        phases = numbers.uniform(0, 2 * np.pi, 4)
        waves = sum(np.sin(turn * (k + 2) + phase) for k, phase in enumerate(phases))
        reach = radius * (1 + _WOBBLE * np.asarray(waves) / 2)
        points = np.stack([x + reach * np.cos(turn), y + reach * np.sin(turn)], axis=1)
        made.append([float(value) for value in np.round(points * 64) / 64 for value in value])
    return made


def write_picture(path: Path) -> None:
    """A JPEG with coarse and fine texture."""
    numbers = np.random.default_rng(7)
    coarse = pyvips.Image.new_from_array(numbers.integers(40, 200, (32, 32, 3), dtype=np.uint8))
    fine = pyvips.Image.gaussnoise(SIDE, SIDE, sigma=5, mean=0, seed=7)
    picture = coarse.resize(SIDE / 32, kernel="cubic") + fine
    picture.cast("uchar").copy(interpretation="srgb").jpegsave(str(path), Q=85)


def create_scene(client: httpx.Client, picture: Path, count: int) -> str:
    """A project with the picture and polygons on it; the address of its editor."""
    project, categories = create_project(client, f"{count} polygons", COLORS)
    image = add_image(client, project, picture.name, picture.read_bytes())
    edits = [
        {
            "edit_id": str(uuid4()),
            "op": "create",
            "annotation_id": str(uuid4()),
            "base_revision": 0,
            "annotation": {
                "category_id": categories[index % len(categories)],
                "segmentation": [[ring]],
                "z_order": index + 1,
            },
        }
        for index, ring in enumerate(rings(count))
    ]
    for start in range(0, count, _EDITS_PER_REQUEST):
        batch = {"edits": edits[start : start + _EDITS_PER_REQUEST]}
        _answer(client.post(f"/api/images/{image}/edits", json=batch))
    return f"/projects/{project}/images/{image}"


def create_project(client: httpx.Client, name: str, colors: Sequence[str]) -> tuple[int, list[int]]:
    """A project with a category for each colour; their ids."""
    project = _answer(client.post("/api/projects", json={"name": name}))["id"]
    path = f"/api/projects/{project}/categories"
    categories = [
        _answer(client.post(path, json={"name": f"kind {index}", "color": color}))["id"]
        for index, color in enumerate(colors)
    ]
    return project, categories


def add_image(client: httpx.Client, project: int, name: str, data: bytes) -> int:
    """An image's id."""
    file = ("files", (name, data, "application/octet-stream"))
    uploaded = _answer(client.post(f"/api/projects/{project}/images", files=[file]))
    added: int = uploaded["images"][0]["id"]
    return added


def _answer(response: httpx.Response) -> Any:
    response.raise_for_status()
    return response.json()
