from typing import get_args

import pytest
from sqlalchemy import func, select

from segmentarium.core.errors import Forbidden, NameTaken, NotFound
from segmentarium.storage.database import Database
from segmentarium.storage.images import add_images, get_image
from segmentarium.storage.jobs import create_job
from segmentarium.storage.projects import (
    Role,
    create_project,
    delete_project,
    get_project,
    has_projects,
    list_projects,
    project_named,
    require_role,
    update_project,
)
from segmentarium.storage.tables import MembershipRow, Table
from segmentarium.storage.users import User, ensure_user
from tests.storage.conftest import Drawing
from tests.storage.values import content, create, delete, new_image

ROLES: tuple[Role, ...] = get_args(Role)
RANKS: dict[Role, int] = {"viewer": 0, "annotator": 1, "owner": 2}


def test_the_maker_of_a_project_owns_it(database: Database, owner: User, project_id: int) -> None:
    with database.read() as session:
        assert get_project(session, owner, project_id).role == "owner"


def test_a_project_keeps_its_description(database: Database, owner: User) -> None:
    with database.write() as session:
        made = create_project(session, owner, "Sky", "Clouds over the sea")
    with database.read() as session:
        assert get_project(session, owner, made).description == "Clouds over the sea"


def test_a_new_project_has_nothing_in_it(database: Database, owner: User, project_id: int) -> None:
    with database.read() as session:
        project = get_project(session, owner, project_id)
    assert (project.image_count, project.done_count, project.annotation_count) == (0, 0, 0)
    assert project.cover_image_ids == []


@pytest.mark.usefixtures("project_id")
def test_two_projects_cannot_have_one_name(database: Database, owner: User) -> None:
    with pytest.raises(NameTaken, match="'Street'"), database.write() as session:
        create_project(session, owner, "Street")


@pytest.mark.usefixtures("project_id")
def test_a_project_cannot_take_the_name_of_another(database: Database, owner: User) -> None:
    with database.write() as session:
        sky = create_project(session, owner, "Sky")
    with pytest.raises(NameTaken, match="'Street'"), database.write() as session:
        update_project(session, sky, "Street", None)


def test_renaming_keeps_the_description(database: Database, owner: User) -> None:
    with database.write() as session:
        made = create_project(session, owner, "Sky", "Clouds")
        update_project(session, made, "Heaven", None)
    with database.read() as session:
        project = get_project(session, owner, made)
    assert (project.name, project.description) == ("Heaven", "Clouds")


def test_describing_keeps_the_name(database: Database, owner: User, project_id: int) -> None:
    with database.write() as session:
        update_project(session, project_id, None, "Cars")
    with database.read() as session:
        project = get_project(session, owner, project_id)
    assert (project.name, project.description) == ("Street", "Cars")


def test_a_project_is_found_by_name(database: Database, project_id: int) -> None:
    with database.read() as session:
        assert project_named(session, "Street") == project_id
        assert project_named(session, "Stree") is None


def test_there_are_projects_once_one_is_made(database: Database, owner: User) -> None:
    with database.write() as session:
        before = has_projects(session)
        create_project(session, owner, "Sky")
        assert (before, has_projects(session)) == (False, True)


def test_counts_are_of_the_project_alone(drawing: Drawing) -> None:
    drawing.add_image("second.png")
    first, second = create(content(drawing.category_id)), create(content(drawing.category_id))
    drawing.apply(first, second)
    drawing.apply(delete(first.annotation_id, 1))
    with drawing.database.write() as session:
        get_image(session, drawing.image_id).state = "done"
        sky = create_project(session, drawing.owner, "Sky")
        add_images(session, sky, [new_image("sky.png")])
    with drawing.database.read() as session:
        project = get_project(session, drawing.owner, drawing.project_id)
    assert (project.image_count, project.done_count, project.annotation_count) == (2, 1, 1)


def test_the_first_four_images_are_the_cover(
    database: Database, owner: User, project_id: int
) -> None:
    with database.write() as session:
        rows, _ = add_images(session, project_id, [new_image(f"{n}.png") for n in range(5)])
        ids = [row.id for row in rows]
    with database.read() as session:
        assert get_project(session, owner, project_id).cover_image_ids == ids[:4]


def test_projects_are_listed_by_keyset(database: Database, owner: User) -> None:
    with database.write() as session:
        ids = [create_project(session, owner, f"Project {n}") for n in range(5)]
    with database.read() as session:
        page = [project.id for project in list_projects(session, owner, ids[1], 2)]
    assert page == ids[2:4]


@pytest.mark.usefixtures("project_id")
def test_a_stranger_lists_no_project(database: Database) -> None:
    with database.write() as session:
        stranger = ensure_user(session, "eve")
        assert list_projects(session, stranger, 0, 10) == []


def test_a_stranger_does_not_learn_that_a_project_exists(
    database: Database, project_id: int
) -> None:
    with database.write() as session:
        stranger = ensure_user(session, "eve")
    messages = []
    for asked in (project_id, project_id + 1):
        with database.read() as session:
            with pytest.raises(NotFound) as of_role:
                require_role(session, stranger, asked, "viewer")
            with pytest.raises(NotFound) as of_project:
                get_project(session, stranger, asked)
        messages.append({str(of_role.value), str(of_project.value)})
    assert messages == [
        {f"There is no project {project_id}."},
        {f"There is no project {project_id + 1}."},
    ]


@pytest.mark.parametrize("needed", ROLES)
@pytest.mark.parametrize("role", ROLES)
def test_a_role_is_enough_for_itself_and_the_lesser_ones(
    database: Database, project_id: int, role: Role, needed: Role
) -> None:
    with database.write() as session:
        member = ensure_user(session, "grace")
        session.add(MembershipRow(user_id=member.id, project_id=project_id, role=role))
    with database.read() as session:
        if RANKS[role] >= RANKS[needed]:
            require_role(session, member, project_id, needed)
        else:
            with pytest.raises(Forbidden, match=role):
                require_role(session, member, project_id, needed)


def test_deleting_a_project_deletes_all_that_is_in_it(drawing: Drawing) -> None:
    drawing.apply(create(content(drawing.category_id)))
    with drawing.database.write() as session:
        create_job(session, drawing.owner, drawing.project_id, "export", {})
    with drawing.database.write() as session:
        delete_project(session, drawing.project_id)
    with drawing.database.read() as session:
        left = {
            name
            for name, table in Table.metadata.tables.items()
            if session.scalar(select(func.count()).select_from(table))
        }
    assert left - {"instance", "user"} == set()


def test_deleting_a_project_leaves_the_others(drawing: Drawing) -> None:
    with drawing.database.write() as session:
        sky = create_project(session, drawing.owner, "Sky")
    with drawing.database.write() as session:
        delete_project(session, sky)
    with drawing.database.read() as session:
        assert get_project(session, drawing.owner, drawing.project_id).image_count == 1


def test_the_name_of_a_deleted_project_is_free_again(
    database: Database, owner: User, project_id: int
) -> None:
    with database.write() as session:
        delete_project(session, project_id)
    with database.write() as session:
        assert create_project(session, owner, "Street") != project_id
