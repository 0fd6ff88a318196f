"""The images of a dataset, found in a project: by content, or by name where the picture is not among the files."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from sqlalchemy import select

from segmentarium.core.errors import ImageRefused, MalformedFile, NotFound
from segmentarium.formats.base import DatasetImage
from segmentarium.formats.support.problems import Problems
from segmentarium.services.file_names import exported_names
from segmentarium.services.uploads import (
    UploadLimits,
    clean_file_name,
    picture_size,
    store_image,
)
from segmentarium.storage.blobs import BlobStore
from segmentarium.storage.database import Database
from segmentarium.storage.images import NewImage
from segmentarium.storage.pictures import read_picture, read_rgb
from segmentarium.storage.tables import ImageRow


@dataclass(slots=True)
class Found:
    """An image of the dataset on its way in: `new` where its bytes are not in the project, `row` where it is."""

    image: DatasetImage
    sha256: str | None = None
    new: NewImage | None = None
    row: ImageRow | None = None
    size: tuple[int, int] | None = None


class ImageFinder:
    """Finds the images of a dataset in a project, and stores the pictures that are new."""

    def __init__(
        self,
        database: Database,
        blobs: BlobStore,
        project_id: int,
        limits: UploadLimits,
        read_again: Callable[[], Iterator[DatasetImage]],
        *,
        is_dry_run: bool,
    ) -> None:
        """Reads the names of the project's images.

        Args:
            database: where the project is.
            blobs: where its pictures are.
            project_id: the project.
            limits: on pictures that come in.
            read_again: the images of the dataset from the beginning, to look through their names.
            is_dry_run: stores nothing.
        """
        self._database, self._blobs, self._project_id = database, blobs, project_id
        self._limits, self._read_again, self._is_dry_run = limits, read_again, is_dry_run
        self._unclear: set[str] | None = None
        self._by_name: dict[str, list[int]] = {}
        # An export names a turned picture as the upright PNG that it makes of it.
        self._turned: dict[str, int] = {}
        with database.read() as session:
            statement = (
                select(ImageRow.id, ImageRow.name, ImageRow.name_folded, ImageRow.is_upright)
                .where(ImageRow.project_id == project_id)
                .order_by(ImageRow.id)
            )
            rows = session.execute(statement).all()
        names = exported_names((id_, name, is_upright) for id_, name, _, is_upright in rows)
        for id_, _, folded, is_upright in rows:
            self._by_name.setdefault(folded, []).append(id_)
            if not is_upright:
                self._turned[names[id_].casefold()] = id_

    def find(self, image: DatasetImage, problems: Problems) -> Found:
        """Where an image of the dataset is, or what is new of it; with neither there is a problem that says why."""
        if image.read_bytes is None:
            return Found(image, row=self._by_its_name(image, problems))
        try:
            data = image.read_bytes()
        except (OSError, MalformedFile) as error:
            problems.add(image.file_name, "", f"The picture cannot be read: {error}")
            return Found(image)
        found = Found(image, hashlib.sha256(data).hexdigest())
        with self._database.read() as session:
            found.row = session.scalar(
                select(ImageRow).where(
                    ImageRow.project_id == self._project_id, ImageRow.sha256 == found.sha256
                )
            )
        try:
            if found.row is None:
                found.row = self._turned_original(image, data)
            if found.row is None:
                stream = io.BytesIO(data)
                if self._is_dry_run:
                    found.size = picture_size(self._blobs, stream, self._limits)
                else:
                    found.new = store_image(self._blobs, image.file_name, stream, self._limits)
        except ImageRefused as error:
            found.sha256 = None
            problems.add(image.file_name, "", error.detail)
        return found

    def _by_its_name(self, image: DatasetImage, problems: Problems) -> ImageRow | None:
        name = clean_file_name(image.file_name).casefold()
        ids = {
            *self._by_name.get(name, []),
            *([self._turned[name]] if name in self._turned else []),
        }
        if not ids:
            detail = "Its picture is neither among the files nor in the project."
        elif len(ids) > 1:
            detail = "Several images of the project have this name."
        elif name in self._unclear_names():
            detail = "Images in several folders of the dataset have this name: which is the project's is not known."
        else:
            with self._database.read() as session:
                return session.get(ImageRow, ids.pop())
        problems.add(image.file_name, "", detail)
        return None

    def _unclear_names(self) -> set[str]:
        """Names without their folders that stand for several images of the dataset."""
        if self._unclear is None:
            self._unclear = set()
            paths: dict[str, str] = {}
            for image in self._read_again():
                name = clean_file_name(image.file_name).casefold()
                if paths.setdefault(name, image.file_name) != image.file_name:
                    self._unclear.add(name)
        return self._unclear

    def _turned_original(self, image: DatasetImage, data: bytes) -> ImageRow | None:
        """The photograph with an EXIF orientation that an export made this upright picture of."""
        original = self._turned.get(clean_file_name(image.file_name).casefold())
        if original is None:
            return None
        with self._database.read() as session:
            row = session.get(ImageRow, original)
        if row is None:
            return None
        with self._blobs.incoming(io.BytesIO(data), self._limits.max_bytes) as incoming:
            picture = read_picture(incoming.path, self._limits.max_pixels)
            if (picture.width, picture.height) != (row.width, row.height):
                return None
            try:
                shown = read_rgb(self._blobs.path(row.sha256))
            except NotFound:
                return None
            return row if np.array_equal(read_rgb(incoming.path), shown) else None
