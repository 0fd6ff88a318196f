"""Uploads, and images as they are shown and listed."""

from collections.abc import Callable, Iterator

import pytest

from tests.api.client import Api, Json, Scene, assert_problem, one_database, parts
from tests.api.pictures import noise_png, pixels_of, png_header, rotated_jpeg

SMALL = noise_png(8, 8)
BOUNDARY = "----------------------------0123456789"


def _multipart(data: bytes, name: str = "a.png") -> bytes:
    head = f'Content-Disposition: form-data; name="files"; filename="{name}"'
    return f"--{BOUNDARY}\r\n{head}\r\n\r\n".encode() + data + f"\r\n--{BOUNDARY}--\r\n".encode()


def _in_chunks(data: bytes) -> Iterator[bytes]:
    """A body that no Content-Length announces."""
    for start in range(0, len(data), 1000):
        yield data[start : start + 1000]


def test_many_files_go_in_at_once(api: Api) -> None:
    files = [(f"{seed}.png", noise_png(8, 6, seed)) for seed in range(5)]
    answer = api.upload(api.project(), *files)
    assert [(image["name"], image["width"], image["height"]) for image in answer["images"]] == [
        (name, 8, 6) for name, _ in files
    ]
    assert (answer["duplicates"], answer["refused"]) == ([], [])


@one_database
@pytest.mark.parametrize(
    ("data", "slug"),
    [
        (b"", "unsupported-format"),
        (b"hello", "unsupported-format"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "unsupported-format"),
        (noise_png(64, 64)[:-2000], "unreadable-image"),
        (png_header(60_000, 60_000), "image-too-large"),
    ],
)
def test_bad_file_is_named_and_the_others_go_in(api: Api, data: bytes, slug: str) -> None:
    answer = api.upload(
        api.project(), ("1.png", SMALL), ("bad.png", data), ("2.png", noise_png(8, 8, 2))
    )
    assert [image["name"] for image in answer["images"]] == ["1.png", "2.png"]
    assert [(file["name"], file["type"]) for file in answer["refused"]] == [
        ("bad.png", f"/docs/errors#{slug}")
    ]


def _duplicates(answer: Json) -> list[tuple[str, int]]:
    return [(file["name"], file["image_id"]) for file in answer["duplicates"]]


def test_bytes_that_the_project_has_are_a_duplicate(api: Api) -> None:
    project = api.project()
    first = api.image(project, SMALL)
    answer = api.upload(project, ("again.png", SMALL))
    assert answer["images"] == []
    assert _duplicates(answer) == [("again.png", first)]


def test_bytes_sent_twice_in_a_request_go_in_once(api: Api) -> None:
    answer = api.upload(api.project(), ("1.png", SMALL), ("2.png", SMALL))
    (image,) = answer["images"]
    assert _duplicates(answer) == [("2.png", image["id"])]


def test_bytes_of_another_project_are_no_duplicate(api: Api) -> None:
    assert api.image(api.project("a"), SMALL) != api.image(api.project("b"), SMALL)


@one_database
def test_file_over_the_limit_of_bytes_is_refused(make_api: Callable[..., Api]) -> None:
    api = make_api(max_image_bytes=2000)
    answer = api.upload(api.project(), ("big.png", noise_png(64, 64)), ("small.png", SMALL))
    assert [image["name"] for image in answer["images"]] == ["small.png"]
    assert [file["type"] for file in answer["refused"]] == ["/docs/errors#image-too-large"]


@one_database
def test_file_over_the_limit_of_pixels_is_refused(make_api: Callable[..., Api]) -> None:
    api = make_api(max_image_pixels=100)
    answer = api.upload(api.project(), ("big.png", noise_png(11, 10)), ("small.png", SMALL))
    assert [image["name"] for image in answer["images"]] == ["small.png"]
    assert [file["type"] for file in answer["refused"]] == ["/docs/errors#image-too-large"]


@one_database
def test_refused_file_leaves_nothing_on_the_disk(make_api: Callable[..., Api]) -> None:
    api = make_api(max_image_bytes=2000)
    api.upload(api.project(), ("big.png", noise_png(64, 64)), ("bad.png", b"hello"))
    folder = api.context.settings.data_dir
    left = [
        path for name in ("blobs", "derived", "incoming") for path in (folder / name).rglob("*")
    ]
    assert left == []


@one_database
@pytest.mark.parametrize("chunked", [False, True])
def test_upload_over_the_limit_of_a_request_is_refused(
    make_api: Callable[..., Api], chunked: bool
) -> None:
    api = make_api(max_request_bytes=5000)
    path = f"/api/projects/{api.project()}/images"
    body = _multipart(noise_png(64, 64))
    response = api.owner.post(
        path,
        content=_in_chunks(body) if chunked else body,
        headers={"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"},
    )
    assert ("content-length" in response.request.headers) is not chunked
    assert assert_problem(response, 413, "request-too-large")["max_bytes"] == 5000
    assert api.owner.get(path).json()["total"] == 0


@one_database
@pytest.mark.parametrize("chunked", [False, True])
def test_json_over_its_limit_is_refused(make_api: Callable[..., Api], chunked: bool) -> None:
    api = make_api(max_json_bytes=2000)
    body = b'{"name": "a", "description": "' + b"x" * 3000 + b'"}'
    response = api.owner.post(
        "/api/projects",
        content=_in_chunks(body) if chunked else body,
        headers={"Content-Type": "application/json"},
    )
    assert ("content-length" in response.request.headers) is not chunked
    assert assert_problem(response, 413, "request-too-large")["max_bytes"] == 2000
    assert api.owner.get("/api/projects").json()["items"] == []


@one_database
def test_upload_may_be_larger_than_json(make_api: Callable[..., Api]) -> None:
    api = make_api(max_json_bytes=2000)
    assert api.image(api.project(), noise_png(64, 64))


@one_database
@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\cat.png", "cat.png"),
        ("/", "image"),
        ("..", "image"),
        ("evil\u202egnp.exe", "evilgnp.exe"),
        ("Größe ü 猫.png", "Größe ü 猫.png"),
        ("x" * 300 + ".png", "x" * 251 + ".png"),
    ],
)
def test_name_of_a_file_is_cleaned(api: Api, sent: str, kept: str) -> None:
    answer = api.upload(api.project(), (sent, SMALL))
    assert [image["name"] for image in answer["images"]] == [kept]


@one_database
@pytest.mark.parametrize("character", ["\x07", "\x1f", "\x7f", "\0"])
def test_control_character_is_taken_out_of_a_name(api: Api, character: str) -> None:
    # Written by hand: a well-behaved client would quote it.
    response = api.owner.post(
        f"/api/projects/{api.project()}/images",
        content=_multipart(SMALL, f"a{character}b.png"),
        headers={"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"},
    )
    assert [image["name"] for image in response.json()["images"]] == ["ab.png"]


@one_database
def test_upload_without_files_is_refused(api: Api) -> None:
    path = f"/api/projects/{api.project()}/images"
    assert_problem(api.owner.post(path), 422, "invalid")
    assert_problem(api.owner.post(path, data={"files": "text"}), 422, "invalid")


@one_database
@pytest.mark.parametrize("data", [SMALL, rotated_jpeg()], ids=["png", "rotated jpeg"])
def test_file_answers_the_bytes_that_came(api: Api, data: bytes) -> None:
    image = api.image(api.project(), data)
    assert api.owner.get(f"/api/images/{image}/file").content == data


@one_database
def test_file_is_sent_under_its_name_and_type(api: Api) -> None:
    image = api.image(api.project(), rotated_jpeg(), "a b.bin")
    headers = api.owner.get(f"/api/images/{image}/file").headers
    assert headers["content-type"] == "image/jpeg"
    assert "a%20b.bin" in headers["content-disposition"]


@one_database
def test_rotated_photograph_is_measured_upright(api: Api) -> None:
    image = api.owner.get(f"/api/images/{api.image(api.project(), rotated_jpeg())}").json()
    assert (image["width"], image["height"]) == (40, 60)


@one_database
@pytest.mark.parametrize(
    ("what", "media_type"), [("display", "image/jpeg"), ("thumbnail", "image/webp")]
)
def test_rotated_photograph_is_shown_upright(api: Api, what: str, media_type: str) -> None:
    response = api.owner.get(f"/api/images/{api.image(api.project(), rotated_jpeg())}/{what}")
    pixels = pixels_of(response.content).astype(int)
    assert response.headers["content-type"] == media_type
    assert pixels.shape == (60, 40, 3)
    red_minus_blue = pixels[..., 0] - pixels[..., 2]
    assert red_minus_blue[:25].min() > 100
    assert red_minus_blue[35:].max() < -100


@one_database
def test_plain_picture_is_shown_as_it_came(api: Api, scene: Scene) -> None:
    response = api.owner.get(f"/api/images/{scene.image}/display")
    assert response.content == noise_png(64, 48)
    assert response.headers["content-type"] == "image/png"


@one_database
def test_thumbnail_is_at_most_320_pixels_a_side(api: Api) -> None:
    image = api.image(api.project(), noise_png(800, 400))
    assert pixels_of(api.owner.get(f"/api/images/{image}/thumbnail").content).shape == (160, 320, 3)


@one_database
@pytest.mark.parametrize("what", ["display", "thumbnail"])
def test_picture_asked_for_by_its_bytes_may_be_kept_by_the_browser_but_by_no_proxy(
    api: Api, scene: Scene, what: str
) -> None:
    path = f"/api/images/{scene.image}"
    version = api.owner.get(path).json()["sha256"][:12]
    cache = api.owner.get(f"{path}/{what}?v={version}").headers["cache-control"]
    assert {"private", "immutable", "max-age=31536000"} == set(cache.split(", "))


@one_database
@pytest.mark.parametrize(
    "target", ["display", "thumbnail", "display?v=000000000000", "thumbnail?v=", "file"]
)
def test_picture_asked_for_by_its_id_is_asked_for_again(
    api: Api, scene: Scene, target: str
) -> None:
    cache = api.owner.get(f"/api/images/{scene.image}/{target}").headers["cache-control"]
    assert set(cache.split(", ")) == {"private", "no-cache"}


@one_database
@pytest.mark.parametrize("what", ["display", "thumbnail"])
def test_picture_that_the_browser_has_is_not_sent_again(api: Api, scene: Scene, what: str) -> None:
    path = f"/api/images/{scene.image}/{what}"
    tag = api.owner.get(path).headers["etag"]
    again = api.owner.get(path, headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    other = api.owner.get(path, headers={"If-None-Match": '"another"'})
    assert other.status_code == 200


@one_database
def test_lost_thumbnail_is_made_again(api: Api, scene: Scene) -> None:
    path = f"/api/images/{scene.image}/thumbnail"
    before = api.owner.get(path).content
    for file in (api.context.settings.data_dir / "derived").rglob("*.webp"):
        file.unlink()
    assert api.owner.get(path).content == before


@one_database
@pytest.mark.parametrize("what", ["file", "display"])
def test_file_missing_from_the_disk_is_not_found(api: Api, scene: Scene, what: str) -> None:
    sha256 = api.owner.get(f"/api/images/{scene.image}").json()["sha256"]
    api.context.blobs.path(sha256).unlink()
    assert_problem(api.owner.get(f"/api/images/{scene.image}/{what}"), 404, "not-found")


def test_image_whose_file_is_missing_is_still_described(api: Api, scene: Scene) -> None:
    sha256 = api.owner.get(f"/api/images/{scene.image}").json()["sha256"]
    api.context.blobs.path(sha256).unlink()
    assert api.owner.get(f"/api/images/{scene.image}").status_code == 200


def _five(api: Api, project: int) -> list[int]:
    files = [(f"Cat-{seed}.png", noise_png(8, 8, seed)) for seed in range(5)]
    return [image["id"] for image in api.upload(project, *files)["images"]]


def test_pages_of_images_are_all_images_once(api: Api) -> None:
    project = api.project()
    ids = _five(api, project)
    seen: list[int] = []
    after: int | None = 0
    while after is not None:
        page = api.owner.get(
            f"/api/projects/{project}/images", params={"after": after, "limit": 2}
        ).json()
        assert page["total"] == 5
        seen += [image["id"] for image in page["items"]]
        after = page["next"]
    assert seen == ids


def test_page_does_not_shift_when_an_image_before_it_is_deleted(api: Api) -> None:
    project = api.project()
    ids = _five(api, project)
    path = f"/api/projects/{project}/images"
    first = api.owner.get(path, params={"limit": 2}).json()
    api.owner.delete(f"/api/images/{ids[0]}")
    second = api.owner.get(path, params={"limit": 2, "after": first["next"]}).json()
    assert [image["id"] for image in second["items"]] == ids[2:4]


def _found(api: Api, project: int, **filters: object) -> tuple[list[int], int]:
    params = {name: str(value) for name, value in filters.items()}
    page = api.owner.get(f"/api/projects/{project}/images", params=params).json()
    return [image["id"] for image in page["items"]], page["total"]


def test_images_are_filtered_by_state(api: Api) -> None:
    project = api.project()
    ids = _five(api, project)
    api.owner.patch(f"/api/images/{ids[3]}", json={"state": "done"})
    assert _found(api, project, state="done") == ([ids[3]], 1)
    assert _found(api, project, state="new", limit=1) == (ids[:1], 4)


def test_images_are_filtered_by_category(api: Api, scene: Scene) -> None:
    api.image(scene.project, SMALL)
    other = api.category(scene.project, "lorry")
    api.edit(scene.image, scene.create())
    assert _found(api, scene.project, category=scene.category) == ([scene.image], 1)
    assert _found(api, scene.project, category=other) == ([], 0)


@pytest.mark.parametrize(
    ("q", "places"), [("cat", [0, 1, 2, 3, 4]), ("T-3", [3]), ("%", []), ("_", []), ("dog", [])]
)
def test_images_are_found_by_a_part_of_their_name(api: Api, q: str, places: list[int]) -> None:
    project = api.project()
    ids = _five(api, project)
    assert _found(api, project, q=q) == ([ids[place] for place in places], len(places))


def test_images_are_found_by_a_name_in_any_case_beyond_ascii(api: Api) -> None:
    project = api.project()
    image = api.image(project, SMALL, "ÄPFEL.png")
    assert _found(api, project, q="äpfel") == ([image], 1)


@one_database
@pytest.mark.parametrize("filters", [{"state": "lost"}, {"category": "car"}, {"q": "x" * 201}])
def test_filter_that_cannot_be_is_refused(api: Api, filters: dict[str, str]) -> None:
    path = f"/api/projects/{api.project()}/images"
    assert_problem(api.owner.get(path, params=filters), 422, "invalid")


def test_category_beyond_64_bits_is_no_server_error(api: Api) -> None:
    path = f"/api/projects/{api.project()}/images"
    assert api.owner.get(path, params={"category": 2**70}).status_code in {200, 422}


def test_image_names_its_neighbours_in_its_project(api: Api) -> None:
    project = api.project()
    first = api.image(project, noise_png(8, 8, 1))
    api.image(api.project("Other"), SMALL)
    second, third = (api.image(project, noise_png(8, 8, seed)) for seed in (2, 3))
    around = [api.owner.get(f"/api/images/{image}").json() for image in (first, second, third)]
    assert [(image["previous_id"], image["next_id"]) for image in around] == [
        (None, second),
        (first, third),
        (second, None),
    ]


@pytest.mark.parametrize("state", ["in_progress", "done", "skipped", "new"])
def test_state_of_work_is_set(api: Api, scene: Scene, state: str) -> None:
    path = f"/api/images/{scene.image}"
    assert api.owner.patch(path, json={"state": state}).json()["state"] == state
    assert api.owner.get(path).json()["state"] == state


def test_state_of_work_is_not_set_over_one_that_somebody_else_set(api: Api, scene: Scene) -> None:
    path = f"/api/images/{scene.image}"
    done = {"state": "done", "was": ["new"]}
    assert api.owner.patch(path, json=done).json()["state"] == "done"
    # Sent again, as when the answer was lost.
    assert api.owner.patch(path, json=done).json()["state"] == "done"
    late = {"state": "skipped", "was": ["new", "in_progress"]}
    assert assert_problem(api.owner.patch(path, json=late), 409, "conflict")["state"] == "done"
    assert api.owner.get(path).json()["state"] == "done"
    over = {"state": "skipped", "was": ["new", "done"]}
    assert api.owner.patch(path, json=over).json()["state"] == "skipped"


@one_database
def test_unknown_state_of_work_is_refused(api: Api, scene: Scene) -> None:
    response = api.owner.patch(f"/api/images/{scene.image}", json={"state": "lost"})
    assert assert_problem(response, 422, "invalid")["errors"][0]["pointer"] == "#/state"


def test_deleted_image_is_gone(api: Api, scene: Scene) -> None:
    api.edit(scene.image, scene.create())
    assert api.owner.delete(f"/api/images/{scene.image}").status_code == 204
    assert_problem(api.owner.get(f"/api/images/{scene.image}"), 404, "not-found")
    assert _found(api, scene.project) == ([], 0)


def test_deleted_image_can_be_uploaded_again_under_a_new_id(api: Api, scene: Scene) -> None:
    api.owner.delete(f"/api/images/{scene.image}")
    assert api.image(scene.project) > scene.image


@one_database
def test_upload_field_of_another_name_is_refused(api: Api) -> None:
    path = f"/api/projects/{api.project()}/images"
    files = [("pictures", file) for _, file in parts(("a.png", SMALL))]
    assert_problem(api.owner.post(path, files=files), 422, "invalid")
