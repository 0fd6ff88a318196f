"""Ids of annotations that come in: the same ones each time that the same dataset does."""

from __future__ import annotations

import hashlib
from collections import Counter
from uuid import UUID, uuid5

from segmentarium.storage.imported import NewAnnotation

_NAMESPACE = UUID("6f1d0a52-6f0c-4f6e-9a5e-1d8c5f2b7a10")  # made once


class BatchIds:
    """Gives the annotations of some images ids, none of them twice."""

    def __init__(self, project_id: int, format_name: str) -> None:
        self._origin = f"{project_id}/{format_name}"
        self._seen: Counter[str] = Counter()
        self._given: set[UUID] = set()

    def of(
        self, image_id: int, file_name: str, told: str, category: str, new: NewAnnotation
    ) -> tuple[UUID | None, UUID]:
        """The id that the dataset gives, if it is a UUID, and one that this annotation always gets in this image.

        Ids that are no UUID are unique in their file at best: what the object is belongs to the key.
        """
        own = _uuid(told)
        key = told if own else told + _digest(category, new)
        key = f"{self._origin}/{image_id}/{file_name}/{key}"
        while True:
            self._seen[key] += 1
            derived = uuid5(_NAMESPACE, f"{key}/{self._seen[key]}")
            if derived not in self._given:
                break
        if own in self._given:
            own = None
        self._given |= {derived} if own is None else {derived, own}
        return own, derived


def _digest(category: str, new: NewAnnotation) -> str:
    text = f"{category}\0{new.segmentation.text}"
    return hashlib.sha256(text.encode()).hexdigest()[:40]


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text) if len(text) in {32, 36} else None
    except ValueError:
        return None
