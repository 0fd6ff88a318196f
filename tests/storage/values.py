"""Values that the storage tests store."""

import hashlib
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

from segmentarium.storage.edit_log import Content, Edit
from segmentarium.storage.images import NewImage


def new_image(name: str, content: str | None = None) -> NewImage:
    """An image of 20 × 10 pixels whose bytes differ from those of every other name or content."""
    sha256 = hashlib.sha256((content or name).encode()).hexdigest()
    return NewImage(name, sha256, "png", 100, 20, 10, is_upright=True, is_plain=True)


def square(x: int, y: int, side: int) -> list[list[list[int]]]:
    """A square in wire form; it covers side² pixels."""
    return [[[x, y, x + side, y, x + side, y + side, x, y + side]]]


def content(category_id: int, segmentation: Any = None, **changes: Any) -> Content:
    """What an edit writes: a square of 4 × 4 pixels unless told otherwise."""
    return replace(Content(category_id, segmentation or square(1, 2, 4)), **changes)


def create(written: Content, annotation_id: UUID | None = None, base_revision: int = 0) -> Edit:
    """A new annotation, or a deleted one that comes back."""
    return Edit(uuid4(), "create", annotation_id or uuid4(), base_revision, written)


def update(annotation_id: UUID, base_revision: int, written: Content) -> Edit:
    """A change of an annotation."""
    return Edit(uuid4(), "update", annotation_id, base_revision, written)


def delete(annotation_id: UUID, base_revision: int) -> Edit:
    """The end of an annotation."""
    return Edit(uuid4(), "delete", annotation_id, base_revision, None)
