"""What nothing refers to goes, after a grace; what a row refers to stays, whatever its age."""

import io
import os
import threading
import time
from pathlib import Path

import pytest

from segmentarium.services.cleanup import GRACE_S, Cleaner, remove_unreferenced
from segmentarium.services.uploads import UploadLimits, display_path, store_image, thumbnail_path
from segmentarium.storage.blobs import BlobStore
from segmentarium.storage.database import Database, migrate
from segmentarium.storage.images import add_images, get_image
from segmentarium.storage.jobs import claim_job, create_job, finish_job
from segmentarium.storage.projects import create_project
from segmentarium.storage.users import ensure_user, instance_id
from tests.services.pictures import file_of, noise


@pytest.fixture
def image_id(database: Database, blobs: BlobStore, limits: UploadLimits) -> int:
    """An image with a thumbnail and a picture for the browser."""
    stored = store_image(blobs, "a.tif", file_of(noise(30, 40), "TIFF"), limits)
    display_path(blobs, stored.sha256, stored.format, is_plain=False)
    with database.write() as session:
        project = create_project(session, ensure_user(session, "ada"), "Street")
        ((row,), _) = add_images(session, project, [stored])
        return row.id


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The data folder."""
    return tmp_path / "data"


def age(folder: Path, seconds: float) -> None:
    """Make everything in a folder that much older."""
    then = time.time() - seconds
    for path in folder.rglob("*"):
        os.utime(path, (then, then))


def files(folder: Path) -> list[Path]:
    """Every file under a folder, but for what tells which databases use it."""
    return sorted(
        path for path in folder.rglob("*") if path.is_file() and path.parent.name != "databases"
    )


@pytest.mark.usefixtures("image_id")
def test_what_a_row_refers_to_stays(database: Database, blobs: BlobStore, folder: Path) -> None:
    before = files(folder)
    age(folder, 10 * GRACE_S)
    assert remove_unreferenced(database, blobs) == 0
    assert files(folder) == before
    assert len(before) == 3


def test_a_deleted_images_files_go_after_the_grace(
    database: Database, blobs: BlobStore, folder: Path, image_id: int
) -> None:
    with database.write() as session:
        session.delete(get_image(session, image_id))
    assert remove_unreferenced(database, blobs) == 0
    age(folder, GRACE_S + 60)
    assert remove_unreferenced(database, blobs) == 3
    assert files(folder) == []


def test_bytes_that_came_again_meanwhile_stay(
    database: Database, blobs: BlobStore, folder: Path, image_id: int, limits: UploadLimits
) -> None:
    with database.write() as session:
        sha256 = get_image(session, image_id).sha256
        session.delete(get_image(session, image_id))
    age(folder, GRACE_S + 60)
    # Uploaded again: the file is there, its row is not written yet.
    store_image(blobs, "again.tif", file_of(noise(30, 40), "TIFF"), limits)
    remove_unreferenced(database, blobs)
    assert blobs.path(sha256).is_file()
    assert thumbnail_path(blobs, sha256).is_file()


def test_an_exports_file_stays_as_long_as_its_job(database: Database, blobs: BlobStore) -> None:
    blob = blobs.put(io.BytesIO(b"an archive"))
    with database.write() as session:
        job = create_job(session, None, None, "export", {})
        claim_job(session, job.id)
        finish_job(
            session,
            job.id,
            message="Done",
            counts={},
            file_sha256=blob.sha256,
            file_name="a.zip",
            file_bytes=blob.bytes,
        )
    age(blobs.path(blob.sha256).parent, 2 * GRACE_S)
    assert remove_unreferenced(database, blobs) == 0
    with database.write() as session:
        session.delete(session.merge(job))
    assert remove_unreferenced(database, blobs) == 1


def test_nothing_goes_from_a_folder_that_another_database_used(
    database: Database, blobs: BlobStore, folder: Path, tmp_path: Path
) -> None:
    blobs.put(io.BytesIO(b"the other database's"))
    age(folder, 2 * GRACE_S)
    url = f"sqlite:///{tmp_path / 'other.sqlite'}"
    migrate(url)
    other = Database(url)
    with other.read() as session:
        assert blobs.claim(str(instance_id(session)))
    other.close()
    assert remove_unreferenced(database, blobs) == 0
    assert len(files(folder / "blobs")) == 1


def test_a_stray_file_among_the_folders_stops_nothing(
    database: Database, blobs: BlobStore, folder: Path
) -> None:
    (folder / "blobs" / ".DS_Store").touch()
    blobs.put(io.BytesIO(b"nobody's"))
    age(folder, 2 * GRACE_S)
    assert remove_unreferenced(database, blobs) == 1


def test_what_killed_processes_left_behind_goes(
    database: Database, blobs: BlobStore, folder: Path
) -> None:
    left = folder / "incoming" / "tmpabc"
    left.mkdir()
    (left / "export.zip").write_bytes(b"half")
    (folder / "incoming" / "tmpdef").write_bytes(b"half")
    assert remove_unreferenced(database, blobs) == 0
    age(folder / "incoming", GRACE_S + 60)
    assert remove_unreferenced(database, blobs) == 2
    assert files(folder) == []


def test_a_stopped_cleaner_leaves_the_rest_for_the_next_start(
    database: Database, blobs: BlobStore, folder: Path
) -> None:
    blobs.put(io.BytesIO(b"nobody's"))
    age(folder, 2 * GRACE_S)
    stop = threading.Event()
    stop.set()
    assert remove_unreferenced(database, blobs, stop=stop) == 0
    cleaner = Cleaner(database, blobs)
    cleaner.start()
    for _ in range(200):
        if not files(folder):
            break
        time.sleep(0.01)
    cleaner.stop()
    assert files(folder) == []
