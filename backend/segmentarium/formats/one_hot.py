"""One-hot arrays: for each image a compressed NPZ of an (n, H, W) array, a channel for each category."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from typing import IO

import numpy as np

from segmentarium.core.annotation import Annotation
from segmentarium.core.rle import Mask
from segmentarium.core.segment_map import (
    annotations_to_category_map,
    annotations_to_instance_map,
    annotations_to_one_hot,
)
from segmentarium.formats.base import Dataset, DatasetImage, Files, Option, Options, WrittenFile
from segmentarium.formats.support import policies
from segmentarium.formats.support.category_file import CATEGORY_FILE, category_file
from segmentarium.formats.support.changes import ChangeKind, Changes
from segmentarium.formats.support.features import Feature
from segmentarium.formats.support.one_hot_reading import (
    FILE_NAME,
    MASKS,
    MASKS_FOLDER,
    WIDTH,
    is_one_hot,
    read_one_hot,
)
from segmentarium.formats.support.problems import Problems
from segmentarium.formats.support.stems import Stems

_TIME = (1980, 1, 1, 0, 0, 0)  # always the same: the same data gives the same bytes


class OneHot:
    """NPZ of channels. By default no pixel is in two of them."""

    name = "one_hot"
    title = "One-hot arrays (NPZ)"
    description = "A NumPy array (n, H, W) for each image, a channel for each category."
    loses = (
        Feature.INSTANCES,
        Feature.VERTICES,
        Feature.OVERLAPS,
        Feature.CROWDS,
        Feature.IDS,
        Feature.SCORES,
        Feature.ATTRIBUTES,
    )
    options = (
        Option(
            "packed",
            "Eight pixels in a byte",
            False,
            description="np.unpackbits(masks, axis=2, count=width) gives the channels back.",
        ),
        replace(
            policies.OVERLAPS,
            default="z-order",
            description="By z-order: a pixel is in one channel. Keep: in that of every category that covers it.",
        ),
        policies.IMAGES,
    )

    def write(self, dataset: Dataset, options: Options, changes: Changes) -> Iterator[WrittenFile]:
        """See `Format.write`."""
        order = [category.id for category in dataset.categories]
        stems = Stems()
        for image in dataset.images:
            folder = f"{image.split}/" if image.split else ""
            if options["images"] and image.read_bytes is not None:
                yield f"images/{folder}{image.file_name}", image.read_bytes()
            name = f"{MASKS_FOLDER}/{folder}{stems.stem(image)}.npz"
            yield name, _npz(image, order, options)
            _note(image, options, changes)
        numbers = list(range(len(order)))
        yield CATEGORY_FILE, category_file(self.name, dataset.categories, numbers, None)

    def recognizes(self, files: Files) -> bool:
        """See `Format.recognizes`."""
        return is_one_hot(files)

    def read(self, files: Files, problems: Problems) -> Dataset:
        """See `Format.read`."""
        return read_one_hot(files, problems)


def _channels(image: DatasetImage, order: list[int], options: Options) -> Iterator[Mask]:
    """One after the other: all at once would be as many images as there are categories."""
    size = image.height, image.width
    if options["overlaps"] == "keep":
        by_category: dict[int, list[Annotation]] = {}
        for annotation in image.annotations:
            by_category.setdefault(annotation.category_id, []).append(annotation)
        for one in order:
            yield annotations_to_one_hot(by_category.get(one, ()), [one], *size)[0]
    else:
        category_map = annotations_to_category_map(image.annotations, order, *size)
        for place in range(1, len(order) + 1):
            yield category_map == place


def _note(image: DatasetImage, options: Options, changes: Changes) -> None:
    if options["overlaps"] == "keep":
        for annotation in image.annotations:
            changes.note(ChangeKind.RASTERIZED, image.file_name, annotation.id)
            policies.note_attributes(image, annotation, changes)
    else:
        painted = annotations_to_instance_map(image.annotations, image.height, image.width)
        policies.note_painted(image, painted.segments, changes)
    policies.note_merged(image, changes)


def _npz(image: DatasetImage, order: list[int], options: Options) -> bytes:
    is_packed = bool(options["packed"])
    width = (image.width + 7) // 8 if is_packed else image.width
    header = {
        "descr": np.lib.format.dtype_to_descr(np.dtype(np.uint8 if is_packed else bool)),
        "fortran_order": False,
        "shape": (len(order), image.height, width),
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as archive:
        with _entry(archive, FILE_NAME) as file:
            np.lib.format.write_array(file, np.array(image.file_name), allow_pickle=False)
        if is_packed:
            with _entry(archive, WIDTH) as file:
                np.lib.format.write_array(file, np.array(image.width), allow_pickle=False)
        with _entry(archive, MASKS) as file:
            np.lib.format.write_array_header_1_0(file, header)
            for channel in _channels(image, order, options):
                file.write((np.packbits(channel, axis=1) if is_packed else channel).tobytes())
    return buffer.getvalue()


def _entry(archive: zipfile.ZipFile, name: str) -> IO[bytes]:
    entry = zipfile.ZipInfo(name, _TIME)
    entry.compress_type = zipfile.ZIP_DEFLATED
    return archive.open(entry, "w", force_zip64=True)


FORMAT = OneHot()
