"""What nothing refers to goes, after a grace; what a row refers to stays, whatever its age."""

import hashlib
import io
import os
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from segmentarium.services.cleanup import (
    DRY_RUN_KEPT_S,
    GRACE_S,
    Cleaner,
    remove_sources,
    remove_unreferenced,
)
from segmentarium.services.uploads import UploadLimits, display_path, store_image, thumbnail_path
from segmentarium.storage.blobs import BlobStore
from segmentarium.storage.database import Database, migrate
from segmentarium.storage.images import add_images, get_image
from segmentarium.storage.jobs import (
    ENDED,
    cancel_job,
    claim_job,
    create_job,
    fail_job,
    finish_job,
    get_job,
)
from segmentarium.storage.projects import create_project, project_named
from segmentarium.storage.tables import utc_now
from segmentarium.storage.users import ensure_user, instance_id
from tests.services.pictures import file_of, noise

ARCHIVE = b"an archive that was uploaded"


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


Read = Callable[..., int]


@pytest.fixture
def read(database: Database, blobs: BlobStore) -> Read:
    """Uploads an archive and queues an import of it, unless it is known; the job's id."""

    def add(is_dry_run: bool, *, is_sent: bool = True) -> int:
        if is_sent:
            blobs.put(io.BytesIO(ARCHIVE))
        with database.write() as session:
            user = ensure_user(session, "ada")
            project = project_named(session, "Street") or create_project(session, user, "Street")
            job = create_job(session, user, project, "import", {"is_dry_run": is_dry_run})
            job.source_sha256 = hashlib.sha256(ARCHIVE).hexdigest()
            claim_job(session, job.id)
            return job.id

    return add


def end(database: Database, job_id: int, how: str = "done") -> None:
    with database.write() as session:
        if how == "done":
            assert finish_job(session, job_id, message="Done", counts={})
        elif how == "failed":
            assert fail_job(session, job_id, {"title": "No"})
        else:
            assert cancel_job(session, job_id)


@pytest.mark.parametrize("how", ENDED)
def test_an_imports_file_goes_when_it_has_ended(
    database: Database, blobs: BlobStore, folder: Path, read: Read, how: str
) -> None:
    job_id = read(False)
    assert remove_sources(database, blobs) == 0
    end(database, job_id, how)
    assert remove_sources(database, blobs) == 1
    assert files(folder) == []
    with database.read() as session:
        assert get_job(session, job_id).source_sha256 is None


@pytest.mark.parametrize("how", ENDED)
def test_a_dry_runs_file_waits_until_it_is_imported(
    database: Database, blobs: BlobStore, folder: Path, read: Read, how: str
) -> None:
    end(database, read(True), how)  # another format may be named then
    assert remove_sources(database, blobs) == 0
    end(database, read(False, is_sent=False), "failed")
    assert remove_sources(database, blobs) == 0
    end(database, read(False, is_sent=False))
    assert remove_sources(database, blobs) == 1
    assert files(folder) == []


def test_a_dry_runs_file_does_not_wait_for_ever(
    database: Database, blobs: BlobStore, read: Read
) -> None:
    job_id = read(True)
    end(database, job_id)
    with database.write() as session:
        get_job(session, job_id).finished_at = utc_now() - timedelta(seconds=DRY_RUN_KEPT_S + 60)
    assert remove_sources(database, blobs) == 1


def test_a_dry_run_after_an_import_keeps_its_file(
    database: Database, blobs: BlobStore, folder: Path, read: Read
) -> None:
    job_id = read(False)
    end(database, read(True))
    end(database, job_id)
    assert remove_sources(database, blobs) == 0
    assert len(files(folder)) == 1


def test_a_file_that_came_again_meanwhile_stays(
    database: Database, blobs: BlobStore, folder: Path, read: Read
) -> None:
    end(database, read(False))
    blobs.put(io.BytesIO(ARCHIVE))  # its job is not written yet
    assert remove_sources(database, blobs) == 0
    assert len(files(folder)) == 1


def test_a_picture_that_was_imported_alone_stays(
    database: Database, blobs: BlobStore, image_id: int, read: Read
) -> None:
    job_id = read(False)
    with database.write() as session:
        sha256 = get_image(session, image_id).sha256
        get_job(session, job_id).source_sha256 = sha256
    end(database, job_id)
    assert remove_sources(database, blobs) == 0
    assert blobs.path(sha256).is_file()
