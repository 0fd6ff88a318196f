"""Text that is made along the way and written at the end: kept in memory while it is short, then in a file."""

from __future__ import annotations

import tempfile
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

_IN_MEMORY = 8_000_000  # bytes
_CHUNK = 1 << 20


_folder: ContextVar[str | None] = ContextVar("folder of spools", default=None)


@contextmanager
def spools_in(folder: Path) -> Iterator[None]:
    """Where spools that are made meanwhile keep their files: the system's folder for such may be small, or memory."""
    before = _folder.set(str(folder))
    try:
        yield
    finally:
        _folder.reset(before)


class Spool:
    """Items of a JSON list, or lines; `parts` gives them back joined, a megabyte at a time."""

    def __init__(self, separator: bytes = b",") -> None:
        self._file = tempfile.SpooledTemporaryFile(  # noqa: SIM115 - closed with the spool
            _IN_MEMORY, dir=_folder.get()
        )
        weakref.finalize(self, self._file.close)
        self._separator = separator
        self.count = 0

    def add(self, item: bytes) -> None:
        """One more."""
        if self.count:
            self._file.write(self._separator)
        self._file.write(item)
        self.count += 1

    def parts(self) -> Iterator[bytes]:
        """All of it; only once."""
        self._file.seek(0)
        while chunk := self._file.read(_CHUNK):
            yield chunk
