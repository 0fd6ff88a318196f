"""A project → a zip file in some format."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TypeAlias

from sqlalchemy.orm import Session

from segmentarium.formats.base import Dataset, DatasetImage, Format, Options, check_options
from segmentarium.services.file_names import exported_names
from segmentarium.services.uploads import display_path
from segmentarium.services.writing import Nowhere, WriteResult, ZipTarget, write_dataset
from segmentarium.storage.annotations import core_annotation, iterate_annotations
from segmentarium.storage.blobs import BlobStore
from segmentarium.storage.categories import core_categories
from segmentarium.storage.images import all_images
from segmentarium.storage.tables import ImageRow

Report: TypeAlias = Callable[[float, str, Mapping[str, int]], None]


def export_project(
    session: Session,
    blobs: BlobStore,
    project_id: int,
    project_name: str,
    format_: Format,
    options: Options,
    target: Path,
    report: Report,
) -> WriteResult:
    """Write a project into a zip file at `target`: the format's files and a report of what they do not carry.

    The same data gives the same bytes. `report` is called with progress 0–1, a message and the counts after every
    image; it may raise to cancel. The target's folder has the room for what waits to be written.

    Raises:
        InvalidOption: an option that the format does not have.
    """
    values = check_options(format_, options)
    walk = _Walk(session, blobs, project_id, report)
    with zipfile.ZipFile(target, "w") as archive:
        dataset = walk.dataset(project_name)
        return write_dataset(
            dataset, format_, values, ZipTarget(archive), walk.counts, target.parent
        )


def preflight(
    session: Session,
    blobs: BlobStore,
    project_id: int,
    project_name: str,
    format_: Format,
    options: Options,
    workspace: Path,
    report: Report,
) -> WriteResult:
    """What an export would change, found out by making it without the pictures and dropping it.

    Raises:
        InvalidOption: an option that the format does not have.
    """
    values = check_options(format_, options)
    walk = _Walk(session, blobs, project_id, report, has_pictures=False)
    dataset = walk.dataset(project_name)
    return write_dataset(dataset, format_, values, Nowhere(), walk.counts, workspace)


class _Walk:
    """A project's images as they are written, counted."""

    def __init__(
        self,
        session: Session,
        blobs: BlobStore,
        project_id: int,
        report: Report,
        *,
        has_pictures: bool = True,
    ) -> None:
        self.counts = {"images": 0, "annotations": 0, "files": 0}
        self._session, self._blobs, self._project_id = session, blobs, project_id
        self._report, self._has_pictures = report, has_pictures

    def dataset(self, name: str) -> Dataset:
        categories = tuple(core_categories(self._session, self._project_id))
        return Dataset(name, categories, self._images())

    def _images(self) -> Iterator[DatasetImage]:
        images = all_images(self._session, self._project_id)
        by_id = {image.id: image for image in images}
        names = exported_names((one.id, one.name, one.is_upright) for one in images)
        for image_id, stored in iterate_annotations(self._session, list(by_id)):
            image = by_id[image_id]
            yield DatasetImage(
                id=image.id,
                file_name=names[image.id],
                width=image.width,
                height=image.height,
                annotations=tuple(core_annotation(annotation) for annotation in stored),
                read_bytes=partial(_read, self._blobs, image) if self._has_pictures else None,
                split=image.split or "",
            )
            self.counts["images"] += 1
            self.counts["annotations"] += len(stored)
            done = self.counts["images"]
            self._report(done / (len(images) + 1), f"Image {done} of {len(images)}", self.counts)


def _read(blobs: BlobStore, image: ImageRow) -> bytes:
    return _exported_file(blobs, image).read_bytes()


def _exported_file(blobs: BlobStore, image: ImageRow) -> Path:
    """The bytes as they came where they are upright; else a lossless upright picture."""
    if image.is_upright:
        return blobs.path(image.sha256)
    return display_path(blobs, image.sha256, "png", is_plain=False)
