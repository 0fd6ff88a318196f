"""The server under test, its users, and short ways to make what a test starts from."""

from __future__ import annotations

import re
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from fastapi import FastAPI

from segmentarium.api.context import AppContext
from segmentarium.storage.projects import Role
from segmentarium.storage.tables import MembershipRow
from segmentarium.storage.users import SecretKind, ensure_user, issue_secret
from tests.api.pictures import noise_png

with warnings.catch_warnings():
    # Starlette's test client asks for another HTTP library than the one that is pinned.
    warnings.simplefilter("ignore", DeprecationWarning)
    warnings.simplefilter("ignore", UserWarning)
    from starlette.testclient import TestClient as TestClient

BASE_URL = "http://127.0.0.1"
ERRORS_PAGE = Path(__file__).resolve().parents[2] / "docs" / "errors.md"
SECTIONS = frozenset(re.findall(r"^## (\S+)$", ERRORS_PAGE.read_text(), re.MULTILINE))
SQUARE = [[[10.0, 10.0, 30.0, 10.0, 30.0, 30.0, 10.0, 30.0]]]

Json = Any

# For answers that are given before a database is asked, or whatever it says.
one_database = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@dataclass(frozen=True, slots=True)
class Api:
    """A running application and the client of its owner."""

    app: FastAPI
    owner: TestClient
    executor: ThreadPoolExecutor

    @property
    def context(self) -> AppContext:
        """The parts of the application."""
        context: AppContext = self.app.state.context
        return context

    def anonymous(self, **options: Any) -> TestClient:
        """A client that is not signed in."""
        return TestClient(self.app, base_url=BASE_URL, **options)

    def secret(self, kind: SecretKind, name: str = "owner") -> str:
        """A new secret of a user, who is made if there is none."""
        with self.context.database.write() as session:
            return issue_secret(session, ensure_user(session, name), kind)

    def sign_in(self, name: str) -> TestClient:
        """A client signed in as that user."""
        client = self.anonymous()
        response = client.post("/api/session", json={"token": self.secret("sign_in", name)})
        assert response.status_code == 200, response.text
        return client

    def member(self, name: str, project_id: int, role: Role) -> TestClient:
        """A client signed in as a member of a project."""
        client = self.sign_in(name)
        with self.context.database.write() as session:
            user = ensure_user(session, name)
            session.add(MembershipRow(user_id=user.id, project_id=project_id, role=role))
        return client

    def project(self, name: str = "Street") -> int:
        """A new project's id."""
        return int(self._made("/api/projects", {"name": name})["id"])

    def category(self, project_id: int, name: str = "car", **values: Json) -> int:
        """A new category's id."""
        path = f"/api/projects/{project_id}/categories"
        return int(self._made(path, {"name": name, **values})["id"])

    def upload(self, project_id: int, *files: tuple[str, bytes]) -> Json:
        """The answer to an upload."""
        response = self.owner.post(f"/api/projects/{project_id}/images", files=parts(*files))
        assert response.status_code == 200, response.text
        return response.json()

    def image(self, project_id: int, data: bytes | None = None, name: str = "a.png") -> int:
        """A new image's id; 64 × 48 pixels of noise when no bytes are given."""
        answer = self.upload(project_id, (name, data or noise_png(64, 48)))
        assert len(answer["images"]) == 1, answer
        return int(answer["images"][0]["id"])

    def edit(self, image_id: int, *edits: Json) -> Json:
        """The results of edits that are applied."""
        response = self.owner.post(f"/api/images/{image_id}/edits", json={"edits": list(edits)})
        assert response.status_code == 200, response.text
        return response.json()["results"]

    def annotations(self, image_id: int) -> list[Json]:
        """The annotations of an image."""
        items: list[Json] = self.owner.get(f"/api/images/{image_id}/annotations").json()["items"]
        return items

    def export(self, project_id: int, format_: str = "coco", **options: Json) -> Json:
        """The job of an export that was started."""
        response = self.owner.post(
            f"/api/projects/{project_id}/exports", json={"format": format_, "options": options}
        )
        assert response.status_code == 202, response.text
        return response.json()

    def ended(self, job_id: int) -> Json:
        """The job when it is no longer queued or running."""
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            job = self.owner.get(f"/api/jobs/{job_id}").json()
            if job["state"] not in {"queued", "running"}:
                return job
            time.sleep(0.02)
        raise TimeoutError(f"job {job_id} did not end")

    def _made(self, path: str, body: Json) -> Json:
        response = self.owner.post(path, json=body)
        assert response.status_code == 201, response.text
        return response.json()


@dataclass(frozen=True, slots=True)
class Scene:
    """A project with one category and one image of 64 × 48 pixels."""

    project: int
    category: int
    image: int

    @property
    def edits(self) -> str:
        """Where edits of the image go."""
        return f"/api/images/{self.image}/edits"

    def create(self, segmentation: Json = SQUARE, **values: Json) -> Json:
        """An edit that makes an annotation."""
        return {
            "edit_id": str(uuid4()),
            "op": "create",
            "annotation_id": str(uuid4()),
            "annotation": {"category_id": self.category, "segmentation": segmentation, **values},
        }


def change(created: Json, op: str, base_revision: int, **values: Json) -> Json:
    """An edit of the annotation that another edit made."""
    edit = {**created, "edit_id": str(uuid4()), "op": op, "base_revision": base_revision}
    return edit | {
        "annotation": None if op == "delete" else {**created["annotation"], **values},
    }


def parts(*files: tuple[str, bytes]) -> list[tuple[str, tuple[str, bytes]]]:
    """The multipart field of an upload."""
    return [("files", file) for file in files]


def assert_problem(response: Any, status: int, slug: str) -> Json:
    """The problem that a response is: with this status and type, and its type described in the documentation."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert problem["type"] == f"/docs/errors#{slug}"
    assert slug in SECTIONS
    assert problem["status"] == status
    assert problem["title"]
    assert problem["detail"]
    assert problem["instance"] == response.request.url.path
    return problem
