"""The cache of decoded pixels: decoded once, bounded, the oldest first to go."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from segmentarium.core.errors import NotFound, UnreadableImage
from segmentarium.services.pixels import PixelCache
from segmentarium.storage.blobs import BlobStore
from tests.services.pictures import file_of, noise

ONE = 30 * 40 * 3  # bytes of a decoded picture


def test_pixels_are_those_of_the_file(blobs: BlobStore, three: list[str]) -> None:
    assert np.array_equal(PixelCache(blobs, 10 * ONE).get(three[1]), noise(30, 40, 1))


def test_pixels_are_decoded_once(blobs: BlobStore, three: list[str]) -> None:
    cache = PixelCache(blobs, 10 * ONE)
    assert cache.get(three[0]) is cache.get(three[0])


def test_many_who_ask_at_once_share_one_decoding(blobs: BlobStore) -> None:
    sha256 = blobs.put(file_of(noise(600, 800))).sha256
    cache = PixelCache(blobs, 10_000_000)
    together = threading.Barrier(8, timeout=10)

    def ask(_: int) -> int:
        together.wait()
        return id(cache.get(sha256))

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(ask, range(8)))) == 1


def test_cached_pixels_cannot_be_written(blobs: BlobStore, three: list[str]) -> None:
    pixels = PixelCache(blobs, 10 * ONE).get(three[0])
    with pytest.raises(ValueError, match="read-only"):
        pixels[0, 0, 0] = 1


def test_the_one_used_least_lately_goes_first(blobs: BlobStore, three: list[str]) -> None:
    cache = PixelCache(blobs, 2 * ONE)
    first, second = cache.get(three[0]), cache.get(three[1])
    assert cache.get(three[0]) is first
    cache.get(three[2])
    assert cache.get(three[0]) is first
    assert cache.get(three[1]) is not second


def test_all_that_fit_the_bound_are_kept(blobs: BlobStore, three: list[str]) -> None:
    cache = PixelCache(blobs, 3 * ONE)
    kept = [cache.get(sha256) for sha256 in three]
    assert all(cache.get(sha256) is kept[place] for place, sha256 in enumerate(three))


def test_the_newest_stays_though_it_alone_is_over_the_bound(
    blobs: BlobStore, three: list[str]
) -> None:
    cache = PixelCache(blobs, 1)
    newest = cache.get(three[0])
    assert cache.get(three[0]) is newest
    cache.get(three[1])
    assert cache.get(three[0]) is not newest


def test_a_missing_file_is_told_every_time(blobs: BlobStore) -> None:
    cache = PixelCache(blobs, ONE)
    for _ in range(2):
        with pytest.raises(NotFound):
            cache.get("0" * 64)


def test_a_file_that_was_mended_is_decoded(blobs: BlobStore, three: list[str]) -> None:
    cache, path = PixelCache(blobs, ONE), blobs.path(three[0])
    whole = path.read_bytes()
    damage(path)
    with pytest.raises(UnreadableImage):
        cache.get(three[0])
    path.write_bytes(whole)
    assert np.array_equal(cache.get(three[0]), noise(30, 40, 0))


def damage(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
