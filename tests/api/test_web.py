"""Problems that no route answers, the pages, and the contract as a whole."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from segmentarium.core.errors import AppError
from tests.api.client import ERRORS_PAGE, SECTIONS, Api, Scene, assert_problem, one_database
from tests.api.conftest import INDEX
from tests.api.routes import contract


def _errors(root: type[AppError] = AppError) -> Iterator[type[AppError]]:
    yield root
    for one in root.__subclasses__():
        yield from _errors(one)


@pytest.mark.parametrize("error", list(_errors()), ids=lambda one: one.slug)
def test_every_error_has_a_section_in_the_documentation(error: type[AppError]) -> None:
    assert error.slug in SECTIONS


@one_database
@pytest.mark.parametrize("path", ["/api/nothing", "/api/projects/1/nothing", "/api/projects/"])
def test_unknown_path_is_a_problem(api: Api, path: str) -> None:
    assert_problem(api.owner.get(path, follow_redirects=False), 404, "not-found")


@one_database
@pytest.mark.parametrize(
    ("method", "path"),
    [("PUT", "/api/projects"), ("DELETE", "/api/formats"), ("POST", "/api/health"), ("POST", "/")],
)
def test_wrong_method_is_a_problem(api: Api, method: str, path: str) -> None:
    assert_problem(api.owner.request(method, path), 405, "method-not-allowed")


@one_database
def test_get_of_a_path_that_takes_no_get_is_a_wrong_method(api: Api, scene: Scene) -> None:
    assert_problem(api.owner.get(scene.edits), 405, "method-not-allowed")


@one_database
def test_unexpected_error_tells_nothing_of_the_inside(api: Api) -> None:
    def fail() -> None:
        raise RuntimeError("the safe stands behind the picture")

    api.app.router.add_api_route("/api/throw-away", fail)
    api.app.router.routes.insert(0, api.app.router.routes.pop())
    headers = {"Authorization": f"Bearer {api.secret('token')}"}
    client = api.anonymous(raise_server_exceptions=False)
    response = client.get("/api/throw-away", headers=headers)
    assert_problem(response, 500, "error")
    assert "safe" not in response.text
    assert "RuntimeError" not in response.text


@one_database
@pytest.mark.parametrize("path", ["/", "/projects/1/images/2", "/sign-in", "/index.html"])
def test_every_page_is_the_frontend(api: Api, path: str) -> None:
    response = api.anonymous().get(path)
    assert (response.status_code, response.text) == (200, INDEX)
    assert response.headers["cache-control"] == "no-cache"


@one_database
def test_asset_may_be_kept_for_ever(api: Api) -> None:
    response = api.anonymous().get("/assets/index-1a2b.js")
    assert response.text == "export {};"
    assert "immutable" in response.headers["cache-control"]


@one_database
def test_missing_asset_is_not_found(api: Api) -> None:
    assert_problem(api.anonymous().get("/assets/none.js"), 404, "not-found")


@one_database
def test_icon_is_served(api: Api) -> None:
    assert api.anonymous().get("/favicon.svg").headers["content-type"] == "image/svg+xml"


@one_database
@pytest.mark.parametrize(
    "path",
    ["/assets/..%2f..%2fsegmentarium.sqlite", "/..%2fsegmentarium.sqlite", "/assets/%2e%2e/x"],
)
def test_path_that_climbs_reaches_no_file(api: Api, path: str) -> None:
    response = api.anonymous().get(path)
    assert response.text == INDEX or response.status_code == 404


@one_database
def test_frontend_that_is_not_built_is_said_so(
    make_api: Callable[..., Api], tmp_path: Path
) -> None:
    response = make_api(frontend_dir=tmp_path / "none").anonymous().get("/")
    assert response.status_code == 503
    assert "not built" in response.text


@one_database
def test_page_of_problems_is_served(api: Api) -> None:
    response = api.anonymous().get("/docs/errors")
    assert response.text == ERRORS_PAGE.read_text()
    assert response.headers["content-type"].startswith("text/")


@one_database
def test_page_of_problems_that_is_not_installed_is_not_found(
    make_api: Callable[..., Api], tmp_path: Path
) -> None:
    api = make_api(docs_dir=tmp_path / "none")
    assert_problem(api.anonymous().get("/docs/errors"), 404, "not-found")


def test_operation_ids_of_the_contract_are_unique() -> None:
    ids = [
        operation["operationId"]
        for operations in contract()["paths"].values()
        for operation in operations.values()
    ]
    assert len(set(ids)) == len(ids)
