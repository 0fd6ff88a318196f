"""Files from outside: names made harmless, images stored whole or not at all."""

import io
from pathlib import Path

import pytest

from segmentarium.core.errors import ImageRefused, ImageTooLarge, UnsupportedFormat
from segmentarium.services.uploads import (
    UploadLimits,
    clean_file_name,
    display_path,
    store_image,
    thumbnail_path,
)
from segmentarium.storage.blobs import BlobStore
from segmentarium.storage.pictures import read_picture
from tests.services.pictures import file_of, noise


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("cat.jpg", "cat.jpg"),
        ("a cat (1).jpg", "a cat (1).jpg"),
        ("/etc/passwd", "passwd"),
        ("../../cat.jpg", "cat.jpg"),
        ("C:\\pictures\\cat.jpg", "cat.jpg"),
        ("folder/", "folder"),
        ("  cat.jpg \n", "cat.jpg"),
        ("ca\0t\x1b[31m.jpg", "cat[31m.jpg"),
        ("cat\u202egpj.exe", "catgpj.exe"),
        ("c\u200bat.jpg", "cat.jpg"),
        ("u\u0308.jpg", "\u00fc.jpg"),
        ("图片 #1 (копия).jpg", "图片 #1 (копия).jpg"),
        (".hidden", ".hidden"),
        ("a\ud800b.png", "ab.png"),
        ("", "image"),
        (".", "image"),
        ("..", "image"),
        ("...", "image"),
        (". . ", "image"),
        ("/", "image"),
        ("\u202e", "image"),
        ("\n", "image"),
    ],
)
def test_a_file_name_is_made_harmless(given: str, kept: str) -> None:
    assert clean_file_name(given) == kept


def test_a_long_name_keeps_its_suffix() -> None:
    name = clean_file_name("x" * 400 + ".jpeg")
    assert len(name) == 255
    assert name.endswith("x.jpeg")


@pytest.mark.parametrize("letter", ["ä", "猫", "🐈"])
def test_a_long_name_is_counted_in_bytes_and_no_letter_is_cut_in_two(letter: str) -> None:
    name = clean_file_name(letter * 300 + ".png")
    assert 250 < len(name.encode()) <= 255
    assert set(name.removesuffix(".png")) == {letter}
    assert clean_file_name(name) == name


def test_a_name_that_is_all_suffix_is_cut() -> None:
    assert len(clean_file_name("a." + "x" * 400)) == 255


def test_a_clean_name_stays_as_it_is() -> None:
    once = clean_file_name("x" * 300 + " ./\\ ca\u0308t.jpg")
    assert clean_file_name(once) == once


def test_a_stored_image_says_what_its_file_says(blobs: BlobStore, limits: UploadLimits) -> None:
    file = file_of(noise(30, 40), "JPEG")
    stored = store_image(blobs, "a/b.jpg", file, limits)
    assert (stored.name, stored.format, stored.width, stored.height) == ("b.jpg", "jpeg", 40, 30)
    assert stored.bytes == len(file.getvalue())


def test_the_bytes_of_an_image_are_kept_as_they_came(
    blobs: BlobStore, limits: UploadLimits
) -> None:
    file = file_of(noise(30, 40), "JPEG", orientation=6)
    stored = store_image(blobs, "b.jpg", file, limits)
    assert blobs.path(stored.sha256).read_bytes() == file.getvalue()


def test_a_rotated_image_has_its_upright_size(blobs: BlobStore, limits: UploadLimits) -> None:
    stored = store_image(blobs, "b.jpg", file_of(noise(30, 40), "JPEG", orientation=6), limits)
    assert (stored.width, stored.height, stored.is_upright) == (30, 40, False)


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"words", id="text"),
        pytest.param(file_of(noise(300, 400)).getvalue()[:50_000], id="truncated"),
        pytest.param(file_of(noise(2000, 1100), "JPEG").getvalue(), id="too many pixels"),
        pytest.param(b"\xff\xd8\xff" + bytes(5_000_000), id="too many bytes"),
    ],
)
def test_a_refused_file_leaves_nothing(
    blobs: BlobStore, limits: UploadLimits, tmp_path: Path, data: bytes
) -> None:
    with pytest.raises(ImageRefused):
        store_image(blobs, "b.jpg", io.BytesIO(data), limits)
    assert files(tmp_path) == []


def test_the_limit_on_bytes_is_told(blobs: BlobStore) -> None:
    with pytest.raises(ImageTooLarge) as caught:
        store_image(blobs, "b.png", file_of(noise(30, 40)), UploadLimits(100, 10_000))
    assert caught.value.members["max_bytes"] == 100


def test_another_kind_of_file_is_told_by_its_kind(blobs: BlobStore, limits: UploadLimits) -> None:
    with pytest.raises(UnsupportedFormat, match="JPEG, PNG"):
        store_image(blobs, "cat.jpg", io.BytesIO(b"<svg/>"), limits)


def test_a_lost_thumbnail_is_made_again(blobs: BlobStore, limits: UploadLimits) -> None:
    stored = store_image(blobs, "b.png", file_of(noise(30, 40)), limits)
    thumbnail_path(blobs, stored.sha256).unlink()
    assert read_picture(thumbnail_path(blobs, stored.sha256), 10_000).width == 40


def test_a_plain_image_is_displayed_as_it_is(blobs: BlobStore, limits: UploadLimits) -> None:
    stored = store_image(blobs, "b.png", file_of(noise(30, 40)), limits)
    shown = display_path(blobs, stored.sha256, "png", is_plain=stored.is_plain)
    assert shown == blobs.path(stored.sha256)


@pytest.mark.parametrize(("kind", "shown_as"), [("JPEG", "jpeg"), ("TIFF", "png")])
def test_another_image_is_displayed_upright(
    blobs: BlobStore, limits: UploadLimits, kind: str, shown_as: str
) -> None:
    stored = store_image(blobs, "b", file_of(noise(30, 40), kind, orientation=8), limits)
    shown = display_path(blobs, stored.sha256, stored.format, is_plain=stored.is_plain)
    picture = read_picture(shown, 10_000)
    assert (picture.format, picture.width, picture.height) == (shown_as, 30, 40)
    assert picture.is_plain
