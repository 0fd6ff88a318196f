"""Sizes of pictures, upright, without decoding them."""

import io
import struct
import zlib
from pathlib import Path

import PIL.Image
import pytest

from segmentarium.formats.support.pictures import Pictures
from segmentarium.storage.dataset_files import FolderFiles

ON_ITS_SIDE = 6
ORIENTATION = 0x0112


def picture(kind: str, orientation: int | None) -> bytes:
    exif = PIL.Image.Exif()
    if orientation is not None:
        exif[ORIENTATION] = orientation
    buffer = io.BytesIO()
    PIL.Image.new("RGB", (40, 30)).save(buffer, kind, exif=exif if orientation else b"")
    return buffer.getvalue()


def with_late_exif() -> bytes:
    """A PNG whose EXIF stands behind its pixels, as the standard allows."""
    exif = PIL.Image.Exif()
    exif[ORIENTATION] = ON_ITS_SIDE
    content = b"eXIf" + exif.tobytes().removeprefix(b"Exif\x00\x00")
    chunk = struct.pack(">I", len(content) - 4) + content + struct.pack(">I", zlib.crc32(content))
    plain = picture("PNG", None)
    return plain[:-12] + chunk + plain[-12:]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (picture("PNG", None), (40, 30)),
        (picture("JPEG", None), (40, 30)),
        (picture("PNG", ON_ITS_SIDE), (30, 40)),
        (picture("JPEG", ON_ITS_SIDE), (30, 40)),
        (with_late_exif(), (30, 40)),
    ],
    ids=["png", "jpeg", "turned png", "turned jpeg", "png turned at its end"],
)
def test_sizes_are_upright(tmp_path: Path, data: bytes, expected: tuple[int, int]) -> None:
    (tmp_path / "a.png").write_bytes(data)
    assert Pictures(FolderFiles(tmp_path)).size("a.png") == expected


def test_the_pixels_of_a_png_are_not_needed(tmp_path: Path) -> None:
    noise = PIL.Image.effect_noise((256, 256), 90)
    buffer = io.BytesIO()
    noise.save(buffer, "PNG")
    # The pixels are damaged, so that decoding them would fail; the tail is beyond them.
    data = bytearray(buffer.getvalue() + bytes(70_000))
    data[200:40_000] = bytes(39_800)
    (tmp_path / "a.png").write_bytes(data)
    assert Pictures(FolderFiles(tmp_path)).size("a.png") == (256, 256)


def test_of_names_that_differ_in_case_alone_the_one_that_is_meant_is_found() -> None:
    names = ("A/x.jpg", "Cat.jpg", "a/x.jpg", "cat.jpg")
    pictures = Pictures(FolderFiles(Path(), names))
    assert [pictures.find(name) for name in names] == list(names)
    assert [pictures.find_stem(stem) for stem in ("cat", "Cat")] == ["cat.jpg", "Cat.jpg"]
    assert pictures.find("CAT.JPG") in {"Cat.jpg", "cat.jpg"}


def test_of_many_pictures_of_one_name_the_one_in_the_folder_is_found() -> None:
    names = tuple(f"set/{at:02}/1.png" for at in range(30))
    pictures = Pictures(FolderFiles(Path(), names))
    assert [pictures.find(f"{at:02}/1.png") for at in range(30)] == list(names)
    assert pictures.find("elsewhere/1.png") in names
