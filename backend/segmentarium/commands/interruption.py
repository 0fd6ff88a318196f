"""Ctrl-C that is not lost while native code runs.

Python raises KeyboardInterrupt in whatever Python runs next. When libvips has just been at work that is its log
handler, called from C, where an exception is printed and forgotten.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def remembered_interrupt() -> Iterator[Callable[[], None]]:
    """While this lasts Ctrl-C is also remembered: what is given raises KeyboardInterrupt if it came before."""
    is_wanted = threading.Event()

    def note(_signal: int, _frame: FrameType | None) -> None:
        is_wanted.set()
        raise KeyboardInterrupt

    def check() -> None:
        if is_wanted.is_set():
            raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield check  # signals come to the main thread only
        return
    before = signal.signal(signal.SIGINT, note)
    try:
        yield check
    finally:
        signal.signal(signal.SIGINT, before)
