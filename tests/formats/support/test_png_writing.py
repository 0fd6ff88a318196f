"""PNGs that we write are read by Pillow and OpenCV as what they are of."""

import io

import cv2
import numpy as np
import PIL.Image
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from segmentarium.formats.support import png_writing
from segmentarium.formats.support.png_writing import encode_png

PALETTE = [(0, 0, 0), (255, 0, 7), (1, 2, 3)]


def opened(data: bytes) -> PIL.Image.Image:
    image = PIL.Image.open(io.BytesIO(data), formats=["PNG"])
    image.load()
    return image


def noise(shape: tuple[int, ...], dtype: type, most: int) -> NDArray[np.uint8 | np.uint16]:
    values = np.random.default_rng(0).integers(0, most, shape)
    return values.astype(dtype)


@given(st.integers(1, 9), st.integers(1, 9), st.sampled_from([1, 300]))
def test_every_kind_is_read_as_it_was(height: int, width: int, band_bytes: int) -> None:
    grey, deep = noise((height, width), np.uint8, 256), noise((height, width), np.uint16, 65_536)
    colors, indices = noise((height, width, 3), np.uint8, 256), noise((height, width), np.uint8, 3)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(png_writing, "_BAND_BYTES", band_bytes)
        for pixels, mode in ((grey, "L"), (deep, "I;16"), (colors, "RGB")):
            image = opened(encode_png(pixels))
            assert (image.mode, image.size) == (mode, (width, height))
            assert np.array_equal(np.asarray(image), pixels)
        image = opened(encode_png(indices, PALETTE))
    assert image.mode == "P"
    assert np.array_equal(np.asarray(image), indices)
    assert image.getpalette("RGB") == [channel for color in PALETTE for channel in color]


def test_opencv_reads_the_same() -> None:
    deep = noise((40, 30), np.uint16, 65_536)
    read = cv2.imdecode(np.frombuffer(encode_png(deep), np.uint8), cv2.IMREAD_UNCHANGED)
    assert read is not None
    assert np.array_equal(read, deep)


def test_a_part_of_a_larger_array_is_written_as_it_looks() -> None:
    whole = noise((20, 20), np.uint8, 256)
    assert encode_png(whole[3:9, 2:15]) == encode_png(whole[3:9, 2:15].copy())


def test_a_map_takes_no_more_room_than_pillow_gives_it() -> None:
    ids = np.zeros((400, 600), np.uint16)
    for number in range(30):
        middle = (37 * number % 600, 53 * number % 400)
        cv2.circle(ids, middle, 40, number + 1, cv2.FILLED)
    buffer = io.BytesIO()
    PIL.Image.fromarray(ids).save(buffer, "PNG", compress_level=4)
    assert len(encode_png(ids)) <= len(buffer.getvalue())
