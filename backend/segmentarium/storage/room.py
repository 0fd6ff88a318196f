"""How much may be in memory at once: work waits until there is room for it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Room:
    """A semaphore whose takers need different amounts; who needs more than there is takes all of it.

    First come, first served: a large taker is not passed by small ones for ever.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._free = size
        self._turn = threading.Lock()
        self._freed = threading.Condition()

    @contextmanager
    def take(self, amount: int) -> Iterator[None]:
        """Wait for that much room, and hold it."""
        amount = min(amount, self._size)
        # Only the first in the queue waits for room; the others wait for their turn.
        with self._turn, self._freed:
            self._freed.wait_for(lambda: self._free >= amount)
            self._free -= amount
        try:
            yield
        finally:
            with self._freed:
                self._free += amount
                self._freed.notify_all()
