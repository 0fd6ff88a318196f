"""Prompts wait here for their engines, in lanes of their own, so that what takes long never holds up what does not."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from enum import Enum
from typing import Generic, TypeVar

from segmentarium.core.errors import EngineBusy
from segmentarium.engines.base import abandoned_when, raise_if_abandoned

T = TypeVar("T")

_FIRST_GUESS_S = 0.5  # how long a prompt takes, before one has been seen
_LEARNING = 0.2  # weight of the newest in the running mean


class Lane(Enum):
    """Where a prompt waits: see `services/lanes.py`."""

    FAST = "fast"
    SLOW = "slow"
    READING = "reading"


@dataclass(frozen=True, slots=True)
class Ticket(Generic[T]):
    """A prompt that waits or is being answered; its answer comes in `future`."""

    future: Future[T]
    _abandoned: threading.Event

    def abandon(self) -> None:
        """Nobody waits any more: it is taken out of the queue, or stopped where the engine allows it."""
        self._abandoned.set()
        self.future.cancel()


class EngineQueue:
    """Lanes of threads with bounded queues: many for fast work, one each for the two kinds that take all cores."""

    def __init__(self, fast_threads: int, most_waiting: int) -> None:
        self._lanes = {
            lane: _Threads(
                f"engine-{lane.value}", fast_threads if lane is Lane.FAST else 1, most_waiting
            )
            for lane in Lane
        }

    def submit(self, lane: Lane, work: Callable[[], T]) -> Ticket[T]:
        """Have `work` done as soon as the lane has a free thread.

        Raises:
            EngineBusy: too many wait already.
        """
        return self._lanes[lane].submit(work)

    def stop(self) -> None:
        """Abandon all that waits or runs, and end the threads."""
        for threads in self._lanes.values():
            threads.stop()


class _Threads:
    def __init__(self, name: str, threads: int, most_waiting: int) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._threads = threads
        self._most = threads + most_waiting
        self._tickets: set[threading.Event] = set()
        self._mean_s = _FIRST_GUESS_S
        self._lock = threading.Lock()

    def submit(self, work: Callable[[], T]) -> Ticket[T]:
        abandoned = threading.Event()
        with self._lock:
            if len(self._tickets) >= self._most:
                wait = max(1, math.ceil(self._mean_s * len(self._tickets) / self._threads))
                raise EngineBusy(
                    f"{len(self._tickets)} prompts wait for this engine already; ask again in {wait} s.",
                    retry_after_s=wait,
                )
            self._tickets.add(abandoned)

        def run() -> T:
            started = time.perf_counter()
            with abandoned_when(abandoned.is_set):
                raise_if_abandoned()
                answer = work()
            self._learn(time.perf_counter() - started)
            return answer

        def over(_future: Future[T]) -> None:
            with self._lock:
                self._tickets.discard(abandoned)

        future = self._pool.submit(run)
        future.add_done_callback(over)
        return Ticket(future, abandoned)

    def stop(self) -> None:
        with self._lock:
            for abandoned in self._tickets:
                abandoned.set()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _learn(self, seconds: float) -> None:
        with self._lock:
            self._mean_s += _LEARNING * (seconds - self._mean_s)
