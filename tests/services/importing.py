"""A project that datasets are imported into, and a dataset to import."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

from segmentarium.core.raster import segmentation_to_mask
from segmentarium.formats.base import Dataset, Files
from segmentarium.services.import_result import ImportResult
from segmentarium.services.imports import ImportOptions, import_dataset
from segmentarium.services.uploads import UploadLimits
from segmentarium.storage.annotations import core_annotations
from segmentarium.storage.blobs import BlobStore
from segmentarium.storage.categories import list_categories
from segmentarium.storage.database import Database
from segmentarium.storage.dataset_files import FolderFiles
from segmentarium.storage.images import all_images
from segmentarium.storage.projects import create_project
from segmentarium.storage.users import User
from tests.formats.dataset import CATEGORIES, dataset


def quiet(progress: float, message: str, counts: Mapping[str, int]) -> None:
    """A report that nobody reads."""


class Project:
    """A project that datasets are imported into."""

    def __init__(self, database: Database, blobs: BlobStore, user: User, name: str) -> None:
        self.database, self.blobs, self.user = database, blobs, user
        with database.write() as session:
            self.id = create_project(session, user, name)

    def take(self, folder: Path | Files, report: Any = quiet, **options: Any) -> ImportResult:
        """Import a folder, or what stands for one."""
        return import_dataset(
            self.database,
            self.blobs,
            self.user,
            self.id,
            FolderFiles(folder) if isinstance(folder, Path) else folder,
            ImportOptions(**options),
            UploadLimits(5_000_000, 2_000_000),
            report,
        )

    def images(self) -> dict[str, int]:
        with self.database.read() as session:
            return {image.name: image.id for image in all_images(session, self.id)}

    def categories(self) -> list[str]:
        with self.database.read() as session:
            return [category.name for category in list_categories(session, self.id)]

    def state(self) -> list[tuple[str, list[tuple[str, int, bytes]]]]:
        """Everything that is to be seen of it."""
        found = []
        with self.database.read() as session:
            for image in all_images(session, self.id):
                annotations = [
                    (
                        one.id,
                        one.z_order,
                        segmentation_to_mask(one.segmentation, image.height, image.width).tobytes(),
                    )
                    for one in core_annotations(session, image.id)
                ]
                found.append((image.name, annotations))
        return found


def with_uuids() -> Dataset:
    """As our own exports are: the ids are UUIDs."""
    images = []
    for image in dataset(has_splits=True).images:
        own = tuple(
            replace(one, id=str(UUID(int=100 * image.id + place)))
            for place, one in enumerate(image.annotations)
        )
        images.append(replace(image, annotations=own))
    return Dataset("Small", CATEGORIES, iter(images))


def edited(folder: Path, change: Any) -> None:
    """Change the document of a COCO folder."""
    for path in sorted((folder / "annotations").glob("*.json")):
        document = json.loads(path.read_text())
        change(document)
        path.write_text(json.dumps(document))
