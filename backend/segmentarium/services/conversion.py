"""A dataset of one format → another format, without a database."""

from __future__ import annotations

import os
import shutil
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from uuid import UUID, uuid5

from segmentarium.core.annotation import Annotation
from segmentarium.core.errors import Conflict, InvalidSegmentation, MalformedFile, UnknownFormat
from segmentarium.formats.base import Dataset, DatasetImage, Files, Format, Options, check_options
from segmentarium.formats.support import only_pictures
from segmentarium.formats.support.embedded import picture_size
from segmentarium.formats.support.problems import Problems
from segmentarium.services.file_names import UniqueNames
from segmentarium.services.fitting import fit_facts, fit_segmentation, other_size
from segmentarium.services.readers import find_reader
from segmentarium.services.split_names import split_name
from segmentarium.services.uploads import clean_file_name
from segmentarium.services.writing import FolderTarget, WriteResult, ZipTarget, write_dataset

_NAMESPACE = UUID("0a6a3c0e-27a5-4d6b-9a43-6c2d5f1f6a11")  # made once


def convert(
    files: Files,
    format_name: str,
    to: Format,
    options: Options,
    target: Path,
    problems: Problems,
    report: Callable[[int, int | None], None],
) -> WriteResult:
    """Read files and write them in another format; a target that ends in .zip is an archive, else a new folder.

    Args:
        files: what is read.
        format_name: of the files; "" finds it out.
        to: the format to write.
        options: of that format.
        target: must not be there; made whole or not at all.
        problems: what cannot be read; of an image whose picture cannot be, the annotations are written.
        report: called with the number of images done, and of all of them where that is known.

    Raises:
        Conflict: the target is there.
        UnknownFormat: no format recognizes the files.
    """
    values = check_options(to, options)
    if target.exists():
        raise Conflict(f"{target} is there already; nothing was written.")
    name, read = find_reader(files, format_name)
    if name == only_pictures.NAME:
        raise UnknownFormat("These are pictures without annotations; there is nothing to convert.")
    dataset = read(files, problems)
    counts = {"images": 0, "annotations": 0, "files": 0}
    given = Dataset(
        dataset.name,
        dataset.categories,
        _images(dataset, problems, counts, report, has_pictures=values.get("images") is not False),
        dataset.image_count,
    )
    partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
    _remove(partial)
    try:
        if target.suffix.lower() == ".zip":
            with zipfile.ZipFile(partial, "w") as archive:
                result = write_dataset(
                    given, to, values, ZipTarget(archive), counts, partial.parent
                )
        else:
            partial.mkdir(parents=True)
            result = write_dataset(given, to, values, FolderTarget(partial), counts, partial.parent)
        _publish(partial, target)
    finally:
        _remove(partial)
    return result


def _images(
    dataset: Dataset,
    problems: Problems,
    counts: dict[str, int],
    report: Callable[[int, int | None], None],
    *,
    has_pictures: bool,
) -> Iterator[DatasetImage]:
    names = UniqueNames()
    for number, given in enumerate(dataset.images, start=1):
        image = _with_picture(given, problems)
        kept = _annotations(image, problems)
        name = names.name(clean_file_name(image.file_name), number)
        counts["images"] += 1
        counts["annotations"] += len(kept)
        yield replace(
            image,
            id=number,
            file_name=name,
            annotations=tuple(kept),
            split=split_name(image.split),
            read_bytes=image.read_bytes if has_pictures else None,
        )
        report(number, dataset.image_count)


def _annotations(image: DatasetImage, problems: Problems) -> list[Annotation]:
    """Those that lie in the image, each with an id of its own there, the same one every time."""
    kept: list[Annotation] = []
    taken: set[str] = set()
    for place, annotation in enumerate(image.annotations, start=1):
        position = f"annotation {annotation.id or place}"
        try:
            segmentation, note = fit_segmentation(
                annotation.segmentation, image.height, image.width
            )
        except InvalidSegmentation as error:
            problems.add(image.file_name, position, error.detail)
            continue
        if note:
            problems.notice(image.file_name, position, note)
        facts = fit_facts(annotation)
        for lost in facts.lost:
            problems.add(image.file_name, position, lost)
        key = annotation.id
        if key in taken:
            # Copied in LabelMe, for one; formats join what has one id.
            problems.notice(image.file_name, position, "Its id is another's: it gets a new one.")
        if not key or key in taken:
            key = str(uuid5(_NAMESPACE, f"{image.file_name}/{place}"))
        taken.add(key)
        kept.append(
            replace(
                annotation,
                id=key,
                segmentation=segmentation,
                score=facts.score,
                attributes=facts.attributes or {},
            )
        )
    return kept


def _with_picture(image: DatasetImage, problems: Problems) -> DatasetImage:
    """The image with the bytes of its picture, read, and of the size that this has."""
    if image.read_bytes is None:
        return image
    try:
        data = image.read_bytes()
    except (OSError, MalformedFile) as error:
        problems.add(image.file_name, "", f"The picture cannot be read, and is left out: {error}")
        return replace(image, read_bytes=None)
    image = replace(image, read_bytes=lambda: data)
    own = picture_size(data) or (image.width, image.height)
    wrong = other_size((image.width, image.height), own)
    if not wrong:
        return image
    if image.annotations:
        problems.add(image.file_name, "", wrong)
    return replace(image, width=own[0], height=own[1], annotations=())


def _publish(partial: Path, target: Path) -> None:
    """Give what is whole its name, unless somebody else has made that meanwhile."""
    try:
        if partial.is_dir():
            partial.rename(target)  # over an empty folder at most
        else:
            target.hardlink_to(partial)
    except OSError as error:
        if target.exists():
            raise Conflict(f"{target} was made meanwhile; nothing was written.") from error
        partial.replace(target)  # a file system without hard links


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
