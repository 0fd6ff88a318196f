"""The sample project of a first start."""

import pytest

from segmentarium.services.samples import NAME, create_sample_project, store_sample_images
from segmentarium.services.uploads import UploadLimits, thumbnail_path
from segmentarium.storage.annotations import list_annotations
from segmentarium.storage.blobs import BlobStore
from segmentarium.storage.categories import list_categories
from segmentarium.storage.database import Database
from segmentarium.storage.images import all_images
from segmentarium.storage.projects import get_project
from segmentarium.storage.tables import ImageRow
from segmentarium.storage.users import User, ensure_user


@pytest.fixture
def sample(database: Database, blobs: BlobStore, limits: UploadLimits) -> tuple[User, int]:
    """The user and the project."""
    images = store_sample_images(blobs, limits)
    with database.write() as session:
        user = ensure_user(session, "ada")
        return user, create_sample_project(session, user, images)


def test_the_sample_project_belongs_to_its_user(
    database: Database, sample: tuple[User, int]
) -> None:
    with database.read() as session:
        project = get_project(session, *sample)
    assert (project.name, project.role, project.image_count) == (NAME, "owner", 4)


def test_its_images_have_thumbnails(
    database: Database, blobs: BlobStore, sample: tuple[User, int]
) -> None:
    with database.read() as session:
        images = all_images(session, sample[1])
    assert all(thumbnail_path(blobs, image.sha256).is_file() for image in images)


def test_its_annotations_lie_on_the_cup_and_the_person(
    database: Database, sample: tuple[User, int]
) -> None:
    with database.read() as session:
        names = {c.id: c.name for c in list_categories(session, sample[1])}
        found = {
            image.name: [names[a.category_id] for a in list_annotations(session, image.id)]
            for image in all_images(session, sample[1])
        }
    assert found == {
        "cat.png": [],
        "coffee.png": ["cup"],
        "astronaut.png": ["person"],
        "coins.png": [],
    }


def test_its_annotations_lie_within_their_images(
    database: Database, sample: tuple[User, int]
) -> None:
    with database.read() as session:
        for image in all_images(session, sample[1]):
            assert all(
                lies_within(annotation.bbox_xywh, image)
                for annotation in list_annotations(session, image.id)
            )


def lies_within(bbox: tuple[float, float, float, float], image: ImageRow) -> bool:
    x, y, w, h = bbox
    return x >= 0 and y >= 0 and x + w <= image.width and y + h <= image.height and w * h > 1000
