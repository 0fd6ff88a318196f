"""Images of a project."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, bindparam, exists, func, select
from sqlalchemy.orm import Session

from segmentarium.core.errors import Conflict, NotFound
from segmentarium.storage.projects import Role, check_role
from segmentarium.storage.tables import AnnotationRow, ImageRow, MembershipRow, ProjectRow
from segmentarium.storage.users import User


@dataclass(frozen=True, slots=True)
class NewImage:
    """An image about to be added; its bytes are in the blob store."""

    name: str
    sha256: str
    format: str
    bytes: int
    width: int
    height: int
    is_upright: bool
    is_plain: bool


@dataclass(frozen=True, slots=True)
class LockedImage:
    """An image that no other transaction changes, nor edits the annotations of, until this one ends."""

    id: int
    project_id: int
    width: int
    height: int
    state: str


@dataclass(frozen=True, slots=True)
class ImageFilter:
    """Which images of a project: by state, by a category that they contain, by a part of their name."""

    state: str | None = None
    category_id: int | None = None
    name_contains: str | None = None

    def conditions(self, project_id: int) -> list[ColumnElement[bool]]:
        """The filter in SQL."""
        found: list[ColumnElement[bool]] = [ImageRow.project_id == project_id]
        if self.state is not None:
            found.append(ImageRow.state == self.state)
        if self.name_contains:
            found.append(
                ImageRow.name_folded.contains(self.name_contains.casefold(), autoescape=True)
            )
        if self.category_id is not None:
            found.append(
                exists().where(
                    AnnotationRow.image_id == ImageRow.id,
                    AnnotationRow.category_id == self.category_id,
                    AnnotationRow.is_deleted.is_(False),
                )
            )
        return found


# Each image that is opened asks these. They are made once: making a statement costs more than running it does. Where
# no row of the ORM is wanted they are of tables, which spares its bookkeeping.
_IMAGE = ImageRow.metadata.tables["image"]
_MEMBERSHIP = ImageRow.metadata.tables["membership"]
_IMAGE_AND_ROLE = (
    select(ImageRow, MembershipRow.role)
    .join(MembershipRow, MembershipRow.project_id == ImageRow.project_id)
    .where(ImageRow.id == bindparam("image_id"), MembershipRow.user_id == bindparam("user_id"))
)
_IN_PROJECT = _IMAGE.c.project_id == bindparam("project_id")
_NEIGHBOURS = select(
    select(func.max(_IMAGE.c.id))
    .where(_IN_PROJECT, _IMAGE.c.id < bindparam("image_id"))
    .scalar_subquery(),
    select(func.min(_IMAGE.c.id))
    .where(_IN_PROJECT, _IMAGE.c.id > bindparam("image_id"))
    .scalar_subquery(),
)
# PostgreSQL locks the row; SQLite has one writer at a time anyhow.
_LOCK_IMAGE = (
    select(*(_IMAGE.c[name] for name in ("id", "project_id", "width", "height", "state")))
    .where(_IMAGE.c.id == bindparam("image_id"))
    .with_for_update(of=_IMAGE)
)
_LOCK_IMAGE_AND_ROLE = (
    _LOCK_IMAGE.add_columns(_MEMBERSHIP.c.role)
    .join(_MEMBERSHIP, _MEMBERSHIP.c.project_id == _IMAGE.c.project_id)
    .where(_MEMBERSHIP.c.user_id == bindparam("user_id"))
)


def get_image(session: Session, image_id: int) -> ImageRow:
    """One image.

    Raises:
        NotFound: there is none.
    """
    row = session.get(ImageRow, image_id)
    if row is None:
        raise NotFound(f"There is no image {image_id}.")
    return row


def get_image_of_member(session: Session, user: User, image_id: int, role: Role) -> ImageRow:
    """One image of a project in which the user is at least `role`.

    Raises:
        NotFound: there is none, or the user is no member of its project: which of the two is not told.
        Forbidden: the user's role is a lesser one.
    """
    found = session.execute(
        _IMAGE_AND_ROLE, {"image_id": image_id, "user_id": user.id}
    ).one_or_none()
    if found is None:
        raise NotFound(f"There is no image {image_id}.")
    image, own_role = found
    check_role(own_role, role)
    return image


def lock_image(session: Session, image_id: int) -> LockedImage:
    """One image, to edit its annotations.

    Raises:
        NotFound: there is none.
    """
    found = session.execute(_LOCK_IMAGE, {"image_id": image_id}).one_or_none()
    if found is None:
        raise NotFound(f"There is no image {image_id}.")
    return LockedImage(*found)


def lock_image_of_member(session: Session, user: User, image_id: int, role: Role) -> LockedImage:
    """The same of a project in which the user is at least `role`.

    Raises:
        NotFound: there is none, or the user is no member of its project: which of the two is not told.
        Forbidden: the user's role is a lesser one.
    """
    found = session.execute(
        _LOCK_IMAGE_AND_ROLE, {"image_id": image_id, "user_id": user.id}
    ).one_or_none()
    if found is None:
        raise NotFound(f"There is no image {image_id}.")
    *image, own_role = found
    check_role(own_role, role)
    return LockedImage(*image)


def set_state(
    session: Session, image: LockedImage, state: str, was: Collection[str] | None
) -> ImageRow:
    """Set the state of work, over one of the states `was`; None: over any.

    Raises:
        Conflict: it is another one, and not the wanted one either; the member `state` says which.
    """
    if was is not None and image.state not in {*was, state}:
        raise Conflict(f"The state of the image is {image.state} by now.", state=image.state)
    row = get_image(session, image.id)
    row.state = state
    session.flush()
    return row


def add_images(
    session: Session, project_id: int, images: Sequence[NewImage]
) -> tuple[list[ImageRow], list[tuple[NewImage, int]]]:
    """Add images; those whose bytes the project has are not added again.

    Returns:
        The new rows, and the ones left out with the id of the image that has their bytes.
    """
    # Two uploads of one file at a time must see each other; the project may be gone since the role was checked.
    if session.get(ProjectRow, project_id, with_for_update=True, populate_existing=True) is None:
        raise NotFound(f"There is no project {project_id}.")
    known = dict(
        session.execute(
            select(ImageRow.sha256, ImageRow.id).where(
                ImageRow.project_id == project_id,
                ImageRow.sha256.in_([image.sha256 for image in images]),
            )
        ).all()
    )
    added: list[ImageRow] = []
    duplicates: list[tuple[NewImage, int]] = []
    for image in images:
        if image.sha256 in known:
            duplicates.append((image, known[image.sha256]))
            continue
        row = ImageRow(
            project_id=project_id,
            name=image.name,
            name_folded=image.name.casefold(),
            sha256=image.sha256,
            format=image.format,
            bytes=image.bytes,
            width=image.width,
            height=image.height,
            is_upright=image.is_upright,
            is_plain=image.is_plain,
        )
        session.add(row)
        session.flush()
        known[image.sha256] = row.id
        added.append(row)
    return added, duplicates


def list_images(
    session: Session, project_id: int, which: ImageFilter, after: int, limit: int
) -> list[ImageRow]:
    """Images with ids over `after`, in order of id."""
    statement = (
        select(ImageRow)
        .where(*which.conditions(project_id), ImageRow.id > after)
        .order_by(ImageRow.id)
        .limit(limit)
    )
    return list(session.scalars(statement))


def all_images(session: Session, project_id: int) -> list[ImageRow]:
    """Every image of a project, in order of id."""
    return list(
        session.scalars(
            select(ImageRow).where(ImageRow.project_id == project_id).order_by(ImageRow.id)
        )
    )


def count_images(session: Session, project_id: int, which: ImageFilter) -> int:
    """How many images the filter lets through."""
    statement = select(func.count()).select_from(ImageRow).where(*which.conditions(project_id))
    return session.scalar(statement) or 0


def neighbours(session: Session, image: ImageRow) -> tuple[int | None, int | None]:
    """Ids of the images before and after one in its project."""
    given = {"project_id": image.project_id, "image_id": image.id}
    before, after = session.execute(_NEIGHBOURS, given).one()
    return before, after
