"""Projects and their categories."""

import pytest

from tests.api.client import Api, Scene, assert_problem, change, one_database
from tests.api.pictures import noise_png

BEYOND_64_BITS = 2**70


def test_new_project_is_empty_and_owned(api: Api) -> None:
    response = api.owner.post("/api/projects", json={"name": " Street ", "description": "Cars"})
    project = response.json()
    assert response.status_code == 201
    assert (project["name"], project["description"], project["role"]) == ("Street", "Cars", "owner")
    assert (project["image_count"], project["done_count"], project["annotation_count"]) == (0, 0, 0)


def test_project_counts_its_images_and_annotations(api: Api, scene: Scene) -> None:
    api.edit(scene.image, scene.create(), scene.create())
    done = api.image(scene.project, noise_png(8, 8, 1))
    api.owner.patch(f"/api/images/{done}", json={"state": "done"})
    project = api.owner.get(f"/api/projects/{scene.project}").json()
    assert (project["image_count"], project["done_count"], project["annotation_count"]) == (2, 1, 2)
    assert project["cover_image_ids"] == [scene.image, done]


def test_project_is_renamed_and_keeps_its_description(api: Api) -> None:
    made = api.owner.post("/api/projects", json={"name": "a", "description": "d"}).json()
    path = f"/api/projects/{made['id']}"
    assert api.owner.patch(path, json={"name": "b"}).json() == {**made, "name": "b"}
    assert api.owner.get(path).json()["name"] == "b"


def test_deleted_project_is_gone_with_all_that_was_in_it(api: Api, scene: Scene) -> None:
    api.edit(scene.image, scene.create())
    assert api.owner.delete(f"/api/projects/{scene.project}").status_code == 204
    for path in (f"projects/{scene.project}", f"images/{scene.image}"):
        assert_problem(api.owner.get(f"/api/{path}"), 404, "not-found")
    assert api.owner.get("/api/projects").json()["items"] == []


def test_project_name_is_taken_once(api: Api) -> None:
    api.project("Street")
    response = api.owner.post("/api/projects", json={"name": "Street"})
    assert_problem(response, 409, "name-taken")


def test_project_is_not_renamed_to_a_taken_name(api: Api) -> None:
    api.project("a")
    other = api.project("b")
    assert_problem(api.owner.patch(f"/api/projects/{other}", json={"name": "a"}), 409, "name-taken")


def test_pages_of_projects_are_all_projects_once(api: Api) -> None:
    ids = [api.project(f"p{number}") for number in range(5)]
    seen: list[int] = []
    after: int | None = 0
    while after is not None:
        page = api.owner.get("/api/projects", params={"after": after, "limit": 2}).json()
        assert len(page["items"]) <= 2
        seen += [project["id"] for project in page["items"]]
        after = page["next"]
    assert seen == ids


def test_full_last_page_has_no_next(api: Api) -> None:
    for name in "ab":
        api.project(name)
    assert api.owner.get("/api/projects", params={"limit": 2}).json()["next"] is None


@one_database
@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "#/name"),
        ({"name": ""}, "#/name"),
        ({"name": "  "}, "#/name"),
        ({"name": "x" * 201}, "#/name"),
        ({"name": 1}, "#/name"),
        ({"name": "x", "colour": "red"}, "#/colour"),
    ],
)
def test_malformed_project_is_pointed_at(api: Api, body: object, pointer: str) -> None:
    problem = assert_problem(api.owner.post("/api/projects", json=body), 422, "invalid")
    assert [fault["pointer"] for fault in problem["errors"]] == [pointer]


@one_database
@pytest.mark.parametrize("limit", [0, 501, "many"])
def test_limit_out_of_range_is_refused(api: Api, limit: int | str) -> None:
    assert_problem(api.owner.get("/api/projects", params={"limit": limit}), 422, "invalid")


@pytest.mark.parametrize("path", ["/api/projects?after={}", "/api/projects/{}", "/api/images/{}"])
def test_id_beyond_64_bits_is_no_server_error(api: Api, path: str) -> None:
    assert api.owner.get(path.format(BEYOND_64_BITS)).status_code in {200, 404, 422}


def test_name_with_a_nul_character_is_no_server_error(api: Api) -> None:
    response = api.owner.post("/api/projects", json={"name": "a\0b"})
    assert response.status_code in {201, 422}


@one_database
@pytest.mark.parametrize("body", [b"{", b'{"name": "a"', b"\xff\xfe", b""])
def test_body_that_is_no_json_is_refused(api: Api, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    assert_problem(api.owner.post("/api/projects", content=body, headers=headers), 422, "invalid")


def test_categories_are_given_colours_hotkeys_and_positions(api: Api) -> None:
    project = api.project()
    for name in "abc":
        api.category(project, name)
    items = api.owner.get(f"/api/projects/{project}/categories").json()["items"]
    assert [(item["name"], item["hotkey"], item["position"]) for item in items] == [
        ("a", "1", 0),
        ("b", "2", 1),
        ("c", "3", 2),
    ]
    assert len({item["color"] for item in items}) == 3


def test_category_keeps_what_it_was_made_of(api: Api) -> None:
    project = api.project()
    values = {
        "name": "sky",
        "color": "#0a1b2c",
        "supercategory": "nature",
        "isthing": False,
        "hotkey": "7",
    }
    made = api.owner.post(f"/api/projects/{project}/categories", json=values).json()
    assert made | values == made


def test_category_is_changed_where_something_is_given(api: Api, scene: Scene) -> None:
    path = f"/api/categories/{scene.category}"
    changed = api.owner.patch(path, json={"color": "#ffffff", "name": None}).json()
    assert (changed["name"], changed["color"]) == ("car", "#ffffff")


def test_null_takes_the_hotkey_away(api: Api, scene: Scene) -> None:
    path = f"/api/categories/{scene.category}"
    assert api.owner.patch(path, json={"hotkey": None}).json()["hotkey"] is None


def test_hotkey_left_out_stays(api: Api, scene: Scene) -> None:
    path = f"/api/categories/{scene.category}"
    assert api.owner.patch(path, json={"name": "lorry"}).json()["hotkey"] == "1"


def test_hotkey_moves_from_the_category_that_had_it(api: Api, scene: Scene) -> None:
    other = api.category(scene.project, "lorry")
    api.owner.patch(f"/api/categories/{other}", json={"hotkey": "1"})
    items = api.owner.get(f"/api/projects/{scene.project}/categories").json()["items"]
    assert {item["id"]: item["hotkey"] for item in items} == {scene.category: None, other: "1"}


def test_category_in_use_is_not_deleted(api: Api, scene: Scene) -> None:
    api.edit(scene.image, scene.create())
    response = api.owner.delete(f"/api/categories/{scene.category}")
    assert assert_problem(response, 409, "category-in-use")["annotation_count"] == 1


def test_category_is_deleted_once_its_annotations_are(api: Api, scene: Scene) -> None:
    created = scene.create()
    api.edit(scene.image, created)
    api.edit(scene.image, change(created, "delete", 1))
    assert api.owner.delete(f"/api/categories/{scene.category}").status_code == 204
    assert api.owner.get(f"/api/projects/{scene.project}/categories").json()["items"] == []


def test_category_name_is_taken_once_in_a_project(api: Api, scene: Scene) -> None:
    path = f"/api/projects/{scene.project}/categories"
    assert_problem(api.owner.post(path, json={"name": "car"}), 409, "name-taken")


def test_category_name_is_free_in_another_project(api: Api, scene: Scene) -> None:
    assert api.category(api.project("Other"), "car") != scene.category


@one_database
@pytest.mark.parametrize("color", ["red", "#fff", "#FFFFFF", "#12345g", "#1234567", "#123456\n", 7])
def test_bad_colour_is_refused(api: Api, scene: Scene, color: object) -> None:
    path = f"/api/projects/{scene.project}/categories"
    response = api.owner.post(path, json={"name": "x", "color": color})
    assert assert_problem(response, 422, "invalid")["errors"][0]["pointer"] == "#/color"


@one_database
@pytest.mark.parametrize("hotkey", ["0", "10", "a", "", 1])
def test_bad_hotkey_is_refused(api: Api, scene: Scene, hotkey: object) -> None:
    response = api.owner.patch(f"/api/categories/{scene.category}", json={"hotkey": hotkey})
    assert assert_problem(response, 422, "invalid")["errors"][0]["pointer"] == "#/hotkey"


def test_a_category_is_called_as_a_dataset_s_would_be(api: Api, scene: Scene) -> None:
    path = f"/api/projects/{scene.project}/categories"
    answer = api.owner.post(path, json={"name": "می\u200cخواهم \u202e  b\u200b"})
    assert (answer.status_code, answer.json()["name"]) == (201, "می\u200cخواهم   b")
    assert api.owner.post(path, json={"name": "\u200b"}).status_code == 422
