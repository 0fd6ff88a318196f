"""Imports while others work: what they delete and make meanwhile ends no import."""

from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import pytest
from sqlalchemy import event

from segmentarium.core.annotation import Category
from segmentarium.core.errors import AppError, Forbidden, NotFound
from segmentarium.services.import_categories import ImportedCategories
from segmentarium.storage.categories import category_ids, create_category, delete_category
from segmentarium.storage.database import Database
from segmentarium.storage.dataset_files import FolderFiles
from segmentarium.storage.images import get_image
from segmentarium.storage.projects import delete_project
from segmentarium.storage.tables import MembershipRow
from segmentarium.storage.users import ensure_user
from tests.formats.dataset import CATEGORIES
from tests.services.importing import Project

LAST = "Ünïcode 图.webp"


class Meanwhile(FolderFiles):
    """A folder at the last of whose pictures something happens to the project."""

    def __init__(self, root: Path, happen: Callable[[], None]) -> None:
        super().__init__(root)
        self._happen = happen

    def open(self, name: str) -> BinaryIO:
        """See `Files.open`."""
        if name.endswith(LAST):
            self._happen()
        return super().open(name)


def delete_grass(project: Project) -> None:
    with project.database.write() as session:
        delete_category(session, category_ids(session, project.id)["grass"])


def test_a_category_that_was_deleted_meanwhile_is_made_again(project: Project, coco: Path) -> None:
    with project.database.write() as session:
        create_category(session, project.id, "grass")
    result = project.take(Meanwhile(coco, lambda: delete_grass(project)))
    assert (result.problems, result.counts["new_annotations"]) == ([], 5)
    assert "grass" in project.categories()


def test_annotations_of_a_category_that_may_not_be_made_again_are_problems(
    project: Project, coco: Path
) -> None:
    with project.database.write() as session:
        for category in CATEGORIES:
            create_category(session, project.id, category.name)
        project.user = ensure_user(session, "eve")
        member = MembershipRow(user_id=project.user.id, project_id=project.id, role="annotator")
        session.add(member)
    result = project.take(Meanwhile(coco, lambda: delete_grass(project)))
    assert result.counts["new_annotations"] == 4
    (problem,) = result.problems
    assert "'grass' was deleted while the import ran" in problem.detail


def test_a_strict_import_is_not_left_half_way_by_what_others_do(
    project: Project, coco: Path
) -> None:
    project.take(coco)
    gone = project.images()["cat 1.jpg"]
    times = iter((lambda: None, lambda: delete_image(project, gone)))  # looked through, then read
    result = project.take(Meanwhile(coco, lambda: next(times)()), is_strict=True)
    assert [one.detail[:21] for one in result.problems] == ["The image was deleted"]
    assert result.counts["unchanged"] == 1


def delete_image(project: Project, image_id: int) -> None:
    with project.database.write() as session:
        session.delete(get_image(session, image_id))


def test_an_import_that_fails_before_its_first_image_makes_no_category(
    project: Project, coco: Path
) -> None:
    def fail() -> None:
        raise RuntimeError("The worker ended.")

    with pytest.raises(RuntimeError, match=r"The worker ended\."):
        project.take(Meanwhile(coco, fail))
    assert (project.categories(), project.images()) == ([], {})


def test_an_image_that_was_deleted_meanwhile_is_a_problem(project: Project, coco: Path) -> None:
    project.take(coco)
    gone = project.images()["cat 1.jpg"]

    result = project.take(Meanwhile(coco, lambda: delete_image(project, gone)))
    assert [(one.file, one.detail[:21]) for one in result.problems] == [
        ("cat 1.jpg", "The image was deleted")
    ]
    assert result.counts["unchanged"] == 1
    assert project.take(coco).counts["new_images"] == 1


def lose_role(project: Project) -> None:
    with project.database.write() as session:
        row = session.get_one(MembershipRow, (project.user.id, project.id))
        row.role = "viewer"


def lose_project(project: Project) -> None:
    with project.database.write() as session:
        delete_project(session, project.id)


@pytest.mark.parametrize(
    ("happen", "error"), [(lose_role, Forbidden), (lose_project, NotFound)], ids=["role", "project"]
)
def test_an_import_of_who_may_not_annotate_any_more_ends_and_adds_nothing(
    project: Project,
    coco: Path,
    happen: Callable[[Project], None],
    error: type[AppError],
) -> None:
    with pytest.raises(error):
        project.take(Meanwhile(coco, lambda: happen(project)))
    assert (project.images(), project.categories()) == ({}, [])


def test_a_category_that_somebody_made_meanwhile_is_taken(project: Project) -> None:
    cat, dog = Category(7, "cat", "#102030"), Category(8, "dog", "#102030")
    ours = ImportedCategories(project.user, project.id, [cat, dog])
    with project.database.read() as session:
        assert ours.match(session) == [cat, dog]
    with project.database.write() as session:
        made = create_category(session, project.id, "Cat").id
    with project.database.write() as session:
        ours.make(session)
    assert project.categories() == ["Cat", "dog"]
    assert ours.id_of(7) == made


def test_many_categories_take_no_more_statements_than_few(
    project: Project, database: Database
) -> None:
    counts = []
    for first, count in ((0, 2), (1_000, 300)):
        told = [Category(n, f"category {n}", "#102030") for n in range(first, first + count)]
        statements: list[str] = []
        with database.write() as session:
            event.listen(
                session.connection(),
                "before_cursor_execute",
                lambda *given, into=statements: into.append(given[2]),
            )
            ImportedCategories(project.user, project.id, told).make(session)
        counts.append(len(statements))
    assert len(project.categories()) == 302
    assert counts[0] == counts[1] > 0
