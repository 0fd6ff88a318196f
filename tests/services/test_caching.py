"""The bounded cache: made once, whoever makes it and whoever gives up."""

import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
import pytest
from numpy.typing import NDArray

from segmentarium.services.caching import BoundedCache

Bytes = NDArray[np.uint8]


class GivenUp(Exception):
    """Nobody waits any more."""


def of(size: int) -> Bytes:
    return np.zeros(size, np.uint8)


def test_many_who_ask_at_once_share_one_making() -> None:
    cache: BoundedCache[str, Bytes] = BoundedCache(100)
    made: list[int] = []
    waiting = threading.Barrier(8)

    def make() -> Bytes:
        made.append(1)
        threading.Event().wait(0.2)
        return of(10)

    def ask(_: int) -> int:
        waiting.wait(10)
        return id(cache.get("a", make))

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(ask, range(8)))) == 1
    assert made == [1]


def test_when_the_maker_fails_one_who_waits_makes_it() -> None:
    cache: BoundedCache[str, Bytes] = BoundedCache(100)
    started, others_wait = threading.Event(), threading.Event()
    made: list[str] = []

    def fail() -> Bytes:
        started.set()
        others_wait.wait(10)
        raise GivenUp

    def make() -> Bytes:
        made.append("second")
        return of(10)

    with ThreadPoolExecutor(3) as pool:
        first = pool.submit(cache.get, "a", fail)
        assert started.wait(10)
        rest = [pool.submit(cache.get, "a", make, others_wait.set) for _ in range(2)]
        assert rest[0].result(10) is rest[1].result(10)
        with pytest.raises(GivenUp):
            first.result(10)
    assert made == ["second"]


def test_one_who_waits_may_give_up_and_the_value_is_made_all_the_same() -> None:
    cache: BoundedCache[str, Bytes] = BoundedCache(100)
    started, gave_up = threading.Event(), threading.Event()

    def make() -> Bytes:
        started.set()
        assert gave_up.wait(10)
        return of(10)

    def give_up() -> None:
        raise GivenUp

    with ThreadPoolExecutor(1) as pool:
        maker = pool.submit(cache.get, "a", make)
        assert started.wait(10)
        with pytest.raises(GivenUp):
            cache.get("a", make, give_up)
        gave_up.set()
        assert maker.result(10).size == 10
    assert "a" in cache


def test_the_bound_counts_bytes_and_the_oldest_go_first() -> None:
    cache: BoundedCache[str, Bytes] = BoundedCache(100)
    for name in "abc":
        cache.get(name, lambda: of(40))
    assert [name in cache for name in "abc"] == [False, True, True]
    assert cache.nbytes == 80


def test_two_keys_are_made_at_the_same_time() -> None:
    cache: BoundedCache[str, Bytes] = BoundedCache(100)
    both = threading.Barrier(2)

    def make() -> Bytes:
        both.wait(10)
        return of(1)

    with ThreadPoolExecutor(2) as pool:
        assert len(list(pool.map(lambda name: cache.get(name, make), "ab"))) == 2


def test_what_is_stale_is_made_anew_and_takes_no_room() -> None:
    stale: set[int] = set()
    cache: BoundedCache[str, Bytes] = BoundedCache(100, is_stale=lambda value: value.size in stale)
    for name, size in (("a", 10), ("b", 20), ("c", 30)):
        cache.get(name, partial(of, size))
    stale |= {10, 30}
    assert ["a" in cache, "b" in cache, "c" in cache] == [False, True, False]
    assert cache.peek("a") is None
    assert cache.get("c", lambda: of(40)).size == 40
    assert cache.nbytes == 60
    with pytest.raises(GivenUp):
        cache.get("d", give_up)
    stale.add(40)
    with pytest.raises(GivenUp):
        cache.get("d", give_up)
    assert cache.nbytes == 20


def give_up() -> Bytes:
    raise GivenUp
