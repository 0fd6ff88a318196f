"""Imports and the look before an export, over the API."""

import io
import json
import time
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from segmentarium.core.errors import NotFound
from segmentarium.formats import format_named
from segmentarium.storage.blobs import Blob, BlobStore
from segmentarium.storage.jobs import create_job
from segmentarium.storage.projects import delete_project
from tests.api.client import SQUARE, Api, Scene, assert_problem, one_database
from tests.formats.dataset import dataset
from tests.formats.round_trip import write_files


@pytest.fixture
def coco(tmp_path: Path) -> bytes:
    """The small dataset as a zip of COCO."""
    folder = tmp_path / "coco"
    write_files(format_named("coco"), dataset(), folder)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path in sorted(folder.rglob("*.*")):
            archive.write(path, path.relative_to(folder).as_posix())
    return buffer.getvalue()


def start(api: Api, project: int, *files: tuple[str, bytes], **fields: Any) -> Any:
    """The answer of a request for an import."""
    return api.owner.post(
        f"/api/projects/{project}/imports",
        files=[("files", file) for file in files] or None,
        data={name: str(value).lower() for name, value in fields.items()},
    )


def test_an_archive_is_imported_by_a_job(api: Api, coco: bytes) -> None:
    project = api.project()
    answer = start(api, project, ("coco.zip", coco))
    assert answer.status_code == 202, answer.text
    job = api.ended(answer.json()["id"])
    assert (job["state"], job["report"]["format"]) == ("done", "coco")
    assert (job["counts"]["new_images"], job["counts"]["new_annotations"]) == (3, 5)
    assert job["report"]["problems"] == []
    images = api.owner.get(f"/api/projects/{project}/images").json()["items"]
    found = [one for image in images for one in api.annotations(image["id"])]
    assert len(found) == 5
    assert {"occluded": True, "view": "left"} in [one.get("attributes") for one in found]


class SlowBlobs(BlobStore):
    """A store that something happens during the writing of."""

    def __init__(self, folder: Path, happen: Callable[[], None]) -> None:
        super().__init__(folder)
        self._happen = happen

    def put(self, stream: BinaryIO) -> Blob:
        """See `BlobStore.put`."""
        self._happen()
        return super().put(stream)


def test_a_project_that_is_deleted_while_files_come_is_not_found(
    api: Api, coco: bytes, tmp_path: Path
) -> None:
    project = api.project()

    def delete() -> None:
        with api.context.database.write() as session:
            delete_project(session, project)

    api.app.state.context = replace(api.context, blobs=SlowBlobs(tmp_path / "data", delete))
    assert_problem(start(api, project, ("coco.zip", coco)), 404, "not-found")


def test_a_job_of_a_project_that_is_gone_is_not_made(api: Api) -> None:
    with api.context.database.write() as session, pytest.raises(NotFound):
        create_job(session, None, 17, "import", {})


def test_a_dry_run_shows_what_is_there_and_the_import_needs_no_second_upload(
    api: Api, coco: bytes
) -> None:
    project = api.project()
    looked = api.ended(start(api, project, ("coco.zip", coco), is_dry_run=True).json()["id"])
    assert {one["name"]: one["annotations"] for one in looked["report"]["categories"]} == {
        "cat": 2,
        "größe, „quoted“": 2,
        "grass": 1,
        "never seen": 0,
    }
    assert api.owner.get(f"/api/projects/{project}/images").json()["total"] == 0
    job = api.ended(start(api, project, source_job=looked["id"]).json()["id"])
    assert job["counts"]["new_annotations"] == 5
    assert job["parameters"] == {
        "format": "",
        "options": {},
        "file_name": "coco.zip",
        "source_job": looked["id"],
        "is_dry_run": False,
        "is_strict": False,
    }
    # The files go a moment after the import's end.
    deadline = time.monotonic() + 20
    while (again := start(api, project, source_job=looked["id"])).status_code == 202:
        assert time.monotonic() < deadline
        api.ended(again.json()["id"])
    assert "send them again" in assert_problem(again, 404, "not-found")["detail"]


@one_database
def test_a_look_that_failed_is_followed_by_one_as_another_format(api: Api, coco: bytes) -> None:
    project = api.project()
    look = start(api, project, ("coco.zip", coco), format="yolo", is_dry_run=True).json()
    assert api.ended(look["id"])["state"] == "failed"
    api.executor.submit(int).result(timeout=20)  # what an ended job leaves is cleared away
    again = start(api, project, source_job=look["id"], format="coco", is_dry_run=True)
    assert api.ended(again.json()["id"])["counts"]["annotations"] == 5


@one_database
def test_a_document_and_its_pictures_are_imported_together(
    api: Api, coco: bytes, tmp_path: Path
) -> None:
    with zipfile.ZipFile(io.BytesIO(coco)) as archive:
        files = [(name, archive.read(name)) for name in archive.namelist()]
    job = api.ended(start(api, api.project(), *files).json()["id"])
    assert job["counts"]["new_annotations"] == 5


@one_database
def test_what_no_format_knows_is_a_failed_job_with_a_problem(api: Api) -> None:
    answer = start(api, api.project(), ("notes.txt", b"nothing to see"))
    job = api.ended(answer.json()["id"])
    assert (job["state"], job["problem"]["type"]) == ("failed", "/docs/errors#unknown-format")


@one_database
def test_an_archive_that_leaves_its_folder_is_refused(api: Api) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("../../evil.json", "{}")
    job = api.ended(start(api, api.project(), ("evil.zip", buffer.getvalue())).json()["id"])
    assert (job["state"], job["problem"]["type"]) == ("failed", "/docs/errors#archive-refused")


@one_database
def test_an_unknown_format_is_refused_at_once(api: Api, coco: bytes) -> None:
    answer = start(api, api.project(), ("coco.zip", coco), format="nonsense")
    assert_problem(answer, 404, "not-found")


@one_database
def test_an_import_without_files_is_refused(api: Api) -> None:
    assert_problem(start(api, api.project()), 422, "invalid")


@one_database
def test_the_files_of_another_project_cannot_be_read_again(api: Api, coco: bytes) -> None:
    first = start(api, api.project("First"), ("coco.zip", coco), is_dry_run=True).json()
    api.ended(first["id"])
    assert_problem(start(api, api.project("Second"), source_job=first["id"]), 404, "not-found")


@one_database
def test_a_viewer_imports_nothing(api: Api, coco: bytes) -> None:
    project = api.project()
    viewer = api.member("eve", project, "viewer")
    answer = viewer.post(f"/api/projects/{project}/imports", files=[("files", ("coco.zip", coco))])
    assert_problem(answer, 403, "forbidden")


def test_the_look_before_an_export_tells_what_the_export_reports(api: Api, scene: Scene) -> None:
    api.edit(scene.image, scene.create(SQUARE), scene.create(SQUARE))
    body = {"format": "masks", "options": {"images": False}}
    path = f"/api/projects/{scene.project}/exports"
    looked = api.ended(api.owner.post(f"{path}/preflight", json=body).json()["id"])
    assert looked["file_name"] is None
    counts = {one["kind"]: one["count"] for one in looked["report"]["changes"]}
    assert counts == {"rasterized": 2, "hidden": 1}
    exported = api.ended(api.owner.post(path, json=body).json()["id"])
    assert exported["report"]["changes"] == looked["report"]["changes"]
    file = api.owner.get(f"/api/jobs/{exported['id']}/file").content
    with zipfile.ZipFile(io.BytesIO(file)) as archive:
        report = json.loads(archive.read("export-report.json"))
        rows = archive.read("export-changes.csv").decode().splitlines()
    assert report["changes"] == looked["report"]["changes"]
    assert len(rows) == 1 + 3


@one_database
def test_the_same_project_exports_to_the_same_bytes(api: Api, scene: Scene) -> None:
    api.edit(scene.image, scene.create(SQUARE))
    first, second = (api.ended(api.export(scene.project)["id"]) for _ in range(2))
    files = [api.owner.get(f"/api/jobs/{job['id']}/file").content for job in (first, second)]
    assert files[0] == files[1]
