"""A project's annotations as the truth, on each kind of database."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import pytest

from segmentarium.core.annotation import rle_to_json
from segmentarium.core.errors import NotFound
from segmentarium.core.rle import mask_to_rle
from segmentarium.services.evaluation.contenders import contender
from segmentarium.services.evaluation.project import Choice, read_project
from segmentarium.services.evaluation.run import evaluate
from segmentarium.services.evaluation.targets import Source
from segmentarium.services.uploads import UploadLimits, store_image
from segmentarium.storage.blobs import BlobStore
from segmentarium.storage.categories import create_category
from segmentarium.storage.database import Database
from segmentarium.storage.edit_log import Content, Edit
from segmentarium.storage.edits import apply_edits
from segmentarium.storage.images import add_images, lock_image
from segmentarium.storage.projects import create_project
from segmentarium.storage.users import ensure_user
from tests.services.evaluation.engines import Filled
from tests.services.evaluation.indices import rectangle
from tests.services.pictures import file_of, noise

SQUARE = [[[2, 2, 22, 2, 22, 22, 2, 22]]]
TRIANGLE = [[[0, 0, 20, 0, 0, 20]]]
SMALL = [[[2, 2, 5, 2, 5, 5, 2, 5]]]


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An open database, on each kind in turn."""
    database = Database(database_url)
    yield database
    database.close()


@dataclass(frozen=True)
class Project:
    """A project of two images, 30 × 40 pixels as they are shown; the second is turned by its EXIF orientation."""

    database: Database
    blobs: BlobStore
    id: int
    categories: dict[str, int]
    images: tuple[int, ...]

    def annotate(self, image: int, category: str, segmentation: Any = SQUARE, **more: Any) -> str:
        """An annotation; its id."""
        id_ = uuid4()
        content = Content(self.categories[category], segmentation, **more)
        with self.database.write() as session:
            locked = lock_image(session, self.images[image])
            user = ensure_user(session, "ada")
            apply_edits(session, locked, user, [Edit(uuid4(), "create", id_, 0, content)])
        return str(id_)

    def read(self, **choice: Any) -> Source:
        """As it is evaluated."""
        with self.database.snapshot() as session:
            return read_project(session, self.blobs, self.id, "Street", Choice(**choice))


@pytest.fixture
def project(database: Database, blobs: BlobStore, limits: UploadLimits) -> Project:
    files = {
        "a.png": file_of(noise(40, 30, 1)),
        "b.png": file_of(np.ascontiguousarray(np.rot90(noise(40, 30, 2))), orientation=6),
    }
    stored = [store_image(blobs, name, file, limits) for name, file in files.items()]
    with database.write() as session:
        project_id = create_project(session, ensure_user(session, "ada"), "Street")
        categories = {
            "cat": create_category(session, project_id, "cat").id,
            "dog": create_category(session, project_id, "dog").id,
            "grass": create_category(session, project_id, "grass", isthing=False).id,
        }
        rows, _ = add_images(session, project_id, stored)
        return Project(database, blobs, project_id, categories, tuple(row.id for row in rows))


def test_annotations_are_targets_with_their_tight_boxes(project: Project) -> None:
    first = project.annotate(0, "cat")
    second = project.annotate(1, "dog", TRIANGLE)
    one, other = project.read().targets
    assert (one.id, one.image, one.domain, one.bbox_xywh) == (first, "a.png", "cat", (2, 2, 20, 20))
    assert (other.id, other.image, other.domain) == (second, "b.png", "dog")
    assert (other.width, other.height) == (30, 40)


def test_the_annotation_is_the_truth(project: Project) -> None:
    project.annotate(0, "cat")
    (target,) = project.read().targets
    assert np.array_equal(target.read_truth(), rectangle(40, 30, 2, 2, 20, 20))


def test_an_rle_is_the_truth_as_well(project: Project) -> None:
    mask = rectangle(40, 30, 5, 6, 12, 13)
    project.annotate(0, "cat", rle_to_json(mask_to_rle(mask)))
    (target,) = project.read().targets
    assert np.array_equal(target.read_truth(), mask)


def test_engines_are_measured_against_it(project: Project) -> None:
    project.annotate(0, "cat")
    project.annotate(1, "cat", TRIANGLE)
    square, triangle = evaluate([contender(Filled())], project.read().targets, clicks=0)
    assert square.iou == 1
    width, height = triangle.target.bbox_xywh[2:]
    assert triangle.iou == triangle.target.read_truth().sum() / (width * height)


def test_what_is_left_out_is_counted(project: Project) -> None:
    kept = project.annotate(0, "cat")
    project.annotate(0, "cat", SMALL)
    project.annotate(0, "grass")
    project.annotate(0, "dog", iscrowd=True)
    project.annotate(1, "dog", iscrowd=True)
    source = project.read()
    assert [target.id for target in source.targets] == [kept]
    assert source.notes == ("Left out: 2 groups, 1 stuff, 1 under 100 pixels.",)


def test_the_limits_of_what_is_left_out_can_be_set(project: Project) -> None:
    asked = {project.annotate(0, "cat", SMALL), project.annotate(0, "grass")}
    source = project.read(min_area_px=9, with_stuff=True)
    assert {target.id for target in source.targets} == asked
    assert source.notes == ()


def test_annotations_that_began_as_proposals_are_told(project: Project) -> None:
    project.annotate(0, "cat", source="grabcut", score=0.9)
    project.annotate(1, "cat")
    source = project.read()
    assert len(source.targets) == 2
    assert "1 grabcut" in source.notes[0]


def test_they_can_be_left_out(project: Project) -> None:
    project.annotate(0, "cat", source="grabcut", score=0.9)
    drawn = project.annotate(1, "cat")
    source = project.read(only_by_hand=True)
    assert [target.id for target in source.targets] == [drawn]
    assert source.notes == ("Left out: 1 begun as proposals.",)


def test_a_project_without_annotations_is_refused(project: Project) -> None:
    project.annotate(0, "grass")
    with pytest.raises(NotFound, match=r"Street has no annotation to ask for\. Left out: 1 stuff"):
        project.read()


def test_a_file_that_is_gone_is_named(project: Project, tmp_path: Path) -> None:
    project.annotate(0, "cat")
    for path in (tmp_path / "data" / "blobs").rglob("*"):
        if path.is_file():
            path.unlink()
    with pytest.raises(NotFound, match=r"a\.png"):
        project.read()
