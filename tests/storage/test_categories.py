import pytest

from segmentarium.core.annotation import Category
from segmentarium.core.errors import CategoryInUse, NameTaken, NotFound
from segmentarium.storage.categories import (
    PALETTE,
    add_categories,
    core_categories,
    create_category,
    delete_category,
    hold_categories,
    list_categories,
    lock_names,
    project_of_category,
    update_category,
)
from segmentarium.storage.database import Database
from segmentarium.storage.projects import create_project
from segmentarium.storage.users import User
from tests.storage.conftest import Drawing
from tests.storage.values import content, create, delete


def test_the_first_categories_have_the_colours_of_the_palette(
    database: Database, project_id: int
) -> None:
    with database.write() as session:
        made = [create_category(session, project_id, str(n)).color for n in range(len(PALETTE))]
    assert made == list(PALETTE)


def test_the_palette_begins_again_when_it_is_used_up(database: Database, project_id: int) -> None:
    with database.write() as session:
        made = [create_category(session, project_id, str(n)) for n in range(len(PALETTE) + 2)]
    assert [category.color for category in made[-2:]] == list(PALETTE[:2])


def test_a_colour_that_came_free_is_given_again(database: Database, project_id: int) -> None:
    with database.write() as session:
        first = create_category(session, project_id, "car")
        create_category(session, project_id, "bus")
        delete_category(session, first.id)
        assert create_category(session, project_id, "van").color == PALETTE[0]


def test_a_given_colour_is_kept(database: Database, project_id: int) -> None:
    with database.write() as session:
        assert create_category(session, project_id, "car", color="#123456").color == "#123456"


def test_hotkeys_are_the_digits_while_there_are_any(database: Database, project_id: int) -> None:
    with database.write() as session:
        made = [create_category(session, project_id, str(n)).hotkey for n in range(10)]
    assert made == [*"123456789", None]


def test_a_hotkey_moves_to_a_new_category(database: Database, project_id: int) -> None:
    with database.write() as session:
        create_category(session, project_id, "car", hotkey="c")
        create_category(session, project_id, "cat", hotkey="c")
    with database.read() as session:
        found = {c.name: c.hotkey for c in list_categories(session, project_id)}
    assert found == {"car": None, "cat": "c"}


def test_many_are_added_behind_the_others_with_the_free_hotkeys(
    database: Database, project_id: int
) -> None:
    with database.write() as session:
        first = create_category(session, project_id, "car", hotkey="2")
        lock_names(session, project_id)
        add_categories(session, project_id, [Category(5, name, "#102030") for name in "abc"])
    with database.read() as session:
        found = [
            (one.name, one.hotkey, one.position) for one in list_categories(session, project_id)
        ]
    assert found == [("car", "2", 0), ("a", "1", 1), ("b", "3", 2), ("c", "4", 3)]
    with database.write() as session:
        assert hold_categories(session, project_id, [first.id, 10**6]) == {first.id}


def test_a_hotkey_moves_to_a_changed_category(database: Database, project_id: int) -> None:
    with database.write() as session:
        create_category(session, project_id, "car", hotkey="c")
        cat = create_category(session, project_id, "cat")
        update_category(session, cat.id, {"hotkey": "c"})
    with database.read() as session:
        found = {c.name: c.hotkey for c in list_categories(session, project_id)}
    assert found == {"car": None, "cat": "c"}


def test_a_category_given_its_own_hotkey_keeps_it(database: Database, project_id: int) -> None:
    with database.write() as session:
        car = create_category(session, project_id, "car", hotkey="c")
    with database.write() as session:
        update_category(session, car.id, {"hotkey": "c"})
    with database.read() as session:
        assert [c.hotkey for c in list_categories(session, project_id)] == ["c"]


def test_a_hotkey_can_be_taken_away(database: Database, project_id: int) -> None:
    with database.write() as session:
        car = create_category(session, project_id, "car")
    with database.write() as session:
        update_category(session, car.id, {"hotkey": None})
    with database.read() as session:
        assert [c.hotkey for c in list_categories(session, project_id)] == [None]


def test_a_hotkey_of_another_project_stays(
    database: Database, owner: User, project_id: int
) -> None:
    with database.write() as session:
        create_category(session, project_id, "car", hotkey="c")
        other = create_project(session, owner, "Sky")
        create_category(session, other, "cloud", hotkey="c")
    with database.read() as session:
        assert [c.hotkey for c in list_categories(session, project_id)] == ["c"]


def test_categories_are_listed_by_position(database: Database, project_id: int) -> None:
    with database.write() as session:
        first, *_ = [create_category(session, project_id, name) for name in ("car", "bus", "van")]
        update_category(session, first.id, {"position": 7})
    with database.read() as session:
        assert [c.name for c in list_categories(session, project_id)] == ["bus", "van", "car"]


def test_a_new_category_stands_last(database: Database, project_id: int) -> None:
    with database.write() as session:
        create_category(session, project_id, "car")
        bus = create_category(session, project_id, "bus")
        update_category(session, bus.id, {"position": 7})
        assert create_category(session, project_id, "van").position == 8


def test_a_change_leaves_what_it_does_not_name(database: Database, project_id: int) -> None:
    with database.write() as session:
        made = create_category(
            session, project_id, "road", color="#123456", supercategory="ground", isthing=False
        )
        changed = update_category(session, made.id, {"name": "street"})
    assert (changed.name, changed.color) == ("street", "#123456")
    assert (changed.supercategory, changed.isthing) == ("ground", False)


def test_a_name_is_unique_in_its_project(database: Database, project_id: int) -> None:
    with database.write() as session:
        create_category(session, project_id, "car")
    with pytest.raises(NameTaken, match="'car'"), database.write() as session:
        create_category(session, project_id, "car")


def test_a_category_cannot_take_the_name_of_another(database: Database, project_id: int) -> None:
    with database.write() as session:
        create_category(session, project_id, "car")
        bus = create_category(session, project_id, "bus")
    with pytest.raises(NameTaken, match="'car'"), database.write() as session:
        update_category(session, bus.id, {"name": "car"})


def test_two_projects_may_use_one_name(database: Database, owner: User, project_id: int) -> None:
    with database.write() as session:
        create_category(session, project_id, "car")
        other = create_project(session, owner, "Sky")
        assert create_category(session, other, "car").project_id == other


def test_the_count_is_of_annotations_that_there_are(drawing: Drawing) -> None:
    first, second = create(content(drawing.category_id)), create(content(drawing.category_id))
    drawing.apply(first, second)
    drawing.apply(delete(first.annotation_id, 1))
    with drawing.database.read() as session:
        listed = list_categories(session, drawing.project_id)
    assert [category.annotation_count for category in listed] == [1]


def test_a_changed_category_tells_its_count(drawing: Drawing) -> None:
    drawing.apply(create(content(drawing.category_id)))
    with drawing.database.write() as session:
        changed = update_category(session, drawing.category_id, {"name": "vehicle"})
    assert changed.annotation_count == 1


def test_a_category_in_use_is_not_deleted(drawing: Drawing) -> None:
    drawing.apply(create(content(drawing.category_id)), create(content(drawing.category_id)))
    with pytest.raises(CategoryInUse) as refused, drawing.database.write() as session:
        delete_category(session, drawing.category_id)
    assert refused.value.members == {"annotation_count": 2}
    with drawing.database.read() as session:
        assert len(list_categories(session, drawing.project_id)) == 1


def test_a_category_whose_annotations_are_deleted_can_be_deleted(drawing: Drawing) -> None:
    made = create(content(drawing.category_id))
    drawing.apply(made)
    drawing.apply(delete(made.annotation_id, 1))
    with drawing.database.write() as session:
        delete_category(session, drawing.category_id)
    with drawing.database.read() as session:
        assert list_categories(session, drawing.project_id) == []


def test_the_id_of_a_deleted_category_is_not_given_again(
    database: Database, project_id: int
) -> None:
    with database.write() as session:
        car = create_category(session, project_id, "car")
    with database.write() as session:
        delete_category(session, car.id)
    with database.write() as session:
        assert create_category(session, project_id, "car").id > car.id


def test_a_category_tells_its_project(drawing: Drawing) -> None:
    with drawing.database.read() as session:
        assert project_of_category(session, drawing.category_id) == drawing.project_id


def test_an_unknown_category_is_not_found(database: Database) -> None:
    with database.read() as session, pytest.raises(NotFound, match="category 9"):
        project_of_category(session, 9)


def test_the_domain_gets_the_categories_in_order(database: Database, project_id: int) -> None:
    with database.write() as session:
        road = create_category(session, project_id, "road", supercategory="flat", isthing=False)
        car = create_category(session, project_id, "car")
    with database.read() as session:
        first, second = core_categories(session, project_id)
    assert (first.id, first.supercategory, first.isthing) == (road.id, "flat", False)
    assert (second.id, second.name, second.color) == (car.id, "car", car.color)
