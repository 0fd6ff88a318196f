"""What an edit is, and the log that keeps them, append-only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeAlias
from uuid import UUID

from sqlalchemy import Row, bindparam, insert, select
from sqlalchemy.orm import Session

from segmentarium.storage.annotations import Annotation
from segmentarium.storage.json_text import JsonText, json_object, to_json
from segmentarium.storage.tables import EditRow, UserRow
from segmentarium.storage.users import User

Op: TypeAlias = Literal["create", "update", "delete"]


@dataclass(frozen=True, slots=True)
class Content:
    """What an edit writes; `z_order` None puts it on top, `attributes` None leaves those that are there."""

    category_id: int
    segmentation: Any
    iscrowd: bool = False
    z_order: int | None = None
    source: str = "manual"
    score: float | None = None
    attributes: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of one annotation, as the client sent it."""

    edit_id: UUID
    op: Op
    annotation_id: UUID
    base_revision: int
    content: Content | None


@dataclass(frozen=True, slots=True)
class EditResult:
    """What an edit left."""

    edit_id: UUID
    annotation_id: UUID
    revision: int
    annotation: Annotation | None


@dataclass(frozen=True, slots=True)
class LoggedEdit:
    """An entry of the log with its maker."""

    row: EditRow
    user: User | None


_LOG = EditRow.metadata.tables["edit"]
_LOGGED = select(_LOG).where(_LOG.c.edit_id.in_(bindparam("ids", expanding=True)))
INSERT_LOG = insert(_LOG)


def list_edits(session: Session, image_id: int, before: int | None, limit: int) -> list[LoggedEdit]:
    """The log of an image, newest first, from before an entry's id."""
    statement = (
        select(EditRow, UserRow)
        .outerjoin(UserRow, UserRow.id == EditRow.user_id)
        .where(EditRow.image_id == image_id)
        .order_by(EditRow.id.desc())
        .limit(limit)
    )
    if before is not None:
        statement = statement.where(EditRow.id < before)
    rows: Iterable[Row[EditRow, UserRow | None]] = session.execute(statement)
    return [LoggedEdit(row, User(user.id, user.name) if user else None) for row, user in rows]


def edits_logged(session: Session, ids: Sequence[UUID]) -> dict[UUID, Row[Any]]:
    """The entries of the log that have one of these edit ids; columns as in EditRow."""
    return {row.edit_id: row for row in session.execute(_LOGGED, {"ids": ids})}


def logged_content(annotation: Annotation) -> JsonText:
    """What the log keeps of an annotation, before or after an edit."""
    values = {
        "category_id": annotation.category_id,
        "bbox_xywh": annotation.bbox_xywh,
        "area": annotation.area,
        "iscrowd": annotation.iscrowd,
        "z_order": annotation.z_order,
        "source": annotation.source,
        "score": annotation.score,
    }
    if annotation.attributes:
        values["attributes"] = annotation.attributes
    return json_object(values, "segmentation", annotation.segmentation)


def is_of_logged(edit: Edit, row: Row[Any]) -> bool:
    """Whether an edit is the one in the log; a z-order left to the server may have become any."""
    if (edit.annotation_id, edit.op) != (row.annotation_id, row.op):
        return False
    if edit.content is None or row.after is None:
        return row.after is None
    asked = {name: value for name, value in asdict(edit.content).items() if value is not None}
    return all(row.after.get(name) == value for name, value in asked.items())


def result_of_logged(row: Row[Any]) -> EditResult:
    """The result of an edit that was applied before."""
    annotation = None
    if row.after is not None:
        annotation = Annotation(
            id=row.annotation_id,
            image_id=row.image_id,
            revision=row.revision,
            updated_at=row.created_at,
            **{
                "attributes": None,
                **row.after,
                "segmentation": JsonText(to_json(row.after["segmentation"])),
                "bbox_xywh": tuple(row.after["bbox_xywh"]),
            },
        )
    return EditResult(row.edit_id, row.annotation_id, row.revision, annotation)
