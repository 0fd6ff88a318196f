"""Segment maps, formats, exports and jobs."""

import io
import json
import zipfile
from pathlib import Path
from threading import Event

import numpy as np
import PIL.Image
import pytest
from numpy.typing import NDArray
from pycocotools.coco import COCO

from segmentarium.core.segment_map import (
    annotations_to_category_map,
    annotations_to_instance_map,
    annotations_to_panoptic_map,
    rgb_to_ids,
)
from segmentarium.formats import FORMATS
from segmentarium.storage.annotations import core_annotations
from segmentarium.storage.categories import core_categories
from tests.api.client import SQUARE, Api, Scene, assert_problem, one_database
from tests.api.pictures import noise_png, rotated_jpeg

STRIP = [[[0.0, 20.0, 64.0, 20.0, 64.0, 48.0, 0.0, 48.0]]]
PATCH = [[[0.0, 0.0, 8.0, 0.0, 8.0, 8.0, 0.0, 8.0]]]


@pytest.fixture
def drawn(api: Api, scene: Scene) -> Scene:
    """The scene with two parts of stuff and, over one of them, a thing."""
    road = api.category(scene.project, "road", isthing=False, color="#102030")
    api.edit(
        scene.image,
        scene.create(STRIP, category_id=road),
        scene.create(SQUARE),
        scene.create(PATCH, category_id=road),
    )
    return scene


def _map(api: Api, scene: Scene, kind: str) -> PIL.Image.Image:
    response = api.owner.get(f"/api/images/{scene.image}/segment-map", params={"kind": kind})
    assert response.headers["content-type"] == "image/png"
    return PIL.Image.open(io.BytesIO(response.content))


def _core_map(api: Api, scene: Scene, kind: str) -> NDArray[np.int32]:
    with api.context.database.read() as session:
        annotations = core_annotations(session, scene.image)
        categories = core_categories(session, scene.project)
    if kind == "semantic":
        return annotations_to_category_map(annotations, [c.id for c in categories], 48, 64)
    if kind == "instance":
        return annotations_to_instance_map(annotations, 48, 64).ids
    return annotations_to_panoptic_map(annotations, {c.id: c for c in categories}, 48, 64).ids


@pytest.mark.parametrize("kind", ["semantic", "instance"])
def test_segment_map_has_the_numbers_of_the_core_map(api: Api, drawn: Scene, kind: str) -> None:
    with _map(api, drawn, kind) as image:
        np.testing.assert_array_equal(np.asarray(image), _core_map(api, drawn, kind))


def test_panoptic_map_has_the_ids_of_the_core_map_in_colours(api: Api, drawn: Scene) -> None:
    with _map(api, drawn, "panoptic") as image:
        ids = rgb_to_ids(np.asarray(image))
    np.testing.assert_array_equal(ids, _core_map(api, drawn, "panoptic"))
    assert len(np.unique(ids)) == 3


@one_database
def test_semantic_map_is_seen_in_the_colours_of_the_categories(api: Api, drawn: Scene) -> None:
    with _map(api, drawn, "semantic") as image:
        colors = np.asarray(image.convert("RGB"))
    assert colors[40, 40].tolist() == [0x10, 0x20, 0x30]
    assert colors[2, 40].tolist() == [0, 0, 0]


@one_database
def test_instance_map_is_of_16_bits(api: Api, drawn: Scene) -> None:
    with _map(api, drawn, "instance") as image:
        assert image.mode == "I;16"


@one_database
def test_map_of_an_image_without_annotations_is_void(api: Api, scene: Scene) -> None:
    with _map(api, scene, "semantic") as image:
        assert not np.asarray(image).any()


@one_database
def test_unknown_kind_of_map_is_refused(api: Api, scene: Scene) -> None:
    path = f"/api/images/{scene.image}/segment-map"
    assert_problem(api.owner.get(path, params={"kind": "depth"}), 422, "invalid")


@one_database
def test_formats_are_listed_with_their_options(api: Api) -> None:
    items = {item["name"]: item for item in api.owner.get("/api/formats").json()["items"]}
    assert set(items) == set(FORMATS)
    for name, format_ in FORMATS.items():
        assert [option["name"] for option in items[name]["options"]] == [
            option.name for option in format_.options
        ]


def _archive(api: Api, job: int) -> zipfile.ZipFile:
    response = api.owner.get(f"/api/jobs/{job}/file")
    assert response.headers["content-type"] == "application/zip"
    return zipfile.ZipFile(io.BytesIO(response.content))


@pytest.mark.parametrize("segmentation", ["rle", "polygons"])
def test_coco_export_opens_in_pycocotools(
    api: Api, drawn: Scene, tmp_path: Path, segmentation: str
) -> None:
    job = api.ended(api.export(drawn.project, segmentation=segmentation)["id"])
    assert job["state"] == "done", job
    with _archive(api, job["id"]) as archive:
        archive.extractall(tmp_path / "zip")
    opened = COCO(str(tmp_path / "zip" / "annotations" / "instances.json"))
    annotations = opened.loadAnns(opened.getAnnIds())
    areas = [int(opened.annToMask(annotation).sum()) for annotation in annotations]
    assert areas == [28 * 64, 400, 64]
    assert [annotation["area"] for annotation in annotations] == areas
    assert (tmp_path / "zip" / "images" / "a.png").read_bytes() == noise_png(64, 48)


def test_ended_job_tells_what_it_made(api: Api, drawn: Scene) -> None:
    job = api.ended(api.export(drawn.project)["id"])
    assert (job["state"], job["progress"], job["problem"]) == ("done", 1.0, None)
    assert job["counts"] == {"images": 1, "annotations": 3, "files": 3}
    assert job["file_name"] == "Street-coco.zip"
    assert job["file_bytes"] == len(api.owner.get(f"/api/jobs/{job['id']}/file").content)


def test_every_format_is_exported_to_a_sound_zip(api: Api, drawn: Scene) -> None:
    for name in FORMATS:
        job = api.ended(api.export(drawn.project, name)["id"])
        with _archive(api, job["id"]) as archive:
            assert archive.testzip() is None
            assert archive.namelist()


@one_database
def test_rotated_photograph_is_exported_at_its_upright_size(api: Api) -> None:
    project = api.project()
    api.image(project, rotated_jpeg(), "r.jpg")
    with _archive(api, api.ended(api.export(project)["id"])["id"]) as archive:
        (described,) = json.loads(archive.read("annotations/instances.json"))["images"]
        with PIL.Image.open(archive.open(f"images/{described['file_name']}")) as image:
            assert image.size == (described["width"], described["height"]) == (40, 60)


def test_jobs_of_a_project_are_listed_newest_first(api: Api, scene: Scene) -> None:
    jobs = [api.export(scene.project)["id"] for _ in range(3)]
    items = api.owner.get(f"/api/projects/{scene.project}/jobs").json()["items"]
    assert [job["id"] for job in items] == jobs[::-1]


@one_database
def test_jobs_are_found_again_by_their_kind_with_what_was_asked_for(api: Api, scene: Scene) -> None:
    export = api.export(scene.project, "labelme", images=False)
    path = f"/api/projects/{scene.project}"
    api.owner.post(f"{path}/exports/preflight", json={"format": "coco"})
    (found,) = api.owner.get(f"{path}/jobs", params={"kind": ["import", "export"]}).json()["items"]
    assert (found["id"], found["kind"]) == (export["id"], "export")
    assert found["parameters"]["format"] == "labelme"
    assert found["parameters"]["options"]["images"] is False


def test_waiting_job_is_cancelled_and_never_run(api: Api, scene: Scene) -> None:
    release = Event()
    api.executor.submit(release.wait, 20)
    job = api.export(scene.project)["id"]
    cancelled = api.owner.delete(f"/api/jobs/{job}").json()
    release.set()
    api.executor.submit(int).result(timeout=20)  # the job's turn is over
    assert cancelled["state"] == "cancelled"
    assert api.owner.get(f"/api/jobs/{job}").json() == cancelled
    assert_problem(api.owner.get(f"/api/jobs/{job}/file"), 404, "not-found")


def test_file_of_a_waiting_job_is_not_found(api: Api, scene: Scene) -> None:
    release = Event()
    api.executor.submit(release.wait, 20)
    job = api.export(scene.project)["id"]
    response = api.owner.get(f"/api/jobs/{job}/file")
    release.set()
    assert_problem(response, 404, "not-found")


def test_job_that_is_done_stays_done_when_cancelled(api: Api, scene: Scene) -> None:
    job = api.ended(api.export(scene.project)["id"])
    assert api.owner.delete(f"/api/jobs/{job['id']}").json() == job


def test_failed_job_keeps_its_problem(api: Api, scene: Scene) -> None:
    for file in (api.context.settings.data_dir / "blobs").glob("*/*"):
        file.unlink()
    job = api.ended(api.export(scene.project)["id"])
    assert (job["state"], job["file_name"]) == ("failed", None)
    assert job["problem"]["type"] == "/docs/errors#not-found"
    assert job["problem"]["detail"]
    assert_problem(api.owner.get(f"/api/jobs/{job['id']}/file"), 404, "not-found")


@one_database
@pytest.mark.parametrize(
    ("body", "status", "slug"),
    [
        ({"format": "vhs"}, 404, "not-found"),
        ({"format": "coco", "options": {"magic": True}}, 422, "invalid-option"),
        ({"format": "coco", "options": {"segmentation": "dots"}}, 422, "invalid-option"),
        ({"format": "coco", "options": {"images": "yes"}}, 422, "invalid-option"),
        ({}, 422, "invalid"),
    ],
)
def test_export_that_cannot_be_makes_no_job(
    api: Api, scene: Scene, body: object, status: int, slug: str
) -> None:
    path = f"/api/projects/{scene.project}"
    assert_problem(api.owner.post(f"{path}/exports", json=body), status, slug)
    assert api.owner.get(f"{path}/jobs").json()["items"] == []
