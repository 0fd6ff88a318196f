"""Edits: applied all or none, each once, each on the revision that its maker saw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NoReturn
from uuid import UUID

from sqlalchemy import Row, bindparam, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from segmentarium.core.annotation import segmentation_from_json
from segmentarium.core.boxes import PixelBboxXYWH
from segmentarium.core.errors import (
    Conflict,
    EditIdReused,
    InvalidAnnotation,
    StaleRevision,
)
from segmentarium.core.raster import segmentation_area_and_bbox
from segmentarium.core.rle import RLE
from segmentarium.storage.annotations import (
    ANNOTATION,
    ANNOTATION_COLUMNS,
    Annotation,
    annotation_of,
)
from segmentarium.storage.edit_log import (
    INSERT_LOG,
    Content,
    Edit,
    EditResult,
    edits_logged,
    is_of_logged,
    logged_content,
    result_of_logged,
)
from segmentarium.storage.images import LockedImage
from segmentarium.storage.json_text import JsonText, to_json
from segmentarium.storage.tables import ImageRow, utc_now
from segmentarium.storage.users import User


def apply_edits(
    session: Session, image: LockedImage, user: User, edits: Sequence[Edit]
) -> list[EditResult]:
    """Apply edits to an image's annotations, in order.

    Raises:
        StaleRevision: one or more were made on another revision; `current` has all of these annotations as they are.
        EditIdReused: an edit id stands for another edit already.
        InvalidAnnotation: what an edit would write cannot be; the member `edit` is its index.
    """
    return _Application(session, image, user, edits).run()


# Tables and columns, not rows: the ORM's bookkeeping of twenty annotations would be a third of the time. Statements are
# made once: making one costs more than running it does.
_IMAGE = ImageRow.metadata.tables["image"]
_CATEGORY = ImageRow.metadata.tables["category"]
_CURRENT = select(ANNOTATION.c.is_deleted, *ANNOTATION_COLUMNS).where(
    ANNOTATION.c.id.in_(bindparam("ids", expanding=True))
)
# With the highest z-order of the image, which most edits need as well.
_LOCK_CATEGORIES = (
    select(
        _CATEGORY.c.id,
        select(func.max(ANNOTATION.c.z_order))
        .where(ANNOTATION.c.image_id == bindparam("image_id"), ANNOTATION.c.is_deleted.is_(False))
        .scalar_subquery(),
    )
    .where(
        _CATEGORY.c.project_id == bindparam("project_id"),
        _CATEGORY.c.id.in_(bindparam("ids", expanding=True)),
    )
    .with_for_update(read=True, key_share=True, of=_CATEGORY)
)
_INSERT = insert(ANNOTATION)
_UPDATE = update(ANNOTATION).where(ANNOTATION.c.id == bindparam("annotation_id"))
_UPDATE_IMAGE = (
    update(_IMAGE)
    .where(_IMAGE.c.id == bindparam("image_id"))
    .values(
        annotation_count=_IMAGE.c.annotation_count + bindparam("more"), state=bindparam("new_state")
    )
)


@dataclass(frozen=True, slots=True)
class _Standing:
    """An annotation at some point of a batch; deleted ones keep what they were."""

    annotation: Annotation
    is_deleted: bool

    @property
    def revision(self) -> int:
        return self.annotation.revision

    def row(self) -> dict[str, Any]:
        """Its columns, but for the id."""
        annotation = self.annotation
        x, y, w, h = annotation.bbox_xywh
        return {
            "image_id": annotation.image_id,
            "category_id": annotation.category_id,
            "segmentation": annotation.segmentation,
            "bbox_x": x,
            "bbox_y": y,
            "bbox_w": w,
            "bbox_h": h,
            "area": annotation.area,
            "iscrowd": annotation.iscrowd,
            "z_order": annotation.z_order,
            "source": annotation.source,
            "score": annotation.score,
            "attributes": annotation.attributes,
            "revision": annotation.revision,
            "is_deleted": self.is_deleted,
            "updated_at": annotation.updated_at,
        }


def _attributes(content: Content, standing: _Standing | None) -> Mapping[str, Any] | None:
    """Those of the edit; one that says nothing of them leaves what was there, also of a deleted annotation."""
    if content.attributes is not None or standing is None:
        return content.attributes or None
    return standing.annotation.attributes


class _Application:
    """One batch being applied: what it touches is read at once, locked by the image's row, and written at once."""

    def __init__(
        self, session: Session, image: LockedImage, user: User, edits: Sequence[Edit]
    ) -> None:
        self._session = session
        self._image = image
        self._edits = edits
        self._user = user
        self._now: datetime = utc_now()
        self._logged = self._edits_logged()
        self._standing = self._annotations_of({edit.annotation_id for edit in edits})
        self._stored = set(self._standing)
        self._touched: dict[UUID, None] = {}
        self._categories, self._top = self._lock_categories()
        self._more = 0
        self._log: list[dict[str, Any]] = []

    def run(self) -> list[EditResult]:
        self._refuse_stale()
        results = [self._apply(index, edit) for index, edit in enumerate(self._edits)]
        if self._log:
            try:
                self._write()
            except IntegrityError as error:
                # The lock is of one image: only the same id sent to another image at the same moment comes here.
                if "edit_id" in str(error.orig):
                    raise EditIdReused("An edit id was used for another image just now.") from error
                raise Conflict("An annotation id was used on another image just now.") from error
        return results

    def _write(self) -> None:
        rows = {key: self._standing[key].row() for key in self._touched}
        new = [{"id": key, **row} for key, row in rows.items() if key not in self._stored]
        changed = [
            {"annotation_id": key, **row} for key, row in rows.items() if key in self._stored
        ]
        if new:
            self._session.execute(_INSERT, new)
        if changed:
            self._session.execute(_UPDATE, changed)
        self._session.execute(INSERT_LOG, self._log)
        state = "in_progress" if self._image.state == "new" else self._image.state
        if self._more or state != self._image.state:
            given = {"image_id": self._image.id, "more": self._more, "new_state": state}
            self._session.execute(_UPDATE_IMAGE, given)

    def _edits_logged(self) -> dict[UUID, Row[Any]]:
        ids = [edit.edit_id for edit in self._edits]
        if len(set(ids)) != len(ids):
            raise EditIdReused("One edit id stands twice in the request.")
        logged = edits_logged(self._session, ids)
        for edit in self._edits:
            row = logged.get(edit.edit_id)
            if row and not (row.image_id == self._image.id and is_of_logged(edit, row)):
                raise EditIdReused(f"The edit id {edit.edit_id} stands for another edit already.")
        return logged

    def _lock_categories(self) -> tuple[set[int], int]:
        """Those of the project that the edits are of, which cannot be deleted meanwhile; and the highest z-order."""
        ids = {edit.content.category_id for edit in self._edits if edit.content is not None}
        given = {
            "project_id": self._image.project_id,
            "image_id": self._image.id,
            "ids": list(ids),
        }
        rows = self._session.execute(_LOCK_CATEGORIES, given).all() if ids else []
        return {row[0] for row in rows}, (rows[0][1] or 0) if rows else 0

    def _annotations_of(self, ids: set[UUID]) -> dict[UUID, _Standing]:
        found = {}
        for is_deleted, *columns in self._session.execute(_CURRENT, {"ids": list(ids)}):
            annotation = annotation_of(columns)
            if annotation.image_id != self._image.id:
                raise Conflict(f"The annotation {annotation.id} belongs to another image.")
            found[annotation.id] = _Standing(annotation, is_deleted)
        return found

    def _refuse_stale(self) -> None:
        """Walk the revisions through the batch before anything is written, so that all stale ones are told at once."""
        state = {key: (one.revision, not one.is_deleted) for key, one in self._standing.items()}
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
        current: list[dict[str, object]] = []
        for annotation_id in ids:
            one = self._standing.get(annotation_id)
            if one is None or one.is_deleted:
                revision = one.revision if one else 0
                current.append({"id": str(annotation_id), "revision": revision, "deleted": True})
            else:
                current.append(one.annotation._asdict())
        many = f"{len(ids)} annotations" if len(ids) > 1 else "The annotation"
        raise StaleRevision(
            f"{many} changed since you loaded the image; nothing was saved.", current=current
        )

    def _apply(self, index: int, edit: Edit) -> EditResult:
        logged = self._logged.get(edit.edit_id)
        if logged is not None:
            return result_of_logged(logged)
        standing = self._standing.get(edit.annotation_id)
        before = None if standing is None or standing.is_deleted else standing.annotation
        after = None if edit.op == "delete" else self._written(index, edit, standing)
        if after is not None:
            now = _Standing(after, is_deleted=False)
        elif before is not None:
            deleted = before._replace(revision=before.revision + 1, updated_at=self._now)
            now = _Standing(deleted, is_deleted=True)
        else:  # cannot be: `_refuse_stale` has seen it
            raise Conflict("There is no such annotation.")
        self._more += (after is not None) - (before is not None)
        self._standing[edit.annotation_id] = now
        self._touched[edit.annotation_id] = None
        self._log.append(
            {
                "edit_id": edit.edit_id,
                "image_id": self._image.id,
                "annotation_id": edit.annotation_id,
                "op": edit.op,
                "revision": now.revision,
                "user_id": self._user.id,
                "created_at": self._now,
                "before": before and logged_content(before),
                "after": after and logged_content(after),
            }
        )
        return EditResult(edit.edit_id, edit.annotation_id, now.revision, after)

    def _written(self, index: int, edit: Edit, standing: _Standing | None) -> Annotation:
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
        return Annotation(
            id=edit.annotation_id,
            image_id=self._image.id,
            category_id=content.category_id,
            segmentation=JsonText(to_json(content.segmentation)),
            bbox_xywh=bbox,
            area=area,
            iscrowd=content.iscrowd,
            z_order=self._z_order(edit, content, standing),
            source=content.source,
            score=content.score,
            attributes=_attributes(content, standing),
            revision=(standing.revision if standing else 0) + 1,
            updated_at=self._now,
        )

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

    def _z_order(self, edit: Edit, content: Content, standing: _Standing | None) -> int:
        if content.z_order is not None:
            self._top = max(self._top, content.z_order)
            return content.z_order
        if edit.op == "update" and standing is not None:
            return standing.annotation.z_order
        self._top += 1
        return self._top
