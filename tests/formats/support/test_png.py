"""Maps as PNG and back."""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from segmentarium.core.annotation import Category
from segmentarium.core.errors import Invalid
from segmentarium.formats.support.png import (
    category_map_to_png,
    color_to_png,
    ids_to_png16,
    png_to_array,
    read_map,
)
from segmentarium.storage.dataset_files import FolderFiles


def categories(count: int) -> list[Category]:
    return [Category(k, f"c{k}", f"#{k * 37 % 2**24:06x}") for k in range(1, count + 1)]


@pytest.mark.parametrize("count", [1, 255, 256, 300])
def test_a_category_map_comes_back_from_its_png(count: int) -> None:
    category_map = np.arange(count + 1, dtype=np.int32).reshape(1, -1)
    data = category_map_to_png(category_map, categories(count))
    assert np.array_equal(png_to_array(data), category_map)


@pytest.mark.parametrize(("count", "mode"), [(255, "P"), (256, "I;16")])
def test_more_than_255_categories_take_16_bits(count: int, mode: str) -> None:
    data = category_map_to_png(np.ones((2, 2), np.int32), categories(count))
    with PIL.Image.open(io.BytesIO(data)) as image:
        assert image.mode == mode


def test_an_indexed_png_shows_the_colours_of_the_categories() -> None:
    category_map = np.arange(4, dtype=np.int32).reshape(2, 2)
    data = category_map_to_png(category_map, categories(3))
    with PIL.Image.open(io.BytesIO(data)) as image:
        shown = np.asarray(image.convert("RGB")).reshape(-1, 3).tolist()
    assert shown == [[0, 0, 0], *(list(category.color_rgb) for category in categories(3))]


def test_a_map_without_categories_is_void() -> None:
    assert not png_to_array(category_map_to_png(np.zeros((2, 3), np.int32), [])).any()


def test_ids_come_back_from_their_png() -> None:
    ids = np.array([[0, 1, 255], [256, 40_000, 65_535]], np.int32)
    assert np.array_equal(png_to_array(ids_to_png16(ids)), ids)


def test_ids_beyond_16_bits_are_refused() -> None:
    with pytest.raises(Invalid):
        ids_to_png16(np.array([[65_536]], np.int32))


def test_colours_come_back_from_their_png() -> None:
    image = np.random.default_rng(0).integers(0, 256, (5, 7, 3), dtype=np.uint8)
    assert np.array_equal(png_to_array(color_to_png(image)), image)


@pytest.mark.parametrize("mode", ["1", "L", "P", "I;16", "LA", "RGB", "RGBA"])
@pytest.mark.parametrize("size", [(1, 1), (3, 2), (17, 9), (64, 65)])
def test_a_whole_png_of_any_kind_is_read(mode: str, size: tuple[int, int], tmp_path: Path) -> None:
    PIL.Image.new(mode, size, 1 if mode not in {"LA", "RGB", "RGBA"} else None).save(
        tmp_path / "a.png"
    )
    assert read_map(FolderFiles(tmp_path), "a.png").shape[:2] == size[::-1]


def interlaced(width: int, height: int) -> bytes:
    """A grey PNG of ones in seven passes, made by hand: Pillow reads such files and writes none."""
    passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2)]
    rows = b""
    for x, y, step_x, step_y in [*passes, (0, 1, 1, 2)]:
        columns = len(range(x, width, step_x))
        if columns:
            rows += (b"\0" + b"\1" * columns) * len(range(y, height, step_y))
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 1)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in chunks
    )


@pytest.mark.parametrize("size", [(1, 1), (5, 3), (8, 8), (19, 23)])
def test_an_interlaced_png_is_read(size: tuple[int, int], tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(interlaced(*size))
    array = read_map(FolderFiles(tmp_path), "a.png")
    assert array.shape == size[::-1]
    assert (array == 1).all()
