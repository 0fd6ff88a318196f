import pytest

from segmentarium.core.errors import NotFound
from segmentarium.storage.categories import create_category
from segmentarium.storage.database import Database
from segmentarium.storage.images import (
    ImageFilter,
    add_images,
    all_images,
    count_images,
    get_image,
    list_images,
    neighbours,
)
from segmentarium.storage.projects import create_project
from segmentarium.storage.users import User
from tests.storage.conftest import Drawing
from tests.storage.values import content, create, delete, new_image

NAMES = ["100%.png", "1000.png", "a_b.png", "axb.png", "Cat.PNG", "back\\slash.png"]


@pytest.fixture
def image_ids(database: Database, project_id: int) -> list[int]:
    """The images of NAMES."""
    with database.write() as session:
        rows, _ = add_images(session, project_id, [new_image(name) for name in NAMES])
        return [row.id for row in rows]


def found(database: Database, project_id: int, which: ImageFilter) -> list[str]:
    """The names that a filter lets through."""
    with database.read() as session:
        return [row.name for row in list_images(session, project_id, which, 0, 100)]


def test_an_added_image_is_as_it_was_given(database: Database, project_id: int) -> None:
    given = new_image("cat.png")
    with database.write() as session:
        rows, _ = add_images(session, project_id, [given])
        image_id = rows[0].id
    with database.read() as session:
        row = get_image(session, image_id)
    assert (row.name, row.sha256, row.format, row.bytes) == ("cat.png", given.sha256, "png", 100)
    assert (row.width, row.height, row.is_upright, row.is_plain) == (20, 10, True, True)


def test_a_new_image_is_untouched(drawing: Drawing) -> None:
    assert (drawing.image.state, drawing.image.annotation_count) == ("new", 0)


def test_an_unknown_image_is_not_found(database: Database) -> None:
    with database.read() as session, pytest.raises(NotFound, match="image 9"):
        get_image(session, 9)


def test_images_are_listed_by_keyset(
    database: Database, project_id: int, image_ids: list[int]
) -> None:
    with database.read() as session:
        page = list_images(session, project_id, ImageFilter(), image_ids[1], 3)
    assert [row.id for row in page] == image_ids[2:5]


def test_the_page_after_the_last_image_is_empty(
    database: Database, project_id: int, image_ids: list[int]
) -> None:
    with database.read() as session:
        assert list_images(session, project_id, ImageFilter(), image_ids[-1], 3) == []


def test_all_images_are_those_of_the_project(
    database: Database, owner: User, project_id: int, image_ids: list[int]
) -> None:
    with database.write() as session:
        other = create_project(session, owner, "Sky")
        add_images(session, other, [new_image("sky.png")])
    with database.read() as session:
        assert [row.id for row in all_images(session, project_id)] == image_ids


@pytest.mark.parametrize(
    ("part", "names"),
    [
        ("100", ["100%.png", "1000.png"]),
        ("100%", ["100%.png"]),
        ("%", ["100%.png"]),
        ("_", ["a_b.png"]),
        ("a_b", ["a_b.png"]),
        ("\\", ["back\\slash.png"]),
        ("/", []),
        ("cat.png", ["Cat.PNG"]),
        ("CAT", ["Cat.PNG"]),
        ("dog", []),
        ("", NAMES),
    ],
)
@pytest.mark.usefixtures("image_ids")
def test_a_part_of_a_name_is_found_as_it_stands(
    database: Database, project_id: int, part: str, names: list[str]
) -> None:
    assert found(database, project_id, ImageFilter(name_contains=part)) == names


@pytest.mark.parametrize("part", ["ÉTÉ", "été", "Été"])
def test_letters_beyond_ascii_are_found_in_either_case(
    database: Database, project_id: int, part: str
) -> None:
    with database.write() as session:
        add_images(session, project_id, [new_image("ÉTÉ.png")])
    assert found(database, project_id, ImageFilter(name_contains=part)) == ["ÉTÉ.png"]


def test_images_are_filtered_by_state(
    database: Database, project_id: int, image_ids: list[int]
) -> None:
    with database.write() as session:
        get_image(session, image_ids[3]).state = "done"
    assert found(database, project_id, ImageFilter(state="done")) == ["axb.png"]


def test_images_are_filtered_by_a_category_that_they_contain(drawing: Drawing) -> None:
    with drawing.database.write() as session:
        other = create_category(session, drawing.project_id, "bus").id
    second = drawing.add_image("second.png")
    drawing.apply(create(content(drawing.category_id)), create(content(drawing.category_id)))
    drawing.apply(create(content(other)), image_id=second)
    which = ImageFilter(category_id=drawing.category_id)
    assert found(drawing.database, drawing.project_id, which) == ["street.png"]


def test_a_deleted_annotation_does_not_count_for_the_filter(drawing: Drawing) -> None:
    made = create(content(drawing.category_id))
    drawing.apply(made)
    drawing.apply(delete(made.annotation_id, 1))
    which = ImageFilter(category_id=drawing.category_id)
    assert found(drawing.database, drawing.project_id, which) == []


def test_all_parts_of_a_filter_must_hold(
    database: Database, project_id: int, image_ids: list[int]
) -> None:
    with database.write() as session:
        for image_id in image_ids[:3]:
            get_image(session, image_id).state = "done"
    which = ImageFilter(state="done", name_contains="100%")
    assert found(database, project_id, which) == ["100%.png"]


@pytest.mark.usefixtures("image_ids")
def test_the_count_is_of_what_the_filter_lets_through(database: Database, project_id: int) -> None:
    with database.read() as session:
        assert count_images(session, project_id, ImageFilter()) == len(NAMES)
        assert count_images(session, project_id, ImageFilter(name_contains="100")) == 2


def test_the_same_bytes_twice_in_a_batch_are_one_image(database: Database, project_id: int) -> None:
    with database.write() as session:
        rows, duplicates = add_images(
            session, project_id, [new_image("a.png", "same"), new_image("b.png", "same")]
        )
        assert [row.name for row in rows] == ["a.png"]
        assert [(image.name, known) for image, known in duplicates] == [("b.png", rows[0].id)]


def test_the_same_bytes_in_a_later_batch_are_told_with_the_image_that_has_them(
    drawing: Drawing,
) -> None:
    with drawing.database.write() as session:
        rows, duplicates = add_images(
            session,
            drawing.project_id,
            [new_image("copy.png", "street.png"), new_image("new.png")],
        )
        assert [row.name for row in rows] == ["new.png"]
    assert [(image.name, known) for image, known in duplicates] == [("copy.png", drawing.image_id)]


def test_two_images_may_have_one_name(database: Database, project_id: int) -> None:
    with database.write() as session:
        rows, duplicates = add_images(
            session, project_id, [new_image("a.png", "one"), new_image("a.png", "two")]
        )
    assert (len(rows), duplicates) == (2, [])


def test_another_project_may_have_the_same_bytes(drawing: Drawing) -> None:
    with drawing.database.write() as session:
        other = create_project(session, drawing.owner, "Sky")
        rows, duplicates = add_images(session, other, [new_image("street.png")])
    assert (len(rows), duplicates) == (1, [])


@pytest.mark.parametrize(("index", "before", "after"), [(0, None, 1), (2, 1, 3), (5, 4, None)])
def test_neighbours_are_the_images_before_and_after(
    database: Database, image_ids: list[int], index: int, before: int | None, after: int | None
) -> None:
    with database.read() as session:
        pair = neighbours(session, get_image(session, image_ids[index]))
    assert pair == tuple(None if n is None else image_ids[n] for n in (before, after))


def test_neighbours_are_of_the_same_project(drawing: Drawing) -> None:
    with drawing.database.write() as session:
        other = create_project(session, drawing.owner, "Sky")
        add_images(session, other, [new_image("sky.png")])
    last = drawing.add_image("last.png")
    with drawing.database.read() as session:
        assert neighbours(session, get_image(session, drawing.image_id)) == (None, last)


def test_the_id_of_a_deleted_image_is_not_given_again(drawing: Drawing) -> None:
    with drawing.database.write() as session:
        session.delete(get_image(session, drawing.image_id))
    assert drawing.add_image("new.png") > drawing.image_id
