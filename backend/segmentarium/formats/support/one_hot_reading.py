"""Channels of NPZ read one at a time: what the header declares is checked before a byte of it is unpacked."""

from __future__ import annotations

import lzma
import struct
import tokenize
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import PurePosixPath
from typing import IO

import numpy as np

from segmentarium.core.annotation import Annotation
from segmentarium.core.errors import MalformedFile
from segmentarium.core.rle import Mask, mask_to_rle
from segmentarium.formats.base import Dataset, DatasetImage, Files
from segmentarium.formats.support.categories import CategoryTable
from segmentarium.formats.support.category_file import (
    CategoryNumbers,
    find_category_file,
    read_category_file,
)
from segmentarium.formats.support.maps import MAX_RUNS
from segmentarium.formats.support.pictures import Pictures
from segmentarium.formats.support.png import MAX_MAP_PIXELS
from segmentarium.formats.support.problems import Problems
from segmentarium.formats.support.reading import split_of
from segmentarium.formats.support.splits import folder_split
from segmentarium.formats.support.stems import FileNames

MASKS, WIDTH, FILE_NAME = "masks.npy", "width.npy", "file_name.npy"
MASKS_FOLDER = "masks"
MAX_CHANNELS = 10_000
MAX_BYTES = 8_000_000_000  # unpacked, of one image
_MAX_SCALAR_BYTES = 10_000
_DAMAGE = (
    *(OSError, EOFError, ValueError, RuntimeError, NotImplementedError, SyntaxError),
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, tokenize.TokenError),
)


@dataclass(frozen=True, slots=True)
class _Header:
    """Shape and dtype of an array that is about to be read."""

    shape: tuple[int, ...]
    dtype: np.dtype[np.generic]


def is_one_hot(files: Files) -> bool:
    """Whether there are NPZ files with an array of masks."""
    first = next((name for name in files.names if name.lower().endswith(".npz")), None)
    if first is None:
        return find_category_file(files, "one_hot") is not None
    try:
        with zipfile.ZipFile(files.path(first)) as archive:
            return MASKS in archive.namelist()
    except _DAMAGE:
        return False


def read_one_hot(files: Files, problems: Problems) -> Dataset:
    """An annotation for each channel that has a pixel.

    Raises:
        MalformedFile: there is no NPZ file, and no table of ours.
    """
    names = [name for name in files.names if name.lower().endswith(".npz")]
    table = CategoryTable()
    ours = find_category_file(files, "one_hot")
    if ours is not None:
        numbers = read_category_file(files, ours, table, problems)
    elif names:
        most = max(_channels(files, name) for name in names)
        ids = {number: table.id_of(f"category {number}") for number in range(most)}
        numbers = CategoryNumbers(ids, frozenset())
        problems.notice(
            "", "", "There is no categories.json: categories are called by their channels."
        )
    else:
        raise MalformedFile("There is no NPZ file.")
    base = None if ours is None else str(PurePosixPath(ours).parent / MASKS_FOLDER)
    images = _images(files, names, base, numbers, problems)
    return Dataset("one_hot", table.categories, images, len(names))


def _channels(files: Files, name: str) -> int:
    """The number of channels; 0 of a file that cannot be read, which is said when the images are read."""
    try:
        with zipfile.ZipFile(files.path(name)) as archive, archive.open(MASKS) as file:
            return _header(file, archive.getinfo(MASKS), name).shape[0]
    except (*_DAMAGE, KeyError, MalformedFile):
        return 0


def _images(
    files: Files,
    names: list[str],
    base: str | None,
    numbers: CategoryNumbers,
    problems: Problems,
) -> Iterator[DatasetImage]:
    pictures = Pictures(files)
    ids = count(1)
    unique = FileNames()
    for name in names:
        try:
            annotations, (height, width), told = _read(files, name, numbers, problems)
        except MalformedFile as error:
            problems.add(name, "", error.detail)
            continue
        except (*_DAMAGE, KeyError) as error:
            problems.add(name, "", f"It is no NPZ of masks, or damaged: {error}")
            continue
        split = (
            split_of(str(PurePosixPath(name).parent)) if base is None else folder_split(name, base)
        )
        folder = f"{split}/" if split else ""
        picture = pictures.find(f"{folder}{told}", name) or pictures.find_stem(
            f"{folder}{PurePosixPath(name).stem}", name
        )
        file_name = told or PurePosixPath(picture or name).name
        yield DatasetImage(
            next(ids),
            unique.of(file_name, f"{split}/{file_name}"),
            width,
            height,
            annotations,
            pictures.reader(picture),
            split,
        )


def _read(
    files: Files, name: str, numbers: CategoryNumbers, problems: Problems
) -> tuple[tuple[Annotation, ...], tuple[int, int], str]:
    """Annotations, height and width, and the image's name where it is told."""
    with zipfile.ZipFile(files.path(name)) as archive:
        members = set(archive.namelist())
        told = _file_name(archive) if FILE_NAME in members else ""
        with archive.open(MASKS) as file:
            channels, height, row = _header(file, archive.getinfo(MASKS), name).shape
            width = _width(archive, row, name) if WIDTH in members else row
            annotations: list[Annotation] = []
            for channel in range(channels):
                mask = _mask(file, height, row, width, is_packed=WIDTH in members)
                if not mask.any():
                    continue
                if np.count_nonzero(mask[1:] != mask[:-1]) > MAX_RUNS:
                    raise MalformedFile(f"Channel {channel} is noise.", file=name)
                if channel not in numbers.ids:
                    problems.add(name, f"channel {channel}", "No table says what category it is.")
                    continue
                annotations.append(
                    Annotation(
                        "", numbers.ids[channel], mask_to_rle(mask), z_order=len(annotations)
                    )
                )
    return tuple(annotations), (height, width), told


def _mask(file: IO[bytes], height: int, row: int, width: int, *, is_packed: bool) -> Mask:
    data = file.read(height * row)
    if len(data) != height * row:
        raise EOFError("it ends before its last channel")
    values = np.frombuffer(data, np.uint8).reshape(height, row)
    if is_packed:
        values = np.unpackbits(values, axis=1, count=width)
    mask: Mask = values != 0
    return mask


def _header(file: IO[bytes], entry: zipfile.ZipInfo, name: str) -> _Header:
    """The header of the masks; the file then stands at their first byte.

    Raises:
        MalformedFile: they are not (n, H, W) of bytes, too large, or fewer than the header declares.
    """
    shape, is_fortran, dtype = _array_header(file)
    if dtype not in (np.dtype(np.bool_), np.dtype(np.uint8)) or len(shape) != 3 or is_fortran:
        raise MalformedFile(
            f"The masks are not an (n, H, W) array of bool or uint8 in C order: {shape}, {dtype}.",
            file=name,
        )
    channels, height, row = shape
    size = channels * height * row
    if min(height, row) < 1 or not 0 <= channels <= MAX_CHANNELS or height * row > MAX_MAP_PIXELS:
        raise MalformedFile(f"Masks of the shape {shape} are not read.", file=name)
    if size > MAX_BYTES or entry.file_size != file.tell() + size:
        raise MalformedFile(f"The file is not of the size of an array {shape}.", file=name)
    return _Header(shape, dtype)


def _array_header(file: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype[np.generic]]:
    version = np.lib.format.read_magic(file)
    if version == (1, 0):
        shape, is_fortran, dtype = np.lib.format.read_array_header_1_0(file)
    elif version == (2, 0):
        shape, is_fortran, dtype = np.lib.format.read_array_header_2_0(file)
    else:
        raise ValueError(f"an array of the version {version}")
    return shape, bool(is_fortran), dtype


def _file_name(archive: zipfile.ZipFile) -> str:
    value = _scalar(archive, FILE_NAME)
    return PurePosixPath(value).name if isinstance(value, str) else ""


def _width(archive: zipfile.ZipFile, row: int, name: str) -> int:
    """The width of masks with eight pixels in a byte."""
    value = _scalar(archive, WIDTH)
    if not isinstance(value, int) or (value + 7) // 8 != row:
        raise MalformedFile(f"A row of {row} bytes is not of the width {value}.", file=name)
    return value


def _scalar(archive: zipfile.ZipFile, member: str) -> object:
    """A single number or text; whatever its header declares, no more than a few kilobytes are read."""
    with archive.open(member) as file:
        shape, _, dtype = _array_header(file)
        data = file.read(_MAX_SCALAR_BYTES)
    if shape != () or dtype.kind not in "iuU" or len(data) != dtype.itemsize:
        raise ValueError(f"{member} is no single number or text")
    found: object = np.frombuffer(data, dtype)[0].item()
    return found
