"""Projects and who may see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias, cast

from sqlalchemy import Row, Select, bindparam, case, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from segmentarium.core.errors import Forbidden, NameTaken, NotFound
from segmentarium.storage.tables import ImageRow, MembershipRow, ProjectRow
from segmentarium.storage.users import User

Role: TypeAlias = Literal["owner", "annotator", "viewer"]

_RANK: dict[Role, int] = {"viewer": 0, "annotator": 1, "owner": 2}
_COVER_IMAGES = 4
_MEMBERSHIP = MembershipRow.metadata.tables["membership"]
_ROLE = select(_MEMBERSHIP.c.role).where(
    _MEMBERSHIP.c.project_id == bindparam("project_id"),
    _MEMBERSHIP.c.user_id == bindparam("user_id"),
)


@dataclass(frozen=True, slots=True)
class Project:
    """A project as its member sees it."""

    id: int
    name: str
    description: str
    role: Role
    image_count: int
    done_count: int
    annotation_count: int
    cover_image_ids: list[int]
    created_at: datetime


def create_project(session: Session, user: User, name: str, description: str = "") -> int:
    """Make a project owned by a user; its id.

    Raises:
        NameTaken: another project has the name.
    """
    row = ProjectRow(name=name, description=description)
    session.add(row)
    _flush_name(session, name)
    session.add(MembershipRow(user_id=user.id, project_id=row.id, role="owner"))
    session.flush()
    return row.id


def update_project(
    session: Session, project_id: int, name: str | None, description: str | None
) -> None:
    """Change what is given.

    Raises:
        NameTaken: another project has the name.
    """
    row = session.get_one(ProjectRow, project_id)
    if name is not None:
        row.name = name
        _flush_name(session, name)
    if description is not None:
        row.description = description


def delete_project(session: Session, project_id: int) -> None:
    """Delete a project with all that is in it."""
    session.delete(session.get_one(ProjectRow, project_id))


def project_named(session: Session, name: str) -> int | None:
    """The id of the project of that name, if there is one."""
    return session.scalar(select(ProjectRow.id).where(ProjectRow.name == name))


def has_projects(session: Session) -> bool:
    """Whether there is any project at all."""
    return session.scalar(select(ProjectRow.id).limit(1)) is not None


def require_role(session: Session, user: User, project_id: int, role: Role) -> None:
    """Check that a user is at least `role` in a project.

    Raises:
        NotFound: no such project, or the user is no member: which of the two is not told.
        Forbidden: the user's role is a lesser one.
    """
    found = session.scalar(_ROLE, {"project_id": project_id, "user_id": user.id})
    if found is None:
        raise NotFound(f"There is no project {project_id}.")
    check_role(found, role)


def check_role(found: str, role: Role) -> None:
    """Check that a member's role is at least `role`.

    Raises:
        Forbidden: it is a lesser one.
    """
    if _RANK[cast("Role", found)] < _RANK[role]:
        raise Forbidden(f"You are {found} of this project; this needs {role}.")


def get_project(session: Session, user: User, project_id: int) -> Project:
    """One project.

    Raises:
        NotFound: there is none, or none that the user may see.
    """
    row = session.execute(_with_counts(user).where(ProjectRow.id == project_id)).one_or_none()
    if row is None:
        raise NotFound(f"There is no project {project_id}.")
    return _project(session, row)


def list_projects(session: Session, user: User, after: int, limit: int) -> list[Project]:
    """Projects of a user with ids over `after`, in order of id."""
    rows = session.execute(
        _with_counts(user).where(ProjectRow.id > after).order_by(ProjectRow.id).limit(limit)
    )
    return [_project(session, row) for row in rows]


def _with_counts(
    user: User,
) -> Select[int, str, str, str, int, int, int, datetime]:
    counts = (
        select(
            ImageRow.project_id,
            func.count().label("images"),
            func.sum(case((ImageRow.state == "done", 1), else_=0)).label("done"),
            func.sum(ImageRow.annotation_count).label("annotations"),
        )
        .group_by(ImageRow.project_id)
        .subquery()
    )
    return (
        select(
            ProjectRow.id,
            ProjectRow.name,
            ProjectRow.description,
            MembershipRow.role,
            func.coalesce(counts.c.images, 0),
            func.coalesce(counts.c.done, 0),
            func.coalesce(counts.c.annotations, 0),
            ProjectRow.created_at,
        )
        .join(MembershipRow, MembershipRow.project_id == ProjectRow.id)
        .outerjoin(counts, counts.c.project_id == ProjectRow.id)
        .where(MembershipRow.user_id == user.id)
    )


def _project(session: Session, row: Row[int, str, str, str, int, int, int, datetime]) -> Project:
    project_id, name, description, role, image_count, done_count, annotation_count, created_at = row
    return Project(
        id=project_id,
        name=name,
        description=description,
        role=cast("Role", role),
        image_count=image_count,
        done_count=done_count,
        annotation_count=annotation_count,
        cover_image_ids=_cover_images(session, project_id),
        created_at=created_at,
    )


def _cover_images(session: Session, project_id: int) -> list[int]:
    statement = (
        select(ImageRow.id)
        .where(ImageRow.project_id == project_id)
        .order_by(ImageRow.id)
        .limit(_COVER_IMAGES)
    )
    return list(session.scalars(statement))


def _flush_name(session: Session, name: str) -> None:
    try:
        session.flush()
    except IntegrityError as error:
        raise NameTaken(f"There is a project named {name!r} already.") from error
