"""Fixtures for the storage tests: an open database with an owner, a project, an image and a category."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import pytest

from segmentarium.storage.annotations import Annotation, list_annotations
from segmentarium.storage.categories import create_category
from segmentarium.storage.database import Database
from segmentarium.storage.edit_log import Edit, EditResult
from segmentarium.storage.edits import apply_edits
from segmentarium.storage.images import add_images, get_image, lock_image
from segmentarium.storage.projects import create_project
from segmentarium.storage.tables import ImageRow
from segmentarium.storage.users import User, ensure_user
from tests.storage.values import new_image


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An open database, on each kind in turn."""
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture
def owner(database: Database) -> User:
    """Who owns the project."""
    with database.write() as session:
        return ensure_user(session, "ada")


@pytest.fixture
def project_id(database: Database, owner: User) -> int:
    """A project without images or categories."""
    with database.write() as session:
        return create_project(session, owner, "Street")


@dataclass(frozen=True)
class Drawing:
    """An image of 20 × 10 pixels in a project with one category."""

    database: Database
    owner: User
    project_id: int
    image_id: int
    category_id: int

    def apply(self, *edits: Edit, image_id: int | None = None) -> list[EditResult]:
        """Apply edits in one transaction."""
        with self.database.write() as session:
            image = lock_image(session, image_id or self.image_id)
            return apply_edits(session, image, self.owner, edits)

    @property
    def annotations(self) -> list[Annotation]:
        """The annotations of the image."""
        with self.database.read() as session:
            return list_annotations(session, self.image_id)

    @property
    def revisions(self) -> dict[UUID, int]:
        """The annotations that there are, with their revisions."""
        return {annotation.id: annotation.revision for annotation in self.annotations}

    @property
    def image(self) -> ImageRow:
        """The image as stored."""
        with self.database.read() as session:
            return get_image(session, self.image_id)

    def add_image(self, name: str) -> int:
        """Another image of the project; its id."""
        with self.database.write() as session:
            rows, _ = add_images(session, self.project_id, [new_image(name)])
            return rows[0].id


@pytest.fixture
def drawing(database: Database, owner: User, project_id: int) -> Drawing:
    """An image with nothing on it."""
    with database.write() as session:
        rows, _ = add_images(session, project_id, [new_image("street.png")])
        category = create_category(session, project_id, "car")
        return Drawing(database, owner, project_id, rows[0].id, category.id)
