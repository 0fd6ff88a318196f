"""categories.json: what the numbers of a dataset's maps mean, beside formats that have no place for all of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import msgspec

from segmentarium.core.annotation import Category
from segmentarium.core.errors import MalformedFile
from segmentarium.formats.base import Files
from segmentarium.formats.support.categories import CategoryTable, color_of
from segmentarium.formats.support.problems import Problems
from segmentarium.formats.support.reading import json_ends, read_json

CATEGORY_FILE = "categories.json"


class _Entry(msgspec.Struct):
    index: int
    name: str
    supercategory: str = ""
    isthing: bool = True
    color: str = ""


class _Document(msgspec.Struct):
    format: str
    void: int | None
    categories: list[Any]


@dataclass(frozen=True, slots=True)
class CategoryNumbers:
    """What the numbers of a map mean: ids of categories, or void."""

    ids: dict[int, int]
    voids: frozenset[int]


def category_file(
    format_name: str,
    categories: Sequence[Category],
    numbers: Sequence[int],
    void: int | None,
) -> bytes:
    """The file's bytes; `numbers` are what stands for each category in the maps."""
    entries = [
        _Entry(number, one.name, one.supercategory, one.isthing, one.color)
        for number, one in zip(numbers, categories, strict=True)
    ]
    encoded = msgspec.json.encode(_Document(format_name, void, entries))
    return msgspec.json.format(encoded, indent=1) + b"\n"


def find_category_file(files: Files, format_name: str) -> str | None:
    """The path of the file of a format, the outermost one."""
    found = [name for name in files.names if PurePosixPath(name).name == CATEGORY_FILE]
    for name in sorted(found, key=lambda one: one.count("/")):
        if f'"format": "{format_name}"'.encode() in json_ends(files, name)[:200]:
            return name
    return None


def read_category_file(
    files: Files, name: str, table: CategoryTable, problems: Problems
) -> CategoryNumbers:
    """The categories of the file, put into the table.

    Raises:
        MalformedFile: it is no such document.
    """
    document: _Document = read_json(files, name, _Document)
    numbers: dict[int, int] = {}
    for place, given in enumerate(document.categories):
        try:
            entry = msgspec.convert(given, _Entry)
        except msgspec.ValidationError as error:
            problems.add(name, f"categories[{place}]", str(error))
            continue
        if entry.index in numbers or entry.index == document.void or not entry.name.strip():
            detail = f"The index {entry.index} is taken, or the name is empty."
            problems.add(name, f"categories[{place}]", detail)
            continue
        numbers[entry.index] = table.id_of(
            entry.name,
            color=color_of(entry.color),
            isthing=entry.isthing,
            supercategory=entry.supercategory,
        )
    if not numbers and document.categories:
        raise MalformedFile(f"{name} names no category.", file=name)
    voids = frozenset() if document.void is None else frozenset({document.void})
    return CategoryNumbers(numbers, voids)
