"""YOLO segmentation: a text for each image, a polygon a line, in parts of the image's size.

Source:
    Ultralytics, "Instance Segmentation Datasets Overview".
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

import yaml

from segmentarium.core.annotation import Annotation
from segmentarium.formats.base import Dataset, DatasetImage, Files, Options, WrittenFile
from segmentarium.formats.support import policies
from segmentarium.formats.support.changes import ChangeKind, Changes
from segmentarium.formats.support.features import Feature
from segmentarium.formats.support.problems import Problems
from segmentarium.formats.support.rings import outline_of
from segmentarium.formats.support.stems import Stems, plain_name
from segmentarium.formats.support.yolo_layout import UNSPLIT
from segmentarium.formats.support.yolo_reading import is_yolo, read_yolo

_KEPT_DIGITS = 7  # decimals of a pixel


class Yolo:
    """YOLO segmentation: `data.yaml`, images and labels by split."""

    name = "yolo"
    title = "YOLO segmentation"
    description = "Texts of normalised polygons with a data.yaml, for Ultralytics and its kin."
    loses = (
        Feature.IDS,
        Feature.CROWDS,
        Feature.SCORES,
        Feature.ATTRIBUTES,
        Feature.COLORS,
        Feature.SUPERCATEGORIES,
        Feature.STUFF,
    )
    options = (
        policies.HOLES,
        policies.PRECISION,
        policies.OVERLAPS,
        policies.HIDDEN,
        policies.IMAGES,
    )

    def write(self, dataset: Dataset, options: Options, changes: Changes) -> Iterator[WrittenFile]:
        """See `Format.write`."""
        numbers = {category.id: at for at, category in enumerate(dataset.categories)}
        stems = Stems()
        splits: set[str] = set()
        for image in dataset.images:
            splits.add(image.split)
            folder = f"{image.split}/" if image.split else ""
            stem = stems.stem(image)
            if options["images"] and image.read_bytes is not None:
                suffix = PurePosixPath(plain_name(image.file_name)).suffix
                yield f"images/{folder}{stem}{suffix}", image.read_bytes()
            lines = []
            for annotation in policies.seen(image, options, changes):
                line = _line(image, annotation, numbers[annotation.category_id], options, changes)
                if line:
                    lines.append(line)
            yield f"labels/{folder}{stem}.txt", "".join(lines).encode()
        yield "data.yaml", _yaml(dataset, splits)

    def recognizes(self, files: Files) -> bool:
        """See `Format.recognizes`."""
        return is_yolo(files)

    def read(self, files: Files, problems: Problems) -> Dataset:
        """See `Format.read`."""
        return read_yolo(files, problems)


def _line(
    image: DatasetImage, annotation: Annotation, number: int, options: Options, changes: Changes
) -> str:
    policies.note_attributes(image, annotation, changes)
    policies.note_crowd(image, annotation, changes)
    outline = outline_of(image, annotation, options, changes)
    if outline is None:
        changes.note(ChangeKind.DROPPED, image.file_name, annotation.id, "it has no pixels")
        return ""
    values = (outline / (image.width, image.height)).ravel().tolist()
    digits = len(str(max(image.width, image.height))) + _KEPT_DIGITS
    texts = (f"{value:.{digits}f}".rstrip("0").rstrip(".") for value in values)
    return f"{number} {' '.join(texts)}\n"


def _yaml(dataset: Dataset, splits: set[str]) -> bytes:
    folders = {split: f"images/{split}" if split else "images" for split in sorted(splits)}
    train = folders.get("train") or next(iter(folders.values()), "images")
    content: dict[str, object] = {"path": ".", "train": train, "val": folders.get("val", train)}
    content.update(
        {split or UNSPLIT: folder for split, folder in folders.items() if split or len(folders) > 1}
    )
    content["nc"] = len(dataset.categories)
    content["names"] = {at: category.name for at, category in enumerate(dataset.categories)}
    text: str = yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=10_000)
    return text.encode()


FORMAT = Yolo()
