"""Two transactions at once: the second begins while the first has written and not yet committed.

SQLite makes the second wait until the first is done; PostgreSQL lets both run, and only locks keep them apart.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TypeVar
from uuid import uuid4

import pytest
from sqlalchemy.orm import Session

from segmentarium.core.errors import (
    CategoryInUse,
    Conflict,
    EditIdReused,
    InvalidAnnotation,
    NotFound,
)
from segmentarium.storage.categories import create_category, delete_category, list_categories
from segmentarium.storage.database import Database
from segmentarium.storage.edit_log import Content, Edit, EditResult
from segmentarium.storage.edits import apply_edits
from segmentarium.storage.images import add_images, get_image, lock_image, set_state
from segmentarium.storage.tables import ImageRow
from segmentarium.storage.users import User, ensure_user
from tests.storage.conftest import Drawing
from tests.storage.values import content, create, new_image

T = TypeVar("T")

BEGINS_S = 0.3  # long enough for the second transaction to run into the first


@pytest.fixture
def written(drawing: Drawing) -> Content:
    """What the edits write."""
    return content(drawing.category_id)


def overlap(
    database: Database, first: Callable[[Session], object], second: Callable[[Session], T]
) -> T:
    """What the second transaction answers that began before the first was committed."""

    def run() -> T:
        with database.write() as session:
            return second(session)

    with ThreadPoolExecutor(1) as pool:
        with database.write() as session:
            first(session)
            session.flush()
            later = pool.submit(run)
            wait([later], timeout=BEGINS_S)
        return later.result()


def editing(drawing: Drawing, image_id: int, edit: Edit) -> Callable[[Session], list[EditResult]]:
    """One edit of an image, within a given transaction."""
    return lambda session: apply_edits(
        session, lock_image(session, image_id), drawing.owner, [edit]
    )


def test_a_category_is_not_deleted_under_an_annotation_being_made(
    drawing: Drawing, written: Content
) -> None:
    with pytest.raises(CategoryInUse):
        overlap(
            drawing.database,
            editing(drawing, drawing.image_id, create(written)),
            lambda session: delete_category(session, drawing.category_id),
        )
    assert len(drawing.annotations) == drawing.image.annotation_count == 1


def test_an_annotation_cannot_take_a_category_being_deleted(
    drawing: Drawing, written: Content
) -> None:
    with pytest.raises(InvalidAnnotation, match="no category"):
        overlap(
            drawing.database,
            lambda session: delete_category(session, drawing.category_id),
            editing(drawing, drawing.image_id, create(written)),
        )


def test_bytes_uploaded_twice_at_once_are_one_image(database: Database, project_id: int) -> None:
    added, duplicates = overlap(
        database,
        lambda session: add_images(session, project_id, [new_image("cat.png")]),
        lambda session: add_images(session, project_id, [new_image("cat.png")]),
    )
    assert (len(added), len(duplicates)) == (0, 1)


def test_one_annotation_id_on_two_images_at_once_is_a_conflict(
    drawing: Drawing, written: Content
) -> None:
    annotation_id, other = uuid4(), drawing.add_image("other.png")
    with pytest.raises(Conflict):
        overlap(
            drawing.database,
            editing(drawing, drawing.image_id, create(written, annotation_id)),
            editing(drawing, other, create(written, annotation_id)),
        )


def test_one_edit_id_on_two_images_at_once_is_refused(drawing: Drawing, written: Content) -> None:
    edit_id, other = uuid4(), drawing.add_image("other.png")
    with pytest.raises(EditIdReused):
        overlap(
            drawing.database,
            editing(drawing, drawing.image_id, Edit(edit_id, "create", uuid4(), 0, written)),
            editing(drawing, other, Edit(edit_id, "create", uuid4(), 0, written)),
        )


def test_an_edit_of_an_image_being_deleted_finds_no_image(
    drawing: Drawing, written: Content
) -> None:
    with pytest.raises(NotFound):
        overlap(
            drawing.database,
            lambda session: session.delete(get_image(session, drawing.image_id)),
            editing(drawing, drawing.image_id, create(written)),
        )


def test_categories_made_at_once_share_no_hotkey_colour_or_position(
    database: Database, project_id: int
) -> None:
    overlap(
        database,
        lambda session: create_category(session, project_id, "cat"),
        lambda session: create_category(session, project_id, "dog"),
    )
    with database.read() as session:
        one, other = list_categories(session, project_id)
    assert one.hotkey != other.hotkey
    assert one.color != other.color
    assert one.position != other.position


def test_a_user_made_twice_at_once_is_one_user(database: Database) -> None:
    made: list[User] = []
    found = overlap(
        database,
        lambda session: made.append(ensure_user(session, "grace")),
        lambda session: ensure_user(session, "grace"),
    )
    assert [found] == made


def test_of_two_states_over_the_same_one_the_second_is_refused(drawing: Drawing) -> None:
    def setting(state: str) -> Callable[[Session], ImageRow]:
        return lambda session: set_state(
            session, lock_image(session, drawing.image_id), state, ["new"]
        )

    with pytest.raises(Conflict, match="is done"):
        overlap(drawing.database, setting("done"), setting("skipped"))
    assert drawing.image.state == "done"
