"""A cache bounded in bytes whose values are made once, however many ask for one at the same time."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

_LOOK_EVERY_S = 0.05


class _Sized(Protocol):
    @property
    def nbytes(self) -> int: ...


Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value", bound=_Sized)


@dataclass
class _Making:
    """A value that is being made, and how many wait for it or make it."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    askers: int = 0


class BoundedCache(Generic[Key, Value]):
    """Values by key; the ones used least lately go first."""

    def __init__(
        self, max_bytes: int, is_stale: Callable[[Value], bool] = lambda _value: False
    ) -> None:
        """`is_stale` says of what is kept that it is of no more use: it then goes before all else."""
        self._max_bytes = max_bytes
        self._is_stale = is_stale
        self._kept: OrderedDict[Key, Value] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()
        self._making: dict[Key, _Making] = {}

    def __contains__(self, key: Key) -> bool:
        with self._lock:
            kept = self._kept.get(key)
            return kept is not None and not self._is_stale(kept)

    @property
    def nbytes(self) -> int:
        """Bytes of all that is kept."""
        return self._bytes

    def peek(self, key: Key) -> Value | None:
        """The value, if it is kept; it counts as used."""
        with self._lock:
            return self._found(key)

    def get(
        self,
        key: Key,
        make: Callable[[], Value],
        while_waiting: Callable[[], None] = lambda: None,
    ) -> Value:
        """The value, made by one of those who ask while the others wait; if it fails, the next one tries.

        Args:
            key: whose value.
            make: makes it; what it raises goes to the one who called it.
            while_waiting: called twenty times a second by those who wait; what it raises ends the waiting.
        """
        with self._lock:
            kept = self._found(key)
            if kept is not None:
                return kept
            making = self._making.setdefault(key, _Making())
            making.askers += 1
        try:
            while not making.lock.acquire(timeout=_LOOK_EVERY_S):
                while_waiting()
            try:
                return self._made(key, make)
            finally:
                making.lock.release()
        finally:
            with self._lock:
                making.askers -= 1
                if not making.askers:
                    del self._making[key]

    def _made(self, key: Key, make: Callable[[], Value]) -> Value:
        with self._lock:
            kept = self._found(key)
        if kept is not None:
            return kept
        try:
            value = make()
            with self._lock:
                self._keep(key, value)
            return value
        finally:
            with self._lock:
                self._drop_stale()

    def _found(self, key: Key) -> Value | None:
        kept = self._kept.get(key)
        if kept is None or self._is_stale(kept):
            return None
        self._kept.move_to_end(key)
        return kept

    def _drop_stale(self) -> None:
        for key in [key for key, value in self._kept.items() if self._is_stale(value)]:
            self._bytes -= self._kept.pop(key).nbytes

    def _keep(self, key: Key, value: Value) -> None:
        before = self._kept.pop(key, None)
        self._kept[key] = value
        self._bytes += value.nbytes - (0 if before is None else before.nbytes)
        # The newest stays even when it alone is over the bound: its image is being worked on.
        while self._bytes > self._max_bytes and len(self._kept) > 1:
            _, oldest = self._kept.popitem(last=False)
            self._bytes -= oldest.nbytes
