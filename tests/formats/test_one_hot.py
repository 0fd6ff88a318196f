"""One-hot arrays as NumPy loads them, and NPZ files that are not what they say."""

import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from segmentarium.core.raster import segmentation_to_mask
from segmentarium.core.segment_map import annotations_to_category_map
from segmentarium.formats import format_named
from segmentarium.formats.base import OptionValue, check_options
from segmentarium.formats.support.changes import Changes
from segmentarium.storage.dataset_files import FolderFiles
from tests.formats.dataset import ANNOTATIONS, CATEGORIES, HEIGHT, WIDTH, dataset
from tests.formats.round_trip import joined, mask_of, read_files, write_files

FORMAT = format_named("one_hot")


def loaded(**options: OptionValue) -> Any:
    files = FORMAT.write(dataset(), check_options(FORMAT, options), Changes())
    data = {path: joined(content) for path, content in files}["masks/cat 1.npz"]
    return np.load(io.BytesIO(data), allow_pickle=False)


def test_numpy_loads_a_channel_for_each_category() -> None:
    order = [category.id for category in CATEGORIES]
    seen = annotations_to_category_map(ANNOTATIONS, order, HEIGHT, WIDTH)
    masks = loaded()["masks"]
    assert (masks.shape, masks.dtype) == ((4, HEIGHT, WIDTH), np.bool_)
    for place, mask in enumerate(masks, start=1):
        assert np.array_equal(mask, seen == place)


def test_what_is_hidden_is_kept_on_request() -> None:
    masks = loaded(overlaps="keep")["masks"]
    for category, mask in zip(CATEGORIES, masks, strict=True):
        own = [one for one in ANNOTATIONS if one.category_id == category.id]
        whole = [segmentation_to_mask(one.segmentation, HEIGHT, WIDTH) for one in own]
        assert np.array_equal(mask, np.any(whole, axis=0) if whole else np.zeros_like(mask))


def test_packed_channels_are_the_same() -> None:
    packed = loaded(packed=True)
    unpacked = np.unpackbits(packed["masks"], axis=2, count=int(packed["width"]))
    assert np.array_equal(unpacked.astype(bool), loaded()["masks"])


@pytest.mark.parametrize("is_packed", [False, True])
def test_the_array_has_the_bytes_that_numpy_writes(tmp_path: Path, is_packed: bool) -> None:
    """It is written channel by channel, and never there as a whole."""
    write_files(FORMAT, dataset(), tmp_path, packed=is_packed)
    path = tmp_path / "masks/cat 1.npz"
    buffer = io.BytesIO()
    np.save(buffer, np.load(path)["masks"])
    with zipfile.ZipFile(path) as archive:
        assert archive.read("masks.npy") == buffer.getvalue()


def test_packed_channels_come_back(tmp_path: Path) -> None:
    write_files(FORMAT, dataset(), tmp_path / "packed", packed=True)
    write_files(FORMAT, dataset(), tmp_path / "plain")
    packed, plain = (read_files(FORMAT, tmp_path / name) for name in ("packed", "plain"))
    for name, image in plain.images.items():
        masks = [mask_of(one, image) for one in image.annotations]
        others = [mask_of(one, image) for one in packed.images[name].annotations]
        assert np.array_equal(masks, others)


def test_names_of_images_come_back_without_the_pictures(tmp_path: Path) -> None:
    write_files(FORMAT, dataset(), tmp_path, images=False)
    assert set(read_files(FORMAT, tmp_path).images) == {"cat 1.jpg", "cat.png", "Ünïcode 图.webp"}


def test_what_numpy_saved_is_read_and_named_by_its_channels(tmp_path: Path) -> None:
    masks = np.zeros((3, 4, 5), np.uint8)
    masks[0, 1:3, 1:3] = 1
    masks[2] = 255
    np.savez_compressed(tmp_path / "a.npz", masks=masks)
    assert FORMAT.recognizes(FolderFiles(tmp_path))
    read = read_files(FORMAT, tmp_path)
    image = read.images["a.npz"]
    assert [(read.category_name(one), mask_of(one, image).sum()) for one in image.annotations] == [
        ("category 0", 4),
        ("category 2", 20),
    ]
    assert [one.is_notice for one in read.problems] == [True]


def npz(path: Path, header: dict[str, Any], body: bytes = b"") -> None:
    """An NPZ whose array declares what the header says."""
    buffer = io.BytesIO()
    np.lib.format.write_array_header_1_0(buffer, header)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("masks.npy", buffer.getvalue() + body)


@pytest.mark.parametrize(
    ("header", "detail"),
    [
        ({"shape": (3, 10**6, 10**6), "descr": "|b1"}, "not read"),
        ({"shape": (10**9, 4, 4), "descr": "|b1"}, "not read"),
        ({"shape": (-1, 4, 4), "descr": "|b1"}, "not read"),
        ({"shape": (2, 0, 4), "descr": "|b1"}, "not read"),
        ({"shape": (2, 4, 4), "descr": "|b1"}, "not of the size"),
        ({"shape": (4, 4), "descr": "|b1"}, "not an"),
        ({"shape": (2, 4, 4), "descr": "<f8"}, "not an"),
        ({"shape": (2, 4, 4), "descr": "|O"}, "not an"),
    ],
)
def test_an_array_that_declares_too_much_is_refused_unread(
    header: dict[str, Any], detail: str, tmp_path: Path
) -> None:
    npz(tmp_path / "a.npz", {**header, "fortran_order": False}, b"\0" * 20)
    read = read_files(FORMAT, tmp_path)
    assert read.images == {}
    assert detail in read.problems[-1].detail


def test_a_name_that_declares_a_terabyte_is_a_problem(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    header = {"shape": (10**12,), "descr": "<U1", "fortran_order": False}
    np.lib.format.write_array_header_1_0(buffer, header)
    np.savez(tmp_path / "a.npz", masks=np.ones((1, 2, 2), bool))
    with zipfile.ZipFile(tmp_path / "a.npz", "a") as archive:
        archive.writestr("file_name.npy", buffer.getvalue())
    read = read_files(FORMAT, tmp_path)
    assert [one.file for one in read.problems if not one.is_notice] == ["a.npz"]


@pytest.mark.parametrize("content", [b"", b"PK", b"no zip"])
def test_a_file_that_is_no_npz_is_a_problem(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.npz").write_bytes(content)
    read = read_files(FORMAT, tmp_path)
    assert [one.file for one in read.problems if not one.is_notice] == ["a.npz"]


def test_an_npz_of_other_arrays_is_a_problem_and_not_recognized(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", other=np.zeros(3))
    assert not FORMAT.recognizes(FolderFiles(tmp_path))
    assert [one.file for one in read_files(FORMAT, tmp_path).problems if one.file] == ["a.npz"]


def test_a_channel_without_a_category_is_a_problem(tmp_path: Path) -> None:
    write_files(FORMAT, dataset(), tmp_path)
    np.savez_compressed(tmp_path / "masks/cat.npz", masks=np.ones((5, HEIGHT, WIDTH), bool))
    read = read_files(FORMAT, tmp_path)
    assert [(one.file, one.position) for one in read.problems] == [("masks/cat.npz", "channel 4")]
