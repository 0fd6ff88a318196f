"""A dataset → files somewhere, with a report of what the format does not carry."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Protocol

from segmentarium.core.errors import Invalid
from segmentarium.formats.base import Content, Dataset, Format, Options
from segmentarium.formats.support.changes import Change, ChangeKind, Changes
from segmentarium.formats.support.spool import Spool, spools_in
from segmentarium.storage.dataset_files import EXPORT_CHANGES, EXPORT_REPORT

EXAMPLES_OF_A_KIND = 200
_PACKED_ALREADY = {".jpg", ".jpeg", ".png", ".webp", ".gif", ".avif", ".npz"}
# Always the same: the same data gives the same bytes.
_TIME = (1980, 1, 1, 0, 0, 0)


class Target(Protocol):
    """Where files go."""

    def add(self, path: str, content: Content) -> None:
        """Write one file."""
        ...


class ZipTarget:
    """Into an archive."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive

    def add(self, path: str, content: Content) -> None:
        """See `Target.add`."""
        entry = zipfile.ZipInfo(path, date_time=_TIME)
        entry.external_attr = 0o644 << 16
        is_packed = PurePosixPath(path).suffix.lower() in _PACKED_ALREADY
        entry.compress_type = zipfile.ZIP_STORED if is_packed else zipfile.ZIP_DEFLATED
        if isinstance(content, bytes):
            self._archive.writestr(entry, content)
            return
        with self._archive.open(entry, "w", force_zip64=True) as file:
            for chunk in content:
                file.write(chunk)


class FolderTarget:
    """Into a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(self, path: str, content: Content) -> None:
        """See `Target.add`."""
        target = self._folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as file:
            for chunk in [content] if isinstance(content, bytes) else content:
                file.write(chunk)


class Nowhere:
    """Made and dropped: for a look at what would change."""

    def add(self, path: str, content: Content) -> None:
        """See `Target.add`."""
        del path
        if not isinstance(content, bytes):
            for _ in content:
                pass


@dataclass(frozen=True, slots=True)
class WriteResult:
    """Counts of images, annotations and files, and what is changed: how often, and the first of each kind."""

    counts: dict[str, int]
    changes: dict[ChangeKind, int]
    examples: tuple[Change, ...]

    def as_json(self) -> dict[str, object]:
        """For the report of a job."""
        return {
            "changes": changes_as_json(self.changes),
            "examples": [
                {
                    "kind": one.kind,
                    "file_name": one.file_name,
                    "annotation_id": one.annotation_id,
                    "detail": one.detail,
                }
                for one in self.examples
            ],
        }


def write_dataset(
    dataset: Dataset,
    format_: Format,
    options: Options,
    target: Target,
    counts: dict[str, int],
    workspace: Path,
) -> WriteResult:
    """Write the format's files, then a report and, where anything changed, a table of each change.

    Raises:
        Invalid: a path would leave the target, or stand there twice.

    Args:
        dataset: walked once.
        format_: what to write.
        options: checked ones.
        target: where to.
        counts: `files` is counted up; images and annotations are the walker's to count.
        workspace: a folder for what is too long for the memory until it is written.
    """
    with spools_in(workspace):
        return _write(dataset, format_, options, target, counts)


def _write(
    dataset: Dataset, format_: Format, options: Options, target: Target, counts: dict[str, int]
) -> WriteResult:
    record = _Record()
    written: set[str] = set()
    for path, content in format_.write(dataset, options, Changes(record.note)):
        _check_path(path, written)
        target.add(path, content)
        counts["files"] += 1
    target.add(EXPORT_REPORT, record.document(format_, options, counts))
    counts["files"] += 1
    if record.rows.count > 1:
        target.add(EXPORT_CHANGES, record.rows.parts())
        counts["files"] += 1
    return WriteResult(dict(counts), dict(record.counts), tuple(record.examples))


def changes_as_json(changes: Mapping[ChangeKind, int]) -> list[dict[str, object]]:
    """Kinds of changes with their words and counts."""
    return [
        {"kind": kind, "title": kind.sentence, "is_loss": kind.is_loss, "count": count}
        for kind, count in changes.items()
    ]


def _check_path(path: str, written: set[str]) -> None:
    """The last word on what a dataset's names may do, whatever a format makes of them."""
    parts = path.split("/")
    if path.startswith("/") or "\\" in path or {"", ".", ".."} & set(parts):
        raise Invalid(f"The path {path[:200]!r} would leave the folder of the dataset.")
    if path.casefold() in written:
        raise Invalid(f"Two files would be written to {path[:200]!r}.")
    written.add(path.casefold())


class _Record:
    """The changes as they come: counted, the first of each kind kept, all of them as lines of a table."""

    def __init__(self) -> None:
        self.counts: Counter[ChangeKind] = Counter()
        self.examples: list[Change] = []
        self.rows = Spool(b"\n")
        self.rows.add(b"change,file_name,annotation_id,detail")

    def note(self, change: Change) -> None:
        self.counts[change.kind] += 1
        if self.counts[change.kind] <= EXAMPLES_OF_A_KIND:
            self.examples.append(change)
        line = io.StringIO()
        row = (change.kind, change.file_name, change.annotation_id, change.detail)
        csv.writer(line, lineterminator="").writerow(row)
        self.rows.add(line.getvalue().encode())

    def document(self, format_: Format, options: Options, counts: Mapping[str, int]) -> bytes:
        document = {
            "format": format_.name,
            "options": dict(options),
            "images": counts["images"],
            "annotations": counts["annotations"],
            "not_carried": list(map(str, format_.loses)),
            "changes": changes_as_json(self.counts),
        }
        return json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n"
