"""What strangers, viewers and annotators may do."""

import pytest

from tests.api.client import Api, Scene, assert_problem
from tests.api.routes import ROUTES, with_id

MISSING = 987_654
OF_ONE_THING = [route for route in ROUTES if "{" in route[1]]
EDITING: list[tuple[str, str, object]] = [
    ("PATCH", "/api/projects/{project}", {"name": "x"}),
    ("DELETE", "/api/projects/{project}", None),
    ("POST", "/api/projects/{project}/categories", {"name": "x"}),
    ("PATCH", "/api/categories/{category}", {"name": "x"}),
    ("DELETE", "/api/categories/{category}", None),
    ("DELETE", "/api/images/{image}", None),
]
ANNOTATING: list[tuple[str, str, object]] = [
    ("POST", "/api/projects/{project}/images", None),
    ("PATCH", "/api/images/{image}", {"state": "done"}),
    ("POST", "/api/images/{image}/edits", {"edits": []}),
]


def _id_in(path: str, api: Api, scene: Scene) -> int:
    """The id of the owner's thing that a route is about."""
    if "{job_id}" in path:
        return int(api.ended(api.export(scene.project)["id"])["id"])
    ids = {"{project_id}": scene.project, "{category_id}": scene.category}
    return next((ids[name] for name in ids if name in path), scene.image)


@pytest.mark.parametrize(
    ("method", "path"), OF_ONE_THING, ids=[" ".join(route) for route in OF_ONE_THING]
)
def test_what_belongs_to_others_is_answered_like_what_is_not_there(
    api: Api, scene: Scene, method: str, path: str
) -> None:
    number = _id_in(path, api, scene)
    stranger = api.sign_in("stranger")
    foreign = assert_problem(stranger.request(method, with_id(path, number)), 404, "not-found")
    missing = assert_problem(stranger.request(method, with_id(path, MISSING)), 404, "not-found")
    assert {**missing, "detail": missing["detail"].replace(str(MISSING), str(number))} == {
        **foreign,
        "instance": missing["instance"],
    }


def test_projects_of_others_are_not_listed(api: Api, scene: Scene) -> None:
    assert api.sign_in("stranger").get("/api/projects").json()["items"] == []


@pytest.mark.parametrize(("method", "path", "body"), [*EDITING, *ANNOTATING])
def test_viewer_may_change_nothing(
    api: Api, scene: Scene, method: str, path: str, body: object
) -> None:
    viewer = api.member("vera", scene.project, "viewer")
    where = path.format(project=scene.project, category=scene.category, image=scene.image)
    assert_problem(viewer.request(method, where, json=body), 403, "forbidden")


@pytest.mark.parametrize(("method", "path", "body"), EDITING)
def test_annotator_may_not_change_the_project(
    api: Api, scene: Scene, method: str, path: str, body: object
) -> None:
    annotator = api.member("anna", scene.project, "annotator")
    where = path.format(project=scene.project, category=scene.category, image=scene.image)
    assert_problem(annotator.request(method, where, json=body), 403, "forbidden")


def test_viewer_sees_the_annotations(api: Api, scene: Scene) -> None:
    api.edit(scene.image, scene.create())
    viewer = api.member("vera", scene.project, "viewer")
    assert len(viewer.get(f"/api/images/{scene.image}/annotations").json()["items"]) == 1


def test_viewer_sees_the_own_role(api: Api, scene: Scene) -> None:
    viewer = api.member("vera", scene.project, "viewer")
    assert viewer.get(f"/api/projects/{scene.project}").json()["role"] == "viewer"


def test_annotator_may_annotate(api: Api, scene: Scene) -> None:
    annotator = api.member("anna", scene.project, "annotator")
    response = annotator.post(scene.edits, json={"edits": [scene.create()]})
    assert response.status_code == 200
    assert len(api.annotations(scene.image)) == 1


def test_edit_is_logged_under_the_name_of_its_maker(api: Api, scene: Scene) -> None:
    annotator = api.member("anna", scene.project, "annotator")
    annotator.post(scene.edits, json={"edits": [scene.create()]})
    history = api.owner.get(f"/api/images/{scene.image}/history").json()["items"]
    assert [entry["user"]["name"] for entry in history] == ["anna"]


def test_viewer_may_cancel_the_own_jobs(api: Api, scene: Scene) -> None:
    viewer = api.member("vera", scene.project, "viewer")
    path = f"/api/projects/{scene.project}/exports/preflight"
    job = viewer.post(path, json={"format": "coco"}).json()["id"]
    assert viewer.delete(f"/api/jobs/{job}").status_code == 200


def test_viewer_may_not_cancel_the_jobs_of_others(api: Api, scene: Scene) -> None:
    viewer = api.member("vera", scene.project, "viewer")
    job = api.export(scene.project)["id"]
    assert_problem(viewer.delete(f"/api/jobs/{job}"), 403, "forbidden")
