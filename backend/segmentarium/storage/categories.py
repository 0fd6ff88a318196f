"""Categories of a project."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from segmentarium.core import annotation as core
from segmentarium.core.errors import CategoryInUse, NameTaken, NotFound
from segmentarium.storage.tables import AnnotationRow, CategoryRow, ProjectRow

# Twelve hues that stay apart from each other on a dark screen and over photographs.
PALETTE = (
    "#ff6b6b",
    "#4dabf7",
    "#51cf66",
    "#fcc419",
    "#cc5de8",
    "#22b8cf",
    "#ff922b",
    "#94d82d",
    "#f06595",
    "#5c7cfa",
    "#20c997",
    "#e8b98a",
)
_HOTKEYS = "123456789"


@dataclass(frozen=True, slots=True)
class Category:
    """A category with the number of its annotations."""

    id: int
    project_id: int
    name: str
    color: str
    supercategory: str
    isthing: bool
    hotkey: str | None
    position: int
    annotation_count: int


def list_categories(session: Session, project_id: int) -> list[Category]:
    """All categories of a project, by position."""
    counts = dict(
        session.execute(
            select(AnnotationRow.category_id, func.count())
            .join(CategoryRow, CategoryRow.id == AnnotationRow.category_id)
            .where(CategoryRow.project_id == project_id, AnnotationRow.is_deleted.is_(False))
            .group_by(AnnotationRow.category_id)
        ).all()
    )
    rows = session.scalars(
        select(CategoryRow)
        .where(CategoryRow.project_id == project_id)
        .order_by(CategoryRow.position, CategoryRow.id)
    )
    return [_category(row, counts.get(row.id, 0)) for row in rows]


def core_categories(session: Session, project_id: int) -> list[core.Category]:
    """The same as values of the domain."""
    return [
        core.Category(c.id, c.name, c.color, c.isthing, c.supercategory)
        for c in list_categories(session, project_id)
    ]


def project_of_category(session: Session, category_id: int) -> int:
    """The project of a category.

    Raises:
        NotFound: there is no such category.
    """
    project_id = session.scalar(select(CategoryRow.project_id).where(CategoryRow.id == category_id))
    if project_id is None:
        raise NotFound(f"There is no category {category_id}.")
    return project_id


def category_ids(session: Session, project_id: int) -> dict[str, int]:
    """Ids of a project's categories by name."""
    statement = select(CategoryRow.name, CategoryRow.id).where(CategoryRow.project_id == project_id)
    return dict(session.execute(statement.order_by(CategoryRow.position, CategoryRow.id)).all())


def hold_categories(session: Session, project_id: int, ids: Collection[int]) -> set[int]:
    """Those of the ids that are the project's; they cannot be deleted until the transaction ends."""
    statement = (
        select(CategoryRow.id)
        .where(CategoryRow.project_id == project_id, CategoryRow.id.in_(ids))
        .order_by(CategoryRow.id)
        .with_for_update(read=True, key_share=True)
    )
    return set(session.scalars(statement))


def lock_names(session: Session, project_id: int) -> None:
    """Let nobody else make or rename a category of the project until the transaction ends."""
    session.get_one(ProjectRow, project_id, with_for_update=True, populate_existing=True)


def add_categories(session: Session, project_id: int, new: Sequence[core.Category]) -> None:
    """Add many behind those that there are, with the hotkeys that are free.

    The caller has locked the names, and seen that the project has none of them.
    """
    columns = (CategoryRow.position, CategoryRow.hotkey)
    others = session.execute(select(*columns).where(CategoryRow.project_id == project_id)).all()
    first = max((position for position, _ in others), default=-1) + 1
    taken = {hotkey for _, hotkey in others}
    keys = (key for key in _HOTKEYS if key not in taken)
    rows = [
        {
            "project_id": project_id,
            "name": one.name,
            "color": one.color,
            "supercategory": one.supercategory,
            "isthing": one.isthing,
            "hotkey": next(keys, None),
            "position": position,
        }
        for position, one in enumerate(new, start=first)
    ]
    if rows:
        session.execute(insert(CategoryRow.metadata.tables["category"]), rows)


def create_category(
    session: Session,
    project_id: int,
    name: str,
    *,
    color: str | None = None,
    supercategory: str = "",
    isthing: bool = True,
    hotkey: str | None = None,
) -> Category:
    """Add a category; a colour and a hotkey that no other has are chosen where none is given.

    Raises:
        NameTaken: the project has the name.
    """
    # Two made at once must see each other, or they would get the same colour and hotkey.
    lock_names(session, project_id)
    others = list_categories(session, project_id)
    taken_colors = {other.color for other in others}
    free_colors = [candidate for candidate in PALETTE if candidate not in taken_colors]
    free_keys = [key for key in _HOTKEYS if key not in {other.hotkey for other in others}]
    if hotkey is not None:
        _free_hotkey(session, project_id, hotkey)
    row = CategoryRow(
        project_id=project_id,
        name=name,
        color=color or (free_colors[0] if free_colors else PALETTE[len(others) % len(PALETTE)]),
        supercategory=supercategory,
        isthing=isthing,
        hotkey=hotkey or (free_keys[0] if free_keys else None),
        position=max((other.position for other in others), default=-1) + 1,
    )
    session.add(row)
    _flush_name(session, name)
    return _category(row, 0)


def update_category(session: Session, category_id: int, changes: Mapping[str, Any]) -> Category:
    """Set the columns given; a hotkey moves from the category that had it.

    Raises:
        NameTaken: the project has the name.
    """
    row = session.get_one(CategoryRow, category_id)
    if "name" in changes:
        lock_names(session, row.project_id)
    if changes.get("hotkey") is not None:
        _free_hotkey(session, row.project_id, changes["hotkey"])
    for column, value in changes.items():
        setattr(row, column, value)
    _flush_name(session, row.name)
    return _category(row, _annotation_count(session, category_id))


def delete_category(session: Session, category_id: int) -> None:
    """Delete a category that no annotation has.

    Raises:
        CategoryInUse: it has annotations.
    """
    # Locked before counting: an edit that gives this category meanwhile waits, and then finds it gone.
    row = session.get_one(CategoryRow, category_id, with_for_update=True)
    count = _annotation_count(session, category_id)
    if count:
        raise CategoryInUse(
            f"{row.name!r} has {count} annotation{'s' if count > 1 else ''}; "
            "give them another category or delete them first.",
            annotation_count=count,
        )
    session.delete(row)


def _annotation_count(session: Session, category_id: int) -> int:
    statement = (
        select(func.count())
        .select_from(AnnotationRow)
        .where(AnnotationRow.category_id == category_id, AnnotationRow.is_deleted.is_(False))
    )
    return session.scalar(statement) or 0


def _free_hotkey(session: Session, project_id: int, hotkey: str) -> None:
    session.execute(
        update(CategoryRow)
        .where(CategoryRow.project_id == project_id, CategoryRow.hotkey == hotkey)
        .values(hotkey=None)
    )


def _category(row: CategoryRow, annotation_count: int) -> Category:
    return Category(
        row.id,
        row.project_id,
        row.name,
        row.color,
        row.supercategory,
        row.isthing,
        row.hotkey,
        row.position,
        annotation_count,
    )


def _flush_name(session: Session, name: str) -> None:
    try:
        session.flush()
    except IntegrityError as error:
        raise NameTaken(f"The project has a category named {name!r} already.") from error
