"""Annotations through HTTP: edits, their log, and what is refused."""

import json
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest

from segmentarium.api.schemas import AnnotationList
from segmentarium.core.annotation import segmentation_from_json
from segmentarium.core.raster import segmentation_to_mask
from segmentarium.core.rle import mask_to_rle
from tests.api.client import SQUARE, Api, Scene, assert_problem, change, one_database
from tests.api.pictures import noise_png

JSON = {"Content-Type": "application/json"}


def _post(api: Api, scene: Scene, *edits: Any) -> Any:
    return api.owner.post(scene.edits, json={"edits": list(edits)})


def test_created_annotation_is_listed_as_it_was_sent(api: Api, scene: Scene) -> None:
    created = scene.create(score=0.5, source="grabcut", iscrowd=True, z_order=7)
    api.edit(scene.image, created)
    (stored,) = api.annotations(scene.image)
    assert stored["id"] == created["annotation_id"]
    assert stored | created["annotation"] == stored
    assert (stored["revision"], stored["image_id"]) == (1, scene.image)


def test_box_and_area_are_those_of_the_mask(api: Api, scene: Scene) -> None:
    api.edit(scene.image, scene.create())
    (stored,) = api.annotations(scene.image)
    assert (stored["bbox_xywh"], stored["area"]) == ([10, 10, 20, 20], 400)


def test_rle_is_kept_as_it_was_sent(api: Api, scene: Scene) -> None:
    rle = mask_to_rle(segmentation_to_mask(segmentation_from_json(SQUARE), 48, 64))
    sent = {"size": [48, 64], "counts": rle.counts.tolist()}
    api.edit(scene.image, scene.create(sent))
    (stored,) = api.annotations(scene.image)
    assert (stored["segmentation"], stored["area"]) == (sent, 400)


def test_update_makes_a_revision(api: Api, scene: Scene) -> None:
    created = scene.create()
    api.edit(scene.image, created)
    (result,) = api.edit(scene.image, change(created, "update", 1, score=0.25))
    assert (result["revision"], result["annotation"]["score"]) == (2, 0.25)
    assert api.annotations(scene.image) == [result["annotation"]]


def test_deleted_annotation_is_not_listed(api: Api, scene: Scene) -> None:
    created = scene.create()
    api.edit(scene.image, created)
    (result,) = api.edit(scene.image, change(created, "delete", 1))
    assert (result["revision"], result["annotation"]) == (2, None)
    assert api.annotations(scene.image) == []


def test_deleted_annotation_is_brought_back_by_its_revision(api: Api, scene: Scene) -> None:
    created = scene.create()
    api.edit(scene.image, created)
    api.edit(scene.image, change(created, "delete", 1))
    api.edit(scene.image, change(created, "create", 2))
    assert [one["revision"] for one in api.annotations(scene.image)] == [3]


def test_deleted_annotations_are_listed_apart_with_the_revisions_that_bring_them_back(
    api: Api, scene: Scene
) -> None:
    kept, gone, back = scene.create(), scene.create(), scene.create()
    api.edit(scene.image, kept, gone, back)
    api.edit(scene.image, change(gone, "update", 1), change(gone, "delete", 2))
    api.edit(scene.image, change(back, "delete", 1), change(back, "create", 2))
    path = f"/api/images/{scene.image}/annotations/deleted"
    assert api.owner.get(path).json()["items"] == [
        {"id": gone["annotation_id"], "revision": 3, "deleted": True}
    ]
    api.edit(scene.image, change(gone, "create", 3))
    assert api.owner.get(path).json()["items"] == []


def test_batch_sent_again_is_answered_alike_and_applied_once(api: Api, scene: Scene) -> None:
    batch = [scene.create(), scene.create()]
    assert api.edit(scene.image, *batch) == api.edit(scene.image, *batch)
    assert len(api.annotations(scene.image)) == 2
    assert api.owner.get(f"/api/images/{scene.image}").json()["annotation_count"] == 2


def test_batch_sent_at_once_from_two_sides_is_applied_once(api: Api, scene: Scene) -> None:
    batch = [scene.create() for _ in range(20)]
    together = Barrier(2)
    clients = [api.owner, api.sign_in("owner")]

    def send(client: Any) -> Any:
        together.wait()
        return client.post(scene.edits, json={"edits": batch})

    with ThreadPoolExecutor(2) as threads:
        first, second = threads.map(send, clients)
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.json() == second.json()
    assert len(api.annotations(scene.image)) == 20
    assert len(api.owner.get(f"/api/images/{scene.image}/history").json()["items"]) == 20


def test_annotations_are_listed_as_the_contract_says(api: Api, scene: Scene) -> None:
    api.edit(scene.image, scene.create(score=0.5), scene.create())
    response = api.owner.get(f"/api/images/{scene.image}/annotations")
    assert response.headers["content-type"] == "application/json"
    listed = AnnotationList.model_validate(response.json())
    assert listed.model_dump(mode="json") == response.json()


def test_stale_edit_is_answered_with_the_current_annotation(api: Api, scene: Scene) -> None:
    created = scene.create()
    api.edit(scene.image, created)
    api.edit(scene.image, change(created, "update", 1, score=0.25))
    response = _post(api, scene, change(created, "update", 1, score=0.75))
    (current,) = assert_problem(response, 409, "stale-revision")["current"]
    (stored,) = api.annotations(scene.image)
    assert current == stored


def test_edit_of_a_deleted_annotation_is_answered_with_its_deletion(api: Api, scene: Scene) -> None:
    created = scene.create()
    api.edit(scene.image, created)
    api.edit(scene.image, change(created, "delete", 1))
    problem = assert_problem(_post(api, scene, change(created, "update", 1)), 409, "stale-revision")
    assert problem["current"] == [{"id": created["annotation_id"], "revision": 2, "deleted": True}]


def test_one_stale_edit_keeps_all_others_out(api: Api, scene: Scene) -> None:
    created = scene.create()
    api.edit(scene.image, created)
    response = _post(api, scene, scene.create(), change(created, "update", 9), scene.create())
    assert_problem(response, 409, "stale-revision")
    assert [one["revision"] for one in api.annotations(scene.image)] == [1]


def test_one_invalid_edit_keeps_all_others_out(api: Api, scene: Scene) -> None:
    problem = assert_problem(
        _post(api, scene, scene.create(), scene.create(category_id=987_654)),
        422,
        "invalid-annotation",
    )
    assert (problem["edit"], problem["field"]) == (1, "category_id")
    assert api.annotations(scene.image) == []
    assert api.owner.get(f"/api/images/{scene.image}/history").json()["items"] == []


def test_edit_id_of_another_edit_is_refused(api: Api, scene: Scene) -> None:
    created = scene.create()
    api.edit(scene.image, created)
    reused = {**scene.create(), "edit_id": created["edit_id"]}
    assert_problem(_post(api, scene, reused), 409, "edit-id-reused")


def test_edit_id_twice_in_a_request_is_refused(api: Api, scene: Scene) -> None:
    created = scene.create()
    assert_problem(_post(api, scene, created, created), 409, "edit-id-reused")


def test_annotation_of_another_image_is_refused(api: Api, scene: Scene) -> None:
    created = scene.create()
    api.edit(scene.image, created)
    other = api.image(scene.project, noise_png(64, 48, 1))
    edit = change(created, "update", 1)
    response = api.owner.post(f"/api/images/{other}/edits", json={"edits": [edit]})
    assert_problem(response, 409, "conflict")


def test_category_of_another_project_is_refused(api: Api, scene: Scene) -> None:
    foreign = api.category(api.project("Other"))
    response = _post(api, scene, scene.create(category_id=foreign))
    assert assert_problem(response, 422, "invalid-annotation")["field"] == "category_id"


@one_database
@pytest.mark.parametrize(
    ("segmentation", "slug"),
    [
        ([[[10, 10, 65, 10, 30, 30]]], "invalid-annotation"),
        ([[[-1, 10, 30, 10, 30, 30]]], "invalid-annotation"),
        ([[[1e300, 10, 30, 10, 30, 30]]], "invalid-segmentation"),
        ([[[10.1, 10.1, 10.2, 10.1, 10.2, 10.2]]], "invalid-annotation"),
        ([[[10, 10, 30, 10, 30, 30, 5]]], "invalid-segmentation"),
        ({"size": [64, 48], "counts": [3072]}, "invalid-annotation"),
        ({"size": [48, 64], "counts": [3072]}, "invalid-annotation"),
        ({"size": [48, 64], "counts": [3000]}, "invalid-segmentation"),
        ({"size": [48, 64], "counts": [-1, 3073]}, "invalid-segmentation"),
        ({"size": [48, 64], "counts": [2**80]}, "invalid-segmentation"),
        ({"size": [48, 64], "counts": "~~~"}, "invalid-segmentation"),
        ({"size": [48, 64], "counts": "é"}, "invalid-segmentation"),
        ({"size": [0, 0], "counts": []}, "invalid-segmentation"),
        ({"size": [2**40, 2**40], "counts": "0"}, "invalid-segmentation"),
    ],
)
def test_segmentation_that_cannot_be_is_refused(
    api: Api, scene: Scene, segmentation: object, slug: str
) -> None:
    problem = assert_problem(_post(api, scene, scene.create(segmentation)), 422, slug)
    assert (problem["edit"], problem["field"]) == (0, "segmentation")
    assert api.annotations(scene.image) == []


@one_database
@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"segmentation": [[["x", 10, 30, 10, 30, 30]]]}, "segmentation/0/0/0"),
        ({"segmentation": [[[10, 10, 30, 10, None, 30]]]}, "segmentation/0/0/4"),
        ({"segmentation": [[[10, 10, 30, 10]]]}, "segmentation/0/0"),
        ({"segmentation": [[]]}, "segmentation/0"),
        ({"segmentation": []}, "segmentation"),
        ({"segmentation": {"size": [48, 64]}}, "segmentation/counts"),
        ({"category_id": "car"}, "category_id"),
        ({"score": 1.5}, "score"),
        ({"source": "No Engine"}, "source"),
        ({"z_order": 2**40}, "z_order"),
        ({"area": 7}, "area"),
    ],
)
def test_malformed_annotation_is_pointed_at(
    api: Api, scene: Scene, changes: dict[str, Any], pointer: str
) -> None:
    created = scene.create()
    created["annotation"] |= changes
    problem = assert_problem(_post(api, scene, created), 422, "invalid")
    assert [fault["pointer"] for fault in problem["errors"]] == [f"#/edits/0/annotation/{pointer}"]


@one_database
@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_coordinate_that_is_not_finite_is_pointed_at(api: Api, scene: Scene, number: str) -> None:
    body = json.dumps({"edits": [scene.create([[[-7, 10, 30, 10, 30, 30]]])]})
    response = api.owner.post(
        scene.edits,
        content=body.replace("-7,", f"{number},"),
        headers=JSON,
    )
    problem = assert_problem(response, 422, "invalid")
    assert [fault["pointer"] for fault in problem["errors"]] == [
        "#/edits/0/annotation/segmentation/0/0/0"
    ]


@one_database
@pytest.mark.parametrize("body", [b'{"edits": [', b"edits", b'{"edits": []} {}', b"\xff"])
def test_body_that_is_no_json_is_answered_as_on_other_routes(
    api: Api, scene: Scene, body: bytes
) -> None:
    ours, other = (
        api.owner.post(path, content=body, headers=JSON) for path in (scene.edits, "/api/projects")
    )
    assert ours.status_code in {400, 422}
    assert {**ours.json(), "instance": ""} == {**other.json(), "instance": ""}


@one_database
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_batch_may_come_in_every_encoding_of_json(api: Api, scene: Scene, encoding: str) -> None:
    body = json.dumps({"edits": [scene.create()]}).encode(encoding)
    assert api.owner.post(scene.edits, content=body, headers=JSON).status_code == 200


@one_database
@pytest.mark.parametrize("edits", [[], None, [{"op": "create"}]])
def test_batch_without_a_whole_edit_is_refused(api: Api, scene: Scene, edits: object) -> None:
    assert_problem(api.owner.post(scene.edits, json={"edits": edits}), 422, "invalid")


@one_database
def test_create_without_its_annotation_is_refused(api: Api, scene: Scene) -> None:
    created = {**scene.create(), "annotation": None}
    assert_problem(_post(api, scene, created), 422, "invalid-annotation")


def test_history_tells_every_edit_newest_first(api: Api, scene: Scene) -> None:
    created = scene.create()
    api.edit(scene.image, created)
    api.edit(scene.image, change(created, "update", 1, score=0.5))
    api.edit(scene.image, change(created, "delete", 2))
    items = api.owner.get(f"/api/images/{scene.image}/history").json()["items"]
    assert [(entry["op"], entry["revision"]) for entry in items] == [
        ("delete", 3),
        ("update", 2),
        ("create", 1),
    ]
    assert [bool(entry["before"]) for entry in items] == [True, True, False]
    assert items[0]["after"] is None
    assert (items[1]["before"]["score"], items[1]["after"]["score"]) == (None, 0.5)
    assert {entry["user"]["name"] for entry in items} == {"owner"}


def test_pages_of_history_are_all_edits_once(api: Api, scene: Scene) -> None:
    batch = [scene.create() for _ in range(5)]
    api.edit(scene.image, *batch)
    seen: list[str] = []
    params: dict[str, int] = {"limit": 2}
    while True:
        page = api.owner.get(f"/api/images/{scene.image}/history", params=params).json()
        seen += [entry["edit_id"] for entry in page["items"]]
        if page["next"] is None:
            break
        params["before"] = page["next"]
    assert seen == [edit["edit_id"] for edit in reversed(batch)]


def test_first_edit_takes_the_image_into_work(api: Api, scene: Scene) -> None:
    api.edit(scene.image, scene.create())
    assert api.owner.get(f"/api/images/{scene.image}").json()["state"] == "in_progress"


def test_largest_base_revision_is_stale(api: Api, scene: Scene) -> None:
    edit = {**scene.create(), "base_revision": 2**31 - 1, "annotation_id": str(uuid4())}
    assert_problem(_post(api, scene, edit), 409, "stale-revision")
