"""Label Studio's brush: our packing against one that is as simple as it can be."""

import contextlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmentarium.core.errors import InvalidSegmentation
from segmentarium.core.rle import Mask, mask_to_rle, rle_to_mask
from segmentarium.formats.support.brush_rle import decode_brush, encode_brush
from tests.core.shapes import masks


def unpacked(stream: list[int]) -> list[int]:
    """The bytes of a stream, bit by bit as its description says."""
    bits = "".join(f"{one:08b}" for one in stream)
    place = 0

    def read(count: int) -> int:
        nonlocal place
        place += count
        return int(bits[place - count : place], 2)

    size, word = read(32), read(5) + 1
    lengths = [read(4) + 1 for _ in range(4)]
    out: list[int] = []
    while len(out) < size:
        is_run = read(1)
        count = read(lengths[read(2)]) + 1
        out.extend([read(word)] * count if is_run else [read(word) for _ in range(count)])
    return out


def packed(words: list[int]) -> list[int]:
    """A stream that repeats nothing: every word by itself."""
    bits = f"{len(words):032b}{7:05b}" + "".join(f"{one - 1:04b}" for one in (3, 4, 8, 16))
    for at in range(0, len(words), 8):
        some = words[at : at + 8]
        bits += f"000{len(some) - 1:03b}" + "".join(f"{one:08b}" for one in some)
    bits += "0" * (-len(bits) % 8)
    return [int(bits[at : at + 8], 2) for at in range(0, len(bits), 8)]


@given(masks())
def test_all_four_channels_of_a_pixel_are_the_mask(mask: Mask) -> None:
    expected = np.repeat(np.where(mask, 255, 0).ravel(), 4)
    assert unpacked(encode_brush(mask)) == expected.tolist()


@given(masks())
def test_decode_inverts_encode(mask: Mask) -> None:
    assert np.array_equal(rle_to_mask(decode_brush(encode_brush(mask), *mask.shape)), mask)


@given(masks(), st.integers(0, 255))
def test_single_words_are_read_too_and_only_alpha_counts(mask: Mask, other: int) -> None:
    pixels = np.full((*mask.shape, 4), other)
    pixels[..., 3] = np.where(mask, 255, 0)
    found = decode_brush(packed(pixels.ravel().tolist()), *mask.shape)
    assert np.array_equal(rle_to_mask(found), mask)


def test_runs_longer_than_any_length_are_cut() -> None:
    mask = np.ones((300, 400), bool)
    mask[7, 9] = False
    assert unpacked(encode_brush(mask)) == np.repeat(np.where(mask, 255, 0).ravel(), 4).tolist()
    found = decode_brush(encode_brush(mask), 300, 400)
    assert np.array_equal(found.counts, mask_to_rle(mask).counts)


STREAM = encode_brush(np.eye(6, dtype=bool))


@pytest.mark.parametrize(
    ("stream", "height"),
    [
        ([], 6),
        (STREAM[:6], 6),
        (STREAM[:-3], 6),
        (STREAM, 5),
        ([256, *STREAM[1:]], 6),
        ([-1, *STREAM[1:]], 6),
        ([0.5, *STREAM[1:]], 6),
        (["0", *STREAM[1:]], 6),
        ([*STREAM[:4], 255, *STREAM[5:]], 6),
        ([*STREAM[:7], *[255] * 30], 6),
        (STREAM, 2**31),
    ],
)
def test_damaged_streams_are_refused(stream: list[object], height: int) -> None:
    with pytest.raises(InvalidSegmentation):
        decode_brush(stream, height, 6)


@given(st.lists(st.integers(0, 255), max_size=60))
def test_no_stream_gives_anything_but_a_mask_or_its_error(tail: list[int]) -> None:
    with contextlib.suppress(InvalidSegmentation):
        assert decode_brush([*STREAM[:7], *tail], 6, 6).size == (6, 6)
