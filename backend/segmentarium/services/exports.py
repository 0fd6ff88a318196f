"""A project → a zip file in some format."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from pathlib import Path, PurePosixPath
from typing import TypeAlias

from sqlalchemy.orm import Session

from segmentarium.formats.base import Dataset, DatasetImage, Format, OptionValue, check_options
from segmentarium.services.uploads import display_path
from segmentarium.storage.annotations import core_annotation, iterate_annotations
from segmentarium.storage.blobs import BlobStore
from segmentarium.storage.categories import core_categories
from segmentarium.storage.images import all_images
from segmentarium.storage.tables import ImageRow

Report: TypeAlias = Callable[[float, str, Mapping[str, int]], None]

_NOT_ON_WINDOWS = str.maketrans(dict.fromkeys('<>:"|?*', "_"))
_DEVICES = {
    "con",
    "prn",
    "aux",
    "nul",
    *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10)),
}
_MAX_NAME_BYTES = 230  # file systems take 255
_PACKED_ALREADY = {".jpg", ".jpeg", ".png", ".webp", ".gif", ".avif"}


def export_project(
    session: Session,
    blobs: BlobStore,
    project_id: int,
    project_name: str,
    format_: Format,
    options: Mapping[str, OptionValue],
    target: Path,
    report: Report,
) -> dict[str, int]:
    """Write a project into a zip file at `target`; returns the counts of images, annotations and files.

    `report` is called with progress 0–1, a message and the counts after every image; it may raise to cancel.

    Raises:
        InvalidOption: an option that the format does not have.
    """
    values = check_options(format_, options)
    images = all_images(session, project_id)
    counts = {"images": 0, "annotations": 0, "files": 0}

    def walk() -> Iterator[DatasetImage]:
        by_id = {image.id: image for image in images}
        names = _unique_names(images)
        for image_id, stored in iterate_annotations(session, list(by_id)):
            image = by_id[image_id]
            yield DatasetImage(
                id=image.id,
                file_name=names[image.id],
                width=image.width,
                height=image.height,
                annotations=tuple(core_annotation(annotation) for annotation in stored),
                read_bytes=lambda image=image: _exported_file(blobs, image).read_bytes(),  # type: ignore[misc]
            )
            counts["images"] += 1
            counts["annotations"] += len(stored)
            report(
                counts["images"] / (len(images) + 1),
                f"Image {counts['images']} of {len(images)}",
                counts,
            )

    dataset = Dataset(project_name, tuple(core_categories(session, project_id)), walk())
    with zipfile.ZipFile(target, "w") as archive:
        for path, data in format_.write(dataset, values):
            packed = PurePosixPath(path).suffix.lower() in _PACKED_ALREADY
            kind = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
            archive.writestr(path, data, compress_type=kind)
            counts["files"] += 1
    return counts


def _exported_file(blobs: BlobStore, image: ImageRow) -> Path:
    """The bytes as they came where they are upright; else a lossless upright picture."""
    if image.is_upright:
        return blobs.path(image.sha256)
    return display_path(blobs, image.sha256, "png", is_plain=False)


def _unique_names(images: list[ImageRow]) -> dict[int, str]:
    """File names, no two the same even where case does not count; a rotated image's new file is a PNG."""
    taken: set[str] = set()
    names: dict[int, str] = {}
    for image in images:
        stem, suffix = _portable(image.name)
        suffix = suffix if image.is_upright else ".png"
        name = f"{stem}{suffix}"
        for number in count(image.id):
            if name.casefold() not in taken:
                break
            name = f"{stem}-{number}{suffix}"
        taken.add(name.casefold())
        names[image.id] = name
    return names


def _portable(name: str) -> tuple[str, str]:
    """Stem and suffix of a name that can be unpacked on every system, with room left for what formats put behind it.

    Source:
        Microsoft, "Naming Files, Paths, and Namespaces".
    """
    path = PurePosixPath(name.translate(_NOT_ON_WINDOWS).rstrip(". ") or "image")
    stem = path.stem.encode()[: _MAX_NAME_BYTES - len(path.suffix.encode())].decode(errors="ignore")
    if stem.partition(".")[0].rstrip().casefold() in _DEVICES:
        stem = f"_{stem}"
    return stem, path.suffix
