"""A running application on each kind of database, and a project to work on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from segmentarium.main import create_app
from segmentarium.settings import Settings
from tests.api.client import BASE_URL, Api, Scene, TestClient

INDEX = "<!doctype html><title>Segmentarium</title>"


@pytest.fixture
def frontend(tmp_path: Path) -> Path:
    """The folder of a built frontend."""
    folder = tmp_path / "dist"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text(INDEX)
    (folder / "favicon.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    (folder / "assets" / "index-1a2b.js").write_text("export {};")
    return folder


@pytest.fixture
def make_api(database_url: str, tmp_path: Path, frontend: Path) -> Iterator[Callable[..., Api]]:
    """Starts an application with settings of one's own, its owner signed in."""
    with ExitStack() as stack:

        def make(**settings: Any) -> Api:
            executor = stack.enter_context(ThreadPoolExecutor(1))
            values = {
                "data_dir": tmp_path / "data",
                "database_url": database_url,
                "frontend_dir": frontend,
            }
            app = create_app(Settings(**{**values, **settings}), make_executor=lambda: executor)
            owner = stack.enter_context(TestClient(app, base_url=BASE_URL))
            api = Api(app, owner, executor)
            response = owner.post("/api/session", json={"token": api.secret("sign_in")})
            assert response.status_code == 200, response.text
            return api

        yield make


@pytest.fixture
def api(make_api: Callable[..., Api]) -> Api:
    """An application with the settings of a fresh installation."""
    return make_api()


@pytest.fixture
def scene(api: Api) -> Scene:
    """A project with one category and one image of 64 × 48 pixels."""
    project = api.project()
    return Scene(project, api.category(project), api.image(project))
