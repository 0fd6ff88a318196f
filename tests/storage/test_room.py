"""Room is given as long as there is some, in order, and always given back."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import PIL.Image
import pytest

from segmentarium.storage import pictures
from segmentarium.storage.room import Room


def wait_for(what: threading.Event) -> None:
    assert what.wait(10)


def hold(room: Room, amount: int, until: threading.Event, holds: threading.Event) -> None:
    """Take room and keep it until told."""
    with room.take(amount):
        holds.set()
        wait_for(until)


def test_no_more_is_taken_than_there_is() -> None:
    room, lock = Room(10), threading.Lock()
    taken, most = 0, 0

    def work(amount: int) -> None:
        nonlocal taken, most
        with room.take(amount):
            with lock:
                taken += amount
                most = max(most, taken)
            time.sleep(0.001)
            with lock:
                taken -= amount

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(work, [1, 3, 7, 2, 10, 4] * 30))
    assert taken == 0
    assert 1 < most <= 10


def test_what_needs_more_than_there_is_runs_alone() -> None:
    room = Room(10)
    done, holds = threading.Event(), threading.Event()
    with ThreadPoolExecutor(2) as pool:
        large = pool.submit(hold, room, 1000, done, holds)
        wait_for(holds)
        small: Future[None] = pool.submit(hold, room, 1, done, threading.Event())
        time.sleep(0.05)
        assert not small.done()
        done.set()
        large.result(10)
        small.result(10)


def test_a_large_one_is_not_passed_by_small_ones() -> None:
    room = Room(10)
    release, holds, later = threading.Event(), threading.Event(), threading.Event()
    order: list[str] = []

    def note(name: str, amount: int) -> None:
        with room.take(amount):
            order.append(name)

    with ThreadPoolExecutor(3) as pool:
        first = pool.submit(hold, room, 5, release, holds)
        wait_for(holds)
        large = pool.submit(note, "large", 10)
        later.wait(0.1)
        small = pool.submit(note, "small", 1)
        later.wait(0.1)
        assert order == []
        release.set()
        for future in (first, large, small):
            future.result(10)
    assert order == ["large", "small"]


def test_room_is_given_back_when_the_work_fails() -> None:
    room = Room(1)
    with pytest.raises(ZeroDivisionError), room.take(1):
        raise ZeroDivisionError
    with room.take(1):
        pass


# What Pillow alone can read is decoded whole, and needs room the most.
@pytest.mark.parametrize(("mode", "suffix"), [("RGB", "png"), ("RGB", "bmp"), ("LAB", "tif")])
def test_a_picture_waits_for_room_to_be_decoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: str, suffix: str
) -> None:
    room = Room(1000)
    monkeypatch.setattr(pictures, "_room", room)
    path = tmp_path / f"a.{suffix}"
    PIL.Image.new(mode, (30, 20)).save(path)
    with ThreadPoolExecutor(1) as pool:
        with room.take(500):
            decoded = pool.submit(pictures.read_rgb, path)
            time.sleep(0.1)
            assert not decoded.done()
        assert decoded.result(10).shape == (20, 30, 3)


def test_many_large_pictures_are_not_decoded_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.png"
    PIL.Image.new("RGB", (30, 20)).save(path)
    monkeypatch.setattr(pictures, "_room", Room(1200))  # two of them
    lock, at_once, most = threading.Lock(), 0, 0
    opened = pictures._open

    def slow(*given: Any) -> Any:
        nonlocal at_once, most
        with lock:
            at_once += 1
            most = max(most, at_once)
        time.sleep(0.02)
        try:
            return opened(*given)
        finally:
            with lock:
                at_once -= 1

    monkeypatch.setattr(pictures, "_open", slow)
    ways: list[Callable[[], object]] = [
        lambda: pictures.read_picture(path, 1000),
        lambda: pictures.read_rgb(path),
        lambda: pictures.write_thumbnail(path, tmp_path / f"{threading.get_ident()}.webp"),
        lambda: pictures.write_display(path, tmp_path / f"{threading.get_ident()}.png"),
    ]
    with ThreadPoolExecutor(12) as pool:
        for done in [pool.submit(way) for way in ways * 5]:
            done.result(30)
    assert most == 2
