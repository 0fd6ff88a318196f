from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import delete as sql_delete
from sqlalchemy import func, select

from segmentarium.core.errors import Conflict, EditIdReused, InvalidAnnotation, StaleRevision
from segmentarium.storage.annotations import Annotation, core_annotations, iterate_annotations
from segmentarium.storage.categories import create_category
from segmentarium.storage.database import Database
from segmentarium.storage.edit_log import Content, Edit, EditResult, LoggedEdit, list_edits
from segmentarium.storage.images import get_image
from segmentarium.storage.projects import create_project
from segmentarium.storage.tables import EditRow, UserRow
from tests.storage.conftest import Drawing
from tests.storage.values import content, create, delete, square, update


@pytest.fixture
def written(drawing: Drawing) -> Content:
    """What most edits here write."""
    return content(drawing.category_id)


@pytest.fixture
def drawn(drawing: Drawing, written: Content) -> Annotation:
    """An annotation at revision 1."""
    [result] = drawing.apply(create(written))
    assert result.annotation is not None
    return result.annotation


@pytest.fixture
def tombstone(drawing: Drawing, drawn: Annotation) -> EditResult:
    """A deleted annotation."""
    [result] = drawing.apply(delete(drawn.id, 1))
    return result


def history(drawing: Drawing, before: int | None = None, limit: int = 100) -> list[LoggedEdit]:
    """The log of the image."""
    with drawing.database.read() as session:
        return list_edits(session, drawing.image_id, before, limit)


# ---------------------------------------------------------------------------- what an edit writes


def test_a_created_annotation_is_as_it_was_sent(drawing: Drawing) -> None:
    sent = content(drawing.category_id, square(1, 2, 4), iscrowd=True, source="grabcut", score=0.5)
    edit = create(sent)
    drawing.apply(edit)
    [stored] = drawing.annotations
    assert (stored.id, stored.image_id) == (edit.annotation_id, drawing.image_id)
    assert (stored.category_id, stored.segmentation.value) == (sent.category_id, sent.segmentation)
    assert (stored.iscrowd, stored.source, stored.score) == (True, "grabcut", 0.5)


def test_a_created_annotation_is_at_revision_one(drawing: Drawing, drawn: Annotation) -> None:
    assert drawing.revisions == {drawn.id: 1}


def test_the_server_measures_area_and_box(drawing: Drawing, drawn: Annotation) -> None:
    [stored] = drawing.annotations
    assert (stored.area, stored.bbox_xywh) == (16, (1, 2, 4, 4))


def test_the_result_is_the_annotation_as_stored(drawing: Drawing, drawn: Annotation) -> None:
    assert drawing.annotations == [drawn]


def test_an_rle_is_stored_as_it_was_sent(drawing: Drawing) -> None:
    rle = {"size": [10, 20], "counts": [0, 10, 190]}
    drawing.apply(create(content(drawing.category_id, rle)))
    [stored] = drawing.annotations
    assert (stored.segmentation.value, stored.bbox_xywh) == (rle, (0, 0, 1, 10))


def test_fractions_of_a_pixel_are_kept(drawing: Drawing) -> None:
    ring = [[[0.1, 0.30000000000000004, 7.123456789012345, 0.2, 3.3, 9.99]]]
    drawing.apply(create(content(drawing.category_id, ring)))
    assert drawing.annotations[0].segmentation.value == ring


def test_an_update_raises_the_revision(
    drawing: Drawing, drawn: Annotation, written: Content
) -> None:
    drawing.apply(update(drawn.id, 1, written))
    assert drawing.revisions == {drawn.id: 2}


def test_an_update_measures_again(drawing: Drawing, drawn: Annotation) -> None:
    drawing.apply(update(drawn.id, 1, content(drawing.category_id, square(0, 0, 6))))
    assert drawing.annotations[0].bbox_xywh == (0, 0, 6, 6)


def test_a_deleted_annotation_is_gone(drawing: Drawing, tombstone: EditResult) -> None:
    assert (drawing.annotations, tombstone.annotation, tombstone.revision) == ([], None, 2)


def test_results_come_in_the_order_of_the_edits(drawing: Drawing, written: Content) -> None:
    edits = [create(written) for _ in range(5)]
    assert [result.edit_id for result in drawing.apply(*edits)] == [e.edit_id for e in edits]


def test_an_annotation_can_be_created_and_updated_in_one_batch(
    drawing: Drawing, written: Content
) -> None:
    made = create(written)
    drawing.apply(made, update(made.annotation_id, 1, replace(written, iscrowd=True)))
    [stored] = drawing.annotations
    assert (stored.revision, stored.iscrowd) == (2, True)


def test_an_annotation_can_be_created_and_deleted_in_one_batch(
    drawing: Drawing, written: Content
) -> None:
    made = create(written)
    drawing.apply(made, delete(made.annotation_id, 1))
    assert (drawing.annotations, drawing.image.annotation_count) == ([], 0)


def test_a_deleted_annotation_comes_back_on_the_revision_of_its_tombstone(
    drawing: Drawing, drawn: Annotation, tombstone: EditResult, written: Content
) -> None:
    drawing.apply(create(written, drawn.id, tombstone.revision))
    assert drawing.revisions == {drawn.id: 3}


def test_no_edits_change_nothing(drawing: Drawing) -> None:
    assert (drawing.apply(), drawing.image.state) == ([], "new")


# ----------------------------------------------------------------------------------------- order


def test_without_a_z_order_a_new_annotation_is_on_top(drawing: Drawing, written: Content) -> None:
    low, high, top = create(written), create(replace(written, z_order=7)), create(written)
    for edit in (low, high, top):
        drawing.apply(edit)
    assert [annotation.id for annotation in drawing.annotations] == [
        low.annotation_id,
        high.annotation_id,
        top.annotation_id,
    ]


def test_without_z_orders_a_batch_lies_in_its_own_order(drawing: Drawing, written: Content) -> None:
    edits = [create(written) for _ in range(5)]
    drawing.apply(*edits)
    assert [a.id for a in drawing.annotations] == [edit.annotation_id for edit in edits]


def test_on_top_means_above_what_the_same_batch_put_high(
    drawing: Drawing, written: Content
) -> None:
    first, high, last = create(written), create(replace(written, z_order=9)), create(written)
    drawing.apply(first, high, last)
    assert drawing.annotations[-1].id == last.annotation_id


def test_an_update_without_a_z_order_keeps_it(drawing: Drawing, written: Content) -> None:
    made = create(replace(written, z_order=5))
    drawing.apply(made, create(written))
    drawing.apply(update(made.annotation_id, 1, written))
    assert {a.id: a.z_order for a in drawing.annotations}[made.annotation_id] == 5


def test_an_update_moves_an_annotation_to_its_z_order(
    drawing: Drawing, drawn: Annotation, written: Content
) -> None:
    drawing.apply(update(drawn.id, 1, replace(written, z_order=-3)))
    assert drawing.annotations[0].z_order == -3


def test_a_deleted_annotation_is_not_counted_for_the_top(
    drawing: Drawing, written: Content
) -> None:
    high = create(replace(written, z_order=1000))
    drawing.apply(high)
    drawing.apply(delete(high.annotation_id, 1))
    drawing.apply(create(written))
    assert drawing.annotations[0].z_order < 1000


# ----------------------------------------------------------------------------- once, all or none


def test_edits_sent_again_are_answered_the_same(drawing: Drawing, written: Content) -> None:
    made, other = create(written), create(written)
    changed = update(made.annotation_id, 1, replace(written, iscrowd=True))
    sent = (made, changed, other, delete(other.annotation_id, 1))
    assert drawing.apply(*sent) == drawing.apply(*sent)


def test_edits_sent_again_change_nothing(drawing: Drawing, written: Content) -> None:
    made = create(written)
    drawing.apply(made)
    drawing.apply(made)
    assert drawing.revisions == {made.annotation_id: 1}
    assert (drawing.image.annotation_count, len(history(drawing))) == (1, 1)


def test_an_edit_sent_again_after_a_later_one_is_answered_as_it_was(
    drawing: Drawing, written: Content
) -> None:
    made = create(written)
    first = drawing.apply(made)
    drawing.apply(update(made.annotation_id, 1, replace(written, iscrowd=True)))
    assert drawing.apply(made) == first
    assert drawing.revisions == {made.annotation_id: 2}


def test_new_edits_beside_known_ones_are_applied(drawing: Drawing, written: Content) -> None:
    made = create(written)
    drawing.apply(made)
    drawing.apply(made, update(made.annotation_id, 1, written))
    assert drawing.revisions == {made.annotation_id: 2}


def test_a_stale_edit_stops_the_whole_batch(
    drawing: Drawing, drawn: Annotation, written: Content
) -> None:
    with pytest.raises(StaleRevision):
        drawing.apply(create(written), update(drawn.id, 7, written), create(written))
    assert drawing.revisions == {drawn.id: 1}
    assert len(history(drawing)) == 1


def test_an_invalid_edit_stops_the_whole_batch(drawing: Drawing, written: Content) -> None:
    wrong = create(content(drawing.category_id, square(15, 5, 10)))
    with pytest.raises(InvalidAnnotation):
        drawing.apply(create(written), wrong)
    assert (drawing.annotations, drawing.image.annotation_count) == ([], 0)
    assert (drawing.image.state, history(drawing)) == ("new", [])


def test_a_refused_edit_may_be_sent_again_under_its_id(drawing: Drawing, written: Content) -> None:
    wrong = create(content(drawing.category_id, square(15, 5, 10)))
    with pytest.raises(InvalidAnnotation):
        drawing.apply(wrong)
    drawing.apply(replace(wrong, content=written))
    assert drawing.revisions == {wrong.annotation_id: 1}


def test_one_edit_id_twice_in_a_request_is_refused(drawing: Drawing, written: Content) -> None:
    made = create(written)
    with pytest.raises(EditIdReused):
        drawing.apply(made, replace(create(written), edit_id=made.edit_id))
    assert drawing.annotations == []


def test_an_edit_id_of_another_annotation_is_refused(drawing: Drawing, written: Content) -> None:
    made = create(written)
    drawing.apply(made)
    with pytest.raises(EditIdReused, match=str(made.edit_id)):
        drawing.apply(replace(create(written), edit_id=made.edit_id))


def test_an_edit_id_of_another_operation_is_refused(drawing: Drawing, written: Content) -> None:
    made = create(written)
    drawing.apply(made)
    with pytest.raises(EditIdReused, match=str(made.edit_id)):
        drawing.apply(replace(delete(made.annotation_id, 1), edit_id=made.edit_id))


def test_an_edit_id_of_another_image_is_refused(drawing: Drawing, written: Content) -> None:
    made = create(written)
    drawing.apply(made)
    second = drawing.add_image("second.png")
    with pytest.raises(EditIdReused, match=str(made.edit_id)):
        drawing.apply(made, image_id=second)


def test_an_edit_id_with_other_content_is_refused(drawing: Drawing, written: Content) -> None:
    made = create(written)
    drawing.apply(made)
    other = content(drawing.category_id, square(0, 0, 9))
    with pytest.raises(EditIdReused, match=str(made.edit_id)):
        drawing.apply(replace(made, content=other))


# ----------------------------------------------------------------------------------------- stale


def test_creating_what_there_is_already_is_stale(
    drawing: Drawing, drawn: Annotation, written: Content
) -> None:
    for base_revision in (0, drawn.revision):
        with pytest.raises(StaleRevision):
            drawing.apply(create(written, drawn.id, base_revision))


@pytest.mark.parametrize("base_revision", [0, 1, 3])
def test_an_update_of_another_revision_is_stale(
    drawing: Drawing, drawn: Annotation, written: Content, base_revision: int
) -> None:
    drawing.apply(update(drawn.id, 1, written))
    with pytest.raises(StaleRevision) as refused:
        drawing.apply(update(drawn.id, base_revision, written))
    assert refused.value.members["current"] == [one._asdict() for one in drawing.annotations]


def test_deleting_an_old_revision_is_stale(
    drawing: Drawing, drawn: Annotation, written: Content
) -> None:
    drawing.apply(update(drawn.id, 1, written))
    with pytest.raises(StaleRevision):
        drawing.apply(delete(drawn.id, 1))


@pytest.mark.parametrize("base_revision", [1, 2])
def test_deleting_what_is_deleted_is_stale(
    drawing: Drawing, tombstone: EditResult, base_revision: int
) -> None:
    with pytest.raises(StaleRevision) as refused:
        drawing.apply(delete(tombstone.annotation_id, base_revision))
    assert refused.value.members["current"] == [
        {"id": str(tombstone.annotation_id), "revision": 2, "deleted": True}
    ]


@pytest.mark.parametrize("base_revision", [1, 2])
def test_updating_what_is_deleted_is_stale(
    drawing: Drawing, tombstone: EditResult, written: Content, base_revision: int
) -> None:
    with pytest.raises(StaleRevision):
        drawing.apply(update(tombstone.annotation_id, base_revision, written))


@pytest.mark.parametrize("base_revision", [0, 1])
def test_a_tombstone_comes_back_on_its_own_revision_only(
    drawing: Drawing, tombstone: EditResult, written: Content, base_revision: int
) -> None:
    with pytest.raises(StaleRevision):
        drawing.apply(create(written, tombstone.annotation_id, base_revision))


def test_changing_what_never_was_is_stale_at_revision_zero(
    drawing: Drawing, written: Content
) -> None:
    unknown = uuid4()
    with pytest.raises(StaleRevision) as refused:
        drawing.apply(update(unknown, 1, written))
    assert refused.value.members["current"] == [
        {"id": str(unknown), "revision": 0, "deleted": True}
    ]


def test_all_stale_annotations_of_a_batch_are_told(
    drawing: Drawing, drawn: Annotation, tombstone: EditResult, written: Content
) -> None:
    here, fresh = create(written), create(written)
    drawing.apply(here, fresh)
    with pytest.raises(StaleRevision) as refused:
        drawing.apply(
            update(here.annotation_id, 4, written),
            update(fresh.annotation_id, 1, written),
            delete(drawn.id, 1),
            delete(here.annotation_id, 5),
        )
    there = {annotation.id: annotation for annotation in drawing.annotations}
    assert refused.value.members["current"] == [
        there[here.annotation_id]._asdict(),
        {"id": str(drawn.id), "revision": 2, "deleted": True},
    ]


# --------------------------------------------------------------------------------------- invalid

WIDE = {"size": [20, 10], "counts": [0, 200]}
EMPTY = {"size": [10, 20], "counts": [200]}


@pytest.mark.parametrize(
    ("segmentation", "message"),
    [
        pytest.param(square(17, 0, 4), "outside", id="right of the image"),
        pytest.param(square(0, 7, 4), "outside", id="below the image"),
        pytest.param(square(-1, 0, 4), "outside", id="left of the image"),
        pytest.param(square(0, -1, 4), "outside", id="above the image"),
        pytest.param([[[0.6, 0.6, 0.9, 0.6, 0.9, 0.9]]], "no pixel", id="between pixel centres"),
        pytest.param(EMPTY, "no pixel", id="empty RLE"),
        pytest.param(WIDE, "20 × 10", id="RLE of another size"),
        pytest.param({"size": [10, 20], "counts": [0, 9]}, "add up", id="RLE too short"),
        pytest.param([[[0, 0, 4, 0]]], "three vertices", id="two vertices"),
        pytest.param([[]], "outer ring", id="part without rings"),
        pytest.param([[[0, 0, 4, 0, float("inf"), 4]]], "finite", id="infinite vertex"),
    ],
)
def test_a_segmentation_that_cannot_be_is_refused(
    drawing: Drawing, written: Content, segmentation: Any, message: str
) -> None:
    with pytest.raises(InvalidAnnotation, match=message) as refused:
        drawing.apply(create(written), create(content(drawing.category_id, segmentation)))
    assert refused.value.members == {"edit": 1, "field": "segmentation"}


def test_vertices_on_the_border_are_inside(drawing: Drawing) -> None:
    whole = [[[0, 0, 20, 0, 20, 10, 0, 10]]]
    drawing.apply(create(content(drawing.category_id, whole)))
    assert drawing.annotations[0].area == 200


def test_a_category_of_another_project_is_refused(drawing: Drawing) -> None:
    with drawing.database.write() as session:
        other = create_project(session, drawing.owner, "Sky")
        foreign = create_category(session, other, "cloud").id
    with pytest.raises(InvalidAnnotation, match=f"no category {foreign}") as refused:
        drawing.apply(create(content(foreign)))
    assert refused.value.members == {"edit": 0, "field": "category_id"}


@pytest.mark.parametrize("op", ["create", "update"])
def test_a_write_without_an_annotation_is_refused(
    drawing: Drawing, drawn: Annotation, op: str
) -> None:
    edits = {
        "create": Edit(uuid4(), "create", uuid4(), 0, None),
        "update": Edit(uuid4(), "update", drawn.id, 1, None),
    }
    with pytest.raises(InvalidAnnotation, match=op):
        drawing.apply(edits[op])


def test_an_annotation_of_another_image_is_not_touched(
    drawing: Drawing, drawn: Annotation, written: Content
) -> None:
    second = drawing.add_image("second.png")
    with pytest.raises(Conflict, match="another image"):
        drawing.apply(update(drawn.id, 1, written), image_id=second)
    assert drawing.revisions == {drawn.id: 1}


# ------------------------------------------------------------------------- the image and its log


def test_the_image_counts_its_annotations(drawing: Drawing, written: Content) -> None:
    edits = [create(written) for _ in range(3)]
    drawing.apply(*edits)
    drawing.apply(update(edits[0].annotation_id, 1, written), delete(edits[1].annotation_id, 1))
    assert drawing.image.annotation_count == 2


def test_an_annotation_that_comes_back_is_counted_again(
    drawing: Drawing, tombstone: EditResult, written: Content
) -> None:
    drawing.apply(create(written, tombstone.annotation_id, 2))
    assert drawing.image.annotation_count == 1


@pytest.mark.usefixtures("drawn")
def test_the_first_edit_begins_the_work_on_an_image(drawing: Drawing) -> None:
    assert drawing.image.state == "in_progress"


@pytest.mark.parametrize("state", ["done", "skipped"])
def test_an_edit_leaves_a_state_that_somebody_set(
    drawing: Drawing, written: Content, state: str
) -> None:
    with drawing.database.write() as session:
        get_image(session, drawing.image_id).state = state
    drawing.apply(create(written))
    assert drawing.image.state == state


def test_the_log_tells_before_and_after(drawing: Drawing, written: Content) -> None:
    made = create(written)
    crowd = replace(written, iscrowd=True)
    drawing.apply(made)
    drawing.apply(update(made.annotation_id, 1, crowd))
    drawing.apply(delete(made.annotation_id, 2))
    deleted, updated, created = (entry.row for entry in history(drawing))
    assert [row.op for row in (created, updated, deleted)] == ["create", "update", "delete"]
    assert [row.revision for row in (created, updated, deleted)] == [1, 2, 3]
    assert (created.before, deleted.after) == (None, None)
    assert created.after is not None
    assert created.after == updated.before
    assert updated.after == deleted.before == {**created.after, "iscrowd": True}


def test_the_log_keeps_the_whole_content(drawing: Drawing) -> None:
    sent = content(drawing.category_id, z_order=3, source="grabcut", score=0.25)
    drawing.apply(create(sent))
    [entry] = history(drawing)
    assert entry.row.after == {
        "category_id": sent.category_id,
        "segmentation": sent.segmentation,
        "bbox_xywh": [1, 2, 4, 4],
        "area": 16,
        "iscrowd": False,
        "z_order": 3,
        "source": "grabcut",
        "score": 0.25,
    }


@pytest.mark.usefixtures("drawn")
def test_the_log_tells_who_made_an_edit(drawing: Drawing) -> None:
    assert [entry.user for entry in history(drawing)] == [drawing.owner]


@pytest.mark.usefixtures("drawn")
def test_the_log_outlives_its_user(drawing: Drawing) -> None:
    with drawing.database.write() as session:
        session.execute(sql_delete(UserRow))
    assert [entry.user for entry in history(drawing)] == [None]


def test_the_log_is_paged_newest_first(drawing: Drawing, written: Content) -> None:
    edits = [create(written) for _ in range(5)]
    drawing.apply(*edits)
    first = history(drawing, limit=2)
    second = history(drawing, before=first[-1].row.id, limit=2)
    assert [entry.row.edit_id for entry in first + second] == [
        edit.edit_id for edit in edits[:0:-1]
    ]


@pytest.mark.usefixtures("drawn")
def test_the_log_of_another_image_is_another(drawing: Drawing) -> None:
    second = drawing.add_image("second.png")
    with drawing.database.read() as session:
        assert list_edits(session, second, None, 10) == []


def test_annotations_of_many_images_come_in_the_order_asked(
    drawing: Drawing, written: Content
) -> None:
    ids = [drawing.image_id, *(drawing.add_image(f"{n}.png") for n in range(4))]
    for count, image_id in enumerate(ids):
        drawing.apply(*(create(written) for _ in range(count)), image_id=image_id)
    with drawing.database.read() as session:
        walked = [
            (image_id, len(found), {annotation.image_id for annotation in found})
            for image_id, found in iterate_annotations(session, ids, batch=2)
        ]
    assert walked == [(i, n, {i} if n else set()) for n, i in enumerate(ids)]


def test_the_domain_gets_the_annotations_from_low_to_high(
    drawing: Drawing, written: Content
) -> None:
    top, low = create(replace(written, z_order=2)), create(replace(written, z_order=1))
    drawing.apply(top, low)
    with drawing.database.read() as session:
        found = core_annotations(session, drawing.image_id)
    assert [a.id for a in found] == [str(low.annotation_id), str(top.annotation_id)]


# ------------------------------------------------------------------------------------- at once


def race(drawing: Drawing, edits: list[Edit]) -> list[list[EditResult] | StaleRevision]:
    """Apply each edit in a thread of its own, all at once."""
    barrier = Barrier(len(edits))

    def apply(edit: Edit) -> list[EditResult] | StaleRevision:
        barrier.wait()
        try:
            return drawing.apply(edit)
        except StaleRevision as error:
            return error

    with ThreadPoolExecutor(len(edits)) as pool:
        return list(pool.map(apply, edits))


def test_of_two_updates_at_once_one_wins_and_the_other_is_stale(
    drawing: Drawing, drawn: Annotation, written: Content
) -> None:
    for revision in range(1, 6):
        outcomes = race(drawing, [update(drawn.id, revision, written) for _ in range(2)])
        assert sum(isinstance(outcome, StaleRevision) for outcome in outcomes) == 1
    assert drawing.revisions == {drawn.id: 6}


def test_one_edit_sent_twice_at_once_is_applied_once(drawing: Drawing, written: Content) -> None:
    made = create(written)
    first, second = race(drawing, [made, made])
    assert first == second
    assert drawing.revisions == {made.annotation_id: 1}


def test_edits_at_once_of_one_image_are_all_counted(drawing: Drawing, written: Content) -> None:
    race(drawing, [create(written) for _ in range(6)])
    assert drawing.image.annotation_count == len(drawing.annotations) == 6


def count_log(database: Database) -> int:
    """Entries of all logs."""
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(EditRow)) or 0


def test_deleting_an_image_deletes_its_log(drawing: Drawing, drawn: Annotation) -> None:
    before = count_log(drawing.database)
    with drawing.database.write() as session:
        session.delete(get_image(session, drawn.image_id))
    assert (before, count_log(drawing.database)) == (1, 0)
