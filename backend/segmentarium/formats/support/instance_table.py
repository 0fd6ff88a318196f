"""The table of the instances in maps: looked through once, and read again an image at a time, whatever its size."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO

from segmentarium.core.errors import MalformedFile
from segmentarium.formats.base import Files
from segmentarium.formats.support.problems import Problems

_MAX_LINE_BYTES = 1_000_000


def table_rows(files: Files, path: str) -> Iterator[tuple[int, Mapping[str, str]]]:
    """The rows of a table with the numbers of their lines, by the names of its columns.

    Raises:
        MalformedFile: it is no table, or no text in UTF-8.
    """
    with files.open(path) as file:
        for row in _Rows(file, path):
            yield row.line, row.values


@dataclass(slots=True)
class _Row:
    line: int
    start: int
    end: int
    values: dict[str, str]


class _Rows:
    """Rows from where a file stands on; the first of them all names the columns."""

    def __init__(self, file: BinaryIO, path: str, columns: list[str] | None = None) -> None:
        self._file, self._path, self.columns = file, path, columns
        self._at = file.tell()
        self._line = 0

    def __iter__(self) -> Iterator[_Row]:
        reader = csv.reader(self._lines())
        start, line = self._at, 1
        try:
            for values in reader:
                if self.columns is None:
                    self.columns = values
                elif values:
                    row = dict(zip(self.columns, values, strict=False))
                    yield _Row(line, start, self._at, row)
                start, line = self._at, self._line + 1
        except csv.Error as error:
            raise MalformedFile(f"{self._path} is no table: {error}", file=self._path) from error

    def _lines(self) -> Iterator[str]:
        while line := self._file.readline(_MAX_LINE_BYTES):
            if len(line) == _MAX_LINE_BYTES:
                raise MalformedFile(f"{self._path} has a line that never ends.", file=self._path)
            try:
                text = line.decode("utf-8" if self._at else "utf-8-sig")
            except UnicodeDecodeError as error:
                raise MalformedFile(
                    f"{self._path} is not text in UTF-8.", file=self._path
                ) from error
            self._at += len(line)
            self._line += 1
            yield text


@dataclass(frozen=True, slots=True)
class Instance:
    """What the table says of one number of a map."""

    category_index: int
    annotation_id: str
    iscrowd: bool


@dataclass(slots=True)
class InstanceTable:
    """Knows where the rows of each image are."""

    files: Files
    path: str
    categories: Collection[int]
    _columns: list[str] = field(default_factory=list)
    _places: dict[str, list[tuple[int, int]]] = field(default_factory=dict)  # bytes from, to

    def look_through(self, problems: Problems) -> None:
        """Find the rows; one that names no instance or an unknown category is a problem.

        Raises:
            MalformedFile: it is no table, or no text in UTF-8.
        """
        with self.files.open(self.path) as file:
            rows = _Rows(file, self.path)
            for row in rows:
                if self._instance(row.values) is None:
                    detail = "It names no instance, or an unknown category."
                    problems.add(self.path, f"line {row.line}", detail)
                places = self._places.setdefault(row.values.get("file_name") or "", [])
                if places and places[-1][1] == row.start:
                    places[-1] = places[-1][0], row.end
                else:
                    places.append((row.start, row.end))
            self._columns = rows.columns or []

    def instances(self, file_name: str) -> dict[int, Instance]:
        """What it says of the numbers of one image's map."""
        found: dict[int, Instance] = {}
        places = self._places.get(file_name, [])
        if not places:
            return found
        with self.files.open(self.path) as file:
            for start, end in places:
                file.seek(start)
                for row in _Rows(file, self.path, self._columns):
                    told = self._instance(row.values)
                    if told is not None:
                        found[told[0]] = told[1]
                    if row.end >= end:
                        break
        return found

    def _instance(self, row: Mapping[str, str]) -> tuple[int, Instance] | None:
        number, category = whole(row, "instance"), whole(row, "category_index")
        if number is None or category is None or category not in self.categories:
            return None
        id_, iscrowd = row.get("annotation_id") or "", row.get("iscrowd") == "1"
        return number, Instance(category, id_, iscrowd)


def whole(row: Mapping[str, str], column: str) -> int | None:
    """A whole number of a row; None where there is none."""
    value = row.get(column) or ""
    return int(value) if value.isascii() and value.isdecimal() and len(value) < 10 else None
