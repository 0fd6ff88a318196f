"""Attributes that are called as something of a format's own: written under another name, and read back under theirs."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from segmentarium.core.annotation import Annotation
from segmentarium.formats.base import DatasetImage
from segmentarium.formats.support.changes import ChangeKind, Changes

_BEFORE = "attribute."


def renamed(
    image: DatasetImage, annotation: Annotation, taken: Collection[str], changes: Changes
) -> dict[str, object]:
    """An annotation's attributes, none of them under a name that is taken; new names are noted."""
    found: dict[str, object] = {}
    for key, value in annotation.attributes.items():
        name = f"{_BEFORE}{key}" if _is_taken(key, taken) else key
        if name != key:
            detail = f"{key}: as {name}"
            changes.note(ChangeKind.ATTRIBUTES_LOST, image.file_name, annotation.id, detail)
        found[name] = value
    return found


def named_back(attributes: Mapping[str, object], taken: Collection[str]) -> dict[str, object]:
    """The attributes as they were called.

    >>> named_back({"attribute.score": 3, "attribute.x": 4}, {"score"})
    {'score': 3, 'attribute.x': 4}
    """
    found = dict(attributes)
    for key in attributes:
        name = key.removeprefix(_BEFORE)
        if name != key and _is_taken(name, taken) and name not in found:
            found = {name if one == key else one: value for one, value in found.items()}
    return found


def _is_taken(key: str, taken: Collection[str]) -> bool:
    """Also with what renaming puts before it, so that no two names become one."""
    while key.startswith(_BEFORE):
        key = key.removeprefix(_BEFORE)
    return key in taken
