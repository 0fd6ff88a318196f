"""Prompts wait in bounded lanes, slow ones apart, and stop when nobody waits."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError

import pytest

from segmentarium.core.errors import EngineBusy, PromptAbandoned
from segmentarium.engines.base import raise_if_abandoned
from segmentarium.services.engine_queue import EngineQueue, Lane

FAST, SLOW = Lane.FAST, Lane.SLOW
PATIENCE_S = 20.0


@pytest.fixture
def queue() -> Iterator[EngineQueue]:
    """One thread a lane, and room for two that wait."""
    made = EngineQueue(fast_threads=1, most_waiting=2)
    yield made
    made.stop()


@pytest.fixture
def held() -> Iterator[Callable[[], str]]:
    """Work that lasts until the test is over."""
    done = threading.Event()

    def work() -> str:
        assert done.wait(PATIENCE_S)
        return "held"

    yield work
    done.set()


@pytest.fixture
def stoppable() -> tuple[Callable[[], str], threading.Event]:
    """Work that looks again and again whether anybody waits, and an event that says that it runs."""
    running = threading.Event()

    def work() -> str:
        running.set()
        for _ in range(int(PATIENCE_S * 100)):
            raise_if_abandoned()
            threading.Event().wait(0.01)
        return "never"

    return work, running


def test_work_is_answered(queue: EngineQueue) -> None:
    assert queue.submit(FAST, lambda: 42).future.result(PATIENCE_S) == 42


def test_an_error_reaches_who_asked(queue: EngineQueue) -> None:
    ticket = queue.submit(FAST, lambda: int("nothing"))
    with pytest.raises(ValueError, match="nothing"):
        ticket.future.result(PATIENCE_S)


@pytest.mark.parametrize("free", Lane)
def test_work_in_the_other_lanes_does_not_hold_up_one(
    queue: EngineQueue, held: Callable[[], str], free: Lane
) -> None:
    others = [queue.submit(lane, held) for lane in Lane if lane is not free]
    assert queue.submit(free, lambda: "quick").future.result(PATIENCE_S) == "quick"
    assert not any(ticket.future.done() for ticket in others)


def test_too_many_are_refused_with_a_time_to_come_back(
    queue: EngineQueue, held: Callable[[], str]
) -> None:
    for _ in range(3):
        queue.submit(FAST, held)
    with pytest.raises(EngineBusy) as refusal:
        queue.submit(FAST, held)
    wait = refusal.value.members["retry_after_s"]
    assert isinstance(wait, int)
    assert wait >= 1


def test_a_full_lane_leaves_the_other_open(queue: EngineQueue, held: Callable[[], str]) -> None:
    for _ in range(3):
        queue.submit(SLOW, held)
    assert queue.submit(FAST, lambda: 1).future.result(PATIENCE_S) == 1


def test_what_is_done_makes_room(queue: EngineQueue) -> None:
    for _ in range(10):
        assert queue.submit(FAST, lambda: 1).future.result(PATIENCE_S) == 1


def test_running_work_stops_when_nobody_waits(
    queue: EngineQueue, stoppable: tuple[Callable[[], str], threading.Event]
) -> None:
    work, running = stoppable
    ticket = queue.submit(FAST, work)
    assert running.wait(PATIENCE_S)
    ticket.abandon()
    with pytest.raises(PromptAbandoned):
        ticket.future.result(PATIENCE_S)
    assert queue.submit(FAST, lambda: "free again").future.result(PATIENCE_S) == "free again"


def test_waiting_work_that_nobody_wants_is_never_begun(
    queue: EngineQueue, stoppable: tuple[Callable[[], str], threading.Event]
) -> None:
    work, running = stoppable
    first = queue.submit(FAST, work)
    assert running.wait(PATIENCE_S)
    begun: list[int] = []
    second = queue.submit(FAST, lambda: begun.append(1))
    second.abandon()
    first.abandon()
    with pytest.raises(CancelledError):
        second.future.result(PATIENCE_S)
    assert queue.submit(FAST, lambda: 1).future.result(PATIENCE_S) == 1
    assert begun == []


def test_stopping_ends_what_runs(
    stoppable: tuple[Callable[[], str], threading.Event],
) -> None:
    work, running = stoppable
    queue = EngineQueue(fast_threads=1, most_waiting=2)
    ticket = queue.submit(FAST, work)
    assert running.wait(PATIENCE_S)
    queue.stop()
    assert isinstance(ticket.future.exception(PATIENCE_S), PromptAbandoned)
