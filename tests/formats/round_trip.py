"""A dataset written into a folder and read again."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from segmentarium.core.annotation import Annotation, Category
from segmentarium.core.raster import segmentation_to_mask
from segmentarium.core.rle import Mask
from segmentarium.formats.base import Dataset, DatasetImage, Format, OptionValue, check_options
from segmentarium.formats.support.changes import Change, Changes
from segmentarium.formats.support.problems import Problem, Problems
from segmentarium.storage.dataset_files import FolderFiles


@dataclass(frozen=True)
class Read:
    """What a reader found, all of it at hand."""

    name: str
    categories: tuple[Category, ...]
    images: dict[str, DatasetImage]
    problems: list[Problem]
    count: int  # of the images, also of those whose names are one without their folders

    def category_name(self, annotation: Annotation) -> str:
        return next(one.name for one in self.categories if one.id == annotation.category_id)


def write_files(
    format_: Format, dataset: Dataset, folder: Path, **options: OptionValue
) -> list[Change]:
    """Write a dataset into a folder; what changed."""
    changed: list[Change] = []
    for path, content in format_.write(
        dataset, check_options(format_, options), Changes(changed.append)
    ):
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(joined(content))
    return changed


def read_files(format_: Format, folder: Path) -> Read:
    """Read a folder to its end."""
    problems: list[Problem] = []
    found = format_.read(FolderFiles(folder), Problems(problems.append))
    read = list(found.images)
    images = {Path(one.file_name).name: one for one in read}
    return Read(found.name, found.categories, images, problems, len(read))


def joined(content: bytes | Iterable[bytes]) -> bytes:
    return content if isinstance(content, bytes) else b"".join(content)


def joined_files(files: Iterable[tuple[str, bytes | Iterable[bytes]]]) -> dict[str, bytes]:
    return {path: joined(content) for path, content in files}


def mask_of(annotation: Annotation, image: DatasetImage) -> Mask:
    return segmentation_to_mask(annotation.segmentation, image.height, image.width)


def iou(a: Mask, b: Mask) -> float:
    union = np.count_nonzero(a | b)
    return np.count_nonzero(a & b) / union if union else 0.0
