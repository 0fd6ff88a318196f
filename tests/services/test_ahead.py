"""Decoding ahead: the image that a user stays on, and none of those that were passed."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest

from segmentarium.core.errors import NotFound
from segmentarium.services.ahead import DecodeAhead
from segmentarium.services.embeddings import EmbeddingCache
from segmentarium.services.pixels import PixelCache
from segmentarium.services.preparing import Preparation
from segmentarium.storage.blobs import BlobStore
from tests.services.pictures import noise

PAUSE_S = 0.1


def decoding_ahead(cache: PixelCache, pause_s: float) -> DecodeAhead:
    """One that prepares images where no network is installed."""
    preparation = Preparation(cache, EmbeddingCache(0), engine=lambda: None)
    return DecodeAhead(lambda user_id, sha256, _next_id: preparation.open(user_id, sha256), pause_s)


@contextmanager
def running(cache: PixelCache, pause_s: float = PAUSE_S) -> Iterator[DecodeAhead]:
    """A running one; it has done all that it will do when this ends."""
    ahead = decoding_ahead(cache, pause_s)
    ahead.start()
    yield ahead
    time.sleep(pause_s + 1)
    ahead.stop()


def forget(blobs: BlobStore, hashes: list[str]) -> None:
    """Remove the files: pixels that are found afterwards were decoded before."""
    for sha256 in hashes:
        blobs.path(sha256).unlink()


@pytest.fixture
def cache(blobs: BlobStore) -> PixelCache:
    """Room for every picture here."""
    return PixelCache(blobs, 10_000_000)


def test_an_opened_image_is_decoded(blobs: BlobStore, cache: PixelCache, three: list[str]) -> None:
    with running(cache) as ahead:
        ahead.opened(1, three[1])
    forget(blobs, three)
    assert np.array_equal(cache.get(three[1]), noise(30, 40, 1))


def test_images_that_were_passed_are_left(
    blobs: BlobStore, cache: PixelCache, three: list[str]
) -> None:
    with running(cache) as ahead:
        for sha256 in three:
            ahead.opened(1, sha256)
    forget(blobs, three)
    assert cache.get(three[2]) is cache.get(three[2])
    for passed in three[:2]:
        with pytest.raises(NotFound):
            cache.get(passed)


def test_each_user_has_an_image_of_their_own(
    blobs: BlobStore, cache: PixelCache, three: list[str]
) -> None:
    with running(cache) as ahead:
        for user_id, sha256 in enumerate(three):
            ahead.opened(user_id, sha256)
    forget(blobs, three)
    assert [cache.get(sha256).shape for sha256 in three] == [(30, 40, 3)] * 3


def test_a_file_that_cannot_be_read_stops_nothing(
    blobs: BlobStore, cache: PixelCache, three: list[str]
) -> None:
    with running(cache) as ahead:
        ahead.opened(1, "0" * 64)
        ahead.opened(2, three[0])
    forget(blobs, three)
    assert np.array_equal(cache.get(three[0]), noise(30, 40, 0))


def test_it_ends_without_waiting_for_what_is_not_due(
    blobs: BlobStore, cache: PixelCache, three: list[str]
) -> None:
    ahead = decoding_ahead(cache, pause_s=60)
    ahead.start()
    ahead.opened(1, three[0])
    begun = time.monotonic()
    ahead.stop()
    assert time.monotonic() - begun < 10
    forget(blobs, three)
    with pytest.raises(NotFound):
        cache.get(three[0])
