"""The tables. Times are UTC; annotation and edit ids are UUIDs made by the client.

`sqlite_autoincrement` keeps the id of a deleted row from being given again: browsers keep pictures by image id.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC datetime, also on SQLite, which keeps no zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To UTC; a naive time is a programming error."""
        if value is not None and value.tzinfo is None:
            raise ValueError("a naive datetime cannot be stored")
        return value.astimezone(UTC) if value is not None else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Aware, in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def utc_now() -> datetime:
    """The present time, aware."""
    return datetime.now(UTC)


class Table(DeclarativeBase):
    """Base of all tables; constraints have names, so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - read by SQLAlchemy at class creation
        datetime: UtcDateTime(),
        dict[str, Any]: JSON(none_as_null=True),
        list[Any]: JSON(none_as_null=True),
    }


class InstanceRow(Table):
    """One row, made with the database: tells this database from any other, so that browsers keep their work apart."""

    __tablename__ = "instance"

    id: Mapped[UUID] = mapped_column(primary_key=True)


class UserRow(Table):
    """A person who may sign in."""

    __tablename__ = "user"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class SessionRow(Table):
    """A secret that stands for a user: a browser session, an API token, or a one-time sign-in token; hashed."""

    __tablename__ = "session"
    __table_args__ = (CheckConstraint("kind in ('browser', 'token', 'sign_in')", name="kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    expires_at: Mapped[datetime]


class ProjectRow(Table):
    """A dataset being made."""

    __tablename__ = "project"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    description: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class MembershipRow(Table):
    """What a user is in a project."""

    __tablename__ = "membership"
    __table_args__ = (CheckConstraint("role in ('owner', 'annotator', 'viewer')", name="role"),)

    user_id: Mapped[int] = mapped_column(
        ForeignKey("user.id", ondelete="CASCADE"), primary_key=True
    )
    project_id: Mapped[int] = mapped_column(
        ForeignKey("project.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    role: Mapped[str] = mapped_column(String(20))


class CategoryRow(Table):
    """A category of a project."""

    __tablename__ = "category"
    __table_args__ = (UniqueConstraint("project_id", "name"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(200))
    color: Mapped[str] = mapped_column(String(7))
    supercategory: Mapped[str] = mapped_column(String(200), default="")
    isthing: Mapped[bool] = mapped_column(default=True)
    hotkey: Mapped[str | None] = mapped_column(String(1))
    position: Mapped[int]


class ImageRow(Table):
    """An image of a project. Width and height are upright; the bytes lie in the blob store under `sha256`.

    `split` is train, val, test or another name, where the dataset has one.
    `name_folded` is the name with case folded, to search in: databases fold ASCII only, or as their locale has it.
    """

    __tablename__ = "image"
    __table_args__ = (
        UniqueConstraint("project_id", "sha256"),
        Index(None, "project_id", "id"),
        CheckConstraint("state in ('new', 'in_progress', 'done', 'skipped')", name="state"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(255))
    name_folded: Mapped[str] = mapped_column(String(1024))
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    format: Mapped[str] = mapped_column(String(10))
    bytes: Mapped[int] = mapped_column(BigInteger)
    width: Mapped[int]
    height: Mapped[int]
    split: Mapped[str | None] = mapped_column(String(40))
    is_upright: Mapped[bool]
    is_plain: Mapped[bool]
    state: Mapped[str] = mapped_column(String(20), default="new")
    annotation_count: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class AnnotationRow(Table):
    """An annotation as it is now; a deleted one stays, so that its revisions go on when it comes back.

    `category_id` is null only in a deleted one, whose category was deleted later.
    """

    __tablename__ = "annotation"
    __table_args__ = (
        Index(None, "image_id", "is_deleted", "z_order"),
        Index(None, "category_id", "is_deleted"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    image_id: Mapped[int] = mapped_column(ForeignKey("image.id", ondelete="CASCADE"))
    category_id: Mapped[int | None] = mapped_column(ForeignKey("category.id", ondelete="SET NULL"))
    segmentation: Mapped[Any] = mapped_column(JSON)
    bbox_x: Mapped[int]
    bbox_y: Mapped[int]
    bbox_w: Mapped[int]
    bbox_h: Mapped[int]
    area: Mapped[int] = mapped_column(BigInteger)
    iscrowd: Mapped[bool]
    z_order: Mapped[int]
    source: Mapped[str] = mapped_column(String(40))
    score: Mapped[float | None]
    attributes: Mapped[dict[str, Any] | None]
    revision: Mapped[int]
    is_deleted: Mapped[bool] = mapped_column(default=False)
    updated_at: Mapped[datetime]


class EditRow(Table):
    """The log of edits, append-only: who, when, which annotation, before, after, and the client's edit id.

    It goes with its image when that is deleted.
    """

    __tablename__ = "edit"
    __table_args__ = (
        Index(None, "image_id", "id"),
        CheckConstraint("op in ('create', 'update', 'delete')", name="op"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    edit_id: Mapped[UUID] = mapped_column(unique=True)
    image_id: Mapped[int] = mapped_column(ForeignKey("image.id", ondelete="CASCADE"))
    annotation_id: Mapped[UUID] = mapped_column(index=True)
    op: Mapped[str] = mapped_column(String(10))
    revision: Mapped[int]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    created_at: Mapped[datetime]
    before: Mapped[dict[str, Any] | None]
    after: Mapped[dict[str, Any] | None]


class JobRow(Table):
    """Work that outlasts a request: `source` is the file that an import reads, `report` what a job found out.

    `attempts` counts how often it was begun: more than once where the server ended meanwhile.
    """

    __tablename__ = "job"
    __table_args__ = (
        CheckConstraint(
            "state in ('queued', 'running', 'done', 'failed', 'cancelled')", name="state"
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int | None] = mapped_column(
        ForeignKey("project.id", ondelete="CASCADE"), index=True
    )
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    kind: Mapped[str] = mapped_column(String(40))
    parameters: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(20), default="queued")
    progress: Mapped[float] = mapped_column(default=0.0)
    message: Mapped[str] = mapped_column(Text, default="")
    counts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    file_sha256: Mapped[str | None] = mapped_column(String(64))
    file_name: Mapped[str | None] = mapped_column(String(255))
    file_bytes: Mapped[int | None] = mapped_column(BigInteger)
    problem: Mapped[dict[str, Any] | None]
    source_sha256: Mapped[str | None] = mapped_column(String(64))
    report: Mapped[dict[str, Any] | None]
    attempts: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    finished_at: Mapped[datetime | None]
