"""Maps that are damaged, that lie, or are noise: a problem each, or a refusal, and never a crash."""

import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import PIL.Image
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segmentarium.core.errors import MalformedFile
from segmentarium.formats import format_named
from segmentarium.formats.base import Format
from segmentarium.formats.support.problems import Problems
from segmentarium.storage.dataset_files import FolderFiles
from tests.formats.dataset import dataset
from tests.formats.round_trip import read_files, write_files

FORMATS = [
    format_named(name)
    for name in ("masks", "panoptic", "semantic", "voc", "cityscapes", "one_hot", "vistas")
]
formats = pytest.mark.parametrize("format_", FORMATS, ids=lambda one: one.name)
OF_MAPS = {".png", ".npz"}


def write(format_: Format, folder: Path) -> list[Path]:
    """The dataset without pictures; the files, the maps that are read first."""
    write_files(format_, dataset(has_splits=True), folder, images=False)
    return sorted(path for path in folder.rglob("*") if path.is_file())


def maps_of(format_: Format, folder: Path) -> list[Path]:
    """The maps of the first image that a reader takes."""
    if format_.name == "cityscapes":
        for path in folder.rglob("*_polygons.json"):
            path.unlink()
    return [
        path
        for path in sorted(folder.rglob("cat 1*"))
        if path.suffix in OF_MAPS
        and not path.stem.endswith(("labelIds", "color"))
        and path.parent.name not in {"labels", "SegmentationObject"}
        and "semantic" not in path.parts[len(folder.parts) :]
    ]


@formats
def test_the_number_of_images_is_told_before_they_are_read(format_: Format, tmp_path: Path) -> None:
    if format_.name == "masks":
        pytest.skip("it is not known there")
    write(format_, tmp_path)
    assert format_.read(FolderFiles(tmp_path), Problems()).image_count == 3


def truncated(data: bytes) -> bytes:
    return data[: len(data) // 2]


def emptied(_data: bytes) -> bytes:
    return b""


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def lying(data: bytes) -> bytes:
    """A PNG that says it is 60,000 × 60,000 pixels large."""
    if not data.startswith(b"\x89PNG"):
        return data[:40] + b"\xff" * 20 + data[60:]
    header = struct.pack(">II", 60_000, 60_000) + data[24:29]
    return data[:8] + chunk(b"IHDR", header) + data[33:]


def a_little_larger(data: bytes) -> bytes:
    """A PNG that says it has more rows than are in it."""
    if not data.startswith(b"\x89PNG"):
        return data[:-30]
    header = data[16:20] + struct.pack(">I", 5000) + data[24:29]
    return data[:8] + chunk(b"IHDR", header) + data[33:]


@formats
@pytest.mark.parametrize("damage", [truncated, emptied, lying, a_little_larger])
def test_a_damaged_map_is_a_problem_and_the_other_images_are_read(
    format_: Format, damage: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    write(format_, tmp_path)
    (path,) = maps_of(format_, tmp_path)
    path.write_bytes(damage(path.read_bytes()))
    read = read_files(format_, tmp_path)
    name = path.relative_to(tmp_path).as_posix()
    assert any(name in f"{one.file} {one.detail}" for one in read.problems)
    assert not any("cat 1" in one for one in read.images)
    assert len(read.images) == 2


@formats
def test_a_map_in_colour_noise_is_a_problem(format_: Format, tmp_path: Path) -> None:
    write(format_, tmp_path)
    (path,) = maps_of(format_, tmp_path)
    noise = np.random.default_rng(0).integers(0, 255, (400, 400, 3), np.uint8)
    PIL.Image.fromarray(noise).save(path, "PNG")
    read = read_files(format_, tmp_path)
    assert read.problems
    assert len(read.images) == 2


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Each format's files, to be changed and put back."""
    folders = {one.name: tmp_path_factory.mktemp(one.name) for one in FORMATS}
    for one in FORMATS:
        write(one, folders[one.name])
    return folders


@formats
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_changed_bytes_never_crash_a_reader(
    format_: Format, data: st.DataObject, written: dict[str, Path]
) -> None:
    folder = written[format_.name]
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    path = data.draw(st.sampled_from(files), label="file")
    before = path.read_bytes()
    content = bytearray(before)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, max(0, len(content) - 1)))
        length = data.draw(st.integers(0, 8))
        content[at : at + length] = data.draw(st.binary(max_size=8))
    path.write_bytes(content)
    try:
        read_files(format_, folder)
    except MalformedFile:
        pass
    finally:
        path.write_bytes(before)


def of_size(width: int, height: int) -> bytes:
    """The start of a PNG with alpha of that size, without its pixels."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", b"")


@pytest.mark.parametrize("has_pictures", [True, False])
@pytest.mark.parametrize(
    "format_", [one for one in FORMATS if one.name != "one_hot"], ids=lambda one: one.name
)
def test_a_map_that_is_too_large_is_not_decoded(
    format_: Format, tmp_path: Path, has_pictures: bool
) -> None:
    write_files(format_, dataset(has_splits=True), tmp_path, images=has_pictures)
    for path in maps_of(format_, tmp_path):
        if path.parent.name != "images":
            path.write_bytes(of_size(12_000, 7_000))
    found = read_files(format_, tmp_path)
    said = "its image 31 × 24" if has_pictures else "over the limit"
    assert [said in one.detail for one in found.problems if "12000 × 7000" in one.detail] == [True]
    assert "cat 1.jpg" not in found.images
