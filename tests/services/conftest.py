"""Fixtures for the services: a blob store, a database, and pictures to put in."""

import io
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from segmentarium.formats import format_named
from segmentarium.services.uploads import UploadLimits
from segmentarium.storage.blobs import BlobStore
from segmentarium.storage.database import Database
from segmentarium.storage.users import User, ensure_user
from tests.formats.round_trip import write_files
from tests.services.importing import Project, with_uuids
from tests.services.pictures import noise

LIMITS = UploadLimits(max_bytes=5_000_000, max_pixels=2_000_000)


@pytest.fixture
def limits() -> UploadLimits:
    """Limits that a test can get over."""
    return LIMITS


@pytest.fixture
def blobs(tmp_path: Path) -> BlobStore:
    """An empty blob store."""
    return BlobStore(tmp_path / "data")


@pytest.fixture
def database(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    """An open, empty database; the kinds of database are told apart in the storage tests."""
    path = tmp_path / "segmentarium.sqlite"
    shutil.copyfile(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    yield database
    database.close()


@pytest.fixture
def three(blobs: BlobStore) -> list[str]:
    """Three stored pictures of 40 × 30 pixels, by their hashes."""
    hashes = []
    for seed in range(3):
        buffer = io.BytesIO()
        PIL.Image.fromarray(np.ascontiguousarray(noise(30, 40, seed))).save(buffer, "PNG")
        buffer.seek(0)
        hashes.append(blobs.put(buffer).sha256)
    return hashes


@pytest.fixture
def user(database: Database) -> User:
    with database.write() as session:
        return ensure_user(session, "ada")


@pytest.fixture
def project(database: Database, blobs: BlobStore, user: User) -> Project:
    return Project(database, blobs, user, "Street")


@pytest.fixture
def coco(tmp_path: Path) -> Path:
    """The small dataset as COCO."""
    folder = tmp_path / "coco"
    write_files(format_named("coco"), with_uuids(), folder)
    return folder
