"""What is sent to the server and what lies in its database while its speed is measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import numpy as np
from sqlalchemy import insert, select

from segmentarium.storage.categories import create_category
from segmentarium.storage.database import Database
from segmentarium.storage.projects import create_project
from segmentarium.storage.tables import ImageRow
from segmentarium.storage.users import find_user

WIDTH, HEIGHT = 1600, 1200


@dataclass(frozen=True, slots=True)
class Seeded:
    """A project full of image rows whose files are not there: only their rows are asked for."""

    project_id: int
    category_id: int
    image_ids: list[int]


def seed(url: str, count: int) -> Seeded:
    """A project of `count` image rows, written past the API."""
    database = Database(url)
    with database.write() as session:
        owner = find_user(session, "owner")
        project_id = create_project(session, owner, "many images")
        category_id = create_category(session, project_id, "cup").id
        row = {
            "project_id": project_id,
            "format": "jpeg",
            "bytes": 1_000_000,
            "width": WIDTH,
            "height": HEIGHT,
            "is_upright": True,
            "is_plain": True,
        }
        names = [f"photograph-{index:05}.jpg" for index in range(count)]
        named = [
            row | {"name": name, "name_folded": name, "sha256": f"{index:064x}"}
            for index, name in enumerate(names)
        ]
        session.execute(insert(ImageRow), named)
        statement = select(ImageRow.id).where(ImageRow.project_id == project_id)
        image_ids = sorted(session.scalars(statement))
    database.close()
    return Seeded(project_id, category_id, image_ids)


def edits(
    rng: np.random.Generator,
    category_id: int,
    annotation_ids: list[UUID] | None = None,
    revision: int = 1,
) -> list[dict[str, Any]]:
    """Edits that create 20 polygons, or change those named from a revision."""
    return [
        {
            "edit_id": str(uuid4()),
            "op": "update" if annotation_ids else "create",
            "annotation_id": str(annotation_id),
            "base_revision": revision if annotation_ids else 0,
            "annotation": {"category_id": category_id, "segmentation": [[polygon(rng)]]},
        }
        for annotation_id in annotation_ids or [uuid4() for _ in range(20)]
    ]


def ids_of(batch: list[dict[str, Any]]) -> list[UUID]:
    """The annotations that edits are about."""
    return [UUID(edit["annotation_id"]) for edit in batch]


def polygon(rng: np.random.Generator, vertices: int = 40) -> list[float]:
    """A ring [x0, y0, …] around a point of the image, 80–300 pixels across, to hundredths of a pixel."""
    radius = rng.uniform(40, 150)
    center = rng.uniform((radius, radius), (WIDTH - radius, HEIGHT - radius))
    angles = np.linspace(0, 2 * np.pi, vertices, endpoint=False)
    radii = radius * rng.uniform(0.7, 1, vertices)
    ring = center + np.stack((radii * np.cos(angles), radii * np.sin(angles)), axis=1)
    flat: list[float] = ring.round(2).ravel().tolist()
    return flat
