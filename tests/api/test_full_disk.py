"""A disk without room: what does not fit is refused whole, in words, and is taken when there is room again."""

from __future__ import annotations

import resource
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError

from segmentarium.storage.disk import as_storage_full
from tests.api.client import SECTIONS, Api, Scene, assert_problem, one_database, parts
from tests.api.pictures import noise_png

MANY = 200
# Some 500 vertices each: a batch of them needs many pages of the database.
CRENELLED = [[[x for k in range(250) for x in (2 + k % 60, 2 + k % 7, 2 + k % 60, 30 + k % 9)]]]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 6 MB, which only root can mount."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(folder)]
    try:
        subprocess.run(mount, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("mounting a small file system takes rights that are not there")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextmanager
def no_room(folder: Path) -> Iterator[None]:
    """Every byte of the file system is taken."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (1 << 16, 1):
            with suppress(OSError):
                while True:
                    file.write(bytes(size))
    assert shutil.disk_usage(folder).free == 0
    yield
    filler.unlink()


@contextmanager
def no_file_longer_than(size: int) -> Iterator[None]:
    """A limit of this process on its files, which needs no rights."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def no_more_pages(api: Api, spare: int) -> Iterator[None]:
    """The database may grow by some pages only."""
    engine = api.context.database.engine
    with engine.connect() as connection:
        pages = connection.scalar(text("PRAGMA page_count"))

    def limit(connection: sqlite3.Connection, _record: Any) -> None:
        connection.execute(f"PRAGMA max_page_count = {pages + spare}")

    event.listen(engine, "connect", limit)
    engine.dispose()
    yield
    event.remove(engine, "connect", limit)
    engine.dispose()


def assert_full(response: Any) -> None:
    """It says that there is no room and when to come again."""
    problem = assert_problem(response, 507, "storage-full")
    assert response.headers["retry-after"] == str(problem["retry_after_s"])
    assert "nothing of it was" in problem["detail"]


@one_database
def test_edits_that_the_database_has_no_room_for_are_applied_not_at_all_and_later_once(
    api: Api, scene: Scene
) -> None:
    edits = [scene.create(CRENELLED) for _ in range(MANY)]
    with no_more_pages(api, spare=20):
        assert_full(api.owner.post(scene.edits, json={"edits": edits}))
        assert api.annotations(scene.image) == []
        assert api.owner.get(f"/api/images/{scene.image}/history").json()["items"] == []
        assert api.owner.get(f"/api/images/{scene.image}").json()["state"] == "new"
        api.edit(scene.image, scene.create())  # what fits is taken all the while
    for _ in range(2):
        api.edit(scene.image, *edits)
    assert len(api.annotations(scene.image)) == MANY + 1
    assert {one["revision"] for one in api.annotations(scene.image)} == {1}


@one_database
def test_a_file_that_there_is_no_room_for_leaves_no_trace(api: Api, scene: Scene) -> None:
    picture = noise_png(200, 150)
    path = f"/api/projects/{scene.project}/images"
    before = files_of(api)
    with no_file_longer_than(len(picture) // 2):
        assert_full(api.owner.post(path, files=parts(("large.png", picture))))
    assert files_of(api) == before
    assert len(api.owner.get(path).json()["items"]) == 1
    assert len(api.upload(scene.project, ("large.png", picture))["images"]) == 1


@one_database
def test_a_thumbnail_that_there_is_no_room_for_does_not_make_the_image_a_damaged_one(
    api: Api, scene: Scene
) -> None:
    before = files_of(api)
    image = api.image(scene.project, noise_png(300, 300))
    (thumbnail,) = {path for path in files_of(api) - before if path.suffix == ".webp"}
    thumbnail.unlink()
    with no_file_longer_than(1000):
        assert_full(api.owner.get(f"/api/images/{image}/thumbnail"))
    assert api.owner.get(f"/api/images/{image}/thumbnail").status_code == 200


@one_database
def test_on_a_disk_filled_to_the_last_byte_what_is_there_can_be_read_and_the_rest_waits(
    make_api: Callable[..., Api], small_disk: Path, sqlite_template: Path, monkeypatch: Any
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(small_disk))
    database = small_disk / "segmentarium.sqlite"
    database.write_bytes(sqlite_template.read_bytes())
    api = make_api(data_dir=small_disk, database_url=f"sqlite:///{database}")
    project = api.project()
    scene = Scene(project, api.category(project), api.image(project))
    first = [scene.create(CRENELLED) for _ in range(20)]
    api.edit(scene.image, *first)
    refused = [scene.create(CRENELLED) for _ in range(20)]
    large = noise_png(700, 600)
    with no_room(small_disk):
        assert_full(api.owner.post(scene.edits, json={"edits": refused}))
        path = f"/api/projects/{project}/images"
        # The second is too long for memory: it is spooled to a file before any route sees it.
        for picture in (noise_png(100, 100), large):
            assert_full(api.owner.post(path, files=parts(("b.png", picture))))
        assert len(api.annotations(scene.image)) == 20
        assert api.owner.get(f"/api/images/{scene.image}/display").status_code == 200
    with closing(sqlite3.connect(database)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    api.edit(scene.image, *refused)
    api.upload(project, ("b.png", large))
    expected = {edit["annotation_id"] for edit in first + refused}
    assert {one["id"] for one in api.annotations(scene.image)} == expected


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_postgresqls_word_for_it_is_understood(api: Api) -> None:
    raised = "DO $$ BEGIN RAISE EXCEPTION 'no space' USING ERRCODE = '53100'; END $$"
    with api.context.database.write() as session, pytest.raises(OperationalError) as caught:
        session.execute(text(raised))
    assert isinstance(caught.value.orig, psycopg.errors.DiskFull)
    full = as_storage_full(caught.value)
    assert full is not None
    assert full.slug in SECTIONS


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_an_export_that_there_is_no_room_for_says_so(api: Api, scene: Scene) -> None:
    # Of this process only the files are limited, not the database.
    api.edit(scene.image, *[scene.create(CRENELLED) for _ in range(50)])
    with no_file_longer_than(1000):
        job = api.ended(api.export(scene.project)["id"])
    assert job["state"] == "failed"
    assert job["problem"]["type"].endswith("#storage-full")


def files_of(api: Api) -> set[Path]:
    """Every file of the store."""
    folder = api.context.settings.data_dir
    return {
        path
        for kind in ("blobs", "derived", "incoming")
        for path in (folder / kind).rglob("*")
        if path.is_file()
    }
