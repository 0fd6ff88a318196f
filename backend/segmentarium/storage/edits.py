"""Edits: applied all or none, each once, each on the revision that its maker saw; and the log that keeps them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal, NoReturn, TypeAlias
from uuid import UUID

from sqlalchemy import Row, func, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from segmentarium.core.annotation import segmentation_from_json
from segmentarium.core.boxes import PixelBboxXYWH
from segmentarium.core.errors import (
    Conflict,
    EditIdReused,
    InvalidAnnotation,
    NotFound,
    StaleRevision,
)
from segmentarium.core.raster import segmentation_area_and_bbox
from segmentarium.core.rle import RLE
from segmentarium.storage.annotations import Annotation, annotation_of
from segmentarium.storage.tables import (
    AnnotationRow,
    CategoryRow,
    EditRow,
    ImageRow,
    UserRow,
    utc_now,
)
from segmentarium.storage.users import User

Op: TypeAlias = Literal["create", "update", "delete"]


@dataclass(frozen=True, slots=True)
class Content:
    """What an edit writes; `z_order` None puts it on top."""

    category_id: int
    segmentation: Any
    iscrowd: bool = False
    z_order: int | None = None
    source: str = "manual"
    score: float | None = None


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


def apply_edits(
    session: Session, image: ImageRow, user: User, edits: Sequence[Edit]
) -> list[EditResult]:
    """Apply edits to an image's annotations, in order.

    Raises:
        StaleRevision: one or more were made on another revision; `current` has all of these annotations as they are.
        EditIdReused: an edit id stands for another edit already.
        InvalidAnnotation: what an edit would write cannot be; the member `edit` is its index.
    """
    return _Application(session, image, user, edits).run()


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


# The table itself, not the class: an insert of plain rows needs nothing of the ORM.
_LOG = insert(EditRow.metadata.tables["edit"])


class _Application:
    """One batch being applied: the rows it touches are read at once and locked by their image's row."""

    def __init__(
        self, session: Session, image: ImageRow, user: User, edits: Sequence[Edit]
    ) -> None:
        self._session = session
        self._edits = edits
        self._user = user
        self._now: datetime = utc_now()
        # All edits of an image go through this lock (PostgreSQL; SQLite has one writer at a time anyhow).
        locked = session.get(ImageRow, image.id, with_for_update=True, populate_existing=True)
        if locked is None:
            raise NotFound(f"There is no image {image.id}.")
        self._image = locked
        self._logged = self._rows_logged()
        self._rows = self._rows_of(edit.annotation_id for edit in edits)
        self._categories = set(
            session.scalars(
                select(CategoryRow.id)
                .where(CategoryRow.project_id == image.project_id)
                .with_for_update(read=True, key_share=True)
            )
        )
        self._top: int | None = None
        self._log: list[dict[str, Any]] = []

    def run(self) -> list[EditResult]:
        self._refuse_stale()
        results = [self._apply(index, edit) for index, edit in enumerate(self._edits)]
        if self._log and self._image.state == "new":
            self._image.state = "in_progress"
        try:
            self._session.flush()
            if self._log:
                self._session.execute(_LOG, self._log)
        except IntegrityError as error:
            # The lock is of one image: only the same id sent to another image at the same moment comes here.
            if "edit_id" in str(error.orig):
                raise EditIdReused("An edit id was used for another image just now.") from error
            raise Conflict("An annotation id was used on another image just now.") from error
        return results

    def _rows_logged(self) -> dict[UUID, EditRow]:
        ids = [edit.edit_id for edit in self._edits]
        if len(set(ids)) != len(ids):
            raise EditIdReused("One edit id stands twice in the request.")
        rows = self._session.scalars(select(EditRow).where(EditRow.edit_id.in_(ids)))
        logged = {row.edit_id: row for row in rows}
        for edit in self._edits:
            row = logged.get(edit.edit_id)
            if row and not (row.image_id == self._image.id and _is_of_logged(edit, row)):
                raise EditIdReused(f"The edit id {edit.edit_id} stands for another edit already.")
        return logged

    def _rows_of(self, annotation_ids: Iterable[UUID]) -> dict[UUID, AnnotationRow]:
        statement = select(AnnotationRow).where(AnnotationRow.id.in_(set(annotation_ids)))
        rows = {row.id: row for row in self._session.scalars(statement)}
        for row in rows.values():
            if row.image_id != self._image.id:
                raise Conflict(f"The annotation {row.id} belongs to another image.")
        return rows

    def _refuse_stale(self) -> None:
        """Walk the revisions through the batch before anything is written, so that all stale ones are told at once."""
        state = {key: (row.revision, not row.is_deleted) for key, row in self._rows.items()}
        stale: list[UUID] = []
        for edit in self._edits:
            if edit.edit_id in self._logged:
                continue
            revision, exists = state.get(edit.annotation_id, (0, False))
            if edit.base_revision != revision or exists == (edit.op == "create"):
                stale.append(edit.annotation_id)
            state[edit.annotation_id] = (revision + 1, edit.op != "delete")
        if stale:
            self._raise_stale(list(dict.fromkeys(stale)))

    def _raise_stale(self, ids: list[UUID]) -> NoReturn:
        current: list[Annotation | dict[str, object]] = []
        for annotation_id in ids:
            row = self._rows.get(annotation_id)
            if row is None or row.is_deleted:
                revision = row.revision if row else 0
                current.append({"id": str(annotation_id), "revision": revision, "deleted": True})
            else:
                current.append(annotation_of(row))
        many = f"{len(ids)} annotations" if len(ids) > 1 else "The annotation"
        raise StaleRevision(
            f"{many} changed since you loaded the image; nothing was saved.", current=current
        )

    def _apply(self, index: int, edit: Edit) -> EditResult:
        logged = self._logged.get(edit.edit_id)
        if logged is not None:
            return _result_of_logged(logged)
        row = self._rows.get(edit.annotation_id)
        before = None if row is None or row.is_deleted else _content_of(row)
        if edit.op == "delete":
            row = self._deleted(row)
            self._image.annotation_count -= 1
            return self._logged_result(edit, row, before)
        row = self._written(index, edit, row)
        if edit.op == "create":
            self._image.annotation_count += 1
        return self._logged_result(edit, row, before)

    def _deleted(self, row: AnnotationRow | None) -> AnnotationRow:
        if row is None:  # cannot be: `_refuse_stale` has seen it
            raise Conflict("There is no such annotation.")
        row.is_deleted = True
        row.revision += 1
        row.updated_at = self._now
        return row

    def _written(self, index: int, edit: Edit, row: AnnotationRow | None) -> AnnotationRow:
        content = edit.content
        if content is None:
            raise InvalidAnnotation(f"A {edit.op} needs its annotation.", edit=index)
        if content.category_id not in self._categories:
            raise InvalidAnnotation(
                f"The project has no category {content.category_id}.",
                edit=index,
                field="category_id",
            )
        area, bbox = self._measured(index, content.segmentation)
        if row is None:
            row = AnnotationRow(
                id=edit.annotation_id, image_id=self._image.id, revision=0, z_order=0
            )
            self._rows[edit.annotation_id] = row
            self._session.add(row)
        is_new = edit.op == "create"
        row.category_id = content.category_id
        row.segmentation = content.segmentation
        row.bbox_x, row.bbox_y, row.bbox_w, row.bbox_h = bbox
        row.area = area
        row.iscrowd = content.iscrowd
        if content.z_order is not None:
            row.z_order = content.z_order
            if self._top is not None:
                self._top = max(self._top, content.z_order)
        elif is_new:
            row.z_order = self._next_z_order()
        row.source = content.source
        row.score = content.score
        row.is_deleted = False
        row.revision += 1
        row.updated_at = self._now
        return row

    def _measured(self, index: int, segmentation: Any) -> tuple[int, PixelBboxXYWH]:
        height, width = self._image.height, self._image.width
        try:
            value = segmentation_from_json(segmentation)
        except InvalidAnnotation as error:
            error.members |= {"edit": index, "field": "segmentation"}
            raise
        problem = None
        if isinstance(value, RLE):
            if value.size != (height, width):
                problem = f"The RLE is of size {value.size[0]} × {value.size[1]}, the image of {height} × {width}."
        elif any(
            ring.min() < 0 or ring[:, 0].max() > width or ring[:, 1].max() > height
            for part in value.parts
            for ring in part
        ):
            problem = f"A vertex lies outside the image of {width} × {height} pixels."
        area, bbox = (
            (0, (0, 0, 0, 0)) if problem else segmentation_area_and_bbox(value, height, width)
        )
        if problem is None and area == 0:
            problem = "The segmentation covers the centre of no pixel."
        if problem is not None:
            raise InvalidAnnotation(problem, edit=index, field="segmentation")
        return area, bbox

    def _next_z_order(self) -> int:
        if self._top is None:
            statement = select(func.max(AnnotationRow.z_order)).where(
                AnnotationRow.image_id == self._image.id, AnnotationRow.is_deleted.is_(False)
            )
            with self._session.no_autoflush:
                stored = self._session.scalar(statement)
            # Rows of this batch are not written yet.
            self._top = max(
                [stored or 0, *(row.z_order for row in self._rows.values() if not row.is_deleted)]
            )
        self._top += 1
        return self._top

    def _logged_result(
        self, edit: Edit, row: AnnotationRow, before: dict[str, Any] | None
    ) -> EditResult:
        after = None if row.is_deleted else _content_of(row)
        self._log.append(
            {
                "edit_id": edit.edit_id,
                "image_id": self._image.id,
                "annotation_id": edit.annotation_id,
                "op": edit.op,
                "revision": row.revision,
                "user_id": self._user.id,
                "created_at": self._now,
                "before": before,
                "after": after,
            }
        )
        annotation = None if row.is_deleted else annotation_of(row)
        return EditResult(edit.edit_id, edit.annotation_id, row.revision, annotation)


def _content_of(row: AnnotationRow) -> dict[str, Any]:
    return {
        "category_id": row.category_id,
        "segmentation": row.segmentation,
        "bbox_xywh": [row.bbox_x, row.bbox_y, row.bbox_w, row.bbox_h],
        "area": row.area,
        "iscrowd": row.iscrowd,
        "z_order": row.z_order,
        "source": row.source,
        "score": row.score,
    }


def _is_of_logged(edit: Edit, row: EditRow) -> bool:
    """Whether an edit is the one in the log; a z-order left to the server may have become any."""
    if (edit.annotation_id, edit.op) != (row.annotation_id, row.op):
        return False
    if edit.content is None or row.after is None:
        return row.after is None
    asked = {name: value for name, value in asdict(edit.content).items() if value is not None}
    return all(row.after[name] == value for name, value in asked.items())


def _result_of_logged(row: EditRow) -> EditResult:
    annotation = None
    if row.after is not None:
        annotation = Annotation(
            id=row.annotation_id,
            image_id=row.image_id,
            revision=row.revision,
            updated_at=row.created_at,
            **{**row.after, "bbox_xywh": tuple(row.after["bbox_xywh"])},
        )
    return EditResult(row.edit_id, row.annotation_id, row.revision, annotation)
