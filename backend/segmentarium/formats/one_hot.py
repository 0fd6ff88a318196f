"""One-hot arrays: for each image a compressed NPZ of an (n, H, W) array, a channel for each category."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmentarium.core.segment_map import (
    Channels,
    annotations_to_category_map,
    annotations_to_instance_map,
    annotations_to_one_hot,
    category_map_to_one_hot,
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
            channels = _channels(image, order, options)
            name = f"{MASKS_FOLDER}/{folder}{stems.stem(image)}.npz"
            yield name, _npz(channels, image.file_name, is_packed=bool(options["packed"]))
            _note(image, options, changes)
        numbers = list(range(len(order)))
        yield CATEGORY_FILE, category_file(self.name, dataset.categories, numbers, None)

    def recognizes(self, files: Files) -> bool:
        """See `Format.recognizes`."""
        return is_one_hot(files)

    def read(self, files: Files, problems: Problems) -> Dataset:
        """See `Format.read`."""
        return read_one_hot(files, problems)


def _channels(image: DatasetImage, order: list[int], options: Options) -> Channels:
    size = image.height, image.width
    if options["overlaps"] == "keep":
        return annotations_to_one_hot(image.annotations, order, *size)
    category_map = annotations_to_category_map(image.annotations, order, *size)
    return category_map_to_one_hot(category_map, len(order))


def _note(image: DatasetImage, options: Options, changes: Changes) -> None:
    if options["overlaps"] == "keep":
        for annotation in image.annotations:
            changes.note(ChangeKind.RASTERIZED, image.file_name, annotation.id)
            policies.note_attributes(image, annotation, changes)
    else:
        painted = annotations_to_instance_map(image.annotations, image.height, image.width)
        policies.note_painted(image, painted.segments, changes)
    policies.note_merged(image, changes)


def _npz(channels: Channels, file_name: str, *, is_packed: bool) -> bytes:
    arrays: dict[str, NDArray[Any]] = {FILE_NAME: np.array(file_name)}
    if is_packed:
        arrays[WIDTH] = np.array(channels.shape[2])
        arrays[MASKS] = np.packbits(channels, axis=2)
    else:
        arrays[MASKS] = channels
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as archive:
        for name, array in arrays.items():
            entry = zipfile.ZipInfo(name, _TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            with archive.open(entry, "w", force_zip64=True) as file:
                np.lib.format.write_array(file, array, allow_pickle=False)
    return buffer.getvalue()


FORMAT = OneHot()
